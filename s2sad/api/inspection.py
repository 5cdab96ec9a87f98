"""Looking closer: checks, tables, users' rules; the work itself is done elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s2sad.proof.memory import MemoryReport
    from s2sad.proof.report import CheckReport
    from s2sad.proof.tracing import Trace


def check(
    f: Callable[..., Any],
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    wrt: Any = None,
    seconds: float = 10.0,
    points: int = 12,
) -> CheckReport:
    """Prove the derivatives of `f` against sympy, or compare them numerically.

    Every output by every input in `wrt` (None: by all that are real) is PROVED (the
    generated code, run on symbols, equals `sympy.diff` of `f` run on symbols), or
    AGREES (forward with reverse mode, and both with differences at `points` points), or
    FAILS. sympy has `seconds` seconds. The report is true if nothing failed; print it
    to see how each verdict came, and where the first wrong statement is.
    """
    from s2sad.api.derive import lower_call
    from s2sad.api.operators import adjoint, tangent
    from s2sad.proof import check as run

    return run(
        f,
        args,
        kwargs,
        wrt=wrt,
        seconds=seconds,
        points=points,
        tangent=tangent,
        adjoint=adjoint,
        lower=lower_call,
    )


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
) -> None:
    """Compare derivatives up to `order` with differences; `AssertionError` if wrong.

    `modes` are "fwd" and "rev"; the tolerances default to what the dtypes allow.
    """
    from s2sad.api.operators import adjoint, jvp, tangent, vjp
    from s2sad.proof import check_grads as run

    operators: dict[str, Any] = {
        "jvp": jvp,
        "vjp": vjp,
        "tangent": tangent,
        "adjoint": adjoint,
    }
    run(f, args, order, modes, atol, rtol, eps, **operators)


def trace(
    f: Callable[..., Any],
    *args: Any,
    seed: Any = None,
    wrt: Any = None,
    kwargs: Mapping[str, Any] | None = None,
) -> Trace:
    """The textbook's evaluation tables of one call, as rows a program can read.

    Each row has the operation, its inputs, value, tangent (for the tangents `seed` of
    the arguments in `wrt`; one for the first, zero for the others if it is left out)
    and adjoint (of the result). Print it, or take `.markdown()` or `.as_json()`.
    """
    from s2sad.api.derive import lower_call
    from s2sad.proof import trace as run

    return run(f, args, kwargs, seed=seed, wrt=wrt, lower=lower_call)


def memory(
    f: Callable[..., Any],
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    wrt: Any = None,
) -> MemoryReport:
    """What the gradient of `f` keeps for its reverse half at these arguments, in bytes.

    Each row is a value that a loop keeps: its name, the line of the loop, how often and
    how large, as the docstring of the gradient states it and as it was counted. Beside
    it stand the most memory that the gradient and `f` itself took. Print the report, or
    take `.as_json()`. `f` may be a derived function, which is then the gradient looked
    at; else it is by `wrt` (None: by all that is real), and by the adjoint where the
    result is no scalar.
    """
    from s2sad.api.derived import Derived
    from s2sad.api.operators import adjoint, grad
    from s2sad.errors import NotScalar
    from s2sad.proof.memory import memory as run
    from s2sad.proof.memory import ones

    words = dict(kwargs or {})
    if isinstance(f, Derived):
        return run(f, args, words, primal=f.primal, gradient=f)
    gradient = grad(f, wrt)
    try:
        gradient.prepare(*args, **words)
    except NotScalar:
        gradient = adjoint(f, wrt)
        seeds = gradient._seed_names()
        words |= dict.fromkeys(seeds, ones(f, args, words))
        return run(f, args, words, primal=f, gradient=gradient, seeds=seeds)
    return run(f, args, words, primal=f, gradient=gradient)


def rule(
    f: Any = None,
    partials: Callable[..., Any] | None = None,
    *,
    linear: Callable[..., Any] | None = None,
) -> Any:
    """State the derivative of a function of yours, or of a library's; returns `f`.

        rule(table, lambda y, x: slope(x))              # y = table(x), elementwise
        rule(area, lambda y, a, b: (b, a))              # one partial for each operand
        rule(flip, linear=lambda y_bar, y, x: y_bar[::-1])

    As a decorator: `@rule(partials=lambda y, x: ...)`. `f` itself is called as it is
    and never read. The partials are ordinary Python over NumPy, `math` and functions
    that have rules; the derivative shows them, and may be differentiated again. With
    `linear`, `f` keeps the shape of its one argument, and this is its transpose. State
    a rule before the first derivative that needs it.
    """
    from s2sad.api.user_rules import rule as add

    return add(f, partials, linear=linear)


def check_rule(f: Any, *samples: Any, order: int = 1, **tolerances: Any) -> None:
    """Compare the rule of `f` with differences; `AssertionError` if it is wrong.

    Each sample is the arguments of one call: a tuple, or the one argument (0.7 if none
    is given). With `order=2` the derivative of the rule is checked, too.
    """
    from s2sad.api.user_rules import check_rule as run

    run(f, *samples, order=order, **tolerances)
