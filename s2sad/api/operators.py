"""The operators: what `from s2sad import ...` finds.

Each of the first group takes a function and gives a derived function with the same
arguments. All work as `grad(f)`, `grad(f, "x")`, `@grad` and `@grad(wrt="x")`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar, overload

from s2sad.api import wrt as _wrt
from s2sad.api.derived import Derived, apply
from s2sad.api.differentiable import Differentiable, differentiable
from s2sad.api.inspection import check, check_grads, check_rule, memory, rule, trace
from s2sad.api.marks import checkpoint, flat, opaque, stop_gradient
from s2sad.api.nested import operator_plan
from s2sad.api.products import hvp, jvp, linearize, vjp
from s2sad.api.recipe import Recipe
from s2sad.api.wrt import FIRST, UNSET, parse_wrt
from s2sad.errors import Misuse, raise_all, refuse

if TYPE_CHECKING:
    from typing_extensions import Unpack

P = ParamSpec("P")
R = TypeVar("R")

__all__ = [
    "Derived", "Differentiable", "adjoint", "check", "check_grads", "check_rule",
    "checkpoint", "derivative", "differentiable", "flat", "grad", "hessian", "hvp",
    "jacfwd", "jacobian", "jacrev", "jvp", "linearize", "memory", "opaque", "rule",
    "stop_gradient", "tangent", "trace", "value_and_grad", "vjp",
]  # fmt: skip


def _operator(
    f: object,
    operator: str,
    wrt: object,
    argnums: object,
    default: _wrt.Wrt = FIRST,
    **options: Any,
) -> Any:
    """Apply an operator, or give back the decorator that will."""
    recipe = None
    if wrt is UNSET and argnums is None and default is FIRST:
        with suppress(TypeError):  # an option that cannot be hashed is no option
            recipe = _usual(operator, **options)
    if recipe is None:
        asked = parse_wrt(wrt, argnums, default)
        recipe = Recipe(operator, asked, **_checked(operator, options))

    def decorate(function: object) -> Derived[..., Any]:
        return apply(function, recipe)

    return decorate if f is None else decorate(f)


@lru_cache(maxsize=256, typed=True)
def _usual(operator: str, **options: Any) -> Recipe:
    """The recipe where no place is named: in a loop, the same one each time."""
    return Recipe(operator, FIRST, **_checked(operator, options))


OPTIONS = ("has_aux", "mode", "target", "optimize", "debug", "source")


def _checked(operator: str, options: dict[str, Any]) -> dict[str, Any]:
    for option in options.keys() - set(OPTIONS):
        import difflib  # for complaints only

        close = difflib.get_close_matches(option, OPTIONS, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        known = ", ".join(OPTIONS)
        raise_all(
            [
                refuse(
                    "option-unknown",
                    operator=operator,
                    option=option,
                    suggestion=hint,
                    options=known,
                )
            ]
        )
    target = options.get("target", "python")
    if target not in ("python", "numba", "module"):
        known = "'python', 'numba' or 'module'"
        raise Misuse(f"target={target!r} is unknown: it is {known}")
    if options.get("optimize", 1) not in (0, 1, 2):
        raise Misuse(f"optimize={options['optimize']!r}: it is 0, 1 or 2")
    if options.get("mode", "auto") not in ("auto", "fwd", "rev"):
        raise Misuse(f"mode={options['mode']!r}: it is 'auto', 'fwd' or 'rev'")
    return options


# ---- derivative functions ------------------------------------------------------------


class _Options(TypedDict, total=False):
    """What type checkers are told of the options, which the definitions spell out."""

    argnums: Any
    target: str
    optimize: int
    debug: bool
    source: str | None


class _Gradient(_Options, total=False):
    has_aux: bool


class _Jacobian(_Options, total=False):
    mode: str


@overload
def grad(
    f: Callable[P, Any], wrt: Any = ..., **options: Unpack[_Gradient]
) -> Derived[P, Any]: ...
@overload
def grad(
    f: None = None, wrt: Any = ..., **options: Unpack[_Gradient]
) -> Callable[[Callable[P, Any]], Derived[P, Any]]: ...
def grad(
    f: Any = None,
    wrt: Any = UNSET,
    *,
    has_aux: bool = False,
    argnums: Any = None,
    target: str = "python",
    optimize: int = 1,
    debug: bool = False,
    source: str | None = None,
) -> Any:
    """The gradient of a function whose result is one real number.

    `wrt` says with respect to what: a position, a name, a path such as "p['w']", or a
    tuple of them (then the result is a tuple). The gradient has the shape and type of
    the argument. With `has_aux`, `f` returns `(value, aux)` and the result is
    `(gradient, aux)`.

    `optimize` is 0 (closest to your text), 1, or 2 (arrays that are no longer read are
    written over: less memory, more lines); with `target="numba"` the derivative is
    compiled by Numba, and with `target="module"` the printed source is a file that
    stands alone; `debug` verifies the work between the steps, and has compiled code
    check every index; `source` is the text of `f` where it cannot be found.

    Refuses (`Unsupported`, `NoRule`, `NotScalar`, all `S2sadError`) when it is called
    with what it cannot differentiate, and says where.
    """
    options: dict[str, Any] = dict(
        has_aux=has_aux, target=target, optimize=optimize, debug=debug, source=source
    )
    return _operator(f, "grad", wrt, argnums, **options)


@overload
def value_and_grad(
    f: Callable[P, Any], wrt: Any = ..., **options: Unpack[_Gradient]
) -> Derived[P, tuple[Any, Any]]: ...
@overload
def value_and_grad(
    f: None = None, wrt: Any = ..., **options: Unpack[_Gradient]
) -> Callable[[Callable[P, Any]], Derived[P, tuple[Any, Any]]]: ...
def value_and_grad(
    f: Any = None,
    wrt: Any = UNSET,
    *,
    has_aux: bool = False,
    argnums: Any = None,
    target: str = "python",
    optimize: int = 1,
    debug: bool = False,
    source: str | None = None,
) -> Any:
    """The value and the gradient: `(y, gradient)`, or `((y, aux), gradient)`.

    The function runs once.
    """
    options: dict[str, Any] = dict(
        has_aux=has_aux, target=target, optimize=optimize, debug=debug, source=source
    )
    return _operator(f, "value_and_grad", wrt, argnums, **options)


@overload
def derivative(
    f: Callable[P, R], wrt: Any = ..., **options: Unpack[_Options]
) -> Derived[P, R]: ...
@overload
def derivative(
    f: None = None, wrt: Any = ..., **options: Unpack[_Options]
) -> Callable[[Callable[P, R]], Derived[P, R]]: ...
def derivative(
    f: Any = None,
    wrt: Any = UNSET,
    *,
    argnums: Any = None,
    target: str = "python",
    optimize: int = 1,
    debug: bool = False,
    source: str | None = None,
) -> Any:
    """The derivative with respect to a number, by forward mode, of numbers or arrays.

    With respect to an array it is the derivative element by element, and refused unless
    `f` is elementwise.
    """
    options: dict[str, Any] = dict(
        target=target, optimize=optimize, debug=debug, source=source
    )
    return _operator(f, "derivative", wrt, argnums, **options)


@overload
def jacobian(
    f: Callable[P, Any], wrt: Any = ..., **options: Unpack[_Jacobian]
) -> Derived[P, Any]: ...
@overload
def jacobian(
    f: None = None, wrt: Any = ..., **options: Unpack[_Jacobian]
) -> Callable[[Callable[P, Any]], Derived[P, Any]]: ...
def jacobian(
    f: Any = None,
    wrt: Any = UNSET,
    *,
    mode: str = "auto",
    argnums: Any = None,
    target: str = "python",
    optimize: int = 1,
    debug: bool = False,
    source: str | None = None,
) -> Any:
    """All derivatives of all results: shape `y.shape + x.shape`.

    `mode` is "fwd" (a column at a time, good for few inputs), "rev" (a row at a time,
    good for few outputs) or "auto", which picks by the sizes.
    """
    options: dict[str, Any] = dict(
        mode=mode, target=target, optimize=optimize, debug=debug, source=source
    )
    return _operator(f, "jacobian", wrt, argnums, **options)


def jacfwd(f: Any = None, wrt: Any = UNSET, **options: Any) -> Any:
    """The Jacobian by forward mode, a column at a time."""
    return jacobian(f, wrt, mode="fwd", **options)


def jacrev(f: Any = None, wrt: Any = UNSET, **options: Any) -> Any:
    """The Jacobian by reverse mode, a row at a time."""
    return jacobian(f, wrt, mode="rev", **options)


@overload
def hessian(
    f: Callable[P, Any], wrt: Any = ..., **options: Unpack[_Options]
) -> Derived[P, Any]: ...
@overload
def hessian(
    f: None = None, wrt: Any = ..., **options: Unpack[_Options]
) -> Callable[[Callable[P, Any]], Derived[P, Any]]: ...
def hessian(
    f: Any = None,
    wrt: Any = UNSET,
    *,
    argnums: Any = None,
    target: str = "python",
    optimize: int = 1,
    debug: bool = False,
    source: str | None = None,
) -> Any:
    """The matrix of second derivatives: shape `y.shape + x.shape + x.shape`."""
    options: dict[str, Any] = dict(
        target=target, optimize=optimize, debug=debug, source=source
    )
    return _operator(f, "hessian", wrt, argnums, **options)


# ---- the generated functions themselves ----------------------------------------------


def tangent(
    f: Any = None, wrt: Any = UNSET, *, argnums: Any = None, **options: Any
) -> Any:
    """Forward mode as a function: `g(*args, *tangents) -> (y, y_dot)`.

    A tangent follows for each place in `wrt`, shaped like it; by keyword (`x_dot=`)
    where `f` has defaults, `*args` or keyword-only parameters.
    """
    return _operator(f, "tangent", wrt, argnums, **options)


def adjoint(
    f: Any = None, wrt: Any = UNSET, *, argnums: Any = None, **options: Any
) -> Any:
    """Reverse mode as a function: `g(*args, y_bar) -> (y, (arg_bar, ...))`.

    `y_bar` is shaped like the result, and 1.0 if it is left out and the result is a
    number. One adjoint comes back if `wrt` is an int or a name, a tuple otherwise.
    """
    return _operator(f, "adjoint", wrt, argnums, **options)


# ---- for lowering, which meets them inside differentiated functions ------------------

_function: Any
for _function, _name, _fixed in (
    (grad, "grad", {}),
    (value_and_grad, "value_and_grad", {}),
    (derivative, "derivative", {}),
    (jacobian, "jacobian", {}),
    (jacfwd, "jacobian", {"mode": "fwd"}),
    (jacrev, "jacobian", {"mode": "rev"}),
    (hessian, "hessian", {}),
    (tangent, "tangent", {}),
    (adjoint, "adjoint", {}),
):
    _function.__s2sad_operator__ = operator_plan(_name, **_fixed)
for _function in (jvp, vjp, hvp, linearize):
    _function.__s2sad_product__ = _function.__name__
del _function, _name, _fixed
