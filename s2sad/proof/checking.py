"""`check(f, *args)`: is every derivative of `f` right, and how sure can one be?

PROVED   the generated code, run on symbols, equals sympy.diff of the primal run on
         symbols, on the path that the arguments take
AGREES   jvp and vjp agree with each other, and with differences at many points
FAILS    they do not; with the first statement whose tangent and difference part ways
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, MethodType
from typing import Any

from s2sad.proof import numeric, symbolic
from s2sad.proof.leaves import Arguments, bind, entries, leaves, mapped, parameters
from s2sad.proof.report import AGREES, FAILS, PROVED, CheckReport, Row

Operator = Callable[..., Any]


def check(
    f: Callable,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    wrt: Any = None,
    tangent: Operator,
    adjoint: Operator,
    lower: Callable[..., Any] | None = None,
    seconds: float = 10.0,
    points: int = 12,
) -> CheckReport:
    """Check every output of `f` by every input of `wrt` (None: all that are real).

    `tangent` and `adjoint` are the operators of those names; `lower(f, args, kwargs,
    wrt)` gives the primal as IR and serves to find where a derivative goes wrong.
    """
    arguments = bind(f, args, kwargs or {})
    wrt = parameters(arguments, wrt)
    report = CheckReport(describe(f), shown_values(arguments.values))
    f, args, kwargs = plain_call(f, args, kwargs or {})
    arguments = bind(f, args, kwargs)
    if not wrt:
        report.notes.append("no argument is a real number: nothing to differentiate by")
        return report
    forward, reverse = tangent(f, tuple(wrt)), adjoint(f, tuple(wrt))

    def products(values: numeric.Values, tangents: list[Any]) -> tuple[Any, Any]:
        names = symbolic.seed_names(forward, len(tangents))
        return arguments.call(forward, values, **dict(zip(names, tangents)))

    def pullback(values: numeric.Values, y_bar: Any) -> tuple[Any, tuple]:
        (name,) = symbolic.seed_names(reverse, 1)
        return arguments.call(reverse, values, **{name: y_bar})

    numbers = numeric.compare(f, products, pullback, arguments, wrt, points)
    exact = symbolic.Exact(why_not="the time for sympy is 0")
    if seconds > 0:
        with numeric.quiet():
            exact = _prove(f, forward, reverse, arguments, wrt, seconds)
    _fill(report, arguments, f, wrt, numbers, exact)
    if numbers.misses or numbers.dot_miss:
        report.failure = _failure(numbers, f, arguments, wrt, lower)
    return report


def plain_call(
    f: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Any, Sequence[Any], Mapping[str, Any]]:
    """The same call of a plain function: of a method with its object, of a partial with
    its presets, of an object with itself.
    """
    if isinstance(f, functools.partial):
        return plain_call(f.func, (*f.args, *args), {**f.keywords, **kwargs})
    if isinstance(f, MethodType):
        return plain_call(f.__func__, (f.__self__, *args), kwargs)
    call = vars(type(f)).get("__call__")
    if isinstance(call, FunctionType) and not hasattr(type(f), "specialized"):
        return call, (f, *args), kwargs
    return f, args, kwargs


def _prove(
    f: Callable,
    forward: Any,
    reverse: Any,
    arguments: Arguments,
    wrt: list[str],
    seconds: float,
) -> symbolic.Exact:
    """Run the generated functions that serve these arguments on symbols."""
    one = lambda _, leaf: leaf * 0 + 1.0

    def ones(value: Any, name: str) -> Any:
        return mapped(value, one, name, ints=True, rest=None)

    def specialized(derived: Any, seeds: list[Any]) -> Any:
        names = symbolic.seed_names(derived, len(seeds))
        extra = dict(zip(names, seeds))
        return arguments.call(derived.specialized, arguments.values, **extra)

    try:
        y = arguments.call(f, numeric.fresh(arguments.values))
    except Exception as error:
        return symbolic.Exact(why_not=f"f raises {type(error).__name__}: {error}")
    if hasattr(type(f), "specialized"):  # derived itself: its text is the primal
        f = arguments.call(f.specialized, arguments.values)
    tangents = [ones(arguments.values[name], name) for name in wrt]
    jvp, vjp = specialized(forward, tangents), specialized(reverse, [ones(y, "y")])
    return symbolic.prove(f, jvp, vjp, arguments, wrt, seconds)


def describe(f: Callable) -> str:
    return getattr(f, "__qualname__", None) or type(f).__name__


def shown_values(values: Mapping[str, Any]) -> str:
    """`x = 2.0, A = float64[3, 3]`: short values as they are, arrays by their kind."""
    parts = []
    for name, value in values.items():
        text = repr(value)
        shape = getattr(value, "shape", ())
        if shape and len(text) > 30:
            text = f"{value.dtype}[{', '.join(map(str, shape))}]"
        elif len(text) > 40 or " object at 0x" in text:
            text = f"{type(value).__name__}"
        parts.append(f"{name} = {' '.join(text.split())}")
    return ", ".join(parts)


def _fill(
    report: CheckReport,
    arguments: Arguments,
    f: Callable,
    wrt: list[str],
    numbers: numeric.Numbers,
    exact: symbolic.Exact,
) -> None:
    """Rows and notes from what both halves found."""
    keys = dict.fromkeys([*exact.verdicts, *numbers.errors])
    if not keys:  # neither half got anywhere: say for which derivatives
        keys = dict.fromkeys(
            ("y", name)
            for each in wrt
            for name, _ in leaves(arguments.values[each], each)
        )
    missed = {(miss.output, miss.input) for miss in numbers.misses}
    for key in keys:
        verdict, how = AGREES, "jvp, vjp and differences agree"
        proof = exact.verdicts.get(key)
        if key in missed or (numbers.dot_miss and proof != "proved"):
            verdict, how = FAILS, "differences do not agree"
        elif proof == "differs" and not exact.kinks:
            # An exact counterexample outweighs differences that happen to agree.
            verdict, how = FAILS, "sympy's derivative is another one"
        elif proof == "proved":
            verdict, how = PROVED, "generated code equals sympy.diff, jvp and vjp"
        elif not numbers.points:
            verdict, how = FAILS, "nothing could be compared"
        elif proof == "undecided":
            how += "; sympy could not decide"
        report.rows.append(Row(*key, verdict, how, numbers.errors.get(key)))
    report.points = numbers.points
    report.error = max(numbers.errors.values(), default=None)
    report.dot_error = numbers.dot_error
    report.assumed = exact.assumed
    notes = report.notes
    if exact.why_not:
        notes.append(f"not proved: {exact.why_not}")
    elif exact.undecided:
        notes.append(f"sympy left {exact.undecided} comparisons undecided in its time")
    if exact.kinks:
        notes.append(f"the arguments stand on a kink ({'; '.join(exact.kinks)})")
    if numbers.kinks:
        notes.append("at a kink the derivative lies between the one-sided slopes")
    if numbers.why_not and not numbers.points:
        notes.append(f"f has no finite value at these arguments ({numbers.why_not})")


def _failure(
    numbers: numeric.Numbers,
    f: Callable,
    arguments: Arguments,
    wrt: list[str],
    lower: Callable[..., Any] | None,
) -> str:
    if not numbers.misses:
        return numbers.dot_miss
    miss = numbers.misses[0]
    place = list(entries(miss.output, miss.derivative))
    shown = next(
        (
            f"d {name} along {miss.input}: "
            f"derivative {float(a)!r}, difference {float(b)!r}"
            for (name, a), (_, b) in zip(place, entries(miss.output, miss.difference))
            if abs(a - b) > numeric.TOLERANCE * max(abs(a), abs(b))
        ),
        f"{miss.output} by {miss.input}",
    )
    if lower is None:
        return shown
    from s2sad.proof.parting import first_parting

    return shown + "\n" + first_parting(f, arguments, wrt, miss, lower)
