"""The package as its users have it: the one place where commands meet the operators.

`cli` and `api` are two doors of one house, and neither is built on the other: what a
command calls is what `import s2sad` gives to anybody, looked up when the command runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def operator(name: str) -> Any:
    """`s2sad.grad` and its like."""
    return getattr(import_module("s2sad"), name)


def split(f: Any, wrt: Any, **options: Any) -> Any:
    """Reverse mode in two halves, which is what `s2sad.vjp` runs."""
    apply = import_module("s2sad.api.derived").apply
    recipe = import_module("s2sad.api.recipe").Recipe
    parse = import_module("s2sad.api.wrt").parse_wrt
    return apply(f, recipe("split", parse(wrt), **options))


def lower() -> Any:
    """`lower(f, args, kwargs)`: the primal of a call as IR."""
    return import_module("s2sad.api.derive").lower_call


def called(derived: Any) -> bool:
    """Has the derived function served a call, such as one of its own module?"""
    return derived._latest() is not None


def kinds(derived: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, str]:
    """The kind that each parameter of the function is lowered with."""
    situation = _situation(derived, args, kwargs)
    text = import_module("s2sad.ir.kinds").show
    pairs = zip(situation.parameters, situation.lowered_kinds)
    return {parameter.name: text(kind) for parameter, kind in pairs}


def stage(derived: Any, name: str, args: tuple, kwargs: dict[str, Any]) -> str:
    """A derivation stopped on its way: "source", "ir", "dual" or "tidy"."""
    derive = import_module("s2sad.api.derive")
    recipe = derived._recipe
    situation = _situation(derived, args, kwargs)
    program = derive.lower_situation(situation).program
    if name == "source":
        source = program.entry.source
        return source.text if source is not None else ""
    if name != "ir":
        composer = import_module("s2sad.api.compose").Composer(
            situation.parameters, derive.sizes_of(situation)
        )
        program = composer.compose(recipe, program)
    if name == "tidy":
        program = import_module("s2sad.opt").optimise(program, recipe.optimize)
    return import_module("s2sad.ir.printer").show(program)


def _situation(derived: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """The call to derive for; without one, what annotations, defaults and use say."""
    target, recipe = derived._target, derived._recipe
    function = target.function
    own = import_module("s2sad.api.target").parameters_of(function)
    if args or kwargs:
        calling = import_module("s2sad.load.dispatch").Signature(recipe.parameters(own))
        values = calling.arguments(
            (*target.prefix, *args), {**target.keywords, **kwargs}
        )
    else:
        values = import_module("s2sad.api.uncalled").example_for(function, target)
    return import_module("s2sad.api.derive").situate(recipe, function, values)
