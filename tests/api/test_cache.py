"""The disk cache behind real derivatives: many at once, and folders gone bad.

Each test asks processes of their own, which know nothing but the folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

USERS = """
import math

def energy(x):
    return math.sin(x) * x

def slope(x):
    return math.exp(x) * x

FUNCTIONS = energy, slope
EXPECTED = {
    "energy": math.cos(1.1) * 1.1 + math.sin(1.1),
    "slope": math.exp(1.1) * 2.1,
}
"""

# One interpreter that forks: a hundred that start would measure their imports.
HUNDRED = """
    import json, multiprocessing, sys
    sys.path.insert(0, {folder!r})
    from users_functions import EXPECTED, FUNCTIONS
    from s2sad import grad

    grad(abs, debug=True)(1.0)  # loads what deriving needs, and stores nothing
    PROCESSES = 100
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(PROCESSES)

    def work(process, answers):
        start.wait(60)
        f = FUNCTIONS[process % 2]
        try:
            df = grad(f)
            close = abs(df(1.1) - EXPECTED[f.__name__]) < 1e-9
            answers.put((close, df.source))
        except BaseException as error:
            answers.put((False, repr(error)))

    answers = fork.SimpleQueue()
    workers = [fork.Process(target=work, args=(n, answers)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    told = [answers.get() for _ in range(PROCESSES)]
    for worker in workers:
        worker.join()
    assert all(worker.exitcode == 0 for worker in workers)
    assert all(close for close, _ in told), told
    assert len({{text for _, text in told}}) == 2
"""

ONE = """
    import sys
    sys.path.insert(0, {folder!r})
    from users_functions import EXPECTED, FUNCTIONS
    from s2sad import grad
    for f in FUNCTIONS:
        assert abs(grad(f)(1.1) - EXPECTED[f.__name__]) < 1e-9
    print("s2sad.ad" in sys.modules)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a script that may import the user's functions; what it printed."""
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "users_functions.py").write_text(USERS)

    def script(text):
        code = textwrap.dedent(text).format(folder=str(tmp_path))
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, timeout=150)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return script


def entries(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_hundred_processes_on_an_empty_cache(run, tmp_path):
    run(HUNDRED)
    found = [path for path in entries(tmp_path / "cache") if path.suffix == ".py"]
    assert len(found) == 2 and entries(tmp_path / "cache") == found
    before = [path.read_bytes() for path in found]
    assert run(ONE) == "False"  # a sound cache: nothing is derived again
    assert [path.read_bytes() for path in found] == before


def test_garbage_in_the_folder(run, tmp_path):
    assert run(ONE) == "True"
    assert run(ONE) == "False"
    for path in entries(tmp_path / "cache"):
        path.chmod(0o600)
        path.write_bytes(os.urandom(200))
    assert run(ONE) == "True"  # passed over, and derived again
    for path in entries(tmp_path / "cache"):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-30])
    assert run(ONE) == "True"


def test_a_planted_text_is_not_run(run, tmp_path):
    """Another body under the right name and header: its digest is wrong."""
    run(ONE)
    for path in entries(tmp_path / "cache"):
        path.chmod(0o600)
        planted = path.read_text().replace("return ", "raise SystemExit(3)  # ", 1)
        path.write_text(planted)
    assert run(ONE) == "True"


def test_a_folder_that_others_may_write_to(run, tmp_path):
    run(ONE)
    (tmp_path / "cache").chmod(0o777)
    assert run(ONE) == "True"


def test_a_folder_that_cannot_be_written(run, tmp_path):
    folder = tmp_path / "cache"
    run(ONE)
    shutil.rmtree(folder)
    folder.write_text("a file in its place")
    assert run(ONE) == "True"
    folder.unlink()
    folder.mkdir(mode=0o500)
    assert run(ONE) in ("True", "False")  # the superuser may write all the same
    folder.chmod(0o700)
