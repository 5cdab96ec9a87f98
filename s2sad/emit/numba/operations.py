"""Operations: what Numba takes as it is, what in another form, and what it does not.

x.max(axis=1)            row_max(x)              a helper, compiled with the rest
path_bar.item(i)         path_bar[i]
np.add.at(x, i, v)       add_at(x, i, v)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from s2sad.ir.kinds import Static
from s2sad.ir.nodes import Op, Stmt


class Misfitting(Exception):
    """An operation that has no form Numba would take; says why."""


Rewrite = Callable[[Op], Sequence[Stmt]]


def rewritten(op: Op) -> Sequence[Stmt]:
    """The operation as Numba takes it."""
    rewrite = REWRITES.get(op.prim)
    return (op,) if rewrite is None else rewrite(op)


def refused(reason: str) -> Rewrite:
    def rewrite(op: Op) -> Sequence[Stmt]:
        raise Misfitting(reason)

    return rewrite


def item(op: Op) -> Sequence[Stmt]:
    """`x.item(i, j)` is `x[i, j]`: what is compiled knows no NumPy scalars."""
    path = f"[{', '.join('#' * (len(op.args) - 1))}]"
    if len(op.args) == 1:
        return (op,)
    attrs = MappingProxyType({"path": path})
    return (Op(op.outs, "getitem", op.args, attrs, op.span),)


def free(op: Op) -> Sequence[Stmt]:
    if isinstance(op.outs[0].kind, Static):
        raise Misfitting(f"`{op.attrs['name']}` is no number and no array")
    return (op,)


REWRITES: dict[str, Rewrite] = {
    "item": item,
    "free": free,
    "opaque": refused("a call that is kept as it is written"),
    "draw": refused("random draws: Numba's come from a generator of its own"),
    "fstring": refused("an f-string"),
    "object": refused("an object of a class"),
    "dict": refused("a dict"),
    "warn": refused("a warning"),
    "errstate": refused("`np.errstate`"),
}
