"""Jumps: flags of the IR that are printed as `break`, `continue` and `return`.

    x.2, f = if c:               if c:
        yield x.1, True              break
    else:                        x = 2.0 * x
        %1 = mul 2.0, x.1
        yield %1, False
    yield x.2 stop f

At the end of a branch that sets a flag it is followed what happens next: the rest of
the block is skipped, the loop stops, what comes after the loop is skipped, too. If that
leads nowhere but to the end of the loop or of the function, the branch ends with
`break` or `return`, and the flag, with what it guards, needs no variable and no test.

An `If` at the end of the function whose results are only returned has a `return` in
each branch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from s2sad.ir.nodes import (
    FALSE,
    TRUE,
    UNDEF,
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    SourceText,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.walk import blocks, operands, statements


@dataclass(frozen=True)
class Jump:
    """How a branch ends: "break", or "return" with these results.

    `moves` are the blocks whose yields are handed on before a `break`, inner ones
    first: branches with their `If`, and at last the body of the loop.
    """

    word: str
    results: tuple[Atom, ...] = ()
    moves: tuple[tuple[Stmt, Block], ...] = ()
    far: bool = False  # a `break` would not do


@dataclass
class Jumps:
    """`at` tells how a branch (by id) ends; `gone` are the variables that only served
    it.
    """

    at: dict[int, Jump] = field(default_factory=dict)
    gone: set[Var] = field(default_factory=set)

    def skips(self, stmt: Stmt) -> bool:
        """Is this an `If` of which only the other branch is ever reached?"""
        return isinstance(stmt, If) and stmt.cond in self.gone


@dataclass(frozen=True)
class _After:
    """What follows a block: the rest of the block outside, and what follows that."""

    stmt: Stmt | None  # the statement that the block belongs to; None: the function
    block: Block  # the block itself
    rest: tuple[Stmt, ...] = ()  # behind the statement
    outside: _After | None = None


def find_jumps(function: Function, counts: dict[Var, int]) -> Jumps:
    if not any(stmt.inner for stmt in function.body.stmts):
        return Jumps()
    finder = _Finder(counts)
    finder.block(_After(None, function.body))
    return finder.chosen()


@dataclass(frozen=True)
class _Given:
    """What a variable is given: by a branch of an `If`, by a loop, or by an `or`."""

    atom: Atom
    stmt: Stmt
    branch: Block | None = None


class _Finder:
    def __init__(self, counts: dict[Var, int]) -> None:
        self.counts = counts
        self.jumps: dict[int, Jump] = {}
        self.given: dict[Var, list[_Given]] = {}
        self.targets: dict[Var, list[Var]] = {}  # who is given a variable
        self.loop_outs: set[Var] = set()
        self.used: set[Var] = set()  # read otherwise than to be handed on

    # ---- the walk --------------------------------------------------------------------

    def block(self, after: _After) -> None:
        block = after.block
        for i, stmt in enumerate(block.stmts):
            for inner in blocks(stmt):
                self.block(_After(stmt, inner, block.stmts[i + 1 :], after))
            if isinstance(stmt, If):
                self.branch(stmt, _After(stmt, block, block.stmts[i + 1 :], after))
            elif isinstance(stmt, (For, While)):
                for k, param in enumerate(stmt.params):
                    for atom in (stmt.inits[k], stmt.body.yields[k]):
                        self.give(param, _Given(atom, stmt))
                    self.give(stmt.outs[k], _Given(param, stmt))
                    self.loop_outs.add(stmt.outs[k])
                tests = (
                    stmt.test.yields if isinstance(stmt, While) else operands(stmt)[:3]
                )
                self.used.update(atom for atom in tests if isinstance(atom, Var))
            elif isinstance(stmt, Op) and stmt.prim == "or_":
                for atom in stmt.args:
                    self.give(stmt.outs[0], _Given(atom, stmt))
            else:
                self.used.update(
                    atom for atom in operands(stmt) if isinstance(atom, Var)
                )
        if after.stmt is None:
            self.used.update(atom for atom in block.yields if isinstance(atom, Var))

    def branch(self, stmt: If, after: _After) -> None:
        if isinstance(stmt.cond, Var) and (stmt.then.stmts or stmt.form != "if"):
            self.used.add(stmt.cond)
        for branch in (stmt.then, stmt.orelse):
            if TRUE in branch.yields and stmt.form == "if":
                jump = _end(_After(stmt, branch, after.rest, after.outside), {}, ())
                if jump is not None:
                    self.jumps[id(branch)] = jump
            for out, atom in zip(stmt.outs, branch.yields, strict=True):
                self.give(out, _Given(atom, stmt, branch))

    def give(self, var: Var, given: _Given) -> None:
        self.given.setdefault(var, []).append(given)
        if isinstance(given.atom, Var):
            self.targets.setdefault(given.atom, []).append(var)

    # ---- the choice ------------------------------------------------------------------

    def chosen(self) -> Jumps:
        """The flags and results that are never variables, by elimination."""
        if not self.jumps:
            return Jumps()
        first = [
            v
            for v, all_ in self.given.items()
            if any(g.atom in (TRUE, UNDEF) for g in all_)
        ]
        first += [
            v for v, all_ in self.given.items() if any(self.jump(g) for g in all_)
        ]
        gone = {var for var in self.downstream(first) if var not in self.used}
        while True:
            stays = {var for var in gone if self.is_needed(var, gone)}
            for var, all_ in self.given.items():
                if var in gone and var not in stays:
                    continue
                for given in all_:
                    if given.atom in gone and not self.never(given, gone):
                        stays.add(given.atom)  # type: ignore[arg-type]
            if not stays & gone:
                break
            gone -= stays
        at = {
            id(given.branch): jump
            for var in gone
            for given in self.given[var]
            if given.atom == TRUE and (jump := self.jump(given)) is not None
        }
        return Jumps(at, gone)

    def jump(self, given: _Given) -> Jump | None:
        return None if given.branch is None else self.jumps.get(id(given.branch))

    def downstream(self, first: list[Var]) -> set[Var]:
        """Some variables and all that they are handed on to."""
        found = set(first)
        todo = list(first)
        while todo:
            for var in self.targets.get(todo.pop(), ()):
                if var not in found:
                    found.add(var)
                    todo.append(var)
        return found

    def never(self, given: _Given, gone: set[Var]) -> bool:
        """Is this handing on never reached, or followed by `return`?"""
        stmt = given.stmt
        if isinstance(stmt, If) and stmt.cond in gone and given.branch is stmt.then:
            return True
        jump = self.jump(given)
        return jump is not None and jump.word == "return"

    def is_needed(self, var: Var, gone: set[Var]) -> bool:
        """Does a variable get a value that something looks at?"""
        for given in self.given[var]:
            atom = given.atom
            if atom in (UNDEF, FALSE) or atom in gone or self.never(given, gone):
                continue
            if atom == TRUE and self.jump(given) is not None and not self.escapes(var):
                continue
            return True
        return False

    def escapes(self, var: Var) -> bool:
        """Is a flag that is true at a `break` looked at after the loop?"""
        return any(
            after in self.loop_outs and self.counts.get(after, 0)
            for after in self.downstream([var])
        )


Env = dict[Var, Atom]
Moves = tuple[tuple[Stmt, Block], ...]


def _end(after: _After, env: Env, moves: Moves) -> Jump | None:
    """What happens from the end of a block on, if that is only a jump."""
    block, stmt = after.block, after.stmt
    values = tuple(env.get(a, a) if isinstance(a, Var) else a for a in block.yields)
    if stmt is None:
        return Jump("return", values)
    assert after.outside is not None
    moves = (*moves, (stmt, block))
    env = {**env, **dict(zip(stmt.outs, values, strict=True))}
    if isinstance(stmt, If):
        return _rest(after.rest, after.outside, env, moves)
    if (
        block.stop is None
        or not isinstance(stmt, (For, While))
        or block is not stmt.body
    ):
        return None
    stop = (
        env.get(block.stop, block.stop) if isinstance(block.stop, Var) else block.stop
    )
    if stop != TRUE:
        return None
    further = _rest(after.rest, after.outside, env, moves)
    if further is not None and further.word == "return":
        second = any(isinstance(owner, (For, While)) for owner, _ in moves[:-1])
        if second or further.far or any(mentions(o, "return") for o, _ in moves[:1]):
            return replace(further, far=True)
    return Jump("break", (), moves)


def _rest(
    rest: tuple[Stmt, ...], outside: _After, env: Env, moves: Moves
) -> Jump | None:
    """What happens from behind a statement on."""
    far = False
    for stmt in rest:
        if isinstance(stmt, Op) and stmt.prim == "or_":
            if any(env.get(a, a) == TRUE for a in stmt.args if isinstance(a, Var)):
                env = {**env, stmt.outs[0]: TRUE}
                continue
            return None
        if not isinstance(stmt, If) or not isinstance(stmt.cond, Var):
            return None
        if stmt.cond.name or stmt.form != "if":
            return None  # a variable of the user's is looked at
        cond = env.get(stmt.cond)
        if cond not in (TRUE, FALSE):
            return None
        branch = stmt.then if cond == TRUE else stmt.orelse
        if branch.stmts:
            return None
        values = [env.get(a, a) if isinstance(a, Var) else a for a in branch.yields]
        env = {**env, **dict(zip(stmt.outs, values, strict=True))}
        moves = (*moves, (stmt, branch))
        far = True
    found = _end(outside, env, moves)
    return replace(found, far=True) if far and found is not None else found


def returning(function: Function, counts: dict[Var, int]) -> set[int]:
    """Ids of the `If`s whose branches end with `return`."""
    found: set[int] = set()
    todo = [(function.body, function.body.yields)]
    while todo:
        block, results = todo.pop()
        last = block.stmts[-1] if block.stmts else None
        if not isinstance(last, If) or last.form != "if":
            continue
        mine = [atom for atom in results if isinstance(atom, Var) and atom in last.outs]
        if not mine or any(counts.get(var) != 1 for var in mine):
            continue
        if any(counts.get(var, 0) for var in last.outs if var not in mine):
            continue
        if any(var.name for var in mine) and not returns_inside(last):
            continue
        found.add(id(last))
        for branch in (last.then, last.orelse):
            todo.append((branch, pushed(last, branch, results)))
    return found


def returns_inside(stmt: If) -> bool:
    """Did the user write a branch with a `return` in it?"""
    lines = source_lines(stmt)
    first = lines[0].split() if lines else []
    return first[:1] != ["return"] and mentions(stmt, "return")


def pushed(stmt: If, branch: Block, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    """What atoms read after an `If` are at the end of one of its branches."""
    table = dict(zip(stmt.outs, branch.yields, strict=True))
    return tuple(table.get(a, a) if isinstance(a, Var) else a for a in atoms)


def mentions(stmt: Stmt, word: str) -> bool:
    """Does the user's text of a statement contain a word, as far as it is known?"""
    return any(word in line.split("#")[0].split() for line in source_lines(stmt))


def source_lines(stmt: Stmt) -> list[str]:
    """The user's lines that a statement and those inside it stand on."""
    span = stmt.span
    if not isinstance(span, Span):
        return []
    last = max(span.line, span.end_line)
    for block in blocks(stmt):
        for inner in statements(block):
            if inner.span is not None and inner.span.source is span.source:
                last = max(last, inner.span.line, inner.span.end_line)
    return [span.source.line(n) for n in range(span.line, last + 1)]


@lru_cache(maxsize=64)
def words_of(source: SourceText) -> frozenset[str]:
    """Every word of the user's text."""
    return frozenset(re.findall(r"[^\W\d]\w*", source.text))


def is_true(atom: Atom | None) -> bool:
    return atom == Lit(True)


def is_false(atom: Atom | None) -> bool:
    return atom is None or atom == Lit(False)
