"""Each program under fixtures/: its texts are the goldens, and the goldens are right."""

from __future__ import annotations

import copy
import inspect
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from tests.harness.cases import FIXTURES, arguments, case, names, specialized
from tests.harness.mutants import Steps, limited, mutants
from tests.harness.numeric import check_point, seed_names
from tests.harness.values import Outcome, direction, outcome

ROOT = Path(__file__).resolve().parent.parent
NAMES = names()
RAISING = {"checked_log", "maybe_unbound"}  # at a point of theirs, on purpose
every = pytest.mark.parametrize("name", NAMES)


@every
def test_first_order(name, bless):
    """The texts are right when run from the file, and are the goldens.

    The numbers come first, so a wrong derivative cannot be blessed.
    """
    program = case(name)
    texts = program.texts()
    rng = np.random.default_rng(1)
    for number, point in enumerate(program.points):
        functions = []
        for suffix, derived in (
            ("_jvp.py", program.tangent(point.wrt)),
            ("_vjp.py", program.adjoint(point.wrt)),
        ):
            text, loaded = specialized(derived, point)
            assert text == texts[suffix], f"POINTS[{number}] has another text:\n{text}"
            functions.append(program.run(text, loaded, f"<{name}{suffix}>"))
        check_point(program.function, *functions, point, rng)
    for point in program.others:
        pair = program.tangent(point.wrt), program.adjoint(point.wrt)
        check_point(program.function, *pair, point, rng)
    for suffix, text in texts.items():
        bless(program.path(suffix), text)


@every
def test_second_order(name):
    """jvp of vjp against differences of vjp, vjp of vjp against jvp of vjp."""
    from s2sad import adjoint, tangent

    program = case(name)
    rng = np.random.default_rng(2)
    for point in program.points:
        first = program.adjoint(point.wrt)
        expected = outcome(lambda point=point: point.call(program.function))
        if expected.raised:
            continue
        (y_bar,) = seed_names(first, point.signature, {})
        inner = point.holding(**{y_bar: direction(expected.value, rng)})
        pair = tangent(first, point.wrt), adjoint(first, point.wrt)
        check_point(first, *pair, inner, rng, rtol=1e-5)


@every
@pytest.mark.parametrize("suffix", ["_jvp.py", "_vjp.py"])
def test_golden_is_acceptable_input(name, suffix):
    """The golden's text is lowered and derived again."""
    from s2sad import tangent

    program = case(name)
    rng = np.random.default_rng(3)
    point = program.points[0]
    _, loaded = specialized(program.derived(suffix), point)
    golden = program.run(program.golden(suffix), loaded, str(program.path(suffix)))
    names = seed_names(golden, point.signature, {})
    if suffix == "_jvp.py":
        values = directions(point, rng)
    else:
        values = [direction(outcome(lambda: point.call(program.function)).value, rng)]
    inner = point.holding(**dict(zip(names, values, strict=True)))
    check_point(golden, tangent(golden, point.wrt), None, inner, rng, rtol=1e-5)


@every
@pytest.mark.parametrize("suffix", ["_jvp.py", "_vjp.py"])
def test_no_dead_line(name, suffix):
    """Without any one of its statements a golden fails, or gives something else."""
    program = case(name)
    _, loaded = specialized(program.derived(suffix), program.points[0])
    text = program.golden(suffix)
    calls = seeded(program, program.run(text, loaded, "<golden>"))

    def run(text: str) -> list[tuple[Outcome, int]]:
        filename = f"<{name}{suffix}>"
        try:
            function = program.run(text, loaded, filename)
        except SyntaxError as error:
            return [(Outcome(raised=("SyntaxError", str(error))), 0)]
        return [performed(function, point, seeds, filename) for point, seeds in calls]

    whole = run(text)
    idle = getattr(program.module, "IDLE", {})
    dead = [
        what
        for what, mutant in mutants(text)
        if what.partition(": ")[2] not in idle
        and not what.partition(": ")[2].startswith("del ")  # it gives memory back
        and does_nothing(whole, run(mutant))
    ]
    assert not dead, "these do nothing:\n" + "\n".join(dead) + f"\n\n{text}"


def does_nothing(whole, without) -> bool:
    """Is all the same without the statement, and in no more steps?"""
    return all(
        a.agrees(b) and fewer <= steps
        for (a, steps), (b, fewer) in zip(whole, without, strict=False)
    )


def performed(function, point, seeds, filename) -> tuple[Outcome, int]:
    """What a call gives and makes of its arguments, and how many lines it runs."""
    arguments, seeds = copy.deepcopy((dict(point.arguments), seeds))
    bound = inspect.BoundArguments(point.signature, arguments)
    steps = Steps()
    with blank():
        made = outcome(
            lambda: limited(
                lambda: function(*bound.args, **bound.kwargs, **seeds), filename, steps
            )
        )
    sources = [v for v in arguments.values() if isinstance(v, np.random.Generator)]
    drawn = [source.random() for source in sources]  # where they have come to
    made.value = (made.value, arguments, seeds, drawn)
    return made, steps.taken


@contextmanager
def blank():
    """`np.empty` gives NaN: else it may hold what the run before has left there."""

    def filled(make):
        def made(*args, **kwargs):
            array = make(*args, **kwargs)
            if array.dtype.kind == "f":
                array.fill(np.nan)
            return array

        return made

    with (
        patch.object(np, "empty", filled(np.empty)),
        patch.object(np, "empty_like", filled(np.empty_like)),
    ):
        yield


def seeded(program, function):
    """Each point with random seeds for the derived function."""
    rng = np.random.default_rng(4)
    made = []
    for point in program.points:
        names = seed_names(function, point.signature, {})
        if len(names) == 1 and names[0].rstrip("_").endswith("_bar"):
            y = outcome(lambda point=point: point.call(program.function))
            values = [1.0 if y.raised else direction(y.value, rng)]
        else:
            values = directions(point, rng)
        made.append((point, dict(zip(names, values, strict=True))))
    return made


def directions(point, rng):
    """A tangent for each place; a whole number counts as real there."""
    return [direction(float(x) if type(x) is int else x, rng) for x in point.varied()]


# ---- all of them at once -------------------------------------------------------------


def test_goldens_are_formatted():
    """They are fixed points of `ruff format` at 88 columns."""
    if find_spec("ruff") is None:
        pytest.skip("ruff is not installed")
    goldens = [str(path) for path in FIXTURES.glob("*/*_[jv]vp.py")]
    command = [sys.executable, "-m", "ruff", "format", "--diff", "--isolated", *goldens]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


SECOND_PROCESS = """
import json, sys
from tests.harness.cases import case, names
made = {}
for name in names():
    try:
        made[name] = case(name).texts()
    except Exception as error:
        made[name] = {"error": f"{type(error).__name__}: {error}"}
json.dump(made, sys.stdout)
"""


def test_another_process_emits_the_same():
    """With another hash seed, without the cache, in another order of first calls."""
    place = {"S2SAD_CACHE": "0", "PYTHONHASHSEED": "20212", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", SECOND_PROCESS],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **place},
    )
    assert ran.returncode == 0, ran.stderr
    differing = []
    for name, texts in json.loads(ran.stdout).items():
        for suffix, text in texts.items():
            path = FIXTURES / name / f"{name}{suffix}"
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                differing.append(f"{name}{suffix}")
    assert not differing, differing


def test_each_program_says_why_it_is_there():
    for name in NAMES:
        text = (FIXTURES / name / f"{name}.py").read_text(encoding="utf-8")
        assert text.startswith("# "), name


def test_points_can_be_called():
    """No program is broken by itself: each point gives a value, or raises on purpose."""
    for name in NAMES:
        program = case(name)
        for point in [*program.points, *program.others]:
            args, kwargs = arguments(point)
            raised = outcome(lambda: program.function(*args, **kwargs)).raised  # noqa: B023
            assert raised is None or name in RAISING, (name, raised)


def test_the_list_is_complete():
    """fixtures/README.md names every program, under what it is an example of."""
    listed = (FIXTURES / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in listed] == []
