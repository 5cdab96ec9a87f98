"""Exit codes, streams, colours, JSON, configuration, help."""

import json
import os
import subprocess
import sys

import pytest

from s2sad.cli import main
from s2sad.cli.config import ConfigError, settings
from s2sad.cli.parser import HANDLERS, make_parser
from s2sad.cli.streams import wants_color


def test_every_command_has_a_handler():
    (commands,) = (
        a for a in make_parser({})._actions if hasattr(a, "choices") and a.choices
    )
    assert set(commands.choices) == set(HANDLERS)


@pytest.mark.parametrize("command", [None, *HANDLERS])
def test_help_ends_with_two_examples(capsys, command):
    assert main([command, "--help"] if command else ["--help"]) == 0
    *_, title, first, second = capsys.readouterr().out.rstrip().splitlines()
    assert title == "examples:"
    assert first.startswith("  s2sad ") and second.startswith("  s2sad ")
    if command:
        assert f"s2sad {command}" in first and f"s2sad {command}" in second


def test_version(capsys):
    from s2sad import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"s2sad {__version__}\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        [],
        ["show"],
        ["show", "no_such.py::f"],
        ["show", "no_such_module:f"],
        ["explain", "S2S999"],
        ["examples", "no such"],
        ["check", "textbook::f", "--at", "2.0"],
        ["check", "textbook::f", "--at", "2.0, ("],
        ["check", "textbook::f", "--at", "1 / 0, 1.0"],
        ["rules", "no_such_rule"],
    ],
)
def test_usage_problems_are_two(run, argv):
    code, out, err = run(*argv)
    assert code == 2 and err + out
    assert "Traceback" not in err


def test_a_bug_of_ours_is_101(run, monkeypatch):
    monkeypatch.setattr("s2sad.cli.explain.run", lambda args, out: 1 // 0)
    code, out, err = run("explain")
    assert code == 101 and out == "" and "ZeroDivisionError" in err
    assert "bug of s2sad" in err
    code, out, err = run("explain", "--json")
    assert code == 101 and json.loads(out)["error"]["kind"] == "bug"


def test_json_is_one_object(run):
    for argv in (["explain", "S2S012"], ["doctor"], ["cache", "info"], ["examples"]):
        code, out, _ = run(*argv, "--json")
        answer = json.loads(out)
        assert code == 0 and answer["schema"] == 1 and answer["command"] == argv[0]
    code, out, err = run("explain", "nonsense", "--json")
    assert code == 2 and json.loads(out)["error"]["kind"] == "target" and err


def test_explain_knows_codes_and_names(run):
    for word in ("S2S012", "s2s012", "12", "which-array"):
        code, out, _ = run("explain", word)
        assert code == 0 and out.startswith("## S2S012:")
    code, out, _ = run("explain")
    assert code == 0 and any(line.startswith("S2S012") for line in out.splitlines())
    assert "which-array" in run("explain", "which-arry")[2]


def test_list(run, project):
    project("some.py", "def f(x, n=2):\n    return x\n")
    code, out, _ = run("list", "some.py")
    assert (code, out) == (0, "some.py::f  (x, n=2)\n")


def test_cache_clear(run, tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    code, out, _ = run("cache", "clear")
    assert code == 0 and "0 entries" in out
    monkeypatch.setenv("S2SAD_CACHE", "0")
    assert "S2SAD_CACHE=0" in run("cache", "info")[1]


# ---- colours -------------------------------------------------------------------------


class Terminal:
    def __init__(self, tty):
        self.isatty = lambda: tty


@pytest.mark.parametrize(
    "option, no_color, force, tty, expected",
    [
        ("auto", "", "", True, True),
        ("auto", "", "", False, False),
        ("auto", "1", "", True, False),
        ("auto", "", "1", False, True),
        ("auto", "1", "1", True, False),
        ("always", "1", "", False, True),
        ("never", "", "1", True, False),
    ],
)
def test_who_beats_whom(monkeypatch, option, no_color, force, tty, expected):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("FORCE_COLOR", force)
    assert wants_color(option, Terminal(tty)) is expected


def test_colours_change_no_character(run):
    import re

    plain = run("explain", "S2S012")[1]
    coloured = run("explain", "S2S012", "--color", "always")[1]
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == plain.split()


# ---- configuration -------------------------------------------------------------------


def test_settings_stand_until_the_command_line_says_otherwise(project):
    path = project("pyproject.toml", "[tool.s2sad]\nseconds = 3\nmode = 'jvp'\n")
    parser = make_parser(settings(path.parent))
    assert parser.parse_args(["check", "x"]).seconds == 3.0
    assert parser.parse_args(["check", "x", "--seconds", "5"]).seconds == 5.0
    assert parser.parse_args(["show", "x"]).mode == "jvp"


@pytest.mark.parametrize(
    "text, words",
    [
        ("secnds = 3", "no key `secnds`; did you mean `seconds`?"),
        ("zzz = 3", "no key `zzz`; known: "),
        ("seconds = 'long'", "seconds is a float, not 'long'"),
        ("mode = 'gard'", "did you mean 'grad'?"),
        ("optimize = true", "optimize is a int, not True"),
    ],
)
def test_what_is_not_understood_is_refused(run, project, text, words):
    path = project("pyproject.toml", f"[tool.s2sad]\n{text}\n")
    with pytest.raises(ConfigError) as found:
        settings(path.parent)
    assert words in str(found.value)
    code, out, err = run("explain")
    assert code == 2 and words in err and out == ""


def test_a_broken_pyproject_is_told(run, project):
    project("pyproject.toml", "[tool.s2sad\n")
    code, _, err = run("explain")
    assert code == 2 and "pyproject.toml" in err


# ---- processes -----------------------------------------------------------------------


def shell(*argv, **options):
    command = [sys.executable, "-m", "s2sad", *argv]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, **options
    )


def test_a_closed_pipe_ends_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        process = subprocess.run(
            [sys.executable, "-m", "s2sad", "explain"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert process.stderr == ""


def test_what_a_command_loads():
    """Plain output loads no rich; what derives nothing loads no libcst and no sympy."""
    code = (
        "import sys; from s2sad.cli import main; main(['explain', 'S2S012']); "
        "print(*{m.split('.')[0] for m in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not {"rich", "libcst", "sympy", "numpy"} & set(done.stderr.split())


def test_python_dash_m():
    done = shell("explain", "S2S012")
    assert done.returncode == 0 and done.stdout.startswith("## S2S012")
