"""Systems of inequalities: which sums can't all be as large as they should be.

    i >= 0,  j >= i + 1,  i - j >= 0        no whole numbers i and j do that

`impossible` decides by elimination (Fourier and Motzkin), with bounds made whole on the
way; a symbol that the others tell is replaced first. It answers True only if it has a
proof, and gives up on systems that grow too big. `possible` asks it of a system parts
of which are one of several cases; what it was asked once, it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd

from s2sad.analysis.affine import ONE, Form, Symbol, plus

LIMIT = 100  # inequalities at a time: what index arithmetic needs is far below
CASES = 64  # of signs and of conditions, taken together: more are not looked at

# The symbols' share of a form, by numbers, which begins with a positive factor, and
# what it lies between. What is bounded on both sides is one row of a table; a
# contradiction is seen at once.
Key = tuple[tuple[int, int], ...]
Row = tuple[Key, "int | None", "int | None"]
Table = dict[Key, tuple["int | None", "int | None"]]
Case = Sequence[Form]


def impossible(least: Iterable[Form], equal: Iterable[Form] = ()) -> bool:
    """Are there surely no whole numbers with each of `least` >= 0, of `equal` = 0?"""
    forms = [*least]
    for form in equal:
        forms += [form, plus({}, form, -1)]
    return not possible(forms)


def possible(least: Iterable[Form], choices: Iterable[Sequence[Case]] = ()) -> bool:
    """May each of `least` be >= 0, and with them the forms of a case of each choice?"""
    numbers: dict[Symbol, int] = {}

    def rows(forms: Iterable[Form]) -> tuple[Row, ...]:
        return tuple([row_of(form, numbers) for form in forms])

    first = rows(least)
    return _possible(first, tuple([tuple(map(rows, choice)) for choice in choices]))


@lru_cache(maxsize=2048)  # rounds of passes ask the same, and so do other programs
def _possible(
    rows: tuple[Row, ...], choices: tuple[tuple[tuple[Row, ...], ...], ...]
) -> bool:
    system = System().such_that(rows)
    if system is None:
        return False
    open_: list[list[tuple[Row, ...]]] = []
    tried = False  # is it known that this very system, with its last choice, may be?
    for cases in choices:
        left = []
        for case in cases:
            more = system.such_that(case)
            if more is not None and not more.is_refuted():
                left.append((case, more))
        if not left:
            return False
        if len(left) == 1:
            ((_, system),) = left
            tried = not open_
        else:
            open_.append([case for case, _ in left])
            tried = len(open_) == 1
    if tried:
        return True
    many = 1
    for several in open_:
        many *= len(several)
    return many > CASES or _any(system, open_)


def _any(system: System, choices: list[list[tuple[Row, ...]]]) -> bool:
    """Is there a case of each choice with which the system may be?"""
    if not choices:
        return not system.is_refuted()
    for case in choices[0]:
        more = system.such_that(case)
        if more is not None and _any(more, choices[1:]):
            return True
    return False


# ---- systems -------------------------------------------------------------------------


class System:
    """A table in which no symbol is told by the others, and what those told were."""

    def __init__(self) -> None:
        self.table: Table = {}
        self.told: list[tuple[Key, int, int]] = []  # see `_settled`

    def such_that(self, rows: Iterable[Row]) -> System | None:
        """The system with more rows; None if that is impossible."""
        table = dict(self.table)
        for row in rows:
            for zero in self.told:
                row = _replaced(row, *zero)
            if _enter(table, row):
                return None
        told = self.told
        while zero := _settled(table):
            reduced = _without(table, *zero)
            if reduced is None:
                return None
            table, told = reduced, [*told, zero]
        found = System()
        found.table, found.told = table, told
        return found

    def is_refuted(self) -> bool:
        table = self.table
        while table and len(table) <= LIMIT:
            zero = _settled(table)
            reduced = _without(table, *zero) if zero else _eliminated(table)
            if reduced is None:
                return True
            table = reduced
        return False


# ---- rows ----------------------------------------------------------------------------


def row_of(form: Form, numbers: dict[Symbol, int]) -> Row:
    """A form that is not negative, its symbols by number."""
    rest, items = 0, []
    for name, factor in form.items():
        if name is ONE:
            rest = factor
        else:
            items.append((numbers.setdefault(name, len(numbers)), factor))
    return _row(items, -rest, None)


def _row(items: list[tuple[int, int]], least: int | None, most: int | None) -> Row:
    """The row that says that a sum lies between two numbers."""
    if not items:
        return (), least, most
    items.sort()
    divisor = gcd(*[factor for _, factor in items])
    if items[0][1] < 0:
        divisor = -divisor
        least, most = (None if n is None else -n for n in (most, least))
    if divisor == 1:
        return tuple(items), least, most
    key = tuple([(name, factor // divisor) for name, factor in items])
    size = abs(divisor)  # whole numbers: bounds are rounded inwards
    least = None if least is None else -(-least // size)
    return key, least, None if most is None else most // size


def _enter(table: Table, row: Row) -> bool:
    """Add a row to a table; True if it contradicts what is there."""
    key, least, most = row
    if not key:
        return (least or 0) > 0 or (most or 0) < 0
    known = table.get(key)
    if known is not None:
        if least is None or (known[0] is not None and known[0] > least):
            least = known[0]
        if most is None or (known[1] is not None and known[1] < most):
            most = known[1]
    table[key] = (least, most)
    return least is not None and most is not None and least > most


# ---- elimination ---------------------------------------------------------------------


def _settled(table: Table) -> tuple[Key, int, int] | None:
    """A share that is one number, that number, and a symbol which it tells."""
    for key, (least, most) in table.items():
        if least is not None and least == most:
            for name, factor in key:
                if factor in (1, -1):
                    return key, least, name
    return None


def _replaced(row: Row, zero: Key, value: int, name: int) -> Row:
    """With a symbol replaced by what `zero = value` says it is."""
    key, least, most = row
    factor = dict(key).get(name)
    if factor is None:
        return row
    times = factor * dict(zero)[name]  # the factor there is 1 or -1
    moved = times * value
    return _row(
        _sum(key, zero, -times),
        None if least is None else least - moved,
        None if most is None else most - moved,
    )


def _without(table: Table, zero: Key, value: int, name: int) -> Table | None:
    """The table with a symbol replaced; None if that is impossible."""
    found: Table = {}
    for key, (least, most) in table.items():
        row = (key, least, most)
        if name in [other for other, _ in key]:
            row = _replaced(row, zero, value, name)
        if _enter(found, row):
            return None
    return found


def _eliminated(table: Table) -> Table | None:
    """Without the symbol that makes the fewest new rows; None if impossible."""
    ups: dict[int, list[tuple[Key, int, int]]] = {}  # what it is not less than
    downs: dict[int, list[tuple[Key, int, int]]] = {}  # what it is not more than
    for key, (least, most) in table.items():
        for name, factor in key:
            if least is not None:
                side = ups if factor > 0 else downs
                side.setdefault(name, []).append((key, 1, -least))
            if most is not None:
                side = downs if factor > 0 else ups
                side.setdefault(name, []).append((key, -1, most))
    free = ups.keys() ^ downs.keys()  # bounded on one side at most
    if free:
        kept = [key for key in table if free.isdisjoint([name for name, _ in key])]
        return {key: table[key] for key in kept}
    pick = min(ups, key=lambda name: len(ups[name]) * len(downs[name]))
    used = {key for key, _, _ in ups[pick]} | {key for key, _, _ in downs[pick]}
    found = {key: bounds for key, bounds in table.items() if key not in used}
    for up, sign, least in ups[pick]:
        a = dict(up)[pick] * sign
        for down, other, most in downs[pick]:
            b = -dict(down)[pick] * other
            share = _sum([(n, b * sign * f) for n, f in up], down, a * other)
            if _enter(found, _row(share, -(b * least + a * most), None)):
                return None
    return found


def _sum(
    share: Iterable[tuple[int, int]], other: Key, times: int
) -> list[tuple[int, int]]:
    total = dict(share)
    for name, factor in other:
        value = total.get(name, 0) + times * factor
        if value:
            total[name] = value
        else:
            total.pop(name, None)
    return list(total.items())
