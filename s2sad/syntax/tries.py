"""`try`: the body as far as it comes, or a handler.

    try:                             y, ok = if ValueError form='try':
        y = math.log(x)                  %1 = log x guarded=True
    except ValueError:       ->          yield %1, True
        y = 0.0                      else:
                                         yield 0.0, False

Which way was taken is recorded in a flag, on which the reverse half branches. An
operation of the body that may raise is *guarded*: it stays, even where nobody reads
what it gives, and the ways through the program are those of Python.

A handler starts from what the names and arrays were where the exception came from. That
is known if they were the same at every operation that may raise: what is assigned after
the last of these was not assigned, what before the first was. Anything else is unknown
there, and refused where it is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from s2sad.ir.kinds import BOOL, UNKNOWN, Scalar, Static, is_python_scalar
from s2sad.ir.nodes import FALSE, TRUE, UNDEF, Atom, Call, If, Lit, Op, Stmt, Var
from s2sad.ir.walk import blocks
from s2sad.syntax.control import (
    Way,
    choose,
    left,
    nothing,
    run_block,
    unless_left,
)
from s2sad.syntax.frame import Frame
from s2sad.syntax.joins import Join, Unsettled
from s2sad.syntax.run import Task
from s2sad.syntax.state import EXITS, Guard, State
from s2sad.syntax.values import BAD, Items, Known, Pack, Poison, Ref, Storage, same

# ---- what may raise ------------------------------------------------------------------

CALM = frozenset("free tuple list dict tape copy caught entered".split())
ARITHMETIC = frozenset("add sub mul neg pos lt le gt ge eq ne is_ is_not not_".split())


def may_raise(stmt: Stmt) -> bool:
    """Might it raise, for all that the kinds tell?"""
    if isinstance(stmt, Op):
        if stmt.prim in CALM:
            return False
        kinds = [arg.kind for arg in stmt.args]
        numbers = all(map(is_python_scalar, kinds))
        one = len({k.dtype for k in kinds if isinstance(k, Scalar)}) == 1
        return not (stmt.prim in ARITHMETIC and numbers and one)
    if isinstance(stmt, Call):
        return True
    return any(may_raise(inner) for block in blocks(stmt) for inner in block.stmts)


class Attempt(Guard):
    """Watches a body being lowered: what stood where an operation may raise."""

    def __init__(self, f: Frame) -> None:
        self.f = f
        self.first: State | None = None  # at the first such operation
        self.names: set[str] = set()  # not the same at all of them
        self.storages: set[Any] = set()

    def note(self, stmt: Stmt) -> None:
        now = self.f.state
        self.foreign |= isinstance(stmt, Call)
        if self.first is None:
            self.first = now.fork()
            return
        first = self.first
        for name in first.env.keys() | now.env.keys():
            if not same(first.env.get(name, UNDEF), now.env.get(name, UNDEF)):
                self.names.add(name)
        for storage in first.store.keys() | now.store.keys():
            if not same(first.store.get(storage, BAD), now.store.get(storage, BAD)):
                self.storages.add(storage)
        marks, marked = first.store.marks, now.store.marks
        self.storages.update(s for s in marked if marks.get(s) != marked[s])

    def at_handler(
        self, base: State, end: State, happened: list[Stmt], node: ast.AST
    ) -> State:
        """The state that a handler starts from: after what happened in any case.

        What only a loop or branch of the body has is not to be had in the handler.
        """
        assert self.first is not None
        state = self.first.fork()
        there = {out for stmt in happened for out in stmt.outs}

        def is_there(value: Any, before: Any) -> bool:
            if before is not None and same(value, before):
                return True
            if isinstance(value, Var):
                return value in there
            if isinstance(value, Ref):
                content = state.store.get(value.storage)
                return is_there(content, base.store.get(value.storage))
            if isinstance(value, (Pack, Items)):
                return all(is_there(item, None) for item in value.items)
            return isinstance(value, (Lit, Known))

        for name, value in state.env.items():
            if not is_there(value, base.env.get(name)):
                self.names.add(name)
        for storage, content in state.store.items():
            if not is_there(content, base.store.get(storage)):
                self.storages.add(storage)
        state.exits, state.result = dict(base.exits), base.result
        state.dead = False
        if self.foreign:  # a callee may have written before it raised
            for storage, content in base.store.items():
                if not same(content, end.store.get(storage, content)):
                    self.storages.add(storage)
        for name in self.names:
            state.env[name] = Unsettled(
                self.f.diagnostic("try-unsettled", node, name=name)
            )
        for storage in self.storages:
            if storage in base.store or storage in state.store:
                place = self.f.place(node)
                state.store[storage] = Poison(place, storage.name, "try-unsettled")
        return state


# ---- handlers ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Clause:
    """One `except`: the types, as written and as a value, the name, what is done."""

    types: tuple[type, ...]
    value: Any
    name: str | None
    body: Callable[[], Task]


def clauses_of(f: Frame, node: ast.Try) -> Task:
    """The handlers of a `try`; None if the types of one are not known."""
    found = []
    for handler in node.handlers:
        run = lambda handler=handler: run_block(f, handler.body)
        value: Any = Known(BaseException, "BaseException")
        if handler.type is not None:
            value = yield handler.type
        types = value.items if isinstance(value, Pack) else (value,)
        known = [f.static(each) for each in types]
        if not all(isinstance(t, type) and issubclass(t, BaseException) for t in known):
            if value is not BAD:
                why = "the types that are caught are not known beforehand"
                f.refuse("try", handler.type or node, why=why)
            return None
        found.append(Clause(tuple(known), value, handler.name, run))
    return found


def handle(f: Frame, clauses: Sequence[Clause], error: Var, node: ast.AST) -> Task:
    """The first of the clauses that the exception is of.

    What it is an instance of is asked at once: derivatives ask again behind the
    handlers, where the exception is gone.
    """
    tests = [is_caught(f, clause, error, node) for clause in clauses[:-1]]
    yield chosen(f, clauses, tests, error, node)


def chosen(
    f: Frame,
    clauses: Sequence[Clause],
    tests: Sequence[Var],
    error: Var,
    node: ast.AST,
) -> Task:
    first, *rest = clauses

    def body() -> Task:
        if first.name is not None:
            f.state.env[first.name] = error
        yield first.body()
        if first.name is not None:
            f.state.env[first.name] = UNDEF  # Python deletes the name

    if not rest:
        yield body()
        return
    other = lambda: chosen(f, rest, tests[1:], error, node)
    yield choose(f, tests[0], body, other, node)


def is_caught(f: Frame, clause: Clause, error: Var, node: ast.AST) -> Var:
    from s2sad.syntax.kept_calls import opaque

    test = opaque(f, "isinstance", [error, clause.value], {}, node, isinstance)
    stmt = f.w.stmts[-1]
    assert isinstance(stmt, Op)
    f.w.stmts[-1] = Op(stmt.outs, stmt.prim, stmt.args, {**stmt.attrs, **PURE})
    test.kind = BOOL
    return test


PURE = {"effect": False, "may_write": False}

# ---- the statement -------------------------------------------------------------------


def lower_try(f: Frame, node: ast.Try) -> Task:
    imported = yield imports(f, node)
    if imported:
        return
    clauses = yield clauses_of(f, node)
    if clauses is None:
        forget_names(f, node)
        return

    def inner() -> Task:
        ok: Atom = TRUE
        if clauses:
            ok = yield attempt(f, lambda: run_block(f, node.body), clauses, node)
        else:
            yield run_block(f, node.body)
        if node.orelse and ok != FALSE:
            rest = lambda: run_block(f, node.orelse)
            went = rest if ok == TRUE else lambda: choose(f, ok, rest, nothing, node)
            gone = left(f)
            if gone == FALSE:
                yield went()
            elif gone is None:
                yield unless_left(f, node, went)

    if not node.finalbody:
        yield inner()
    elif leaves(node.finalbody):
        f.refuse("try", node.finalbody[0], why="`finally` leaves by itself")
        forget_names(f, node)
    elif is_quiet(node.finalbody) and not f.session.guarding:
        yield inner()
        yield finish(f, node)
    else:

        def fails() -> Task:
            yield run_block(f, node.finalbody)
            f.w.ops("raise", (), ())
            f.state.dead = True

        everything = Known(BaseException, "BaseException")
        clause = Clause((BaseException,), everything, None, fails)
        yield attempt(f, inner, [clause], node)
        yield finish(f, node)


def attempt(f: Frame, body: Way, clauses: list[Clause], node: ast.AST) -> Task:
    """A body and its handlers; gives the flag that the body went through."""
    base, watch = f.state, Attempt(f)
    with f.w.block() as first:
        f.state = base.fork()
        with f.w.guarded(watch):
            f.session.guarding += 1
            try:
                yield body()
            finally:
                f.session.guarding -= 1
        end = f.state
    if watch.first is None:  # nothing in it raises
        f.w.stmts.extend(first.stmts)
        f.state = end
        return TRUE
    calm = next(i for i, stmt in enumerate(first.stmts) if may_raise(stmt))
    before = [stmt for stmt in first.stmts[:calm] if not is_types(stmt)]
    f.w.stmts.extend(before)  # what comes first has happened
    first.stmts[:calm] = [stmt for stmt in first.stmts[:calm] if is_types(stmt)]
    start = watch.at_handler(base, end, before, node)
    values = [v for c in clauses for v in parts(c.value)]
    types = f.atom(values[0] if len(values) == 1 else Pack(tuple(values)), node)
    with f.w.block() as second:
        f.state = start.fork()
        error = f.w.op("caught", (), UNKNOWN, clauses[0].name or "")
        yield handle(f, clauses, error, node)
        handled = f.state
    f.state = base = start
    join = Join(f, base, [(end, first), (handled, second)], node)
    join.run()
    f.state = join.state
    ok: Atom = FALSE if end.dead else TRUE  # a body that raises each time
    if not (end.dead or handled.dead):
        told = list(zip(*join.yields))
        if (TRUE, FALSE) in told:
            ok = join.outs[told.index((TRUE, FALSE))]
        else:
            ok = join.out([TRUE, FALSE], BOOL, "ok")
        hand_on(join, end, ok)
    then, orelse = first.close(join.yields[0]), second.close(join.yields[1])
    f.w.add(If(tuple(join.outs), types, then, orelse, "try", f.reading.span(node)))
    if isinstance(ok, Var):
        flags_by(f, join, ok)
    return ok


def hand_on(join: Join, end: State, ok: Atom) -> None:
    """What the handler does not know is known behind a body that went through."""
    state = join.state
    for name, value in state.env.items():
        if not isinstance(value, Unsettled):
            continue
        good = end.env.get(name, UNDEF)
        content = end.store.get(good.storage) if isinstance(good, Ref) else good
        if not isinstance(content, Var) or isinstance(good, Ref) and good.path:
            continue
        out: Any = join.out([content, UNDEF], content.kind, name)
        if isinstance(good, Ref):
            storage = Storage(name)
            state.store[storage], out = out, Ref(storage)
        new = state.env[name] = Unsettled(value.diagnostic)
        new.good, new.flag = out, ok
    for storage, content in state.store.items():
        good = end.store.get(storage)
        unsettled = isinstance(content, Poison) and content.code == "try-unsettled"
        if unsettled and isinstance(good, Var):
            out = join.out([good, UNDEF], good.kind, storage.name)
            state.store[storage] = replace(content, good=out, flag=ok)


def flags_by(f: Frame, join: Join, ok: Var) -> None:
    """Ways out that just one of the two ways takes are told by its flag."""
    ends = list(zip(*join.yields))
    for exit_, flag in f.state.exits.items():
        if flag in join.outs:
            told = ends[join.outs.index(flag)]
            if told == (TRUE, FALSE):
                f.state.exits[exit_] = ok
            elif told == (FALSE, TRUE):
                left_ = f.state.exits[exit_] = f.w.op("not_", (ok,), BOOL)
                f.went[left_] = ok


def is_types(stmt: Stmt) -> bool:
    """Is it the tuple of types that an `except` inside the body catches?"""
    if not isinstance(stmt, Op) or stmt.prim != "tuple" or stmt.outs[0].name:
        return False
    return all(isinstance(arg.kind, Static) for arg in stmt.args)


def parts(value: Any) -> tuple[Any, ...]:
    return value.items if isinstance(value, Pack) else (value,)


def finish(f: Frame, node: ast.Try) -> Task:
    """`finally`, where no exception goes by; then on to where the block was going."""
    if f.state.dead:
        return
    exits, result = f.state.exits, f.state.result
    f.state.exits, f.state.result = dict.fromkeys(EXITS, FALSE), UNDEF
    yield run_block(f, node.finalbody)
    f.state.exits, f.state.result = exits, result


LEAVES = (ast.Return, ast.Break, ast.Continue)
QUIET = (
    ast.Assign, ast.AugAssign, ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Pass,
    ast.Add, ast.Sub, ast.Mult, ast.USub, ast.Not, ast.expr_context,
)  # fmt: skip


def leaves(stmts: list[ast.stmt]) -> bool:
    return any(isinstance(n, LEAVES) for stmt in stmts for n in ast.walk(stmt))


def is_quiet(stmts: list[ast.stmt]) -> bool:
    """Does nobody see whether this was run, once an exception goes by?"""
    return all(isinstance(n, QUIET) for stmt in stmts for n in ast.walk(stmt))


def imports(f: Frame, node: ast.Try) -> Task:
    """`try: import x` is decided now: what can be imported does not change."""
    if not all(isinstance(stmt, (ast.Import, ast.ImportFrom)) for stmt in node.body):
        return False
    count = len(f.session.found)
    yield run_block(f, node.body)
    if len(f.session.found) == count:
        yield run_block(f, node.orelse)
    else:
        del f.session.found[count:]
        clauses = yield clauses_of(f, node)
        for clause in clauses or ():
            if any(issubclass(ImportError, t) for t in clause.types):
                yield clause.body()
                break
        else:
            yield run_block(f, node.body)
    yield run_block(f, node.finalbody)
    return True


def forget_names(f: Frame, node: ast.AST) -> None:
    """What a refused `try` assigns is refused already."""
    from s2sad.syntax.names import assigned

    for name in assigned([node]):
        f.state.env[name] = BAD
    if any(isinstance(n, ast.Return) for n in ast.walk(node)):
        f.state.result = BAD
        f.state.exits["return"] = TRUE
