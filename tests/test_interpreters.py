"""A smoke run on each Python that is found on this machine.

    pytest --interpreters tests/test_interpreters.py

Each interpreter gets a virtual environment with s2sad installed from this checkout
(half a minute each, from the package index), and in it derives, runs and prints a
few functions, through Python and through the command.  Without the option only
the interpreter that runs the tests is tried, as it stands.

Looked for: `python3.10` and newer on the PATH, and pyenv's versions.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 10), (3, 14)
VERSION = "import sys; print(*sys.version_info[:2])"

SMOKE = """
import math
import sys
import numpy as np
import s2sad
from s2sad import grad, hessian, jvp, value_and_grad, vjp

def f(x1, x2):
    return math.log(x1) + x1 * x2 - math.sin(x2)


def loop(r, x, n):
    path = np.zeros(n)
    for i in range(n):
        x = r * x * (1.0 - x)
        path[i] = x
    return np.sum(path**2)


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-6)


df = grad(f, wrt=(0, 1))
near(df(2.0, 5.0), (5.5, 2 - math.cos(5.0)))
compile(df.source, "df", "exec")
y, y_dot = jvp(f, (2.0, 5.0), (1.0, 0.0))
near((y, y_dot), (f(2.0, 5.0), 5.5))
y, pullback = vjp(f, 2.0, 5.0)
near(pullback(1.0), (5.5, 2 - math.cos(5.0)))
value, r_bar = value_and_grad(loop)(2.5, 0.3, 20)
near(value, loop(2.5, 0.3, 20))
near(r_bar, (loop(2.5 + 1e-6, 0.3, 20) - loop(2.5 - 1e-6, 0.3, 20)) / 2e-6)
near(hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0])), np.diag([6.0, 12.0]))
print("fine")
"""


def interpreters():
    """{(major, minor): executable}, each proved by running it."""
    wanted = [(3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)]
    candidates = [shutil.which(f"python{x}.{y}") for x, y in wanted]
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    if versions.is_dir():
        candidates += [str(path) for path in sorted(versions.glob("3.*/bin/python"))]
    found = {}
    for candidate in filter(None, candidates):
        run = subprocess.run([candidate, "-c", VERSION], capture_output=True, text=True)
        if run.returncode == 0 and re.fullmatch(r"\d+ \d+\n", run.stdout):
            version = tuple(map(int, run.stdout.split()))
            if version in wanted:
                found.setdefault(version, candidate)
    return dict(sorted(found.items()))


def pytest_generate_tests(metafunc):
    if "interpreter" in metafunc.fixturenames:
        found = interpreters() if metafunc.config.getoption("--interpreters") else {}
        names = [f"{x}.{y}" for x, y in found]
        metafunc.parametrize(
            "interpreter", list(found.values()) or [None], ids=names or ["this one"]
        )


def run(*command, **environment):
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_smoke(interpreter, tmp_path):
    python = sys.executable
    if interpreter is not None:
        run(interpreter, "-m", "venv", str(tmp_path / "venv"))
        python = str(tmp_path / "venv" / "bin" / "python")
        run(python, "-m", "pip", "install", "-q", str(ROOT))
    script = tmp_path / "smoke.py"
    script.write_text(SMOKE)
    cache = str(tmp_path / "cache")
    for _ in range(2):  # from nothing, then from the cache
        assert run(python, str(script), S2SAD_CACHE_DIR=cache) == "fine\n"
    shown = run(python, "-m", "s2sad", "show", f"{script}::f", S2SAD_CACHE_DIR=cache)
    compile(shown, "shown", "exec")
