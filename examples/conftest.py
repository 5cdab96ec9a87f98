"""The pages of this folder are tests: sybil runs their Python blocks, in order."""

import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def beside():
    """Pages import what lies beside them, as they would when run in this folder."""
    sys.path.insert(0, str(HERE))
    yield
    sys.path.remove(str(HERE))


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    pattern="*.md",
    fixtures=["beside"],
).pytest()
