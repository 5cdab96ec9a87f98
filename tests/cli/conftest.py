"""A folder with a file of targets, and the command run in it."""

import textwrap

import pytest

from s2sad.cli import main


@pytest.fixture
def project(tmp_path, monkeypatch):
    """`project("name.py", text)` writes a file in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    # What a command puts on the path, and the modules it loads, go again.
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    (tmp_path / "pyproject.toml").write_text("")

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write


@pytest.fixture
def run(project, capsys):
    """`run("show", "a.py")` -> (exit code, stdout, stderr)."""

    def command(*argv):
        capsys.readouterr()
        code = main([str(arg) for arg in argv])
        return code, *capsys.readouterr()

    return command
