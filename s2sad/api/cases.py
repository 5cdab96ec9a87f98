"""From a call that was derived for to the case that dispatch keeps."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from s2sad.api import outside
from s2sad.api.generated import Made, bind_made
from s2sad.api.halves import bind_halves
from s2sad.api.places import Key, realised, realiser
from s2sad.api.recipe import Recipe
from s2sad.api.seeding import caster, same_shapes
from s2sad.ir.kinds import Array, Dict, Kind, List, Object, Scalar, Tuple
from s2sad.load.dispatch import Body, Case, Signature
from s2sad.load.guards import LARGE, Checks

SHORT = 40  # lines of a text beside which a call within a call is felt


@dataclass(frozen=True, eq=False)
class Situation:
    """One call to derive for: the function, its arguments, their kinds."""

    recipe: Recipe
    function: FunctionType
    parameters: tuple[inspect.Parameter, ...]
    arguments: Mapping[str, object]
    kinds: tuple[Kind, ...]  # as passed
    # parameters, and where in them ints are real
    real: Mapping[str, frozenset[Key]] = field(default_factory=dict)

    @property
    def lowered_kinds(self) -> tuple[Kind, ...]:
        """The kinds that lowering sees."""
        return tuple(
            realised(kind, self.real.get(p.name, ()))
            for p, kind in zip(self.parameters, self.kinds)
        )

    def key(self) -> dict[str, Any] | None:
        """What the text depends on, as far as it is known before lowering."""
        texts = [outside.kind_text(kind) for kind in self.lowered_kinds]
        if None in texts:
            return None
        parts = {
            "code": outside.code_text(self.function.__code__),
            "name": self.function.__name__,
            "kinds": texts,
            "defaults": [p.default is not p.empty for p in self.parameters],
            "recipe": repr(self.recipe),
        }
        if any(map(is_swapped, self.arguments.values())):
            parts["order"] = "swapped"  # of one kind with others, but not for Numba
        return parts


def is_swapped(value: object) -> bool:
    """Are there arrays in it whose bytes are in the other order?"""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        return any(map(is_swapped, value))
    dtype = getattr(value, "dtype", None)
    return dtype is not None and not getattr(dtype, "isnative", True)


def case_of(situation: Situation, made: Made) -> Case:
    recipe, parameters = situation.recipe, situation.parameters
    signature = recipe.parameters(parameters)
    seeds = [p.name for p in signature if p not in parameters]
    casts: dict[str, Any] = {
        p.name: float if kind == Scalar("int") else realiser(keys)
        for p, kind in zip(parameters, situation.kinds)
        if (keys := situation.real.get(p.name)) and realised(kind, keys) != kind
    }
    lowered = situation.lowered_kinds
    kinds = situation.kinds  # a case keeps neither the function nor the arguments

    large = recipe.target == "numba" and has_large(situation, made.answers)

    def guard(checks: Checks) -> None:
        small: list[str] = []
        counted = small if made.compiled or large else None
        for p, kind, seen in zip(parameters, kinds, lowered):
            checks.small = counted if kind == seen else None
            checks.kind(p.name, kind)
        checks.small = counted
        outside.write_code(checks)
        for answer in made.answers:
            outside.write(answer, checks)
        if large and small:
            checks.add(f"not ({' and '.join(small)})")
        else:
            checks.terms += small
        for choice in made.choices:
            write_choice(choice, checks, parameters, kinds)

    if made.other is not None:
        return Case(
            guard,
            lambda f, own: bind_halves(made, f, own),
            casts,
            about=made,
        )
    names = dict(zip(seeds, made.seed_names(parameters)))
    words = [seed_word(name) for name in seeds]
    for name, kind, word in zip(seeds, made.seeds, words):
        casts[name] = caster(kind, name, word)
    before = after = None
    if any(not isinstance(kind, Scalar) for kind in made.seeds):
        before, after = shape_checks(recipe, parameters, Signature(signature))
    return Case(
        guard,
        lambda f, own: bind_made(made, f, own),
        casts=casts,
        keywords=names,
        before=before,
        after=after,
        body=(lambda: None)
        if casts or before or after
        else lambda: body_of(made, signature),
        native=lambda: made.native((*lowered, *made.seeds)),
        about=made,
    )


def has_large(situation: Situation, answers: Sequence[outside.Answer]) -> bool:
    """Is one of the whole numbers of this call larger than compiled code counts?"""
    values = [situation.arguments.get(p.name) for p in situation.parameters]
    values += [
        outside.walk(answer.ask.way, situation.function, situation.arguments)
        for answer in answers
        if answer.ask.what == "kind"
    ]
    found = [
        *situation.lowered_kinds,
        *(a.value for a in answers if a.ask.what == "kind"),
    ]
    return any(map(is_large, found, values))


def is_large(kind: object, value: Any) -> bool:
    if isinstance(kind, Scalar):
        return kind.dtype == "int" and not -LARGE < value < LARGE
    if isinstance(kind, List) and kind.items is None:
        return any(is_large(kind.elem, item) for item in value)
    if isinstance(kind, (Tuple, List)):
        return any(map(is_large, kind.items or (), value))
    if isinstance(kind, Dict):
        return any(map(is_large, kind.items, value.values()))
    if isinstance(kind, Object):
        inner = (getattr(value, name, None) for name in kind.fields)
        return any(map(is_large, kind.items, inner))
    return False


def body_of(made: Made, parameters: tuple[inspect.Parameter, ...]) -> Body | None:
    """The one function of a short text, if it has just these parameters."""
    if made.closure is None or made.text.count("\n") > SHORT:
        return None
    code = made.codes[made.main]
    takes = code.co_varnames[: code.co_argcount]
    plain = all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    more = code.co_posonlyargcount or code.co_kwonlyargcount
    if more or not plain or takes != tuple(p.name for p in parameters):
        return None
    return Body(made.entry.content, made.entry.filename, code)


def seed_word(name: str) -> str:
    return "cotangent" if name.rstrip("_").endswith("_bar") else "tangent"


def shape_checks(
    recipe: Recipe, base: tuple[inspect.Parameter, ...], signature: Signature
) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
    """Looks at tangents before a call, and at a cotangent when the result is known."""
    pairs: list[tuple[str, int, tuple[object, ...]]] = []
    params = base
    outer: str | None = None
    for step in recipe.chain():
        places = step.places(params, "f")
        new = step.seeds(params)
        if step.operator == "adjoint":
            outer = new[0] if step is recipe else None
        else:
            pairs += [
                (seed, number, keys)
                for seed, (number, keys) in zip(new, places)
                if number < len(base) and not keys
            ]
        params = step.parameters(base)

    def before(*args: Any, **kwargs: Any) -> None:
        arguments = signature.arguments(args, kwargs)
        for seed, number, _ in pairs:
            value = arguments[params[number].name]
            same_shapes(value, arguments[seed], seed, "tangent")

    def after(result: Any, *args: Any, **kwargs: Any) -> Any:
        assert outer is not None
        seed = signature.arguments(args, kwargs)[outer]
        same_shapes(result[0], seed, outer, "cotangent")
        return result

    return before if pairs else None, None if outer is None else after


def write_choice(
    choice: Any,
    checks: Checks,
    parameters: tuple[inspect.Parameter, ...],
    kinds: tuple[Kind, ...],
) -> None:
    """The sizes still choose the mode that was chosen."""
    places: dict[object, str] = {}
    for p, kind in zip(parameters, kinds):
        if isinstance(kind, Array):
            for axis, dim in enumerate(kind.dims or ()):
                places.setdefault(dim, f"{p.name}.shape[{axis}]")

    def count(groups: tuple[tuple[int | str, ...], ...]) -> str | None:
        terms = []
        for dims in groups:
            factors = [places.get(d) if isinstance(d, str) else str(d) for d in dims]
            if None in factors:
                return None
            terms.append(" * ".join(map(str, factors)) or "1")
        return " + ".join(terms)

    left, right = count(choice.inputs), count(choice.outputs)
    if left is not None and right is not None:
        checks.add(f"({left} {'<=' if choice.forward else '>'} {right})")
