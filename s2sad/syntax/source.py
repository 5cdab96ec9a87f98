"""From a function to its text: found by our own means, and proved to be its text.

    source = find_source(f)
    source.text          # "def f(x):\n    return x * x\n"
    source.place(2, 4)   # where line 2, column 4 of that text stands in the user's file

`inspect.getsource` is not used: it guesses where a block ends, fails at plain prompts,
and returns whole lines for lambdas. Here all lines of the file (or cell, or history)
are parsed, the node is picked by line and name, and the text is compiled and compared
with the function. A text that has changed since is refused, for its derivative would be
that of another function.
"""

from __future__ import annotations

import ast
import functools
import io
import textwrap
import tokenize
from dataclasses import dataclass, field
from types import CodeType, FunctionType, MethodType
from typing import Any, NoReturn

from s2sad.errors import Place, raise_all, refuse

from .pick import Found, Parsed, parse
from .same_code import same_code
from .texts import pseudo, remember, texts


@dataclass(frozen=True)
class Source:
    """The text of one function.

    `text` is dedented and starts at `def` (its decorators are in `decorators_text`) or
    at `lambda`; a lambda of several lines is put in brackets, so that it can be parsed
    as it stands. `cuts` says how many columns each line lost, for `place`.
    """

    text: str
    filename: str
    first_line: int  # in the file, from 1
    col_offset: int  # of the first line: 0-based, in characters
    node: str  # "def" or "lambda"
    name: str
    func: FunctionType = field(repr=False)
    decorators_text: str = ""
    cuts: tuple[int, ...] = field(default=(), repr=False)

    def place(
        self,
        line: int,
        col: int,
        end_line: int | None = None,
        end_col: int | None = None,
    ) -> Place:
        """A place of `text` (lines from 1, columns from 0) as a place of the file."""
        return Place(
            self.filename,
            self.first_line + line - 1,
            max(0, col + self._cut(line)),
            None if end_line is None else self.first_line + end_line - 1,
            None if end_col is None else max(0, end_col + self._cut(end_line or line)),
        )

    def _cut(self, line: int) -> int:
        return self.cuts[line - 1] if 1 <= line <= len(self.cuts) else 0


def find_source(func: Any, source: str | None = None) -> Source:
    """The text of `func`, a function, method or lambda; `source` gives it by hand.

    Raises Unsupported where there is none, StaleSource where it has changed.
    """
    plain = plain_function(func)
    if source is not None:
        return _from_given(plain, source)
    code = plain.__code__
    seen = None
    for filename, text in texts(plain):
        found = _look(plain, filename, text)
        if found is not None:
            return found
        seen = seen or (filename, text)
    place = Place(code.co_filename, code.co_firstlineno)
    if seen and not pseudo(code.co_filename):
        _stale(plain, *seen)
    raise_all([refuse("no-source", place, name=code.co_name, reason=_why(code))])


def plain_function(func: Any) -> FunctionType:
    """The Python function that runs when `func` is called.

    Known wrappers are looked through: methods, properties, `lru_cache`, Numba. A
    decorator's wrapper is what runs, so `__wrapped__` is not followed.
    """
    each = func
    for _ in range(32):
        if isinstance(each, FunctionType):
            return each
        kind = type(each)
        if isinstance(each, (MethodType, staticmethod, classmethod)):
            each = each.__func__
        elif isinstance(each, property):
            each = each.fget
        elif isinstance(each, functools.cached_property):
            each = each.func
        elif isinstance(each, functools._lru_cache_wrapper):
            each = each.__wrapped__
        elif str(kind.__module__).startswith("numba") and hasattr(each, "py_func"):
            each = each.py_func
        elif isinstance(each, type) or not callable(each):
            break
        elif hasattr(kind.__call__, "__code__"):
            each = kind.__call__
        else:
            break
    name = getattr(func, "__name__", None) or type(func).__name__
    if isinstance(each, type):
        what = "a class"
    elif isinstance(each, functools.partial):
        what = "a partial"
    elif callable(each):
        what = "compiled or built in"
    else:
        what = f"a {type(func).__name__}"
    raise_all([refuse("not-a-function", None, name=name, what=what)])


# --- in a text


def _look(func: FunctionType, filename: str, text: str) -> Source | None:
    """The function in this text, or None where the text is not the function's."""
    code = func.__code__
    text = text.replace("\r\n", "\n")
    try:
        parsed = parse(filename, text)
        candidates = parsed.codes(code.co_flags)
        if code.co_freevars and pseudo(code.co_filename):
            # Generated: compiled in a function that binds its modules and helpers.
            inside = parsed.codes(code.co_flags, code.co_freevars)
            candidates = [*candidates, *inside]
    except (SyntaxError, ValueError):  # ValueError: a null byte
        return None
    for candidate in candidates:
        if (candidate.co_name, candidate.co_firstlineno) != (
            code.co_name,
            code.co_firstlineno,
        ):
            continue
        if not same_code(code, candidate, parsed.asserts):
            continue
        # A lambda's own columns, not those of its equal elsewhere on the line.
        found = parsed.pick(func, code)
        if found is not None:
            if pseudo(filename):
                remember(filename, text)
            return _cut_out(func, filename, parsed, found)
    return None


def _from_given(func: FunctionType, source: str) -> Source:
    """The text that the caller gave, compared but for its line numbers."""
    code = func.__code__
    text = source.replace("\r\n", "\n").rstrip() + "\n"
    filename = f"<source of {code.co_name}>"
    try:
        ast.parse(text)
    except SyntaxError:
        text = textwrap.dedent(text)
    remember(filename, text)
    try:
        parsed = parse(filename, text)
        candidates = parsed.codes(code.co_flags, code.co_freevars)
    except SyntaxError as error:
        place = Place(filename, error.lineno or 1, max(0, (error.offset or 1) - 1))
        raise_all([refuse("syntax", place, what=error.msg)])
    for candidate in reversed(candidates):  # the last definition is the one that holds
        if candidate.co_name != code.co_name:
            continue
        if same_code(code, candidate, parsed.asserts, lines=False):
            pick = parsed.pick(func, candidate)
            if pick is not None:
                return _cut_out(func, filename, parsed, pick)
    named = any(candidate.co_name == code.co_name for candidate in candidates)
    reason = "it computes something else" if named else f"it has no `{code.co_name}`"
    place = Place(filename, 1)
    raise_all([refuse("wrong-source", place, name=code.co_name, reason=reason)])


# --- cutting it out


def _cut_out(func: FunctionType, filename: str, parsed: Parsed, found: Found) -> Source:
    node = found.node
    if isinstance(node, ast.Lambda):
        return _cut_lambda(func, filename, parsed, node)
    col = parsed.column(node)
    first, last = node.lineno, _with_comments(parsed.lines, node.end_lineno or 0, col)
    lines = parsed.lines[first - 1 : last]
    # A trailing `; statement` cannot follow a def, so whole lines are its own.
    inside = _inside_strings(lines) if col else set()
    cuts = []
    for number, line in enumerate(lines, 1):
        blank = len(line) - len(line.lstrip(" \t\f"))
        cuts.append(0 if number in inside else min(col, blank))
    text = "".join(line[cut:].rstrip("\n") + "\n" for line, cut in zip(lines, cuts))
    decorators = ""
    if node.decorator_list:
        above = parsed.lines[min(each.lineno for each in node.decorator_list) - 1 :]
        above = above[: first - min(each.lineno for each in node.decorator_list)]
        decorators = textwrap.dedent("\n".join(above) + "\n")
    return Source(
        text, filename, first, col, "def", node.name, func, decorators, tuple(cuts)
    )


def _cut_lambda(
    func: FunctionType, filename: str, parsed: Parsed, node: ast.Lambda
) -> Source:
    first, last = node.lineno, node.end_lineno or node.lineno
    col, end = parsed.column(node), parsed.column(node, end=True)
    if first == last:
        text = parsed.lines[first - 1][col:end]
        cuts: tuple[int, ...] = (col,)
    else:
        middle = parsed.lines[first : last - 1]
        tail = parsed.lines[last - 1][:end]
        head = parsed.lines[first - 1][col:]
        text = "(" + "\n".join([head, *middle, tail]) + ")"
        cuts = (col - 1, *[0] * (last - first))  # the bracket takes a column
    return Source(text, filename, first, col, "lambda", "<lambda>", func, "", cuts)


def _with_comments(lines: list[str], last: int, col: int) -> int:
    """The last line of a body with the comments that close it."""
    end = last
    for number in range(last + 1, len(lines) + 1):
        line = lines[number - 1]
        words = line.lstrip()
        if not words:
            continue
        if not words.startswith("#") or len(line) - len(words) <= col:
            break
        end = number
    return end


def _inside_strings(lines: list[str]) -> set[int]:
    """Numbers of lines that begin inside a string: their blanks belong to it."""
    inside: set[int] = set()
    if not any('"""' in line or "'''" in line or line.endswith("\\") for line in lines):
        return inside
    readline = io.StringIO("\n".join(lines) + "\n").readline
    try:
        for token in tokenize.generate_tokens(readline):
            name = tokenize.tok_name[token.type]
            if name == "STRING" or name.endswith("STRING_MIDDLE"):
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError):
        pass  # the tree was parsed, so only the end of the cut can be at fault
    return inside


# --- saying no


def _why(code: CodeType) -> str:
    filename = code.co_filename
    if filename == "<stdin>":
        return "it was read from standard input, whose text is not kept"
    if filename == "<string>":
        return "it was made from a string by `exec` or `eval`"
    if pseudo(filename):
        return f"nothing is kept of {filename}"
    return f"there is no file {filename}"


def _stale(func: FunctionType, filename: str, text: str) -> NoReturn:
    code = func.__code__
    lines = text.split("\n")
    line = code.co_firstlineno
    if line > len(lines):
        reason = f"{filename} has fewer lines now"
    elif code.co_name != "<lambda>" and not any(
        f"def {code.co_name}" in each for each in lines
    ):
        reason = f"{filename} no longer defines it"
    else:
        reason = f"{filename} has changed since it was imported"
    shown = lines[line - 1] if line <= len(lines) else ""
    place = Place(filename, line, len(shown) - len(shown.lstrip()), line, len(shown))
    name, module = code.co_name, func.__module__ or "module"
    raise_all([refuse("stale-source", place, name=name, reason=reason, module=module)])
