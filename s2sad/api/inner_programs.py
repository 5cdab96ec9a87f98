"""Derivatives among the functions of a program that is being lowered.

What a session of lowering knows of a callee (its shapes, its captured values) becomes a
program of its own, the operators are applied, and what results is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from inspect import Parameter
from typing import Any

from s2sad.api import programs
from s2sad.api.compose import Composer
from s2sad.api.nested import parameters_of
from s2sad.api.recipe import Recipe
from s2sad.api.wrt import Item, Wrt, place_of
from s2sad.ir.kinds import Tuple
from s2sad.ir.nodes import Atom, Block, Function, Lit, Op, Program, Var
from s2sad.syntax.shapes import Fixed, Held, Leaf, Packed
from s2sad.syntax.values import Known


def summary_of(session: Any, key: str) -> Any:
    for candidates in session.summaries.values():
        for summary in candidates:
            if summary.key == key:
                return summary
    raise AssertionError(f"no summary of {key}")


def derived_key(
    session: Any, recipe: Recipe, own: Sequence[Parameter], key: str
) -> str:
    """The function of the session that is this derivative of that one."""
    made = session.__dict__.setdefault("derived", {})
    found = made.get((key, recipe))
    if found is None:
        composer, program = prepared(session, recipe, own, key)
        found = made[(key, recipe)] = adopt(session, program, program.main)
    return found


def prepared(
    session: Any, recipe: Recipe, own: Sequence[Parameter], key: str
) -> tuple[Composer, Program]:
    """The operators applied to a function of the session."""
    summary = summary_of(session, key)
    primal = program_of(session, summary)
    composer = Composer(parameters_of(primal))
    asked = by_name(recipe, tuple(own), summary)
    return composer, composer.compose(asked, primal)


def program_of(session: Any, summary: Any) -> Program:
    """A function of the session as a program of its own, with one result."""
    known = {k: v for k, v in session.functions.items() if v is not None}
    whole = programs.reachable(Program(summary.key, known))
    entry = whole.entry
    stmts: list[Any] = []
    (result,) = structured(summary.result, iter(entry.body.yields), stmts)
    body = Block((*entry.body.stmts, *stmts), (result,))
    functions = {**whole.functions, summary.key: replace(entry, body=body)}
    return Program(summary.key, functions)


def structured(shape: Any, atoms: Iterator[Atom], stmts: list[Any]) -> tuple[Atom]:
    """The results of a callee as one value: a tuple where it returns one."""
    if isinstance(shape, Leaf):
        return (next(atoms),)
    if isinstance(shape, Held):
        return structured(shape.content, atoms, stmts)
    if isinstance(shape, Packed):
        items = [structured(item, atoms, stmts)[0] for item in shape.items]
        out = Var("", Tuple(tuple(item.kind for item in items), shape.cls))
        stmts.append(
            Op((out,), "tuple", tuple(items), {"cls": shape.cls} if shape.cls else {})
        )
        return (out,)
    if isinstance(shape, Fixed):
        value = shape.value
        if isinstance(value, Lit):
            return (value,)
        if isinstance(value, Known):
            return (Lit(value.value),)
    raise NotImplementedError(type(shape).__name__)


def by_name(recipe: Recipe, own: tuple[Parameter, ...], summary: Any) -> Recipe:
    """The recipe with every place named.

    Positions among the callee's own parameters differ from those of the function that
    was lowered for a call of it.
    """
    inner = recipe.inner and by_name(recipe.inner, own, summary)
    before = recipe.inner.parameters(own) if recipe.inner else own
    items = recipe.wrt.items
    if items is None:
        items = tuple(Item(i) for i in range(len(own) - recipe.hidden))
    named = []
    for item in items:
        number, keys = place_of(item, before, recipe.hidden, "f")
        shape = summary.shapes.get(before[number].name)
        if recipe.wrt.lenient and isinstance(shape, Fixed):
            continue
        named.append(Item(before[number].name, keys))
    wrt = Wrt(tuple(named), recipe.wrt.single, recipe.wrt.lenient)
    return replace(recipe, wrt=wrt, inner=inner, hidden=0)


def adopt(session: Any, program: Program, main: str) -> str:
    """Take the functions of a derived program into the session."""
    names: dict[str, str] = {}
    for key, function in program.functions.items():
        same = session.functions.get(key) is function
        names[key] = key if same else session.key(function.name)
        if not same:
            session.functions[names[key]] = None
    for key, function in program.functions.items():
        if session.functions.get(names[key]) is None:
            made: Function = programs.renamed(function, names)
            session.functions[names[key]] = made
    return names[main]
