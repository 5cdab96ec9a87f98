"""The way from a call to the function that serves it, in the order in which it happens:

kinds      what the arguments are                      analysis
look up    was this derived before, by any process?    load
lower      the text of the function to IR              syntax
compose    differentiate, operator by operator         ad, opt
emit       IR to text                                  emit
load       compile, cache, bind                        load
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any, TypeVar

from s2sad.analysis.kinds_of import kind_of
from s2sad.api import outside
from s2sad.api.cases import Situation, case_of, has_large
from s2sad.api.counts import is_count
from s2sad.api.generated import Made, from_entry, store
from s2sad.api.lengths import with_equal_lengths, with_few_columns, with_lengths
from s2sad.api.modes import chooses
from s2sad.api.places import Key, realise, with_fields
from s2sad.api.recipe import Recipe
from s2sad.api.target import Target, find_target, parameters_of
from s2sad.api.undisturbed import undisturbed
from s2sad.errors import S2sadWarning, refuse, warn_all
from s2sad.ir.kinds import Array, Kind, Scalar, children
from s2sad.ir.nodes import Program
from s2sad.ir.walk import forget
from s2sad.load import cache
from s2sad.load.cache import Entry
from s2sad.load.dispatch import Case, Signature
from s2sad.load.module import compile_function

_T = TypeVar("_T")


def derive_case(
    recipe: Recipe, function: FunctionType, arguments: Mapping[str, object]
) -> Case:
    """The specialisation for these arguments, from the cache or made now."""

    def run(situation: Situation) -> Case:
        return with_equal_lengths(situation, sizes_of, _case)

    def general(situation: Situation) -> Case:
        return with_lengths(situation, sizes_of, run)

    with undisturbed():
        try:
            situation = situate(recipe, function, arguments)
            if recipe.target == "numba":
                return with_few_columns(situation, sizes_of, general)
            return general(situation)
        finally:
            forget()


def situate(
    recipe: Recipe, function: FunctionType, arguments: Mapping[str, object]
) -> Situation:
    parameters = parameters_of(function)
    kinds = tuple(kind_of(arguments[p.name], p.name) for p in parameters)
    real: dict[str, set[Key]] = {}
    for step in recipe.chain():
        before = step.inner.parameters(parameters) if step.inner else parameters
        for number, keys in step.places(before, function.__name__):
            name = before[number].name
            if before[number] in parameters:
                real.setdefault(name, set()).add(keys)
                at = parameters.index(before[number])  # seeds stand before `**kwargs`
                kind = with_fields(kinds[at], arguments[name], keys, name)
                kinds = (*kinds[:at], kind, *kinds[at + 1 :])
    places = {name: frozenset(keys) for name, keys in real.items()}
    found = Situation(recipe, function, parameters, arguments, kinds, places)
    return without_counts(found)


def without_counts(situation: Situation) -> Situation:
    """Where nothing was named, an int used as a count or an index is no number."""
    ints = {
        p.name
        for p, kind in zip(situation.parameters, situation.kinds)
        if kind == Scalar("int") and p.name in situation.real
    }
    if not ints or not any(step.wrt.lenient for step in situation.recipe.chain()):
        return situation
    whole = replace(situation, real=without(situation.real, ints))
    program = settled(whole)[1].program
    counts = {p.var.name for p in program.entry.params if is_count(program, p.var)}
    return replace(situation, real=without(situation.real, ints & counts))


def without(places: Mapping[str, _T], names: set[str]) -> dict[str, _T]:
    return {name: place for name, place in places.items() if name not in names}


# ---- look up, or make ----------------------------------------------------------------


def _case(situation: Situation, again: bool = False) -> Case:
    """Looked up or derived; `again`: its warnings have been raised already."""
    key, entry, answers = _search(situation)
    made = None if entry is None else from_entry(entry, answers)
    if made is not None and made.compiled and has_large(situation, made.answers):
        made = None
    if made is None:
        made = derive(situation, key, again)
    elif not again:
        _warn_again(made.warnings)
    return case_of(situation, made)


def _search(
    situation: Situation,
) -> tuple[str | None, Entry | None, Sequence[outside.Answer]]:
    """The key to store under, and the entry that answers the same question, if any.

    The first key says what is known beforehand. The entry there says what else was
    asked; where the answers are others now, they lead on to the next key.
    """
    parts = situation.key()
    rules = sys.modules.get("s2sad.api.user_rules")
    if parts is not None and rules is not None and rules.ruled():
        parts["rules"] = rules.ruled()
    if parts is not None and situation.recipe.target == "numba":
        parts["numba"] = cache.version_of("numba")
    while parts is not None and not situation.recipe.debug:
        key = cache.make_key(parts)
        entry = cache.lookup(key)
        if entry is None:
            return key, None, ()
        answers = [
            outside.ask_again(
                outside.Ask(outside.way_from(way), what),
                situation.function,
                situation.arguments,
            )
            for way, what, _ in entry.header["asked"]
        ]
        found: list[Any] = [outside.described(answer) for answer in answers]
        chosen = [_chooses(c, situation) for c in entry.header["choices"]]
        if found == entry.header["asked"] and all(chosen):
            return key, entry, answers
        if None in found or len(parts.get("answers", ())) > 8:
            break
        parts = {**parts, "answers": [*parts.get("answers", ()), [found, chosen]]}
    return None, None, ()


def _chooses(choice: Sequence[Any], situation: Situation) -> bool:
    """Would the sizes of this call choose the same way?"""
    inputs, outputs, forward = choice
    return chooses(inputs, outputs, sizes_of(situation)) == forward


def _warn_again(texts: Sequence[str]) -> None:
    for text in texts:
        warnings.warn(S2sadWarning(text), stacklevel=2)


def derive(situation: Situation, key: str | None = None, again: bool = False) -> Made:
    """The pipeline: lower, compose, emit, store under the key."""
    from s2sad.api import programs
    from s2sad.api.compose import Composer
    from s2sad.api.names import names_for, settle_names
    from s2sad.api.texts import also_read
    from s2sad.api.user_rules import any_rules, settle_rules
    from s2sad.emit import emit
    from s2sad.opt import is_mixed, optimise, refine

    recipe, function = situation.recipe, situation.function
    lowered = lower_situation(situation)
    composer = Composer(situation.parameters, sizes_of(situation))
    program = composer.compose(recipe, lowered.program)
    level = recipe.optimize
    native = recipe.target == "numba"
    second = composer.second
    program = optimise(programs.unmarked(program), level)
    halves = [program]
    if second is not None:
        second = optimise(programs.unmarked(second), level)
        halves.append(second)
    contracts = not native and not any(map(is_mixed, halves))
    program = refine(program, level, native, contracts)
    if second is not None:
        second = refine(second, level, native, contracts)
        program, later = programs.beside(program, second)
    also = None if second is None else later
    program = programs.merged(programs.reachable(program, also), also)
    answers, way_to = outside.answers_of(lowered.guards, function, situation.arguments)
    kinds, given = situation.kinds, situation.arguments
    answers += also_read(lowered.functions, answers, kinds, function, given)
    program, late = settle_names(program, function, way_to)
    names = names_for(function, program)
    if any_rules(program):  # what their partials call is no part of the key
        key = None
        program, used, bound = settle_rules(program, {*names.taken, *late}, function)
        late.update((name, ("object", f)) for name, f in bound.items())
        names = replace(names, taken=names.taken | used)
    text: Any = None
    compiled: list[str] = []
    unfit: list[Any] = []
    if native and has_large(situation, answers):
        from s2sad.api.compiled import too_large

        key, unfit = None, [too_large(function.__name__)]
    elif native and second is None:
        from s2sad.api.compiled import kernel_text

        text, compiled, unfit = kernel_text(
            program, names, function.__name__, recipe.debug
        )
    if text is None:
        text = emit(program, names, target="python", reuse=level > 1, plain=not level)
    late.update(_late_names(text, compiled, function, late, lowered.guards, way_to))
    mine = brought(situation)
    copied = [
        refuse("object-copied", place, name=name)
        for name, place in lowered.written.items()
        if name in mine
    ]
    doubts = [*lowered.warnings, *copied, *composer.warnings, *unfit]
    seeds = _seeds(program if second is None else second, situation)
    other = None if second is None else text.functions[later]

    def made(text: Any, doubts: Sequence[Any], compiled: Sequence[str]) -> Made:
        notes = [str(each) for each in doubts]
        return store(
            key, text, program, function, answers, late, composer.choices, seeds,
            notes, other, compiled,
        )  # fmt: skip

    found = made(text, doubts, compiled)
    if compiled:
        from s2sad.api.compiled import fallback, refusal

        misfit = refusal(found, situation, program)
        if misfit is not None:
            cache.remove(found.entry)
            doubts.append(fallback(misfit, function.__name__))
            found = made(
                emit(program, names, target="python", reuse=level > 1, plain=not level),
                doubts,
                (),
            )
    if not again:
        warn_all(doubts)
    return found


def _late_names(
    text: Any,
    compiled: Sequence[str],
    function: FunctionType,
    late: Any,
    guards: Any,
    way_to: Any,
) -> dict[str, outside.Way]:
    """Names of other modules that came along with inlined helpers."""
    owners = [g.owner for g in guards if isinstance(g.owner, FunctionType)]
    owners = [o for o in owners if o.__globals__ is not function.__globals__]
    if not owners:
        return {}
    from s2sad.api.names import missing_names

    known = {
        *text.cells,
        *late,
        *function.__code__.co_freevars,
        *text.functions.values(),
    }
    codes = compile_function(text.text, "<names>", ())
    shown = [code for name, code in codes.items() if name not in compiled]
    return missing_names(shown, function, known, owners, way_to)


def _seeds(program: Program, situation: Situation) -> list[Kind]:
    """The kinds of the parameters that the operators added."""
    count = len(situation.recipe.parameters(situation.parameters))
    added = count - len(situation.parameters)
    if situation.recipe.operator in ("split", "linear"):
        return [p.var.kind for p in program.entry.params[1:]]
    plain = [p for p in program.entry.params if p.style not in ("star", "doublestar")]
    return [p.var.kind for p in plain[len(plain) - added :]] if added else []


def settled(situation: Situation) -> tuple[Situation, Any]:
    """The situation as it can be lowered (see `lengths`), and what that gives."""
    return with_lengths(situation, sizes_of, lambda s: (s, lower_situation(s)))


def lower_situation(situation: Situation) -> Any:
    from s2sad.api.lowering import lower

    pairs = zip(situation.parameters, situation.lowered_kinds)
    values = {
        p.name: realise(situation.arguments[p.name], situation.real.get(p.name, ()))
        for p in situation.parameters
        if p.name in situation.arguments
    }
    kinds = [(p.name, kind) for p, kind in pairs]
    text = next((s.source for s in situation.recipe.chain() if s.source), None)
    return lower(situation.function, kinds, values, text, brought(situation))


def brought(situation: Situation) -> list[str]:
    """The parameters that the callable brings along, as a bound method its object."""
    return [p.name for p in situation.parameters[: situation.recipe.hidden]]


def sizes_of(situation: Situation) -> dict[str, int]:
    """The lengths that the open dims of the arguments have in this call."""
    found: dict[str, int] = {}

    def look(kind: Kind, value: object) -> None:
        if isinstance(kind, Array):
            for dim, length in zip(kind.dims or (), getattr(value, "shape", ())):
                if isinstance(dim, str):
                    found[dim] = length
        elif isinstance(value, dict):
            for item, key in zip(children(kind), value):
                look(item, value[key])
        elif isinstance(value, (tuple, list)):
            for item, inner in zip(children(kind), value):
                look(item, inner)
        else:
            for item, name in zip(children(kind), getattr(kind, "fields", ())):
                look(item, getattr(value, name, None))

    for p, kind in zip(situation.parameters, situation.kinds):
        if p.name in situation.arguments:
            look(kind, situation.arguments[p.name])
    return found


# ---- without a call ------------------------------------------------------------------


def derive_uncalled(recipe: Recipe, target: Target) -> Case:
    """A specialisation for what annotations and defaults say."""
    from s2sad.api.uncalled import example_for

    function = target.function
    arguments = example_for(function, target)
    return derive_case(recipe, function, arguments)


def lower_call(
    f: Any,
    args: tuple,
    kwargs: Mapping[str, Any] | None = None,
    wrt: Sequence[str] | None = None,
) -> Program:
    """The primal of a call as IR, as lowering made it for a derivative by `wrt`."""
    from s2sad.api.derived import Derived
    from s2sad.api.wrt import ALL, parse_wrt

    asked = parse_wrt(tuple(wrt)) if wrt else ALL
    recipe = Recipe("adjoint", asked)
    if isinstance(f, Derived):
        recipe, target = f._recipe, f._target
    else:
        target = find_target(getattr(f, "_s2sad_primal", f))
        recipe = recipe.hiding(target.hidden)
    parameters = parameters_of(target.function)
    arguments = Signature(parameters).arguments(
        (*target.prefix, *args), {**target.keywords, **(kwargs or {})}
    )
    situation, lowered = settled(situate(recipe, target.function, arguments))
    program: Program = lowered.program
    if isinstance(f, Derived):
        from s2sad.api.compose import Composer

        program = Composer(parameters, sizes_of(situation)).compose(f._recipe, program)
    return program
