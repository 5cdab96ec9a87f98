"""Products evaluated now, in JAX's argument order: `jvp`, `vjp`, `hvp`, `linearize`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter
from typing import Any

from s2sad.api.derived import Derived, apply
from s2sad.api.recipe import Recipe
from s2sad.api.wrt import UNSET, Item, Wrt, parse_wrt
from s2sad.errors import Misuse


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    wrt: Any = None,
) -> tuple[Any, Any]:
    """`(y, y_dot)`: the value, and its derivative in the direction of the tangents.

    A tangent None marks a constant argument. With `wrt`, the tangents belong to what it
    names, and all other arguments are constants.
    """
    primals, tangents = _tuple(primals, "primals"), _tuple(tangents, "tangents")
    if wrt is None:
        if len(primals) != len(tangents):
            raise Misuse(
                f"{len(primals)} primals and {len(tangents)} tangents: give one "
                "tangent for each, None for a constant"
            )
        items = tuple(Item(i) for i, t in enumerate(tangents) if t is not None)
        if not items:
            raise Misuse("every tangent is None: nothing varies")
        asked = Wrt(items)
        tangents = tuple(t for t in tangents if t is not None)
    else:
        asked = _plural(parse_wrt(wrt), len(tangents))
    derived = apply(f, Recipe("tangent", asked))
    return call_seeded(derived, primals, tangents)


def hvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Any, *, wrt: Any = UNSET
) -> tuple[Any, Any]:
    """`(gradient, Hessian times tangents)` of a function whose result is one number."""
    primals = _tuple(primals, "primals")
    asked = parse_wrt(wrt)
    if asked.items is None:
        asked = Wrt(tuple(Item(i) for i in range(len(primals))))
    seeds = tuple(tangents) if isinstance(tangents, (tuple, list)) else (tangents,)
    if asked.items is None or len(seeds) != len(asked.items):
        raise Misuse(
            f"`wrt` names {len(asked.items or ())}, and {len(seeds)} tangents came"
        )
    derived = apply(f, Recipe("hvp", asked))
    return call_seeded(derived, primals, seeds)


def vjp(f: Callable[..., Any], *primals: Any, wrt: Any = None) -> tuple[Any, Any]:
    """`(y, pullback)`; `pullback(y_bar)` is a tuple, one entry per argument.

    The function runs once. The pullback may be called again, from any thread, and after
    the arguments or `y` have been overwritten. An argument that has no derivative (a
    string, an index) gives None, unless `wrt` names it.
    """
    derived = apply(f, Recipe("split", _asked(wrt, len(primals))))
    return derived(*primals)


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Any]:
    """`(y, linear)`; `linear(*tangents)` is the derivative in that direction.

    The function runs once, here; `linear` takes one tangent per argument.
    """
    derived = apply(f, Recipe("linear", _asked(None, len(primals))))
    return derived(*primals)


def call_seeded(
    derived: Derived[..., Any], primals: Sequence[Any], seeds: Sequence[Any]
) -> Any:
    """Call a derived function that takes seeds after its arguments."""
    parameters = derived._dispatch.signature.parameters
    plain = [p for p in parameters if p.kind is not Parameter.VAR_KEYWORD]
    last = plain[len(plain) - len(seeds) :]
    if last and last[0].kind is Parameter.KEYWORD_ONLY:
        return derived(*primals, **{p.name: s for p, s in zip(last, seeds)})
    return derived(*primals, *seeds)


def _asked(wrt: Any, count: int) -> Wrt:
    if wrt is None:
        return Wrt(tuple(Item(i) for i in range(count)), lenient=True)
    return _plural(parse_wrt(wrt))


def _plural(asked: Wrt, count: int | None = None) -> Wrt:
    if count is not None and asked.items is not None and len(asked.items) != count:
        raise Misuse(f"`wrt` names {len(asked.items)}, and {count} tangents came")
    return Wrt(asked.items)


def _tuple(values: Any, what: str) -> tuple[Any, ...]:
    if not isinstance(values, (tuple, list)):
        raise Misuse(f"`{what}` is a tuple, one entry per argument: `({what},)`")
    return tuple(values)
