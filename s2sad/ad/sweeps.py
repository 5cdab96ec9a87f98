"""Reverse mode for Jacobians: one forward half, and sweeps back from its result.

    y = f(x)                            forward half
    x_bar = ...  for y_bar              a sweep, which reads the forward half's locals

All stand in one function, so that nothing is handed over. A sweep from an array has its
seed as a variable, and whoever builds a loop of the sweep gives that a value per trip.
A function without loops and calls keeps nothing on tapes: there may be a sweep of its
own for each number of the result, which says what that number alone varies with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from s2sad.ad.reverse import Mirrors
from s2sad.ad.seeds import Key, Wrt
from s2sad.ad.twins import Twins
from s2sad.ad.vjp import Machine, entry_of
from s2sad.ir.build import Builder
from s2sad.ir.kinds import Array, Scalar, is_float_dtype
from s2sad.ir.nodes import (
    NONE,
    UNDEF,
    Atom,
    Block,
    Function,
    If,
    Op,
    Program,
    Stmt,
    Var,
)
from s2sad.ir.walk import statements


@dataclass(frozen=True)
class Sweeps:
    """A forward half, and the reverse halves that read its variables as they are.

    A reverse half yields the adjoint of each place, or None where that is zero.
    """

    primal: Function
    forward: tuple[Stmt, ...]
    back: list[Block]
    functions: Mapping[str, Function]  # what they call


def sweeps(program: Program, wrt: Wrt, seeds: Sequence[Mapping[Key, Atom]]) -> Sweeps:
    """The forward half, and a sweep for each of these seeds of entries of the result.

    Several only of a function of which `numbers` tells the parts of the result.
    """
    machine = Machine(program)
    primal = machine.counted(program.entry)
    bound = wrt.bind(primal)
    twins = Twins(primal.body, machine.olds)
    mirrors = Mirrors(twins=twins.of)
    parts = dict(numbers(primal))
    raws = []
    for entries in seeds:
        ends = []
        for key, bar in entries.items():
            y, inner = (parts[key], ()) if key in parts else entry_of(primal, (0, key))
            ends.append((y, inner, bar, 0))
        raws.append(machine.raw(primal, bound, ends, or_none, twins, mirrors))
    _, forward, back = machine.cross(primal, raws, twins, mirrors, UNDEF)
    machine.refusals.check()
    known = {**machine.program.functions, **machine.made}
    return Sweeps(primal, forward, back, known)


def or_none(b: Builder, bar: Atom | None, donor: Atom) -> Atom:
    """An adjoint as it comes: it may be lazy, and is written into an array."""
    return NONE if bar is None else bar


def numbers(function: Function) -> list[tuple[Key, Atom]]:
    """The numbers that the result of a straight function is made of, by their places.

    None of them if it is made of anything else.
    """
    straight = all(
        isinstance(stmt, Op) or (isinstance(stmt, If) and stmt.form in FORMS)
        for stmt in statements(function.body)
    )
    if not straight or len(function.results) != 1:
        return []
    made = {
        op.outs[0]: op
        for op in function.body.stmts
        if isinstance(op, Op) and op.prim in ("array", "list", "tuple")
    }
    found: list[tuple[Key, Atom]] = []
    todo: list[tuple[Key, Atom]] = [((), function.results[0])]
    while todo:
        key, atom = todo.pop()
        op = made.get(atom) if isinstance(atom, Var) else None
        if isinstance(atom.kind, Scalar) and is_float_dtype(atom.kind.dtype):
            found.append((key, atom))
        elif isinstance(atom.kind, Scalar) and atom.kind.dtype in ("int", "bool"):
            continue
        elif op is not None and op.prim == "array" and isinstance(atom.kind, Array):
            todo.append((key, op.args[0]))
        elif op is not None and op.prim != "array":
            items = [((*key, k), item) for k, item in enumerate(op.args)]
            todo += reversed(items)
        else:
            return []
    return found


FORMS = ("if", "expr", "and", "or")
