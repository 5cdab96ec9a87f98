"""Expressions: one generator for each node of the syntax, giving its value.

A leaf needs nothing else lowered: its value is given at once.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Scalar,
    Static,
    Unknown,
)
from s2sad.ir.nodes import Lit, Var
from s2sad.syntax import operators
from s2sad.syntax.comparisons import COMPARE, compare, condition, sequence, truth
from s2sad.syntax.control import choose
from s2sad.syntax.formatting import percent, text_of
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import hold_items
from s2sad.syntax.kinds import describe, is_container
from s2sad.syntax.maybe import note_both, note_negation, sure_of
from s2sad.syntax.resolve import resolve
from s2sad.syntax.run import Task
from s2sad.syntax.values import (
    BAD,
    Closure,
    Items,
    Known,
    SliceValue,
)

EXPRESSIONS: dict[type, Callable[[Frame, Any], Any]] = {}


def expression(*nodes: type) -> Callable[[Any], Any]:
    """Enter a generator, or what gives a leaf's value, into the table."""

    def enter(handler: Any) -> Any:
        for node in nodes:
            EXPRESSIONS[node] = handler
        return handler

    return enter


# ---- leaves --------------------------------------------------------------------------


@expression(ast.Constant)
def constant(f: Frame, node: ast.Constant) -> Lit:
    value = node.value
    if type(value) in (int, float, complex):
        return Lit(value, f.reading.spelling.get((node.lineno, node.col_offset)))
    if isinstance(value, (str, bytes)):
        return Lit(value, f.reading.text(node))
    return Lit(value)


@expression(ast.Name)
def name(f: Frame, node: ast.Name) -> Any:
    return resolve(f, node.id, node)


# ---- operators -----------------------------------------------------------------------

BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.LShift: "shl",
    ast.RShift: "shr",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
}
SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "shl": "<<",
    "shr": ">>",
    "and_": "&",
    "or_": "|",
    "xor": "^",
    "neg": "-",
    "pos": "+",
    "invert": "~",
}
PYTHON = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "neg": operator.neg,
    "pos": operator.pos,
    "and_": operator.and_,
    "or_": operator.or_,
    "xor": operator.xor,
    "invert": operator.invert,
    "div": operator.truediv,
    "pow": operator.pow,
    "shl": operator.lshift,
    "shr": operator.rshift,
}


@expression(ast.BinOp)
def binary(f: Frame, node: ast.BinOp) -> Task:
    left = yield node.left
    right = yield node.right
    prim = BINARY[type(node.op)]
    if is_of_numbers(left, right):
        return f.alike.standing(f, f.op(prim, (left, right), node))  # nearly always
    if prim == "mul" and (isinstance(left, Items) or isinstance(right, Items)):
        for items, count in ((left, right), (right, left)):
            if repeats(f, items, count):
                from s2sad.syntax.comprehensions import repeated

                hold_items(f, [*items.items, *items.items], node)  # many times each
                return (yield repeated(f, items, count, node))
    left, right = sure_of(f, left), sure_of(f, right)
    called = operators.binary(f, prim, left, right, node)
    if called is None:
        return f.alike.standing(f, arithmetic(f, prim, left, right, node))
    return f.alike.standing(f, (yield called))


def operate(f: Frame, prim: str, left: Any, right: Any, node: ast.AST) -> Task:
    """`left op right` of any values."""
    left, right = sure_of(f, left), sure_of(f, right)
    called = operators.binary(f, prim, left, right, node)
    if called is not None:
        return (yield called)
    return arithmetic(f, prim, left, right, node)


def repeats(f: Frame, items: Any, count: Any) -> bool:
    """Is this `[x] * n` with an n that is not known?"""
    if not isinstance(items, Items) or len(items.items) != 1 or f.is_static(count):
        return False
    kind = f.kind(count)
    return isinstance(kind, Scalar) and kind.dtype.startswith("int")


def arithmetic(
    f: Frame, prim: str, left: Any, right: Any, node: ast.AST, name: str = ""
) -> Any:
    """`left op right` for numbers, arrays, strings, lists and tuples."""
    if left is BAD or right is BAD:
        return BAD
    if is_of_numbers(left, right):
        return f.op(prim, (left, right), node, None, name)
    folded = fold(f, prim, (left, right))
    if folded is not None:
        return folded
    joined = join_sequences(f, prim, left, right)
    if joined is not None:
        return joined
    kinds = f.kind(left), f.kind(right)
    if prim == "or_" and all(isinstance(kind, Dict) for kind in kinds):
        from s2sad.syntax.dicts import merged

        made = merged(f, left, right, node)
        if made is not None:
            return made
    if prim == "add" and all(isinstance(kind, List) for kind in kinds):
        prim = "joined"
    if prim == "mod" and is_text(kinds[0]):
        made = percent(f, f.static(left), right, node)
        if made is not None:
            return made
    a, b = f.atom(left, node), f.atom(right, node)
    if a is BAD or b is BAD:
        return BAD
    if any(map(is_text, kinds)):
        fits = prim == "mod" if is_text(kinds[0]) else False
        if fits or all(is_text(k) or isinstance(k, Unknown) for k in kinds):
            return string_operation(f, prim, a, b, node)
    if prim != "joined" and any(
        is_container(k) or isinstance(k, Static) and not _number(k) for k in kinds
    ):
        return f.refuse(
            "operand-kinds",
            node,
            operation=SIGNS[prim],
            kinds=" and ".join(map(describe, kinds)),
        )
    return f.op(prim, (a, b), node, None, name)


def is_numeric(value: Any) -> bool:
    """Is it a number or an array that the run computes?"""
    return isinstance(value, Var) and isinstance(value.kind, (Scalar, Array))


def is_of_numbers(left: Any, right: Any) -> bool:
    """Are both numbers or arrays, of which the run computes one?"""
    if is_numeric(left):
        return is_numeric(right) or is_number(right)
    return is_number(left) and is_numeric(right)


def is_number(value: Any) -> bool:
    return isinstance(value, Lit) and type(value.value) in (int, float, complex)


def is_text(kind: Kind) -> bool:
    return isinstance(kind, Static) and isinstance(kind.value, (str, bytes))


def _number(kind: Static) -> bool:
    return isinstance(kind.value, (bool, int, float, complex))


def string_operation(f: Frame, prim: str, a: Any, b: Any, node: ast.AST) -> Any:
    """`"a" + name`: text that exists at run time, with no derivative."""
    parts = ((0, "", ""), (1, "", ""))
    if prim == "add":
        return text_of(f, list(parts), [a, b], node)
    what = f"`{SIGNS[prim]}` of text that only the run knows"
    return f.refuse("construct", node, what=what)


def fold(f: Frame, prim: str, values: tuple[Any, ...]) -> Any:
    """The result, where all operands are fixed while lowering and not all are
    spelled.
    """
    if (
        all(isinstance(v, Lit) and v.text is not None for v in values)
        and len(values) > 1
    ):
        if not all(isinstance(v.value, (str, bytes)) for v in values):
            return None
    if not all(isinstance(v, (Lit, Known)) for v in values):
        return None
    plain = (int, bool, str, bytes)
    found = [v.value for v in values]
    if all(isinstance(v, frozenset) for v in found) and prim in PYTHON:
        try:
            return Known(PYTHON[prim](*found))
        except TypeError:
            return None
    if not all(isinstance(v, plain) for v in found):
        return None
    if any(isinstance(v, Known) for v in values) and not all(
        isinstance(v, (str, bytes)) for v in found
    ):
        return None
    if prim not in PYTHON or prim in ("div", "pow"):
        return None
    try:
        result = PYTHON[prim](*found)
    except Exception:
        return None
    return Lit(result) if isinstance(result, plain) else None


def join_sequences(f: Frame, prim: str, left: Any, right: Any) -> Any:
    """`+` and `*` of tuples and lists whose items are known; else None."""
    a, b = sequence(f, left), sequence(f, right)
    if prim == "add" and a is not None and b is not None:
        if type(a) is type(b):
            return type(a)(a.items + b.items)
    if prim == "mul" and (a is None) != (b is None):
        items, count = (a, right) if a is not None else (b, left)
        times = f.static(count)
        if (
            items is not None
            and isinstance(times, int)
            and times * len(items.items) <= 64
        ):
            return type(items)(items.items * times)
    return None


@expression(ast.UnaryOp)
def unary(f: Frame, node: ast.UnaryOp) -> Task:
    value = yield node.operand
    if value is BAD:
        return BAD
    if isinstance(node.op, ast.Not):
        return negation(f, value, node)
    prim = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}[type(node.op)]
    value = sure_of(f, value)
    called = operators.special(f, prim, [value], node)
    if called is not None:
        return (yield called)
    if isinstance(value, Lit) and type(value.value) in (int, float, complex):
        sign = SIGNS[prim]
        if prim == "neg" or type(value.value) is int:
            text = None if value.text is None else sign + value.text
            return Lit(PYTHON[prim](value.value), text)
    atom = f.atom(value, node)
    if atom is BAD:
        return BAD
    kind = atom.kind
    if isinstance(kind, Static) and not _number(kind) or is_container(kind):
        return f.refuse(
            "operand-kinds", node, operation=SIGNS[prim], kinds=describe(kind)
        )
    return f.op(prim, (atom,), node)


def negation(f: Frame, value: Any, node: ast.AST) -> Any:
    known = truth(f, value)
    if known is not None:
        return Lit(not known)
    atom = condition(f, value, node)
    if atom is BAD:
        return BAD
    out = f.op("not_", (atom,), node)
    note_negation(f, atom, out)
    return out


# ---- truth ---------------------------------------------------------------------------


@expression(ast.BoolOp)
def boolean(f: Frame, node: ast.BoolOp) -> Task:
    form = "and" if isinstance(node.op, ast.And) else "or"
    return (yield short_circuit(f, form, node.values, 0, node))


def short_circuit(
    f: Frame, form: str, parts: list[ast.expr], i: int, node: ast.AST
) -> Task:
    """`a and b`: b runs only where a does not decide."""
    value = yield parts[i]
    if i + 1 == len(parts) or value is BAD:
        return value
    known = truth(f, value)
    if known is not None:
        if known == (form == "or"):
            return value
        return (yield short_circuit(f, form, parts, i + 1, node))
    atom = condition(f, value, parts[i])
    if atom is BAD:
        return BAD

    second: Any = None

    def go_on() -> Task:
        nonlocal second
        second = yield short_circuit(f, form, parts, i + 1, node)
        return second

    def decided() -> Task:
        return value
        yield

    ways = (go_on, decided) if form == "and" else (decided, go_on)
    out = yield choose(f, atom, *ways, node, form=form)
    note_both(f, form, atom, second, out)
    return out


@expression(ast.IfExp)
def conditional(f: Frame, node: ast.IfExp) -> Task:
    test = yield node.test
    if test is BAD:
        return BAD
    known = truth(f, test)
    if known is not None:
        return (yield node.body if known else node.orelse)
    atom = condition(f, test, node.test)
    if atom is BAD:
        return BAD

    def then() -> Task:
        return (yield node.body)

    def orelse() -> Task:
        return (yield node.orelse)

    return (yield choose(f, atom, then, orelse, node, form="expr"))


# ---- comparison ----------------------------------------------------------------------


@expression(ast.Compare)
def comparison(f: Frame, node: ast.Compare) -> Task:
    left = yield node.left
    return (yield compare_chain(f, node, 0, left))


def compare_chain(f: Frame, node: ast.Compare, i: int, left: Any) -> Task:
    """`a < b < c`: b is evaluated once, c only where `a < b`."""
    prim = COMPARE[type(node.ops[i])]
    if prim in ("in_", "not_in") and isinstance(node.comparators[i], ast.Set):
        right = yield ast.copy_location(
            ast.Tuple(node.comparators[i].elts, ast.Load()), node.comparators[i]
        )
    else:
        right = yield node.comparators[i]
    called = operators.comparison(f, prim, left, right, node)
    if called is not None:
        result = yield called
    else:
        result = compare(f, prim, left, right, node)
    if i + 1 == len(node.ops) or result is BAD:
        return result
    known = truth(f, result)
    if known is False:
        return result
    if known is True:
        return (yield compare_chain(f, node, i + 1, right))
    atom = condition(f, result, node)
    if atom is BAD:
        return BAD

    def go_on() -> Task:
        return (yield compare_chain(f, node, i + 1, right))

    def decided() -> Task:
        return result
        yield

    return (yield choose(f, atom, go_on, decided, node, form="and"))


# ---- the rest ------------------------------------------------------------------------


@expression(ast.NamedExpr)
def walrus(f: Frame, node: ast.NamedExpr) -> Task:
    value = yield node.value
    f.bind(node.target.id, value, node)
    return f.lookup_local(node.target.id)


@expression(ast.Slice)
def slice_(f: Frame, node: ast.Slice) -> Task:
    parts = []
    for part in (node.lower, node.upper, node.step):
        parts.append(None if part is None else (yield part))
    return BAD if BAD in parts else SliceValue(*parts)


@expression(ast.Lambda)
def lambda_(f: Frame, node: ast.Lambda) -> Task:
    defaults = []
    for default in node.args.defaults:
        defaults.append(f.refer((yield default)))  # made once, for all calls
    kw_defaults = []
    for default in node.args.kw_defaults:
        kw_defaults.append(None if default is None else f.refer((yield default)))
    scope = tuple(f.overlays)
    return Closure(node, f, "lambda_", tuple(defaults), tuple(kw_defaults), scope)


@expression(ast.Await)
def await_(f: Frame, node: ast.Await) -> Task:
    return f.refuse("async", node, what="await")
    yield


@expression(ast.Yield, ast.YieldFrom)
def yield_(f: Frame, node: ast.Yield) -> Task:
    return f.refuse("yield", node, what="yield")
    yield


@expression(ast.Starred)
def starred(f: Frame, node: ast.Starred) -> Task:
    return f.refuse("construct", node, what="`*` here")
    yield


@expression(ast.JoinedStr)
def fstring(f: Frame, node: ast.JoinedStr) -> Task:
    """An f-string: text, and numbers of operands with their conversion and format."""
    parts: list[Any] = []
    atoms: list[Any] = []
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            parts.append(piece.value)
            continue
        assert isinstance(piece, ast.FormattedValue)
        value = yield piece.value
        atom = f.atom(value, piece.value)
        if atom is BAD:
            return BAD
        spec = ""
        if piece.format_spec is not None:
            words = piece.format_spec.values  # type: ignore[attr-defined]
            if not all(isinstance(word, ast.Constant) for word in words):
                return f.refuse("construct", piece, what="a computed format")
            spec = "".join(word.value for word in words)
        conversion = "" if piece.conversion < 0 else chr(piece.conversion)
        parts.append((len(atoms), conversion, spec))
        atoms.append(atom)
    return text_of(f, parts, atoms, node)
