"""A text parsed once, and the node of a code object picked in it.

A `def` is known by its first line and its name. Lambdas share lines: from Python 3.11
on the columns of the instructions tell them apart, before that their code does.
"""

from __future__ import annotations

import ast
import hashlib
import threading
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from s2sad.errors import Place, raise_all, refuse

from .same_code import codes_in, positions, same_code

Def = ast.FunctionDef | ast.AsyncFunctionDef
# The fields that hold statements, or hold what holds them.
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass
class Found:
    """A node and the class in whose body it stands, for the names that it mangles."""

    node: Def | ast.Lambda
    owner: str | None


class Parsed:
    """A text and its tree, with functions found by line."""

    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self.text = text
        self.lines = text.split("\n")
        self.tree = ast.parse(text)
        self.defs: dict[int, list[Found]] = {}
        asserts: set[int] = set()
        stack: list[tuple[ast.AST, str | None]] = [(self.tree, None)]
        while stack:  # statements alone: expressions are most of a tree
            node, owner = stack.pop()
            if isinstance(node, ast.ClassDef):
                owner = node.name
            elif isinstance(node, Def):
                decorated = [each.lineno for each in node.decorator_list]
                first = min([node.lineno, *decorated])
                self.defs.setdefault(first, []).append(Found(node, owner))
            elif isinstance(node, ast.Assert):
                asserts.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            for name in _BLOCKS:
                block = getattr(node, name, None)
                if type(block) is list:
                    stack += [(child, owner) for child in block]
        self.asserts = frozenset(asserts)
        self._lambdas: dict[int, list[Found]] | None = None
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

    def lambdas(self) -> dict[int, list[Found]]:
        """Lambdas by line, found when first asked for."""
        if self._lambdas is None:
            lambdas: dict[int, list[Found]] = {}
            stack: list[tuple[ast.AST, str | None]] = [(self.tree, None)]
            while stack:
                node, owner = stack.pop()
                if isinstance(node, ast.ClassDef):
                    owner = node.name
                elif isinstance(node, ast.Lambda):
                    lambdas.setdefault(node.lineno, []).append(Found(node, owner))
                stack += [(child, owner) for child in ast.iter_child_nodes(node)]
            self._lambdas = lambdas
        return self._lambdas

    def pick(self, func: FunctionType, code: CodeType) -> Found | None:
        """The node of a code object of this text."""
        if code.co_name != "<lambda>":
            for found in self.defs.get(code.co_firstlineno, []):
                if found.node.name == code.co_name:  # type: ignore[union-attr]
                    return found
            return None
        candidates = self.lambdas().get(code.co_firstlineno, [])
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        spans = positions(code)
        if spans:  # a constant has no instruction with a place of its own
            return _innermost(candidates, spans)
        return self._pick_by_code(func, candidates)

    def _pick_by_code(
        self, func: FunctionType, candidates: list[Found]
    ) -> Found | None:
        """Without columns: compile each lambda of the line and compare.

        Those that are left differ in their defaults at most, and literal defaults can
        be compared with the function's own.
        """
        code = func.__code__
        free = ", ".join(code.co_freevars)
        same: list[Found] = []
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


def _innermost(
    candidates: list[Found], spans: list[tuple[int, int, int, int]]
) -> Found | None:
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


_texts: dict[tuple[str, bytes], Parsed] = {}
_KEPT = 32  # files; the oldest goes first
_lock = threading.Lock()


def parse(filename: str, text: str) -> Parsed:
    """The text with its tree, parsed once. Raises SyntaxError."""
    key = (filename, hashlib.blake2b(text.encode(errors="surrogatepass")).digest())
    found = _texts.get(key)
    if found is None:
        found = Parsed(filename, text)
        with _lock:
            while len(_texts) >= _KEPT:
                del _texts[next(iter(_texts))]
            _texts[key] = found
    return found
