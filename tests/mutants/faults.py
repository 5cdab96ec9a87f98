"""What can be put in: one small change of the text of a module at a time."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("rules", "ad", "opt", "analysis")
FILES = {
    "analysis": ("activity.py", "selected.py"),  # the others read kinds, and refuse
}

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
WORDS = {  # names of primitives that passes and rules make
    "additem": "setitem",
    "setitem": "additem",
    "add": "sub",
    "zeros_like": "ones_like",
    "sum": "mean",
    "neg": "pos",
}
# Statements that only complain or count do no mathematics.
QUIET = ("refuse", "raise", "warn", "check", "append_note", "assert")


@dataclass(frozen=True)
class Fault:
    """One mutant: a stretch of a file, and what stands there instead."""

    path: str  # from the root
    kind: str
    line: int
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


def all_faults(rooms: tuple[str, ...] = ROOMS) -> list[Fault]:
    found = []
    for room in rooms:
        for path in sorted((ROOT / "s2sad" / room).glob("*.py")):
            if path.name in FILES.get(room, (path.name,)) and path.name[0] != "_":
                found += faults_of(path)
    return found


def faults_of(path: Path) -> list[Fault]:
    where = str(path.relative_to(ROOT))
    text = bytes_of(where)
    module = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    users = users_of(module)
    found = []
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
                        where, kind, node.lineno, start, end, before, after,
                        tuple(reached),
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
    if isinstance(top, (ast.Import, ast.ImportFrom)):
        return
    waiting: list[ast.AST] = [top]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr)) or is_quiet(node):
            continue
        yield from change(node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "format_spec"):
                continue
            children = value if isinstance(value, list) else [value]
            waiting += [child for child in children if isinstance(child, ast.AST)]


def is_quiet(node: ast.AST) -> bool:
    """A complaint: `return f.refuse(...)`, `refusals.check()`; a documentation."""
    if not isinstance(node, (ast.Expr, ast.Return)) or node.value is None:
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return isinstance(node, ast.Expr)
    called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return called.split(".")[-1].startswith(QUIET)


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
    elif isinstance(node, (ast.If, ast.IfExp)):
        yield node.test, "condition", f"(not ({text(node.test)}))"
    elif isinstance(node, ast.Call):
        yield from swapped_arguments(node)


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
    if plain and len(node.args) == len(names) == 2 and names[0].id != names[1].id:
        first, second = names
        words = ", ".join([second.id, first.id, *map(ast.unparse, node.keywords)])
        yield node, "operands swapped", f"{ast.unparse(node.func)}({words})"
