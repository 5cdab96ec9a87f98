"""Operations: what Numba takes as it is, what in another form, and what it does not.

    path_bar.item(i)               path_bar[i]
    x.mean(axis=0)                 x.sum(axis=0) / x.shape[0]
    x.max(axis=1)                  max_of_rows(x)      a helper, compiled with the rest
    x[1:] += x[:-1]                x[1:] += x[:-1].copy()

A row of `REWRITES` is such a form (`einsum.py` adds one), one of `REFUSED` says why
there is none. What stands in neither is spelled for Numba as it is for Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from s2sad.emit.families import Families
from s2sad.emit.sharing import VIEWS
from s2sad.ir.kinds import INT, Array, Kind, List, Scalar, Static, Tuple
from s2sad.ir.nodes import NO_ATTRS, Atom, Lit, Op, Span, Stmt, Var
from s2sad.ir.paths import parse_path


class Misfitting(Exception):
    """An operation that has no form Numba would take; says why."""

    span: Span | None = None


@dataclass
class Here:
    """The operation at hand, what comes before it, and what takes its place."""

    op: Op
    makers: Mapping[Var, Op]
    families: Families
    stmts: list[Stmt] = field(default_factory=list)

    def new(
        self,
        prim: str,
        args: Sequence[Atom],
        kind: Kind,
        **attrs: object,
    ) -> Var:
        """The result of another operation, before this one."""
        out = Var("", kind)
        self.put((out,), prim, args, attrs)
        return out

    def last(self, prim: str, args: Sequence[Atom], **attrs: object) -> None:
        """The operation that gives the result in its stead."""
        self.put(self.op.outs, prim, args, attrs)

    def same(self, *args: Atom, **attrs: object) -> None:
        """The operation itself, on these operands and with these options."""
        self.put(self.op.outs, self.op.prim, args or self.op.args, attrs)

    def put(
        self,
        outs: tuple[Var, ...],
        prim: str,
        args: Sequence[Atom],
        attrs: Mapping[str, object],
    ) -> None:
        told = MappingProxyType(dict(attrs)) if attrs else NO_ATTRS
        self.stmts.append(Op(outs, prim, tuple(args), told, self.op.span))

    def helper(self, name: str, args: Sequence[Atom]) -> None:
        self.last("helper", args, helper=name)

    def option(self, name: str, default: object = None) -> object:
        return self.op.attrs.get(name, default)

    def misfit(self, reason: str) -> None:
        raise Misfitting(reason)


def rewritten(op: Op, makers: Mapping[Var, Op], families: Families) -> Sequence[Stmt]:
    """The operation as Numba takes it."""
    if op.prim in REFUSED:
        raise Misfitting(REFUSED[op.prim])
    if str(op.attrs.get("spelling", "")).startswith("operator."):
        attrs = {k: v for k, v in op.attrs.items() if k != "spelling"}
        op = Op(op.outs, op.prim, op.args, MappingProxyType(attrs), op.span)
    here = Here(numeric_types(op), makers, families)
    rewrite = REWRITES.get(op.prim)
    if rewrite is not None:
        rewrite(here)
    return here.stmts or (here.op,)


TYPES: dict[object, object] = {
    float: np.float64,
    int: np.int64,
    bool: np.bool_,
    np.dtype(float): np.float64,
    np.dtype(np.float32): np.float32,
    np.dtype(int): np.int64,
    np.dtype(bool): np.bool_,
}


def numeric_types(op: Op) -> Op:
    """`dtype=bool` is `dtype=np.bool_`."""
    told = op.attrs.get("dtype")
    if told is None or isinstance(told, str):
        return op
    try:
        named = TYPES.get(told, told)
    except TypeError:
        return op
    if named is told:
        return op
    attrs = MappingProxyType({**op.attrs, "dtype": named})
    return Op(op.outs, op.prim, op.args, attrs, op.span)


def rank(atom: Atom) -> int | None:
    if isinstance(atom.kind, Scalar):
        return 0
    return atom.kind.rank if isinstance(atom.kind, Array) else None


def path(*subscripts: str) -> dict[str, object]:
    return {"path": f"[{', '.join(subscripts)}]"}


# ---- elements ------------------------------------------------------------------------


def item(here: Here) -> None:
    """`x.item(i, j)` is `x[i, j]`: what is compiled knows no NumPy scalars."""
    base, *index = here.op.args
    if index:
        here.last("getitem", here.op.args, **path(*"#" * len(index)))
    elif rank(base) == 0:
        here.last("float", (base,))


def getitem(here: Here) -> None:
    base, *operands = here.op.args
    steps = parse_path(str(here.option("path")))
    if isinstance(base.kind, Scalar):  # `np.sum(x)[()]`
        here.last("float", (base,))
        return
    if any(isinstance(atom.kind, List) for atom in operands):
        operands = [listed(here, atom) for atom in operands]
        if not are_pairs(here.op, operands):
            here.same(base, *operands, **here.op.attrs)
            return
    if are_pairs(here.op, operands):
        here.helper("at_pairs", (base, *operands))
        return
    masks = [
        a for a in operands if isinstance(a.kind, Array) and a.kind.dtype == "bool"
    ]
    if masks and (rank(masks[0]) or 0) > 1:
        if len(steps) != 1 or rank(masks[0]) != rank(base):
            here.misfit("a mask of several axes that is not all of the subscript")
        flat = here.new("ravel", (base,), Array("float64", (None,)), spelling=".ravel")
        mask = here.new("ravel", masks, Array("bool", (None,)), spelling=".ravel")
        here.same(flat, mask, path="[#]")


def listed(here: Here, atom: Atom) -> Atom:
    """A list of ints as an array of them."""
    if not isinstance(atom.kind, List):
        return atom
    return here.new("array", (atom,), Array("int64", (None,)))


def written(here: Here) -> None:
    """A write; what it reads of the same memory is copied before."""
    op = here.op
    base, value, *operands = op.args
    mask = next((a for a in operands if isinstance(a.kind, Array)), None)
    if mask is not None and mask.kind.dtype == "bool" and (rank(mask) or 0) > 1:  # type: ignore[union-attr]
        if op.prim == "setitem" and len(operands) == 1 and rank(value) == 0:
            here.last("helper", (base, mask, value), helper="fill_where")
            return
        here.misfit("a write under a mask of several axes")
    lists = [listed(here, atom) for atom in operands]
    value = buffered(here, value, base)
    if lists != operands or value is not op.args[1]:
        here.same(base, value, *lists, **op.attrs)


def buffered(here: Here, value: Atom, base: Atom) -> Atom:
    """What is written, with views of the same memory copied that would stand alone in
    `a[1:] -= a[:-1]`: element by element, it would read what it has written.
    """
    write = here.op
    if write.prim == "additem" and overlaps(here, value, base, whole=True):
        return here.new("copy", (value,), value.kind)
    made = here.makers.get(value) if isinstance(value, Var) else None
    if made is None or made.prim not in IN_PLACE or rank(value) == 0:
        return value
    args = list(made.args)
    for place, arg in enumerate(args):
        own = place == 0 and write.prim == "setitem" and len(args) > 1
        if not own and overlaps(here, arg, base, whole=True):
            args[place] = here.new("copy", (arg,), arg.kind)
    if args == list(made.args):
        return value
    again = Var(made.outs[0].name, made.outs[0].kind)
    here.stmts.append(replace(made, outs=(again,), args=tuple(args)))
    return again


IN_PLACE = frozenset(("neg", "add", "sub", "mul", "div", "pow"))


def added(here: Here) -> None:
    """`x += x[::-1]` reads what it has written; so the view is copied."""
    for position, arg in enumerate(here.op.args):
        other = here.op.args[1 - position] if len(here.op.args) == 2 else None
        if other is not None and isinstance(arg.kind, Array) and arg is not other:
            if overlaps(here, arg, other):
                copy = here.new("copy", (arg,), arg.kind)
                args = [copy if a is arg else a for a in here.op.args]
                here.same(*args, **here.op.attrs)
                return


def overlaps(here: Here, value: Atom, base: Atom, whole: bool = False) -> bool:
    """Is one a view of the family of the other, or (`whole`) of that family itself?"""
    if not (isinstance(value, Var) and isinstance(base, Var)):
        return False
    root = view_of(here, value)
    if root is None or root is value and not whole:
        return False
    return here.families.find(root) is here.families.find(base)


def view_of(here: Here, var: Var) -> Var | None:
    """The array that a variable is a view of; itself if it is none."""
    while isinstance(var.kind, Array):
        maker = here.makers.get(var)
        if maker is None or not maker.args or not isinstance(maker.args[0], Var):
            return var
        if maker.prim == "getitem" and not looks_in(maker):
            return var
        if maker.prim != "getitem" and maker.prim not in VIEWS:
            return var
        var = maker.args[0]
    return None


def looks_in(op: Op) -> bool:
    """Is the result of a `getitem` a view, and no copy?"""
    return not any(isinstance(a.kind, (Array, List)) for a in op.args[1:])


def add_at(op: Op) -> str:
    """The helper for `np.add.at`, by the form of the subscript and the value."""
    value, operands = op.args[1], op.args[2:]
    if str(op.attrs["path"]) == "[#]" and rank(operands[0]) == 1:
        each = rank(value) == 0 or (rank(op.args[0]) or 0) - (rank(value) or 0) == 1
        return "add_each_at" if each else "add_at"
    if are_pairs(op, operands) and rank(value) in (0, 1):
        return "add_at_pairs" if rank(value) else "add_each_at_pairs"
    misfit = Misfitting("a sum at indices of this form")
    misfit.span = op.span
    raise misfit


def are_pairs(op: Op, operands: Sequence[Atom]) -> bool:
    """Is a row and a column given for each element of a matrix?"""
    indices = [atom.kind for atom in operands]
    return (
        str(op.attrs["path"]) == "[#, #]"
        and rank(op.args[0]) == 2
        and all(isinstance(k, Array) and k.rank == 1 for k in indices)
        and not any(dtype_of(atom) == "bool" for atom in operands)
    )


# ---- reductions ----------------------------------------------------------------------


def axes_of(here: Here) -> tuple[int, ...] | None:
    """The axes of a reduction, from 0; None for all of them."""
    axis = here.option("axis")
    count = rank(here.op.args[0])
    if axis is None:
        return None
    if count is None:
        raise Misfitting("an axis of an array of unknown rank")
    told = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(int(a) % count for a in told))  # type: ignore[call-overload]


def reduced(here: Here) -> None:
    """A reduction along axes, whose length-1 axes may be kept."""
    op = here.op
    (x, *rest) = op.args
    axes, keep = axes_of(here), bool(here.option("keepdims", False))
    count = rank(x)
    if rest or set(op.attrs) - {"axis", "keepdims", "spelling", "lib"}:
        return
    if count == 0:
        if op.prim in ("sum", "prod", "max", "min", "mean"):
            here.last("float", (x,))
        return
    if axes is None and not keep:
        return
    if count is None:
        here.misfit("a reduction of an array of unknown rank")
        return
    every = axes is None or len(axes) == count
    axes = tuple(range(count)) if axes is None else axes
    if every:
        if not keep:
            here.same(x)
            return
        whole = here.new(op.prim, (x,), Scalar(dtype_of(x)))
        ones = here.new("tuple", (Lit(1),) * count, Tuple((INT,) * count))
        here.last("full", (ones, whole))
        return
    found: Atom = x
    for k, axis in enumerate(reversed(axes)):
        last = k + 1 == len(axes) and not keep
        found = along(here, found, axis, last)
    if keep:
        for k, axis in enumerate(axes):
            kind = like(found, +1)
            if k + 1 == len(axes):
                here.last("expand_dims", (found,), axis=axis)
            else:
                found = here.new("expand_dims", (found,), kind, axis=axis)


def dtype_of(atom: Atom) -> str:
    return getattr(atom.kind, "dtype", "float64")


def like(atom: Atom, more: int) -> Kind:
    """An array of that dtype with more axes, or fewer."""
    count = (rank(atom) or 0) + more
    return Array(dtype_of(atom), (None,) * count)


ROWS = {"max", "min", "prod", "any", "all"}


def along(here: Here, x: Atom, axis: int, last: bool) -> Atom:
    """The reduction along one axis of an array with others."""
    prim, count = here.op.prim, rank(x)
    kind = like(x, -1)
    outs = here.op.outs if last else (Var("", kind),)
    if prim in ("sum", "argmax", "argmin"):
        here.put(outs, prim, (x,), {"axis": axis})
    elif prim == "mean":
        total = here.new("sum", (x,), kind, axis=axis)
        here.put(outs, "div", (total, length(here, x, axis)), {})
    elif prim in ROWS and count == 2:
        name = f"{prim}_of_{'columns' if axis == 0 else 'rows'}"
        here.put(outs, "helper", (x,), {"helper": name})
    else:
        raise Misfitting(f"`{prim}` along an axis of an array of {count} axes")
    return outs[0]


def length(here: Here, x: Atom, axis: int) -> Var:
    if axis == 0:
        return here.new("len", (x,), INT)
    shape = here.new("shape", (x,), Tuple((INT,) * (rank(x) or 1)), spelling=".shape")
    return here.new("getitem", (shape, Lit(axis)), INT, **path("#"))


def spread(here: Here) -> None:
    """`var` and `std`, of which Numba knows those of whole arrays."""
    op = here.op
    x = op.args[0]
    if here.option("axis") is None and not here.option("ddof") and rank(x):
        if set(op.attrs) <= {"axis", "ddof", "spelling", "lib", "keepdims"}:
            if not here.option("keepdims"):
                here.same(x)
                return
    here.misfit(f"`{op.prim}` along an axis, or with `ddof`")


def unbroadcast(here: Here) -> None:
    """`x_bar` summed over what `x` was stretched along."""
    x_bar, x = here.op.args
    have, want = rank(x_bar), rank(x)
    if have is None or want is None:
        here.misfit("an array of unknown rank")
        return
    if want == 0:
        here.last("sum" if have else "float", (x_bar,))
        return
    if have < want:
        here.misfit("an adjoint of fewer axes than its array")
    for _ in range(have - want):
        x_bar = here.new("sum", (x_bar,), like(x_bar, -1), axis=0)
    if want > 3:
        here.misfit("broadcasting of more than three axes")
    here.helper(f"unbroadcast_{want}", (x_bar, x))


# ---- arrays --------------------------------------------------------------------------


def flip(here: Here) -> None:
    (x,) = here.op.args
    count, axis = rank(x), here.option("axis")
    prim = here.op.prim
    axis = {"flipud": 0, "fliplr": 1}.get(prim, axis)  # type: ignore[arg-type]
    if count is None:
        here.misfit("an array of unknown rank")
        return
    told = range(count) if axis is None else axis if isinstance(axis, tuple) else [axis]
    axes = {int(a) % count for a in told}  # type: ignore[call-overload]
    parts = ["::#" if a in axes else ":" for a in range(count)]
    while parts[-1] == ":":
        parts.pop()
    minus = (Lit(-1),) * len(axes)
    here.last("getitem", (x, *minus), **path(*parts))


def ordered(here: Here) -> None:
    """`np.sort` and `np.argsort`, of which Numba knows those along the only axis."""
    op = here.op
    if (
        rank(op.args[0]) != 1
        or op.attrs.get("order")
        or op.attrs.get("axis", -1) is None
    ):
        here.misfit(f"`np.{op.prim}` along one of several axes")
    attrs = {k: v for k, v in op.attrs.items() if k in ("spelling", "lib")}
    if op.prim == "argsort" and (here.option("stable") or here.option("kind")):
        attrs["kind"] = "mergesort"  # which is what a stable order is called there
    here.same(**attrs)


def taken_along(here: Here) -> None:
    x, index = here.op.args
    if rank(x) != 1 or rank(index) != 1:
        here.misfit("an index along one of several axes")
    here.last("getitem", (x, index), **path("#"))


def full_like(here: Here) -> None:
    x, value = here.op.args[0], here.op.args[1]
    if rank(value):
        zeros = here.new("zeros_like", (x,), x.kind)
        here.last("add", (zeros, value))


def joined(here: Here) -> None:
    """Arrays are joined from a tuple, not from a list."""
    op = here.op
    maker = here.makers.get(op.args[0]) if op.args else None  # type: ignore[arg-type]
    if maker is not None and maker.prim == "list":
        kinds = Tuple(tuple(arg.kind for arg in maker.args))
        here.same(here.new("tuple", maker.args, kinds), *op.args[1:], **op.attrs)
    elif isinstance(op.args[0].kind, List) and op.args[0].kind.items is None:
        here.misfit("arrays joined from a list that grows")


def reshaped(here: Here) -> None:
    """Numba reshapes what is contiguous."""
    x, *shape = here.op.args
    maker = here.makers.get(x) if isinstance(x, Var) else None
    fresh = maker is not None and maker.prim not in (*VIEWS, "getitem", "matmul")
    if (
        isinstance(x.kind, Array)
        and not fresh
        and maker is None
        or (maker is not None and not fresh)
    ):
        x = here.new("asarray", (x,), x.kind, spelling="np.ascontiguousarray")
        here.same(x, *shape, **here.op.attrs)


def transposed(here: Here) -> None:
    if rank(here.op.args[0]) == 2 and here.op.prim == "matrix_transpose":
        here.last("transpose", here.op.args)


def axes_swapped(here: Here) -> None:
    count = rank(here.op.args[0])
    axes = [here.op.attrs.get("axis1"), here.op.attrs.get("axis2")]
    if count is None or any(type(axis) is not int for axis in axes):
        raise Misfitting("`swapaxes` of an array whose axes are not known")
    one, other = (axis % count for axis in axes)  # type: ignore[operator]
    order = list(range(count))
    order[one], order[other] = other, one
    if order == [1, 0]:
        here.last("transpose", here.op.args)
    else:
        here.last("transpose", here.op.args, axes=tuple(order))


def product(here: Here) -> None:
    a, b = here.op.args
    ranks = rank(a), rank(b)
    if None in ranks or max(ranks) > 2:  # type: ignore[type-var, operator]
        here.misfit("a product of arrays of more than two axes")
    if dtype_of(a) != dtype_of(b):
        here.misfit("a product of arrays of two dtypes")
    if here.op.prim == "inner" and ranks != (1, 1):
        here.misfit("`np.inner` of matrices")
    here.last("matmul", (a, b))


def step(here: Here) -> None:
    a, b = here.op.args
    of_numbers = rank(a) == 0 and rank(b) == 0
    here.helper("heaviside_of_number" if of_numbers else "heaviside", (a, b))


def clip(here: Here) -> None:
    x, *bounds = here.op.args
    if rank(x) == 0 and len(bounds) == 2 and Lit(None) not in bounds:
        above = here.new("maximum", (x, bounds[0]), x.kind)
        here.last("minimum", (above, bounds[1]))


def by_numpy(here: Here) -> None:
    """Numba's `math` lacks it, its NumPy does not."""
    if str(here.option("spelling", "")).startswith("math.") or here.option("lib"):
        here.same()


def without_spelling(here: Here) -> None:
    attrs = {k: v for k, v in here.op.attrs.items() if k != "spelling"}
    here.same(*here.op.args, **attrs)


def polygamma(here: Here) -> None:
    if rank(here.op.args[0]) != 0:
        here.misfit("the digamma function of an array")
    here.helper("polygamma", (here.op.args[0], Lit(here.option("n", 0))))


def flat_recurrence(here: Here) -> None:
    if [rank(a) for a in here.op.args] != [1, 1]:
        here.misfit(f"`{here.op.prim}` of arrays of several axes")
    here.helper(f"{here.op.prim}_1", here.op.args)


def exclusive(here: Here) -> None:
    if rank(here.op.args[0]) != 1:
        here.misfit("a product along an axis of an array of several axes")
    here.helper("exclusive_prod_1", here.op.args)


def shifted(here: Here) -> None:
    if rank(here.op.args[0]) != 1:
        here.misfit("a running product of an array of several axes")
    fill, by = here.option("fill", 0.0), here.option("by", 1)
    here.helper("shift_1", (here.op.args[0], Lit(by), Lit(fill)))


def squeeze(here: Here) -> None:
    """`x.squeeze(axis=1)` is `x[:, 0]`."""
    (x,) = here.op.args
    dims = x.kind.dims if isinstance(x.kind, Array) else None
    if not dims:
        here.misfit("`squeeze` of an array of unknown shape")
        return
    axis = here.option("axis")
    told = axis if isinstance(axis, tuple) else (axis,)
    gone = {int(a) % len(dims) for a in told if a is not None}  # type: ignore[call-overload]
    if axis is None:
        gone = {k for k, dim in enumerate(dims) if dim == 1}
        if any(dim is None or str(dim).startswith("~") for dim in dims):
            here.misfit("`squeeze` of axes that may be of length 1, or not")
    if any(dims[k] != 1 for k in gone):
        here.misfit("`squeeze` of an axis that is not known to be of length 1")
    parts = ["#" if k in gone else ":" for k in range(len(dims))]
    if gone:
        here.last("getitem", (x, *(Lit(0),) * len(gone)), **path(*parts))


def expanded(here: Here) -> None:
    """A number with an axis is an array of one element."""
    (x,) = here.op.args
    if rank(x) == 0:
        here.last("full", (Lit(1), x))


def diagonal(here: Here) -> None:
    (x,) = here.op.args
    if rank(x) != 2 or here.option("offset"):
        here.misfit("a diagonal that is not that of a matrix")
    here.last("diag", (x,))


def stop_gradient(here: Here) -> None:
    (x,) = here.op.args
    here.last("copy" if rank(x) else "float", (x,))


# ---- effects -------------------------------------------------------------------------


def shown(here: Here) -> None:
    """`print` of numbers and plain text."""
    if here.option("keywords") or here.option("spelling", "print") != "print":
        here.misfit("`print` with options")
    for arg in here.op.args:
        text = isinstance(arg, Lit) and isinstance(arg.value, str)
        if not text and not isinstance(arg.kind, Scalar):
            here.misfit("`print` of something that is no number and no plain text")


EXCEPTIONS = {
    name
    for name, value in vars(__import__("builtins")).items()
    if isinstance(value, type) and issubclass(value, Exception)
}


def kept_call(here: Here) -> None:
    """An exception that is made of constants; nothing else is called as it is."""
    callee = str(here.option("callee"))
    if callee in EXCEPTIONS and all(isinstance(a, Lit) for a in here.op.args):
        return
    name = callee if callee != "None" else "a function"
    here.misfit(f"`{name}` is called as it is written, and Numba does not know it")


def known_values(here: Here) -> None:
    """A comparison of objects that was not decided beforehand."""
    if any(isinstance(arg.kind, Static) for arg in here.op.args):
        here.misfit("a question about what an object is")


Rewrite = Callable[[Here], None]


def log(here: Here) -> None:
    """`math.log(x, base)`, as Python works it out."""
    if len(here.op.args) == 2:
        x, base = here.op.args
        kind = here.op.outs[0].kind
        top = here.new("log", (x,), kind, **here.op.attrs)
        bottom = here.new("log", (base,), kind, **here.op.attrs)
        here.last("div", (top, bottom))


REWRITES: dict[str, Rewrite] = {
    "log": log,
    "item": item,
    "getitem": getitem,
    "setitem": written,
    "additem": written,
    "add": added,
    **dict.fromkeys(["sub", "mul", "div", "pow"], added),
    **dict.fromkeys("sum max min mean prod any all argmax argmin".split(), reduced),
    **dict.fromkeys(["var", "std"], spread),
    "unbroadcast": unbroadcast,
    **dict.fromkeys(["flip", "flipud", "fliplr"], flip),
    "full_like": full_like,
    **dict.fromkeys(["sort", "argsort"], ordered),
    "take_along_axis": taken_along,
    **dict.fromkeys(
        "concatenate stack vstack hstack dstack column_stack".split(), joined
    ),
    "reshape": reshaped,
    "matrix_transpose": transposed,
    "swapaxes": axes_swapped,
    **dict.fromkeys(["matmul", "inner"], product),
    "heaviside": step,
    "clip": clip,
    **dict.fromkeys("fmod cbrt exp2 nextafter".split(), by_numpy),
    "polygamma": polygamma,
    "recurrence": flat_recurrence,
    "exclusive_prod": exclusive,
    "shift": shifted,
    "squeeze": squeeze,
    "expand_dims": expanded,
    "diagonal": diagonal,
    "stop_gradient": stop_gradient,
    "print": shown,
    "opaque": kept_call,
    "is_": known_values,
    "is_not": known_values,
}

_NO_HELPER = "it takes a helper that works on containers or arrays of any form"
REFUSED: dict[str, str] = {
    "draw": "random numbers: Numba draws from a generator of its own",
    "random_state": "random numbers: Numba draws from a generator of its own",
    "set_random_state": "random numbers: Numba draws from a generator of its own",
    "fstring": "an f-string",
    "warn": "a warning",
    "errstate": "`np.errstate` that raises or calls",
    "tensordot": "`np.tensordot`",
    "tile": "`np.tile`",
    "left_bar": "a product of arrays of any rank",
    "right_bar": "a product of arrays of any rank",
    "cofactors": "the derivative of a determinant",
    "cofactors_slope": "the second derivative of a determinant",
    "add_entry": _NO_HELPER,
    "put_back": _NO_HELPER,
    "picked": _NO_HELPER,
    "order_of": _NO_HELPER,
    "last_write": _NO_HELPER,
    "snapshots": "a schedule of checkpoints",
    "binomial_split": "a schedule of checkpoints",
    "split_like": "arrays split at any place",
    "add_along_axis": "an index along an axis",
    "tolist": "a list of an array",
    "caught": "an exception that is caught",
    "entered": "a context that is entered",
}
