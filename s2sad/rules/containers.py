"""Lists and tuples where NumPy takes an array: `np.sum([x, y])`, `np.array(rows)`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Kind, List, Scalar, Tuple, Unknown, may_vary
from s2sad.ir.nodes import Atom, Lit
from s2sad.rules import infer
from s2sad.rules.handles import Handle, build, is_lazy, lift
from s2sad.rules.registry import BadArguments

if TYPE_CHECKING:
    from s2sad.rules.primitive import Adjoints
    from s2sad.rules.reach import Reach


def is_sequence(kind: Kind) -> bool:
    return isinstance(kind, (List, Tuple))


def as_array_kind(kind: Kind) -> Kind:
    """The array that `np.asarray` makes of a value of this kind."""
    if isinstance(kind, (Scalar, Array, Unknown)):
        return kind
    if not isinstance(kind, (Tuple, List)):
        raise BadArguments("expects an array or numbers")
    if kind.items is None:
        inner = as_array_kind(kind.elem or UNKNOWN)  # type: ignore[union-attr]
        if isinstance(inner, Unknown):
            return UNKNOWN
        dims = infer.dims_of(inner)
        dtype = infer.promote([infer.strong(inner)])
        return Array(dtype, None if dims is None else (None, *dims))
    items = [as_array_kind(item) for item in kind.items]
    if not items:
        return Array("float64", (0,))
    if any(isinstance(item, Unknown) for item in items):
        return UNKNOWN
    inner_dims = infer.broadcast([infer.dims_of(item) for item in items])
    dims = None if inner_dims is None else (len(items), *inner_dims)
    return Array(infer.promote([infer.strong(item) for item in items]), dims)


def array_operand(b: Builder, atom: Atom) -> Handle:
    """A handle of an operand; of a list or tuple, the array it stands for."""
    found = lift(b, atom)
    return build("array", found) if is_sequence(found.kind) else found


def give(
    b: Builder, bars: Adjoints, arg: Atom, bar: Handle, reach: Reach | None = None
) -> None:
    """Add an adjoint to an operand, entry by entry if it is a list or tuple."""
    if is_sequence(arg.kind) and is_sequence(bar.kind):
        bars.add(arg, bar.atom, reach)  # of a copy: it is of the same entries
    elif is_sequence(arg.kind):
        if not isinstance(bar.kind, Scalar) and is_lazy(
            bar.kind, as_array_kind(arg.kind)
        ):
            bar = build("full_like", build("array", lift(b, arg)), bar)
        _give_items(b, bars, arg, arg.kind, bar, "", ())
    else:
        bars.add(arg, bar.atom, reach)


def _give_items(
    b: Builder,
    bars: Adjoints,
    arg: Atom,
    kind: Kind,
    bar: Handle,
    path: str,
    index: Sequence[Atom],
) -> None:
    if not is_sequence(kind):
        bars.add_at(arg, path, index, bar.atom)
        return
    if kind.items is None:  # type: ignore[attr-defined]
        if path:
            raise BadArguments("a list that grows inside a list is not supported here")
        if isinstance(kind.elem, Array):  # type: ignore[attr-defined]
            whole = bar
            if isinstance(bar.kind, Scalar):
                whole = build("full_like", build("array", lift(b, arg)), bar)
            bar = build("rows", whole, spelling="list")
        elif isinstance(bar.kind, Scalar):
            bar = build("repeated", lift(b, arg), bar)
        else:
            bar = build("tolist", bar)
        bars.add(arg, bar.atom)
        return
    for position, item in enumerate(kind.items):  # type: ignore[attr-defined]
        if may_vary(item):
            piece = (
                bar
                if isinstance(bar.kind, Scalar)
                else build("getitem", bar, position, path="[#]")
            )
            _give_items(
                b, bars, arg, item, piece, path + "[#]", (*index, Lit(position))
            )
