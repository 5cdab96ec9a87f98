"""The five verbs a derivative is stated with.

    sin    = smooth("np.sin math.sin", lambda y, x: cos(x))     # partials
    ravel  = linear("np.ravel .ravel", transpose)               # how adjoints go back
    matmul = bilinear("a @ b np.matmul", left, right)           # linear in each of two
    floor  = flat("np.floor math.floor")                        # no derivative
    solve  = custom("np.linalg.solve", forward, backward)       # both spelled out

A name in angle brackets, `"<push>"`, is a primitive that no user can write.
A partial may use the result `y`. Operands come first, then `y_bar`: `2 * x * y_bar`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Array, Kind, Scalar
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import array_operand, give
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.lazy import full, settled, unbroadcast
from s2sad.rules.poles import on_the_way, on_the_way_back
from s2sad.rules.primitive import (
    Adjoints,
    Backward,
    Forward,
    Primitive,
    Tangents,
    make,
    options_of,
    taken,
    total,
    wanted,
)
from s2sad.rules.reach import (
    Reach,
    both,
    condition,
    guarded,
    is_one_bool,
    narrowed,
)
from s2sad.rules.registry import (
    PRIMITIVES,
)
from s2sad.rules.selecting import When

# ---- smooth: elementwise, by partials ------------------------------------------------


def smooth(
    spellings: str,
    partials: Callable[..., object],
    *,
    safe: float = 1.0,
    kind: Callable[..., tuple[Kind, ...]] = infer.float_function,
    **rest: object,
) -> Primitive:
    """An elementwise function; `partials(y, *operands)` gives one or a tuple.

    `safe` is a value of the operands at which every partial is finite: where the result
    reaches nothing, the partials are taken there (see `reach.py`).
    """

    def of(b: Builder, op: Op, reach: Reach | None = None) -> tuple[object, ...]:
        y = Handle(b, op.outs[0])
        args = [Handle(b, atom) for atom in op.args]
        attrs = op.attrs
        library = attrs["lib"] if "lib" in attrs else PRIMITIVES[op.prim].library
        if library in ("math", "np"):
            for arg in args:
                arg.lib = library
        if reach is not None:
            y, *args = (
                guarded(b, reach, value, safe, op.outs[0].kind) for value in (y, *args)
            )
        found = partials(y, *args, **options_of(op))
        return found if isinstance(found, tuple) else (found,)

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        found = of(b, op)
        terms = [
            times(found[i], lift(b, dot), on_the_way)
            for i, dot in enumerate(tangents)
            if dot is not None
        ]
        result = total([term for term in terms if term is not None])
        if result is None:
            return (None,)
        return (settled(result, lift(b, op.outs[0]), op.args).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None:
            return
        reach = bars.reach(op.outs[0])
        found = of(b, op, reach)
        out = Handle(b, op.outs[0])
        number = isinstance(out.kind, Scalar)  # nothing is broadcast to it
        for i in wanted(op, bars):
            bar = times(found[i], y_bar, on_the_way_back)
            if bar is None:
                continue
            if number and not isinstance(found[i], When):
                bars.add(op.args[i], bar.atom, reach)
                continue
            if settled(bar, out, op.args) is not bar:
                bar = times(found[i], full(y_bar, out), on_the_way_back)
            if bar is None:
                continue
            arg, here = lift(b, op.args[i]), reach
            if isinstance(found[i], When):
                here = both(b, reach, lift(b, found[i].test).atom)  # type: ignore[attr-defined]
            bars.add(
                op.args[i],
                unbroadcast(bar, arg, out).atom,
                narrowed(b, here, arg, out),
            )

    return make(
        "smooth", spellings, forward, backward, kind=kind, partials=partials, **rest
    )


def times(
    partial: object,
    bar: Handle,
    selected: Callable[[object, Handle], Handle | None] = lambda partial, bar: None,
) -> Handle | None:
    """`partial * bar`; None for a partial that is the number zero.

    `selected` gives the product where it has to be a selection (see `poles.py`).
    """
    if isinstance(partial, (int, float)) and partial == 0:
        return None
    if isinstance(partial, Handle) and partial.value == 0:
        return None
    found = selected(partial, bar)
    return partial * bar if found is None else found  # type: ignore[operator]


# ---- linear and bilinear -------------------------------------------------------------


def linear(
    spellings: str,
    transpose: Callable[..., object],
    *,
    kind: Callable[..., tuple[Kind, ...]],
    moves: Callable[..., object] | bool = False,
    still: Sequence[str] = (),
    **rest: object,
) -> Primitive:
    """Linear in its first operand; `transpose(y_bar, y, x, *others, **options)`.

    Forward it is the same operation on the tangent. The options in `still` put values
    beside the operand, which don't vary: they are 0 for a tangent. `moves` is for
    operations whose elements are, or add up, those of the operand: it takes a condition
    on the result back to the operand, as `transpose` does an adjoint (and is
    `transpose`, if True).
    """
    carry_back = transpose if moves is True else moves

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        made = op.outs[0].kind
        if not isinstance(made, (Array, Scalar)):  # the copy of a list
            return (b.op(op.prim, (tangents[0], *op.args[1:]), made, attrs=op.attrs),)
        dot = full(array_operand(b, tangents[0]), op.args[0])
        others = [lift(b, arg) for arg in op.args[1:]]
        zeros = {key: 0 for key in still if op.attrs.get(key) is not None}
        return (build(op.prim, dot, *others, **{**op.attrs, **zeros}).atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None or not bars.wants(op.args[0]):
            return
        y, *others = (lift(b, atom) for atom in (op.outs[0], *op.args[1:]))
        x = array_operand(b, op.args[0])
        bar = transpose(y_bar, y, x, *others, **options_of(op))
        reach = bars.reach(op.outs[0])
        if reach is not None and not is_one_bool(reach):
            test = condition(b, reach)
            reach = None
            if carry_back:
                moved = carry_back(test, y, x, *others, **options_of(op))
                reach = Reach(((moved.atom, True),))  # type: ignore[attr-defined]
        if bar is not None:
            give(b, bars, op.args[0], bar, reach)  # type: ignore[arg-type]

    return make(
        "linear", spellings, forward, backward, kind=kind, partials=transpose, **rest
    )


def bilinear(
    spellings: str,
    left: Callable[..., object],
    right: Callable[..., object],
    *,
    kind: Callable[..., tuple[Kind, ...]],
    **rest: object,
) -> Primitive:
    """Linear in each of two; `left(y_bar, y, a, b)` is a_bar, `right` is b_bar."""

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        p, q = (array_operand(b, arg) for arg in op.args)
        terms = []
        if tangents[0] is not None:
            dot = full(array_operand(b, tangents[0]), p)
            terms.append(build(op.prim, dot, q, **op.attrs))
        if tangents[1] is not None:
            dot = full(array_operand(b, tangents[1]), q)
            terms.append(build(op.prim, p, dot, **op.attrs))
        result = total(terms)
        return (None if result is None else result.atom,)

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        y_bar = taken(b, op, bars)
        if y_bar is None:
            return
        y, p, q = (array_operand(b, atom) for atom in (op.outs[0], *op.args))
        y_bar = full(y_bar, y)
        reach = bars.reach(op.outs[0])
        whole = reach if reach is not None and is_one_bool(reach) else None
        for i in wanted(op, bars):
            bar = (left, right)[i](y_bar, y, p, q, **options_of(op))
            bars.add(op.args[i], bar.atom, whole)  # type: ignore[attr-defined]

    return make(
        "bilinear",
        spellings,
        forward,
        backward,
        kind=kind,
        partials=left,
        right=right,
        **rest,
    )


# ---- flat and custom -----------------------------------------------------------------


def no_tangent(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    return tuple(None for _ in op.outs)


def no_adjoint(b: Builder, op: Op, bars: Adjoints) -> None:
    for out in op.outs:
        bars.take(out)


def flat(
    spellings: str, *, kind: Callable[..., tuple[Kind, ...]], **rest: object
) -> Primitive:
    """No derivative: constant between its jumps, or not about values at all."""
    return make("flat", spellings, no_tangent, no_adjoint, kind=kind, **rest)


def custom(
    spellings: str,
    forward: Forward,
    backward: Backward,
    *,
    kind: Callable[..., tuple[Kind, ...]],
    **rest: object,
) -> Primitive:
    """Both directions spelled out, over the op and the builder."""
    return make("custom", spellings, forward, backward, kind=kind, **rest)
