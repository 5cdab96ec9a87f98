"""Sums of whole numbers: which of them can't all be as large as they should be.

    i >= 0,  j >= i + 1,  i - j >= 0        no whole numbers i and j do that

A *form* is a sum of symbols, each times a whole number; the symbol `ONE` stands for 1.
`impossible` decides by elimination (Fourier and Motzkin), with bounds made whole on the
way; a symbol that the others tell is replaced first. It answers True only if it has a
proof, and gives up on systems that grow too big.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
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
    table: Table = {}
    numbers: dict[Symbol, int] = {}
    bounds = [(form, 1) for form in least]
    bounds += [(form, sign) for form in equal for sign in (1, -1)]
    for form, sign in bounds:
        rest, share = 0, {}
        for name, factor in form.items():
            if name is ONE:
                rest = sign * factor
            else:
                share[numbers.setdefault(name, len(numbers))] = sign * factor
        if _enter(table, share, rest):
            return True
    while table:
        zero = _settled(table)
        reduced = _without(table, *zero) if zero else _eliminated(table)
        if reduced is None:
            return True
        table = reduced
        if len(table) > LIMIT:
            return False
    return False


# ---- systems -------------------------------------------------------------------------

# The symbols' share of a form, which begins with a positive factor, and what it lies
# between. What is bounded on both sides is one row; a contradiction is seen at once.
Key = tuple[tuple[int, int], ...]
Table = dict[Key, tuple[int | None, int | None]]
Share = dict[int, int]


def _enter(table: Table, share: Share, rest: int) -> bool:
    """Note that `share + rest` is not negative; True if that can't be."""
    if not share:
        return rest < 0
    divisor = gcd(*share.values())
    items = sorted(share.items())
    is_least = items[0][1] > 0
    divided = divisor if is_least else -divisor
    key = tuple([(name, factor // divided) for name, factor in items])
    least, most = table.get(key, (None, None))
    rest //= divisor  # whole numbers: rounded down
    if is_least:
        least = -rest if least is None else max(least, -rest)
    else:
        most = rest if most is None else min(most, rest)
    table[key] = (least, most)
    return least is not None and most is not None and least > most


def _rows(table: Table) -> Iterator[tuple[Share, int]]:
    """The forms of a table that are not negative: shares and rests."""
    for key, (least, most) in table.items():
        if least is not None:
            yield dict(key), -least
        if most is not None:
            yield {name: -factor for name, factor in key}, most


def _settled(table: Table) -> tuple[Key, int, int] | None:
    """A share that is one number, that number, and a symbol which it tells."""
    for key, (least, most) in table.items():
        if least is not None and least == most:
            for name, factor in key:
                if factor in (1, -1):
                    return key, least, name
    return None


def _without(table: Table, zero: Key, value: int, name: int) -> Table | None:
    """With a symbol replaced by what `zero = value` says it is; None if impossible."""
    found: Table = {}
    unit = dict(zero)[name]
    for share, rest in _rows(table):
        factor = share.get(name, 0) * unit
        if factor:
            share, rest = _sum(share, zero, -factor), rest + factor * value
        if _enter(found, share, rest):
            return None
    return found


def _eliminated(table: Table) -> Table | None:
    """Without the symbol that makes the fewest new rows; None if impossible."""
    rows = [*_rows(table)]
    ups: dict[int, list[tuple[Share, int]]] = {}
    downs: dict[int, list[tuple[Share, int]]] = {}
    for row in rows:
        for name, factor in row[0].items():
            (ups if factor > 0 else downs).setdefault(name, []).append(row)
    free = ups.keys() ^ downs.keys()  # bounded on one side at most
    if free:
        kept = [key for key in table if free.isdisjoint([name for name, _ in key])]
        return {key: table[key] for key in kept}
    pick = min(ups, key=lambda name: len(ups[name]) * len(downs[name]))
    found: Table = {}
    for share, rest in rows:
        if pick not in share:
            _enter(found, share, rest)
    for up, least in ups[pick]:
        for down, most in downs[pick]:
            a, b = up[pick], -down[pick]
            scaled = {name: b * factor for name, factor in up.items()}
            if _enter(found, _sum(scaled, down.items(), a), b * least + a * most):
                return None
    return found


def _sum(share: Share, other: Iterable[tuple[int, int]], times: int) -> Share:
    total = dict(share)
    for name, factor in other:
        value = total.get(name, 0) + times * factor
        if value:
            total[name] = value
        else:
            total.pop(name, None)
    return total
