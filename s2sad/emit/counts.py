"""Counts: how often a loop keeps a value, and how large it is, in the program's words.

    for i in range(1, n):              Keeps u (len(u) floats) once per iteration of
        u_tape.append(u.copy())        line 3: n - 1 times.

A count is a product of the trips of the loops around, each a sum of what the function
is called with: numbers, parameters, lengths of parameters. What only the run can tell
(a `while`, a bound that is computed) has no count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from s2sad.analysis.affine import ONE, Form, constant, plus, symbol
from s2sad.ir.kinds import Array, Dim, Kind, Scalar
from s2sad.ir.nodes import Atom, Block, For, Function, If, Lit, Op, Stmt, Var, While
from s2sad.ir.walk import statements

LENGTH = re.compile(r"~?(?P<whose>.+)\.(?P<axis>\d+)(?P<more>[+-]\d+)?")
COUNTED = re.compile(r"~?\w*#(?P<serial>\d+)(?P<more>[+-]\d+)?")
WORDS = {"float64": "floats", "int64": "ints", "bool": "bools"}
DEPTH = 8  # of index arithmetic

Loop = For | While


@dataclass
class Place:
    """Where something is pushed: the loops around it, and is it so on every trip?"""

    push: Op
    line: int  # of the statement around it
    loops: tuple[Loop, ...] = ()
    always: bool = True

    @property
    def kind(self) -> Kind:
        return self.push.args[1].kind

    @property
    def loop_line(self) -> int:
        span = self.loops[-1].span if self.loops else None
        return self.line if span is None else span.line


def places(
    block: Block, line: int = 0, loops: tuple[Loop, ...] = (), always: bool = True
) -> Iterator[Place]:
    """Every op that keeps something."""
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            if stmt.prim == "push" or stmt.attrs and stmt.attrs.get("keeps"):
                yield Place(stmt, line, loops, always)
            continue
        mine = line if stmt.span is None else stmt.span.line
        around = (*loops, stmt) if isinstance(stmt, (For, While)) else loops
        sure = always and not isinstance(stmt, If)
        for inner in stmt.inner:
            yield from places(inner, mine, around, sure and inner.stop is None)


@dataclass
class Counts:
    """Counts of one function."""

    function: Function
    params: dict[Var, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for param in self.function.params:
            self.params[param.var] = param.var.name

    @cached_property
    def makers(self) -> Mapping[Var, Stmt]:
        stmts = statements(self.function.body)
        return {out: stmt for stmt in stmts for out in stmt.outs}

    @cached_property
    def serials(self) -> Mapping[int, Var]:
        known = [*self.makers, *self.params]
        return {var.serial: var for var in known}

    # ---- what is said ----------------------------------------------------------------

    def times(self, place: Place) -> str:
        """`n - 1 times`, `at most n times`; nothing if only the run can tell."""
        factors = [self.trips(loop) for loop in place.loops]
        if not factors or None in factors:
            return ""
        number = product([form for form in factors if form is not None])
        if number in ("0", "1"):
            return ""
        return f"{'' if place.always else 'at most '}{number} times"

    def size(self, kind: Kind) -> str:
        """`len(u) floats` of an array whose lengths are told by the parameters."""
        if not isinstance(kind, Array) or not kind.dims:
            return ""
        word = WORDS.get(kind.dtype, f"{kind.dtype} numbers")
        whose = {found[1] for dim in kind.dims if (found := LENGTH.fullmatch(str(dim)))}
        if len(kind.dims) > 1 and len(whose) == 1:
            (name,) = whose
            full = tuple(f"{name}.{axis}" for axis in range(len(kind.dims)))
            rank = next((v.kind for v, n in self.params.items() if n == name), None)
            if kind.dims == full and isinstance(rank, Array) and rank.dims == full:
                return f"{name}.size {word}"
        forms = [self.length(dim) for dim in kind.dims]
        if None in forms:
            return ""
        number = product([form for form in forms if form is not None])
        return f"1 {word[:-1]}" if number == "1" else f"{number} {word}"

    # ---- sums ------------------------------------------------------------------------

    def trips(self, loop: Loop) -> Form | None:
        if not isinstance(loop, For) or not isinstance(loop.step, Lit):
            return None
        start, stop = self.form(loop.start), self.form(loop.stop)
        if start is None or stop is None or loop.step.value not in (1, -1):
            return None
        return plus(stop, start, -1) if loop.step.value == 1 else plus(start, stop, -1)

    def form(self, atom: Atom, depth: int = 0) -> Form | None:
        """A whole number as a sum of what the parameters tell."""
        if isinstance(atom, Lit):
            return constant(atom.value) if type(atom.value) is int else None
        made = self.makers.get(atom)
        if isinstance(made, Op) and made.prim == "len" and made.args[0] in self.params:
            return symbol(f"len({self.params[made.args[0]]})")  # type: ignore[index]
        if isinstance(atom.kind, Scalar) and atom.kind.size is not None:
            found = self.length(atom.kind.size, depth)
            if found is not None:
                return found
        if atom in self.params:
            return symbol(self.params[atom])
        if not isinstance(made, Op) or depth > DEPTH or len(made.args) != 2:
            return None
        a, b = (self.form(arg, depth + 1) for arg in made.args)
        if a is None or b is None:
            return None
        if made.prim in ("add", "sub"):
            return plus(a, b, 1 if made.prim == "add" else -1)
        if made.prim == "mul":
            for one, other in ((a, b), (b, a)):
                if not one.keys() - {ONE}:
                    return plus({}, other, one.get(ONE, 0))
        return None

    def length(self, dim: Dim | None, depth: int = 0) -> Form | None:
        """A dim of a kind: `x.0` is `len(x)`, `~n#12` what the variable is."""
        if isinstance(dim, int):
            return constant(dim)
        if dim is None:
            return None
        if found := COUNTED.fullmatch(dim):
            var = self.serials.get(int(found["serial"]))
            form = None if var is None or depth > DEPTH else self.form(var, depth + 1)
        elif found := LENGTH.fullmatch(dim):
            form = self.axis(found["whose"], int(found["axis"]))
        if found is None or form is None:
            return None
        return plus(form, constant(int(found["more"] or 0)))

    def axis(self, whose: str, axis: int) -> Form | None:
        if whose not in self.params.values():
            return None
        return symbol(f"len({whose})" if axis == 0 else f"{whose}.shape[{axis}]")


# ---- text ----------------------------------------------------------------------------


def product(forms: list[Form]) -> str:
    """The product as text, numbers first, sums in brackets."""
    number, sums = 1, []
    for form in forms:
        if not form.keys() - {ONE}:
            number *= form.get(ONE, 0)
        else:
            sums.append(form)
    if not sums or number == 0:
        return str(number)
    alone = len(sums) == 1 and number == 1
    texts = [
        shown(form) if alone or len(form) == 1 else f"({shown(form)})" for form in sums
    ]
    return " * ".join([*([] if number == 1 else [str(number)]), *texts])


def shown(form: Form) -> str:
    """`2 * n - 1`."""
    parts: list[str] = []
    order = sorted(form.items(), key=lambda item: (item[0] is ONE, item[1] < 0))
    for name, factor in order:
        size = abs(factor)
        text = (
            str(size) if name is ONE else str(name) if size == 1 else f"{size} * {name}"
        )
        if not parts:
            parts.append(f"-{text}" if factor < 0 else text)
        else:
            parts.append(f"{'-' if factor < 0 else '+'} {text}")
    return " ".join(parts)
