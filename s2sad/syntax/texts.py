"""Where the text of a function may be: its file or cell, the command line, the history.

Only candidates: whoever asks compiles each and compares it with the function.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType

from .same_code import last_line


def texts(func: FunctionType) -> Iterator[tuple[str, str]]:
    """(file name, text) of all that may hold the function, the likeliest first."""
    code = func.__code__
    filename = code.co_filename
    lines = linecache.getlines(filename, func.__globals__)
    if lines:
        yield filename, "".join(lines)
    # The cache may be older than the module: look at the file itself.
    linecache.checkcache(filename)
    again = linecache.getlines(filename, func.__globals__)
    if again and again != lines:
        yield filename, "".join(again)
    if not again and os.path.isfile(filename):
        yield filename, ""  # emptied since
    path = func.__globals__.get("__file__")
    if not again and isinstance(path, str) and path != filename:
        if not pseudo(filename) and path.endswith(".py"):
            lines = linecache.getlines(path, func.__globals__)
            if lines:
                yield path, "".join(lines)
    if filename == "<string>":
        yield from _command_line(filename)
    if filename == "<stdin>":
        yield from _history(code)


def _command_line(filename: str) -> Iterator[tuple[str, str]]:
    """What stood behind `python -c`; -Ic and -cTEXT are ways of writing it, too."""
    for word in sys.orig_argv[1:]:
        for text in (word, word[2:] if word.startswith("-c") else ""):
            if "def" in text or "lambda" in text:
                yield filename, text + "\n"


def _history(code: CodeType) -> Iterator[tuple[str, str]]:
    """Statements of the prompt's history in which the function may stand.

    Lines of a statement count from 1, as in the code object. Each gets a file name of
    its own: at a plain prompt all statements are called <stdin>.
    """
    readline = sys.modules.get("readline")
    if readline is None:
        return
    count = readline.get_current_history_length()
    lines = [readline.get_history_item(i) or "" for i in range(1, count + 1)]
    word = "lambda" if code.co_name == "<lambda>" else f"def {code.co_name}"
    reach = last_line(code)
    for here in reversed(range(count)):
        if word not in lines[here]:
            continue
        head = here
        while head and lines[head - 1].lstrip().startswith("@"):
            head -= 1
        for first in {here, head}:
            start = first - (code.co_firstlineno - 1)
            if start < 0:
                continue
            for end in range(start + reach, min(start + reach + 60, count + 1)):
                text = "\n".join(lines[start:end]) + "\n"
                try:
                    ast.parse(text)
                except SyntaxError:
                    continue
                yield f"<stdin-{start + 1}>", text
                break


def remember(filename: str, text: str) -> None:
    """Let tracebacks and diagnostics show lines of a text that is in no file."""
    if not linecache.getlines(filename) or filename.startswith("<source of "):
        lines = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)


def pseudo(filename: str) -> bool:
    """Whether the name is that of a prompt, a string or a cell, not of a file."""
    return filename.startswith("<") and filename.endswith(">")
