"""Where commands meet the operators: the one file of this room that imports `api`.

Everything is imported when a command runs, so that `--help` costs nothing.
"""

from __future__ import annotations

from typing import Any


def operator(name: str) -> Any:
    """`s2sad.grad` and its like."""
    from s2sad.api import operators

    return getattr(operators, name)


def split(f: Any, wrt: Any, **options: Any) -> Any:
    """Reverse mode in two halves, which is what `s2sad.vjp` runs."""
    from s2sad.api.derived import apply
    from s2sad.api.recipe import Recipe
    from s2sad.api.wrt import parse_wrt

    return apply(f, Recipe("split", parse_wrt(wrt), **options))


def called(derived: Any) -> bool:
    """Has the derived function served a call, such as one of its own module?"""
    return derived._latest() is not None


def module(derived: Any, args: tuple, kwargs: dict[str, Any]) -> str:
    """The derivative as the text of a file that stands alone."""
    text: str = derived._module(args, kwargs)
    return text


def kinds(derived: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, str]:
    """The kind that each parameter of the function is lowered with."""
    from s2sad.api.derive import settled
    from s2sad.ir.kinds import show

    situation, _ = settled(_situation(derived, args, kwargs))
    pairs = zip(situation.parameters, situation.lowered_kinds)
    return {parameter.name: show(kind) for parameter, kind in pairs}


def stage(derived: Any, name: str, args: tuple, kwargs: dict[str, Any]) -> str:
    """A derivation stopped on its way: "source", "ir", "dual" or "tidy"."""
    from s2sad.api.compose import Composer
    from s2sad.api.derive import settled, sizes_of
    from s2sad.ir.printer import show
    from s2sad.opt import optimise

    recipe = derived._recipe
    situation, lowered = settled(_situation(derived, args, kwargs))
    program = lowered.program
    if name == "source":
        source = program.entry.source
        return source.text if source is not None else ""
    if name != "ir":
        composer = Composer(situation.parameters, sizes_of(situation))
        program = composer.compose(recipe, program)
    if name == "tidy":
        program = optimise(program, recipe.optimize)
    return show(program)


def _situation(derived: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """The call to derive for; without one, what annotations, defaults and use say."""
    from s2sad.api.derive import situate
    from s2sad.api.target import parameters_of
    from s2sad.api.uncalled import example_for
    from s2sad.load.dispatch import Signature

    target, recipe = derived._target, derived._recipe
    function = target.function
    own = parameters_of(function)
    if args or kwargs:
        calling = Signature(recipe.parameters(own))
        values = calling.arguments(
            (*target.prefix, *args), {**target.keywords, **kwargs}
        )
    else:
        values = example_for(function, target)
    return situate(recipe, function, values)
