"""`match`: each case is a test and some bindings, the cases a chain of branches."""

from __future__ import annotations

import ast
from typing import Any

from s2sad.ir.kinds import Dict, List, Tuple
from s2sad.ir.nodes import TRUE, Lit
from s2sad.syntax.comparisons import compare, condition, truth
from s2sad.syntax.control import choose, run_block
from s2sad.syntax.displays import dict_entries
from s2sad.syntax.frame import Frame
from s2sad.syntax.iterate import known_items
from s2sad.syntax.kind_questions import class_of
from s2sad.syntax.run import Task
from s2sad.syntax.statements import statement
from s2sad.syntax.values import BAD, Entries, Items, Known


@statement(ast.Match)
def match(f: Frame, node: ast.Match) -> Task:
    subject = yield node.subject
    if subject is BAD:
        return
    subject = f.refer(subject)
    yield cases(f, node, subject, 0)


def cases(f: Frame, node: ast.Match, subject: Any, i: int) -> Task:
    """The cases from number i on."""
    if i == len(node.cases):
        return
    case = node.cases[i]
    bindings: dict[str, Any] = {}
    verdict = yield matches(f, case.pattern, subject, bindings)
    if verdict is BAD:
        return
    known = truth(f, verdict)
    if known is False:
        yield cases(f, node, subject, i + 1)
    elif known is True:
        yield taken(f, node, subject, i, bindings)
    else:
        cond = condition(f, verdict, case.pattern)
        yield choose(
            f,
            TRUE if cond is BAD else cond,
            lambda: taken(f, node, subject, i, bindings),
            lambda: cases(f, node, subject, i + 1),
            node,
        )


def taken(
    f: Frame, node: ast.Match, subject: Any, i: int, bindings: dict[str, Any]
) -> Task:
    """The pattern fits: bind its names, test its guard, run its body."""
    case = node.cases[i]
    for name, value in bindings.items():
        f.bind(name, value, case.pattern)
    if case.guard is not None:
        guard = yield case.guard
        if guard is BAD:
            return
        known = truth(f, guard)
        if known is False:
            yield cases(f, node, subject, i + 1)
            return
        if known is None:
            cond = condition(f, guard, case.guard)
            yield choose(
                f,
                TRUE if cond is BAD else cond,
                lambda: run_block(f, case.body),
                lambda: cases(f, node, subject, i + 1),
                node,
            )
            return
    yield run_block(f, case.body)


def matches(
    f: Frame, pattern: ast.pattern, subject: Any, bindings: dict[str, Any]
) -> Task:
    """Does the subject fit? A literal, or the atom that tells."""
    if isinstance(pattern, ast.MatchAs):
        verdict: Any = TRUE
        if pattern.pattern is not None:
            verdict = yield matches(f, pattern.pattern, subject, bindings)
        if pattern.name is not None:
            bindings[pattern.name] = subject
        return verdict
    if isinstance(pattern, ast.MatchValue):
        value = yield pattern.value
        return BAD if value is BAD else compare(f, "eq", subject, value, pattern)
    if isinstance(pattern, ast.MatchSingleton):
        return compare(f, "is_", subject, Lit(pattern.value), pattern)
    if isinstance(pattern, ast.MatchOr):
        return (yield either(f, pattern, subject, bindings))
    if isinstance(pattern, ast.MatchSequence):
        return (yield sequence_pattern(f, pattern, subject, bindings))
    if isinstance(pattern, ast.MatchMapping):
        return (yield mapping_pattern(f, pattern, subject, bindings))
    if isinstance(pattern, ast.MatchClass):
        return (yield class_pattern(f, pattern, subject, bindings))
    return f.refuse("match-pattern", pattern)


def both(f: Frame, a: Any, b: Any, node: ast.AST) -> Any:
    """Two verdicts in one; neither has effects, so both may be computed."""
    if BAD in (a, b):
        return BAD
    for one, other in ((a, b), (b, a)):
        known = truth(f, one)
        if known is not None:
            return other if known else Lit(False)
    return f.op("and_", (a, b), node)


def either(
    f: Frame, pattern: ast.MatchOr, subject: Any, bindings: dict[str, Any]
) -> Task:
    verdict: Any = Lit(False)
    for each in pattern.patterns:
        inner: dict[str, Any] = {}
        found = yield matches(f, each, subject, inner)
        if found is BAD:
            return BAD
        known = truth(f, found)
        if known is True:
            bindings.update(inner)
            return TRUE
        if known is False:
            continue
        if inner:
            return f.refuse("match-pattern", each)
        verdict = (
            found
            if truth(f, verdict) is False
            else f.op("or_", (verdict, found), pattern)
        )
    return verdict


def sequence_pattern(
    f: Frame, pattern: ast.MatchSequence, subject: Any, bindings: dict[str, Any]
) -> Task:
    if not isinstance(f.kind(subject), (Tuple, List)):
        return Lit(False)
    parts = pattern.patterns
    star = next((i for i, p in enumerate(parts) if isinstance(p, ast.MatchStar)), None)
    items = yield known_items(f, subject, pattern)
    if items is None:
        return f.refuse("match-pattern", pattern)
    if len(items) < len(parts) - 1 or star is None and len(items) != len(parts):
        return Lit(False)
    if star is not None:
        after = len(parts) - star - 1
        middle = items[star : len(items) - after]
        name = parts[star].name  # type: ignore[attr-defined]
        if name is not None:
            bindings[name] = Items(tuple(map(f.refer, middle)))
        items = items[:star] + items[len(items) - after :]
        parts = parts[:star] + parts[star + 1 :]
    verdict: Any = TRUE
    for part, item in zip(parts, items):
        verdict = both(f, verdict, (yield matches(f, part, item, bindings)), pattern)
    return verdict


def mapping_pattern(
    f: Frame, pattern: ast.MatchMapping, subject: Any, bindings: dict[str, Any]
) -> Task:
    if not isinstance(f.kind(subject), Dict):
        return Lit(False)
    entries = dict_entries(f, subject, pattern)
    if entries is None:
        return f.refuse("match-pattern", pattern)
    verdict: Any = TRUE
    for key, part in zip(pattern.keys, pattern.patterns):
        found = f.static((yield key))
        if found is f.NOT_STATIC:
            return f.refuse("match-pattern", pattern)
        if found not in entries:
            return Lit(False)
        verdict = both(
            f, verdict, (yield matches(f, part, entries.pop(found), bindings)), pattern
        )
    if pattern.rest is not None:
        bindings[pattern.rest] = Entries(entries)
    return verdict


def class_pattern(
    f: Frame, pattern: ast.MatchClass, subject: Any, bindings: dict[str, Any]
) -> Task:
    cls = yield pattern.cls
    mine = class_of(f.kind(subject))
    if not isinstance(cls, Known) or not isinstance(cls.value, type) or mine is None:
        return f.refuse("match-pattern", pattern)
    if not issubclass(mine, cls.value):
        return Lit(False)
    plain = (float, int, bool, str, tuple, list, dict)
    if cls.value in plain and len(pattern.patterns) == 1 and not pattern.kwd_patterns:
        return (yield matches(f, pattern.patterns[0], subject, bindings))
    names = [
        *getattr(cls.value, "__match_args__", ())[: len(pattern.patterns)],
        *pattern.kwd_attrs,
    ]
    parts = [*pattern.patterns, *pattern.kwd_patterns]
    if len(names) != len(parts):
        return f.refuse("match-pattern", pattern)
    from s2sad.syntax.attributes import get_attribute

    verdict: Any = TRUE
    for name, part in zip(names, parts):
        place = ast.copy_location(
            ast.Attribute(ast.Constant(None), name, ast.Load()), pattern
        )
        value = get_attribute(f, subject, place)
        if value is BAD:
            return BAD
        verdict = both(f, verdict, (yield matches(f, part, value, bindings)), pattern)
    return verdict
