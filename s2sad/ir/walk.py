"""Going over the IR: uses, definitions, copies with other variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter, is_

from s2sad.ir.kinds import Kind, names_lengths, with_lengths
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Op,
    Param,
    Stmt,
    Var,
    While,
)


def blocks(stmt: Stmt) -> tuple[Block, ...]:
    """The blocks nested directly in a statement."""
    return stmt.inner


def operands(stmt: Stmt) -> tuple[Atom, ...]:
    """The atoms that a statement itself reads, not those read in its blocks."""
    return stmt.operands


def inner_params(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that a statement defines inside its blocks."""
    if isinstance(stmt, For):
        return (stmt.index, *stmt.params)
    return stmt.params if isinstance(stmt, While) else ()


def exits(block: Block) -> tuple[Atom, ...]:
    """The atoms read where a block ends."""
    return block.yields if block.stop is None else (*block.yields, block.stop)


# Passes ask these of every function many times: they give what is there already, or one
# list, since each step of a generator costs as much as looking at a statement; and the
# list that was given last, as most passes leave most functions as they are.
LAST = 16  # blocks


def forget() -> None:
    """Let go of the blocks that were walked over last."""
    statements.cache_clear()
    primitives.cache_clear()
    uses.cache_clear()


@lru_cache(LAST)
def statements(block: Block) -> Sequence[Stmt]:
    """Every statement of a block, outer before inner, in order."""
    if not any(map(attrgetter("inner"), block.stmts)):
        return block.stmts
    found: list[Stmt] = []
    _collect(block, found)
    return found


def _collect(block: Block, found: list[Stmt]) -> None:
    for stmt in block.stmts:
        found.append(stmt)
        if stmt.inner:
            for inner in stmt.inner:
                _collect(inner, found)


@lru_cache(LAST)
def primitives(block: Block) -> Set[str]:
    """The primitives of a block, nested ones too, and what its other statements are.

    Most passes look for a few of them, and are done where there is none.
    """
    return frozenset(map(attrgetter("prim"), statements(block)))


def reads(block: Block) -> list[Atom]:
    """Every atom read in a block, nested ones and its exits too."""
    found: list[Atom] = []
    for stmt in block.stmts:
        found += stmt.operands
        if stmt.inner:
            for inner in stmt.inner:
                found += reads(inner)
    found += exits(block)
    return found


@lru_cache(LAST)
def uses(block: Block) -> Sequence[Var]:
    """Every read of a variable in a block, nested ones and its exits too."""
    return [atom for atom in reads(block) if isinstance(atom, Var)]


def stmt_uses(stmt: Stmt) -> list[Var]:
    """Every read of a variable by a statement, those in its blocks too."""
    found = [atom for atom in stmt.operands if isinstance(atom, Var)]
    for inner in stmt.inner:
        found += uses(inner)
    return found


def definitions(block: Block) -> list[Var]:
    """Every variable defined in a block, nested ones too."""
    found: list[Var] = []
    for stmt in statements(block):
        if stmt.inner:
            found += inner_params(stmt)
        found += stmt.outs
    return found


def free_vars(stmt_or_block: Stmt | Block) -> dict[Var, None]:
    """The variables read in it that it does not define, in order of first use."""
    read: Sequence[Var]
    if isinstance(stmt_or_block, Block):
        inside = set(definitions(stmt_or_block))
        read = uses(stmt_or_block)
    else:
        read = stmt_uses(stmt_or_block)
        if not stmt_or_block.inner:  # what it defines it does not read
            return dict.fromkeys(read)
        inside = set(inner_params(stmt_or_block))
        for inner in blocks(stmt_or_block):
            inside.update(definitions(inner))
    return dict.fromkeys([var for var in read if var not in inside])


# ---- rewriting -----------------------------------------------------------------------

Subst = Callable[[Atom], Atom]


def mapping(table: Mapping[Var, Atom]) -> Subst:
    """A substitution from a table; what it does not name stays."""

    def lookup(atom: Atom) -> Atom:
        return table.get(atom, atom) if isinstance(atom, Var) else atom

    return lookup


def reading(op: Op, table: Mapping[Var, Atom]) -> Op:
    """The op with its operands replaced; the same object where none is in the table."""
    for atom in op.args:
        if isinstance(atom, Var) and atom in table:
            get = table.get
            args = tuple([get(a, a) if isinstance(a, Var) else a for a in op.args])
            return Op(op.outs, op.prim, args, op.attrs, op.span)
    return op


def with_args(stmt: Op | Call, args: tuple[Atom, ...]) -> Op | Call:
    """The statement on other operands."""
    if isinstance(stmt, Op):
        return Op(stmt.outs, stmt.prim, args, stmt.attrs, stmt.span)
    return replace(stmt, args=args)


def substitute(stmt: Stmt, get: Subst) -> Stmt:
    """A statement with its reads replaced, in its blocks too; definitions stay."""
    if isinstance(stmt, (Op, Call)):
        args = tuple(map(get, stmt.args))
        return stmt if all(map(is_, args, stmt.args)) else with_args(stmt, args)
    if isinstance(stmt, If):
        return replace(
            stmt,
            cond=get(stmt.cond),
            then=substitute_block(stmt.then, get),
            orelse=substitute_block(stmt.orelse, get),
        )
    inits = tuple(map(get, stmt.inits))
    body = substitute_block(stmt.body, get)
    if isinstance(stmt, For):
        return replace(
            stmt,
            start=get(stmt.start),
            stop=get(stmt.stop),
            step=get(stmt.step),
            inits=inits,
            body=body,
        )
    return replace(stmt, inits=inits, test=substitute_block(stmt.test, get), body=body)


def substitute_operands(stmt: Stmt, get: Subst) -> Stmt:
    """A statement with its own reads replaced; its blocks stay as they are."""
    new = tuple(map(get, stmt.operands))
    return stmt if all(map(is_, new, stmt.operands)) else with_operands(stmt, new)


def substitute_block(block: Block, get: Subst) -> Block:
    return Block(
        tuple(substitute(stmt, get) for stmt in block.stmts),
        tuple(map(get, block.yields)),
        None if block.stop is None else get(block.stop),
    )


def with_stmts(block: Block, new: Sequence[Stmt]) -> Block:
    """The block with other statements; itself where they are the same."""
    if len(new) == len(block.stmts) and all(map(is_, new, block.stmts)):
        return block
    return Block(tuple(new), block.yields, block.stop)


def with_blocks(stmt: Stmt, new: tuple[Block, ...]) -> Stmt:
    """The statement with its blocks replaced, in the order of `blocks`."""
    if all(map(is_, new, stmt.inner)):
        return stmt
    if isinstance(stmt, If):
        return If(stmt.outs, stmt.cond, *new, stmt.form, stmt.span)
    if isinstance(stmt, For):
        range_ = (stmt.index, stmt.start, stmt.stop, stmt.step)
        how = (stmt.backward, stmt.form, stmt.span)
        return For(stmt.outs, *range_, stmt.params, stmt.inits, new[0], *how)
    if isinstance(stmt, While):
        return While(stmt.outs, stmt.params, stmt.inits, *new, stmt.span)
    return stmt


def with_operands(stmt: Stmt, new: tuple[Atom, ...]) -> Stmt:
    """The statement with its own reads replaced, in the order of `operands`."""
    if isinstance(stmt, (Op, Call)):
        return with_args(stmt, new)
    if isinstance(stmt, If):
        return replace(stmt, cond=new[0])
    if isinstance(stmt, While):
        return replace(stmt, inits=new)
    start, stop, step, *inits = new
    return replace(stmt, start=start, stop=stop, step=step, inits=tuple(inits))


def clone_stmt(stmt: Stmt, table: dict[Var, Atom]) -> Stmt:
    """A copy that defines new variables; `table` maps old to new, and is added to."""

    if isinstance(stmt, Op):
        args = [table.get(a, a) if isinstance(a, Var) else a for a in stmt.args]
        outs = [clone_var(var, table) for var in stmt.outs]
        return Op(tuple(outs), stmt.prim, tuple(args), stmt.attrs, stmt.span)

    def get(atom: Atom) -> Atom:
        return table.get(atom, atom) if isinstance(atom, Var) else atom

    def fresh(vars_: tuple[Var, ...]) -> tuple[Var, ...]:
        return tuple([clone_var(var, table) for var in vars_])

    if isinstance(stmt, Call):
        return replace(stmt, args=tuple(map(get, stmt.args)), outs=fresh(stmt.outs))
    if isinstance(stmt, If):
        cond = get(stmt.cond)
        then = clone_block(stmt.then, table)
        orelse = clone_block(stmt.orelse, table)
        return replace(stmt, cond=cond, then=then, orelse=orelse, outs=fresh(stmt.outs))
    inits = tuple(map(get, stmt.inits))
    if isinstance(stmt, For):
        start, stop, step = get(stmt.start), get(stmt.stop), get(stmt.step)
        (index,) = fresh((stmt.index,))
        params = fresh(stmt.params)
        body = clone_block(stmt.body, table)
        return replace(
            stmt,
            start=start,
            stop=stop,
            step=step,
            inits=inits,
            index=index,
            params=params,
            body=body,
            outs=fresh(stmt.outs),
        )
    params = fresh(stmt.params)
    test = clone_block(stmt.test, table)
    body = clone_block(stmt.body, table)
    return replace(
        stmt, inits=inits, params=params, test=test, body=body, outs=fresh(stmt.outs)
    )


def clone_var(var: Var, table: dict[Var, Atom]) -> Var:
    """A new variable, put in the table.

    Lengths called after variables are called after the new ones, and whose derivative
    it is is said of those.
    """
    made = var.like(kind=renamed_lengths(var.kind, table))
    table[var] = table[var.origin] = made
    if var.of is not None:
        whose, mark = var.of
        found = table.get(whose, whose)
        made.of = (found if isinstance(found, Var) else whose, mark)
    return made


def renamed_lengths(kind: Kind, table: Mapping[Var, Atom]) -> Kind:
    if not names_lengths(kind):
        return kind
    serials = {str(old.serial): new for old, new in table.items()}

    def renamed(name: re.Match[str]) -> str:
        new = serials.get(name[1])
        if new is None:
            return name[0]
        return f"{new.name}#{new.serial}" if isinstance(new, Var) else repr(new.value)

    def rename(dim: str) -> str:
        return re.sub(r"\w*#(\d+)", renamed, dim)

    return with_lengths(kind, rename)


def clone_block(block: Block, table: dict[Var, Atom]) -> Block:
    stmts = tuple(clone_stmt(stmt, table) for stmt in block.stmts)
    get = mapping(table)
    return Block(
        stmts,
        tuple(map(get, block.yields)),
        None if block.stop is None else get(block.stop),
    )


def clone(function: Function) -> Function:
    """The same function with variables of its own."""
    table: dict[Var, Atom] = {}
    params = []
    for param in function.params:
        var = clone_var(param.var, table)
        params.append(Param(var, param.style, param.default))
    return replace(
        function, params=tuple(params), body=clone_block(function.body, table)
    )
