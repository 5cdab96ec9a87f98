"""What can be put in: one small change of the text of a module at a time."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("rules", "ad", "opt", "analysis", "emit")
FILES = {  # of these rooms not all: the others read kinds, choose names, lay out text
    "analysis": "activity affine final lineage overlap",
    "emit": "classes copies families idle moves nest order ranges sharing",
}
COMPLAINTS = ("refuse", "equality")  # words and places of what is refused

WIDER = ("condition", "comparison", "constant")  # beyond signs, factors, zeroing and +=

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
EDGES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITES = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
WORDS = {  # names of primitives that passes and rules make
    "additem": "setitem",
    "setitem": "additem",
    "add": "sub",
    "zeros_like": "ones_like",
    "sum": "mean",
    "neg": "pos",
}
# Of these the other order fails at once, or is the same.
ORDERED = (
    "isinstance issubclass lift same zip getattr hasattr "
    "min max maximum minimum least is_python "
    "join_kinds _join_containers _join_with_none"
).split()
# Statements that only complain or count do no mathematics.
SILENT = ("annotation", "returns", "decorator_list", "format_spec")
QUIET = ("refuse", "raise", "warn", "check", "append_note", "assert")


@dataclass(frozen=True)
class Fault:
    """One mutant: a stretch of a file, and what stands there instead."""

    path: str  # from the root
    kind: str
    line: int
    column: int  # in bytes
    start: int  # in the bytes of the text
    end: int
    before: str
    after: str
    names: tuple[str, ...]  # top-level names of the module that it may change

    def text(self) -> str:
        whole = bytes_of(self.path)  # as it was when the place was found
        changed = whole[: self.start] + self.after.encode() + whole[self.end :]
        return changed.decode()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.before} -> {self.after}"


@functools.lru_cache(None)
def bytes_of(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def paths_of(rooms: tuple[str, ...] = ROOMS) -> list[str]:
    """The files that are mutated, from the root."""
    found = []
    for room in rooms:
        for path in sorted((ROOT / "s2sad" / room).glob("*.py")):
            if path.name[0] == "_" or path.stem in COMPLAINTS:
                continue
            if path.stem in FILES.get(room, path.stem).split():
                found.append(str(path.relative_to(ROOT)))
    return found


def all_faults(rooms: tuple[str, ...] = ROOMS, wider: bool = False) -> list[Fault]:
    found = (fault for path in paths_of(rooms) for fault in faults_of(path))
    return [fault for fault in found if wider or fault.kind not in WIDER]


def faults_of(where: str) -> list[Fault]:
    text = bytes_of(where)
    module = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    users = users_of(module)
    found: list[Fault] = []
    for top in module.body:
        names = names_of(top)
        reached = sorted({user for name in names for user in users[name]})
        for node, kind, after in changes(top):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            before = text[start:end].decode()
            if before != after:
                found.append(
                    Fault(
                        where, kind, node.lineno, node.col_offset, start, end, before,
                        after, tuple(reached),
                    )
                )  # fmt: skip
    return found


# ---- which names a fault may change --------------------------------------------------


def names_of(top: ast.stmt) -> list[str]:
    if isinstance(top, (ast.FunctionDef, ast.ClassDef)):
        return [top.name]
    if isinstance(top, ast.Assign):
        return [t.id for t in top.targets if isinstance(t, ast.Name)]
    return []


def users_of(module: ast.Module) -> dict[str, set[str]]:
    """For each top-level name, itself and those that use it, at any distance."""
    uses = {}
    for top in module.body:
        read = {n.id for n in ast.walk(top) if isinstance(n, ast.Name)}
        for name in names_of(top):
            uses[name] = read
    users = {name: {name} for name in uses}
    changed = True
    while changed:
        changed = False
        for name, read in uses.items():
            for other in read & users.keys():
                if not users[name] <= users[other]:
                    users[other] |= users[name]
                    changed = True
    return users


# ---- the changes ---------------------------------------------------------------------

Change = tuple[ast.AST, str, str]


def changes(top: ast.stmt) -> Iterator[Change]:
    """Every place in a statement, what kind of fault, and the text to put there."""
    if isinstance(top, (ast.Import, ast.ImportFrom)) or is_limit(top):
        return
    waiting: list[ast.AST] = [top]
    tested = set()  # `a == b` as a condition is turned round once
    numbers = set()  # that something is multiplied by, divided by, added to
    places: set[ast.AST] = set()  # `a[-1]` counts from the end
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            numbers |= {node.left, node.right}
        if isinstance(node, ast.Subscript):
            places |= {node.slice, *ast.iter_child_nodes(node.slice)}
        if isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr)) or is_quiet(node):
            continue
        for target, kind, after in change(node):
            if kind == "condition":
                tested.add(target)
            if kind == "constant" and target in numbers:
                kind = "number"
            if isinstance(target, ast.UnaryOp) and target in places:
                kind = "constant"
            if target not in tested or kind == "condition" or has_edge(target):
                yield target, kind, after
        for name, value in ast.iter_fields(node):
            if name in SILENT or name == "value" and is_idle(node):
                continue
            children = value if isinstance(value, list) else [value]
            waiting += [child for child in children if isinstance(child, ast.AST)]


def is_limit(top: ast.stmt) -> bool:
    """`CASES = 64`: how hard it tries; beyond that it gives the careful answer."""
    value = top.value if isinstance(top, ast.Assign) else None
    return isinstance(value, ast.Constant) and type(value.value) is int


def has_edge(node: ast.AST) -> bool:
    return not isinstance(node, ast.Compare) or type(node.ops[0]) in EDGES


def is_idle(node: ast.AST) -> bool:
    """`strict=True` only complains of what does not happen."""
    return isinstance(node, ast.keyword) and node.arg == "strict"


def is_quiet(node: ast.AST) -> bool:
    """A complaint: `refusals.add(refuse(...))`, `refusals.check()`; a documentation."""
    if not isinstance(node, (ast.Expr, ast.Return)) or node.value is None:
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return isinstance(node, ast.Expr)
    if not isinstance(value, ast.Call):
        return False
    called = [value, *(arg for arg in value.args if isinstance(arg, ast.Call))]
    names = [ast.unparse(call.func).split(".")[-1] for call in called]
    return any(name.startswith(QUIET) for name in names)


def change(node: ast.AST) -> Iterator[Change]:
    text = ast.unparse
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
            return
        left, right = f"({text(node.left)})", f"({text(node.right)})"
        if type(node.op) in SIGNS:
            sign = OPERATORS[SIGNS[type(node.op)]]
            kind = "sign" if sign in "+-" else "factor"
            yield node, kind, f"({left} {sign} {right})"
        if isinstance(node.op, (ast.Add, ast.Sub)):
            yield node, "term dropped", left
        else:
            yield node, "factor dropped", left
        if isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult)):
            sign = OPERATORS[type(node.op)]
            yield node, "operands swapped", f"({right} {sign} {left})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node, "sign", f"({text(node.operand)})"
    elif isinstance(node, ast.AugAssign) and type(node.op) in SIGNS:
        sign = OPERATORS[SIGNS[type(node.op)]]
        where, value = text(node.target), text(node.value)
        if isinstance(node.op, ast.Add):
            yield node, "accumulation", f"{where} = {value}"
        yield node, "sign", f"{where} {sign}= {value}"
    elif isinstance(node, ast.Constant):
        yield from constant(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node, "statement dropped", "pass"
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        if not isinstance(node.test, ast.Constant):
            yield negated(node.test)
    elif isinstance(node, ast.comprehension):
        yield from map(negated, node.ifs)
    elif isinstance(node, ast.Compare):
        yield from compared(node)
    elif isinstance(node, ast.Call):
        yield from swapped_arguments(node)
        yield from filled(node.func)


def negated(test: ast.expr) -> Change:
    return test, "condition", f"(not ({ast.unparse(test)}))"


def compared(node: ast.Compare) -> Iterator[Change]:
    """At its edge, or the other way round."""
    sort = type(node.ops[0])
    other = EDGES.get(sort) or OPPOSITES.get(sort)
    if other is not None and len(node.ops) == 1:
        changed = ast.Compare(node.left, [other()], node.comparators)
        yield node, "comparison", f"({ast.unparse(changed)})"


def filled(func: ast.expr) -> Iterator[Change]:
    """`np.zeros(n)` -> `np.ones(n)`"""
    if isinstance(func, ast.Attribute) and func.attr in ("zeros", "zeros_like"):
        ones = func.attr.replace("zeros", "ones")
        yield func, "zeroing", f"{ast.unparse(func.value)}.{ones}"


def constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield node, "constant", str(not value)
    elif isinstance(value, (int, float)):
        yield node, "constant", repr(value + 1)
    elif isinstance(value, str) and value in WORDS:
        yield node, "primitive", repr(WORDS[value])


def swapped_arguments(node: ast.Call) -> Iterator[Change]:
    """`solve(a, b)` -> `solve(b, a)`, for primitives: what is called by a plain name."""
    plain = isinstance(node.func, ast.Name) and node.func.id.islower()
    names = [arg for arg in node.args if isinstance(arg, ast.Name)]
    plain = plain and node.func.id not in ORDERED
    if plain and len(node.args) == len(names) == 2 and names[0].id != names[1].id:
        first, second = names
        words = ", ".join([second.id, first.id, *map(ast.unparse, node.keywords)])
        yield node, "operands swapped", f"{ast.unparse(node.func)}({words})"
