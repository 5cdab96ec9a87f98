"""Statements: a function of the IR as lines of Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from s2sad.emit import loops
from s2sad.emit.expressions import Expressions, Piece
from s2sad.emit.jumps import Jump, is_false, is_true, pushed, source_lines
from s2sad.emit.layout import laid
from s2sad.emit.lines import Line, room
from s2sad.emit.moves import Move, texts
from s2sad.emit.names import Namer
from s2sad.emit.nest import is_choice, is_derived, is_effect
from s2sad.emit.plan import Pairs, Plan
from s2sad.emit.ranges import carried_stop
from s2sad.emit.spelling import BINARY, CHOICE, OR, TUPLE, spelling_of
from s2sad.ir.kinds import Array, List, Unknown
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    Block,
    For,
    Function,
    If,
    Lit,
    Op,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import Subscript, parse_path

AUGMENTED = frozenset({"add", "sub", "mul", "div"})
OPPOSITE = {"is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_"}
OPPOSITE |= {"eq": "ne", "ne": "eq"}


class Writer:
    def __init__(self, plan: Plan, namer: Namer) -> None:
        self.plan = plan
        self.nesting = plan.nesting
        self.classes = plan.classes
        self.namer = namer
        self.scope = namer.scope
        self.exprs = Expressions(plan.nesting, namer.scope, namer.of, plan.copied)
        self.lines: list[Line] = []
        self.depth = 1
        self.here: Stmt | None = None
        self.extra = False  # are the lines being written not the user's?

    # ---- lines
    # -------------------------------------------------------------------------

    def put(self, text: str) -> None:
        span = self.here.span if self.here is not None else None
        reverse = span is not None and span.reverse
        why = "; ".join(dict.fromkeys(filter(None, self.exprs.reasons)))
        self.exprs.reasons.clear()
        self.lines.append(Line(self.depth, text, span, reverse, not self.extra, why))

    def write(
        self, head: str, atom: Atom | Stmt, tail: str = "", *, bind: int = CHOICE
    ) -> None:
        """A line with one expression; too wide a line gives up parts of it first."""
        self.put(self.fitted(head, atom, tail, bind=bind))

    def render(self, atom: Atom | Stmt, bind: int) -> str:
        self.exprs.found.clear()
        self.exprs.reasons.clear()
        if isinstance(atom, (Var, Lit)):
            piece = self.exprs.atom(atom)
        else:
            piece = self.exprs.value(atom)
        if bind == TUPLE and len(piece.items) > 1:
            return ", ".join(item.within(CHOICE) for item in piece.items)
        return piece.within(bind)

    def fits(self, head: str, atom: Atom | Stmt, tail: str, bind: int = CHOICE) -> bool:
        return len(head + self.render(atom, bind) + tail) <= room(self.depth)

    def fitted(
        self, head: str, atom: Atom | Stmt, tail: str = "", *, bind: int = CHOICE
    ) -> str:
        """The text of a line, after lines for those parts that made it too wide."""
        while True:
            text = self.render(atom, bind)
            if len(head) + len(text) + len(tail) <= room(self.depth):
                return head + text + tail
            part = self.part(len(head) + len(text) + len(tail) - room(self.depth))
            if part is None:
                return laid(head, text, tail, self.depth)
            self.extract(part)

    def part(self, excess: int) -> Var | None:
        """The nested operation to take out: the widest that fits a line of its own."""
        widest = room(self.depth) - len("t100 = ")
        inner = [f for f in self.exprs.found if f.width >= 12]
        fitting = [f for f in inner if f.width <= widest]
        if not fitting:
            return inner[0].var if inner else None
        return max(fitting, key=lambda f: f.width).var

    def extract(self, var: Var) -> None:
        stmt = self.nesting.inline[var]
        # its own parts may be too wide as well, so its name comes last
        found = self.exprs.found
        self.exprs.found = []
        head = "t100 = "
        body = self.fitted(head, stmt)[len(head) :]
        del self.nesting.inline[var]
        self.namer.keep(var)
        self.put(f"{self.namer.of(var)} = {body}")
        self.exprs.found = found

    @contextmanager
    def captured(self, deeper: int = 1) -> Iterator[list[Line]]:
        """The lines written inside, kept apart."""
        lines: list[Line] = []
        before, self.lines = self.lines, lines
        here = self.here
        self.depth += deeper
        try:
            yield lines
        finally:
            self.lines = before
            self.depth -= deeper
            self.here = here

    # ---- functions and blocks
    # ------------------------------------------------------------

    def function(self, function: Function) -> list[Line]:
        self.ending(function.body, function.body.yields)
        return self.lines

    def ending(self, block: Block, results: tuple[Atom, ...]) -> None:
        """A block after which the function returns."""
        roots = self.nesting.roots(block)
        last = roots[-1] if roots else None
        if isinstance(last, If) and self.nesting.jumps.skips(last):
            self.stmts(roots[:-1])
            self.ending(last.orelse, pushed(last, last.orelse, results))
            return
        if isinstance(last, If) and id(last) in self.nesting.returning:
            self.stmts(roots[:-1])
            with self.captured() as then:
                self.ending(last.then, pushed(last, last.then, results))
            with self.captured() as orelse:
                self.ending(last.orelse, pushed(last, last.orelse, results))
            self.branches(last, then, orelse, ends=(True, True))
            return
        self.stmts(roots)
        self.here = None
        self.return_(results)

    def return_(self, results: tuple[Atom, ...]) -> None:
        if not results or results == (Lit(None),):
            if not self.lines and self.depth == 1:
                self.put("return None")
            elif results:
                self.put("return None")
            return
        edge = (id(self.plan.function), "return", 0)
        if len(results) == 1 and self.plan.edge(edge) is None:
            self.write("return ", results[0], bind=TUPLE)
            return
        texts = [self.result(atom, k) for k, atom in enumerate(results)]
        self.put(laid("return ", ", ".join(texts), "", self.depth))

    def result(self, atom: Atom, k: int) -> str:
        piece = self.exprs.atom(atom)
        why = self.plan.edge((id(self.plan.function), "return", k))
        return (piece if why is None else self.exprs.copy(piece, atom, why)).within(
            CHOICE
        )

    def stmts(self, stmts: Sequence[Stmt]) -> None:
        for stmt in stmts:
            self.here = stmt
            self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        self.extra = isinstance(stmt, Op) and (
            stmt.prim in ("tape", "push")
            or bool(stmt.outs and is_derived(stmt.outs[0].name))
        )
        if isinstance(stmt, If) and not is_choice(stmt, self.nesting.inline):
            self.if_(stmt)
        elif isinstance(stmt, For):
            self.for_(stmt)
        elif isinstance(stmt, While):
            self.while_(stmt)
        else:
            self.assignment(stmt)

    # ---- assignments
    # -----------------------------------------------------------------------

    def assignment(self, stmt: Stmt) -> None:
        if isinstance(stmt, Op):
            special = getattr(self, f"_{stmt.prim}", None)
            if special is not None:
                special(stmt)
                return
        used = [out for out in stmt.outs if self.nesting.counts.get(out)]
        if not used:
            if is_effect(stmt):
                self.write("", stmt)
            return
        if len(stmt.outs) == 1 and isinstance(stmt, Op) and self.augmented(stmt):
            return
        if isinstance(stmt, Op) and stmt.prim == "tuple":
            self.write(self.target(stmt.outs[0]), stmt, bind=TUPLE)
            return
        names = ", ".join(
            self.namer.of(out) if self.nesting.counts.get(out) else "_"
            for out in stmt.outs
        )
        if len(stmt.outs) == 1 and not self.named(stmt.outs[0]):
            body = self.fitted("t100 = ", stmt)[len("t100 = ") :]
            self.put(f"{self.namer.of(stmt.outs[0])} = {body}")
            return
        self.write(f"{names} = ", stmt)

    def named(self, var: Var) -> bool:
        return self.classes.of[var] in self.namer.names

    def target(self, var: Var) -> str:
        return f"{self.namer.of(var)} = "

    def augmented(self, op: Op) -> bool:
        """Write `x += y` for `x = x + y` where that is the same."""
        if op.prim not in AUGMENTED or spelling_of(op) or len(op.args) != 2:
            return False
        out = op.outs[0]
        for base, other in ((0, 1), (1, 0)):
            atom = op.args[base]
            if not isinstance(atom, Var) or atom in self.nesting.inline:
                continue
            if base and not (op.prim == "add" and is_derived(out.name)):
                continue
            if not self.classes.same(atom, out) or not self.plan.may_augment(op, base):
                continue
            sign = BINARY[op.prim][0]
            self.write(f"{self.namer.of(out)} {sign}= ", op.args[other])
            return True
        return False

    # ---- writes
    # ----------------------------------------------------------------------------

    def _setitem(self, op: Op) -> None:
        base = self.base(op)
        place = self.place(base, op, op.args[2:])
        self.write(f"{place} = ", op.args[1])

    def _additem(self, op: Op) -> None:
        base = self.base(op)
        if may_repeat(op):
            steps = parse_path(str(op.attrs["path"]))
            assert isinstance(steps[-1], Subscript)
            index = self.exprs.subscript(steps[-1], op.args[2:])
            add = self.scope.dotted("np.add.at")
            if len(steps[-1].items) > 1:
                index = f"({index})"
            self.write(f"{add}({base}, {index}, ", op.args[1], ")")
            return
        place = self.place(base, op, op.args[2:])
        self.write(f"{place} += ", op.args[1])

    def place(self, base: str, op: Op, operands: Sequence[Atom]) -> str:
        return base + self.exprs.path(str(op.attrs["path"]), operands)

    def base(self, op: Op) -> str:
        """The name to write to: the base itself, if need be moved or copied first."""
        old, new = op.args[0], op.outs[0]
        name = self.namer.of(new)
        why = self.plan.copied_base(op)
        same = (
            isinstance(old, Var)
            and old not in self.nesting.inline
            and (self.classes.same(old, new))
        )
        if why is not None or not same:
            piece = self.exprs.atom(old)
            if why is not None:
                piece = self.exprs.copy(piece, old, why)
            self.put(f"{name} = {piece.text}")
        return name

    def _push(self, op: Op) -> None:
        name = self.base(op)
        piece = self.exprs.operand(op, 1)
        self.put(f"{name}.append({piece.within(CHOICE)})")

    def _append(self, op: Op) -> None:
        self._push(op)

    def _pop(self, op: Op) -> None:
        name = self.base(op)
        if self.nesting.counts.get(op.outs[1]):
            piece = Piece(f"{name}.pop()")
            why = self.plan.copied(op, 0)
            if why is not None:
                piece = self.exprs.copy(piece, op.outs[1], why)
            self.put(f"{self.namer.of(op.outs[1])} = {piece.text}")
        else:
            self.put(f"{name}.pop()")

    # ---- effects
    # ---------------------------------------------------------------------------

    def _print(self, op: Op) -> None:
        args = self.exprs.with_keywords(op, range(len(op.args)))
        callee = op.attrs.get("spelling") or "print"
        self.put(laid("", f"{callee}({', '.join(args)})", "", self.depth))

    def _warn(self, op: Op) -> None:
        args = self.exprs.with_keywords(op, range(len(op.args)))
        callee = op.attrs.get("spelling") or self.scope.dotted("warnings.warn")
        self.put(laid("", f"{callee}({', '.join(args)})", "", self.depth))

    def _raise(self, op: Op) -> None:
        if not op.args:
            self.put("raise")
            return
        self.write("raise ", op.args[0])

    def _assert(self, op: Op) -> None:
        message = f", {self.exprs.arg(op.args[1])}" if len(op.args) > 1 else ""
        self.write("assert ", op.args[0], message)

    # ---- branches
    # --------------------------------------------------------------------------

    def if_(self, stmt: If) -> None:
        jumps = self.nesting.jumps
        if jumps.skips(stmt):  # who would take the first branch has left by a jump
            self.stmts(self.nesting.roots(stmt.orelse))
            self.moves(self.plan.branch_moves(stmt, stmt.orelse), stmt)
            return
        written = []
        for branch in (stmt.then, stmt.orelse):
            jump = jumps.at.get(id(branch))
            with self.captured() as lines:
                self.stmts(self.nesting.roots(branch))
                if jump is None:
                    self.moves(self.plan.branch_moves(stmt, branch), stmt)
                else:
                    self.jump(jump, stmt)
            written.append((lines, jump is not None))
        (then, then_ends), (orelse, else_ends) = written
        self.branches(stmt, then, orelse, (then_ends, else_ends))

    def jump(self, jump: Jump, stmt: If) -> None:
        self.here = stmt
        if jump.word == "return":
            self.return_(jump.results)
            return
        for owner, block in jump.moves:
            self.moves(self.plan.jump_moves(owner, block), stmt)
        self.put("break")

    def branches(
        self,
        stmt: If,
        then: list[Line],
        orelse: list[Line],
        ends: tuple[bool, bool] = (False, False),
    ) -> None:
        """Write the branches; after one that ends with a jump, no `else` is needed."""
        self.here = stmt
        if not then and not orelse:
            return
        if ends[1] and not ends[0] and then:
            then, orelse, ends, turned = orelse, then, (True, False), True
        else:
            turned = False
        if not then:
            self.condition("if ", stmt.cond, negated=not turned)
            self.lines += orelse
            return
        self.condition("if ", stmt.cond, negated=turned)
        self.lines += then
        if ends[0]:
            self.lines += [line.shifted(-1) for line in orelse]
        elif orelse and is_elif(orelse):
            first = orelse[0]
            self.lines.append(
                Line(self.depth, "el" + first.text, first.span, first.reverse)
            )
            self.lines += [line.shifted(-1) for line in orelse[1:]]
        elif orelse:
            self.put("else:")
            self.lines += orelse

    def condition(self, word: str, cond: Atom, *, negated: bool) -> None:
        if not negated:
            self.write(word, cond, ":")
            return
        stmt = self.nesting.inline.get(cond) if isinstance(cond, Var) else None
        if isinstance(stmt, Op) and stmt.prim == "not_":
            self.write(word, stmt.args[0], ":")
        elif isinstance(stmt, Op) and stmt.prim in OPPOSITE and not spelling_of(stmt):
            flipped = Op(
                stmt.outs, OPPOSITE[stmt.prim], stmt.args, stmt.attrs, stmt.span
            )
            self.write(word, flipped, ":")
        else:
            self.write(f"{word}not ", cond, ":", bind=OR + 2)

    # ---- loops
    # -------------------------------------------------------------------------------

    def for_(self, stmt: For) -> None:
        self.moves(self.plan.start_moves(stmt), stmt)
        head = loops.header(self, stmt)
        self.put(laid(*head, self.depth))
        self.loop_body(stmt)
        self.moves(self.plan.end_moves(stmt), stmt)

    def while_(self, stmt: While) -> None:
        self.moves(self.plan.start_moves(stmt), stmt)
        roots = self.nesting.roots(stmt.test)
        (test,) = stmt.test.yields
        if not roots and self.fits("while ", test, ":"):
            self.write("while ", test, ":")
            self.loop_body(stmt)
        else:
            self.put("while True:")
            self.depth += 1
            self.stmts(roots)
            self.here = stmt
            self.condition("if ", test, negated=True)
            self.depth += 1
            self.put("break")
            self.depth -= 2
            self.loop_body(stmt)
        self.moves(self.plan.end_moves(stmt), stmt)

    def loop_body(self, stmt: For | While) -> None:
        with self.captured() as ending:
            self.moves(self.plan.body_moves(stmt), stmt)
            stop = stmt.body.stop
            self.break_if(stop, carried_stop(stmt, self.nesting))
        roots = self.nesting.roots(stmt.body)
        with self.captured() as lines:
            self.stmts(roots[:-1])
            for last in roots[-1:]:
                self.here = last
                if not ending and isinstance(last, If) and skips_rest(last):
                    self.continued(last)
                else:
                    self.stmt(last)
            self.lines += ending
        self.lines += lines or [Line(self.depth + 1, "pass", stmt.span)]

    def continued(self, stmt: If) -> None:
        """`if c: continue` and the rest below it, as the user wrote it."""
        with self.captured() as then:
            self.moves(self.plan.branch_moves(stmt, stmt.then), stmt)
        if (
            then
            or id(stmt.orelse) in self.nesting.jumps.at
            or self.nesting.jumps.skips(stmt)
        ):
            self.stmt(stmt)
            return
        self.condition("if ", stmt.cond, negated=False)
        self.depth += 1
        self.put("continue")
        self.depth -= 1
        self.stmts(self.nesting.roots(stmt.orelse))
        self.moves(self.plan.branch_moves(stmt, stmt.orelse), stmt)

    def break_if(self, stop: Atom | None, carried: Var | None) -> None:
        if is_false(stop) or stop in self.nesting.jumps.gone:
            return
        if is_true(stop):
            self.put("break")
            return
        assert isinstance(stop, Var)
        self.write("if ", stop, ":")
        self.depth += 1
        self.put("break")
        self.depth -= 1

    # ---- moves
    # -------------------------------------------------------------------------------

    def moves(self, pairs: Pairs, stmt: Stmt) -> None:
        self.here = stmt
        found: list[Move] = []
        for target, source, why in pairs:
            if not self.plan.is_needed(target):
                continue
            if source == UNDEF:
                if target not in self.plan.handed:
                    continue
                source = NONE
            if (
                isinstance(source, Var)
                and source not in self.nesting.inline
                and why is None
            ):
                if self.classes.same(source, target):
                    continue
            piece: Piece = self.exprs.atom(source)
            if why is not None:
                piece = self.exprs.copy(piece, source, why)
            reads = frozenset(self.namer.of(v) for v in self.nesting.leaves(source))
            literal = isinstance(source, Lit)
            found.append(
                Move(self.namer.of(target), piece.within(CHOICE), reads, literal)
            )
        self.extra = True
        for left, right in texts(found):
            self.put(laid(f"{left} = ", right, "", self.depth))
        self.extra = False


def skips_rest(stmt: If) -> bool:
    """Did the user write `continue` as the whole branch?"""
    if stmt.then.stmts or stmt.form != "if" or stmt.span is None or stmt.span.reverse:
        return False
    lines = source_lines(stmt)
    below = [s.span.line for s in stmt.orelse.stmts if s.span is not None]
    end = min(below, default=stmt.span.line + len(lines)) - stmt.span.line
    return any("continue" in line.split("#")[0].split() for line in lines[:end])


def is_elif(lines: list[Line]) -> bool:
    """Are these lines one `if` with its branches and nothing else?"""
    depth = lines[0].depth
    return lines[0].text.startswith("if ") and all(
        line.depth > depth or line.text.startswith(("elif ", "else:"))
        for line in lines[1:]
    )


def may_repeat(op: Op) -> bool:
    """May the index name an element twice, so that `x[i] += v` would add but once?"""
    if not isinstance(op.args[0].kind, (Array, Unknown)):
        return False
    return any(isinstance(atom.kind, (Array, List)) for atom in op.args[2:]) or any(
        isinstance(atom.kind, Unknown) for atom in op.args[2:]
    )
