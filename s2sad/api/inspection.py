"""Looking closer: checks, tables, users' rules; the work itself is done elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def check(f: Any, *args: Any, wrt: Any = None, **options: Any) -> Any:
    """Prove the derivatives of `f` against sympy, or compare them numerically.

    The report is true if nothing failed; print it to see what was proved.
    """
    from s2sad.api.operators import adjoint, tangent
    from s2sad.proof import check as run

    return run(f, args, wrt=wrt, tangent=tangent, adjoint=adjoint, **options)


def check_grads(
    f: Any,
    args: Sequence[Any],
    order: int = 1,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
) -> None:
    """Compare derivatives up to `order` with differences, by assertions."""
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
    f: Any,
    *args: Any,
    seed: Any = None,
    wrt: Any = None,
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Evaluation tables: every intermediate's value, tangent and adjoint."""
    from s2sad.api.derive import lower_call
    from s2sad.proof import trace as run

    return run(f, args, kwargs, seed=seed, wrt=wrt, lower=lower_call)


def rule(*args: Any, **options: Any) -> Any:
    """Add a rule for a function of your own; see `s2sad explain S2S110`."""
    from s2sad import rules

    add = getattr(rules, "rule")  # noqa: B009
    return add(*args, **options)


def check_rule(f: Any, *samples: Any, **options: Any) -> Any:
    """Compare a rule with differences at the given arguments."""
    for args in samples or ((0.7,),):
        given = args if isinstance(args, tuple) else (args,)
        check_grads(f, given, **options)
