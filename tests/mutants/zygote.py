"""A test run that has collected everything, and forks a child for each task.

A child finds all modules imported and all tests collected; it costs what its tests cost.
The texts of a fixture are a test of their own here: they are compared with the goldens,
as `test_first_order` does in the end, without running them.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.harness.cases import case, names

# Tests that may tell a fault, the best first; others look at words, files, processes.
ASKED = (
    "tests/test_fixtures.py tests/rules tests/ad tests/opt tests/emit tests/analysis "
    "tests/api tests/syntax tests/test_programs.py tests/properties"
).split()
# Growth depends on the machine; goldens that are run without being derived see nothing;
# `properties/test_programs.py` takes long for what the others see as well.
NOT_ASKED = (
    "test_time.py test_size.py test_training_loop processes test_no_dead_line "
    "test_golden_is_acceptable properties/test_programs.py"
).split()
TEXTS = "texts::"  # and the name of a fixture
FLAGS = "-q -n0 -s --no-header -p no:cacheprovider -p no:randomly".split()


class Texts:
    """The texts of a fixture, and its goldens."""

    def __init__(self, name: str) -> None:
        self.name = name

    def differ(self) -> bool:
        program = case(self.name)
        try:
            made = program.texts()
        except Exception:
            return True
        return any(text != program.golden(suffix) for suffix, text in made.items())


Test = pytest.Item | Texts


class Zygote:
    """A plugin: in place of running the tests, `work(tests)`."""

    def __init__(self, work: Callable[[dict[str, Test]], Any]) -> None:
        self.work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        import_all()
        gc.collect()
        tests: dict[str, Test] = {
            item.nodeid: item
            for item in session.items
            if not any(word in item.nodeid for word in NOT_ASKED)
        }
        self.work(texts() | tests)
        return True


def texts() -> dict[str, Test]:
    return {TEXTS + name: Texts(name) for name in names()}


def with_tests(
    work: Callable[[dict[str, Test]], Any], paths: Sequence[str] = ASKED
) -> None:
    os.environ["S2SAD_CACHE"] = "0"  # for texts; the tests have a cache of their own
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    pytest.main([*FLAGS, *paths], plugins=[Zygote(work)])


def import_all() -> None:
    """Every module of the product, so that none is imported in a child alone."""
    package = importlib.import_module("s2sad")
    for module in pkgutil.walk_packages(package.__path__, "s2sad."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def fails(test: Test, following: Test | None) -> bool:
    """`following` is what is run next: fixtures that it shares are kept for it."""
    if isinstance(test, Texts):
        return test.differ()
    from _pytest.runner import runtestprotocol

    shared = following if isinstance(following, pytest.Item) else None
    reports = runtestprotocol(test, log=False, nextitem=shared)
    return any(report.failed for report in reports)
