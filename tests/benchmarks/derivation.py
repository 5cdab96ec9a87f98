"""What it costs to derive, and to call what was derived.

    python -m tests.benchmarks.derivation

Not a test: the figures depend on the machine, and are processor time, the best of a few
runs. `tests/api/test_time.py` holds that the work grows linearly, by counting it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import process_time

HEAD = "import math\n\n\ndef f(x, y):\n"
COLD = """
from time import process_time
start = process_time()
import numpy
first = process_time()
from user import f
from s2sad import grad
grad(f)(0.3, 0.7)
print(first - start, process_time() - first)
"""


def statements(count: int) -> str:
    """Straight-line code of so many statements."""
    pair = ("    a = a * 0.5 + math.cos(y)\n", "    a = math.sin(a) * y + x\n")
    lines = "".join(pair[i % 2] for i in range(count))
    return f"{HEAD}    a = x * y\n{lines}    return a\n"


def chain(count: int) -> str:
    """One sum of so many terms."""
    return f"{HEAD}    return {' + '.join(['x * y'] * count)}\n"


def brackets(depth: int) -> str:
    """Brackets inside brackets."""
    return f"{HEAD}    return {'(' * depth}x{' + y)' * depth}\n"


def thirty() -> str:
    """A function of thirty lines, each of another form than those before."""
    lines = [f"    a{i} = a{i - 1} * math.cos(x + {i}) + y\n" for i in range(1, 28)]
    return f"{HEAD}    a0 = math.sin(x) * y\n{''.join(lines)}    return a27\n"


def written(text: str, folder: Path, name: str) -> Callable[..., float]:
    """The function `f` of a text, as of a module of its own."""
    path = folder / f"{name}.py"
    path.write_text(text)
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def derivation(text: str, runs: int = 3) -> float:
    """Seconds for the first call of the gradient: deriving, compiling, running."""
    from s2sad import grad

    best = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            slope = grad(written(text, Path(folder), f"user{run}"))
            start = process_time()
            slope(0.3, 0.7)
            best = min(best, process_time() - start)
    return best


def cold(env: dict[str, str]) -> tuple[float, float]:
    """Seconds that a new process takes to load NumPy, and for the rest of its call."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "user.py").write_text(thirty())
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join([folder, root])
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        run = partial(
            subprocess.run,
            [sys.executable, "-c", COLD],
            env={**os.environ, **env, "PYTHONPATH": path, **compiled},
            capture_output=True,
            text=True,
            check=True,
        )
        run()  # the first one may write the cache and Python's own
        found = [run().stdout.split() for _ in range(3)]
    return min((float(a), float(b)) for a, b in found)


def nanoseconds(call: Callable[[], object], number: int = 20_000) -> float:
    """What one call takes."""
    best = float("inf")
    for _ in range(5):
        start = process_time()
        for _ in range(number):
            call()
        best = min(best, process_time() - start)
    return best / number * 1e9


def in_a_loop() -> object:
    """A gradient made anew from a lambda, and called."""
    from s2sad import grad

    a = 3.0
    return grad(lambda w: a * w * w)(2.0)


def tiny(x, y):
    return x * y + x


def main() -> None:
    os.environ["S2SAD_CACHE"] = "0"
    from s2sad import grad

    derivation(statements(3))  # loads what there is to load
    print(f"30 lines             {derivation(thirty()) * 1e3:8.0f} ms")
    for name, env in (("not cached", {"S2SAD_CACHE": "0"}), ("cached", {})):
        with tempfile.TemporaryDirectory() as folder:
            numpy, rest = cold({"S2SAD_CACHE": "1", "S2SAD_CACHE_DIR": folder, **env})
        print(f"  in a new process, {name}: {rest * 1e3:.0f} ms", end="")
        print(f" (and {numpy * 1e3:.0f} ms for NumPy)")
    for count in (500, 1000, 2000, 4000):
        seconds = derivation(statements(count))
        print(f"{count:5} statements     {seconds:8.2f} s")
    for count in (500, 1000, 2000):
        print(f"{count:5} terms          {derivation(chain(count)):8.2f} s")
    print(f"  150 brackets       {derivation(brackets(150)):8.2f} s")

    slope = grad(tiny)
    slope(1.0, 2.0)
    plain = slope.specialized(1.0, 2.0)
    own = nanoseconds(lambda: plain(1.0, 2.0))
    whole = nanoseconds(lambda: slope(1.0, 2.0))
    print(f"dispatch             {whole - own:8.0f} ns beside {own:.0f} ns")
    in_a_loop()
    print(f"grad(lambda ...)()   {nanoseconds(in_a_loop, 1000) / 1e3:8.1f} us")


if __name__ == "__main__":
    main()
