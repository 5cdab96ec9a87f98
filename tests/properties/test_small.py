"""Small programs, spread over all that a grammar has: each derivative is right.

pytest tests/properties/test_small.py              six of each family, always the same
pytest tests/properties/test_small.py --campaign   six hundred of each, others every time

Of each: the value, jvp against extrapolated differences, vjp against jvp, the same on
the levels 0, 1 and 2, by one argument what it is by all, and second order of some; all
this for arrays of three elements and of one, none, in single precision, or with loops
that make no trip. What is handed out shares no memory with what was handed in. What
these programs have found is in `found.py` and below.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.properties.examine import Discarded, Refused
from tests.properties.once import once
from tests.properties.small import FAMILIES, Small, every
from tests.properties.small_checks import judge_small

FEW, MANY = 6, 600
ALLOWED = 0.1  # of the programs may be refused: some are wrong, but for a lucky call


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
def test_small_programs(family, request, first_seed, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE", "0")  # no program comes twice
    campaign = request.config.getoption("--campaign")
    ends: Counter[str] = Counter()
    failures = []
    for number, program in every(family, MANY if campaign else FEW, first_seed):
        end, complaint = judged(program, number)
        ends[end] += 1
        if end == "wrong":
            failures.append(f"number {number}: {complaint}\n\n{program.text}")
    print(dict(ends))
    assert not failures, "\n\n".join(failures)
    assert ends["refused"] <= ALLOWED * sum(ends.values()) + 2, ends


def judged(program: Small, number: int) -> tuple[str, str]:
    with once():
        try:
            judge_small(program, number)
        except (Discarded, Refused) as no:
            return type(no).__name__.lower(), str(no)
        except AssertionError as wrong:
            return "wrong", str(wrong)
    return "right", ""
