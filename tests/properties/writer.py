"""What writes random programs: a random source, names in scope, and forms to choose from.

A form is one way of writing a number, an array or a statement. It is registered under a
name, by which the census counts it; among the forms that fit, the ones written least so
far are favoured, so that every construct comes often enough in a few hundred programs.

Every array has a shape known here, every index is in range, every name is defined where
it is read, and every loop ends. Values stay small: products are damped and functions
bounded, so that differences mean something.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Shape = tuple[int, ...]
CONSTANTS = ("0.5", "0.7", "1.3", "0.25", "1.1", "0.9")
BOUNDS = ("0.5", "-0.35", "0.15", "0.9", "-1.1", "0.02")  # what tests compare with


@dataclass
class Scope:
    """The names that may be read here, and what is known of them."""

    numbers: list[str] = field(default_factory=list)
    arrays: dict[str, Shape] = field(default_factory=dict)
    roots: dict[str, int] = field(default_factory=dict)  # names of one storage agree
    indices: dict[str, int] = field(default_factory=dict)  # ints from 0 to below this
    lists: dict[str, int] = field(default_factory=dict)  # of numbers: at least so long
    rows: dict[str, tuple[int, Shape]] = field(default_factory=dict)  # lists of arrays
    tables: dict[str, dict[str, Shape | None]] = field(default_factory=dict)
    objects: list[str] = field(default_factory=list)
    closures: dict[str, str] = field(
        default_factory=dict
    )  # calls, with {} for a number
    rebinds: bool = True  # may names of arrays that are shared be bound anew?
    loops: int = 0
    count: str = "n"  # what loops count to: at most 3
    result: str = "number"  # what `return` gives here: number, nothing, none allowed
    helpers: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()  # numbers that are not to be assigned
    grows: bool = True  # may lists change their length here?
    kept: set[int] = field(default_factory=set)  # storages that containers hold

    def inner(self, **changes: object) -> Scope:
        """A copy for a nested block: what it defines is not defined after it."""
        made = Scope(
            list(self.numbers),
            dict(self.arrays),
            dict(self.roots),
            dict(self.indices),
            dict(self.lists),
            dict(self.rows),
            dict(self.tables),
            list(self.objects),
            dict(self.closures),
            False,
            self.loops,
            self.count,
            self.result,
            self.helpers,
            self.fixed,
            False,
            set(self.kept),
        )
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    def bind(self, name: str, shape: Shape, root: int) -> None:
        self.arrays[name], self.roots[name] = shape, root

    def alone(self, name: str) -> bool:
        """Is this the only name here of its storage, and in no container?"""
        root = self.roots[name]
        return list(self.roots.values()).count(root) == 1 and root not in self.kept


DICT_LOOPS = (
    "for <v> in <d>.values():",
    "for _, <v> in <d>.items():",
    "for _ in <d>:",
)

# What can only be written after something else has been.
LEADS: dict[str, tuple[str, ...]] = {
    "new object": (
        "attribute",
        "attribute written",
        "method called",
        "object summed",
        "array of an object replaced",
        "closure that reads an object",
    ),
    "new list": ("item of a list", "list grows", "list changed", "sum of a list"),
    "list of arrays": (
        "for over arrays in a list",
        "array in a container",
        "array in a list replaced",
    ),
    "new dict": (
        "item of a dict",
        "item of a dict written",
        "element in a container",
        "array in a dict replaced",
    ),
    "dict of numbers": ("for over a dict", *DICT_LOOPS),
    "closure": ("call of a closure",),
    "def pure": ("call of a helper",),
    "def pair": ("helper that returns two",),
    "def blend": ("array from a helper",),
    "def step": ("helper that writes", "helper given one array twice"),
    "def relax": ("helper that writes into views",),
    "def nudge": ("helper that writes and returns",),
    "def same": ("helper that gives its argument back",),
    "def again": ("recursive helper",),
    "def look": ("helper that looks into a container",),
}
LEADS["def State"] = ("new object", *LEADS["new object"])

Form = Callable[["Writer", Scope], "str | None"]
NUMBERS: dict[str, Form] = {}
STATEMENTS: dict[str, Callable[[Writer, Scope, int], bool | None]] = {}
ARRAYS: dict[str, Callable[[Writer, Scope, Shape, int], str | None]] = {}

WORDS: dict[str, None] = {}  # texts that forms choose from
Texts = tuple[str, ...]


def number(name: str, texts: Texts = ()):
    """Register a form, and the texts it chooses from, which are counted like forms."""
    return _registered(NUMBERS, name, texts)


def array(name: str, texts: Texts = ()):
    return _registered(ARRAYS, name, texts)


def statement(name: str, texts: Texts = ()):
    return _registered(STATEMENTS, name, texts)


def _registered(table: dict, name: str, texts: Texts):
    if texts:
        LEADS[name] = (*LEADS.get(name, ()), *texts)
        WORDS.update(dict.fromkeys(texts))
    return lambda form: table.setdefault(name, form)


class Writer:
    """Writes one program; `seen` tells what those before it were made of."""

    def __init__(self, source: random.Random, seen: Counter[str]) -> None:
        self.random = source
        self.seen = seen
        self.used: Counter[str] = Counter()
        self.lines: list[str] = []
        self.names: Counter[str] = Counter()
        self.roots = 0
        self.last = ""  # the form that was written last
        self.budget = source.choice((6, 9, 12, 16))

    # ---- choices -----------------------------------------------------------------

    def pick(self, options):
        return self.random.choice(list(options))

    def chance(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def new(self, stem: str) -> str:
        self.names[stem] += 1
        return f"{stem}{self.names[stem]}"

    def root(self) -> int:
        self.roots += 1
        return self.roots

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def constant(self) -> str:
        return self.pick(CONSTANTS)

    def bound(self) -> str:
        return self.pick(BOUNDS)

    def order(self, forms) -> list[str]:
        """The names of the forms, shuffled, the rare ones likely to stand first."""
        keyed = {
            name: self.random.random() ** self.count(name) ** 1.6 for name in forms
        }
        return sorted(forms, key=lambda name: -keyed[name])

    def word(self, options: Iterable[str]) -> str:
        """One of some texts; those written seldom so far are likelier."""
        keyed = {
            text: self.random.random() ** (1.0 + self.seen[text] + 2 * self.used[text])
            for text in options
        }
        found = max(keyed, key=keyed.__getitem__)
        self.used[found] += 1
        return found

    def count(self, name: str) -> float:
        """How often the form was written, or the rarest of those that it leads to."""
        leads = ARRAYS if name == "new array" else LEADS.get(name, ())
        counts = [self.seen[k] for k in (name, *leads)]
        return 1.0 + min(counts) + 2 * self.used[name]

    def tried(self, forms: dict, *arguments):
        """What the first form gives that can be written here."""
        for name in self.order(forms):
            made = forms[name](self, *arguments)
            if made is not None:
                self.used[name] += 1
                self.last = name
                return made
        raise AssertionError("no form fits")

    # ---- numbers and indices -------------------------------------------------------

    def number(self, scope: Scope, depth: int = 2) -> str:
        if depth <= 0 or self.chance(25):
            return self.leaf(scope)
        return self.tried(NUMBERS, scope, depth - 1)

    def leaf(self, scope: Scope) -> str:
        kind = self.random.random()
        if kind < 0.5 and scope.numbers:
            return self.pick(scope.numbers)
        if kind < 0.93 and scope.arrays:
            return self.element(scope)
        return self.constant()

    def element(self, scope: Scope) -> str:
        """One element of an array, read."""
        name = self.pick(scope.arrays)
        where = ", ".join(self.index(scope, size) for size in scope.arrays[name])
        return f"{name}[{where}]"

    def index(self, scope: Scope, size: int) -> str:
        fitting = [name for name, bound in scope.indices.items() if bound <= size]
        if fitting and self.chance(75):
            name = self.pick(fitting)
            return self.pick([name] * 6 + [f"{name} - 1", f"-1 - {name}"])
        if scope.indices and self.chance(15):
            name = self.pick(scope.indices)
            return f"({name} + 1) % {size}"
        return self.pick([str(self.random.randrange(size)), "0", "-1"])

    def test(self, scope: Scope) -> str:
        """A condition."""
        roll = self.random.random()
        if scope.indices and roll < 0.3:
            name = self.pick(scope.indices)
            word = self.pick(["==", "<", "!=", ">="])
            tests = [f"{name} {word} 1", f"{name} % 2 == 0"]
            return self.pick(tests)
        left, right = self.number(scope, 1), self.bound()
        if roll < 0.4:
            return f"not {left} > {right}"
        if roll < 0.5:
            low = self.number(scope, 0)
            return f"{low} < {left} < {low} + 0.8"
        if roll < 0.6:
            other = f"{self.number(scope, 0)} > {self.bound()}"
            return f"{left} < {right} {self.pick(['and', 'or'])} {other}"
        return f"{left} {self.pick(['>', '<', '<='])} {right}"

    # ---- arrays and places -----------------------------------------------------------

    def array(self, scope: Scope, shape: Shape, depth: int = 2) -> str:
        """An expression of that shape."""
        if depth <= 0 or self.chance(20):
            return self.seen_array(scope, shape)
        return self.tried(ARRAYS, scope, shape, depth - 1)

    def seen_array(self, scope: Scope, shape: Shape) -> str:
        """A variable of that shape, or a part of one, or a constant array."""
        whole = [name for name, s in scope.arrays.items() if s == shape]
        if whole and self.chance(70):
            return self.pick(whole)
        for _ in range(12):
            if scope.arrays:
                text, found = self.place(scope)
                if found == shape:
                    return text
        if whole:
            return self.pick(whole)
        return self.filled(shape, self.number(scope, 0))

    def filled(self, shape: Shape, value: str) -> str:
        size = str(shape[0]) if len(shape) == 1 else str(shape)
        return f"np.full({size}, {value})"

    def part(self, size: int) -> tuple[str, int]:
        """A slice of that many elements, and how many it leaves."""
        options = [("1:", size - 1), (":-1", size - 1), ("::-1", size), (":", size)]
        two = min(size, 2)
        options += [("::2", (size + 1) // 2), (":2", two), ("-2:", two)]
        options.append(("1::2", size // 2))
        return self.pick([(text, left) for text, left in options if left > 0])

    def place(self, scope: Scope, name: str | None = None) -> tuple[str, Shape]:
        """A part of an array, as text, and its shape; () for an element."""
        name = self.pick(scope.arrays) if name is None else name
        shape = scope.arrays[name]
        if len(shape) == 1:
            if self.chance(15):
                part, left = self.part(shape[0])
                again, rest = self.part(left)
                return f"{name}[{part}][{again}]", (rest,)
            part, left = self.part(shape[0])
            return f"{name}[{part}]", (left,)
        rows, columns = shape
        i, j = self.index(scope, rows), self.index(scope, columns)
        (up, left), (across, right) = self.part(rows), self.part(columns)
        return self.pick(
            [
                (f"{name}[{i}]", (columns,)),
                (f"{name}[{i}, :]", (columns,)),
                (f"{name}[:, {j}]", (rows,)),
                (f"{name}[..., {j}]", (rows,)),
                (f"{name}.T[{j}]", (rows,)),
                (f"{name}[{up}, {across}]", (left, right)),
                (f"{name}[{up}]", (left, columns)),
                (f"{name}[{i}][{across}]", (right,)),
                (f"{name}[{up}, {j}]", (left,)),
                (f"{name}.T", (columns, rows)),
            ]
        )

    def written(self, scope: Scope, name: str | None = None) -> tuple[str, Shape]:
        """A part of an array in the way it is written to."""
        text, shape = self.place(scope, name)
        if text.endswith(".T"):  # an attribute can't be assigned
            text += self.pick(["[:]", "[...]"])
        return text, shape
