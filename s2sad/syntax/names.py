"""Which names a piece of syntax assigns: Python's own rule for what is local."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
Def = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


_NEVER_BIND = frozenset((ast.BinOp, ast.Call, ast.Constant, ast.Attribute, ast.Assign))


# Without a walrus, nothing in these binds a name.
_INERT = frozenset(
    (ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.IfExp, ast.UnaryOp)
)


def assigned(nodes: Iterable[ast.AST], walrus: bool = True) -> dict[str, None]:
    """The names that these statements bind in their own scope, in order."""
    return _bound(own_nodes(nodes, walrus))


def _bound(nodes: Iterable[ast.AST]) -> dict[str, None]:
    found: dict[str, None] = {}
    for node in nodes:
        if type(node) in _NEVER_BIND:
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] = None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] = None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = None
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found[node.name] = None
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            found[node.name] = None
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found[node.rest] = None
    return found


def own_nodes(nodes: Iterable[ast.AST], walrus: bool = True) -> Iterator[ast.AST]:
    """The nodes in a scope, in order: not those in functions and comprehensions inside.

    Of a comprehension only what a walrus binds belongs to the scope around it. Without
    a `walrus` in the text, not those in expressions either, as they bind nothing.
    """
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not walrus and type(node) in _INERT:
            continue
        if isinstance(node, SCOPES):
            stack.extend(_outside(node))
        elif isinstance(node, COMPREHENSIONS):
            stack.extend(
                inner.target
                for inner in ast.walk(node)
                if isinstance(inner, ast.NamedExpr)
            )
        else:
            stack.extend(children_of(node)[::-1])


# Fields that hold no syntax of their own, or none that binds a name.
_PLAIN = frozenset("ctx op ops id attr arg kind type_comment lineno name".split())
_INNER: dict[type, tuple[str, ...]] = {}


def children_of(node: ast.AST) -> list[ast.AST]:
    """What `ast.iter_child_nodes` gives, without contexts and operators."""
    cls = type(node)
    names = _INNER.get(cls)
    if names is None:
        names = _INNER[cls] = tuple(n for n in cls._fields if n not in _PLAIN)
    found: list[ast.AST] = []
    for name in names:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
    return found


def _outside(node: ast.AST) -> list[ast.AST]:
    """What of a nested function runs in the scope around it."""
    args = getattr(node, "args", None)
    found: list[ast.AST] = list(getattr(node, "decorator_list", ()))
    if isinstance(args, ast.arguments):
        found += [*args.defaults, *(d for d in args.kw_defaults if d is not None)]
    return found


def declared(body: Iterable[ast.AST]) -> dict[str, ast.Global | ast.Nonlocal]:
    """Names under `global` or `nonlocal`, with the statement."""
    return _declared(own_nodes(body))


def _declared(nodes: Iterable[ast.AST]) -> dict[str, ast.Global | ast.Nonlocal]:
    return {
        name: node
        for node in nodes
        if isinstance(node, (ast.Global, ast.Nonlocal))
        for name in node.names
    }


def local_names(node: Def | ast.Lambda) -> set[str]:
    """The parameters and everything the body assigns."""
    return names_of(node)[0]


def names_of(
    node: Def | ast.Lambda, walrus: bool = True
) -> tuple[set[str], dict[str, ast.Global | ast.Nonlocal]]:
    """What is local, and what is under `global` or `nonlocal`, with the statement."""
    args = node.args
    found = {a.arg for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]}
    found |= {a.arg for a in (args.vararg, args.kwarg) if a is not None}
    body = node.body if isinstance(node.body, list) else [node.body]
    nodes = list(own_nodes(body, walrus))
    elsewhere = _declared(nodes)
    return (found | set(_bound(nodes))) - set(elsewhere), elsewhere


PARTS = (ast.stmt, ast.match_case, ast.ExceptHandler)  # what has statements in it


def leaves_by(stmts: Iterable[ast.stmt], kinds: tuple[type, ...]) -> bool:
    """May these statements leave by a `return`, or a `break` of the loop around
    them?
    """
    stack = list(stmts)
    while stack:
        node = stack.pop()
        if isinstance(node, kinds):
            return True
        if isinstance(node, SCOPES) or not isinstance(node, PARTS):
            continue
        inside_loop = isinstance(node, (ast.For, ast.While))
        for child in ast.iter_child_nodes(node):
            if inside_loop and child in node.body:
                if ast.Return in kinds:
                    if leaves_by([child], (ast.Return,)):
                        return True
                continue
            stack.append(child)
    return False


def targets_of(loop: ast.AST) -> list[ast.AST]:
    """What a loop itself assigns at the start of every trip."""
    if isinstance(loop, ast.For):
        return [loop.target]
    if isinstance(loop, ast.While):
        return [n for n in [loop.test] if isinstance(n, ast.NamedExpr)]
    return []


def surely_assigned(stmts: Iterable[ast.AST]) -> set[str]:
    """The names that these statements assign on every path to their end."""
    found: set[str] = set()
    for stmt in stmts:
        if isinstance(stmt, ast.If):
            sides = [
                surely_assigned(side)
                for side in (stmt.body, stmt.orelse)
                if not (side and isinstance(side[-1], (ast.Return, ast.Raise)))
            ]
            found |= set.intersection(*sides) if sides else set()
        elif isinstance(stmt, ast.With):
            found |= surely_assigned(stmt.body)
        elif isinstance(stmt, ast.Try):
            sides = [surely_assigned([*stmt.body, *stmt.orelse])] + [
                surely_assigned(handler.body)
                for handler in stmt.handlers
                if not always_leaves(handler.body)
            ]
            found |= set.intersection(*sides) | surely_assigned(stmt.finalbody)
        elif not isinstance(stmt, (ast.For, ast.While, ast.Match)):
            found |= set(assigned([stmt]))
        if leaves_by([stmt], (ast.Break, ast.Continue)):
            break
    return found


def assigned_anew(stmts: Iterable[ast.AST]) -> set[str]:
    """Those of them that no statement before may have assigned, or left as it was.

    After `if i == 0: x = w`, what `x = f(x)` reads may be of an earlier trip.
    """
    found: set[str] = set()
    perhaps: set[str] = set()
    for stmt in stmts:
        sure = surely_assigned([stmt])
        if isinstance(stmt, ast.If):
            for side in (stmt.body, stmt.orelse):
                perhaps |= surely_assigned(side) - assigned_anew(side)
        elif isinstance(stmt, ast.With):
            perhaps |= surely_assigned(stmt.body) - assigned_anew(stmt.body)
        found |= sure - perhaps
        perhaps |= assigned([stmt]).keys() - sure
        if leaves_by([stmt], (ast.Break, ast.Continue)):
            break
    return found


def always_leaves(stmts: list[ast.stmt]) -> bool:
    """Does every path through these statements end in return, break, continue
    or raise?
    """
    if not stmts:
        return False
    last = stmts[-1]
    if isinstance(last, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return always_leaves(last.body) and always_leaves(last.orelse)
    return False
