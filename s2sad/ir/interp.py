"""Running the IR as it stands: the meaning of a program, with no code generated.

    interpret(program, (2.0, 5.0), lambda prim: TABLE[prim].run)

It works on numbers, arrays and sympy symbols alike, whatever `run` accepts. Values
only: a write makes a new value along its path and shares the rest, so no argument is
ever changed. The primitives that say where a value is put (`setitem`, `additem`, tapes
and lists) are run here, all others by `run`.

`additem` adds at each place as often as the index names it, as `numpy.add.at` does.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Program,
    Stmt,
    Var,
)
from s2sad.ir.paths import Attribute, Step, parse_path, read, resolve

Run = Callable[..., object]
Env = dict[Var, Any]


def interpret(
    program: Program | Function,
    args: Sequence[object],
    run: Mapping[str, Run] | Callable[[str], Run],
) -> tuple[Any, ...]:
    """The results of a program for these arguments; `run` gives the function of each
    primitive.
    """
    if isinstance(program, Function):
        program = Program(program.name, {program.name: program})
    lookup = run.__getitem__ if isinstance(run, Mapping) else run
    return Interpreter(program, lookup).call(program.main, args)


FOR_THE_TEXT = ("spelling", "absent")  # attributes that change no value


class Interpreter:
    def __init__(self, program: Program, run: Callable[[str], Run]) -> None:
        self.program = program
        self.run = run
        self.bound: Any = None  # by the `with` or `except` that was entered last

    def call(self, key: str, args: Sequence[object]) -> tuple[Any, ...]:
        function = self.program.functions[key]
        env: Env = dict(
            zip((param.var for param in function.params), args, strict=True)
        )
        return self.block(function.body, env)

    def block(self, block: Block, env: Env) -> tuple[Any, ...]:
        for stmt in block.stmts:
            self.stmt(stmt, env)
        return tuple(value(atom, env) for atom in block.yields)

    def stmt(self, stmt: Stmt, env: Env) -> None:
        if isinstance(stmt, Op):
            results = self.op(stmt, env)
        elif isinstance(stmt, If):
            results = self.branch(stmt, env)
        elif isinstance(stmt, For):
            results = self.for_(stmt, env)
        elif isinstance(stmt, Call):
            results = self.call(stmt.function, [value(atom, env) for atom in stmt.args])
        else:
            results = self.while_(stmt, env)
        env.update(zip(stmt.outs, results, strict=True))

    def branch(self, stmt: If, env: Env) -> tuple[Any, ...]:
        cond = value(stmt.cond, env)
        if stmt.form == "with" and cond is not None:
            with cond as self.bound:
                return self.block(stmt.then, env)
        if stmt.form == "try":
            try:
                return self.block(stmt.then, env)
            except cond as error:
                self.bound = error
                return self.block(stmt.orelse, env)
        taken = stmt.form == "with" or cond
        return self.block(stmt.then if taken else stmt.orelse, env)

    def op(self, op: Op, env: Env) -> tuple[Any, ...]:
        if op.prim in ("entered", "caught"):
            return (self.bound,)
        operands = [value(atom, env) for atom in op.args]
        function = STRUCTURAL.get(op.prim) or self.run(op.prim)
        attrs = {key: attr for key, attr in op.attrs.items() if key not in FOR_THE_TEXT}
        result = function(*operands, **attrs)
        if len(op.outs) == 1:
            return (result,)
        return tuple(result) if op.outs else ()  # type: ignore[arg-type]

    def for_(self, stmt: For, env: Env) -> tuple[Any, ...]:
        trips = range(
            *(value(atom, env) for atom in (stmt.start, stmt.stop, stmt.step))
        )
        carried = tuple(value(atom, env) for atom in stmt.inits)
        for index in reversed(trips) if stmt.backward else trips:
            env[stmt.index] = index
            env.update(zip(stmt.params, carried, strict=True))
            carried = self.block(stmt.body, env)
            if stmt.body.stop is not None and value(stmt.body.stop, env):
                break
        return carried

    def while_(self, stmt: Any, env: Env) -> tuple[Any, ...]:
        carried = tuple(value(atom, env) for atom in stmt.inits)
        while True:
            env.update(zip(stmt.params, carried, strict=True))
            (go_on,) = self.block(stmt.test, env)
            if not go_on:
                return carried
            carried = self.block(stmt.body, env)
            if stmt.body.stop is not None and value(stmt.body.stop, env):
                return carried


def value(atom: Atom, env: Env) -> Any:
    return atom.value if isinstance(atom, Lit) else env[atom]


# ---- writing into values -------------------------------------------------------------


def written(base: Any, steps: Sequence[Step], operands: list[object], put: Run) -> Any:
    """A copy of `base` in which `put(container, index)` was done at the end of the
    path.
    """
    step, rest = steps[0], steps[1:]
    if isinstance(step, Attribute):
        old = getattr(base, step.name)
        new = written(old, rest, operands, put) if rest else put({0: old}, 0)
        return with_field(base, step.name, new)
    index: Any = resolve(step, operands)
    if isinstance(base, tuple):
        items = list(base)
        if rest:
            items[index] = written(base[index], rest, operands, put)
        else:
            put(items, index)
        return type(base)(*items) if hasattr(base, "_fields") else tuple(items)
    result = copy.copy(base) if not isinstance(base, np.ndarray) else base.copy()
    if rest:
        result[index] = written(base[index], rest, operands, put)
    else:
        put(result, index)
    return result


def with_field(base: Any, name: str, new: object) -> Any:
    """A copy of an object with one attribute replaced."""
    if hasattr(base, "_replace"):
        return base._replace(**{name: new})
    result = copy.copy(base)
    object.__setattr__(result, name, new)
    return result


def setitem(base: Any, new: object, *operands: object, path: str) -> Any:
    def put(container: Any, index: Any) -> object:
        container[index] = new
        return container[index]

    return written(base, parse_path(path), list(operands), put)


def additem(base: Any, more: Any, *operands: object, path: str) -> Any:
    def put(container: Any, index: Any) -> object:
        if isinstance(container, np.ndarray):
            np.add.at(container, index, more)
        else:
            container[index] = container[index] + more
        return container[index]

    return written(base, parse_path(path), list(operands), put)


def getitem(base: Any, *operands: object, path: str) -> Any:
    return read(base, path, list(operands))


def tape() -> list[object]:
    return []


def push(stack: list[object], item: object) -> list[object]:
    return [*stack, item]


def pop(stack: list[object]) -> tuple[list[object], object]:
    return stack[:-1], stack[-1]


STRUCTURAL: dict[str, Run] = {
    "getitem": getitem,
    "setitem": setitem,
    "additem": additem,
    "tape": tape,
    "push": push,
    "append": push,
    "pop": pop,
}
