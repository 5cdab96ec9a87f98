"""Derivatives in two halves: what runs now, and what waits for its seeds.

    y, pullback = vjp(f, x)          pullback(y_bar)      f_rev(kept, y_bar)
    y, linear = linearize(f, x)      linear(x_dot)        f_linear(kept, x_dot)

The second half writes nothing that is kept: it may be called again, by any thread.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from s2sad.api.generated import Made, bind_functions
from s2sad.api.seeding import conform
from s2sad.errors import Misuse, raise_all, refuse
from s2sad.ir.kinds import Kind
from s2sad.load.dispatch import Signature


class Half:
    """The half that waits. `source` is its text, together with that of the first."""

    def __init__(
        self,
        run: FunctionType,
        kept: Any,
        kinds: Sequence[Kind],
        shapes: Any,
        made: Made,
    ) -> None:
        self._run = run
        self._kept = kept
        self._kinds = kinds
        self._shapes = shapes
        self._made = made

    @property
    def source(self) -> str:
        return self._made.text

    @property
    def __wrapped__(self) -> FunctionType:
        return self._run

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self._run.__name__}>"


class Pullback(Half):
    """From the cotangent of the result to those of the arguments, as a tuple."""

    def __call__(self, y_bar: Any) -> Any:
        seed = conform(y_bar, self._kinds[0], "y_bar", "cotangent")
        check_shapes(self._shapes, seed, "y_bar", "cotangent")
        return self._run(self._kept, seed)


class Linear(Half):
    """From tangents of the arguments to that of the result."""

    zero: Any  # shaped like the result; only its shape is read

    def __call__(self, *tangents: Any) -> Any:
        kind = self._kinds[-1]
        seed = conform(tangents, kind, "tangents", "tangent")
        for i, (shape, tangent) in enumerate(zip(self._shapes, seed)):
            check_shapes(shape, tangent, f"tangents[{i}]", "tangent")
        return self._run(self._kept, self.zero, seed)


def bind_halves(
    made: Made, function: FunctionType, signature: Signature
) -> FunctionType:
    """A function that runs the first half and returns `(y, second half)`."""
    first, second = bind_functions(made, function, signature)
    assert second is not None
    linear = second.__name__.endswith("_linear")
    kinds = made.seeds

    def run(*args: Any, **kwargs: Any) -> Any:
        y, kept = first(*args, **kwargs)
        if linear:
            push = Linear(second, kept, kinds, [shapes_of(a) for a in args], made)
            push.zero = zeros_of(y)
            return y, push
        return y, Pullback(second, kept, kinds, shapes_of(y), made)

    return functools.update_wrapper(run, first)  # type: ignore[return-value]


def zeros_of(value: Any) -> Any:
    """Zeros structured like a value."""
    if isinstance(value, (tuple, list)):
        items = [zeros_of(item) for item in value]
        if hasattr(value, "_fields"):
            return type(value)(*items)
        return type(value)(items)
    if isinstance(value, dict):
        return {key: zeros_of(item) for key, item in value.items()}
    return value * 0 if hasattr(value, "dtype") or isinstance(value, float) else value


def shapes_of(value: Any) -> Any:
    """The shapes of the arrays in a value, structured like it; None for all else."""
    if isinstance(value, (tuple, list)):
        return [shapes_of(item) for item in value]
    if isinstance(value, dict):
        return {key: shapes_of(item) for key, item in value.items()}
    shape = getattr(value, "shape", None)
    return Shape(shape) if isinstance(shape, tuple) and shape else None


class Shape(tuple):
    """The shape of an array, told apart from a tuple of results."""


def check_shapes(shapes: Any, seed: Any, name: str, what: str) -> None:
    """Every array in a seed has the shape of what it is the seed of."""
    if isinstance(shapes, Shape):
        have = getattr(seed, "shape", ())
        if have != tuple(shapes):
            want = str(tuple(shapes))
            shape = f"the shape {have}"
            raise_all(
                [refuse("seed-shape", what=what, name=name, have=shape, want=want)]
            )
    elif isinstance(shapes, list):
        if len(shapes) != len(seed):
            raise Misuse(f"`{name}` has {len(seed)} entries, not {len(shapes)}")
        for i, (shape, item) in enumerate(zip(shapes, seed)):
            check_shapes(shape, item, f"{name}[{i}]", what)
    elif isinstance(shapes, dict):
        for key, shape in shapes.items():
            check_shapes(shape, seed[key], f"{name}[{key!r}]", what)
