"""Jacobians by rows: the forward half once, then a sweep back for each row.

    y = np.tanh(W @ x)                  px = ...
    J = zeros((3, 4))                   J = zeros((2, 4))
    for i in range(3):                  J[0] = ...          from px
        y_bar = zeros(3)                J[1] = ...          from py
        y_bar[i] = 1.0
        J[i] = W.T @ ...

All is one function, so that a sweep reads what the forward half has left in its locals.
Of a result that is made of a few numbers, each has a sweep of its own. Of several
results that loops or calls lead to, the two halves stand apart, and the reverse one is
called for each row of each result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from s2sad import ad
from s2sad.ad.seeds import like_parameter
from s2sad.api import programs
from s2sad.api.places import Key
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import NONE, Atom, Block, Call, Lit, Program, Var
from s2sad.ir.walk import clone_block, mapping, statements, substitute_block

if TYPE_CHECKING:
    from s2sad.api.jacobians import Work

ONE = Lit(1.0)
FEW = 4  # rows, with a sweep of its own each
LONG = 400  # statements: what all sweeps may come to


def rows(work: Work) -> Program:
    """The Jacobian by rows."""
    parts = [key for key, _ in ad.numbers(work.program.entry)]
    size = sum(1 for _ in statements(work.program.entry.body))
    if parts and len(parts) <= FEW and len(parts) * size <= LONG:
        return written_out(work, parts)
    if len(work.outputs) == 1:
        return in_loop(work)
    return apart(work)


def written_out(work: Work, parts: Sequence[Key]) -> Program:
    """A sweep from each number that the result is made of."""
    sweeps = begin(work, [{key: ONE} for key in parts])
    y = sweeps.primal.results[0]
    blocks: dict[Key, list[Var]] = {}
    for part, back in zip(parts, sweeps.back, strict=True):
        key, indices = place(work, part)
        if indices and key not in blocks:
            out = work.item(y, key)
            blocks[key] = [work.blank(out, work.argument(*at)) for at in places(work)]
        bars = include(work, back)
        for k, (at, bar) in enumerate(zip(places(work), bars, strict=True)):
            if indices and bar != NONE:
                blocks[key][k] = work.put(blocks[key][k], bar, 0, indices)
            elif not indices:
                work.blocks[(key, *at)] = whole(work, bar, at)
    for key, Js in blocks.items():
        for at, J in zip(places(work), Js, strict=True):
            work.blocks[(key, *at)] = J
    return work.close()


def in_loop(work: Work) -> Program:
    """A loop over the rows of one result, with the reverse half in it."""
    ((key, kind),) = work.outputs
    seed = Var(f"{work.y}_bar", kind)
    sweeps = begin(work, [{key: seed}])
    (back,) = sweeps.back
    out = work.item(sweeps.primal.results[0], key)
    flat = isinstance(kind, Scalar) or not kind.dims  # type: ignore[attr-defined]
    arguments = [work.argument(*at) for at in places(work)]
    carried = [] if flat else [work.blank(out, into) for into in arguments]
    with work.each_index(work.lengths(out), carried) as (indices, inside):
        y_bar = work.basis(out, indices, seed.name)
        bars = include(work, substitute_block(back, mapping({seed: y_bar})))
        for k, (at, bar) in enumerate(zip(places(work), bars, strict=True)):
            if flat:
                work.blocks[(key, *at)] = whole(work, bar, at)
            elif bar != NONE:
                inside[k] = work.put(inside[k], bar, 0, indices)
    for at, J in zip(places(work), carried):
        work.blocks[(key, *at)] = J
    return work.close()


def apart(work: Work) -> Program:
    """Two halves, the reverse one called for each row of each result."""
    forward, backward = ad.split(work.program, replace(work.wrt, single=False))
    work.functions.update(forward.functions)
    work.functions.update(backward.functions)
    work.functions[forward.main] = programs.open_tuple(forward.entry)
    fwd_results = work.functions[forward.main].results
    y = Var(work.y, work.result)
    kept = Var("kept", fwd_results[-1].kind)
    b = work.b
    b.add(Call((y, kept), forward.main, tuple(work.args), b.span))
    bars_kind = backward.entry.results[0].kind
    for key, kind in work.outputs:
        out = work.item(y, key)
        flat = isinstance(kind, Scalar) or not kind.dims  # type: ignore[attr-defined]
        arguments = [work.argument(*at) for at in places(work)]
        carried = [] if flat else [work.blank(out, into) for into in arguments]
        with work.each_index(work.lengths(out), carried) as (indices, inside):
            one = work.basis(out, indices, f"{work.y}_bar")
            y_bar = work.seed(y, work.result, (), key, one)
            bars = Var("bars", bars_kind)
            b.add(Call((bars,), backward.main, (kept, y_bar), b.span))
            for k, at in enumerate(places(work)):
                bar = work.item(bars, bar_key(work, *at))
                if flat:
                    work.blocks[(key, *at)] = bar
                else:
                    inside[k] = work.put(inside[k], bar, 0, indices)
        for at, J in zip(places(work), carried):
            work.blocks[(key, *at)] = J
    return work.close()


# ---- small things --------------------------------------------------------------------


def begin(work: Work, seeds: Sequence[dict[Key, Atom]]) -> ad.Sweeps:
    """Put the forward half where the Jacobian begins; its parameters are its own."""
    sweeps = ad.sweeps(work.program, ad.Wrt(tuple(places(work))), seeds)
    work.functions.update(sweeps.functions)
    work.params = sweeps.primal.params
    work.args = [p.var for p in work.params]
    for stmt in sweeps.forward:
        work.b.add(stmt)
    return sweeps


def include(work: Work, back: Block) -> tuple[Atom, ...]:
    """Put a sweep where the Jacobian is now, with variables of its own."""
    made = clone_block(back, {})
    for stmt in made.stmts:
        work.b.add(stmt)
    return made.yields


def whole(work: Work, bar: Atom, at: tuple[int, Key]) -> Atom:
    """An adjoint as what is returned: in the type of the argument."""
    return like_parameter(work.b, None if bar == NONE else bar, work.argument(*at))


def places(work: Work) -> list[tuple[int, Key]]:
    """Where in the arguments each number or array is."""
    return [(number, key) for number, key, _ in work.inputs]


def place(work: Work, part: Key) -> tuple[Key, list[Lit]]:
    """The leaf of the result that a number is in, and where in that it is."""
    for key, kind in work.outputs:
        if part[: len(key)] == key and isinstance(kind, (Scalar, Array)):
            return key, [Lit(k) for k in part[len(key) :]]
    raise AssertionError


def bar_key(work: Work, number: int, inner: Key) -> Key:
    """Where in the tuple of adjoints the one of a leaf is."""
    for position, (at, key) in enumerate(work.wrt.places):
        if at == number and inner[: len(key)] == key:
            return (position, *inner[len(key) :])
    raise AssertionError
