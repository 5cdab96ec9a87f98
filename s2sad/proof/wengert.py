"""The evaluation list of one run: every operation that was executed, in order, and the
tangent and adjoint of each, by the rules themselves.

A program is run statement by statement; branches, loops and calls disappear, and what
remains is straight-line: the list that textbooks named after Wengert draw. The rules
build IR for each line's tangent and adjoint, and that IR is run as it is built.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.interp import Interpreter, additem, setitem, value
from s2sad.ir.kinds import UNKNOWN, Dict, Kind, Object, children, may_vary
from s2sad.ir.nodes import Atom, Block, Call, For, If, Lit, Op, Program, Stmt, Var
from s2sad.ir.paths import read
from s2sad.proof.leaves import bind, is_record

Env = dict[Var, Any]


def rule(prim: str) -> Any:
    from s2sad.rules import TABLE

    return TABLE[prim]


@dataclass
class Line:
    """One executed operation; `op` reads and defines variables of the list."""

    op: Op
    name: str = ""  # of the user's variable, or ""
    tangent_ops: list[Stmt] = field(default_factory=list)
    tangent: Any = None
    adjoint: Any = None


@dataclass
class Share:
    """One contribution to an adjoint: what the rule computed, and where it goes."""

    bar: Atom
    stmts: list[Stmt]
    path: str = ""
    index: Sequence[Atom] = ()


class Wengert:
    """The list of one run, with its values; then `push` tangents, `pull` adjoints."""

    def __init__(self, program: Program, args: Sequence[Any]) -> None:
        self.program = program
        self.env: Env = {}
        self.lines: list[Line] = []
        self.interpreter = Interpreter(program, lambda prim: rule(prim).run)
        self.inputs: list[Var] = []
        for param, arg in zip(program.entry.params, args):
            var = param.var.like()
            self.env[var] = arg
            self.inputs.append(var)
        self.results = self._call(program.main, self.inputs)
        self.tangents: dict[Var, Var | None] = {}
        self.bars: dict[Var, Any] = {}
        self.taken: dict[Var, Var] = {}  # an adjoint as rules see it -> whose it is
        self.items: dict[Var, tuple[Var, Any]] = {}  # likewise, an entry of one
        self.shares: dict[Var, list[Share]] = {}

    def value(self, atom: Atom) -> Any:
        return value(atom, self.env)

    # ---- the run ---------------------------------------------------------------------

    def _call(self, key: str, atoms: Sequence[Atom]) -> tuple[Atom, ...]:
        function = self.program.functions[key]
        names = dict(zip((param.var for param in function.params), atoms))
        return self._block(function.body, names)

    def _block(self, block: Block, names: dict[Var, Atom]) -> tuple[Atom, ...]:
        for stmt in block.stmts:
            results = self._stmt(stmt, names)
            names.update(zip(stmt.outs, results))
        return tuple(_get(atom, names) for atom in block.yields)

    def _stmt(self, stmt: Stmt, names: dict[Var, Atom]) -> tuple[Atom, ...]:
        if isinstance(stmt, Op):
            return self._op(stmt, names)
        if isinstance(stmt, If):
            if stmt.form == "try":
                try:
                    return self._block(stmt.then, dict(names))
                except self.value(_get(stmt.cond, names)) as error:  # type: ignore[misc]
                    self.interpreter.bound = error
                    return self._block(stmt.orelse, names)
            taken = stmt.form == "with" or self.value(_get(stmt.cond, names))
            return self._block(stmt.then if taken else stmt.orelse, names)
        if isinstance(stmt, Call):
            return self._call(stmt.function, [_get(arg, names) for arg in stmt.args])
        carried = tuple(_get(atom, names) for atom in stmt.inits)
        if isinstance(stmt, For):
            bounds = (stmt.start, stmt.stop, stmt.step)
            trips = range(*(self.value(_get(atom, names)) for atom in bounds))
            for index in reversed(trips) if stmt.backward else trips:
                names[stmt.index] = Lit(index)
                names.update(zip(stmt.params, carried))
                carried = self._block(stmt.body, names)
                if self._stopped(stmt.body, names):
                    break
            return carried
        while True:
            names.update(zip(stmt.params, carried))
            (go_on,) = self._block(stmt.test, names)
            if not self.value(go_on):
                return carried
            carried = self._block(stmt.body, names)
            if self._stopped(stmt.body, names):
                return carried

    def _stopped(self, body: Block, names: dict[Var, Atom]) -> bool:
        return body.stop is not None and bool(self.value(_get(body.stop, names)))

    def _op(self, op: Op, names: dict[Var, Atom]) -> tuple[Atom, ...]:
        args = tuple(_get(atom, names) for atom in op.args)
        outs = tuple(var.like() for var in op.outs)
        made = replace(op, args=args, outs=outs)
        self.env.update(zip(outs, self.interpreter.op(made, self.env)))
        self.lines.append(Line(made, outs[0].name if outs else ""))
        return outs

    # ---- tangents --------------------------------------------------------------------

    def push(self, seeds: Sequence[Any]) -> None:
        """Tangents of all lines, for a tangent (or None) of each input."""
        for var, seed in zip(self.inputs, seeds):
            self.tangents[var] = None if seed is None else self._new(seed, var)
        for line in self.lines:
            dots = [
                self.tangents.get(arg) if isinstance(arg, Var) else None
                for arg in line.op.args
            ]
            if all(dot is None for dot in dots):
                continue
            b = Eager(self)
            results = rule(line.op.prim).jvp(b, line.op, dots)
            for out, dot in zip(line.op.outs, results):
                if dot is not None and may_vary(out.kind):
                    dot = dot if isinstance(dot, Var) else self._new(dot.value, out)
                    self.tangents[out] = dot
            line.tangent_ops = b.run
            first = self.tangents.get(line.op.outs[0]) if line.op.outs else None
            if first is not None:
                line.tangent = _full(self.env[first], self.env[line.op.outs[0]])

    def _new(self, seed: Any, like: Var) -> Var:
        var = like.like(f"{like.name}_dot")
        self.env[var] = seed
        return var

    # ---- adjoints --------------------------------------------------------------------

    def pull(self, y_bar: Any) -> None:
        """Adjoints of all lines and inputs, for an adjoint of the (only) result."""
        for result in self.results[:1]:
            if isinstance(result, Var):
                self.bars[result] = y_bar
        for line in reversed(self.lines):
            outs = [out for out in line.op.outs if out in self.bars]
            if not outs:
                continue
            if outs[0] is line.op.outs[0]:
                line.adjoint = _full(self.bars[outs[0]], self.env[outs[0]])
            rule(line.op.prim).vjp(b := Eager(self), line.op, Bars(self, b))

    def adjoint(self, var: Var) -> Any:
        """The adjoint of an input, in its shape; zero where nothing arrived."""
        bar = self.bars.get(var)
        return zeros_of(self.env[var]) if bar is None else _full(bar, self.env[var])


class Eager(Builder):
    """A builder whose statements are run as they are added."""

    def __init__(self, wengert: Wengert) -> None:
        super().__init__()
        self.wengert = wengert
        self.run: list[Stmt] = []

    def add(self, stmt: Stmt) -> None:
        super().add(stmt)
        if len(self._open) == 1:  # what stands in a block is run by its branch
            self.run.append(stmt)
            self.wengert.interpreter.stmt(stmt, self.wengert.env)


class Bars:
    """The adjoints as rules see them, kept as values."""

    def __init__(self, wengert: Wengert, b: Eager) -> None:
        self.wengert, self.b = wengert, b

    def _bind(self, bar: Any, like: Var) -> Var:
        var = like.like(f"{like.name}_bar")
        self.wengert.env[var] = bar
        self.wengert.taken[var] = like
        return var

    def _share(
        self, arg: Var, bar: Atom, path: str = "", index: Sequence[Atom] = ()
    ) -> None:
        shares = self.wengert.shares.setdefault(arg, [])
        shares.append(Share(bar, self.b.run, path, index))

    def wants(self, arg: Atom) -> bool:
        return isinstance(arg, Var) and self.wengert.tangents.get(arg) is not None

    def take(self, out: Var) -> Atom | None:
        bar = self.wengert.bars.get(out)
        return (
            None if bar is None else self._bind(_full(bar, self.wengert.env[out]), out)
        )

    def exchanges(self, out: Var) -> None:
        """Each operation of the list is looked at by itself."""

    def item(self, out: Var, key: Any) -> Atom | None:
        bar = self.wengert.bars.get(out)
        if bar is None:
            return None
        part = (
            getattr(bar, key) if isinstance(key, str) and not _keyed(bar) else bar[key]
        )
        if part is None:
            return None
        var = Var("", _entry_kind(out, key))
        self.wengert.env[var] = part
        self.wengert.items[var] = (out, key)
        return var

    def pass_on(self, out: Var, base: Atom, path: str, index: Sequence[Atom]) -> None:
        return None

    def reach(self, out: Var, *key: Any) -> None:
        """Of values that are there no conditions are made."""

    def add(self, arg: Atom, bar: Atom, reach: None = None) -> None:
        if not self.wants(arg):
            return
        assert isinstance(arg, Var)
        self._share(arg, bar)
        more = _full(self.wengert.value(bar), self.wengert.env[arg])
        known = self.wengert.bars.get(arg)
        self.wengert.bars[arg] = more if known is None else plus(known, more)

    def add_at(
        self,
        arg: Atom,
        path: str,
        index: Sequence[Atom],
        bar: Atom,
        reach: None = None,
    ) -> None:
        if not self.wants(arg):
            return
        assert isinstance(arg, Var)
        self._share(arg, bar, path, index)
        base = self.wengert.bars.get(arg)
        primal = self.wengert.env[arg]
        base = zeros_of(primal) if base is None else base
        operands = [self.wengert.value(atom) for atom in index]
        more = _full(self.wengert.value(bar), read(primal, path, operands))
        if isinstance(more, np.ndarray) or np.isscalar(more):
            self.wengert.bars[arg] = additem(base, more, *operands, path=path)
        else:  # a container that stands in a container
            more = plus(read(base, path, operands), more)
            self.wengert.bars[arg] = setitem(base, more, *operands, path=path)


# ---- values of any shape -------------------------------------------------------------


def _get(atom: Atom, names: dict[Var, Atom]) -> Atom:
    return names.get(atom, atom) if isinstance(atom, Var) else atom


def _full(part: Any, like: Any) -> Any:
    """A tangent or adjoint in the shape of its value (rules may leave it smaller)."""
    if isinstance(like, np.ndarray) and np.shape(part) != like.shape:
        return np.broadcast_to(part, like.shape).copy()
    return part


def _keyed(value: Any) -> bool:
    return isinstance(value, dict)


def _entry_kind(out: Var, key: Any) -> Kind:
    items = children(out.kind)
    if isinstance(out.kind, Dict):
        return dict(zip(out.kind.keys, items)).get(key, UNKNOWN)
    if isinstance(out.kind, Object):
        return dict(zip(out.kind.fields, items)).get(key, UNKNOWN)
    return items[key] if isinstance(key, int) and key < len(items) else UNKNOWN


def zeros_of(value: Any) -> Any:
    """The zero of the same structure."""
    if isinstance(value, np.ndarray):
        return np.zeros(value.shape, value.dtype if value.dtype.kind in "fc" else float)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(zeros_of, value))
    if isinstance(value, (tuple, list)):
        return type(value)(map(zeros_of, value))
    if isinstance(value, dict):
        return {key: zeros_of(item) for key, item in value.items()}
    if is_record(value):
        return _with(value, {key: zeros_of(item) for key, item in vars(value).items()})
    return 0.0 if isinstance(value, (int, float, np.number)) else None


def plus(a: Any, b: Any) -> Any:
    """The sum of two adjoints of the same structure."""
    if a is None or b is None:
        return a if b is None else b
    if isinstance(a, tuple) and hasattr(a, "_fields"):
        return type(a)(*map(plus, a, b))
    if isinstance(a, (tuple, list)):
        return type(a)(map(plus, a, b))
    if isinstance(a, dict):
        return {key: plus(item, b[key]) for key, item in a.items()}
    if is_record(a):
        return _with(
            a, {key: plus(item, vars(b)[key]) for key, item in vars(a).items()}
        )
    return a + b


def _with(record: Any, fields: dict[str, Any]) -> Any:
    """A copy of an object with other attributes."""
    made = copy.copy(record)
    for name, item in fields.items():
        object.__setattr__(made, name, item)
    return made


def lowered(
    lower: Any, f: Any, args: Sequence[Any], kwargs: Any, wrt: Sequence[str]
) -> Wengert:
    """The run of `f` at these arguments; an int in `wrt` is a real number.

    `lower(f, args, kwargs, wrt)` gives the primal as IR, alone or with the values of
    its parameters.
    """
    made = lower(f, args, kwargs, wrt)
    if isinstance(made, Program):
        arguments = bind(f, args, kwargs)
        own = {"self": getattr(f, "__self__", None), **arguments.values}
        made = made, [own[param.var.name] for param in made.entry.params]
    program, values = made
    pairs = zip(program.entry.params, values)
    return Wengert(
        program,
        [
            float(value) if type(value) is int and param.var.name in wrt else value
            for param, value in pairs
        ],
    )
