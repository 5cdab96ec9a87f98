"""What it costs to derive, and to call what was derived.

    python -m tests.benchmarks.derivation

Not a test: the figures depend on the machine, and are processor time, the best of a few
runs. `tests/api/test_time.py` holds that the work grows linearly, by counting it.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import process_time
from typing import Any

from tests.benchmarks.fresh import fresh_cache

HEAD = "import math\n\n\ndef f(x, y):\n"
IMPORTS = """
from time import process_time
start = process_time()
import numpy
first = process_time()
from s2sad import grad
print(first - start, process_time() - first)
"""
FUNCTIONS = 8
CALLS = f"""
import sys
from time import process_time
import user
from s2sad import grad
def call(name):
    start = process_time()
    grad(getattr(user, name))(0.3, 0.7)
    return process_time() - start
first, *rest = [call(f"f{{n}}") for n in range({FUNCTIONS})]
print(first, sorted(rest)[len(rest) // 2], "libcst" in sys.modules)
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


def in_new_processes(code: str, runs: int, env: dict[str, str]) -> list[list[str]]:
    """What a program prints, each time in a process of its own.

    The first one may write the cache, and Python's own compiled files: it is left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        texts = [thirty().replace("def f(", f"def f{n}(") for n in range(FUNCTIONS)]
        imports, rest = HEAD.split("def f(")[0], "def f"
        bodies = "".join(f"{rest}{text.partition(rest)[2]}" for text in texts)
        (Path(folder) / "user.py").write_text(imports + bodies)
        path = os.pathsep.join([folder, str(Path(__file__).parents[2])])
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        cache = {"S2SAD_CACHE": "1", "S2SAD_CACHE_DIR": str(Path(folder) / "cache")}
        run = partial(
            subprocess.run,
            [sys.executable, "-c", code],
            env={**os.environ, **cache, **env, "PYTHONPATH": path, **compiled},
            capture_output=True,
            text=True,
            check=True,
        )
        run()
        return [run().stdout.split() for _ in range(runs)]


def imports() -> tuple[float, float]:
    """Seconds to load NumPy, and s2sad after it."""
    found = in_new_processes(IMPORTS, 5, {})
    return min(float(a) for a, _ in found), min(float(b) for _, b in found)


def warm() -> tuple[float, float, bool]:
    """Seconds for the first derivative out of the cache, and for each after it; and
    whether libcst was loaded for them.
    """
    found = in_new_processes(CALLS, 5, {})
    first, later = (min(float(line[k]) for line in found) for k in (0, 1))
    return first, later, any(line[2] == "True" for line in found)


def parsing(text: str, runs: int = 5) -> float:
    """Seconds that libcst takes to read a text."""
    import libcst

    best = float("inf")
    for _ in range(runs):
        start = process_time()
        libcst.parse_module(text)
        best = min(best, process_time() - start)
    return best


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
    return math.log(x) + x * y - math.sin(y)


def tiny_by_hand(x, y):
    return y + 1.0 / x, x - math.cos(y)


GUARDED = 1  # names that the gradient of `tiny` depends on: `math`


def figures() -> dict[str, Any]:
    """All of it, in seconds."""
    from s2sad import grad

    before = os.environ.get("S2SAD_CACHE")
    os.environ["S2SAD_CACHE"] = "0"
    try:
        # first, before large programs have filled the memory
        slope = grad(tiny, (0, 1))
        slope(1.0, 2.0)
        calls = (slope, slope.specialized(1.0, 2.0), tiny_by_hand)
        whole, own, hand = (nanoseconds(partial(f, 1.0, 2.0)) * 1e-9 for f in calls)
        in_a_loop()
        lambdas = nanoseconds(in_a_loop, 1000) * 1e-9
        derivation(statements(3))  # loads what there is to load
        short = derivation(thirty(), 9)
        sizes = {n: derivation(statements(n), 2) for n in (1_000, 3_000, 10_000)}
    finally:
        if before is None:
            del os.environ["S2SAD_CACHE"]
        else:
            os.environ["S2SAD_CACHE"] = before
    numpy, mine = imports()
    first, later, loaded = warm()
    return {
        "30 lines": short,
        "libcst, 30 lines": parsing(thirty()),
        "statements": {str(n): seconds for n, seconds in sizes.items()},
        "call": whole,
        "body": own,
        "by hand": hand,
        "lambda": lambdas,
        "import numpy": numpy,
        "import s2sad": mine,
        "first from cache": first,
        "from cache": later,
        "libcst loaded": loaded,
    }


def figures_by_themselves() -> dict[str, Any]:
    """The same from a new process: in one that holds other libraries and large arrays
    each collection of garbage takes long, whoever caused it.
    """
    code = "import json; from tests.benchmarks.derivation import figures as f; "
    code += "print(json.dumps(f()))"
    out = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(out.stdout.splitlines()[-1])


@fresh_cache()
def main() -> None:
    from tests.benchmarks.bars import of_deriving

    print(of_deriving(figures()))
    for count in (500, 1000, 2000):
        print(f"{count:5} terms          {derivation(chain(count)):8.2f} s")
    print(f"  150 brackets       {derivation(brackets(150)):8.2f} s")


if __name__ == "__main__":
    main()
