"""`differentiable`: the function stays as it is, and its derivatives are attributes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Differentiable(Generic[P, R]):
    """A function with `.grad`, `.value_and_grad`, `.hessian`, `.jvp` and `.vjp`.

    Called, it is the function itself. The derivatives are made when they are asked for.
    """

    __name__: str

    def __init__(self, function: Callable[P, R]) -> None:
        functools.update_wrapper(self, function)
        del self.__dict__["__wrapped__"]
        self._s2sad_primal = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._s2sad_primal(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return differentiable(MethodType(self._s2sad_primal, instance))

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self._s2sad_primal)

    @functools.cached_property
    def grad(self) -> Any:
        """The gradient with respect to the first argument."""
        from s2sad.api.operators import grad

        return grad(self._s2sad_primal)

    @functools.cached_property
    def value_and_grad(self) -> Any:
        """The value and the gradient."""
        from s2sad.api.operators import value_and_grad

        return value_and_grad(self._s2sad_primal)

    @functools.cached_property
    def hessian(self) -> Any:
        """The matrix of second derivatives."""
        from s2sad.api.operators import hessian

        return hessian(self._s2sad_primal)

    def jvp(self, primals: Any, tangents: Any, **options: Any) -> Any:
        """`s2sad.jvp` of this function."""
        from s2sad.api.operators import jvp

        return jvp(self._s2sad_primal, primals, tangents, **options)

    def vjp(self, *primals: Any, **options: Any) -> Any:
        """`s2sad.vjp` of this function."""
        from s2sad.api.operators import vjp

        return vjp(self._s2sad_primal, *primals, **options)

    @property
    def source(self) -> str:
        """The text of the value and gradient."""
        return self.value_and_grad.source

    def __repr__(self) -> str:
        return f"<differentiable {self._s2sad_primal!r}>"


def differentiable(f: Callable[P, R]) -> Differentiable[P, R]:
    """Leave `f` as it is and give it derivatives: `f.grad(x)`, `f.jvp(...)`, ..."""
    made: Differentiable[P, R] = Differentiable(f)
    own = type("Differentiable", (Differentiable,), {"__module__": __name__})
    made.__class__ = own
    own.__call__ = staticmethod(f)  # type: ignore[method-assign]
    return made
