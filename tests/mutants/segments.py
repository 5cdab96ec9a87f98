"""Stretches of a module that run as one, and a copy of it that notes which were run.

A function's body is cut where control may part: at each branch, loop, `try`, and after
it. A lambda's body is one segment. What runs when the module is imported belongs to none.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass

FORKING = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BODIES = ("body", "orelse", "finalbody")
NOTED = "__segments_reached__"  # a bytearray among the builtins

Place = tuple[int, int]  # line, column in bytes


@dataclass(frozen=True)
class Segment:
    label: str  # the function's qualified name and a number: edits elsewhere keep it
    start: Place
    end: Place


def segments_of(text: bytes) -> list[Segment]:
    marking = Marking(0)
    marking.block(ast.parse(text).body, "", False)
    return marking.segments


def segment_at(segments: list[Segment], place: Place) -> str | None:
    """The innermost segment around a place; None for what the import runs."""
    around = [s for s in segments if s.start <= place < s.end]
    return max(around, key=lambda s: s.start).label if around else None


def noting(text: bytes, first: int) -> tuple[ast.Module, list[str]]:
    """The module with a note in each segment, and the labels, numbered from `first`."""
    module = ast.parse(text)
    marking = Marking(first)
    module.body = marking.block(module.body, "", False)
    return ast.fix_missing_locations(module), marking.labels


class Marking:
    def __init__(self, first: int) -> None:
        self.first = first
        self.labels: list[str] = []
        self.segments: list[Segment] = []
        self.counts: Counter[str] = Counter()

    def new(self, owner: str) -> int:
        self.labels.append(f"{owner}#{self.counts[owner]}")
        self.counts[owner] += 1
        return self.first + len(self.labels) - 1

    def covers(self, number: int, node: ast.AST) -> None:
        start, end = (
            (node.lineno, node.col_offset),
            (node.end_lineno, node.end_col_offset),
        )
        label = self.labels[number - self.first]
        self.segments.append(Segment(label, start, end))

    def block(self, body: list[ast.stmt], owner: str, runs: bool) -> list[ast.stmt]:
        """Statements one after another; `runs` inside of functions only."""
        made: list[ast.stmt] = []
        number = None
        for place, statement in enumerate(body):
            documents = place == 0 and isinstance(statement, ast.Expr)
            if runs and number is None and not documents:
                number = self.new(owner)
                made.append(ast.copy_location(note(number), statement))
            if number is not None:
                self.covers(number, statement)
            self.inside(statement, owner, runs)
            made.append(statement)
            if isinstance(statement, FORKING):
                number = None
        return made

    def inside(self, node: ast.AST, owner: str, runs: bool) -> None:
        if isinstance(node, FUNCTIONS):
            for value in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
                self.inside(value, owner, runs)
            node.body = self.block(node.body, joined(owner, node.name), True)
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                self.inside(statement, joined(owner, node.name), False)
        elif isinstance(node, ast.Lambda):
            owner = joined(owner, "<lambda>")
            number = self.new(owner)
            self.covers(number, node.body)
            self.inside(node.body, owner, True)
            parts = [note(number).value, node.body]
            node.body = ast.copy_location(ast.BoolOp(ast.Or(), parts), node.body)
        else:
            if not runs and isinstance(node, ast.Assign):
                owner = joined(owner, ast.unparse(node.targets[0]))
            for name, value in ast.iter_fields(node):
                if isinstance(value, list) and name in BODIES and runs:
                    setattr(node, name, self.block(value, owner, runs))
                    continue
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, ast.AST):
                        self.inside(part, owner, runs)


def joined(owner: str, name: str) -> str:
    return f"{owner}.{name}" if owner else name


def note(number: int) -> ast.Expr:
    """A call that gives None, so that a lambda can say `note or body`."""
    return ast.parse(f"{NOTED}.__setitem__({number}, 1)").body[0]
