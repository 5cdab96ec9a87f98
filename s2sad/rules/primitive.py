"""A primitive: its kinds, its value, its two derivative rules; and how one is made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import Kind, show
from s2sad.ir.nodes import Atom, Op, Var
from s2sad.rules import infer
from s2sad.rules.handles import (
    Handle,
    build,
    is_symbolic,
)
from s2sad.rules.registry import (
    BadArguments,
    find_object,
    register,
    split_spellings,
)
from s2sad.rules.signature import REQUIRED, parse_signature
from s2sad.rules.signature import bind as bind_call

HIDDEN = ("spelling", "lib", "absent")  # attributes that are no option of the function

OPERATOR_NAMES = {
    "a + b": "add",
    "a - b": "sub",
    "a * b": "mul",
    "a / b": "div",
    "a // b": "floordiv",
    "a % b": "mod",
    "a ** b": "pow",
    "a @ b": "matmul",
    "-a": "neg",
    "+a": "pos",
    "~a": "invert",
    "not a": "not_",
    "a & b": "and_",
    "a | b": "or_",
    "a ^ b": "xor",
    "a << b": "shl",
    "a >> b": "shr",
    "a < b": "lt",
    "a <= b": "le",
    "a > b": "gt",
    "a >= b": "ge",
    "a == b": "eq",
    "a != b": "ne",
    "a is b": "is_",
    "a is not b": "is_not",
    "a in b": "in_",
    "a not in b": "not_in",
}


@dataclass(frozen=True)
class Written:
    """The entry of a container that a write goes to: its adjoint, and the way there."""

    bar: Atom | None
    entry: tuple[str, tuple[Atom, ...]]
    rest: tuple[str, tuple[Atom, ...]]  # and on from there, into an array


class Adjoints(Protocol):
    """What the reverse half keeps while it is built (see `ad`)."""

    def take(self, out: Var) -> Atom | None: ...
    def wants(self, arg: Atom) -> bool: ...
    def reach(self, out: Var, *key: object) -> Any: ...  # see `rules.reach`
    def add(self, arg: Atom, value: Atom, reach: Any = None) -> None: ...
    def add_at(
        self,
        arg: Atom,
        path: str,
        index: Sequence[Atom],
        value: Atom,
        reach: Any = None,
    ) -> None: ...
    def item(self, out: Var, key: object) -> Atom | None: ...
    def exchanges(self, out: Var) -> tuple[Atom, ...] | None:
        """Where `A[[i, j]] = A[[j, i]]` reads; None if it is no such write."""

    def pass_on(
        self, out: Var, base: Atom, path: str, index: Sequence[Atom]
    ) -> Written | None:
        """Hand all but the entry at `path` to `base`; None if it is no such entry."""


Tangents = Sequence[Atom | None]
Forward = Callable[[Builder, Op, Tangents], tuple[Atom | None, ...]]
Backward = Callable[[Builder, Op, Adjoints], None]


@dataclass(frozen=True, eq=False)
class Primitive:
    """An operation of the IR: its kinds, its value, and its two derivative rules."""

    name: str
    verb: str
    spellings: tuple[str, ...]
    infer: Callable[[Sequence[Atom], Mapping[str, object]], tuple[Kind, ...]]
    compute: Callable[..., object]
    jvp: Forward
    vjp: Backward
    signature: str = "*operands"
    partials: Callable[..., object] | None = None
    right: Callable[..., object] | None = None  # of a bilinear primitive
    effect: bool = False
    doc: str = ""
    extra: Mapping[str, object] = field(
        default_factory=dict
    )  # attributes of this spelling
    binder: Callable[..., tuple[tuple[Atom, ...], dict[str, object]]] | None = None

    @property
    def flat(self) -> bool:
        return self.verb == "flat"

    def bind(
        self, args: Sequence[object], kwargs: Mapping[str, object] | None = None
    ) -> tuple[tuple[Atom, ...], dict[str, object]]:
        """Operand atoms and attributes of a call as the user writes it."""
        if self.binder is not None:
            operands, attrs = self.binder(args, kwargs or {})
        else:
            operands, attrs = bind_call(self.name, self.signature, args, kwargs or {})
        return operands, {**attrs, **self.extra}

    def run(self, *values: object, **attrs: object) -> object:
        """The value on numbers and arrays, or the formula on sympy symbols."""
        lib = attrs.get("lib")
        options = {key: value for key, value in attrs.items() if key not in HIDDEN}
        if any(map(_symbolic, values)):
            from s2sad.rules.symbolic import formula

            return formula(self, values, options)
        if lib == "math":
            return _spelling_of(self, "math.")(*values, **options)
        if lib == "np" and self.library != "np":
            return _spelling_of(self, "np.")(*values, **options)
        return self.compute(*values, **options)

    def __call__(self, *values: object, **attrs: object):
        """Inside rules: handles build IR, all else is computed."""
        if any(isinstance(value, Handle) for value in values):
            if self._prefers_math(values):
                attrs = {"lib": "math", **attrs}
            return build(self.name, *values, **attrs)
        return self.run(*values, **attrs)

    def _prefers_math(self, values: Sequence[object]) -> bool:
        if not all(_is_python(value) for value in values):
            return False
        if not any(spelling.startswith("math.") for spelling in self.spellings):
            return False
        known = any(
            isinstance(value, Handle) and value.lib == "math" for value in values
        )
        return known or self.name in SAFE_MATH

    def spelled(self, **extra: object) -> Primitive:
        """This primitive, as called by a spelling that fixes attributes."""
        return replace(self, extra=extra)

    @functools.cached_property
    def library(self) -> str:
        """Whose function this is when no attribute `lib` says otherwise."""
        first = self.spellings[0] if self.spellings else ""
        if " " in first or first[:1] in "-+~.":
            return ""
        head, dot, _ = first.partition(".")
        return head if dot and head != "operator" else "" if dot else "py"

    @property
    def formula(self) -> str:
        """The text of the partials, for listings."""
        if self.partials is None:
            return ""
        rules = [self.partials] if self.right is None else [self.partials, self.right]
        return ", ".join(
            _lambda_text(getattr(rule, "__wrapped__", rule)) for rule in rules
        )

    @property
    def positional(self) -> tuple[str, ...]:
        """Options that are printed without their names: those that have no default."""
        options = parse_signature(self.signature).options
        return tuple(name for name, default in options if default is REQUIRED)


# Functions of `math` that neither raise nor overflow on finite floats: derivatives of
# Python floats use them; all else stays NumPy's, which never raises.
SAFE_MATH = {
    "sin",
    "cos",
    "tanh",
    "arctan",
    "sqrt_",
    "erf",
    "erfc",
    "copysign",
    "hypot_",
}


def _symbolic(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype == object
    if isinstance(value, (list, tuple)):
        return any(map(_symbolic, value))
    return is_symbolic(value)


def _spelling_of(primitive: Primitive, library: str) -> Callable[..., object]:
    """The function that this primitive is in a library."""
    for spelling in primitive.spellings:
        if spelling.startswith(library):
            found = find_object(spelling)
            if found is not None:
                return found  # type: ignore[return-value]
    raise NotImplementedError(f"this version has no {library}{primitive.name}")


def _is_python(value: object) -> bool:
    if isinstance(value, Handle):
        return infer.is_weak(value.kind)
    return isinstance(value, (int, float))


def _lambda_text(rule: Callable[..., object]) -> str:
    try:
        source = inspect.getsource(rule)
    except (OSError, TypeError):
        return ""
    start = source.find("lambda")
    if start < 0 or source.lstrip().startswith("def "):
        return (inspect.getdoc(rule) or "").partition("\n")[0]
    depth, end = 0, len(source)
    for position, char in enumerate(source[start:], start):
        depth += (char in "([{") - (char in ")]}")
        # the lambda is an argument: it ends at a comma or bracket of the call around it
        if depth < 0 or (char == "," and depth == 0 and ":" in source[start:position]):
            end = position
            break
    return " ".join(source[start:end].split()).partition(": ")[2].removesuffix(",")


# ---- making primitives ---------------------------------------------------------------


def _name(name: str | None, spellings: tuple[str, ...]) -> str:
    if name:
        return name
    first = spellings[0]
    if first[0] == "<":
        return first[1:-1]
    return OPERATOR_NAMES.get(first) or first.rpartition(".")[2]


def _computed(spellings: tuple[str, ...], name: str) -> Callable[..., object]:
    """The library function itself, found when first needed."""
    found: list[Callable[..., object]] = []

    def compute(*values: object, **attrs: object) -> object:
        if not found:
            for spelling in spellings:
                if " " in spelling or spelling[0] in "-+~.":
                    target = (
                        find_object(f"operator.{name}") if spelling[0] != "." else None
                    )
                else:
                    target = find_object(spelling)
                if target is not None:
                    found.append(target)  # type: ignore[arg-type]
                    break
            else:
                raise NotImplementedError(
                    f"this version of NumPy or math has no {name}"
                )
        return found[0](*values, **attrs)

    return compute


def make(
    verb: str,
    spellings: str,
    forward: Forward,
    backward: Backward,
    *,
    name: str | None = None,
    kind: Callable[..., tuple[Kind, ...]] = infer.float_function,
    run: Callable[..., object] | None = None,
    **rest: object,
) -> Primitive:
    spelled = split_spellings(spellings)
    called = _name(name, spelled)
    spelled = tuple(s for s in spelled if s[0] != "<")
    compute = run or _computed(spelled, called)
    kind = _refusing(kind, called)
    found = Primitive(called, verb, spelled, kind, compute, forward, backward, **rest)  # type: ignore[arg-type]
    register(found)
    return found


def _refusing(kind: Callable[..., tuple[Kind, ...]], name: str):
    """The kinds of a result, where the axes that are asked for exist."""

    @functools.wraps(kind)
    def of(args: Sequence[Atom], attrs: Mapping[str, object]) -> tuple[Kind, ...]:
        try:
            return kind(args, attrs)
        except (IndexError, ZeroDivisionError):
            kinds = ", ".join(show(arg.kind) for arg in args)
            why = f"`{name}` is not defined for the axes of {kinds}"
            raise BadArguments(why) from None

    return of


def options_of(op: Op) -> dict[str, object]:
    """The attributes of an op that its function takes."""
    if not op.attrs:
        return {}
    return {key: value for key, value in op.attrs.items() if key not in HIDDEN}


def total(terms: Sequence[Handle]) -> Handle | None:
    """The sum of some handles; None for no terms."""
    result = None
    for term in terms:
        result = term if result is None else result + term
    return result


def wanted(op: Op, bars: Adjoints) -> list[int]:
    """Positions of the operands whose adjoint is asked for.

    An operand that the result replaces (`s = s * b`) comes last: its adjoint takes the
    place of the result's, which the others still read.
    """
    asked = [
        i for i, arg in enumerate(op.args) if isinstance(arg, Var) and bars.wants(arg)
    ]
    name = op.outs[0].name
    if not name or len(asked) < 2:
        return asked
    return sorted(asked, key=lambda i: op.args[i].name == name)  # type: ignore[union-attr]


def taken(b: Builder, op: Op, bars: Adjoints, out: int = 0) -> Handle | None:
    """The adjoint of an output as a handle."""
    found = bars.take(op.outs[out])
    return None if found is None else Handle(b, found)
