"""The work of deriving grows with the length of the text, not with its square.

Counted are calls, of functions in Python and in C, so that the answer does not depend
on the machine. How long it takes: `python -m tests.benchmarks.derivation`.
"""

import sys

import pytest

from s2sad import grad
from tests.benchmarks.derivation import chain, statements, written

MOST = 2.4  # for twice the length


def calls(function):
    """How many calls it takes to derive the gradient, and to run it once."""
    count = 0
    slope = grad(function)

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        slope(0.3, 0.7)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("text", [statements, chain], ids=["statements", "terms"])
def test_twice_the_length_is_twice_the_work(text, tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE", "0")
    calls(written(text(10), tmp_path, "loads_what_there_is_to_load"))
    once, twice = (
        calls(written(text(count), tmp_path, f"user_{text.__name__}_{count}"))
        for count in (150, 300)
    )
    assert twice < MOST * once
