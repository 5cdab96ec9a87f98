"""Names: one for every class of variables, none for two things.

The user's names come first and stay; then the names that the derivative made (`x_bar`,
`x_dot`, `x_tape`), with an underscore at the end where one is taken; a second version
of a name that is needed beside the first is `x_2`. A value that was read from a place
is called after it (`A[i, j]` is `A_ij`), any other is `t1`, `t2`, ... in the order of
the text.
"""

from __future__ import annotations

from s2sad.emit.classes import Class, Classes
from s2sad.emit.jumps import words_of
from s2sad.emit.nest import is_derived
from s2sad.emit.scope import NEVER, Scope
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import FALSE, For, Function, Lit, Op, Var, While
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import statements


class Namer:
    """Gives names; those of temporaries only when they are first printed."""

    def __init__(self, function: Function, classes: Classes, scope: Scope) -> None:
        self.classes = classes
        self.scope = scope
        self.names: dict[Class, str] = {}
        self.numbers: dict[str, int] = {}  # the last one that a hint was given
        self.extra: dict[
            Var, str
        ] = {}  # temporaries that only the width of a line needs
        self.used = set(scope.names.taken) | NEVER | free_names(function)
        self.used |= {*scope.functions.values(), *scope.cells}
        self.count = 0
        self.indices: set[Class] = set()  # numbers of loops that the user gave no name
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
        for stmt in statements(function.body):
            if (
                isinstance(stmt, For)
                and known is not None
                and stmt.index.name not in known
            ):
                cls = classes.of[stmt.index]
                if cls not in self.names:
                    cls.hint = ""
                    self.indices.add(cls)
        for stmt in statements(function.body):
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
                    self.names[cls] = name = self.fresh(cls.hint, derived, mine)
                    mine.add(name)
        self.reads = {
            stmt.outs[0]: stmt
            for stmt in statements(function.body)
            if isinstance(stmt, Op) and stmt.prim == "getitem"
        }
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

    def of(self, var: Var) -> str:
        if var in self.extra:
            return self.extra[var]
        cls = self.classes.of[var]
        name = self.names.get(cls)
        if name is None:
            name = self.place(cls) or self.number(cls) or self.temporary()
            self.names[cls] = name
        return name

    def number(self, cls: Class) -> str | None:
        """`i`, `j`, ... for the number of a loop."""
        if cls not in self.indices:
            return None
        for name in "ijklmn":
            if name not in self.used and name not in self.scope.cells:
                self.used.add(name)
                return name
        return None

    def temporary(self) -> str:
        while True:
            self.count += 1
            name = f"t{self.count}"
            if name not in self.used and name not in self.scope.cells:
                self.used.add(name)
                return name

    def keep(self, var: Var) -> None:
        """Name a nested operation: it is printed by itself after all."""
        self.extra[var] = self.temporary()

    def place(self, cls: Class) -> str | None:
        """`A_ij` for the one value that was read from `A[i, j]`."""
        op = self.reads.get(cls.members[0]) if len(cls.members) == 1 else None
        if op is None or not isinstance(op.args[0], Var):
            return None
        if op.args[0] not in self.classes.of or not isinstance(op.args[0].kind, Array):
            return None
        steps = parse_path(str(op.attrs["path"]))
        if len(steps) != 1 or not isinstance(steps[0], Subscript):
            return None
        marks = []
        for item in steps[0].items:
            if not isinstance(item, int):
                return None
            index = op.args[1 + item]
            if (
                isinstance(index, Lit)
                and isinstance(index.value, int)
                and index.value >= 0
            ):
                marks.append(str(index.value))
            elif isinstance(index, Var) and self.is_called(index):
                marks.append(self.of(index))
            else:
                return None
        glue = "" if all(len(mark) == 1 for mark in marks) else "_"
        name = f"{self.of(op.args[0])}_{glue.join(marks)}"
        if name in self.used or name in self.scope.cells or not name.isidentifier():
            return None
        self.used.add(name)
        return name

    def is_called(self, index: Var) -> bool:
        """Has an index a name, or will it be one of `i`, `j`, ...?"""
        cls = self.classes.of.get(index)
        return cls is not None and bool(cls.hint or cls in self.indices)


def free_names(function: Function) -> set[str]:
    """The first words of all text of the user's that is printed as it stands."""
    found: set[str] = set()
    for stmt in statements(function.body):
        if not isinstance(stmt, Op):
            continue
        for key in ("name", "callee", "spelling"):
            text = stmt.attrs.get(key)
            if isinstance(text, str) and text[:1].isidentifier():
                found.add(text.split(".")[0].split("[")[0].split("(")[0])
    for param in function.params:
        if isinstance(param.default, str):
            found.add(param.default)
    return found
