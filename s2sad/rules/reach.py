"""Where a value reaches the result: the conditions under which something chooses it.

    y = where c, a, b          a reaches where c holds and y reaches, b where c does not
    y = getitem r, mask        of r only what the mask takes
    y = sin x                  x reaches where y does

The adjoint of what is not chosen is zero, and its partial there may be infinite or NaN:
`where(x > 0, log(x), 0)`. Rules take their partials at a harmless value there, since
zero times infinity is not zero. They ask for the condition itself: that an adjoint is
zero says nothing, since its own derivative need not be.

A reach is None where a value always counts. It may be too wide (then a NaN may show),
never too narrow. Values that hold numbers inside (containers) have none of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Array, Kind, Scalar
from s2sad.ir.nodes import TRUE, Atom, Lit, Var
from s2sad.rules.handles import Handle, build, lift
from s2sad.rules.infer import is_weak
from s2sad.rules.lazy import summed_axes, unbroadcast
from s2sad.rules.selecting import choose

Test = tuple[Atom, bool]  # where the condition holds, or where it does not


@dataclass(frozen=True)
class Reach:
    """A value reaches the result where one of the tests says so, element by element."""

    tests: tuple[Test, ...]

    def known(self, inner: Collection[Var]) -> bool:
        """Can the tests be read where the variables in `inner` can't?"""
        return not any(atom in inner for atom, _ in self.tests)


NEVER = Reach(())
EVER = Reach(((TRUE, True),))


def either(a: Reach | None, b: Reach | None) -> Reach | None:
    """Two readers: one of them is enough."""
    if a is None or b is None:
        return None
    tests = tuple(dict.fromkeys((*a.tests, *b.tests)))
    if any((atom, not holds) in tests for atom, holds in tests):
        return None
    return Reach(tests)


def both(b: Builder, reach: Reach | None, test: Atom, holds: bool = True) -> Reach:
    """What is chosen where the test `holds`, for something of this reach."""
    if reach is None or reach == Reach(((test, holds),)):
        return Reach(((test, holds),))
    found = as_bool(b, (test, holds)) & condition(b, reach)
    return Reach(((found.atom, True),))


def condition(b: Builder, reach: Reach) -> Handle:
    """A reach as one array of bool, or one bool."""
    if not reach.tests:
        return lift(b, False)
    first, *rest = (as_bool(b, test) for test in reach.tests)
    for test in rest:
        first = build("or_", first, test)
    return first


def as_bool(b: Builder, test: Test) -> Handle:
    atom, holds = test
    value = lift(b, atom)
    if getattr(atom.kind, "dtype", None) != "bool":
        return value != 0 if holds else value == 0
    return value if holds else build("logical_not", value)


def guarded(b: Builder, reach: Reach, value: Handle, safe: float, out: Kind) -> Handle:
    """`value` where it counts, elsewhere `safe`, for a rule of a result `out`."""
    if isinstance(value._atom, Lit):  # a number, or None: no bound of `clip`
        return value
    test, holds = (
        reach.tests[0] if len(reach.tests) == 1 else (condition(b, reach).atom, True)
    )
    chooser = lift(b, test)
    narrow = getattr(out, "dtype", "") not in ("float64", "float")
    if narrow and is_weak(value.kind) and not is_single(test.kind):
        # a number that stays one does not widen float32; it counts if any element does
        chooser = build("any", chooser if holds else as_bool(b, (test, holds)))
        holds = True
    return choose(chooser, *((value, safe) if holds else (safe, value)))


# ---- through operations --------------------------------------------------------------


def is_one_bool(reach: Reach) -> bool:
    """Is it the same for all elements?"""
    return all(is_single(atom.kind) for atom, _ in reach.tests)


def is_single(kind: Kind) -> bool:
    return isinstance(kind, Scalar) or (isinstance(kind, Array) and kind.dims == ())


def narrowed(b: Builder, reach: Reach | None, arg: Handle, out: Handle) -> Reach | None:
    """The reach of an operand that was broadcast to `out`: where any copy counts."""
    if reach is None or is_one_bool(reach):
        return reach
    if summed_axes(out.kind, arg.kind) == ((), ()):
        return reach
    found = condition(b, reach)
    return Reach(((unbroadcast(found, arg, out, by="any").atom, True),))


def placed(
    b: Builder, reach: Reach | None, base: Handle, path: str, index: Sequence[Atom]
) -> Reach | None:
    """The reach of an array of which a place was read."""
    mask = mask_of(b, base.kind, path, index)
    if mask is not None:
        return Reach(((mask, True),))
    if reach is None or is_one_bool(reach) or not isinstance(base.kind, Array):
        return reach
    counts = build("where", condition(b, reach), 1.0, 0.0)
    places = [lift(b, atom) for atom in index]
    found = build("additem", build("zeros_like", base), counts, *places, path=path)
    return Reach((((found != 0).atom, True),))


def overwritten(
    b: Builder, reach: Reach | None, base: Atom, path: str, index: Sequence[Atom]
) -> Reach | None:
    """The reach of what stood in an array before a place was written."""
    mask = mask_of(b, base.kind, path, index)
    return reach if mask is None else both(b, reach, mask, False)


def mask_of(b: Builder, base: Kind, path: str, index: Sequence[Atom]) -> Atom | None:
    """The mask that a place is chosen by; axes of length 1 for those it leaves out."""
    if path != "[#]" or not isinstance(base, Array):
        return None
    (mask,) = index
    if not isinstance(mask.kind, Array) or mask.kind.dtype != "bool":
        return None
    ours, theirs = mask.kind.dims, base.dims
    if not ours or theirs is None:
        return None
    if len(ours) == len(theirs):
        return mask
    axes = [":"] * len(ours) + ["None"] * (len(theirs) - len(ours))
    return build("getitem", lift(b, mask), path=f"[{', '.join(axes)}]").atom
