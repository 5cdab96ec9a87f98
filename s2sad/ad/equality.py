"""Warn of tests for equality on numbers that vary.

    if x == 0.0: return 1.0         the derivative at 0 is that of `return 1.0`
    return sin(x) / x

The derivative is that of the path taken, which is right for the program and may not be
what was meant: a path for one point only has no slope of its own.
"""

from __future__ import annotations

from s2sad.ad.refuse import place_of
from s2sad.ad.seeds import Wrt
from s2sad.analysis.activity import Analyser
from s2sad.errors import Diagnostic, refuse
from s2sad.ir.kinds import Scalar, is_float_dtype
from s2sad.ir.nodes import Atom, Op, Program, Span, Var
from s2sad.ir.walk import statements


def equality_tests(program: Program, wrt: Wrt) -> list[Diagnostic]:
    """A warning for each test in the entry function that a varying number decides."""
    entry = program.entry
    tests = [
        stmt
        for stmt in statements(entry.body)
        if isinstance(stmt, Op)
        and stmt.prim in ("eq", "ne")
        and not (stmt.span and (stmt.span.derived or stmt.span.reverse))  # not a rule's
        and any(map(_number, stmt.args))
    ]
    if not tests:
        return []
    varied = Analyser(program).varied(entry.body, wrt.bind(entry).roots)
    found = [
        test
        for test in tests
        if any(_number(arg) and arg in varied for arg in test.args)
    ]
    return [refuse("equality", place_of(op.span), what=text(op.span)) for op in found]


def _number(atom: Atom) -> bool:
    kind = atom.kind
    return (
        isinstance(atom, Var)
        and isinstance(kind, Scalar)
        and is_float_dtype(kind.dtype)
    )


def text(span: Span | None) -> str:
    """The words of the test itself."""
    if span is None or span.end_line not in (0, span.line):
        return "this"
    return span.source.line(span.line)[span.col : span.end_col or None]
