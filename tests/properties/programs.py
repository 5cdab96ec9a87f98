"""Small Python programs at random, as source text, for hypothesis to draw and shrink.

    def helper(p, q):
        return p * q - 0.5

    def program(x, y, a, b, n):
        for i in range(n):
            if a[i] > x:
                x = x + math.sin(y * a[i])
        return x

`x`, `y` are floats, `a`, `b` arrays of three, `n` a count. Values stay small: products
are damped and functions bounded, so that differences mean something. Every name is
defined where it is read, no index is out of range, every loop ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

SIZE = 3
CONSTANTS = ["0.5", "-0.7", "1.3", "2.0", "0.25", "-1.1", "3"]
BOUNDED = [
    "math.sin({})",
    "math.cos({})",
    "math.tanh({})",
    "np.tanh({})",
    "np.arctan({})",
]
SPREAD = ["np.sin({})", "np.tanh({})", "np.exp(-({}) ** 2)", "np.cos({})"]
TESTS = ["{} > {}", "{} < {}", "{} <= {}", "not {} > {}", "0.1 < {} < {} + 0.4"]


@dataclass(frozen=True)
class Scope:
    """What may be read here, and which jumps are allowed."""

    scalars: tuple[str, ...]
    arrays: tuple[str, ...]
    indices: tuple[str, ...] = ()  # ints in 0 .. SIZE - 1
    helper: bool = False
    loops: int = 0


@dataclass
class Writer:
    """Draws one program."""

    draw: st.DrawFn
    lines: list[str] = field(default_factory=list)
    names: int = 0
    budget: int = 14

    def pick(self, options):
        return self.draw(st.sampled_from(list(options)))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) < percent

    def new(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # ---- expressions -----------------------------------------------------------------

    def scalar(self, scope: Scope, depth: int = 2) -> str:
        if depth == 0:
            return self.leaf(scope)
        kind = self.draw(st.integers(0, 13))
        inner = lambda: self.scalar(scope, depth - 1)  # noqa: E731
        if kind <= 2:
            return self.leaf(scope)
        if kind == 3:
            return f"({inner()} + {inner()})"
        if kind == 4:
            return f"({inner()} - {inner()})"
        if kind == 5:
            return f"(0.5 * {inner()} * {inner()})"
        if kind == 6:
            return f"({inner()} / (1.5 + {inner()} ** 2))"
        if kind == 7:
            return self.pick(BOUNDED).format(inner())
        if kind == 8:
            return f"({inner()} if {self.test(scope)} else {inner()})"
        if kind == 9:
            return (
                f"{self.pick(['np.sum', 'np.mean', 'np.max'])}({self.array(scope, 1)})"
            )
        if kind == 10:
            return f"({self.array(scope, 0)} @ {self.array(scope, 1)})"
        if kind == 11 and scope.helper:
            return f"helper({inner()}, {inner()})"
        if kind == 12:
            return f"{self.pick(['max', 'min'])}({inner()}, {inner()})"
        if kind == 13:
            v = self.new("v")
            within = replace(scope, scalars=(*scope.scalars, v))
            source = self.pick(scope.arrays)
            only = f" if {v} > {self.pick(CONSTANTS)}" if self.chance(30) else ""
            return f"sum(0.3 * {self.scalar(within, 1)} for {v} in {source}{only})"
        return f"(-{inner()})"

    def leaf(self, scope: Scope) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind <= 5:
            return self.pick(scope.scalars)
        if kind <= 7:
            index = self.pick([*scope.indices, *map(str, range(SIZE)), "-1"])
            return f"{self.pick(scope.arrays)}[{index}]"
        return self.pick(CONSTANTS)

    def array(self, scope: Scope, depth: int = 2) -> str:
        if depth == 0:
            return self.pick(scope.arrays)
        kind = self.draw(st.integers(0, 8))
        inner = lambda: self.array(scope, depth - 1)  # noqa: E731
        if kind <= 2:
            return self.pick(scope.arrays)
        if kind == 3:
            return f"({inner()} {self.pick('+-')} {inner()})"
        if kind == 4:
            return f"(0.5 * {inner()} * {inner()})"
        if kind == 5:
            return self.pick(SPREAD).format(inner())
        if kind == 6:
            return f"({self.scalar(scope, 1)} * {inner()})"
        if kind == 7:
            return f"np.where({inner()} > {self.pick(CONSTANTS)}, {inner()}, {inner()})"
        items = ", ".join(self.scalar(scope, 1) for _ in range(SIZE))
        return f"np.array([{items}])"

    def test(self, scope: Scope) -> str:
        if scope.indices and self.chance(30):
            return f"{self.pick(scope.indices)} {self.pick(['==', '<', '!='])} 1"
        return self.pick(TESTS).format(self.scalar(scope, 1), self.scalar(scope, 0))

    # ---- statements ------------------------------------------------------------------

    def block(self, scope: Scope, depth: int, jumps: bool = False) -> Scope:
        """A few statements; the scope after them."""
        for _ in range(self.draw(st.integers(1, 3))):
            scope = self.statement(scope, depth)
        if jumps and self.chance(35):
            word = self.pick(
                ["break", "continue", "return"] if scope.loops else ["return"]
            )
            self.line(depth, f"if {self.test(scope)}:")
            value = f"return {self.scalar(scope)}"
            self.line(depth + 1, value if word == "return" else word)
        return scope

    def statement(self, scope: Scope, depth: int) -> Scope:
        self.budget -= 1
        kind = self.draw(st.integers(0, 11))
        if self.budget <= 0 or depth >= 4:
            kind = min(kind, 4)
        if kind <= 1:
            return self.assign(scope, depth)
        if kind == 2:
            name, sign = self.pick(scope.scalars), self.pick(["+", "-", "*"])
            value = self.scalar(scope, 1)
            value = f"math.cos({value})" if sign == "*" else value
            self.line(depth, f"{name} {sign}= {value}")
            return scope
        if kind == 3:
            return self.assign_array(scope, depth)
        if kind == 4:
            left, right = self.pick(scope.scalars), self.pick(scope.scalars)
            if left != right:
                swap = f"{left}, {right} = {right}, {self.scalar(scope, 1)}"
                self.line(depth, swap)
            else:
                self.line(depth, f"{left} = {self.scalar(scope, 2)}")
            return scope
        if kind <= 7:
            return self.branch(scope, depth)
        if kind <= 10 and scope.loops < 2:
            return self.loop(scope, depth)
        if scope.loops < 2:
            return self.trips(scope, depth)
        return self.assign(scope, depth)

    def assign(self, scope: Scope, depth: int) -> Scope:
        value = self.scalar(scope)
        name = self.new("s") if self.chance(40) else self.pick(scope.scalars)
        self.line(depth, f"{name} = {value}")
        if name in scope.scalars:
            return scope
        return replace(scope, scalars=(*scope.scalars, name))

    def assign_array(self, scope: Scope, depth: int) -> Scope:
        value = self.array(scope)
        name = self.new("w") if self.chance(40) else self.pick(scope.arrays)
        if name not in scope.arrays and value in scope.arrays:
            value = f"{value} + 0.0"
        self.line(depth, f"{name} = {value}")
        if name in scope.arrays:
            return scope
        return replace(scope, arrays=(*scope.arrays, name))

    def branch(self, scope: Scope, depth: int) -> Scope:
        self.line(depth, f"if {self.test(scope)}:")
        self.block(scope, depth + 1, jumps=True)
        if self.chance(25):
            self.line(depth, f"elif {self.test(scope)}:")
            self.block(scope, depth + 1, jumps=True)
        if self.chance(60):
            self.line(depth, "else:")
            self.block(scope, depth + 1, jumps=True)
        return scope

    def loop(self, scope: Scope, depth: int) -> Scope:
        i, v, u = self.new("i"), self.new("v"), self.new("u")
        a, b = self.pick(scope.arrays), self.pick(scope.arrays)
        head, indices, scalars = self.pick(
            [
                (f"for {i} in range(n):", (i,), ()),
                (f"for {i} in range({SIZE - 1}, -1, -1):", (i,), ()),
                (f"for {v} in {a}:", (), (v,)),
                (f"for {i}, {v} in enumerate({a}):", (i,), (v,)),
                (f"for {v}, {u} in zip({a}, reversed({b})):", (), (v, u)),
                (f"for {v} in (0.5, -1.0):", (), (v,)),
            ]
        )
        inner = replace(
            scope,
            loops=scope.loops + 1,
            indices=(*scope.indices, *indices),
            scalars=(*scope.scalars, *scalars),
        )
        self.line(depth, head)
        self.block(inner, depth + 1, jumps=True)
        if self.chance(15):
            self.line(depth, "else:")
            self.block(scope, depth + 1)
        return scope

    def trips(self, scope: Scope, depth: int) -> Scope:
        """A while loop that ends by its count, if not by what it computes."""
        k = self.new("k")
        self.line(depth, f"{k} = 0")
        self.line(depth, f"while {k} < {SIZE} and {self.test(scope)}:")
        inner = replace(scope, loops=scope.loops + 1, indices=(*scope.indices, k))
        self.block(inner, depth + 1)
        self.line(depth + 1, f"{k} += 1")
        return scope


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a module that defines `program(x, y, a, b, n)`."""
    writer = Writer(draw)
    helped = writer.chance(40)
    if helped:
        scope = Scope(("p", "q"), ())
        writer.line(0, "def helper(p, q):")
        if writer.chance(50):
            writer.line(1, f"if p {writer.pick('<>')} {writer.pick(CONSTANTS)}:")
            writer.line(2, f"return {plain(writer, scope)}")
        writer.line(1, f"return {plain(writer, scope)}")
        writer.lines += ["", ""]
    start = len(writer.lines)
    writer.line(0, "def program(x, y, a, b, n):")
    scope = Scope(("x", "y"), ("a", "b"), helper=helped)
    scope = writer.block(scope, 1)
    scope = writer.block(scope, 1)
    early = any("return" in line for line in writer.lines[start:])
    number = early or writer.chance(75)  # all results are of one kind
    writer.line(1, f"return {writer.scalar(scope) if number else writer.array(scope)}")
    return "import math\n\nimport numpy as np\n\n\n" + "\n".join(writer.lines) + "\n"


def plain(writer: Writer, scope: Scope) -> str:
    """An expression of two scalars."""
    left, right = writer.pick(scope.scalars), writer.pick(scope.scalars)
    forms = [
        "{} * {} - 0.5",
        "math.sin({}) + {}",
        "{} / (2.0 + {} ** 2)",
        "0.7 * {} + {}",
    ]
    return writer.pick(forms).format(left, right)
