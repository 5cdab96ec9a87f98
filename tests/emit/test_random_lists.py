"""Random programs over lists: comprehensions, sums over them, lists that loops append to.

What is written is not what the user wrote, though it looks alike: `emit/comprehensions`
and `emit/heads` put it together again from loops and reads by number.
"""

from __future__ import annotations

import math
import random
from types import FunctionType

import numpy as np
import pytest

from s2sad import adjoint, grad, tangent, value_and_grad

PROGRAMS = range(40)


def number(r: random.Random, names: list[str]) -> str:
    one, other = r.choice(names), r.choice(names)
    return r.choice(
        [one, f"{one} * {other}", f"math.sin({one})", f"0.5 * {one}", f"{one} + {other}",
         f"{one} * k", f"math.exp(-{one})"]
    )  # fmt: skip


def generator(r: random.Random, lists: list[str], name: str) -> tuple[str, list[str]]:
    """A `for` of a comprehension, and what it gives."""
    one, other, index = r.choice(lists), r.choice(lists), f"{name}_i"
    here, before = f"{one}[{index}]", f"{one}[{index} - 1]"
    return r.choice(
        [
            (f"for {name} in {one}", [name]),
            (f"for {name} in reversed({one})", [name]),
            (f"for {name}, {name}2 in zip({one}, {other})", [name, f"{name}2"]),
            (f"for {index}, {name} in enumerate({one})", [name, here, before]),
            (f"for {index} in range(len({one}))", [here, before]),
            (f"for {index} in range(1, len({one}))", [here, before]),
        ]
    )


def comprehension(r: random.Random, lists: list[str]) -> str:
    clause, names = generator(r, lists, "p")
    if r.random() < 0.25:
        second, more = generator(r, [f"{lists[0]}[:5]"], "q")
        clause, names = f"{clause} {second}", names + more
    return f"[{number(r, names)} {clause}]"


def rows(r: random.Random, lists: list[str]) -> str:
    one, other = r.choice(lists), r.choice(lists)
    return r.choice(
        [
            f"[[s * t for t in {other}] for s in {one}]",
            f"[[s + t * k for t in {other}[:3]] for s in {one}]",
            f"[[0.5] * 4 for _ in {one}]",
            f"[{other}[: j + 1] for j in range(len({one}))]",
        ]
    )


def program(seed: int) -> str:
    r = random.Random(seed)
    lists, tables, lines = ["x"], [], []
    for count in range(r.randint(2, 5)):
        new, what = f"a{count}", r.random()
        if what < 0.4:
            lines.append(f"{new} = {comprehension(r, lists)}")
        elif what < 0.55:
            tables.append(f"m{count}")
            lines.append(f"m{count} = {rows(r, lists)}")
            continue
        elif what < 0.7:
            lines += [f"{new} = []", f"for p in {r.choice(lists)}:"]
            lines.append(f"    {new}.append({number(r, ['p'])})")
            lines += [f"    {new}.append(p)"] * (r.random() < 0.3)
        elif what < 0.8 and tables:
            total = f"sum({number(r, ['q'])} for q in row) + 0.1"
            lines.append(f"{new} = [{total} for row in {r.choice(tables)}]")
        elif len(lists) > 1:
            one, other = r.choice(lists[1:]), r.choice(lists)
            put = f"[{r.choice([0, 1, -1])}] = {other}[0] * {other}[1]"
            lines.append(one + r.choice([f".append({other}[0] * 0.5)", put]))
            continue
        else:
            continue
        lists.append(new)
    sums = [f"sum({number(r, ['p'])} for p in {name})" for name in lists[-3:]]
    sums += [f"sum(q * q for row in {name} for q in row)" for name in tables]
    body = [*lines, f"return {' + '.join(sums)}"]
    return "def lists(x, k):\n" + "".join(f"    {line}\n" for line in body)


def differences(f, x, k):
    """Extrapolated central differences."""

    def slope(h):
        moved = ([v + s * h * (i == j) for j, v in enumerate(x)] for i in range(len(x))
                 for s in (1, -1))  # fmt: skip
        values = [f(each, k) for each in moved]
        return np.array([(a - b) / (2 * h) for a, b in zip(values[::2], values[1::2])])

    return (4 * slope(5e-4) - slope(1e-3)) / 3


@pytest.mark.parametrize("seed", PROGRAMS)
def test_random_lists(seed):
    text = program(seed)
    names: dict[str, object] = {"math": math}
    exec(compile(text, f"<lists {seed}>", "exec"), names)
    f = names["lists"]
    assert isinstance(f, FunctionType)
    r = random.Random(seed)
    x, k = [r.uniform(0.2, 1.1) for _ in range(22)], 0.7
    expected = differences(f, x, k)
    for level in (0, 1, 2):
        y, found = value_and_grad(f, optimize=level, source=text)(list(x), k)
        assert math.isclose(y, f(list(x), k), rel_tol=1e-12), text
        scale = 1.0 + np.abs(expected)
        np.testing.assert_allclose(
            found / scale, expected / scale, atol=1e-7, err_msg=text
        )
    towards = [math.cos(i) for i in range(len(x))]
    made = grad(f, source=text)
    y, y_dot = tangent(f, source=text)(list(x), k, towards)
    assert math.isclose(y_dot, np.dot(found, towards), rel_tol=1e-9, abs_tol=1e-9), text
    if seed % 4 == 0:
        _, forward = tangent(made)(list(x), k, towards)
        _, back = adjoint(made)(list(x), k, towards)
        np.testing.assert_allclose(forward, back, rtol=1e-7, atol=1e-7, err_msg=text)
