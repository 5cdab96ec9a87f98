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
import hashlib
import io
import linecache
import os
import sys
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType, MethodType
from typing import Any, NoReturn

from s2sad.errors import Place, raise_all, refuse

from .same_code import codes_in, last_line, positions, same_code

Def = ast.FunctionDef | ast.AsyncFunctionDef


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
    for filename, text in _texts(plain):
        found = _look(plain, filename, text)
        if found is not None:
            return found
        seen = seen or (filename, text)
    place = Place(code.co_filename, code.co_firstlineno)
    if seen and not _pseudo(code.co_filename):
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


# --- where text comes from


def _texts(func: FunctionType) -> Iterator[tuple[str, str]]:
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
        if not _pseudo(filename) and path.endswith(".py"):
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


def _from_given(func: FunctionType, source: str) -> Source:
    """The text that the caller gave, compared but for its line numbers."""
    code = func.__code__
    text = source.replace("\r\n", "\n").rstrip() + "\n"
    filename = f"<source of {code.co_name}>"
    try:
        ast.parse(text)
    except SyntaxError:
        text = textwrap.dedent(text)
    _remember(filename, text)
    try:
        parsed = _parse(filename, text)
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


# --- picking the node


@dataclass
class _Found:
    """A node and the class in whose body it stands, for the names that it mangles."""

    node: Def | ast.Lambda
    owner: str | None


class _Parsed:
    """A text and its tree, with functions found by line."""

    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self.text = text
        self.lines = text.split("\n")
        self.tree = ast.parse(text)
        self.defs: dict[int, list[_Found]] = {}
        self.lambdas: dict[int, list[_Found]] = {}
        lines: set[int] = set()
        stack: list[tuple[ast.AST, str | None]] = [(self.tree, None)]
        while stack:
            node, owner = stack.pop()
            if isinstance(node, ast.ClassDef):
                owner = node.name
            elif isinstance(node, Def):
                decorated = [each.lineno for each in node.decorator_list]
                first = min([node.lineno, *decorated])
                self.defs.setdefault(first, []).append(_Found(node, owner))
            elif isinstance(node, ast.Lambda):
                self.lambdas.setdefault(node.lineno, []).append(_Found(node, owner))
            elif isinstance(node, ast.Assert):
                lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            stack += [(child, owner) for child in ast.iter_child_nodes(node)]
        self.asserts = frozenset(lines)
        self._codes: dict[tuple[int, tuple[str, ...]], list[CodeType]] = {}

    def codes(self, flags: int, free: tuple[str, ...] = ()) -> list[CodeType]:
        """All code objects of the text; `free` are names of a function around it."""
        key = (flags, free)
        if key not in self._codes:
            text: Any = self.text
            if free:
                text = ast.parse(f"def _({', '.join(free)}): pass")
                text.body[0].body = self.tree.body
            self._codes[key] = codes_in(text, self.filename, flags)
        return self._codes[key]

    def pick(self, func: FunctionType, code: CodeType) -> _Found | None:
        """The node of a code object of this text."""
        if code.co_name != "<lambda>":
            for found in self.defs.get(code.co_firstlineno, []):
                if found.node.name == code.co_name:  # type: ignore[union-attr]
                    return found
            return None
        candidates = self.lambdas.get(code.co_firstlineno, [])
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        spans = positions(code)
        if spans:  # a constant has no instruction with a place of its own
            return _innermost(candidates, spans)
        return self._pick_by_code(func, candidates)

    def _pick_by_code(
        self, func: FunctionType, candidates: list[_Found]
    ) -> _Found | None:
        """Without columns: compile each lambda of the line and compare.

        Those that are left differ in their defaults at most, and literal defaults can
        be compared with the function's own.
        """
        code = func.__code__
        free = ", ".join(code.co_freevars)
        same: list[_Found] = []
        for found in candidates:
            body = ast.get_source_segment(self.text, found.node) or ""
            text = f"def _({free}): ({body})\n"
            if found.owner:
                text = f"class {found.owner}:\n " + text.replace("\n", "\n ")
            inner = codes_in(text, self.filename, code.co_flags)
            first = next(each for each in inner if each.co_name == "<lambda>")
            if same_code(code, first, lines=False) and _defaults_agree(
                func, found.node
            ):
                same.append(found)
        texts = {ast.dump(found.node) for found in same}
        if len(texts) > 1:
            node = same[0].node
            place = Place(self.filename, node.lineno, self.column(node))
            refusal = refuse(
                "ambiguous-source", place, name="<lambda>", count=len(texts)
            )
            raise_all([refusal])
        return same[0] if same else None

    def column(self, node: ast.AST, end: bool = False) -> int:
        """A column of the node in characters; the tree counts bytes."""
        line = node.end_lineno if end else node.lineno  # type: ignore[attr-defined]
        col = node.end_col_offset if end else node.col_offset  # type: ignore
        text = self.lines[line - 1]
        if text.isascii():
            return col
        return len(text.encode()[:col].decode(errors="replace"))


def _look(func: FunctionType, filename: str, text: str) -> Source | None:
    """The function in this text, or None where the text is not the function's."""
    code = func.__code__
    text = text.replace("\r\n", "\n")
    try:
        parsed = _parse(filename, text)
        candidates = parsed.codes(code.co_flags)
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
            if _pseudo(filename):
                _remember(filename, text)
            return _cut_out(func, filename, parsed, found)
    return None


def _innermost(
    candidates: list[_Found], spans: list[tuple[int, int, int, int]]
) -> _Found | None:
    """The lambda whose body encloses all instructions, and as little else as it can.

    The body, not the lambda: `lambda x: lambda y: x` computes its inner lambda, whose
    columns are those of the inner lambda itself.
    """
    start = min((line, col) for line, _, col, _ in spans)
    end = max((end_line, end_col) for _, end_line, _, end_col in spans)
    fitting = []
    for found in candidates:
        body = found.node.body  # type: ignore[union-attr]
        first = (body.lineno, body.col_offset)  # type: ignore[union-attr]
        last = (body.end_lineno, body.end_col_offset)  # type: ignore[union-attr]
        if first <= start and end <= last:
            fitting.append((first, found))
    # Enclosing bodies are nested, so the innermost is the one that starts last.
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def _defaults_agree(func: FunctionType, node: ast.AST) -> bool:
    """Whether the literals among a lambda's defaults are the function's defaults."""
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    values = func.__defaults__ or ()
    if len(values) != len(arguments.defaults):
        return False
    named = func.__kwdefaults__ or {}
    pairs = [*zip(arguments.defaults, values)]
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        if default is not None and parameter.arg in named:
            pairs.append((default, named[parameter.arg]))
    for text, value in pairs:
        try:
            literal = ast.literal_eval(text)
        except ValueError:
            continue
        if type(literal) is not type(value) or repr(literal) != repr(value):
            return False
    return True


# --- cutting it out


def _cut_out(
    func: FunctionType, filename: str, parsed: _Parsed, found: _Found
) -> Source:
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
    func: FunctionType, filename: str, parsed: _Parsed, node: ast.Lambda
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


# --- memory


_parsed: dict[tuple[str, bytes], _Parsed] = {}
_KEPT = 32  # files; the oldest goes first


def _parse(filename: str, text: str) -> _Parsed:
    key = (filename, hashlib.blake2b(text.encode(errors="surrogatepass")).digest())
    found = _parsed.get(key)
    if found is None:
        found = _Parsed(filename, text)
        while len(_parsed) >= _KEPT:
            _parsed.pop(next(iter(_parsed)), None)
        _parsed[key] = found
    return found


def _remember(filename: str, text: str) -> None:
    """Let tracebacks and diagnostics show lines of a text that is in no file."""
    if not linecache.getlines(filename) or filename.startswith("<source of "):
        lines = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)


# --- saying no


def _pseudo(filename: str) -> bool:
    """Whether the name is that of a prompt, a string or a cell, not of a file."""
    return filename.startswith("<") and filename.endswith(">")


def _why(code: CodeType) -> str:
    filename = code.co_filename
    if filename == "<stdin>":
        return "it was read from standard input, whose text is not kept"
    if filename == "<string>":
        return "it was made from a string by `exec` or `eval`"
    if _pseudo(filename):
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
