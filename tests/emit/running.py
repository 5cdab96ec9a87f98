"""Printing a program and running the text, for the tests of this room."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from s2sad.emit import Names, Text, emit
from s2sad.emit.helpers import helper_functions
from s2sad.ir.nodes import Program

MODULES = {"numpy": np, "math": math}


def ruff() -> str | None:
    """The formatter, if it is installed."""
    beside = Path(sys.executable).parent / "ruff"
    return str(beside) if beside.exists() else shutil.which("ruff")


def formatted(text: str) -> str:
    """The text as `ruff format` would have it."""
    found = ruff()
    assert found is not None
    command = [found, "format", "--isolated", "--line-length", "88", "-"]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr + text
    return done.stdout


def namespace(text: Text) -> dict:
    """What the text needs, as load would bind it."""
    space: dict = {"np": np, "math": math}
    for name, (tag, what) in text.cells.items():
        if tag == "module":
            space[name] = MODULES[what]
        elif tag == "helper":
            space[name] = helper_functions()[what]
        elif tag == "value":
            space[name] = what
    return space


def runnable(program: Program, names: Names | None = None):
    """The printed text, and the function that it defines."""
    text = emit(program, names)
    space = namespace(text)
    try:
        exec(compile(text.text, "<emitted>", "exec"), space)
    except SyntaxError as error:
        raise AssertionError(f"{error}\n{text.text}") from error
    return text, space[text.functions[program.main]]
