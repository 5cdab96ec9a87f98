"""Random stencils: sums and writes of parts of arrays in a loop, as Numba is given them.

The texts are run by Python, whose arrays raise where an index lies outside. What is fused
and what is written in place depends on which parts meet, of which there are many.
"""

from __future__ import annotations

import random
from types import FunctionType

import numpy as np
import pytest

from s2sad import grad
from tests.emit.test_numba import flat, text_and_function, uncompiled  # noqa: F401

PARTS = (":-2", "1:-1", "1:-1", "2:")
PROGRAMS = [*range(40), 257]  # the last one once went wrong


def part(r: random.Random) -> str:
    return f"[{r.choice(PARTS)}, {r.choice(PARTS)}]"


def term(r: random.Random) -> str:
    one, other = (f"{r.choice('uvw')}{part(r)}" for _ in range(2))
    return r.choice(
        [one, f"{one} * {other}", f"np.sin({one})", f"r * {one}", f"{one} ** 2"]
    )


def total(r: random.Random) -> str:
    return f" {r.choice('+-')} ".join(term(r) for _ in range(r.randint(1, 4)))


def statements(r: random.Random) -> list[str]:
    target, how = r.choice("uv"), r.random()
    if how < 0.2:
        return [
            f"c = {target}{part(r)}",
            f"{target}{part(r)} = 0.2 * c * ({total(r)})",
        ]
    if how < 0.7:
        return [f"{target}{part(r)} = 0.3 * ({total(r)})"]
    return [f"{target}{part(r)} {r.choice('+-*')}= 0.1 * ({total(r)})"]


def program(number: int) -> str:
    r = random.Random(number)
    lines = [line for _ in range(r.randint(1, 3)) for line in statements(r)]
    return (
        "def stencil(u, w, r, n):\n    v = u * w\n    for _ in range(n):\n"
        + "".join(f"        {line}\n" for line in lines)
        + "    return np.sum(u * v + u)\n"
    )


@pytest.mark.parametrize("number", PROGRAMS)
def test_the_same_numbers(uncompiled, number):  # noqa: F811
    text = program(number)
    names: dict[str, object] = {"np": np}
    exec(compile(text, f"<stencil {number}>", "exec"), names)
    f = names["stencil"]
    assert isinstance(f, FunctionType)
    usual = grad(f, (0, 1, 2), source=text)
    fused = grad(f, (0, 1, 2), source=text, target="numba")
    for shape in [(6, 5), (4, 4), (3, 3)]:
        for n in (0, 1, 3):
            rng = np.random.default_rng(number)
            args = (*rng.uniform(0.4, 1.2, (2, *shape)), 0.3, n)
            with np.errstate(all="ignore"):
                expected = flat(usual(*args))
                _, run = text_and_function(fused, *args)
                found = flat(run(args[0].copy(), args[1].copy(), *args[2:]))
            for ours, theirs in zip(found, expected, strict=True):
                np.testing.assert_allclose(
                    ours, theirs, rtol=1e-8, atol=1e-9, err_msg=text
                )
