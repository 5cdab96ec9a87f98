"""The census of all parts, whichever workers ran them, at the end of the run."""

from __future__ import annotations

import contextlib
import os
import time

import pytest

from tests.properties import programs  # noqa: F401  (its forms are counted)
from tests.properties.census import Census

FOLDER = "random-programs"


def _root(config, base):
    """The folder of the run; that of a worker lies in it."""
    return base.parent if hasattr(config, "workerinput") else base


@pytest.fixture
def shared_folder(request, tmp_path_factory):
    found = _root(request.config, tmp_path_factory.getbasetemp()) / FOLDER
    found.mkdir(exist_ok=True)
    return found


@pytest.fixture
def first_seed(request, shared_folder) -> int:
    """What all parts draw from: the same number each time, or that of this campaign."""
    if not request.config.getoption("--campaign"):
        return 0
    path = shared_folder / "seed"
    with contextlib.suppress(FileExistsError), path.open("x") as file:
        file.write(f"{os.environ.get('S2SAD_TEST_SEED') or time.time_ns()}\n")
    while not (text := path.read_text()).endswith("\n"):
        time.sleep(0.01)  # another worker is writing it
    return int(text)


def pytest_terminal_summary(terminalreporter, config):
    factory = getattr(config, "_tmp_path_factory", None)
    folder = None if factory is None else factory.getbasetemp() / FOLDER
    parts = [] if folder is None else sorted(folder.glob("part*.json"))
    if parts and not hasattr(config, "workerinput"):
        terminalreporter.section("random programs")
        for line in Census.together(parts).summary():
            terminalreporter.line(line)
