"""Gradients of 0-d arrays are 0-d arrays.

NumPy's arithmetic turns a 0-d array into a scalar, so that the adjoint of one is a
number until it is made an array again, where it is returned.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad import ad
from s2sad.api.places import kind_at
from s2sad.ir.kinds import Array, Kind
from s2sad.ir.nodes import Atom, Block, Op, Program, Var
from s2sad.rules import TABLE


def is_zero_d(kind: Kind) -> bool:
    return isinstance(kind, Array) and kind.dims == ()


def restored(program: Program, primal: Program, wrt: ad.Wrt, value: bool) -> Program:
    """The program with the adjoints of 0-d arrays made arrays.

    With `value`, its result is `(y, bars)`, else the bars alone.
    """
    params = primal.entry.params
    kinds = [kind_at(params[number].var.kind, key) for number, key in wrt.places]
    if not any(map(is_zero_d, kinds)):
        return program
    entry = program.entry
    made = {stmt.outs[0]: stmt for stmt in entry.body.stmts if isinstance(stmt, Op)}
    new: list[Op] = []

    def array(atom: Atom, kind: Kind) -> Atom:
        if not is_zero_d(kind):
            return atom
        out = Var(atom.name if isinstance(atom, Var) else "", kind)
        new.append(Op((out,), "asarray", (atom,), {}))
        return out

    def rebuilt(atom: Atom, change: dict[int, Kind | None]) -> Atom:
        """A tuple with some of its items changed."""
        stmt = made.get(atom) if isinstance(atom, Var) else None
        assert stmt is not None and stmt.prim == "tuple"
        items = list(stmt.args)
        for position, kind in change.items():
            items[position] = (
                bars(items[position]) if kind is None else array(items[position], kind)
            )
        (whole,) = TABLE["tuple"].infer(items, stmt.attrs)
        out = Var(stmt.outs[0].name, whole)
        new.append(replace(stmt, outs=(out,), args=tuple(items)))
        return out

    def bars(atom: Atom) -> Atom:
        return (
            array(atom, kinds[0])
            if wrt.single
            else rebuilt(atom, dict(enumerate(kinds)))
        )

    (result,) = entry.results
    result = rebuilt(result, {1: None}) if value else bars(result)
    body = Block((*entry.body.stmts, *new), (result,))
    functions = {**program.functions, program.main: replace(entry, body=body)}
    return Program(program.main, functions)
