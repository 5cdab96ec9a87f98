"""How an element of a view is read from the array that it is a view of.

x[1:-1]             element i is x[i + 1]
A[:, None, j]       element (i, k) is A[i, j]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from s2sad.emit.numba.lengths import PATH, SHAPE
from s2sad.ir.kinds import INT, Array, Dim, Scalar, Tuple
from s2sad.ir.nodes import NO_ATTRS, Atom, Lit, Op, Stmt, Var
from s2sad.ir.paths import Slice, Subscript, parse_path


@dataclass(frozen=True, eq=False)
class Access:
    """`spec` has, for each axis of `root`, the axis of the view that it is run through
    with, and what is added to the index; or None, and the index itself. `cut` says how
    much of an axis a slice leaves out, None where that is not known.
    """

    root: Var
    spec: tuple[tuple[int | None, Atom | int], ...]
    dims: tuple[Dim, ...]
    cut: tuple[int | None, ...]  # for each axis of the root

    @staticmethod
    def whole(root: Atom) -> Access | None:
        kind = root.kind
        if not isinstance(root, Var) or not isinstance(kind, Array):
            return None
        if kind.dims is None:
            return None
        count = len(kind.dims)
        spec = tuple((axis, 0) for axis in range(count))
        return Access(root, spec, kind.dims, (0,) * count)

    def covers(self) -> bool:
        """Is each axis of the view run through by one of the root?"""
        axes = [axis for axis, _ in self.spec if axis is not None]
        return sorted(axes) == list(range(len(self.dims)))

    def in_order(self) -> bool:
        """Is the order of its axes that of the root's?"""
        axes = [axis for axis, _ in self.spec if axis is not None]
        return axes == sorted(axes)

    def offsets(self) -> tuple[int, ...] | None:
        """What is added to the index along each axis, in the order of the loops; None
        where the order of the elements is not that of the trips.
        """
        if not self.in_order() or any(axis is None for axis, _ in self.spec):
            return None
        offsets = [by for _, by in self.spec]
        plain = all(isinstance(by, int) for by in offsets)
        return tuple(offsets) if plain else None  # type: ignore[arg-type]

    def through(self, op: Op) -> Access | None:
        """The view of this view that an operation takes."""
        if op.prim == "getitem":
            found = access_of(self, str(op.attrs["path"]), op.args[1:])
        else:
            axis = op.attrs.get("axis")
            if type(axis) is not int:
                return None
            parts = [":"] * len(self.dims)
            parts.insert(axis % (len(self.dims) + 1), "None")
            found = access_of(self, f"[{', '.join(parts)}]", ())
        kind = op.outs[0].kind
        if found is None or not isinstance(kind, Array) or kind.dims is None:
            return None
        if len(kind.dims) != len(found.dims):
            return None
        return Access(found.root, found.spec, kind.dims, found.cut)

    def lengths(self, sliced: bool, stmts: list[Stmt]) -> dict[int, Atom]:
        """The length of each axis that the root tells: of whole ones, or of slices."""
        found: dict[int, Atom] = {}
        assert isinstance(self.root.kind, Array)
        dims = self.root.kind.dims or ()
        for number, (axis, _) in enumerate(self.spec):
            cut = self.cut[number]
            if axis is None or cut is None or bool(cut) is not sliced:
                continue
            dim = dims[number]
            if isinstance(dim, int):
                found[axis] = Lit(max(dim - cut, 0))
                continue
            length = Var("", INT)
            if number == 0:
                stmts.append(Op((length,), "len", (self.root,), NO_ATTRS))
            else:
                shape = Var("", Tuple((INT,) * len(dims)))
                stmts.append(Op((shape,), "shape", (self.root,), SHAPE))
                stmts.append(Op((length,), "getitem", (shape, Lit(number)), PATH))
            if cut:
                less = Var("", INT)
                stmts.append(Op((less,), "sub", (length, Lit(cut)), NO_ATTRS))
                length = less
            found[axis] = length
        return found


def access_of(
    view: Access | None, path: str, operands: Sequence[Atom]
) -> Access | None:
    """A part of a view, by one subscript of slices, ints and new axes."""
    steps = parse_path(path)
    if view is None or len(steps) != 1 or not isinstance(steps[0], Subscript):
        return None
    items = list(steps[0].items)
    if ... in items:
        return None
    count = sum(item is not None for item in items)
    if count > len(view.dims):
        return None
    items += [Slice(None, None, None)] * (len(view.dims) - count)
    spec = list(view.spec)
    cut = list(view.cut)
    dims: list[Dim] = []
    where = {axis: k for k, (axis, _) in enumerate(view.spec) if axis is not None}
    old = 0
    new_axes: dict[int, int] = {}
    fixed: dict[int, Atom] = {}
    for item in items:
        if item is None:
            dims.append(1)
            continue
        place = where.get(old)
        if isinstance(item, Slice):
            start = bound(item.start, operands, 0)
            if start is None or item.step is not None or start < 0:
                return None
            less = left_out(item, operands, start)
            if place is not None:
                axis, by = spec[place]
                if start and not isinstance(by, int):
                    return None
                spec[place] = (axis, by + start if isinstance(by, int) else by)
                before = cut[place]
                cut[place] = None if less is None or before is None else before + less
            elif start:
                return None
            whole = item.start is None and item.stop is None
            dims.append(view.dims[old] if whole else None)
            new_axes[old] = len(dims) - 1
        else:
            assert isinstance(item, int)
            index = operands[item]
            if not isinstance(index.kind, Scalar) or place is None:
                return None
            if spec[place][1] != 0 or isinstance(index, Lit) and negative(index):
                return None
            fixed[place] = index
        old += 1
    made = []
    for place, (axis, by) in enumerate(spec):
        if place in fixed:
            made.append((None, fixed[place]))
        elif axis is None:
            made.append((None, by))
        else:
            made.append((new_axes[axis], by))
    return Access(view.root, tuple(made), tuple(dims), tuple(cut))


def negative(index: Lit) -> bool:
    return not isinstance(index.value, int) or index.value < 0


def bound(part: int | None, operands: Sequence[Atom], default: int) -> int | None:
    """A literal bound of a slice."""
    if part is None:
        return default
    atom = operands[part]
    if isinstance(atom, Lit) and type(atom.value) is int:
        return atom.value
    return None


def left_out(item: Slice, operands: Sequence[Atom], start: int) -> int | None:
    """How many elements of an axis a slice leaves out, if that is always the same."""
    stop = bound(item.stop, operands, 0)
    if stop is None or stop > 0 or (item.stop is not None and stop == 0):
        return None
    return start - stop


def broadcast(view: Access, dims: tuple[Dim, ...]) -> Access | None:
    """The view as an operand of an operation over these axes."""
    more = len(dims) - len(view.dims)
    if more < 0:
        return None
    spec: list[tuple[int | None, Atom | int]] = []
    for axis, by in view.spec:
        if axis is None:
            spec.append((None, by))
        elif view.dims[axis] == 1:
            if not isinstance(by, int):
                return None
            spec.append((None, by))
        elif view.dims[axis] == dims[axis + more]:
            spec.append((axis + more, by))
        else:
            return None
    return Access(view.root, tuple(spec), dims, view.cut)
