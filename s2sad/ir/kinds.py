"""Kinds: what lowering knows of a value before the program runs.

    kind = Scalar(dtype, size)            # Python's float, int; NumPy's float64, ...
         | Array(dtype, dims)             # an ndarray; dims is None: rank unknown
         | Tuple(items, cls)              # also NamedTuples
         | List(items) | List(None, elem) # known length | grown at run time
         | Dict(keys, items)
         | Table(key, elem)              # a dict whose keys the run finds
         | Object(cls, fields, items)     # attributes that were asked about
         | Tape(elem)                     # a list a derivative pushes to and pops from
         | Static(value)                  # a string, None, function, type, module, ...
         | Unknown()
         | Maybe(of)                      # None, or a value of a kind that is known

    dim  = int                            # exactly so many
         | "x.0"                          # some number that is *not* 1 (calls guard it)
         | "~..."                         # some number that may be 1
         | None                           # nothing known

Two dims that are the same string are the same number; that, and knowing which axes
have length 1, is what removes broadcasting code from a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

Dim = int | str | None

PYTHON_SCALARS = ("float", "int", "bool", "complex")


@dataclass(frozen=True)
class Kind:
    """What is known of a value; the base of all kinds."""


@dataclass(frozen=True)
class Scalar(Kind):
    """A number. `size` names an int that is known to be the length of an axis."""

    dtype: str
    size: Dim = None


@dataclass(frozen=True)
class Array(Kind):
    """An ndarray of `dtype`; `dims` has an entry per axis, or is None."""

    dtype: str
    dims: tuple[Dim, ...] | None = None

    @property
    def rank(self) -> int | None:
        return None if self.dims is None else len(self.dims)


@dataclass(frozen=True)
class Tuple(Kind):
    items: tuple[Kind, ...] = ()
    cls: type | None = None


@dataclass(frozen=True)
class List(Kind):
    items: tuple[Kind, ...] | None = None
    elem: Kind | None = None


@dataclass(frozen=True)
class Dict(Kind):
    keys: tuple[object, ...] = ()
    items: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Table(Kind):
    """A dict whose keys the run finds, and what they lead to: of one kind each."""

    key: Kind
    elem: Kind


@dataclass(frozen=True)
class Object(Kind):
    cls: type
    fields: tuple[str, ...] = ()
    items: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Tape(Kind):
    elem: Kind


@dataclass(frozen=True, eq=False)
class Static(Kind):
    """A value fixed while lowering; equal if the same object or an equal literal."""

    value: object

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return NotImplemented
        if self.value is other.value:
            return True
        plain = (str, bytes, bool, int, float, type(None), tuple, slice)
        return (
            type(self.value) is type(other.value)
            and isinstance(self.value, plain)
            and bool(self.value == other.value)
        )

    def __hash__(self) -> int:
        return hash((type(self.value).__name__, "Static"))


@dataclass(frozen=True)
class Unknown(Kind):
    pass


@dataclass(frozen=True)
class Maybe(Unknown):
    """None, or else of kind `of`: not to be computed with before it is taken for that
    (`present`), which is where Python would complain of None.
    """

    of: Kind


FLOAT = Scalar("float")
INT = Scalar("int")
BOOL = Scalar("bool")
COMPLEX = Scalar("complex")
FLOAT64 = Scalar("float64")
UNKNOWN = Unknown()


# ---- questions -----------------------------------------------------------------------


def is_float_dtype(dtype: str) -> bool:
    return dtype in ("float", "float64", "float32", "float16", "longdouble")


def is_numeric(kind: Kind) -> bool:
    return isinstance(kind, (Scalar, Array))


def is_real(kind: Kind) -> bool:
    """May a value of this kind carry a derivative by itself (float scalar or array)?"""
    return isinstance(kind, (Scalar, Array)) and is_float_dtype(kind.dtype)


def may_vary(kind: Kind) -> bool:
    """May a value of this kind carry a derivative, itself or in something it holds?"""
    if isinstance(kind, (Scalar, Array)):
        return is_float_dtype(kind.dtype)
    if isinstance(kind, (Tape, Table)):
        return may_vary(kind.elem)
    if isinstance(kind, List) and kind.items is None:
        return kind.elem is None or may_vary(kind.elem)
    if isinstance(kind, (Tuple, List, Dict, Object)):
        return any(may_vary(item) for item in kind.items or ())
    if isinstance(kind, Maybe):
        return may_vary(kind.of)
    return isinstance(kind, Unknown)


def is_python_scalar(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and kind.dtype in PYTHON_SCALARS


def is_one(dim: Dim) -> bool:
    return dim == 1


def is_not_one(dim: Dim) -> bool:
    """Is this axis known not to have length 1?"""
    return (isinstance(dim, int) and dim != 1) or (
        isinstance(dim, str) and not dim.startswith("~")
    )


def children(kind: Kind) -> tuple[Kind, ...]:
    """The kinds of what a container holds, in order; () for all else."""
    if isinstance(kind, (Tuple, Dict, Object)):
        return kind.items
    if isinstance(kind, List):
        return kind.items or ()
    return ()


# ---- names of lengths ----------------------------------------------------------------


def names_lengths(kind: Kind) -> bool:
    """Is a length in it called after a variable (`~n#12`)?"""
    if isinstance(kind, Scalar):
        return isinstance(kind.size, str) and "#" in kind.size
    if isinstance(kind, Array):
        return any(isinstance(dim, str) and "#" in dim for dim in kind.dims or ())
    return any(map(names_lengths, (*children(kind), *elements(kind))))


def elements(kind: Kind) -> tuple[Kind, ...]:
    """The one kind that all items of a grown list, a table or a tape have, or what may
    be None if it is not.
    """
    if isinstance(kind, (Tape, Table)):
        return (kind.elem,)
    if isinstance(kind, Maybe):
        return (kind.of,)
    return (kind.elem,) if isinstance(kind, List) and kind.elem is not None else ()


def with_lengths(kind: Kind, rename: Callable[[str], str]) -> Kind:
    """The same kind with other names of lengths."""

    def dim(old: Dim) -> Dim:
        return rename(old) if isinstance(old, str) else old

    def inner(kind: Kind) -> Kind:
        return with_lengths(kind, rename)

    if isinstance(kind, Scalar):
        return replace(kind, size=dim(kind.size))
    if isinstance(kind, Array):
        return (
            kind
            if kind.dims is None
            else replace(kind, dims=tuple(map(dim, kind.dims)))
        )
    if isinstance(kind, Tape):
        return Tape(inner(kind.elem))
    if isinstance(kind, Table):
        return Table(inner(kind.key), inner(kind.elem))
    if isinstance(kind, List):
        items = None if kind.items is None else tuple(map(inner, kind.items))
        return List(items, None if kind.elem is None else inner(kind.elem))
    if isinstance(kind, (Tuple, Dict, Object)):
        return replace(kind, items=tuple(map(inner, kind.items)))
    return Maybe(inner(kind.of)) if isinstance(kind, Maybe) else kind


# ---- text ----------------------------------------------------------------------------


def show(kind: Kind) -> str:
    """The kind as the printed IR and headers of emitted text write it."""
    if isinstance(kind, Scalar):
        return kind.dtype if kind.size is None else f"{kind.dtype}={kind.size}"
    if isinstance(kind, Array):
        if kind.dims is None:
            return f"{kind.dtype}[...]"
        dims = ("?" if dim is None else str(dim) for dim in kind.dims)
        return f"{kind.dtype}[{', '.join(dims)}]"
    if isinstance(kind, Tuple):
        return (
            f"({', '.join(map(show, kind.items))}{',' if len(kind.items) == 1 else ''})"
        )
    if isinstance(kind, List):
        if kind.items is None:
            return f"list of {show(kind.elem or UNKNOWN)}"
        return f"[{', '.join(map(show, kind.items))}]"
    if isinstance(kind, Dict):
        pairs = zip(kind.keys, kind.items, strict=True)
        return "{" + ", ".join(f"{key!r}: {show(item)}" for key, item in pairs) + "}"
    if isinstance(kind, Table):
        return f"table of {show(kind.key)} to {show(kind.elem)}"
    if isinstance(kind, Object):
        pairs = zip(kind.fields, kind.items, strict=True)
        inner = ", ".join(f"{key}: {show(item)}" for key, item in pairs)
        return f"{kind.cls.__qualname__}({inner})"
    if isinstance(kind, Tape):
        return f"tape of {show(kind.elem)}"
    if isinstance(kind, Static):
        value = kind.value
        plain = isinstance(value, (str, bytes, bool, int, float, type(None)))
        return (
            repr(value)
            if plain
            else getattr(value, "__qualname__", type(value).__name__)
        )
    return f"maybe {show(kind.of)}" if isinstance(kind, Maybe) else "?"
