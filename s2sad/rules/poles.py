"""Where an infinite slope meets the zero weight of what was not chosen.

    y = sqrt(maximum(x, 0))        # at x = -1: y = 0, and the slope of sqrt is infinite

`maximum` weighs its operands by steps, 0, 0.5 or 1. An operand of weight 0 takes no
part, so that what flows through it is 0 whatever the slope behind is: selected, not
multiplied. The selection is spelled out only where zero is the other operand, which is
where roots, logarithms and quotients have their poles, and where the adjoint, or the
partial that a tangent meets, is a quotient or a power, which may be infinite.
"""

from __future__ import annotations

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Scalar
from s2sad.ir.nodes import Lit, Op, Var
from s2sad.rules.handles import Handle, lift
from s2sad.rules.selecting import choose

LOOK_BACK = 100  # statements: what made an adjoint or a tangent stands near by
THROUGH = frozenset(("mul", "neg", "add", "sub"))  # what hands an infinity on

Weight = tuple[Handle, bool]  # what there is where it holds (or, where it does not)


def on_the_way_back(partial: object, bar: Handle) -> Handle | None:
    """`partial * bar` where the partial is a weight and the adjoint may be infinite."""
    if not isinstance(partial, Handle) or not is_weight(partial):
        return None
    return choose(partial > 0, partial * bar, 0.0) if may_be_infinite(bar) else None


def on_the_way(partial: object, dot: Handle) -> Handle | None:
    """`partial * dot` where a weight is in the tangent, and an infinity may be met."""
    if not isinstance(partial, Handle) or not may_be_infinite(partial):
        return None
    weight = weight_of(dot)
    return None if weight is None else chosen(weight, partial * dot)


def chosen(weight: Weight, product: Handle) -> Handle:
    test, holds = weight
    return choose(test, product, 0.0) if holds else choose(test, 0.0, product)


def is_weight(value: Handle) -> bool:
    """Is it a step at zero, or made of such?"""
    prim, args = made_by(value)
    if prim == "where":
        return all(arg.value is not None or is_weight(arg) for arg in args[1:])
    if prim == "heaviside":
        return made_by(args[0])[0] != "sub"
    return prim == "mul" and any(map(is_weight, args)) and all(map(is_step, args))


def is_step(value: Handle) -> bool:
    prim, args = made_by(value)
    return prim == "heaviside" or prim == "mul" and all(map(is_step, args))


def weight_of(value: Handle) -> Weight | None:
    """What says where a tangent is 0 because something else was chosen."""
    prim, args = made_by(value)
    if prim == "where" and is_zero(args[2]):
        return args[0], True
    if prim == "where" and is_zero(args[1]):
        return args[0], False
    if prim == "mul":
        for one, other in (args, args[::-1]):
            if is_weight(one):
                return one > 0, True
            found = weight_of(other)
            if found is not None:
                return found
    return weight_of(args[0]) if prim == "neg" else None


def may_be_infinite(value: Handle) -> bool:
    """Is it a quotient or a power, or made of one?"""
    prim, args = made_by(value)
    if prim == "div":
        return not whole(args[1])
    if prim in ("pow", "reciprocal"):
        return not (prim == "pow" and exponent(args[1]) >= 0)
    if prim == "if":  # a guarded quotient
        return any(map(may_be_infinite, args[1:]))
    return prim in THROUGH and any(map(may_be_infinite, args))


def whole(value: Handle) -> bool:
    """Is it a number that is written down, or a count?"""
    kind = value.kind
    return isinstance(value.value, (int, float)) or (
        isinstance(kind, Scalar) and kind.dtype == "int"
    )


def exponent(value: Handle) -> float:
    return float(value.value) if isinstance(value.value, (int, float)) else -1.0


def is_zero(value: Handle) -> bool:
    return isinstance(value.value, (int, float)) and value.value == 0


def made_by(value: Handle) -> tuple[str, list[Handle]]:
    """The operation that a value is the result of; "" if that is not near by."""
    if value.prim:
        return value.prim, list(value.args)
    atom = value.atom
    op = None if isinstance(atom, Lit) else maker(value.b, atom)
    return ("", []) if op is None else (op.prim, [lift(value.b, a) for a in op.args])


def maker(b: Builder, atom: Var) -> Op | None:
    made = b.maker(atom, LOOK_BACK)
    return made if isinstance(made, Op) else None
