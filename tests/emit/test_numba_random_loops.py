"""Random loops of numbers and elements, as Numba is given them.

The texts are run by Python, whose arrays raise where an index lies outside. Which loops
of the reverse half may run forwards, what is kept on which tape, which element is there
when it is read: all hang on what the trips read and write.
"""

from __future__ import annotations

import math
import random
from types import FunctionType

import numpy as np
import pytest

from s2sad import grad
from tests.emit.test_numba import flat, text_and_function, uncompiled  # noqa: F401

PROGRAMS = 16
MANY = 600
SCALARS = ("s", "t", "a")
LINES = 4


def place(r: random.Random, i: str) -> str:
    return r.choice([i, i, i, f"{i} - 1", f"n - 1 - {i}", f"({i} + 1) % n", "0", "-1"])


def number(r: random.Random, i: str) -> str:
    kind = r.random()
    if kind < 0.45:
        return r.choice(SCALARS)
    if kind < 0.95:
        return f"{r.choice('xyw')}[{place(r, i)}]"
    return r.choice(["0.5", f"{i}", "c"])


def formula(r: random.Random, i: str) -> str:
    one, other = number(r, i), number(r, i)
    return r.choice(
        [
            one, f"{one} * {other}", f"math.sin({one})", f"0.5 * {one} + {other}",
            f"{one} ** 2", f"math.exp(-{one} ** 2) * {other}", f"{one} / (1.5 + {other} ** 2)",
        ]
    )  # fmt: skip


def line(r: random.Random, i: str, depth: int) -> list[str]:
    kind = r.random()
    if kind < 0.3:
        return [f"{r.choice(SCALARS)} {r.choice('+-')}= 0.2 * ({formula(r, i)})"]
    if kind < 0.5:
        return [f"{r.choice(SCALARS)} = {formula(r, i)}"]
    if kind < 0.65:
        return [f"w[{place(r, i)}] = 0.5 * ({formula(r, i)})"]
    if kind < 0.78:
        return [f"w[{place(r, i)}] {r.choice('+-')}= 0.3 * ({formula(r, i)})"]
    if kind < 0.9 or depth > 1:
        inner = line(r, i, depth + 1)
        if r.random() < 0.2:
            inner = [r.choice(["continue", "break"])]
        head = f"if {number(r, i)} > {r.choice(['0.7', 's', 'c'])}:"
        lines = [head, *("    " + each for each in inner)]
        if r.random() < 0.3 and not inner[0].startswith(("continue", "break")):
            lines += ["else:", *("    " + each for each in line(r, i, depth + 1))]
        return lines
    return loop(r, "j" if i == "i" else "k", depth + 1)


def loop(r: random.Random, i: str, depth: int) -> list[str]:
    bounds = ["n", "n", "1, n", "n - 1, -1, -1", "0, n, 2"]
    if depth:
        bounds.append("ijk"["ijk".index(i) - 1])
    body = [
        each for _ in range(r.randint(1, LINES - depth)) for each in line(r, i, depth)
    ]
    return [f"for {i} in range({r.choice(bounds)}):", *("    " + each for each in body)]


def program(number: int) -> str:
    r = random.Random(number)
    lines = [each for _ in range(r.randint(1, 2)) for each in loop(r, "i", 0)]
    return (
        "def loops(x, y, c):\n    n = len(x)\n    w = x * y\n"
        "    s, t, a = 0.0, 1.0, c\n"
        + "".join(f"    {each}\n" for each in lines)
        + "    return s + 0.5 * t * a + np.sum(w * y)\n"
    )


@pytest.mark.parametrize("number", range(PROGRAMS))
def test_the_same_numbers(uncompiled, number):  # noqa: F811
    same_numbers(number)


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(PROGRAMS, MANY))
def test_many(uncompiled, number):  # noqa: F811
    same_numbers(number)


def same_numbers(number: int) -> None:
    text = program(number)
    names: dict[str, object] = {"np": np, "math": math}
    exec(compile(text, f"<loops {number}>", "exec"), names)
    f = names["loops"]
    assert isinstance(f, FunctionType)
    usual = grad(f, (0, 1, 2), source=text)
    plain = grad(f, (0, 1, 2), source=text, optimize=0)
    compiled = grad(f, (0, 1, 2), source=text, target="numba")
    for length in (1, 2, 5):
        rng = np.random.default_rng(number)
        args = (*rng.uniform(0.4, 1.2, (2, length)), 0.6)
        expected = flat(plain(*args))
        _, run = text_and_function(compiled, *args)
        for found in (
            flat(usual(*args)),
            flat(run(args[0].copy(), args[1].copy(), 0.6)),
        ):
            for ours, theirs in zip(found, expected, strict=True):
                np.testing.assert_allclose(
                    ours, theirs, rtol=1e-9, atol=1e-11, err_msg=text
                )
