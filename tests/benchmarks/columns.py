"""The columns: each makes, for a workload, what is called and timed.

A column gives a function of the workload's own arguments, or raises `NotThere` with the
reason that stands in the table in place of a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from tests.benchmarks.workload import Program, Workload

Column = Callable[[Workload, tuple], Program]


class NotThere(Exception):
    """Why a cell holds no time."""


def installed(name: str) -> None:
    if find_spec(name) is None:
        raise NotThere("not installed")


# ---- the program, and its gradient by hand -----------------------------------------


def primal(workload: Workload, args: tuple) -> Program:
    return workload.primal


def primal_numba(workload: Workload, args: tuple) -> Program:
    return jitted(workload.dialect or workload.primal)


def hand(workload: Workload, args: tuple) -> Program:
    return workload.hand


def hand_numba(workload: Workload, args: tuple) -> Program:
    return jitted(workload.loops or workload.hand)


def changed(workload: Workload, args: tuple) -> Program:
    if workload.changed is None:
        raise NotThere("")
    return workload.changed


@cache
def jitted(f: Program) -> Program:
    """The function compiled, and with it those beside it that it calls."""
    installed("numba")
    import numba

    called = {name: f.__globals__.get(name) for name in f.__code__.co_names}
    own = {
        name: jitted(g)
        for name, g in called.items()
        if isinstance(g, FunctionType) and g.__module__ == f.__module__
    }
    if own:
        scope = {**f.__globals__, **own}
        f = FunctionType(f.__code__, scope, f.__name__, f.__defaults__, f.__closure__)
    return numba.njit(cache=True)(f)


# ---- ours --------------------------------------------------------------------------


def derived(workload: Workload, args: tuple, **options: Any) -> Any:
    """Our derivative, specialised for these arguments."""
    import s2sad

    operator = getattr(s2sad, workload.mode)
    try:
        f = operator(workload.primal, wrt=workload.wrt, **options)
        f(*args)
    except s2sad.S2sadError as error:
        raise NotThere(reason(error)) from error
    return f


def reason(error: Exception) -> str:
    """A refusal in a few words."""
    if "not there yet" in str(error):
        return "not there"
    return f"refused: {getattr(error, 'code', type(error).__name__)}"


def ours(workload: Workload, args: tuple) -> Program:
    return derived(workload, args)


def ours_2(workload: Workload, args: tuple) -> Program:
    more = derived(workload, args, optimize=2)
    if more.source == derived(workload, args).source:
        raise NotThere("same text")
    return more


def ours_numba(workload: Workload, args: tuple) -> Program:
    installed("numba")
    f = derived(workload, args, target="numba")
    if "njit" not in f.source:  # a warning has said why
        raise NotThere("fell back")
    return f


OWN: dict[str, Column] = {
    "primal": primal,
    "primal Numba": primal_numba,
    "hand": hand,
    "hand Numba": hand_numba,
    "ours": ours,
    "ours O2": ours_2,
    "ours Numba": ours_numba,
    "changed": changed,
}
