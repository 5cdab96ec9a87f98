"""Kernels: functions of a generated text that Numba compiles.

The text is run as the module that it is, under its own name and from its own file,
which is what Numba's `cache=True` needs: the machine code is kept beside the text, and
another process loads it in milliseconds. Without a file nothing is kept.
"""

from __future__ import annotations

import ast
import os
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from s2sad.errors import Misuse
from s2sad.load.cache import Entry, is_ours
from s2sad.load.module import register

_running = threading.Lock()


def kernels(entry: Entry, names: Sequence[str]) -> dict[str, Callable[..., Any]]:
    """The compiled functions of these names; nothing is compiled before a call."""
    require_numba()
    module = register(entry)
    with _running:
        if names and not hasattr(module, names[0]):
            text = entry.content
            if not may_keep(entry):
                text = re.sub(r"^@njit\(cache=True(?:, )?", "@njit(", text, flags=re.M)
            tree = ast.parse(text, entry.filename)
            tree.body = [s for s in tree.body if not is_shell(s)]
            code = compile(tree, entry.filename, "exec", dont_inherit=True)
            exec(code, module.__dict__)
    return {name: getattr(module, name) for name in names}


def is_shell(statement: ast.stmt) -> bool:
    """A function that runs in the user's namespace, where its defaults have meaning."""
    return isinstance(statement, ast.FunctionDef) and not statement.decorator_list


def may_keep(entry: Entry) -> bool:
    """May machine code be kept beside the text, and believed when it is found there?"""
    if entry.path is None:
        return False
    folder = entry.path.parent / "__pycache__"
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except OSError:
        return False
    return is_ours(folder)


def require_numba() -> None:
    try:
        import numba  # noqa: F401
    except ImportError:
        raise Misuse(
            "target='numba' needs Numba, which is the extra `numba`:"
            " pip install 's2sad[numba]'"
        ) from None
