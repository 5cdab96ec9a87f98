"""Statements: a function of the IR as lines of Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.emit import loops
from s2sad.emit.comprehensions import begun_by, comprehension, rows
from s2sad.emit.describe import READS
from s2sad.emit.expressions import Piece
from s2sad.emit.jumps import (
    Jump,
    is_false,
    is_true,
    mentions,
    pushed,
    source_lines,
)
from s2sad.emit.layout import laid
from s2sad.emit.lines import Line
from s2sad.emit.nest import BOUND, is_choice, is_derived
from s2sad.emit.ranges import carried_stop
from s2sad.emit.spelling import CHOICE, OR, TUPLE, spelling_of
from s2sad.emit.unpacking import Unpacking
from s2sad.ir.kinds import Tuple
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

if TYPE_CHECKING:
    from typing import TypeGuard

OPPOSITE = {"is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_"}
OPPOSITE |= {"eq": "ne", "ne": "eq"}


class Writer(Unpacking):
    """Writes a function: its blocks, branches and loops."""

    # ---- functions and blocks --------------------------------------------------------

    def function(self, function: Function) -> list[Line]:
        self.unpacking(self.nesting.unpacked)
        self.ending(function.body, function.body.yields)
        return self.lines

    def unpacking(self, reads: Sequence[Op]) -> None:
        """`t1, x, half = kept`: what the forward half kept, in one line."""
        if not reads:
            return
        kept = reads[0].args[0]
        assert isinstance(kept, Var) and isinstance(kept.kind, Tuple)
        names = [self.namer.unread] * len(kept.kind.items or ())
        for op in reads:
            (out,) = op.outs
            assert isinstance(op.args[1], Lit) and isinstance(op.args[1].value, int)
            names[op.args[1].value] = self.namer.of(out)
        left = ", ".join(names) if len(names) > 1 else f"({names[0]},)"
        self.put(laid("", left, f" = {self.namer.of(kept)}", self.depth))
        for op in reads:
            if self.plan.copied(op, 0) is not None:  # what was kept serves again
                name = self.namer.of(op.outs[0])
                copy = self.exprs.copy(Piece(name, simple="name"), op.outs[0], "")
                self.put(f"{name} = {copy.text}")

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
            nested = dict(self.nesting.inline)
            with self.captured() as then:
                self.ending(last.then, pushed(last, last.then, results))
            # what got a name there, as it was too wide, has none on the other way
            self.nesting.inline.update(nested)
            with self.captured() as orelse:
                self.ending(last.orelse, pushed(last, last.orelse, results))
            self.branches(last, then, orelse, ends=(True, True))
            return
        self.stmts(roots)
        self.here = None
        self.return_(results)

    def return_(self, results: tuple[Atom, ...]) -> None:
        if results and all(atom == UNDEF for atom in results):
            return  # behind a `raise`
        if not results or results == (Lit(None),):
            if not self.lines and self.depth == 1:
                self.put("return None")
            elif results:
                self.put("return None")
            return
        edge = (id(self.plan.function), "return", 0)
        if len(results) == 1:
            if self.plan.edge(edge) is None:
                self.write("return ", results[0], bind=TUPLE)
            else:
                self.put(f"return {self.result(results[0], 0)}")
            return
        listed = Op((Var("", Tuple()),), "tuple", results)
        for k in range(len(results)):
            why = self.plan.edge((id(self.plan.function), "return", k))
            if why is not None:
                self.plan.copies.edges[id(listed), k] = why
        self.listed.append(listed)  # alive, so that its id stays its own
        self.write("return ", listed, bind=TUPLE)

    def result(self, atom: Atom, k: int) -> str:
        piece = self.exprs.atom(atom)
        why = self.plan.edge((id(self.plan.function), "return", k))
        return (piece if why is None else self.exprs.copy(piece, atom, why)).within(
            CHOICE
        )

    def stmts(self, stmts: Sequence[Stmt]) -> None:
        at = 0
        begun = begun_by(self, stmts)
        while at < len(stmts):
            stmt = stmts[at]
            if id(stmt) in begun:
                self.begins.setdefault(id(begun[id(stmt)]), []).append(stmt)
                at += 1
                continue
            reads = self.checked(stmts, at) if stmt.prim == "If" else []
            if reads:  # unpacking checks as well
                self.unpacked(reads, self.length_checked(stmt)[1])  # type: ignore[index]
                at += 1 + len(reads)
                continue
            reads = self.entries(stmts, at) if stmt.prim in READS else []
            if reads:
                self.unpacked(reads)
                at += len(reads)
                continue
            at += 1
            if stmt.prim == "pop" and self.is_popped_test(stmts, at - 1):
                continue
            following = stmts[at].prim if at < len(stmts) else ""
            reads = self.entries(stmts, at) if following in READS else []
            if reads and self.only_unpacked(stmt, reads):
                self.here = reads[0]
                self.write(f"{self.names_of(reads)} = ", stmt, bind=TUPLE)
                at += len(reads)
                continue
            if isinstance(stmt, Op) and stmt.prim in BOUND:
                continue  # it stands in the head of the block
            if stmt not in self.nesting.unpacked:
                self.here = stmt
                self.stmt(stmt)
                self.free(stmt)

    def free(self, stmt: Stmt) -> None:
        """`del t` for what is dead now."""
        if id(stmt) not in self.plan.freed:
            return
        classes = self.plan.freed[id(stmt)]
        names = [self.namer.names[cls] for cls in classes if cls in self.namer.names]
        if names:
            self.extra = True
            self.put(f"del {', '.join(names)}")
            self.extra = False

    def is_popped_test(self, stmts: Sequence[Stmt], at: int) -> bool:
        """`if tape.pop():` for a test that is kept, and read but there."""
        stmt = stmts[at]
        if not is_pop(stmt):
            return False
        while at < len(stmts) and is_pop(stmts[at]):  # of other tapes
            at += 1
        following = stmts[at] if at < len(stmts) else None
        if not isinstance(following, If) or following.form in ("with", "try"):
            return False
        if is_choice(following, self.nesting.inline):
            return False
        if self.nesting.jumps.skips(following):
            return False
        tape, test = stmt.outs
        if following.cond is not test or self.nesting.counts.get(test) != 1:
            return False
        if not self.classes.same(stmt.args[0], tape) or self.plan.copied_base(stmt):  # type: ignore[arg-type]
            return False
        self.exprs.taken[test] = f"{self.namer.of(tape)}.pop()"
        return True

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

    # ---- branches --------------------------------------------------------------------

    def if_(self, stmt: If) -> None:
        jumps = self.nesting.jumps
        if stmt.form == "with":
            self.with_(stmt)
            return
        if stmt.form == "try":
            self.try_(stmt)
            return
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
            written.append((lines, jump is not None or raises(lines, stmt)))
        (then, then_ends), (orelse, else_ends) = written
        self.branches(stmt, then, orelse, (then_ends, else_ends))

    def with_(self, stmt: If) -> None:
        if stmt.cond == NONE:  # the forward half alone was in a context
            self.stmts(self.nesting.roots(stmt.then))
            self.moves(self.plan.branch_moves(stmt, stmt.then), stmt)
            return
        self.write("with ", stmt.cond, f"{self.bound(stmt.then)}:")
        with self.captured() as lines:
            self.stmts(self.nesting.roots(stmt.then))
            self.moves(self.plan.branch_moves(stmt, stmt.then), stmt)
        self.lines += lines or [Line(self.depth + 1, "pass", stmt.span)]

    def try_(self, stmt: If) -> None:
        for head, block in (("try", stmt.then), ("except ", stmt.orelse)):
            if block is stmt.then:
                self.put("try:")
            else:
                self.write(head, stmt.cond, f"{self.bound(block)}:")
            with self.captured() as lines:
                self.stmts(self.nesting.roots(block))
                self.moves(self.plan.branch_moves(stmt, block), stmt)
            self.lines += lines or [Line(self.depth + 1, "pass", stmt.span)]

    def bound(self, block: Block) -> str:
        """` as e`: what the head of this block gives a name to, if it is read."""
        first = block.stmts[0] if block.stmts else None
        if not isinstance(first, Op) or first.prim not in BOUND:
            return ""
        (out,) = first.outs
        return f" as {self.namer.of(out)}" if self.nesting.counts.get(out) else ""

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

    # ---- loops -----------------------------------------------------------------------

    def for_(self, stmt: For) -> None:
        begun = self.begins.pop(id(stmt), ())
        made = comprehension(self, stmt, bool(begun))
        text = made and rows(self.target(stmt.outs[0]), made, self.depth)
        if text is not None:
            self.put(text)
            return
        for each in begun:
            self.here = each
            self.stmt(each)
        self.here, self.extra = stmt, False
        self.moves(self.plan.start_moves(stmt), stmt)
        self.lifts(stmt)
        head = loops.header(self, stmt)
        self.put(laid(*head, self.depth))
        self.loop_body(stmt)
        self.moves(self.plan.end_moves(stmt), stmt)

    def while_(self, stmt: While) -> None:
        self.moves(self.plan.start_moves(stmt), stmt)
        self.lifts(stmt)
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

    def lifts(self, stmt: For | While) -> None:
        """Views that are the same in each trip."""
        self.here, self.extra = stmt, True
        for op in self.plan.lifts.get(id(stmt), ()):
            self.assigned(op.outs[0], op)
        self.extra = False

    def loop_body(self, stmt: For | While) -> None:
        with self.captured() as ending:
            self.moves(self.plan.body_moves(stmt), stmt)
            stop = stmt.body.stop
            self.break_if(stop, carried_stop(stmt, self.nesting))
        roots = self.nesting.roots(stmt.body)
        with self.captured() as lines:
            last = roots[-1] if roots else None
            if not ending and isinstance(last, If) and skips_rest(last):
                self.stmts(roots[:-1])
                self.here = last
                self.continued(last)
            else:
                self.stmts(roots)
            self.lines += ending
        self.lines += lines or [Line(self.depth + 1, "pass", stmt.span)]

    def continued(self, stmt: If) -> None:
        """`if c: continue` and the rest below it, as the user wrote it."""
        with self.captured() as then:
            self.moves(self.plan.branch_moves(stmt, stmt.then), stmt)
        if (
            then
            or not {id(stmt.then), id(stmt.orelse)}.isdisjoint(self.nesting.jumps.at)
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


def raises(lines: list[Line], stmt: If) -> bool:
    """Does a branch end with `raise`, and did the user write no `else` after it?"""
    if not lines or mentions(stmt, "else:"):
        return False
    depth = min(line.depth for line in lines)
    return lines[-1].depth == depth and lines[-1].text.startswith("raise")


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


def is_pop(stmt: Stmt) -> TypeGuard[Op]:
    return isinstance(stmt, Op) and stmt.prim == "pop" and len(stmt.args) == 1
