"""A test run that has collected everything, and forks a child for each task.

A child finds all modules imported and all tests collected; it costs what its tests cost.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

import pytest

# Tests that may tell a fault, the best first; others look at words, files, processes.
ASKED = (
    "tests/test_fixtures.py tests/ad tests/opt tests/rules tests/emit tests/analysis "
    "tests/api tests/syntax tests/test_programs.py tests/properties"
).split()
# Growth depends on the machine; goldens that are run without being derived see nothing;
# `properties/test_programs.py` takes long for what the others see as well.
NOT_ASKED = (
    "test_time.py test_size.py test_training_loop processes test_no_dead_line "
    "test_golden_is_acceptable properties/test_programs.py"
).split()
FLAGS = "-q -n0 -s --no-header -p no:cacheprovider -p no:randomly".split()


class Zygote:
    """A plugin: in place of running the tests, `work(tests)`."""

    def __init__(self, work: Callable[[dict[str, pytest.Item]], Any]) -> None:
        self.work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        import_all()
        gc.collect()
        self.work(
            {
                item.nodeid: item
                for item in session.items
                if not any(word in item.nodeid for word in NOT_ASKED)
            }
        )
        return True


def with_tests(
    work: Callable[[dict[str, pytest.Item]], Any], paths: Sequence[str] = ASKED
) -> None:
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    pytest.main([*FLAGS, *paths], plugins=[Zygote(work)])


def import_all() -> None:
    """Every module of the product, so that none is imported in a child alone."""
    package = importlib.import_module("s2sad")
    for module in pkgutil.walk_packages(package.__path__, "s2sad."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def fails(item: pytest.Item, following: pytest.Item | None) -> bool:
    from _pytest.runner import runtestprotocol

    reports = runtestprotocol(item, log=False, nextitem=following)
    return any(report.failed for report in reports)
