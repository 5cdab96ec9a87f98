"""`checkpoint`: keep little, compute the rest again.

    for i in range n:              for start in range(0, n, stride n):
        x = step x, i       ->         x = call trips x, start, start + stride n

A checkpointed loop is cut into about √n stretches of √n trips, each a call of a
function that makes these trips. A checkpointed call keeps its arguments alone; its
reverse half makes the call again, with all that it has to keep, and goes back from
there. So a loop keeps √n values for its stretches and those of one stretch at a time,
not those of all trips, and every trip is made once more.

What the function does besides (it prints, it raises) it does the first time only. One
that draws random numbers, or calls what does, is not made again: it keeps as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from s2sad.ad.prune import prune
from s2sad.ad.reverse import Mirrors
from s2sad.ad.tries import without_effects
from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT
from s2sad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    For,
    Function,
    Lit,
    Op,
    Param,
    Program,
    Stmt,
    Var,
)
from s2sad.ir.walk import (
    blocks,
    clone_stmt,
    definitions,
    free_vars,
    statements,
    uses,
    with_blocks,
)
from s2sad.rules import TABLE

ONE = Lit(1)

# ---- loops in stretches --------------------------------------------------------------


def stretched(program: Program) -> Program:
    """The program with its checkpointed loops cut into stretches."""
    functions = dict(program.functions)
    for key, function in program.functions.items():
        if any(is_marked(stmt) for stmt in statements(function.body)):
            body = _block(function.body, key, function, functions)
            functions[key] = replace(function, body=body)
    return replace(program, functions=functions)


def is_marked(stmt: Stmt) -> bool:
    if not isinstance(stmt, For) or stmt.form != "checkpoint" or stmt.backward:
        return False
    return stmt.step == ONE and stmt.body.stop is None and UNDEF not in stmt.inits


def _block(
    block: Block, key: str, function: Function, functions: dict[str, Function]
) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        inner = tuple(_block(b, key, function, functions) for b in blocks(stmt))
        stmt = with_blocks(stmt, inner)
        stmts += _cut(stmt, key, function, functions) if is_marked(stmt) else (stmt,)  # type: ignore[arg-type]
    return replace(block, stmts=tuple(stmts))


def _cut(
    stmt: For, key: str, function: Function, functions: dict[str, Function]
) -> Iterable[Stmt]:
    own = {stmt.index, *stmt.params}
    free = [var for var in free_vars(stmt.body) if var not in own]
    table = {var: var.like() for var in free}
    carried = [param.like() for param in stmt.params]
    lo, hi = Var("start", INT), Var("stop", INT)
    loop = replace(stmt, start=lo, stop=hi, inits=tuple(carried), form="range")
    made = clone_stmt(loop, dict(table))
    name, number = f"{key}_trips", 2
    while name in functions:
        name, number = f"{key}_trips_{number}", number + 1
    params = tuple(Param(var) for var in (*table.values(), *carried, lo, hi))
    functions[name] = Function(
        f"{function.name}_trips", params, Block((made,), made.outs), function.source,
        f"Trips of a loop of `{function.name}`.", True,
    )  # fmt: skip
    b = Builder(stmt.span)
    trips = stmt.stop
    if stmt.start != Lit(0):
        trips = b.op("sub", (stmt.stop, stmt.start), INT)
    step = b.op("stride", (trips,), INT, "stretch")
    start, params_ = Var("start", INT), tuple(p.like() for p in stmt.params)
    with b.block() as region:
        end = b.op("add", (start, step), INT)
        end = b.op("py_min", (end, stmt.stop), INT, "stop")
        outs = tuple(out.like() for out in stmt.outs)
        b.add(Call(outs, name, (*free, *params_, start, end), stmt.span))
    b.add(
        For(
            stmt.outs, start, stmt.start, stmt.stop, step, params_, stmt.inits,
            region.close(outs), span=stmt.span,
        )
    )  # fmt: skip
    return b.stmts


# ---- calls made again ----------------------------------------------------------------


def made_again(
    forward: tuple[Stmt, ...], reverse: Block, functions: Mapping[str, Function]
) -> Block | None:
    """Both halves as one, for a second run; None if it must not be run twice."""
    called = {s.function for s in statements(Block(forward)) if isinstance(s, Call)}
    if any(has_effects(functions, key, set()) for key in called):
        return None
    quiet = without_effects(Block(forward))
    both = prune(Block((*quiet.stmts, *reverse.stmts), reverse.yields), Mirrors())
    gone = set(definitions(Block(forward))) - set(definitions(quiet))
    return None if not gone.isdisjoint(uses(both)) else both


def has_effects(functions: Mapping[str, Function], key: str, seen: set[str]) -> bool:
    """Does a function do something besides, itself or through others?"""
    if key in seen or key not in functions:
        return False
    seen.add(key)
    for stmt in statements(functions[key].body):
        if isinstance(stmt, Call) and has_effects(functions, stmt.function, seen):
            return True
        if isinstance(stmt, Op) and stmt.prim != "raise":
            if stmt.attrs.get("effect", TABLE[stmt.prim].effect):
                return True
    return False
