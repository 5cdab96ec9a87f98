"""Blocks, branches and ways out.

`return`, `break` and `continue` set a flag of the state. A flag is the constant False
or True where that is known; where it depends on the run, the rest of the block goes
into the other branch of an `If` on the flag. Where one branch of an `if` always leaves,
the rest goes straight into the other branch, which needs no flag.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Atom, If, Lit, Var
from s2sad.syntax.exchanges import by_turns
from s2sad.syntax.frame import Frame
from s2sad.syntax.joins import Join, Unsettled
from s2sad.syntax.maybe import sure
from s2sad.syntax.names import always_leaves
from s2sad.syntax.run import Task
from s2sad.syntax.state import EXITS, State
from s2sad.syntax.values import BAD, Poison

Way = Callable[[], Task]


def choose(
    f: Frame, cond: Atom, then: Way, orelse: Way, node: ast.AST, form: str = "if"
) -> Task:
    """An `If`; gives the value that is the one way's or the other's."""
    base = f.state
    span = f.reading.span(node) if form == "if" else f.w.span
    outside, gifts = f.elsewhere, f.session.gifts
    escaped, start = set(f.session.escaped) - outside, len(gifts)
    try:
        with f.w.block() as first:
            f.state, f.elsewhere = base.fork(), set(outside)
            settled(f.state, cond)
            sure(f, cond, True)
            a = yield then()
            then_state = f.state
        there, middle = set(gifts[start:]), len(gifts)
        with f.w.block() as second:
            f.state, f.elsewhere = base.fork(), outside | (there - escaped)
            sure(f, cond, False)
            b = yield orelse()
            else_state = f.state
    finally:  # a loop around may be lowered in another way
        f.elsewhere = outside
    f.elsewhere = outside - set(gifts[start:])
    f.state = base
    given = [escaped | there, escaped.union(gifts[middle:])]
    edges = [(then_state, first), (else_state, second)]
    join = Join(f, base, edges, node, cond, given)
    (value,) = join.run((a, b))
    f.state = join.state
    if not join.outs and not first.stmts and not second.stmts:
        return value
    f.w.add(
        If(
            tuple(join.outs),
            cond,
            first.close(join.yields[0]),
            second.close(join.yields[1]),
            form,
            span,
        )
    )
    if then_state.dead != else_state.dead:
        sure(f, cond, else_state.dead)
    return value


def settled(state: State, cond: Atom) -> None:
    """What is known where the body of a `try` has gone through."""
    if not isinstance(cond, Var):
        return
    for table in (state.env, state.store):
        for key, value in table.items():
            if isinstance(value, (Unsettled, Poison)) and value.flag is cond:
                table[key] = value.good


def nothing() -> Task:
    return UNDEF
    yield


def left(f: Frame) -> Atom | None:
    """Has this block been left? False, True, or None where the run decides."""
    if f.state.dead:
        return TRUE
    flags = [f.state.exits[exit_] for exit_ in EXITS]
    if TRUE in flags:
        return TRUE
    return FALSE if all(flag == FALSE for flag in flags) else None


def left_flag(f: Frame, node: ast.AST) -> Any:
    """The flag that some way out has been taken, as an atom."""
    flags = [flag for flag in f.state.exits.values() if flag != FALSE]
    atom = flags[0]
    for more in flags[1:]:
        atom = f.op("or_", (atom, more), node)
    return atom


def run_block(f: Frame, stmts: list[ast.stmt], start: int = 0) -> Task:
    """The statements of a block from number `start` on."""
    f.session.moves.update(by_turns(stmts))
    i = start
    while i < len(stmts):
        stmt = stmts[i]
        i += 1
        if isinstance(stmt, ast.If) and i < len(stmts):
            if always_leaves(stmt.body) or always_leaves(stmt.orelse):
                done = yield if_with_rest(f, stmt, stmts, i)
                if done:
                    return UNDEF
            else:
                yield stmt
        else:
            yield stmt
        gone = left(f)
        if gone == TRUE:
            return UNDEF
        if gone is None and i < len(stmts):
            return (yield unless_left(f, stmts[i], lambda i=i: run_block(f, stmts, i)))
    return UNDEF


def unless_left(f: Frame, node: ast.AST, rest: Way) -> Task:
    """The rest of a block, run where no way out has been taken."""
    flag = left_flag(f, node)
    went = f.went.get(flag)
    if went is not None:  # after a `try` whose handler leaves
        return (
            yield choose(f, went, lambda: resumed(f, rest), lambda: stayed(f), node)
        )
    return (yield choose(f, flag, lambda: stayed(f), lambda: resumed(f, rest), node))


def stayed(f: Frame) -> Task:
    """In here a way out has been taken; if there is only one, it was that."""
    taken = [exit_ for exit_, flag in f.state.exits.items() if flag != FALSE]
    if len(taken) == 1:
        f.state.exits[taken[0]] = TRUE
    return UNDEF
    yield


def resumed(f: Frame, rest: Way) -> Task:
    """In here no way out has been taken."""
    f.state.exits = dict.fromkeys(EXITS, FALSE)
    f.state.result = UNDEF
    yield rest()


def if_with_rest(f: Frame, node: ast.If, stmts: list[ast.stmt], i: int) -> Task:
    """An `if` of which one branch always leaves: the rest belongs to the other branch.

    Gives True if the rest has been lowered with it.
    """
    from s2sad.syntax.comparisons import condition, truth

    with f.at(node):
        test = yield node.test
        known = truth(f, test) if test is not BAD else None
        cond = (
            None if known is not None or test is BAD else condition(f, test, node.test)
        )
    if known is not None:
        yield run_block(f, node.body if known else node.orelse)
        return False
    if cond is None or cond is BAD:
        cond = Lit(True)
    body_leaves = always_leaves(node.body)

    def then() -> Task:
        yield run_block(f, node.body)
        if not body_leaves:
            yield run_rest(f, stmts, i)

    def orelse() -> Task:
        yield run_block(f, node.orelse)
        if body_leaves:
            yield run_rest(f, stmts, i)

    yield choose(f, cond, then, orelse, node)
    return True


def run_rest(f: Frame, stmts: list[ast.stmt], i: int) -> Task:
    gone = left(f)
    if gone == FALSE:
        yield run_block(f, stmts, i)
    elif gone is None:
        yield unless_left(f, stmts[i], lambda: run_block(f, stmts, i))


def run_steps(f: Frame, steps: list[Way], node: ast.AST, start: int = 0) -> Task:
    """Trips of an unrolled loop: `continue` ends a step, other ways out all of them."""
    for i in range(start, len(steps)):
        yield steps[i]()
        f.state.exits["continue"] = FALSE
        gone = left(f)
        if gone == TRUE:
            return UNDEF
        if gone is None and i + 1 < len(steps):
            rest = lambda i=i: run_steps(f, steps, node, i + 1)
            return (yield unless_left(f, node, rest))
    return UNDEF
