"""What random programs have found: the smallest program for each, to second order."""

from __future__ import annotations

import inspect

import pytest

from tests.properties.examine import examine_function
from tests.properties.found import PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_found(program):
    wrt = tuple(name for name in inspect.signature(program).parameters if name != "n")
    examine_function(program, wrt, second="both", count=4)
