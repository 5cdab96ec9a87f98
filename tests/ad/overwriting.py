"""Programs at random that overwrite arrays in loops, as text.

    def f(x, y, n, p, q):
        a = x.copy()
        b = y.copy()
        M = np.outer(x, y)
        for i in range(1, n):
            a[i] = 0.9 * a[i - 1] * b[-i]
            M[i, 0] += 0.3 * np.sin(a[p[i]])
        return a

Elements are read and written earlier and later in the array, from the far end, by
arrays of indices that repeat, in nested loops and branches, some of which leave the
loop. An index may be out of range: such a program raises, and is passed over.
"""

from __future__ import annotations

from random import Random

HEAD = "import numpy as np\n\n\ndef f(x, y, n, p, q):\n"
RESULTS = [
    "np.sum(np.sin(a) * b) + s + np.sum(M * M)",
    "a",
    "np.sum(a * a) + s",
    "M",
    "np.sum(b) + M[1, 2]",
]
RANGES = [
    "n",
    "1, n",
    "n - 1",
    "1, n - 1",
    "n - 1, -1, -1",
    "n - 2, -1, -1",
    "0, n, 2",
    "2, n",
    "3",
    "2",
]


class Writer:
    """Draws one program."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.lines: list[str] = []
        self.depth = 1
        self.indices: list[str] = []
        self.count = 0

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def write(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    # ---- expressions -----------------------------------------------------------------

    def index(self) -> str:
        options = ["0", "1", "2", "-1", "-2", "n - 1", "n - 2"]
        if self.indices:
            i, j = self.pick(*self.indices), self.pick(*self.indices)
            near = [i] * 4 + [f"{i} - 1"] * 2 + [f"{i} + 1", f"{i} - 2"]
            far = [f"n - 1 - {i}", f"-{i}", f"-{i} - 1", f"({i} + {j}) % n"]
            options += 3 * [*near, *far, f"p[{i}]", f"{i} // 2", j, f"{j} - {i}"]
        return self.pick(*options)

    def array(self) -> str:
        return self.pick("a", "a", "b")

    def read(self) -> str:
        kind = self.random.random()
        if kind < 0.65:
            return f"{self.array()}[{self.index()}]"
        if kind < 0.8:
            return f"M[{self.index()}, {self.index()}]"
        if kind < 0.88:
            return "s"
        if self.indices and kind < 0.94:
            return f"np.sum({self.array()}[:{self.pick(*self.indices)}])"
        return f"np.sum(M[{self.index()}])"

    def value(self) -> str:
        kind = self.random.random()
        if kind < 0.25:
            return f"np.sin({self.read()})"
        if kind < 0.55:
            return f"0.9 * {self.read()} * {self.read()}"
        if kind < 0.7:
            return f"{self.read()} + 0.3 * {self.read()}"
        if kind < 0.8:
            return f"{self.read()} / (2.0 + {self.read()} ** 2)"
        return self.pick(f"0.5 * {self.read()}", self.read())

    def part(self) -> str:
        return f"{self.array()}[{self.pick('1:', ':-1')}]"

    # ---- statements ------------------------------------------------------------------

    def statement(self) -> None:
        self.count += 1
        kind = self.random.random()
        if kind < 0.34:
            self.write(f"{self.array()}[{self.index()}] = {self.value()}")
        elif kind < 0.44:
            self.write(f"{self.array()}[{self.index()}] += 0.3 * {self.value()}")
        elif kind < 0.5:
            self.write(f"{self.array()}[{self.index()}] *= {self.read()}")
        elif kind < 0.56:
            self.write(f"M[{self.index()}, {self.index()}] = {self.value()}")
        elif kind < 0.6:
            row = self.pick(f"M[{self.index()}]", f"M[:, {self.index()}]", self.array())
            self.write(f"M[{self.index()}] = np.sin({row})")
        elif kind < 0.64:
            self.write(f"s = s + np.sin({self.value()})")
        elif kind < 0.68:
            self.write(f"{self.part()} = 0.8 * {self.part()} * {self.part()}")
        elif kind < 0.71:
            self.write(f"{self.array()}[p] = np.sin({self.array()})")
        elif kind < 0.73:
            name = self.array()
            self.write(f"{name}[q] += 0.4 * {name}[q] * {self.array()}[q]")
        elif kind < 0.75:
            i, j = self.index(), self.index()
            self.write(f"a[{i}], b[{j}] = b[{j}], a[{i}]")
        elif kind < 0.77:
            self.write(f"{self.array()}[:] = 0.7 * {self.array()} * {self.array()}")
        elif kind < 0.79:
            self.write(self.pick("c = a[1:]", "c = b[:-1]", "c = M[1]"))
            self.write(f"c[{self.pick('0', '1', '-1')}] = {self.value()}")
        elif kind < 0.8:
            self.write(self.pick("a = a.copy()", "b = a.copy()"))
        elif self.depth < 5 and kind < 0.9:
            self.loop()
        elif self.depth < 5 and kind < 0.97:
            self.branch()
        elif self.depth < 5:
            self.counted()
        else:
            self.write(f"a[{self.index()}] = {self.value()}")

    def body(self, count: int) -> None:
        self.depth += 1
        for _ in range(count):
            self.statement()
        self.depth -= 1

    def loop(self) -> None:
        name = f"i{len(self.indices)}"
        ranges = list(RANGES)
        if self.indices:
            outer = self.pick(*self.indices)
            ranges += [outer, f"{outer} + 1, n", f"{outer} + 1", f"{outer}, n"]
        self.write(f"for {name} in range({self.pick(*ranges)}):")
        self.indices.append(name)
        self.body(self.random.randint(1, 3))
        if self.random.random() < 0.08:
            self.write("    if abs(s) > 1.5:")
            self.write("        break")
        self.indices.pop()

    def counted(self) -> None:
        name = f"k{self.count}"
        self.write(f"{name} = {self.random.randint(1, 3)}")
        self.write(f"while {name} > 0:")
        self.indices.append(name)
        self.body(self.random.randint(1, 2))
        self.indices.pop()
        self.write(f"    {name} = {name} - 1")

    def branch(self) -> None:
        tests = ["abs(s) > 0.7", f"abs({self.read()}) > 0.4"]
        if self.indices:
            i, j = self.pick(*self.indices), self.pick(*self.indices)
            tests += [f"{i} % 2 == 0", f"{i} > 1", f"{i} != {j}", f"{i} < {j}"]
        self.write(f"if {self.pick(*tests)}:")
        self.body(self.random.randint(1, 2))
        if self.random.random() < 0.5:
            self.write("else:")
            self.body(self.random.randint(1, 2))


def program(seed: int) -> str:
    writer = Writer(seed)
    for line in (
        "a = x.copy()",
        "b = y.copy()",
        "M = np.outer(x, y)",
        "s = 0.3 * x[0]",
    ):
        writer.write(line)
    writer.loop()
    for _ in range(writer.random.randint(0, 2)):
        writer.statement()
    if writer.random.random() < 0.6:
        writer.loop()
    writer.write(f"return {writer.pick(*RESULTS)}")
    return HEAD + "\n".join(writer.lines) + "\n"
