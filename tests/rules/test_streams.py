"""What a source of random numbers draws next, kept and given back: it draws the same."""

import random

import numpy as np
import pytest

from s2sad.rules import TABLE

KEEP, GIVE_BACK = TABLE["random_state"].run, TABLE["set_random_state"].run

SOURCES = {
    "Generator": (np.random.default_rng(3), lambda source: source.normal(size=3)),
    "BitGenerator": (np.random.PCG64(3), lambda source: source.random_raw(3)),
    "RandomState": (np.random.RandomState(3), lambda source: source.normal(size=3)),
    "Random": (random.Random(3), lambda source: [source.random() for _ in range(3)]),
}


@pytest.mark.parametrize("cls", SOURCES)
def test_a_source_draws_the_same_again(cls):
    source, draw = SOURCES[cls]
    state = KEEP(source, cls=cls)
    first, then = draw(source), draw(source)
    GIVE_BACK(source, state, cls=cls)
    np.testing.assert_array_equal(draw(source), first)
    np.testing.assert_array_equal(draw(source), then)


@pytest.mark.parametrize(
    ("callee", "cls", "draw"),
    [
        ("np.random", "RandomState", lambda: np.random.normal(size=3)),
        ("numpy.random", "RandomState", lambda: np.random.normal(size=3)),
        ("random", "Random", lambda: [random.random() for _ in range(3)]),
    ],
)
def test_the_source_of_a_library(callee, cls, draw):
    state = KEEP(callee=callee, cls=cls)
    first = draw()
    GIVE_BACK(state, callee=callee, cls=cls)
    np.testing.assert_array_equal(draw(), first)
