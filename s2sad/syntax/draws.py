"""Random draws: from a Generator, from `np.random`, from `random`.

A draw is an effect that gives a number. It stays where it stands, happens once, and the
reverse half keeps what it gave; see `rules/draws.py` for how it varies with the
parameters of its distribution.
"""

from __future__ import annotations

import ast
from typing import Any

from s2sad.analysis.kinds_of import is_source
from s2sad.errors import refuse
from s2sad.ir.kinds import Object
from s2sad.ir.nodes import Lit
from s2sad.rules.draws import distribution
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.values import BAD, Known, Ref


def source_of(value: Any) -> type | None:
    """The class of the source whose bound method `np.random.normal` is."""
    cls = type(getattr(value, "__self__", None))
    return cls if is_source(cls) else None


def draw_by_function(
    f: Frame, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """`np.random.normal(...)`, `random.random()`, a method taken from a generator."""
    from s2sad.syntax.spelling import is_reachable, spelling_of

    value = callee.value
    shown = spelling_of(f, callee, node)
    cls = source_of(value)
    assert cls is not None
    if shown and is_reachable(f, shown):
        return draw(f, cls, value.__name__, shown, [], args, kwargs, node, value)
    return draw(
        f, cls, value.__name__, None, [Lit(value)], args, kwargs, node, value
    )  # the function itself: no name has it
    yield


def draw_by_method(
    f: Frame,
    base: Any,
    name: str,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> Any:
    """`rng.normal(...)`, where `rng` is a value of the run."""
    cls = f.kind(base).cls  # type: ignore[attr-defined]
    value = getattr(cls, name, None)
    return draw(f, cls, name, "." + name, [base], args, kwargs, node, value)


def draw(
    f: Frame,
    cls: type,
    name: str,
    callee: str | None,
    source: list[Any],
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    value: Any,
) -> Any:
    """A call of a source's method; kept as it is written if it is no distribution."""
    from s2sad.syntax.kept_calls import opaque
    from s2sad.syntax.spelling import out_text

    shown = f.text(getattr(node, "func", node))
    if kwargs.get("out") is not None and f.static(kwargs["out"]) is not None:
        return f.refuse("out", node, function=shown, name=out_text(f, node))
    if name == "shuffle" and any(isinstance(arg, Ref) for arg in args):
        return f.refuse("shuffle", node, function=shown, name=f.text(node.args[0]))  # type: ignore[attr-defined]
    found = distribution(cls, name)
    if found is None:
        return opaque(f, callee, [*source, *args], kwargs, node, value)
    atoms = [f.atom(each, node) for each in (*source, *args, *kwargs.values())]
    if BAD in atoms:
        return BAD
    attrs = {
        "distribution": found,
        "callee": callee,
        "keywords": tuple(kwargs),
        "refusal": refuse("random-active", f.place(node), function=shown),
    }
    return f.op("draw", atoms, node, attrs)


def made_source(value: Any) -> Object | None:
    """What `np.random.default_rng(...)` or `random.Random(...)` gives."""
    import numpy as np

    if value is np.random.default_rng:
        return Object(np.random.Generator)
    return Object(value) if is_source(value) else None


def is_random(kind: object) -> bool:
    """Is this the kind of a source of random numbers?"""
    return isinstance(kind, Object) and is_source(kind.cls)
