"""The bundled examples: pages print what they print, and the real data is learnt."""

import subprocess
import sys
from pathlib import Path

import pytest

from .pages import rerun

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
PAGES = sorted(EXAMPLES.glob("[0-9][0-9]_*.md"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_prints_what_it_says(page, bless):
    """sybil runs the pages, too; here `--bless` writes down what they print now."""
    if "logistic" in page.name:
        pytest.importorskip("sklearn")
    bless(page, rerun(page))


def test_real_data_is_learnt():
    pytest.importorskip("sklearn")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "logistic_regression.py")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    accuracy = float(done.stdout.split()[-2])
    assert accuracy > 95


def test_pages_are_listed(run):
    code, out, _ = run("examples")
    assert code == 0
    for page in PAGES:
        assert f"{page.name} " in out
    code, out, _ = run("examples", PAGES[0].stem)
    assert code == 0 and out == PAGES[0].read_text()


def test_sybil_runs_every_page():
    command = [sys.executable, "-m", "pytest", "-q", "-n0", str(EXAMPLES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=EXAMPLES.parent)
    assert done.returncode == 0, done.stdout
