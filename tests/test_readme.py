"""The README tells the truth: what it shows is printed, what it says runs.

`pytest --bless tests/test_readme.py` puts the true output in.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"

SHOWN = re.compile(
    r"(?<=<!-- shown: s2sad )(?P<arguments>[^\n]*) -->\n"
    r"```python\n(?P<text>.*?)```\n(?=<!-- end -->)",
    re.DOTALL,
)
RUN = re.compile(r"<!-- run: [^\n]*-->\n```python\n(.*?)```", re.DOTALL)


def python(*arguments):
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_what_it_shows_is_what_is_printed(bless):
    def now(shown):
        arguments = shown["arguments"]
        text = python("-m", "s2sad", *arguments.split())
        return f"{arguments} -->\n```python\n{text}```\n"

    text, count = SHOWN.subn(now, README.read_text(encoding="utf-8"))
    assert count == 1
    bless(README, text)


def test_what_it_says_runs(tmp_path):
    first, *rest = RUN.findall(README.read_text(encoding="utf-8"))
    script = tmp_path / "readme.py"
    script.write_text(first, encoding="utf-8")
    assert "def slope" in python(str(script))
    for block in rest:
        script.write_text(block, encoding="utf-8")
        python(str(script))


def test_the_first_screen_has_the_two_commands():
    """`.ci/run` takes them from here, so they must be found."""
    lines = README.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith(".venv/bin/s2sad show examples/textbook.py::f")
    assert commands[1].endswith(".venv/bin/python -m pytest -q")
