"""Let functions return what their callers read, and take what they read themselves.

    func f(x):                            func f(x):
        y, kept = call g_fwd x, 2.0           kept = call g_fwd x
        return kept                           return kept
    func g_fwd(a, b):              ->     func g_fwd(a):
        y = mul a, a                          k = tuple a
        k = tuple a                           return k
        return y, k

What that leaves unread, `dce` drops. The main function, and one that nobody calls, is
what the user asked for: it stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from s2sad.ir.nodes import Block, Call, Function, Program, Stmt
from s2sad.ir.walk import blocks, primitives, statements, with_blocks
from s2sad.opt.facts import count_uses


@dataclass(frozen=True)
class Shape:
    """Which parameters and results of a function stay."""

    params: Sequence[bool]
    results: Sequence[bool]

    @property
    def whole(self) -> bool:
        return all(self.params) and all(self.results)


def trim(program: Program) -> Program:
    shapes = shapes_of(program)
    if not shapes:
        return program
    functions = {
        key: trimmed(function, shapes.get(key), shapes)
        for key, function in program.functions.items()
    }
    return Program(program.main, functions)


def shapes_of(program: Program) -> Mapping[str, Shape]:
    """The functions that have something to lose, and what they keep."""
    bodies = (function.body for function in program.functions.values())
    if not any("Call" in primitives(body) for body in bodies):
        return {}
    read: dict[str, set[int]] = {}
    uses = {key: count_uses(function) for key, function in program.functions.items()}
    for key, function in program.functions.items():
        for stmt in statements(function.body):
            if isinstance(stmt, Call):
                live = (k for k, out in enumerate(stmt.outs) if out in uses[key])
                read.setdefault(stmt.function, set()).update(live)
    found = {}
    for key, results in read.items():
        if key == program.main or key not in program.functions:
            continue
        function = program.functions[key]
        shape = Shape(
            [param.var in uses[key] for param in function.params],
            # of a function that is called for its effect, the results stay
            [k in results or not results for k in range(len(function.results))],
        )
        if not shape.whole:
            found[key] = shape
    return found


def trimmed(
    function: Function, own: Shape | None, shapes: Mapping[str, Shape]
) -> Function:
    body = with_calls(function.body, shapes)
    if own is not None:
        body = Block(body.stmts, chosen(body.yields, own.results))
        params = chosen(function.params, own.params)
        first = None if function.own is None else sum(own.results[: function.own])
        return replace(function, params=params, body=body, own=first)
    return function if body is function.body else replace(function, body=body)


def with_calls(block: Block, shapes: Mapping[str, Shape]) -> Block:
    stmts = tuple(with_call(stmt, shapes) for stmt in block.stmts)
    if all(new is old for new, old in zip(stmts, block.stmts, strict=True)):
        return block
    return Block(stmts, block.yields, block.stop)


def with_call(stmt: Stmt, shapes: Mapping[str, Shape]) -> Stmt:
    if isinstance(stmt, Call):
        shape = shapes.get(stmt.function)
        if shape is None:
            return stmt
        outs, args = chosen(stmt.outs, shape.results), chosen(stmt.args, shape.params)
        return replace(stmt, outs=outs, args=args)
    inner = blocks(stmt)
    new = tuple(with_calls(block, shapes) for block in inner)
    same = all(a is b for a, b in zip(new, inner, strict=True))
    return stmt if same else with_blocks(stmt, new)


def chosen(items: tuple, kept: Collection[bool]) -> tuple:
    return tuple(item for item, keep in zip(items, kept, strict=True) if keep)
