"""Scope: the names that the printed text may and may not use.

The text runs in the user's namespace. Names of the user's (globals, modules by the name
the user gave them) are used as they are; what else the text needs (`np`, `math`, a
helper, a derived callee, a class) is put into `cells`, for whoever loads it to bind.
Builtins are among it: a module may have a `len` or a `sum` of its own, or may get one.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from s2sad.emit.dialect import PYTHON, Dialect

MODULES = {
    "np": "numpy",
    "math": "math",
    "warnings": "warnings",
    "copy": "copy",
    "bisect": "bisect",
}


@dataclass(frozen=True)
class Names:
    """What the user's namespace calls things.

    `numpy` and `math` are the names of those modules there ("np", "jnp", "numpy"), or
    None; `taken` are all names that mean something there. `direct` maps the dotted name
    of a library function to the name that the user imported it under, as in
    {"math.sin": "sin"}; `values` are objects of that namespace which the text may name,
    its classes above all. Names of builtins in `shadowed` mean something else there;
    what those in `strange` mean to the user is not known where the text runs.
    """

    numpy: str | None = "np"
    math: str | None = "math"
    taken: frozenset[str] = frozenset()
    direct: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    shadowed: frozenset[str] = frozenset()
    strange: frozenset[str] = frozenset()

    def means_otherwise(self, head: str) -> bool:
        """Is `np` or `math` the user's name for something else?"""
        users = head in self.taken and head not in (self.numpy, self.math)
        return users and head in ("np", "math")


# Builtins that the printed text itself may call.
USED_BUILTINS = frozenset(
    "abs bool complex dict divmod enumerate float int len list map max min pow print"
    " range reversed round set slice sorted str sum tuple type zip isinstance any all"
    "".split()
)
NEVER = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | USED_BUILTINS


class Scope:
    """Names for modules, helpers and constants, and what has to be bound for them."""

    def __init__(
        self,
        names: Names,
        functions: Mapping[str, str],
        dialect: Dialect = PYTHON,
        params: Collection[str] = (),
    ) -> None:
        self.names = names
        self.dialect = dialect
        self.decorator = ""  # of the function that is written next
        self.functions = functions
        self.cells: dict[str, tuple[str, object]] = {}
        self.locals: set[str] = set()
        self.params = params  # of all functions: they keep their names
        self.kept: dict[str, list[str]] = {}  # names in forward halves, by the reverse

    def dotted(self, text: str, *, users: bool = False) -> str:
        """`np.sin` by the user's name of the module: `numpy.sin`.

        A word of the `users` means what it means in their namespace.
        """
        head, dot, rest = text.partition(".")
        if not dot:
            theirs = users and text in self.names.shadowed
            known = hasattr(builtins, text) and not theirs
            return self.builtin(text) if known else text
        if users and self.names.means_otherwise(head):
            return text
        if text in self.names.direct:
            return self.names.direct[text]
        if head == "np":
            return f"{self.module('np', self.names.numpy)}.{rest}"
        if head == "math":
            return f"{self.module('math', self.names.math)}.{rest}"
        if head in MODULES:
            return f"{self.module(head, None)}.{rest}"
        return text

    def knows(self, text: str) -> bool:
        """Does the first word of some text mean something where the text runs?"""
        head = text.partition(".")[0]
        names = self.names
        if head in names.strange:
            return False
        if not names.taken or head in MODULES or hasattr(builtins, head):
            return True
        return head in names.taken or head in (names.numpy, names.math)

    def module(self, short: str, name: str | None) -> str:
        if name is not None and name not in self.locals:
            return name
        return self.cell(short, ("module", MODULES[short]))

    def builtin(self, name: str) -> str:
        """A builtin by its name, or by another where that is the user's."""
        if name not in USED_BUILTINS:
            return name
        if name in self.names.shadowed or name in self.params:
            return self.cell(f"builtin_{name}", ("builtin", name))
        self.cells[name] = ("builtin", name)
        return name

    def helper(self, name: str) -> str:
        return self.cell(name, ("helper", name))

    def function(self, key: str) -> str:
        name = self.functions[key]
        self.cells.setdefault(name, ("function", key))
        return name

    def constant(self, value: object) -> str:
        """A value that has no text: a class, a function, an object of the user's."""
        for known, found in self.names.values.items():
            if found is value and known not in self.locals:
                return known
        name = getattr(value, "__name__", type(value).__name__.lower())
        name = "".join(c if c.isalnum() else "_" for c in name)
        return self.cell(name or "constant", ("value", value))

    def cell(self, name: str, tag: tuple[str, object]) -> str:
        """A name for something to be bound; one name for one thing."""
        for bound, known in self.cells.items():
            if known[0] == tag[0] and (known[1] is tag[1] or known[1] == tag[1]):
                return bound
        while (
            name in self.cells
            or name in self.locals
            or name in self.params
            or name in self.names.taken
            or (name in NEVER)
        ):
            name += "_"
        self.cells[name] = tag
        return name
