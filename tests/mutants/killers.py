"""Which tests are asked about a mutant, the likeliest first."""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import ROOT, Fault

FIXTURES = ["tests/test_fixtures.py", "-k", "first_order"]
SECOND = ["tests/test_fixtures.py", "-k", "second_order"]
FOUND = ["tests/properties", "-k", "found or programs[0]"]
STAGES = {
    "ad": [["tests/ad"], FIXTURES, FOUND, SECOND],
    "opt": [["tests/opt", "-k", "not time"], FIXTURES, FOUND, ["tests/ad"]],
    "analysis": [["tests/ad"], FIXTURES, FOUND, ["tests/syntax"]],
}
SIGXCPU = getattr(signal, "SIGXCPU", 24)
KNOWN = re.compile(r"^(FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    fault: Fault
    killer: str  # the test that failed first; "" for a survivor
    seconds: float
    decided: bool = True  # no: the machine was too slow to tell


def stages(fault: Fault) -> list[list[str]]:
    room = Path(fault.path).parent.name
    if room != "rules":
        return STAGES[room]
    cases = ["tests/rules/test_derivatives.py"]
    primitives = [name.rstrip("_") for name in fault.names]
    named = known_cases() & {*primitives, *fault.names}
    asked = [[*cases, "-k", " or ".join(f"{name}-" for name in sorted(named))]]
    return [*(asked if named else []), ["tests/rules"], FIXTURES, FOUND]


@functools.lru_cache
def known_cases() -> frozenset[str]:
    """The primitives of which `tests/rules/cases.py` has calls."""
    text = (ROOT / "tests/rules/cases.py").read_text(encoding="utf-8")
    return frozenset(re.findall(r"[\w]+", text))


def judge(fault: Fault, seconds: float) -> Verdict:
    """Put the fault in, and ask the tests until one of them fails.

    Each stage may take so many seconds of processor time; one that takes more does not
    end, which is a failure as well.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        mutant = Path(folder) / "mutant.py"
        mutant.write_text(fault.text(), encoding="utf-8")
        for stage in stages(fault):
            try:
                killer = asked(fault, mutant, stage, seconds)
            except subprocess.TimeoutExpired:
                return Verdict(fault, "", time.monotonic() - began, decided=False)
            if killer:
                return Verdict(fault, killer, time.monotonic() - began)
    return Verdict(fault, "", time.monotonic() - began)


def asked(fault: Fault, mutant: Path, stage: list[str], seconds: float) -> str:
    name = fault.path.removesuffix(".py").replace("/", ".")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "S2SAD_MUTANT": str(mutant),
        "S2SAD_MUTANT_OF": f"{name}={ROOT / fault.path}",
        "S2SAD_MUTANT_SECONDS": str(int(seconds)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    flags = "-x -q -n0 --no-header --tb=no -p no:cacheprovider -p tests.mutants.overlay"
    command = [sys.executable, "-m", "pytest", *flags.split(), *stage]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=20 * seconds,  # by the clock; the limit is in processor time
    )
    if done.returncode == -SIGXCPU:
        return f"does not end ({seconds:.0f} s)"
    if done.returncode in (0, 5):  # all passed, or none was there
        return ""
    found = KNOWN.search(done.stdout)
    return found.group(2) if found else (done.stdout + done.stderr).strip()[-60:]
