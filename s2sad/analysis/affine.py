"""Sums of whole numbers: which of them can't all be as large as they should be.

    i >= 0,  j >= i + 1,  i - j >= 0        no whole numbers i and j do that

A *form* is a sum of symbols, each times a whole number; the symbol `ONE` stands for 1.
`impossible` decides by elimination (Fourier and Motzkin), with bounds made whole on the
way. It answers True only if it has a proof, and gives up on systems that grow too big.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from math import gcd

Symbol = Hashable
Form = Mapping[Symbol, int]

ONE = "1"
LIMIT = 100  # inequalities at a time: what index arithmetic needs is far below


def constant(value: int) -> Form:
    return {ONE: value} if value else {}


def symbol(name: Symbol) -> Form:
    return {name: 1}


def plus(a: Form, b: Form, times: int = 1) -> Form:
    """`a + times * b`."""
    total = dict(a)
    for name, factor in b.items():
        value = total.get(name, 0) + times * factor
        if value:
            total[name] = value
        else:
            total.pop(name, None)
    return total


def less(a: Form, b: Form) -> Form:
    """What is not negative if, and only if, `a < b`."""
    return plus(plus(b, a, -1), constant(-1))


def impossible(least: Iterable[Form], equal: Iterable[Form] = ()) -> bool:
    """Are there surely no whole numbers with each of `least` >= 0, of `equal` = 0?"""
    bounds, zeros = list(least), list(equal)
    while zeros:
        zero = zeros.pop()
        names = [name for name in zero if name is not ONE]
        rest = zero.get(ONE, 0)
        if not names:
            if rest:
                return True
            continue
        if rest % gcd(*(zero[name] for name in names)):
            return True
        unit = next((name for name in names if abs(zero[name]) == 1), None)
        if unit is None:
            bounds += [zero, plus({}, zero, -1)]
            continue
        bounds = [without(form, unit, zero) for form in bounds]
        zeros = [without(form, unit, zero) for form in zeros]
    return _contradict(bounds)


def without(form: Form, name: Symbol, zero: Form) -> Form:
    """The form with a symbol replaced by what `zero` = 0 says it is."""
    factor = form.get(name, 0)
    return plus(form, zero, -factor * zero[name]) if factor else form


def _contradict(bounds: Iterable[Form]) -> bool:
    table: dict[
        frozenset, int
    ] = {}  # the symbols' share of a form -> the tightest rest
    if any(map(lambda form: _enter(table, form), bounds)):
        return True
    while table:
        forms = [{**dict(key), ONE: rest} for key, rest in table.items()]
        ups: dict[Symbol, list[Form]] = {}
        downs: dict[Symbol, list[Form]] = {}
        for form in forms:
            for name, factor in form.items():
                if name is not ONE:
                    (ups if factor > 0 else downs).setdefault(name, []).append(form)
        names = dict.fromkeys([*ups, *downs])
        pick = min(names, key=lambda n: len(ups.get(n, ())) * len(downs.get(n, ())))
        table = {}
        for form in forms:
            if pick not in form:
                _enter(table, form)
        for up in ups.get(pick, ()):
            for down in downs.get(pick, ()):
                a, b = up[pick], -down[pick]
                sum_ = plus(plus({}, up, b), down, a)
                if _enter(table, sum_):
                    return True
        if len(table) > LIMIT:
            return False
    return False


def _enter(table: dict[frozenset, int], form: Form) -> bool:
    """Note that a form is not negative; True if that can't be."""
    rest = form.get(ONE, 0)
    share = {name: factor for name, factor in form.items() if name is not ONE}
    if not share:
        return rest < 0
    divisor = gcd(*share.values())
    key = frozenset((name, factor // divisor) for name, factor in share.items())
    rest //= divisor  # whole numbers: rounded down
    table[key] = min(rest, table.get(key, rest))
    return False
