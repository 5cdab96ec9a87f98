"""Operators inside a differentiated function: how lowering calls what they make.

    def f(x):
        return grad(lambda t: x * t * t)(3.0)

The inner function is lowered as any callee is, with what it captured (`x`) as further
parameters. The operator is applied to that program, and the call goes to the result:
the captured values are passed on, and stay active for whoever differentiates `f`.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, replace
from inspect import Parameter
from types import FunctionType
from typing import Any

from s2sad.api import programs
from s2sad.api.derived import Derived
from s2sad.api.differentiable import Differentiable
from s2sad.api.inner_programs import adopt, derived_key, prepared
from s2sad.api.marks import again, checkpoint
from s2sad.api.nested import Plan, product_plan
from s2sad.api.recipe import Recipe
from s2sad.api.target import parameters_of as python_parameters
from s2sad.api.user_rules import rule_of
from s2sad.api.wrt import Wrt, parse_wrt
from s2sad.errors import S2sadError, refuse
from s2sad.ir.kinds import INT, Array, Scalar
from s2sad.ir.nodes import Atom, Call, Lit, Program, Var
from s2sad.syntax.binding import outside
from s2sad.syntax.calls import call_known, call_primitive, call_user, call_value
from s2sad.syntax.entangled import storages_in
from s2sad.syntax.given import refs_in
from s2sad.syntax.iterate import RangeOf, Reversed, known_items
from s2sad.syntax.kept_calls import opaque
from s2sad.syntax.spelling import spelling_of
from s2sad.syntax.values import (
    BAD,
    Closure,
    Entries,
    Items,
    Known,
    Pack,
    Partial,
    Ref,
    relate,
    root,
)


@dataclass(frozen=True, eq=False)
class Local:
    """A derivative of a function made inside the function that is lowered."""

    plan: Plan
    closure: Closure


@dataclass(frozen=True, eq=False)
class Waiting:
    """The second half of `vjp` or `linearize`, with what the first half kept."""

    key: str
    kept: Atom
    y: Atom
    linear: bool


def calls(
    f: Any, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Any:
    """The task that calls an object of ours; None if it is not one."""
    value = callee.value
    if isinstance(value, Derived):
        plan = value.__s2sad_plan__()
        return derived_call(f, plan, plan.function, args, kwargs, node, callee.text)
    if isinstance(value, Local):
        return derived_call(f, value.plan, value.closure, args, kwargs, node)
    if isinstance(value, Waiting):
        return waiting_call(f, value, args, node)
    if isinstance(value, Differentiable):
        return call_known(
            f, Known(value._s2sad_primal, callee.text), args, kwargs, node
        )
    if hasattr(value, "__s2sad_operator__"):
        return operator_call(f, callee, args, kwargs, node)
    if hasattr(value, "__s2sad_product__"):
        return product_call(f, value.__s2sad_product__, args, kwargs, node)
    own = rule_of(value)
    if own is not None:
        text = spelling_of(f, callee, node)
        return call_primitive(f, own, args, kwargs, node, text)
    mark = getattr(value, "__s2sad_mark__", None) if callable(value) else None
    return None if mark is None else marked_call(f, callee, mark, args, kwargs, node)


# ---- operators -----------------------------------------------------------------------


def operator_call(
    f: Any, callee: Known, args: list[Any], kwargs: dict[str, Any], node: Any
) -> Any:
    """`grad(g, wrt=...)`: the derived function as a value."""
    function, *rest = args if args else (kwargs.get("f"),)
    words = {key: f.static(value) for key, value in kwargs.items() if key != "f"}
    options = [f.static(value) for value in rest]
    if f.NOT_STATIC in (*options, *words.values()):
        return f.refuse(
            "static-needed", node, keyword="wrt", function=f.text(node.func)
        )
    try:
        if isinstance(function, Known) and isinstance(function.value, Local):
            inner = function.value
            plan = callee.value.__s2sad_operator__(*options, inner=inner.plan, **words)
            return Known(Local(plan, inner.closure))
        if isinstance(function, Known):
            return Known(callee.value(function.value, *options, **words))
        if isinstance(function, Closure):
            return Known(
                Local(callee.value.__s2sad_operator__(*options, **words), function)
            )
    except S2sadError as problem:
        return complain(f, problem, node)
    return f.refuse("higher-order", node, function=f.text(node), what=f.text(node))
    yield


def complain(f: Any, problem: S2sadError, node: ast.AST) -> Any:
    """An error of ours becomes a complaint about this place."""
    found = problem.diagnostics or (
        refuse("signature", f.place(node), reason=str(problem), signature=f.text(node)),
    )
    f.session.found.extend(found)
    return BAD


# ---- calls of derived functions ------------------------------------------------------


def derived_call(
    f: Any,
    plan: Plan,
    callee: Any,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
    text: str = "",
) -> Any:
    """Call a derived function; its seeds are the last arguments."""
    own = own_parameters(callee)
    names = plan.recipe.parameters(own)
    seeds = [p for p in names if p not in own]
    args, kwargs = list(args), dict(kwargs)
    given: dict[str, Any] = {
        p.name: kwargs.pop(p.name) for p in seeds if p.name in kwargs
    }
    hidden = len(plan.prefix)
    spare = len(args) + hidden - len(own)
    if seeds and seeds[0].kind is not Parameter.KEYWORD_ONLY and spare > 0:
        open_seeds = [p for p in seeds if p.name not in given]
        given.update(zip((p.name for p in open_seeds), args[len(args) - spare :]))
        args = args[: len(args) - spare]
    for p in seeds:
        if p.name not in given:
            if p.default is Parameter.empty:
                reason = f"the argument `{p.name}` is missing"
                return f.refuse(
                    "bad-arguments", node, function=f.text(node), reason=reason
                )
            given[p.name] = Lit(1.0)
    prefix = [
        outside(f, value, f"{text}._target.prefix[{i}]")
        for i, value in enumerate(plan.prefix)
    ]
    for key, value in plan.keywords.items():
        kwargs.setdefault(key, outside(f, value, f"{text}._target.keywords[{key!r}]"))
    call = yield primal_call(f, plan.recipe, callee, [*prefix, *args], kwargs, node)
    if call is BAD:
        return BAD
    atoms = [f.atom(given[p.name], node) for p in seeds]
    if BAD in atoms:
        return BAD
    try:
        key = derived_key(f.session, plan.recipe, own, call.function)
    except S2sadError as problem:
        return complain(f, problem, node)
    (result,) = f.session.functions[key].results
    out = Var("", result.kind)
    f.w.add(Call((out,), key, (*call.args, *atoms), f.w.span))
    return f.refer(out)


def primal_call(
    f: Any,
    recipe: Recipe,
    callee: Any,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Lower the primal for these arguments: the call as it would have been made."""
    before, written = dict(f.state.store), dict(f.written)
    args, kwargs = real_arguments(f, recipe, callee, args, kwargs, node)
    args = for_itself(f, args, node)
    kwargs = dict(zip(kwargs, for_itself(f, list(kwargs.values()), node)))
    given = {s for v in (*args, *kwargs.values()) for s in storages_in(f, v)}
    f.session.alone = node
    with f.w.block() as region:
        if isinstance(callee, Closure):
            result = yield call_value(f, callee, args, kwargs, node)
        else:
            result = yield call_user(f, callee, args, kwargs, node)
    f.session.alone = None
    if result is BAD:
        return BAD
    made = [stmt for stmt in region.stmts if isinstance(stmt, Call)]
    for stmt in region.stmts:
        if not made or stmt is not made[-1]:
            f.w.add(stmt)
    store = f.state.store
    changed = {s for s, content in before.items() if store.get(s) is not content}
    if not made or changed - given.union(*(s.maybe for s in given)):
        what = "the derivative of a function that writes into what others share"
        return f.refuse("construct", node, what=what)
    store.update((s, before[s]) for s in changed)  # the derivative writes into nothing
    f.written = written
    return made[-1]


def for_itself(f: Any, args: list[Any], node: ast.AST) -> list[Any]:
    """Arrays as values of their own: a derivative writes into none that it is given.
    What shares memory with another argument stays as it is, since the primal may tell.
    """
    seen = Counter(s for value in args for s in set(storages_in(f, value)))
    return [
        f.refer(f.atom(value, node))
        if isinstance(value, Ref)
        and isinstance(f.kind(value), Array)
        and seen[root(value.storage)] == 1
        else value
        for value in args
    ]


def real_arguments(
    f: Any,
    recipe: Recipe,
    callee: Any,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> tuple[list[Any], dict[str, Any]]:
    """Ints at differentiated places are real numbers; containers are one value."""
    own = own_parameters(callee)
    moving = {
        number
        for step in recipe.chain()
        for number, key in step.places(own, "f")
        if not key and number < len(own)
    }

    def real(value: Any) -> Any:
        if isinstance(value, Lit) and type(value.value) is int:
            return Lit(float(value.value))
        if isinstance(value, Var) and value.kind == INT:
            return f.op("float_", (value,), node)
        if isinstance(
            value, (Pack, Items, Entries, Ref)
        ):  # handed over as one value, not item by item
            return f.refer(f.atom(value, node))
        return value

    args = [real(v) if i in moving else v for i, v in enumerate(args)]
    named = {own[n].name for n in moving}
    return args, {k: real(v) if k in named else v for k, v in kwargs.items()}


def own_parameters(callee: Any) -> tuple[Parameter, ...]:
    """The parameters of a function, or of one that is known by its syntax."""
    if isinstance(callee, FunctionType):
        return python_parameters(callee)
    spec = callee.node.args
    found = [Parameter(a.arg, Parameter.POSITIONAL_ONLY) for a in spec.posonlyargs]
    found += [Parameter(a.arg, Parameter.POSITIONAL_OR_KEYWORD) for a in spec.args]
    defaults = len(callee.defaults)
    for i in range(len(found) - defaults, len(found)):
        found[i] = found[i].replace(default=None)
    if spec.vararg:
        found.append(Parameter(spec.vararg.arg, Parameter.VAR_POSITIONAL))
    for a, default in zip(spec.kwonlyargs, callee.kw_defaults):
        empty = Parameter.empty if default is None else None
        found.append(Parameter(a.arg, Parameter.KEYWORD_ONLY, default=empty))
    if spec.kwarg:
        found.append(Parameter(spec.kwarg.arg, Parameter.VAR_KEYWORD))
    return tuple(found)


# ---- products ------------------------------------------------------------------------


def product_call(
    f: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Any:
    """`jvp(g, primals, tangents)`, `vjp(g, *primals)` and the like."""
    function, *rest = args
    if name in ("jvp", "hvp"):
        words = ["primals", "tangents"][len(rest) :]
        if any(word not in kwargs for word in words):
            reason = "give primals and tangents"
            return f.refuse("bad-arguments", node, function=name, reason=reason)
        primals, tangents = [*rest, *(kwargs[word] for word in words)][:2]
        points = yield known_items(f, primals, node)
        seeds = yield known_items(f, tangents, node)
        if points is None or seeds is None:
            return f.refuse("unknown-structure", node, what=f.text(node))
        if name == "hvp":
            wrt = f.static(kwargs["wrt"]) if "wrt" in kwargs else 0
            plan = Plan(Recipe("hvp", parse_wrt(wrt)))
        elif f.static(kwargs.get("wrt")) is not None:
            plan = Plan(
                Recipe("tangent", Wrt(parse_wrt(f.static(kwargs["wrt"])).items))
            )
        else:
            constant = tuple(f.static(seed) is None for seed in seeds)
            plan = product_plan("jvp", len(points), constant)
            seeds = [seed for seed, fixed in zip(seeds, constant) if not fixed]
        callee, plan = callee_of(function, plan)
        if callee is None:
            return f.refuse("higher-order", node, function=name, what=f.text(node))
        own = own_parameters(callee)
        new = [p.name for p in plan.recipe.parameters(own) if p not in own]
        given = dict(zip(new[len(new) - len(seeds) :], seeds))
        return (yield derived_call(f, plan, callee, points, given, node))
    plan = product_plan(name, len(rest))
    if f.static(kwargs.get("wrt")) is not None:
        asked = Wrt(parse_wrt(f.static(kwargs["wrt"])).items)
        plan = Plan(replace(plan.recipe, wrt=asked))
    callee, plan = callee_of(function, plan)
    if callee is None:
        return f.refuse("higher-order", node, function=name, what=f.text(node))
    call = yield primal_call(f, plan.recipe, callee, rest, {}, node)
    if call is BAD:
        return BAD
    try:
        composer, first = prepared(
            f.session, plan.recipe, own_parameters(callee), call.function
        )
    except S2sadError as problem:
        return complain(f, problem, node)
    second = composer.second
    assert second is not None
    opened = programs.open_tuple(first.entry)
    first = Program(first.main, {**first.functions, first.main: opened})
    main = adopt(f.session, first, first.main)
    other = adopt(f.session, second, second.main)
    y, kept = (Var("", atom.kind) for atom in opened.results)
    f.w.add(Call((y, kept), main, call.args, f.w.span))
    return Pack((f.refer(y), Known(Waiting(other, kept, y, name == "linearize"))))


def callee_of(function: Any, plan: Plan) -> tuple[Any, Plan]:
    """What an operator is applied to, when lowering knows it."""
    if isinstance(function, Closure):
        return function, plan
    if isinstance(function, Known):
        value = function.value
        if isinstance(value, Local):
            return value.closure, value.plan.then(plan.recipe)
        if isinstance(value, Derived):
            inner = value.__s2sad_plan__()
            return inner.function, inner.then(plan.recipe)
        if callable(value):
            from s2sad.api.target import find_target

            target = find_target(getattr(value, "_s2sad_primal", value))
            recipe = plan.recipe.hiding(target.hidden)
            made = Plan(recipe, target.function, target.prefix, dict(target.keywords))
            return target.function, made
    return None, plan


def waiting_call(f: Any, waiting: Waiting, args: list[Any], node: ast.AST) -> Any:
    """`pullback(y_bar)` or `linear(*tangents)`."""
    atoms = [f.atom(arg, node) for arg in args]
    if BAD in atoms:
        return BAD
    seeds = [atoms[0]]
    if waiting.linear:
        seeds = [zero_like(f, waiting.y, node), f.op("tuple", atoms, node)]
    (result,) = f.session.functions[waiting.key].results
    out = Var("", result.kind)
    f.w.add(Call((out,), waiting.key, (waiting.kept, *seeds), f.w.span))
    return f.refer(out)
    yield


def zero_like(f: Any, y: Atom, node: ast.AST) -> Any:
    return Lit(0.0) if isinstance(y.kind, Scalar) else f.op("zeros_like", (y,), node)


# ---- marks ---------------------------------------------------------------------------


def marked_call(
    f: Any, callee: Known, mark: str, args: list[Any], kwargs: dict[str, Any], node: Any
) -> Any:
    """A call of something that the user said a word about."""
    if mark == "checkpoint":
        if callee.value is not checkpoint:
            return (yield computed_again(f, callee.value, args, kwargs, node))
        if isinstance(args[0], RangeOf):
            return replace(args[0], form="checkpoint")
        if isinstance(args[0], Reversed) and isinstance(args[0].part, RangeOf):
            return Reversed(replace(args[0].part, form="checkpoint"))
        if isinstance(args[0], (Known, Closure)):
            return Partial(Known(again), (args[0],))
        why = "it does not go over a range"
        f.session.warnings.append(f.diagnostic("checkpoint-kept", node, reason=why))
        return args[0]
    if mark == "again":
        return (yield computed_again(f, args[0], args[1:], kwargs, node))
    if mark == "stop_gradient":
        return stopped(f, args[0], node)
    if mark == "flat":
        args = [stopped(f, arg, node) for arg in args]
        kwargs = {key: stopped(f, arg, node) for key, arg in kwargs.items()}
        if BAD in (*args, *kwargs.values()):
            return BAD
        if isinstance(callee.value, FunctionType):
            # Lowered where that can be done: the kind of its result is known then.
            before = len(f.session.found)
            result = yield call_user(f, callee.value, args, kwargs, node)
            if len(f.session.found) == before:
                return result
            del f.session.found[before:]
    return opaque(f, callee.text or f.text(node.func), args, kwargs, node, callee.value)


def computed_again(
    f: Any, callee: Any, args: list[Any], kwargs: dict[str, Any], node: Any
) -> Any:
    """A call of which the reverse half keeps the arguments alone."""
    value = callee.value if isinstance(callee, Known) else callee
    if isinstance(value, FunctionType):
        result = yield call_user(f, value, args, kwargs, node)
    else:
        result = yield call_value(f, callee, args, kwargs, node)
    last = f.w.stmts[-1] if f.w.stmts else None
    if isinstance(last, Call) and f.session.functions.get(last.function) is not None:
        made = f.session.functions[last.function]
        f.session.functions[last.function] = replace(made, checkpoint=True)
    return result


def stopped(f: Any, value: Any, node: ast.AST) -> Any:
    """The value as a constant. It is the same array: written, the other is lost."""
    atom = f.atom(value, node)
    if atom is BAD or isinstance(atom, Lit):
        return atom
    made = f.refer(f.op("stop_gradient", (atom,), node))
    if isinstance(made, Ref):
        for ref in refs_in(f, value):
            relate(made.storage, root(ref.storage))
            made.storage.held |= ref.storage.held
    return made
