"""Call `math` for what differentiation adds of plain numbers.

    np.cos(t_k) * s_bar    ->    math.cos(t_k) * s_bar
    np.sign(r) * s_bar     ->    ((r > 0) - (r < 0)) * s_bar

NumPy's functions take three to six times as long on a number, and give a number of
NumPy's, which makes the same of all that follows. A rule has chosen before anything was
known of the elements that are read as Python floats at last (`refine`, `floats`); here
the choice is made again. Only what differentiation wrote: the user's calls keep their
words, where they are computed once more, too. Only functions that neither raise nor
overflow on finite floats.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from s2sad.ir.kinds import BOOL, FLOAT, INT, Scalar, is_python_scalar
from s2sad.ir.nodes import Block, Function, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks, primitives, statements, with_blocks, with_stmts
from s2sad.opt.facts import is_derived
from s2sad.rules import TABLE
from s2sad.rules.primitive import SAFE_MATH

DOUBLES = frozenset("float float64 int".split())
SLOW = frozenset((*SAFE_MATH, "sign"))


def plain(function: Function) -> Function:
    if primitives(function.body).isdisjoint(SLOW):
        return function
    if not any(isinstance(s, Op) and is_slow(s) for s in statements(function.body)):
        return function
    return replace(function, body=written(function.body))


def written(block: Block) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            stmts += in_plain_words(stmt) if is_slow(stmt) else (stmt,)
        else:
            stmts.append(with_blocks(stmt, tuple(written(b) for b in blocks(stmt))))
    return with_stmts(block, stmts)


def is_slow(op: Op) -> bool:
    """Is it a function of NumPy, ours, of numbers in double precision?"""
    if op.prim not in SLOW:
        return False
    if "spelling" in op.attrs or "lib" in op.attrs or not is_derived(op):
        return False
    if op.prim == "sign":  # numbers of NumPy's have no difference of tests
        return is_python_scalar(op.args[0].kind)
    if not any(s.startswith("math.") for s in TABLE[op.prim].spellings):
        return False
    return TABLE[op.prim].library == "np" and all(
        isinstance(arg.kind, Scalar) and arg.kind.dtype in DOUBLES for arg in op.args
    )


def in_plain_words(op: Op) -> tuple[Op, ...]:
    (out,) = op.outs
    if op.prim != "sign":
        out.kind = FLOAT
        return (replace(op, attrs=MappingProxyType({**op.attrs, "lib": "math"})),)
    above, below = Var("", BOOL), Var("", BOOL)
    out.kind = INT
    return (
        replace(op, outs=(above,), prim="gt", args=(op.args[0], Lit(0))),
        replace(op, outs=(below,), prim="lt", args=(op.args[0], Lit(0))),
        replace(op, prim="sub", args=(above, below)),
    )
