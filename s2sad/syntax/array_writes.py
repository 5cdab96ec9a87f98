"""Calls that write into arrays: `out=`, `where=`, `np.add.at`, `np.copyto`, `x.sort()`.

np.multiply(x, y, out=z)            z becomes x * y
np.log(x, out=z, where=x > 0)       z[x > 0] = np.log(x[x > 0])
np.add.at(x, i, v)                  adds for each time that an index is named
np.copyto(x, v), x.fill(v)          x[...] = v
x.sort()                            x[...] = np.sort(x)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import BuiltinMethodType, FunctionType
from typing import Any

import numpy as np

from s2sad.ir.kinds import Array, List, Scalar, Tuple, Unknown, is_not_one
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.rules import TABLE, lookup
from s2sad.syntax import written_out
from s2sad.syntax.frame import Frame
from s2sad.syntax.functions import body_of, start
from s2sad.syntax.inline import move_in
from s2sad.syntax.read import Reading
from s2sad.syntax.run import Task, run
from s2sad.syntax.subscripts import (
    Parts,
    add_item,
    get_item,
    opened,
    writable,
    write_item,
)
from s2sad.syntax.values import BAD, Known, Pack, Ref
from s2sad.syntax.views import flat_view

# NumPy does not say what they give where `out` overlaps an operand.
NOT_IN_PLACE = frozenset(
    "dot einsum take compress choose tensordot outer inner".split()
)


def store(f: Frame, ref: Ref, value: Atom, node: ast.AST) -> None:
    """`ref[...] = value`; what was computed for it takes its place."""
    if value is BAD or not writable(f, ref, node):
        return
    if not ref.path and isinstance(value, Var) and value.kind == f.kind(ref):
        value.name = value.name or ref.storage.name
        f.write(ref.storage, value, node)
        return
    assign(f, ref, value, node)


def assign(f: Frame, ref: Ref, value: Atom, node: ast.AST) -> None:
    """`ref[...] = value`."""
    if value is BAD or not writable(f, ref, node):
        return
    content = f.content(ref.storage)
    attrs = {"path": ref.path or "[...]"}
    operands = (content, value, *ref.operands)
    new = f.op("setitem", operands, node, attrs, ref.storage.name)
    if new is not BAD:
        f.write(ref.storage, new, node, False)


def is_target(f: Frame, value: Any) -> bool:
    return isinstance(value, Ref) and isinstance(f.kind(value), Array)


# ---- out= and where= -----------------------------------------------------------------


def outputs(
    f: Frame, value: Any, args: list[Any], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any], Any, Any]:
    """The arguments without `out` and `where`, and these; None where not given."""
    kwargs = dict(kwargs)
    out = kwargs.pop("out", None)
    where = None
    if isinstance(value, np.ufunc):
        where = kwargs.pop("where", None)
        if len(args) > value.nin and value.nout == 1:
            args, out = args[: value.nin], args[value.nin]
    if isinstance(out, Pack) and len(out.items) == 1:
        (out,) = out.items
    if out is not None and not isinstance(out, Ref) and f.static(out) is None:
        out = None
    if where is not None and f.static(where) is True:
        where = None
    return args, kwargs, out, where


def call_into(
    f: Frame,
    primitive: Any,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    spelling: str,
    out: Any,
    where: Any,
) -> Task:
    """A function that writes its result into an array; gives that array."""
    from s2sad.syntax.calls import call_primitive
    from s2sad.syntax.spelling import out_text

    name = out_text(f, node)
    if not is_target(f, out):
        return f.refuse("out", node, function=spelling, name=name)
    if primitive.name in NOT_IN_PLACE:
        others = (a.storage for a in args if isinstance(a, Ref))
        if any(s is out.storage or s in out.storage.maybe for s in others):
            return f.refuse("overlapping-write", node, name=name)
    if where is None:
        result = yield call_primitive(f, primitive, args, kwargs, node, spelling)
        atom = result if result is BAD else f.atom(result, node)
        store(f, out, atom, node)
        return BAD if atom is BAD else out
    mask = f.atom(where, node)
    if mask is BAD:
        return BAD
    picked = [masked(f, a, out, mask, node) for a in args]
    if BAD in picked:
        return BAD
    mask = full_mask(f, out, mask, node)
    result = yield call_primitive(f, primitive, picked, kwargs, node, spelling)
    if result is not BAD:
        write_item(f, out, Parts((mask,), False), result, node)
    return BAD if result is BAD else out


def dims_of(f: Frame, value: Any) -> Any:
    return getattr(f.kind(value), "dims", ())


def same_shape(mine: Any, its: Any) -> bool:
    """Must these be one shape, if one is to broadcast to the other?"""
    if mine is None or its is None or len(mine) != len(its):
        return False
    return all(
        a == b and a is not None or is_not_one(a) and is_not_one(b)
        for a, b in zip(mine, its)
    )


def full_mask(f: Frame, out: Ref, mask: Any, node: ast.AST) -> Any:
    """The mask in the shape of what is written."""
    if same_shape(dims_of(f, mask), dims_of(f, out)):
        return mask
    shape = f.op("shape", (f.atom(out, node),), node, {"spelling": ".shape"})
    return f.op("broadcast_to", (mask, shape), node)


def masked(f: Frame, value: Any, out: Ref, mask: Any, node: ast.AST) -> Any:
    """An operand where the mask holds; a number is the same everywhere."""
    atom = f.atom(value, node)
    if atom is BAD or isinstance(atom.kind, Scalar) or dims_of(f, atom) == ():
        return atom
    mask = full_mask(f, out, mask, node)
    if not same_shape(dims_of(f, atom), dims_of(f, out)):
        shape = f.op("shape", (f.atom(out, node),), node, {"spelling": ".shape"})
        atom = f.op("broadcast_to", (atom, shape), node)
    if BAD in (atom, mask):
        return BAD
    return f.op("getitem", (atom, mask), node, {"path": "[#]"})


# ---- functions and methods -----------------------------------------------------------

Writer = Callable[..., Task]


def writer_of(value: Any) -> Writer | None:
    """What lowers a call of this function, if it is one that writes."""
    if isinstance(value, BuiltinMethodType) and value.__name__ == "at":
        ufunc = value.__self__
        if isinstance(ufunc, np.ufunc):
            return lambda f, args, kwargs, node: at(f, ufunc, args, node)
    try:
        return FUNCTIONS.get(value)
    except TypeError:  # not hashable
        return None


def refused(f: Frame, node: ast.AST) -> Any:
    target = getattr(node, "args", None) or [getattr(node, "func", node)]
    return f.refuse("write-to-write", node, name=f.text(target[0]))


def given(names: str, args: list[Any], kwargs: dict[str, Any]) -> list[Any] | None:
    """The arguments in this order, None for each left out; None if there are more."""
    order = names.split()
    found = dict(zip(order, args)) | kwargs
    if len(args) > len(order) or set(found) - set(order):
        return None
    return [found.get(name) for name in order]


def at(f: Frame, ufunc: np.ufunc, args: list[Any], node: ast.AST) -> Task:
    """`np.add.at(a, indices, b)`: an index that repeats counts each time."""
    if len(args) != 1 + ufunc.nin or not is_target(f, args[0]):
        return refused(f, node)
    base, index, *more = args
    parts = Parts(index.items, True) if isinstance(index, Pack) else None
    if parts is None:
        parts = opened(f, base, Parts((index,), False), node)
    if len(parts.items) == 1:
        parts = Parts(parts.items, False)
    if ufunc in (np.add, np.subtract):
        value = f.atom(more[0], node)
        if ufunc is np.subtract and value is not BAD:
            value = f.op("neg", (value,), node)
        if value is not BAD:
            add_item(f, base, parts, value, node, node)
        return Lit(None)
    name = f"np.{ufunc.__name__}"
    if not any(may_repeat(f, part) for part in parts.items):
        old = get_item(f, base, parts, node)
        from s2sad.syntax.calls import call_primitive

        primitive = lookup(ufunc)
        if old is BAD or primitive is None:
            return refused(f, node)
        new = yield call_primitive(f, primitive, [old, *more], {}, node, name)
        write_item(f, base, parts, new, node)
        return Lit(None)
    pair = len(parts.items) == 2 and f.kind(base).rank == 2  # type: ignore[attr-defined]
    if parts.is_tuple and not pair:
        return refused(f, node)
    for part in parts.items:
        kind = f.kind(part)
        if parts.is_tuple and not may_repeat(f, part):
            return refused(f, node)  # one row, and several columns of it
        if isinstance(kind, Array) and kind.rank != 1:
            return refused(f, node)
    ranks = [len(dims_of(f, each) or ()) for each in (base, *more)]
    at_each, same, alone = AT_PAIRS if pair else AT_EACH
    body = alone
    if more:
        whole = ranks[1] == (1 if pair else ranks[0]) and ranks[0] > 0
        body = at_each if whole else same
    return in_place(f, body, [Known(ufunc, name), base, *parts.items, *more], node)


AT_EACH = written_out.at_each, written_out.at_each_same, written_out.at_each_alone
AT_PAIRS = written_out.at_pairs, written_out.at_pairs_same, written_out.at_pairs_alone


def may_repeat(f: Frame, part: Any) -> bool:
    kind = f.kind(part)
    if isinstance(kind, Array):
        return kind.dtype != "bool" and kind.dims != ()
    return isinstance(kind, (List, Tuple, Unknown))


def copyto(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = given("dst src casting where", args, kwargs)
    if found is None or not is_target(f, found[0]):
        return refused(f, node)
    dst, src, _, where = found
    if where is None or f.static(where) is True:
        assign(f, dst, f.atom(src, node), node)
        return Lit(None)
    return putmask(f, [dst, where, src], {}, node, spread=True)
    yield


def putmask(
    f: Frame, args: list[Any], kwargs: Any, node: ast.AST, spread: bool = False
) -> Any:
    """`a[mask] = values[mask]`."""
    found = given("a mask values", args, kwargs)
    if found is None or not is_target(f, found[0]):
        return refused(f, node)
    base, mask, values = found
    atom = f.atom(mask, node)
    if atom is BAD:
        return BAD
    scalar = isinstance(f.kind(values), Scalar) or dims_of(f, values) == ()
    if not spread and not scalar and dims_of(f, values) != dims_of(f, base):
        return refused(f, node)  # it would begin anew where the values end
    picked = masked(f, values, base, atom, node)
    full = full_mask(f, base, atom, node)
    if BAD not in (picked, full):
        write_item(f, base, Parts((full,), False), picked, node)
    return Lit(None)


def putmask_task(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    return putmask(f, args, kwargs, node)
    yield


def put(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = given("a ind v mode", args, kwargs)
    if found is None or found[3] is not None or not is_target(f, found[0]):
        return refused(f, node)
    base = found[0]
    if f.kind(base).rank != 1:  # type: ignore[attr-defined]
        base = flat_view(f, base, node, written=True)
    return in_place(f, written_out.put, [base, *found[1:3]], node)
    yield


def fill_diagonal(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = given("a val wrap", args, kwargs)
    if found is None or not is_target(f, found[0]):
        return refused(f, node)
    again = False if found[2] is None else f.static(found[2])
    bodies = {
        (2, False): written_out.fill_diagonal,
        (2, True): written_out.fill_diagonal_again,
        (3, False): written_out.fill_diagonal_of_cube,
        (3, True): written_out.fill_diagonal_of_cube,
    }
    body = bodies.get((f.kind(found[0]).rank, again))  # type: ignore[attr-defined]
    if body is None or again is f.NOT_STATIC:
        return refused(f, node)
    return in_place(f, body, found[:2], node)
    yield


def put_along_axis(f: Frame, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = given("arr indices values axis", args, kwargs)
    if found is None or not is_target(f, found[0]):
        return refused(f, node)
    rank, axis = f.kind(found[0]).rank, f.static(found[3])  # type: ignore[attr-defined]
    if rank == 1:
        body: FunctionType = written_out.put
    elif rank == 2 and axis in (0, 1, -1, -2):
        columns = axis in (0, -2)
        body = written_out.put_along_columns if columns else written_out.put_along_rows
    else:
        return refused(f, node)
    return in_place(f, body, found[:3], node)
    yield


FUNCTIONS: dict[Any, Writer] = {
    np.copyto: copyto,
    np.putmask: putmask_task,
    np.put: put,
    np.fill_diagonal: fill_diagonal,
    np.put_along_axis: put_along_axis,
}


def fill(f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST) -> Task:
    found = given("value", args, kwargs)
    if found is None:
        return refused(f, node)
    assign(f, base, f.atom(found[0], node), node)
    return Lit(None)
    yield


def rearranged(name: str) -> Writer:
    """`x.sort()`: `x` becomes `np.sort(x)`."""

    def change(
        f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
    ) -> Task:
        from s2sad.syntax.calls import call_primitive

        primitive = TABLE[name]
        result = yield call_primitive(
            f, primitive, [base, *args], kwargs, node, f"np.{name}"
        )
        if result is not BAD:
            store(f, base, f.atom(result, node), node)
        return Lit(None)

    return change


def put_method(
    f: Frame, base: Ref, args: list[Any], kwargs: Any, node: ast.AST
) -> Task:
    return (yield put(f, [base, *args], kwargs, node))


METHODS: dict[str, Writer] = {
    "fill": fill,
    "sort": rearranged("sort"),
    "partition": rearranged("partition"),
    "put": put_method,
}


def fill_flat(f: Frame, base: Ref, value: Any, node: ast.AST) -> None:
    """`x.flat = value`: a number everywhere, or as many as there are elements."""
    kind = f.kind(value)
    if not isinstance(kind, Scalar) and dims_of(f, value) != dims_of(f, base):
        refused(f, node)  # it would begin anew where the values end
        return
    assign(f, base, f.atom(value, node), node)


# ---- bodies lowered in the place of a call -------------------------------------------


@dataclass(frozen=True, eq=False)
class Quoting(Reading):
    """A body of ours of which every statement stands where the user's call does."""

    here: Any = None

    def span(self, node: ast.AST) -> Any:
        return self.here


class Borrowed(Frame):
    """A body of ours: to the reader all of it is the user's call."""

    call: ast.AST

    @contextmanager
    def at(self, node: ast.AST) -> Iterator[None]:
        yield

    def place(self, node: ast.AST) -> Any:
        assert self.host is not None
        return self.host.place(self.call)

    def text(self, node: ast.AST) -> str:
        assert self.host is not None
        return self.host.text(self.call)


def in_place(f: Frame, function: FunctionType, args: list[Any], node: ast.AST) -> Any:
    """Lower the body of a function of `written_out` here and now."""
    found = f.session.reading(function)
    reading = Quoting(**vars(found), here=f.reading.span(node))
    g = Borrowed(f.session, reading, function.__name__, function)
    move_in(g, f)
    g.call = node
    names = [arg.arg for arg in reading.node.args.args]
    for name, value in zip(names, args, strict=True):
        g.state.env[name] = f.refer(value)
    run(body_of(g), start(g))
    f.state.store = g.state.store
    return Lit(None)
