"""`try` in derivatives: the flag that tells which way was taken, and plain operations.

The body of a `try` is run once, in the forward half. What differentiation adds stands
behind it, under an `if` on the flag: an exception of a derivative must not be caught by
the user's handler, nor may one of the user's leave a tape half filled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from s2sad.ir.kinds import BOOL
from s2sad.ir.nodes import (
    FALSE,
    NO_ATTRS,
    NONE,
    TRUE,
    UNDEF,
    Atom,
    Block,
    For,
    If,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import (
    blocks,
    definitions,
    mapping,
    statements,
    substitute,
    substitute_block,
    substitute_operands,
    with_blocks,
)
from s2sad.rules import TABLE

if TYPE_CHECKING:
    from s2sad.ad.keep import Homes
    from s2sad.ad.reverse import Mirrors


def flagged(block: Block) -> Block:
    """The block with a flag among the results of every `try` in it."""
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        inner = blocks(stmt)
        if inner:
            new = tuple(map(flagged, inner))
            if any(a is not b for a, b in zip(new, inner, strict=True)):
                stmt = with_blocks(stmt, new)
        if isinstance(stmt, If) and stmt.form == "try" and flag_of(stmt) is None:
            then, orelse = (
                replace(arm, yields=(*arm.yields, told))
                for arm, told in ((stmt.then, TRUE), (stmt.orelse, FALSE))
            )
            outs = (*stmt.outs, Var("ok", BOOL))
            stmt = replace(stmt, outs=outs, then=then, orelse=orelse)
        stmts.append(stmt)
    if all(a is b for a, b in zip(stmts, block.stmts, strict=True)):
        return block
    return replace(block, stmts=tuple(stmts))


def flag_of(stmt: If) -> Var | None:
    """The result that is true where the body went through."""
    for out, a, b in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True):
        if a == TRUE and b == FALSE:
            return out
    return None


def decider(stmt: If) -> Atom:
    """What tells, behind a branch, which way was taken."""
    if stmt.form != "try":
        return stmt.cond
    found = flag_of(stmt)
    assert found is not None
    return found


def handed_out(stmt: If) -> tuple[If, list[dict[Var, Atom]]]:
    """The branch with more results, and where each of its two blocks' values are then:
    in a result that was there already, or in a new one.
    """
    outs, yields = [*stmt.outs], ([*stmt.then.yields], [*stmt.orelse.yields])
    tables: list[dict[Var, Atom]] = []
    for k, arm in enumerate((stmt.then, stmt.orelse)):
        table: dict[Var, Atom] = {}
        for var in (out for inner in arm.stmts for out in inner.outs):
            if var in yields[k]:
                table[var] = outs[yields[k].index(var)]
                continue
            new = var.like()
            table[var] = new
            outs.append(new)
            yields[k].append(var)
            yields[1 - k].append(UNDEF)
        tables.append(table)
    then, orelse = (
        replace(arm, yields=tuple(ends))
        for arm, ends in zip((stmt.then, stmt.orelse), yields, strict=True)
    )
    return replace(stmt, outs=tuple(outs), then=then, orelse=orelse), tables


def piecemeal(homes: Homes, kept: Collection[Var]) -> list[If]:
    """Every `try` in a loop that keeps something in a branch or loop of its body: an
    exception would leave it on a tape that the reverse half does not unwind.
    """
    found: dict[If, None] = {}
    for var in kept:
        home = block = homes.block[var]
        while block in homes.parents:
            stmt, outer = homes.parents[block]
            if isinstance(stmt, If) and stmt.form == "try" and block is stmt.then:
                if home is not block and in_loop(homes, outer):
                    found[stmt] = None
            block = outer
    return list(found)


def in_loop(homes: Homes, block: Block) -> bool:
    while block in homes.parents:
        stmt, block = homes.parents[block]
        if isinstance(stmt, (For, While)):
            return True
    return False


def never_completes(block: Block) -> bool:
    """Does every way through the block raise?"""
    for stmt in block.stmts:
        if isinstance(stmt, Op) and stmt.prim == "raise":
            return True
        if isinstance(stmt, If):
            if never_completes(stmt.then) and never_completes(stmt.orelse):
                return True
    return False


def without_effects(
    block: Block, but: Callable[[Op], bool] = lambda op: False
) -> Block:
    """The block for a second run, after one that went through: it does nothing besides,
    `but` what is said, and takes no way that raises.
    """
    kept: list[Stmt] = []
    table: dict[Var, Atom] = {}
    get = mapping(table)
    for stmt in block.stmts:
        stmt = substitute(stmt, get)
        if isinstance(stmt, Op):
            done = stmt.attrs.get("effect", TABLE[stmt.prim].effect) and not but(stmt)
            kept += () if done and stmt.prim != "caught" else (plain(stmt),)
            continue
        if isinstance(stmt, If) and stmt.form == "with":
            known = {s.outs[0] for s in kept if is_errstate(s)}
            stmt = stmt if stmt.cond in known else replace(stmt, cond=NONE)
        inner = tuple(without_effects(arm, but) for arm in blocks(stmt))
        stmt, ends = with_blocks(stmt, inner), map(never_completes, blocks(stmt))
        if isinstance(stmt, If) and True in (raising := list(ends)):
            arm = inner[raising.index(False)] if False in raising else Block()
            kept += arm.stmts
            table.update(zip(stmt.outs, arm.yields, strict=False))
        else:
            kept.append(stmt)
    ends = Block((), block.yields, block.stop)
    return replace(substitute_block(ends, get), stmts=tuple(kept))


def by_results(raw: Block, body: Block, mirrors: Mirrors) -> Block:
    """The raw reverse half reads a value of a `with` or `try` where it has been handed
    on: it is there, or kept, already.
    """
    table: dict[Var, Atom] = {}
    for stmt in statements(body):
        if not isinstance(stmt, If) or stmt.tests:
            continue
        for arm in blocks(stmt):
            mine = set(definitions(arm))
            for out, atom in zip(stmt.outs, arm.yields, strict=True):
                if isinstance(atom, Var) and atom in mine:
                    table.setdefault(atom, out)
    if not table:
        return raw

    def get(atom: Atom) -> Atom:
        while isinstance(atom, Var) and atom in table:
            atom = table[atom]
        return atom

    def renewed(block: Block) -> Block:
        stmts = []
        for stmt in block.stmts:
            new = with_blocks(stmt, tuple(map(renewed, blocks(stmt))))
            new = substitute_operands(new, get)
            if new is not stmt and stmt in mirrors.of:
                mirrors.renewed(new, stmt)
            stmts.append(new)
        return replace(block, stmts=tuple(stmts), yields=tuple(map(get, block.yields)))

    return renewed(raw)


def is_errstate(stmt: Stmt) -> bool:
    return isinstance(stmt, Op) and stmt.prim == "errstate"


def definitions_of(stmt: Stmt) -> Iterator[Var]:
    yield from stmt.outs
    for block in blocks(stmt):
        yield from definitions(block)


def plain(op: Op) -> Op:
    """The operation where it is known not to raise, or may."""
    if "guarded" not in op.attrs:
        return op
    attrs = {key: value for key, value in op.attrs.items() if key != "guarded"}
    return replace(op, attrs=MappingProxyType(attrs) if attrs else NO_ATTRS)
