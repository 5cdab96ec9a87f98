"""Names: one for every class of variables, none for two things.

The user's names come first and stay; then the names that the derivative made (`x_bar`,
`x_dot`, `x_tape`), with an underscore at the end where one is taken; a second version
of a name that is needed beside the first is `x_2`. A value that has none is called for
what it is (see `describe`) or whose derivative it is; any other is `t1`, `t2`, ... in
the order of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from itertools import count

from s2sad.emit.classes import Class, Classes
from s2sad.emit.describe import (
    READS,
    descriptions,
    is_call,
    is_word,
    number_word,
    shifted,
    slice_name,
)
from s2sad.emit.jumps import words_of
from s2sad.emit.nest import Nesting, is_derived
from s2sad.emit.ranges import insert, overlap
from s2sad.emit.scope import NEVER, Scope
from s2sad.ir.nodes import FALSE, Atom, For, Function, Lit, Op, Var, While
from s2sad.ir.walk import primitives, statements

TEMPORARY = re.compile(r"t\d+")
DEEPEST = 8  # operands of operands: beyond, a name would be too long


class Namer:
    """Gives names; those of temporaries only when they are first printed."""

    def __init__(
        self,
        function: Function,
        classes: Classes,
        nesting: Nesting,
        scope: Scope,
        views: Mapping[Var, Op],
    ) -> None:
        self.classes = classes
        self.nesting = nesting
        self.scope = scope
        self.names: dict[Class, str] = {}
        self.numbers: dict[str, int] = {}  # the last one that a hint was given
        self.extra: dict[
            Var, str
        ] = {}  # temporaries that only the width of a line needs
        self.used = set(scope.names.taken) | NEVER | free_names(function)
        self.used |= {*scope.functions.values(), *scope.cells}
        theirs = {*scope.names.taken, *free_names(function), *scope.params}
        self.is_theirs = "_" in theirs  # which is a soft keyword besides
        self.count = 0
        self.calls: dict[tuple[Var, str], str] = {}  # what operands are called, so far
        self.depth = 0
        self.kept: Sequence[str] = ()  # what the forward half calls what it keeps
        self.given: dict[str, Class] = {}  # whose description a name is
        self.words: set[str] = set()  # those that may be part of another
        self.indices: set[Class] = set()  # numbers of loops that the user gave no name
        self.origins: dict[Var, Var] = {}  # the printed variable that is copied from it
        for var in classes.of:
            if var not in nesting.split:
                self.origins.setdefault(var.origin, var)
        found = list(dict.fromkeys(classes.of.values()))
        mine: set[str] = set()
        for cls in found:
            if cls.is_param:
                name = next(v.name for v in cls.members if v.name)
                self.names[cls] = name
                mine.add(name)
                self.used.add(name)
        for var in classes.answers:
            if var in classes.of and not classes.of[var].hint:
                classes.of[var].hint = "y"
        known = words_of(function.source) if function.source is not None else None
        has_loops = not primitives(function.body).isdisjoint(("For", "While"))
        loops = [s for s in statements(function.body) if s.inner] if has_loops else []
        for stmt in loops:
            if (
                isinstance(stmt, For)
                and known is not None
                and stmt.index.name not in known
            ):
                cls = classes.of[stmt.index]
                if cls not in self.names:
                    cls.hint = ""
                    self.indices.add(cls)
        for stmt in loops:
            if isinstance(stmt, (For, While)):  # did it end before its time?
                for param, init in zip(stmt.params, stmt.inits, strict=True):
                    if (
                        init == FALSE
                        and param in classes.of
                        and not classes.of[param].hint
                    ):
                        classes.of[param].hint = "stopped"
        for derived in (False, True):
            for cls in found:
                if (
                    cls.hint
                    and cls not in self.names
                    and is_derived(cls.hint) == derived
                ):
                    name = self.numbered_like(cls) if derived else ""
                    self.names[cls] = name or self.fresh(cls.hint, derived, mine)
                    mine.add(self.names[cls])
                    self.used.add(self.names[cls])
        self.asked: list[Class] = []  # whose names are being made
        self.makers = {
            stmt.outs[0]: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op) and len(stmt.outs) == 1
        }
        self.views = views
        self.makers |= views
        self.result = tangents_value(function)
        if self.result in classes.of and not classes.of[self.result].hint:
            self.names[classes.of[self.result]] = self.free("y")
        self.scope.locals |= set(self.names.values())

    def fresh(self, hint: str, derived: bool, mine: set[str]) -> str:
        """The hint, numbered if another of `mine` has it, marked if the user has."""
        name = hint
        number = self.numbers.get(hint, 1)  # those before are taken
        while name in self.used:
            if hint in mine or name != hint:
                self.numbers[hint] = number = number + 1
                name = f"{hint}_{number}"
            else:
                name += "_"
        self.used.add(name)
        return name

    @cached_property
    def unread(self) -> str:
        """What stands where a value is not wanted: `_`, unless that is somebody's."""
        read = any(
            name == "_" and any(map(self.nesting.counts.get, cls.members))
            for cls, name in self.names.items()
        )
        if read or self.is_theirs:
            return self.fresh("unused", False, set())
        return "_"

    def of(self, var: Var) -> str:
        return self.said(var) or self.temporary(var)

    def said(self, var: Var) -> str:
        """The name of a variable, if it has one or one that says something."""
        cls = self.classes.of.get(var)
        if cls is not None and cls in self.names and var not in self.extra:
            return self.names[cls]
        if var in self.extra:
            return self.extra[var]
        if var is self.result:
            return self.give(var, self.free("y"))
        name = self.number(cls) or self.derivative(var, cls) or self.described(var, cls)
        if name:
            self.give(var, name)
        return name

    def give(self, var: Var, name: str) -> str:
        self.used.add(name)
        self.scope.locals.add(name)
        if var in self.nesting.inline:
            self.extra[var] = name
        else:
            self.names[self.classes.of[var]] = name
        return name

    def may_take(self, name: str) -> bool:
        return name not in self.used and name not in self.scope.cells

    def temporary(self, var: Var) -> str:
        """`t1`, `t2`, ...: for what nothing better is to be said of."""
        while True:
            self.count += 1
            if self.may_take(f"t{self.count}"):
                return self.give(var, f"t{self.count}")

    def number(self, cls: Class | None) -> str:
        """`i`, `j`, ... for the number of a loop."""
        if cls not in self.indices:
            return ""
        return next((name for name in "ijklmn" if self.may_take(name)), "")

    def derivative(self, var: Var, cls: Class | None) -> str:
        """`t3_bar` for the adjoint of what is `t3`."""
        primal, mark = self.primal([var] if cls is None else cls.members)
        if cls is not None and cls.reverse is False and mark == "_bar":
            return ""  # a value of the forward half that is an adjoint, too
        if primal is not None and primal not in self.asked:
            self.asked.append(primal)  # a value may be an adjoint's adjoint
            name = self.of(primal.members[0]) + mark
            self.asked.pop()
        elif self.result is not None and var.of == (self.result.origin, "_dot"):
            name = "y_dot"
        else:
            return ""
        if self.may_take(name):
            return name
        return self.numbered(name) if cls is not None else ""

    def primal(self, members: Sequence[Var]) -> tuple[Class | None, str]:
        """The one class that all of some variables are adjoints or tangents of."""
        found = {
            (self.classes.of[self.origins[var.of[0]]], var.of[1])
            for var in members
            if var.of is not None and var.of[0] in self.origins
        }
        return found.pop() if len(found) == 1 else (None, "")

    def numbered_like(self, cls: Class) -> str:
        """`x_2_bar` for the adjoint of what is `x_2`, as it might be of `x`."""
        primal, mark = self.primal(cls.members)
        if primal is None or cls.hint != primal.hint + mark:
            return ""
        name = self.names.get(primal, primal.hint) + mark
        return name if self.may_take(name) else ""

    def described(self, var: Var, cls: Class | None) -> str:
        """What the value of a line of its own is; nothing if several are called so."""
        op = self.makers.get(var)
        if op is None or cls is not None and len(cls.members) > 1:
            return ""
        if op in self.nesting.unpacked:
            (at,) = [atom.value for atom in op.args[1:] if isinstance(atom, Lit)]
            before = self.kept[at] if at < len(self.kept) else ""  # type: ignore
            if before and self.may_take(before):
                return before
        self.calls.clear()
        called = partial(self.called, within=within(op))
        names = [slice_name(op, called)] if var in self.views else []
        names = list(filter(None, names)) or list(descriptions(op, called))
        for name in names:
            again = self.given.get(name)
            if again is not None and cls is not None:
                if not overlap(again.stretches, cls.stretches):
                    insert(cls.stretches, again.stretches)  # computed once more
                    return name
            elif self.may_take(name):
                if cls is not None:
                    self.given[name] = cls
                if is_word(op, self.called):
                    self.words.add(name)
                return name
        return self.numbered(names[0]) if names and not names[0][-1].isdigit() else ""

    def handed_over(self, function: Function) -> list[str]:
        """What this half calls what it keeps, where that says something."""
        last = function.results[-1] if function.results else None
        bundle = self.makers.get(last)  # type: ignore[arg-type]
        if bundle is None or bundle.prim != "tuple":
            return []
        classes = [self.classes.of.get(atom) for atom in bundle.args]  # type: ignore[arg-type]
        names = [self.names.get(cls, "") if cls else "" for cls in classes]
        return ["" if TEMPORARY.fullmatch(name) else name for name in names]

    def free(self, name: str) -> str:
        self.used.add(name := name if self.may_take(name) else self.numbered(name))
        return name

    def numbered(self, name: str) -> str:
        return next(n for k in count(2) if self.may_take(n := f"{name}_{k}"))

    def called(self, atom: Atom, within: str = "") -> str:
        """What a description calls an operand; asked once for each value it names."""
        if isinstance(atom, Lit):
            return number_word(atom)
        if (atom, within) not in self.calls:
            self.calls[atom, within] = ""  # of a long chain, the far end is not named
            if self.depth < DEEPEST:
                self.depth += 1
                self.calls[atom, within] = self.word(atom, within)
                self.depth -= 1
        return self.calls[atom, within]

    def word(self, atom: Var, within: str) -> str:
        op = self.nesting.inline.get(atom)
        if isinstance(op, Op):
            if op.prim == "free":
                name = str(op.attrs["name"])
                return name if name.isidentifier() else ""
            if within == "read" and (name := shifted(op, self.called)):
                return name
            return next(descriptions(op, self.called, within), "")
        cls = self.classes.of.get(atom)
        name = self.extra.get(atom, "")
        if cls is not None:
            name = self.names.get(cls) or self.number(cls)
        if TEMPORARY.fullmatch(name):
            return ""
        maker = self.makers.get(atom)
        if maker is None or (cls is not None and cls.hint) or maker.prim == "pop":
            return name
        if within == "binary" and name not in self.words:
            return ""
        return "" if within == "call" and is_call(maker) else name


def tangents_value(function: Function) -> Var | None:
    """The value that a tangent function returns beside its tangent."""
    results = function.body.yields
    if len(results) == 1 and isinstance(results[0], Var):
        latest = reversed(function.body.stmts)
        maker = next((stmt for stmt in latest if results[0] in stmt.outs), None)
        if isinstance(maker, Op) and maker.prim == "tuple":
            results = maker.args
    if len(results) != 2:
        return None
    y, y_dot = results
    if not isinstance(y, Var) or not isinstance(y_dot, Var) or y.name:
        return None
    return y if y_dot.of == (y.origin, "_dot") else None


def within(op: Op) -> str:
    """Where the operands of an op stand in its description."""
    if op.prim in READS:
        return "read"
    return "call" if is_call(op) else "binary"


def free_names(function: Function) -> set[str]:
    """The first words of all text of the user's that is printed as it stands."""
    found: set[str] = set()
    for stmt in statements(function.body):
        if not isinstance(stmt, Op) or not stmt.attrs:
            continue
        for key in ("name", "callee", "spelling"):
            text = stmt.attrs.get(key)
            if isinstance(text, str) and text[:1].isidentifier():
                found.add(text.split(".")[0].split("[")[0].split("(")[0])
    for param in function.params:
        if isinstance(param.default, str):
            found.add(param.default)
    return found
