"""What `impossible` refutes has no solution among small numbers, and it gives up late."""

from __future__ import annotations

from itertools import product

import numpy as np

from s2sad.analysis.affine import ONE, constant, less, plus, symbol
from s2sad.analysis.systems import impossible, possible

I, J, N = symbol("i"), symbol("j"), symbol("n")


def test_bounds_that_exclude_one_another():
    assert impossible([less(I, J), less(J, I)])
    assert impossible([less(I, J), less(J, plus(I, constant(1)))])  # nothing between
    assert not impossible([less(I, J), less(J, plus(I, constant(2)))])


def test_whole_numbers_only():
    twice = plus({}, I, 2)
    assert impossible([], [plus(twice, constant(1))])
    assert impossible([plus(twice, constant(-1)), plus(constant(1), twice, -1)])


def test_counted_from_the_far_end():
    """0 <= i < n and 0 <= j < n: i is never j - n."""
    inside = [I, less(I, N), J, less(J, N)]
    assert impossible(inside, [plus(plus(J, I, -1), N, -1)])
    assert not impossible(inside, [plus(J, I, -1)])


def test_random_systems_against_trying_all_numbers():
    rng = np.random.default_rng(0)
    numbers = list(product(range(-3, 4), repeat=3))
    refuted = 0
    for _ in range(300):
        forms = []
        for _ in range(5):
            factors = [*rng.integers(-2, 3, 3), rng.integers(-4, 3)]
            names = ("x", "y", "z", ONE)
            pairs = zip(names, map(int, factors), strict=True)
            forms.append({name: factor for name, factor in pairs if factor})
        least, equal = forms[:4], forms[4:]

        def value(form, at):
            known = dict(zip("xyz", at, strict=True)) | {ONE: 1}
            return sum(factor * known[name] for name, factor in form.items())

        possible = any(
            all(value(form, at) >= 0 for form in least)
            and all(value(form, at) == 0 for form in equal)
            for at in numbers
        )
        if impossible(least, equal):
            refuted += 1
            assert not possible, (least, equal)
    assert refuted > 30


def test_cases_against_trying_all_numbers():
    """One case of each choice, beside what holds in any case."""
    rng = np.random.default_rng(1)
    numbers = list(product(range(-3, 4), repeat=3))
    inside = [{name: sign, ONE: 3} for name in "xyz" for sign in (1, -1)]

    def form():
        factors = [*rng.integers(-2, 3, 3), rng.integers(-4, 3)]
        pairs = zip(("x", "y", "z", ONE), map(int, factors), strict=True)
        return {name: factor for name, factor in pairs if factor}

    def holds(forms, at):
        known = dict(zip("xyz", at, strict=True)) | {ONE: 1}
        sums = (sum(f * known[name] for name, f in form.items()) for form in forms)
        return all(total >= 0 for total in sums)

    refuted = 0
    for _ in range(200):
        least = [*inside, form(), form()]
        choices = [[[form(), form()] for _ in range(2)] for _ in range(3)]
        there = any(
            holds(least, at)
            and all(any(holds(case, at) for case in choice) for choice in choices)
            for at in numbers
        )
        if possible(least, choices):
            continue
        refuted += 1
        assert not there, (least, choices)
    assert refuted > 30
