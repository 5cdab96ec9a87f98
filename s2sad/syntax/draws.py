"""Random draws: from a Generator, from `np.random`, from `random`.

A draw is an effect that gives a number. It stays where it stands, happens once, and the
reverse half keeps what it gave; see `rules/draws.py` for how it varies with the
parameters of its distribution.
"""

from __future__ import annotations

import ast
from typing import Any

from s2sad.errors import refuse
from s2sad.ir.kinds import Object
from s2sad.ir.nodes import NONE, Lit
from s2sad.ir.sources import has_state, is_source
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
    method = bool(callee) and str(callee).startswith(".")
    again = {} if method else {"stream": stream_of(f, callee, value)}
    if name in STATES and not kwargs and has_state(cls):
        return state_call(f, name, source if method else [], args, node, again)
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
        **again,
    }
    return f.op("draw", atoms, node, attrs)


def stream_of(f: Frame, callee: str | None, value: Any) -> tuple[str, str]:
    """How the source of a function such as `np.random.normal` is spelled, its class."""
    source = value.__self__
    home, _, _ = str(callee).rpartition(".")
    root, *parts = home.split(".")
    found = f.globals.get(root)
    for part in parts:
        found = getattr(found, part, None)
    modules = ("numpy.random", "random")  # whose functions are methods of their source
    known = found is source or getattr(found, "__name__", "") in modules
    return home if known else f"{callee}.__self__", type(source).__name__


# ---- what a source draws next --------------------------------------------------------

STATES = {"get_state": 0, "getstate": 0, "set_state": 1, "setstate": 1}


def state_call(
    f: Frame, name: str, source: list[Any], args: list[Any], node: ast.AST, again: Any
) -> Any:
    """`np.random.get_state()`, `rng.setstate(state)`."""
    if len(args) != STATES[name]:
        return f.refuse("bad-arguments", node, function=name, reason="one state")
    attrs: dict[str, object] = {}
    if source:
        attrs["cls"] = f.kind(source[0]).cls.__name__
    else:
        attrs["callee"], attrs["cls"] = again["stream"]
    atoms = [f.atom(each, node) for each in (*source, *args)]
    if BAD in atoms:
        return BAD
    prim = "set_random_state" if args else "random_state"
    made = f.op(prim, atoms, node, attrs)
    return made if prim == "random_state" else NONE


def source_attribute(
    f: Frame, base: Any, kind: Object, name: str, node: ast.AST
) -> Any:
    """`rng.bit_generator` and its `.state`; None if it is something else."""
    import numpy as np

    if kind.cls is np.random.Generator and name == "bit_generator":
        found = Object(np.random.BitGenerator)
        return f.w.op(
            "getitem", (f.atom(base, node),), found, attrs={"path": ".bit_generator"}
        )
    if kind.cls is np.random.BitGenerator and name == "state":
        return f.op(
            "random_state", (f.atom(base, node),), node, {"cls": "BitGenerator"}
        )
    return None


def sets_state(f: Frame, base: Any, name: str, value: Any, node: ast.AST) -> bool:
    """Write `rng.bit_generator.state = value`, if it is that."""
    import numpy as np

    kind = f.kind(base)
    if not isinstance(kind, Object) or kind.cls is not np.random.BitGenerator:
        return False
    if name != "state":
        return False
    atoms = (f.atom(base, node), f.atom(value, node))
    f.op("set_random_state", atoms, node, {"cls": "BitGenerator"})
    return True


# ---- sources -------------------------------------------------------------------------


def made_source(value: Any) -> Object | None:
    """What `np.random.default_rng(...)` or `random.Random(...)` gives."""
    import numpy as np

    if value is np.random.default_rng:
        return Object(np.random.Generator)
    return Object(value) if is_source(value) else None


def is_random(kind: object) -> bool:
    """Is this the kind of a source of random numbers?"""
    return isinstance(kind, Object) and is_source(kind.cls)
