"""All passes, to a fixed point.

Level 0 drops what nobody needs and leaves the rest as it is. Level 1, the default, also
shares and simplifies. Each pass walks the function once, and what it leaves alone is
the same object, so that a round in which nothing changes ends the work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from s2sad.analysis.lineage import WRITES
from s2sad.ir.nodes import Function, Op, Program
from s2sad.ir.walk import primitives, statements
from s2sad.opt.cancel import cancel
from s2sad.opt.clears import clears
from s2sad.opt.cse import cse
from s2sad.opt.dce import dce
from s2sad.opt.facts import NESTS, has_effect
from s2sad.opt.fold import fold
from s2sad.opt.forward import READS, forward
from s2sad.opt.hoist import hoist
from s2sad.opt.inherit import inherit
from s2sad.opt.inline import callees, inline, reached
from s2sad.opt.join import join
from s2sad.opt.merge import merge
from s2sad.opt.regroup import regroup
from s2sad.opt.settle import settle
from s2sad.opt.simplify import Simplify, simplify
from s2sad.opt.stay import stay
from s2sad.opt.trim import trim
from s2sad.opt.unfill import unfill

Pass = Callable[[Function], Function]

PASSES: tuple[Pass, ...] = (
    settle,
    merge,
    fold,
    unfill,
    simplify,
    forward,
    cse,
    clears,
    stay,
    inherit,
    join,
    hoist,
    cancel,
)
# What a pass looks for, where that is a primitive or a kind of statement: a function in
# which there is none of these needs no look.
LOOKS_FOR: Mapping[Pass, Collection[str]] = {
    settle: NESTS,
    merge: NESTS,
    unfill: {"full_like"},
    forward: READS,
    clears: WRITES,
    stay: {"additem"},
    inherit: {"additem"},
    join: {"additem"},
    hoist: NESTS,
    cancel: {"exp"},
}
# What regrouping leaves as it was: it writes formulas of floats, so that no test, no
# place and no write is another than before.
OF_NO_FORMULA = frozenset((settle, merge, forward, clears, stay, inherit, join))
ROUNDS = 20  # more than nesting ever asked for: each round settles a level of loops


def optimise(
    program: Program,
    level: int = 1,
    keep: Collection[str] = (),
    native: bool = False,
) -> Program:
    """The same program in fewer operations. Functions in `keep` are not inlined; what
    is to be compiled (`native`) has larger ones inlined.
    """
    tidied = each(program, level)
    for _ in range(ROUNDS if level > 0 else 0):
        program, tidied = tidied, trim(inline(tidied, keep, native))
        if tidied is program:
            break
        tidied = each(tidied, level)
    return tidied


def each(program: Program, level: int) -> Program:
    """The program with each function tidied by itself."""
    effects = effectful(program)
    functions = {
        key: tidy(function, level, effects)
        for key, function in program.functions.items()
    }
    return Program(program.main, functions)


def tidy(
    function: Function, level: int = 1, effects: Collection[str] | None = None
) -> Function:
    """One function; `effects` are the callees that do more than return a value.

    Formulas are written otherwise when nothing else is left to do: what is added to an
    adjoint in place must not have become a factor of it before.
    """
    idle: Collection[Pass] = ()
    for _ in range(ROUNDS):
        function = settled(function, level, effects, idle)
        before, function = function, regroup(function) if level > 0 else function
        if function is before:
            break
        idle = OF_NO_FORMULA
    return function


def settled(
    function: Function,
    level: int,
    effects: Collection[str] | None,
    idle: Collection[Pass] = (),
) -> Function:
    """All passes, until none finds anything to do; those in `idle` have found nothing
    and will not, until another pass has.
    """
    function = dce(function, effects)
    last: Pass | None = None  # the one that found something to do
    walk: Simplify | None = None  # the last one of `simplify`
    held = primitives(function.body)
    for _ in range(ROUNDS if level > 0 else 0):
        for one in PASSES:
            if one is last is cse:  # it does all at once, and the others found nothing
                return function
            if one is last is simplify and walk is not None:
                if walk.holds_for(function):
                    return function
            if last is None and one in idle:
                continue
            before = function
            if one not in LOOKS_FOR or not held.isdisjoint(LOOKS_FOR[one]):
                if one is simplify:
                    walk = Simplify(function)
                    function = walk.run(function)
                else:
                    function = one(function)
            if function is not before:
                last, held = one, primitives(function.body)
            elif one is last:
                return function
        if last is None:
            break
        before, function = function, dce(function, effects)
        if function is not before:
            held = primitives(function.body)
    return function


def effectful(program: Program) -> set[str]:
    """The functions that print, raise or draw, themselves or through others; who calls
    none need not know.
    """
    calls = {key: callees(function) for key, function in program.functions.items()}
    if not any(calls.values()):
        return set()
    own = {
        key
        for key, function in program.functions.items()
        if any(isinstance(s, Op) and has_effect(s) for s in statements(function.body))
    }
    return {
        key for key in calls if key in own or not own.isdisjoint(reached(calls, key))
    }
