"""Assignments: operations as lines of Python, plain, in place, or for their effect.

A line that is too wide first gives up a part of its expression to a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from s2sad.emit.augmented import in_order, operator_of, sum_of, without_sign
from s2sad.emit.classes import Class
from s2sad.emit.expressions import ASKED, Expressions, Piece
from s2sad.emit.layout import laid
from s2sad.emit.lines import Line, room
from s2sad.emit.moves import Move, texts
from s2sad.emit.names import Namer
from s2sad.emit.nest import is_derived, is_effect
from s2sad.emit.plan import Pairs, Plan, same_array
from s2sad.emit.reuse import COMMUTE, OPERATORS
from s2sad.emit.sharing import entry_of
from s2sad.emit.spelling import ATOM, BINARY, CHOICE, SUM, TUPLE, spelling_of
from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Table,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    For,
    Lit,
    Op,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import Attribute, Slice, Step, Subscript, parse_path, path_texts
from s2sad.rules import BadArguments
from s2sad.rules.places import mask_axes, place_kind

AUGMENTED = frozenset({"add", "sub", "mul", "div"})


class Assignments:
    """Writes one operation after the other."""

    def __init__(self, plan: Plan, namer: Namer) -> None:
        self.plan = plan
        self.nesting = plan.nesting
        self.classes = plan.classes
        self.namer = namer
        self.scope = namer.scope
        self.exprs = Expressions(
            plan.nesting,
            namer.scope,
            namer.of,
            plan.copied,
            absent=plan.absent,
            missing=plan.missing,
            lifted=plan.lifted,
        )
        self.lines: list[Line] = []
        self.depth = 1
        self.here: Stmt | None = None
        self.listed: list[Op] = []  # results that a `return` lists
        self.begins: dict[int, list[Stmt]] = {}  # empty lists, by id of their loop
        self.extra = False  # are the lines being written not the user's?

    # ---- lines -----------------------------------------------------------------------

    def put(self, text: str) -> None:
        span = self.here.span if self.here is not None else None
        reverse = span is not None and span.reverse
        why = ""
        if self.exprs.reasons:
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

    def put_if_fits(self, head: str, atom: Atom | Stmt) -> bool:
        """Write a line with one expression, if it is not too wide."""
        text = self.render(atom, CHOICE)
        if len(head) + len(text) > room(self.depth):
            return False
        self.put(head + text)
        return True

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
            # a tuple may as well be given a row for each item
            part = self.part(40 if bind == TUPLE else 12)
            if part is None:
                return laid(head, text, tail, self.depth)
            self.extract(part)

    def part(self, least: int) -> Var | None:
        """The nested operation to take out: the widest that fits a line of its own."""
        widest = room(self.depth) - len("t100 = ")
        inner = [f for f in self.exprs.found if f.width >= least]
        fitting = [f for f in inner if f.width <= widest]
        if not fitting:
            return inner[0].var if inner else None
        return max(fitting, key=lambda f: f.width).var

    def extract(self, var: Var) -> None:
        stmt = self.nesting.inline[var]
        # its own parts may be too wide as well, so its name comes last
        found = self.exprs.found
        self.exprs.found = []
        self.assigned(var, stmt)
        del self.nesting.inline[var]
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

    # ---- assignments -----------------------------------------------------------------

    def assignment(self, stmt: Stmt) -> None:
        if id(stmt) in self.plan.undone:
            return
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
        if len(stmt.outs) == 1 and isinstance(stmt, Op):
            over = self.plan.written_over(stmt)
            if over is not None:
                self.write_over(stmt, over)
                return
            if self.augmented(stmt) or self.gathered(stmt) or self.accumulated(stmt):
                return
        if isinstance(stmt, Op) and stmt.prim == "tuple":
            self.write(self.target(stmt.outs[0]), stmt, bind=TUPLE)
            return
        if len(stmt.outs) == 1:
            self.assigned(stmt.outs[0], stmt)
            return
        names = ", ".join(
            self.namer.of(out) if self.nesting.counts.get(out) else self.namer.unread
            for out in stmt.outs
        )
        self.write(f"{names} = ", stmt)

    def assigned(self, var: Var, stmt: Stmt) -> None:
        """A line for the value of one variable, whose name comes last if it says
        nothing: numbers go in the order of the text.
        """
        head = f"{self.namer.said(var) or 't100'} = "
        body = self.fitted(head, stmt)[len(head) :]
        self.put(f"{self.namer.of(var)} = {body}")

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

    def write_over(self, op: Op, position: int) -> None:
        """`t *= y`, `np.exp(t, out=t)`: the result, in the memory of an operand."""
        out, base = op.outs[0], op.args[position]
        assert isinstance(base, Var)
        name, same = self.namer.of(base), self.classes.same(base, out)
        callee = spelling_of(op)
        sign = BINARY[op.prim][0] if op.prim in (*AUGMENTED, "pow") else ""
        if sign and not callee and (position == 0 or op.prim in COMMUTE):
            if same:
                self.write(f"{name} {sign}= ", op.args[1 - position])
                return
        head = "" if same else self.target(out)
        if op.prim == "pow" and not callee and op.args[1] == Lit(2):
            self.put(f"{head}{self.scope.dotted('np.square')}({name}, out={name})")
            return
        callee = self.scope.dotted(callee or OPERATORS[op.prim])
        parts = [f"{head}{callee}(", f"out={name})"]
        if len(op.args) == 1:
            self.put("".join((parts[0], f"{name}, ", parts[1])))
        elif position == 0:
            self.write(f"{parts[0]}{name}, ", op.args[1], f", {parts[1]}")
        else:
            self.write(parts[0], op.args[0], f", {name}, {parts[1]}")

    def accumulated(self, op: Op) -> bool:
        """A sum of an adjoint; if too wide, as `x_bar = a + b` and `x_bar += c`."""
        (out,) = op.outs
        if not is_sum(op) or not is_derived(self.namer.said(out)):
            return False
        head = self.target(out)
        if self.put_if_fits(head, op):
            return True
        sums = self.partial_sums(op)
        mine = self.classes.of[out]
        for each in sums:
            leaves = self.nesting.leaves(each.args[1])
            if any(self.classes.of.get(leaf) is mine for leaf in leaves):
                return False
        fitting = [k for k, each in enumerate(sums) if self.fits(head, each, "")]
        first = fitting[-1] if fitting else 0
        if first == len(sums) - 1:
            return False
        base = sums[0].args[0]
        if not first and isinstance(out.kind, Scalar) and self.is_named(base, mine):
            first = -1
        else:
            self.write(head, sums[first])
        for k, each in enumerate(sums[first + 1 :], first + 1):
            sign = BINARY[each.prim][0]
            in_place = k > 0 and same_array(sums[k - 1].outs[0], each.outs[0])
            if in_place or isinstance(out.kind, Scalar):
                self.write(f"{self.namer.of(out)} {sign}= ", each.args[1])
            else:
                self.write(
                    f"{head}{self.namer.of(out)} {sign} ", each.args[1], bind=SUM + 1
                )
        return True

    def gathered(self, op: Op) -> bool:
        """`x_bar = x_bar + a - b` for a number, as `x_bar += a - b`."""
        (out,) = op.outs
        if not isinstance(out.kind, Scalar) or not is_sum(op):
            return False
        sums = self.partial_sums(op) if is_derived(self.namer.said(out)) else []
        if len(sums) < 2 or not self.is_named(sums[0].args[0], self.classes.of[out]):
            return False
        sign, terms = in_order(sums)
        total = sum_of(terms, self.nesting)
        return self.put_if_fits(f"{self.namer.of(out)} {sign}= ", total)

    def is_named(self, atom: Atom, cls: Class) -> bool:
        if not isinstance(atom, Var) or atom in self.nesting.inline:
            return False
        return self.classes.of[atom] is cls

    def partial_sums(self, op: Op) -> list[Op]:
        """`a + b`, `a + b - c`, ... up to the whole sum."""
        found = [op]
        while True:
            left = found[0].args[0]
            inner = self.nesting.inline.get(left) if isinstance(left, Var) else None
            if not isinstance(inner, Op) or not is_sum(inner):
                return found
            found.insert(0, inner)

    # ---- writes ----------------------------------------------------------------------

    def _setitem(self, op: Op) -> None:
        if self.in_tuple(op):
            self.entry(op, "")
            return
        found = operator_of(op, self.nesting, self.plan.reads)
        base = self.base(op)
        place = self.place(base, op, op.args[2:])
        if found is None:
            self.write(f"{place} = ", op.args[1])
        else:
            place = self.lifted(op) or place
            self.write(f"{place} {found[0]}= ", found[1])

    def _additem(self, op: Op) -> None:
        if self.in_tuple(op):
            self.entry(op, " + ")
            return
        base = self.base(op)
        if may_repeat(op) and not op.attrs.get("unique"):
            path = str(op.attrs["path"])
            steps = parse_path(path)
            assert isinstance(steps[-1], Subscript)
            base += self.exprs.path(path[: path.rindex("[")], op.args[2:])
            index = self.exprs.subscript(steps[-1], op.args[2:])
            if self.scope.dialect.add_at:
                add = self.scope.helper(self.scope.dialect.add_at(op))
                self.write(f"{add}({base}, {index}, ", op.args[1], ")")
                return
            add = self.scope.dotted("np.add.at")
            if any(isinstance(item, Slice) for item in steps[-1].items):
                index = f"{self.scope.dotted('np.s_')}[{index}]"
            elif steps[-1].is_tuple:
                index = f"({index})"
            self.write(f"{add}({base}, {index}, ", op.args[1], ")")
            return
        added = op.args[1].kind
        unknown = isinstance(added, Unknown) and not isinstance(holders(op)[-1], Array)
        if is_container(added) or unknown:  # `+=` would make a list longer
            place = self.place(base, op, op.args[2:])
            add = self.scope.helper("add_items")
            self.write(f"{place} = {add}({place}, ", op.args[1], ")")
            return
        place = self.lifted(op) or self.place(base, op, op.args[2:])
        value = op.args[1]
        turned = without_sign(value, self.nesting)
        if turned is None:
            self.write(f"{place} += ", value)
        else:
            self.write(f"{place} -= ", turned)

    def in_tuple(self, op: Op) -> bool:
        """Does the write end at an entry of a tuple, which can't be written to?"""
        return isinstance(holders(op)[-1], Tuple)

    def entry(self, op: Op, sign: str) -> None:
        """`t = (t[0], v)`: a tuple with another entry, put where the old one stood."""
        steps, kinds = parse_path(str(op.attrs["path"])), holders(op)
        first = len(steps)
        while first and isinstance(kinds[first - 1], Tuple):
            first -= 1
        inner = any(entry_of(op, step) is None for step in steps[first:])
        if first or inner:
            base = self.base(op)
        elif self.plan.copied(op, 0) is not None:
            base = self.namer.of(op.outs[0])
            self.put(f"{base} = {self.exprs.operand(op, 0).text}")
        else:
            base = self.exprs.atom(op.args[0]).within(ATOM)
        place = base + "".join(self.step(op, step) for step in steps[:first])
        head = f"{place} = " if first or inner else self.target(op.outs[0])
        if inner:  # which entry it is, the run decides
            last = self.step(op, steps[-1])
            value = self.exprs.operand(op, 1).within(CHOICE)
            builtin = self.scope.builtin
            self.put(f"{head}{builtin('list')}({place})")
            self.put(f"{place}{last} {sign.strip()}= {value}")
            self.put(f"{head}{builtin('tuple')}({place})")
            return
        body = self.remade(op, place, steps[first:], kinds[first:], sign)
        self.put(laid(head, body, "", self.depth))

    def remade(
        self, op: Op, old: str, steps: Sequence[Step], kinds: Sequence[Kind], sign: str
    ) -> str:
        """The text of a tuple of which one entry is another."""
        if not steps:
            value = self.exprs.operand(op, 1)
            if not sign:
                return value.within(CHOICE)
            if is_container(op.args[1].kind):
                return (
                    f"{self.scope.helper('add_items')}({old}, {value.within(CHOICE)})"
                )
            return f"{old}{sign}{value.within(SUM + 1)}"
        kind, key = kinds[0], entry_of(op, steps[0])
        assert isinstance(kind, Tuple) and key is not None
        items = [f"{old}[{k}]" for k in range(len(kind.items))]
        at = key % len(items)
        items[at] = self.remade(op, items[at], steps[1:], kinds[1:], sign)
        listed = f"{', '.join(items)}{',' * (len(items) == 1)}"
        name = "" if kind.cls is None else self.scope.constant(kind.cls)
        plain = len(steps) == len(holders(op)) and len(items) > 1 and not name
        return listed if plain else f"{name}({listed})"

    def step(self, op: Op, step: Step) -> str:
        if isinstance(step, Attribute):
            return f".{step.name}"
        return f"[{self.exprs.subscript(step, op.args[2:])}]"

    def place(self, base: str, op: Op, operands: Sequence[Atom]) -> str:
        return base + self.exprs.path(str(op.attrs["path"]), operands)

    def lifted(self, op: Op) -> str:
        """The name of a view that is written through, see `lift`."""
        view = self.plan.lifted.get(id(op))
        return "" if view is None else self.namer.of(view)

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
        name = self.listed_at(op, 2)
        if self.plan.copied(op, 1) is None:
            self.write(f"{name}.append(", op.args[1], ")")
            return
        piece = self.exprs.operand(op, 1)
        self.put(f"{name}.append({piece.within(CHOICE)})")

    def _append(self, op: Op) -> None:
        self._push(op)

    def _inserted(self, op: Op) -> None:
        name = self.listed_at(op, 3)
        at = self.exprs.operand(op, 1).within(CHOICE)
        if self.plan.copied(op, 2) is None:
            self.write(f"{name}.insert({at}, ", op.args[2], ")")
            return
        piece = self.exprs.operand(op, 2)
        self.put(f"{name}.insert({at}, {piece.within(CHOICE)})")

    def _taken_out(self, op: Op) -> None:
        name = self.listed_at(op, 2)
        self.write(f"del {name}[", op.args[1], "]")

    def listed_at(self, op: Op, before: int) -> str:
        """The list that grows or shrinks: the base, or what lies in it by a path."""
        base = self.base(op)
        if "path" not in op.attrs:
            return base
        return self.place(base, op, op.args[before:])

    def _pop(self, op: Op) -> None:
        name = self.listed_at(op, 1)
        if self.nesting.counts.get(op.outs[1]):
            piece = Piece(f"{name}.pop()")
            why = self.plan.copied(op, 0)
            if why is not None:
                piece = self.exprs.copy(piece, op.outs[1], why)
            self.put(f"{self.namer.of(op.outs[1])} = {piece.text}")
        else:
            self.put(f"{name}.pop()")

    # ---- effects ---------------------------------------------------------------------

    def _print(self, op: Op) -> None:
        args = self.exprs.with_keywords(op, range(len(op.args)))
        callee = op.attrs.get("spelling") or self.scope.builtin("print")
        self.put(laid("", f"{callee}({', '.join(args)})", "", self.depth))

    def _warn(self, op: Op) -> None:
        args = self.exprs.with_keywords(op, range(len(op.args)))
        callee = op.attrs.get("spelling") or self.scope.dotted("warnings.warn")
        self.put(laid("", f"{callee}({', '.join(args)})", "", self.depth))

    def _set_random_state(self, op: Op) -> None:
        source = self.exprs.source_text(op)
        asked = ASKED[str(op.attrs["cls"])]
        if asked.endswith(".state"):
            self.write(f"{source}{asked} = ", op.args[-1])
        else:
            self.write(f"{source}{asked[:-2].replace('get', 'set')}(", op.args[-1], ")")

    def _raise(self, op: Op) -> None:
        if not op.args:
            self.put("raise")
            return
        cause = f" from {self.exprs.arg(op.args[1])}" if len(op.args) > 1 else ""
        self.write("raise ", op.args[0], cause)

    def _assert(self, op: Op) -> None:
        message = f", {self.exprs.arg(op.args[1])}" if len(op.args) > 1 else ""
        self.write("assert ", op.args[0], message)

    # ---- moves -----------------------------------------------------------------------

    def moves(self, pairs: Pairs, stmt: Stmt) -> None:
        self.here = stmt
        found: list[Move] = []
        reasons: dict[str, list[str]] = {}
        for target, source, why in pairs:
            self.exprs.reasons.clear()
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
            name = self.namer.of(target)
            found.append(Move(name, piece.within(CHOICE), reads, literal))
            reasons[name] = list(self.exprs.reasons)
        found = self.as_written(found, stmt)
        self.extra = True
        for left, right in texts(found):
            names = left.replace(" = ", ", ").split(", ")
            self.exprs.reasons[:] = [why for name in names for why in reasons[name]]
            self.put(laid(f"{left} = ", right, "", self.depth))
        self.extra = False

    def as_written(self, moves: list[Move], stmt: Stmt) -> list[Move]:
        """Write what a loop starts from where the user assigned it; give the rest."""
        span = stmt.span
        if span is None or span.reverse or not isinstance(stmt, (For, While)):
            return moves
        if not moves or not all(move.literal for move in moves):
            return moves
        lines = {move.target: line_above(span, move.target) for move in moves}
        mine = [move for move in moves if lines[move.target]]
        for move in sorted(mine, key=lambda move: lines[move.target]):
            place = replace(span, line=lines[move.target], end_line=0)
            self.lines.append(Line(self.depth, f"{move.target} = {move.source}", place))
        return [move for move in moves if not lines[move.target]]


def is_sum(op: Op) -> bool:
    return op.prim in ("add", "sub") and len(op.args) == 2 and not spelling_of(op)


def line_above(span: Span, name: str) -> int:
    """The last line above a statement that assigns to a name; 0 if there is none."""
    assigns = re.compile(rf"\s*{name}\s*(:[^=]+)?=(?!=)")
    for number in range(span.line - 1, 1, -1):
        if assigns.match(span.source.line(number)):
            return number
    return 0


def holders(op: Op) -> list[Kind]:
    """The kinds of the containers that the path of a write leads through."""
    found, path = [op.args[0].kind], str(op.attrs["path"])
    for number in range(1, len(parse_path(path))):
        start = "".join(path_texts(path)[:number])
        try:
            found.append(place_kind(op.args[0].kind, start, op.args[2:]))
        except BadArguments:
            found.append(UNKNOWN)
    return found


def is_container(kind: Kind) -> bool:
    return isinstance(kind, (List, Tuple, Dict, Table, Object))


def may_repeat(op: Op) -> bool:
    """May the index name an element twice, so that `x[i] += v` would add but once?"""
    if not isinstance(holders(op)[-1], (Array, Unknown)):
        return False
    return any(names_many(a.kind) and not mask_axes(a) for a in op.args[2:])


def names_many(kind: Kind) -> bool:
    """May an index of this kind name several elements, one of them twice?"""
    if isinstance(kind, Array):
        return kind.dtype != "bool"
    return isinstance(kind, (List, Tuple, Unknown))
