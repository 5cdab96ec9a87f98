"""Kinds along a path: what `getitem` gives, for arrays and containers."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dict,
    Dim,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Table,
    Tape,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.ir.paths import Attribute, Slice, Subscript, parse_path
from s2sad.rules.infer import array_or_scalar, axes, broadcast, dims_of
from s2sad.rules.joins import join_kinds
from s2sad.rules.registry import BadArguments
from s2sad.rules.signature import NOT_STATIC, static


def place_kind(base: Kind, path: str, index: Sequence[Atom]) -> Kind:
    """The kind of `base` at `path`."""
    for step in parse_path(path):
        if isinstance(step, Attribute):
            base = _attribute_kind(base, step.name)
        else:
            base = _subscript_kind(base, step, index)
    return base


def _attribute_kind(base: Kind, name: str) -> Kind:
    if isinstance(base, Object) and name in base.fields:
        return base.items[base.fields.index(name)]
    if isinstance(base, Tuple) and base.cls is not None:
        fields = getattr(base.cls, "_fields", ())
        if name in fields:
            return base.items[fields.index(name)]
    return UNKNOWN


def _subscript_kind(base: Kind, step: Subscript, index: Sequence[Atom]) -> Kind:
    if isinstance(base, Array):
        return array_place(base, step, index)
    (item,) = step.items if len(step.items) == 1 else (None,)
    if isinstance(base, (Tape, Table)):
        return base.elem
    if isinstance(base, Dict):
        key = static(index[item]) if isinstance(item, int) else NOT_STATIC
        for known, kind in zip(base.keys, base.items, strict=True):
            if type(known) is type(key) and known == key:
                return kind
        return common(base.items)
    if isinstance(base, (Tuple, List)):
        return _sequence_kind(base, item, index)
    return UNKNOWN


def _sequence_kind(base: Tuple | List, item: object, index: Sequence[Atom]) -> Kind:
    if base.items is None:
        if isinstance(item, Slice):
            return base
        return base.elem or UNKNOWN  # type: ignore[union-attr]
    if isinstance(item, Slice):
        bounds = [
            None if part is None else static(index[part])
            for part in (item.start, item.stop, item.step)
        ]
        if NOT_STATIC in bounds:
            if isinstance(base, Tuple):
                return UNKNOWN
            return List(None, common(base.items) if base.items else None)
        picked = base.items[slice(*bounds)]
        return List(picked) if isinstance(base, List) else Tuple(picked)
    where = static(index[item]) if isinstance(item, int) else NOT_STATIC
    if isinstance(where, int) and -len(base.items) <= where < len(base.items):
        return base.items[where]
    return common(base.items)


def common(kinds: Sequence[Kind]) -> Kind:
    """The kind of an item chosen at run time."""
    return functools.reduce(join_kinds, kinds) if kinds else UNKNOWN


# ---- arrays --------------------------------------------------------------------------


def is_advanced(kind: Kind) -> bool:
    """Does an index of this kind copy (an array, list or bool), not view?"""
    if isinstance(kind, Array):
        return kind.dims != () or kind.dtype == "bool"
    if isinstance(kind, Static):
        return isinstance(kind.value, (list, tuple))
    return isinstance(kind, (List, Tuple)) or (
        isinstance(kind, Scalar) and kind.dtype == "bool"
    )


def array_place(base: Array, step: Subscript, index: Sequence[Atom]) -> Kind:
    """The kind of `base[...]`: NumPy's basic and advanced indexing."""
    if base.dims is None:
        return Array(base.dtype, None)
    step, index = _spread(step, index)
    if any(isinstance(atom.kind, Unknown) for atom in index):
        return Array(base.dtype, None)  # a number, an array, or several in a tuple
    used = sum(_axes_used(item, index) for item in step.items)
    dims = list(base.dims)
    missing = len(dims) - used
    if missing < 0:
        raise BadArguments(f"too many indices for an array of {axes(len(dims))}")
    items = list(step.items)
    if ... in items:
        at = next(i for i, item in enumerate(items) if item is ...)
        items[at : at + 1] = [Slice(None, None, None)] * missing
    else:
        items += [Slice(None, None, None)] * missing
    return _walk_axes(base.dtype, dims, items, index)


def _spread(step: Subscript, index: Sequence[Atom]) -> tuple[Subscript, Sequence[Atom]]:
    """`A[ij]` with a tuple, as `np.ix_` gives one: an index for each axis."""
    if len(step.items) == 1 and isinstance(step.items[0], int):
        kind = index[step.items[0]].kind
        if isinstance(kind, Tuple):
            parts = tuple(Var("", item) for item in kind.items)
            return Subscript(tuple(range(len(parts))), True), parts
    return step, index


def _axes_used(item: object, index: Sequence[Atom]) -> int:
    if item is None or item is ...:
        return 0
    if isinstance(item, int):
        kind = index[item].kind
        if isinstance(kind, Array) and kind.dtype == "bool":
            if kind.dims is None:
                raise BadArguments("a mask of unknown rank is not supported")
            return len(kind.dims)
        value = static(index[item])
        if value is None or value is ... or is_bool(index[item]):
            return 0
        return mask_axes(index[item]) or 1
    return 1


def mask_axes(atom: Atom) -> int:
    """How many axes a list of bools takes: it is a mask, as an array of bools is."""
    value = static(atom)
    return _depth(value if isinstance(value, (list, tuple)) else atom.kind)


def _depth(mask: object) -> int:
    """How deep lists, or kinds of them, are nested that hold bools and nothing else."""
    if isinstance(mask, (List, Tuple)):
        items: Sequence[object] = mask.items or (getattr(mask, "elem", None),)
    elif isinstance(mask, (list, tuple)):
        items = mask
    else:
        return 0
    if items and all(map(_is_bool, items)):
        return 1
    depths = set(map(_depth, items))
    return depths.pop() + 1 if len(depths) == 1 and 0 not in depths else 0


def _is_bool(item: object) -> bool:
    if isinstance(item, Scalar):
        return item.dtype == "bool"
    return type(item).__name__ in ("bool", "bool_")


def is_bool(atom: Atom) -> bool:
    """Is it one bool? As an index it takes no axis, and adds one of length 0 or 1."""
    value, kind = static(atom), atom.kind
    return isinstance(value, bool) or (
        isinstance(kind, Scalar) and kind.dtype == "bool"
    )


def _walk_axes(
    dtype: str, dims: list[Dim], items: list[object], index: Sequence[Atom]
) -> Kind:
    out: list[Dim] = []
    advanced: list[tuple[Dim, ...] | None] = []
    spot, split, gap = 0, False, False
    axis = 0
    for item in items:
        atom = index[item] if isinstance(item, int) else None
        value = static(atom) if atom is not None else NOT_STATIC
        if item is None or (atom is not None and value is None):
            out.append(1)
            gap = True
            continue
        if isinstance(item, Slice) or isinstance(value, slice):
            out.append(
                _slice_dim(
                    dims[axis], item if isinstance(item, Slice) else value, index
                )
            )
            axis += 1
            gap = True
            continue
        assert atom is not None
        kind = atom.kind
        if not is_advanced(kind):
            axis += 1
            # an integer beside an index array takes part in its broadcasting
            shape: tuple[Dim, ...] | None = ()
        elif isinstance(kind, Array) and kind.dtype == "bool":
            axis += len(kind.dims or ())
            shape = (f"~{_operand(atom)}",)  # as many as are true
        elif is_bool(atom):
            known = isinstance(value, bool)
            shape = (int(value) if known else f"~{_operand(atom)}",)
        elif taken := mask_axes(atom):
            axis += taken
            known = isinstance(value, (list, tuple))
            shape = (_count(value) if known else f"~{_operand(atom)}",)
        else:
            axis += 1
            shape = _index_shape(kind)
        if not advanced:
            spot = len(out)
        elif gap:
            split = True
        gap = False
        advanced.append(shape)
    if all(shape == () for shape in advanced):
        return array_or_scalar(dtype, tuple(out))
    shape = broadcast(advanced)
    if shape is None:
        return Array(dtype, None)
    if split:
        spot = 0
    return array_or_scalar(dtype, (*out[:spot], *shape, *out[spot:]))


def _count(mask: object) -> int:
    """How many are true."""
    if isinstance(mask, (list, tuple)):
        return sum(map(_count, mask))
    return int(bool(mask))


def _index_shape(kind: Kind) -> tuple[Dim, ...] | None:
    if isinstance(kind, Array):
        return kind.dims
    if isinstance(kind, (List, Tuple)):
        if kind.items is None:
            return (None,)
        inner = (
            broadcast([_index_shape(item) for item in kind.items]) if kind.items else ()
        )
        return None if inner is None else (len(kind.items), *inner)
    if isinstance(kind, Static):
        import numpy as np

        return np.shape(kind.value)  # type: ignore[arg-type]
    return dims_of(kind)


def _slice_dim(dim: Dim, item: object, index: Sequence[Atom]) -> Dim:
    """How long a slice is: a number, or a name that says what was cut off."""
    if isinstance(item, slice):
        parts: list[object] = [item.start, item.stop, item.step]
        texts = ["" if part is None else repr(part) for part in parts]
    else:
        assert isinstance(item, Slice)
        atoms = [
            None if part is None else index[part]
            for part in (item.start, item.stop, item.step)
        ]
        parts = [None if atom is None else static(atom) for atom in atoms]
        texts = ["" if atom is None else _operand(atom) for atom in atoms]
    start, stop, step = parts
    if stop is None and (
        start in (None, 0) and step in (None, 1) or (start, step) == (None, -1)
    ):
        return dim
    if isinstance(dim, int) and NOT_STATIC not in parts:
        return len(range(dim)[slice(*parts)])
    if dim is None:
        return None
    cut = _cut_off(start, stop)
    whole = step is None or isinstance(step, int) and step > 0
    if cut is None or not whole or not isinstance(dim, str):
        return f"~{dim}[{':'.join(texts)}]"
    left = shortened(dim, cut) if cut else dim
    return left if step in (None, 1) else f"~{str(left).removeprefix('~')}//{step}"


def _cut_off(start: object, stop: object) -> int | None:
    """How many elements `[2:-1]` leaves out, of however many there are."""
    first, last = start or 0, stop or 0
    if not (isinstance(first, int) and isinstance(last, int)) or stop == 0:
        return None
    return first - last if first >= 0 >= last else None


LONGER = re.compile(r"~(\w[\w.]*)\+(\d+)")  # than an axis that is known not to be 1


def shortened(dim: str, cut: int) -> Dim:
    """The name of an axis of which `cut` elements are left out: `~x.0-2`."""
    if found := LONGER.fullmatch(dim):
        more = int(found[2]) - cut
        if more == 0:
            return found[1]
        return f"~{found[1]}{more:+}"
    base, minus, before = dim.partition("-")
    if minus and before.isdecimal():
        return f"{base}-{int(before) + cut}"
    return f"~{dim.removeprefix('~')}-{cut}"


def _operand(atom: Atom) -> str:
    if isinstance(atom, Lit):
        return repr(atom.value)
    return f"{atom.name}#{atom.serial}"
