"""Small Python programs at random, as source text.

    def step(u, v, p):
        u[1:] *= np.cos(v[:-1])

    def program(x, y, a, b, m, n):
        w1 = m[1]
        for i1 in range(n):
            step(w1, a, x)
            if a[i1] > 0.5:
                m.T[i1] -= y * b[i1]
        return np.sum(m) + w1[-1]

`x`, `y` are numbers, `a`, `b` arrays of four, `m` one of three by four, `n` a count to 3;
some programs take a list `q` and a dict `p` as well.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from tests.properties import containers, control, expressions, helpers, writes
from tests.properties.writer import Scope, Writer

HEAD = "import math\n\nimport numpy as np\n\n\n"
FORMS = (containers, control, expressions, helpers, writes)  # registered by importing


@dataclass(frozen=True)
class Written:
    text: str
    wrt: tuple[str, ...]
    used: Counter[str]


def write_program(source: random.Random, seen: Counter[str]) -> Written:
    """The text of a module that defines `program`."""
    w = Writer(source, seen)
    names = helpers.write_helpers(w)
    s = Scope(numbers=["x", "y"], indices={}, helpers=names)
    for name, shape in (("a", (4,)), ("b", (4,)), ("m", (3, 4))):
        s.bind(name, shape, w.root())
    wrt = ["x", "y", "a", "b", "m"]
    more = ""
    if w.chance(20):
        s.lists["q"] = 3
        more += ", q"
        wrt.append("q")
        w.used["list as argument"] += 1
    if w.chance(20):
        s.tables["p"] = {"s": None, "w": (4,)}
        more += ", p"
        wrt.append("p")
        w.used["dict as argument"] += 1
    if w.chance(25):  # the others are constants
        wrt = w.random.sample(wrt, w.random.randint(1, 3))
    # all results of a program are of one kind
    s.result = "number" if w.chance(70) else "none"
    w.line(0, f"def program(x, y, a, b, m, n{more}):")
    for name in names:
        control.follow(w, s, 1, f"def {name}")
    if w.chance(60):
        control.rarest(w, s, 1)
    for _ in range(w.random.randint(1, 3)):
        control.block(w, s, 1, jumps=True)
    w.line(1, f"return {result(w, s)}")
    return Written(HEAD + "\n".join(w.lines) + "\n", tuple(sorted(wrt)), w.used)


def result(w: Writer, s: Scope) -> str:
    if s.result == "number":
        names = [n for n in s.arrays if w.chance(60)]
        sums = [f"np.sum({n} * {w.constant()})" for n in names]
        return " + ".join([w.number(s), *sums])
    arrays = list(s.arrays)
    options = [w.pick(arrays), f"({w.pick(arrays)}, {w.number(s)})"]
    options.append(f"({w.pick(arrays)}, {w.pick(arrays)})")
    options += [
        w.array(s, s.arrays[w.pick(arrays)], 2),
        f"[{w.number(s)}, {w.number(s)}]",
    ]
    options += [*s.lists, *s.rows, *s.tables]
    return w.pick(options)
