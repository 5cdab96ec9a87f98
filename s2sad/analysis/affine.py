"""Sums of whole numbers, as index arithmetic has them.

A *form* is a sum of symbols, each times a whole number; the symbol `ONE` stands for 1.
Which of them can't all be as large as they should be is found by `systems`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

Symbol = Hashable
Form = Mapping[Symbol, int]

ONE = "1"


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
