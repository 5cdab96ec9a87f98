"""What a call must look like for a specialisation to serve it, as one Python condition.

    checks = Checks()
    checks.kind("x", Array("float64", (1, "x.1")))
    checks.text()   # type(x) is ndarray and x.dtype is float64 and x.ndim == 2 and ...

The text is compiled once per specialisation (see `dispatch.py`). Objects that it
compares with (types, dtypes, functions) are free variables in it, so that the names of
the user's function cannot get in the way; they are spelled with a prefix nobody uses.

Each term relies only on what the terms before it settled, and attributes and cells are
read with a default. Two things may raise: a global of the user's function is read as
the function reads it, by its name, which costs next to nothing; and where machine code
looks at dtypes and ranks of arrays itself (`trusted`), a length may be asked of an
array that has none. So `decided` catches what says that a name or a length is missing.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Collection, Sequence
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING

from s2sad.analysis.memory import are_apart, are_distinct, is_outside

if TYPE_CHECKING:
    from s2sad.ir.kinds import Array, Dim, Kind

PREFIX = "_s2_"
LARGE = 2**31  # whole numbers from here on are left to Python, which has no end of them
_PLAIN = {"float": float, "int": int, "bool": bool, "complex": complex}


class Missing:
    """What a name or attribute that does not exist compares as."""

    def __repr__(self) -> str:
        return "<missing>"


MISSING = Missing()


def read_cell(cell: CellType) -> object:
    """The value of a closure cell, also of one that is still empty."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


class Checks:
    """Terms of one condition and the objects that they name.

    `taken` are the names that mean something else where the condition stands.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.taken = taken
        self.trusted: Collection[str] = ()  # whose dtype and rank the callee looks at
        self.by_name = False  # whether a term reads globals by their names
        self.small: list[str] | None = None  # that whole numbers are, where it matters
        self.terms: list[str] = []
        self.objects: dict[str, object] = {}
        self._names: dict[int, str] = {}
        self._lengths: dict[str, str] = {}  # where a length was first met, by its name

    def text(self) -> str:
        return " and ".join(dict.fromkeys(self.terms)) or "True"

    def decided(self) -> tuple[list[str], str]:
        """Lines that come before the condition where it stands, and the condition."""
        raised: list[type] = [NameError] if self.by_name else []
        raised += [TypeError, IndexError] if self.trusted else []
        if not raised:
            return [], self.text()
        fits = f"{PREFIX}fits"
        lines = ["try:", f"    {fits} = {self.text()}"]
        caught = ", ".join(self.name(error, error.__name__) for error in raised)
        lines += [f"except ({caught}):", f"    {fits} = False"]
        return lines, fits

    def begin(self, trusted: Collection[str] = ()) -> None:
        """Another condition, which may name the same objects."""
        self.terms, self.by_name, self.trusted = [], False, trusted
        self.small = None
        self._lengths = {}

    def name(self, value: object, hint: str = "k") -> str:
        """A free variable that holds `value`; the same one for the same object."""
        known = self._names.get(id(value))
        if known is None:
            word = "".join(c if c.isalnum() else "_" for c in hint)
            known = f"{PREFIX}{word}"
            while known in self.objects:
                known += "_"
            self.objects[known] = value
            self._names[id(value)] = known
        return known

    def add(self, term: str) -> None:
        self.terms.append(term)

    # ---- terms -----------------------------------------------------------------------

    def same(self, text: str, value: object) -> None:
        """The value is this very object."""
        if value is None or value is True or value is False or value is ...:
            self.add(f"{text} is {value!r}")
            return
        self.add(f"{text} is {self.name(value, getattr(value, '__name__', 'k'))}")

    def code(self, text: str, code: CodeType) -> None:
        """The value is a function with this code (closures are made anew each time)."""
        read = f"{self.name(getattr, 'getattr')}({text}, '__code__', None)"
        self.add(f"{read} is {self.name(code, 'code_' + code.co_name)}")

    def type(self, text: str, cls: type) -> None:
        self.add(f"{self.name(type, 'type')}({text}) is {self.name(cls, cls.__name__)}")

    def equal(self, text: str, value: object) -> None:
        """The value is of the same type and equal (a string, a number, a slice)."""
        self.type(text, type(value))
        if isinstance(value, (float, complex)):
            # nan equals nothing, and 0.0 equals -0.0: compare what is printed
            shown = self.name(repr, "repr")
            self.add(f"{shown}({text}) == {repr(value)!r}")
        elif isinstance(value, tuple):
            self.length(text, len(value))
            for i, item in enumerate(value):
                self.static(f"{text}[{i}]", item)
        else:
            self.add(f"{text} == {self.name(value)}")

    def length(self, text: str, count: int) -> None:
        self.add(f"{self.name(len, 'len')}({text}) == {count}")

    def static(self, text: str, value: object) -> None:
        """The value is what lowering took it for."""
        plain = (str, bytes, int, float, complex, tuple, slice)
        if isinstance(value, plain) and not isinstance(value, bool):
            self.equal(text, value)
        else:
            self.same(text, value)

    def apart(self, first: str, second: str) -> None:
        """Two values share no memory."""
        self.add(f"{self.name(are_apart, 'apart')}({first}, {second})")

    def outside(self, first: str, second: str) -> None:
        """Nothing in the second value leads to the first, a list, dict or object."""
        self.add(f"{self.name(is_outside, 'outside')}({first}, {second})")

    def one(self, first: str, second: str, value: bool) -> None:
        """Two values are one and the same, or are not."""
        self.add(f"{first} is {'' if value else 'not '}{second}")

    def whole(self, text: str, value: bool) -> None:
        """The elements of an array lie one after the other, or do not."""
        self.add(f"{text}.flags.c_contiguous is {value}")

    def distinct(self, text: str) -> None:
        """The arrays in a container share no memory."""
        self.add(f"{self.name(are_distinct, 'distinct')}({text})")

    def attribute(self, text: str, name: str) -> str:
        """The text that reads an attribute, or `MISSING`."""
        read = self.name(getattr, "getattr")
        return f"{read}({text}, {name!r}, {self.name(MISSING, 'missing')})"

    def outer(self, name: str, namespace: object) -> str:
        """The text that reads a global of the function at hand, or a builtin."""
        if name not in self.taken:
            self.by_name = True
            return name
        default = getattr(builtins, name, MISSING)
        scope = self.name(namespace, "globals")
        return f"{scope}.get({name!r}, {self.name(default, 'default_' + name)})"

    def kind(self, text: str, kind: Kind) -> None:
        """The value is of this kind."""
        # not before there is a call to check: who imports operators may make none
        from s2sad.ir.kinds import Array, Dict, List, Object, Scalar, Static, Tuple

        if isinstance(kind, Scalar):
            self.type(text, scalar_type(kind.dtype))
            if kind.dtype == "int" and self.small is not None:
                self.small.append(f"{-LARGE} < {text} < {LARGE}")
        elif isinstance(kind, Array):
            self._array(text, kind)
        elif isinstance(kind, Tuple):
            self.type(text, kind.cls or tuple)
            self._items(text, kind.items)
        elif isinstance(kind, List):
            self.type(text, list)
            if kind.items is not None:
                self._items(text, kind.items)
            elif kind.elem is not None:
                probe = Checks()
                if self.small is not None:
                    probe.small = probe.terms
                probe.kind("v", kind.elem)
                test = self.name(_predicate(probe), "each")
                every, each = self.name(all, "all"), self.name(map, "map")
                self.add(f"{every}({each}({test}, {text}))")
        elif isinstance(kind, Dict):
            self.type(text, dict)
            keys = self.name(kind.keys, "keys")
            self.add(f"{self.name(tuple, 'tuple')}({text}) == {keys}")
            for key, item in zip(kind.keys, kind.items):
                place = repr(key) if isinstance(key, (str, int)) else self.name(key)
                self.kind(f"{text}[{place}]", item)
        elif isinstance(kind, Object):
            self.type(text, kind.cls)
            for field, item in zip(kind.fields, kind.items):
                self.kind(self.attribute(text, field), item)
        elif isinstance(kind, Static):
            self.static(text, kind.value)

    def _items(self, text: str, items: tuple[Kind, ...]) -> None:
        self.length(text, len(items))
        for i, item in enumerate(items):
            self.kind(f"{text}[{i}]", item)

    def _array(self, text: str, kind: Array) -> None:
        numpy = sys.modules["numpy"]
        self.type(text, numpy.ndarray)
        if text not in self.trusted:
            dtype = self.name(numpy.dtype(kind.dtype), f"dtype_{kind.dtype}")
            # An unpickled array has a dtype object of its own.
            self.add(f"({text}.dtype is {dtype} or {text}.dtype == {dtype})")
        if kind.dims is None:
            return
        if text not in self.trusted:
            self.add(f"{text}.ndim == {len(kind.dims)}")
        if kind.dims and all(isinstance(d, str) and d[0] != "~" for d in kind.dims):
            if len(kind.dims) == 1:
                self.add(f"{self.name(len, 'len')}({text}) != 1")
            else:
                self.add(f"1 not in {text}.shape")
            self._equal(text, kind.dims)
            return
        for axis, dim in enumerate(kind.dims):
            if isinstance(dim, int):
                self.add(f"{text}.shape[{axis}] == {dim}")
            elif isinstance(dim, str) and not dim.startswith("~"):
                self.add(f"{text}.shape[{axis}] != 1")
        self._equal(text, kind.dims)

    def _equal(self, text: str, dims: Sequence[Dim]) -> None:
        """Axes of one name are of one length."""
        for axis, dim in enumerate(dims):
            if isinstance(dim, str) and not dim.startswith("~"):
                place = f"{text}.shape[{axis}]"
                first = self._lengths.setdefault(dim, place)
                if first != place:
                    self.add(f"{place} == {first}")


def scalar_type(dtype: str) -> type:
    """The Python type of a scalar of this dtype."""
    plain = _PLAIN.get(dtype)
    return plain or sys.modules["numpy"].dtype(dtype).type


def _predicate(checks: Checks) -> FunctionType:
    """The condition on `v` as a function."""
    scope: dict[str, object] = dict(checks.objects)
    exec(f"def each(v): return {checks.text()}", scope)
    each = scope["each"]
    assert isinstance(each, FunctionType)
    return each


def compile_condition(checks: Checks, parameter: str) -> FunctionType:
    """The condition as a function of one parameter (for tests and slow paths)."""
    scope: dict[str, object] = dict(checks.objects)
    exec(f"def condition({parameter}): return {checks.text()}", scope)
    condition = scope["condition"]
    assert isinstance(condition, FunctionType)
    return condition


__all__ = [
    "LARGE", "MISSING", "PREFIX", "Checks", "compile_condition", "read_cell",
    "scalar_type",
]  # fmt: skip
