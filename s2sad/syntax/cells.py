"""Variables that inner functions assign, as lists of one.

    def f(x):                            def f(x):
        total = 0.0                          total = [0.0]
        def add(v):                          def add(v):
            nonlocal total       ->              total[0] = total[0] + v
            total = total + v                add(x)
        add(x)                               return total[0]
        return total

What `nonlocal` shares between functions is a place, not a value: with its name spelled
as such in the tree, calls hand it on like any other list that they write into. It is
made by its first assignment, or before the statement that this stands in. A variable
that is also bound in other ways than by assignments (a loop, a `with`) stays as it is,
and is refused where it is assigned.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from s2sad.ir.nodes import Var
from s2sad.syntax.names import declared, local_names, own_nodes

Def = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)


def with_cells(function: ast.AST) -> None:
    """Change the tree of a function, and of those inside, where `nonlocal` is used."""
    nodes = list(ast.walk(function))
    if not any(isinstance(node, ast.Nonlocal) for node in nodes):
        return
    for scope in nodes:
        if isinstance(scope, Def):
            for name in sorted(shared(scope)):
                make_cell(scope, name)


def shared(scope: Def) -> set[str]:
    """The variables of this function that functions inside declare `nonlocal`."""
    own = local_names(scope)
    found: set[str] = set()
    stack = list(inner_functions(scope))
    while stack:
        inner, hidden = stack.pop(), set[str]()
        if isinstance(inner, Def):
            names = {n for n, s in declared(inner.body).items() if is_nonlocal(s)}
            found |= names & own
            hidden = local_names(inner)
        if hidden.isdisjoint(own):  # a name that is hidden is not looked for further in
            stack += inner_functions(inner)
    return found


def is_nonlocal(node: ast.AST) -> bool:
    return isinstance(node, ast.Nonlocal)


def inner_functions(scope: Def | ast.Lambda) -> Iterator[Def | ast.Lambda]:
    body = scope.body if isinstance(scope.body, list) else [scope.body]
    for node in own_nodes(body):
        if isinstance(node, FUNCTIONS):
            yield node


def make_cell(scope: Def, name: str) -> None:
    if not only_assigned(scope, name):
        return
    param = parameter(scope, name)
    if param is not None:
        spell_out(scope, name)
        value: ast.expr = ast.copy_location(ast.Name(name, ast.Load()), param)
        scope.body.insert(0, new_cell(name, value, param))
        return
    owns = [mentions(stmt, name, own=True) for stmt in scope.body]
    at = owns.index(True)
    first = scope.body[at]
    alone = isinstance(first, ast.Assign) and not mentions(first.value, name)
    if alone and [getattr(t, "id", None) for t in first.targets] == [name]:
        value = first.value
        spell_out(scope, name)
        scope.body[at] = new_cell(name, value, first)
    else:
        spell_out(scope, name)
        nothing = ast.copy_location(ast.Constant(None), first)
        scope.body.insert(at, new_cell(name, nothing, first))


def new_cell(name: str, value: ast.expr, like: ast.AST) -> ast.Assign:
    """`name = [value]`"""
    target = ast.copy_location(ast.Name(name, ast.Store()), like)
    made = ast.Assign([target], placed(ast.List([value], ast.Load()), value, name))
    return placed(made, like)


def parameter(scope: Def, name: str) -> ast.arg | None:
    args = scope.args
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return next((arg for arg in found if arg.arg == name), None)


def only_assigned(scope: Def, name: str) -> bool:
    """Is it bound by parameters and plain assignments alone, here and further in?"""
    allowed = 0
    bound = 0
    for node in ast.walk(scope):
        if isinstance(node, ASSIGNMENTS):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            allowed += sum(1 for t in targets for n in names_in(t) if n.id == name)
        if isinstance(node, ast.Name) and node.id == name:
            bound += not isinstance(node.ctx, ast.Load)
        elif binds_otherwise(node, name):
            return False
    return allowed == bound


def names_in(target: ast.AST) -> Iterator[ast.Name]:
    """The names that an assignment to a target binds."""
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from names_in(part)
    elif isinstance(target, ast.Starred):
        yield from names_in(target.value)


def binds_otherwise(node: ast.AST, name: str) -> bool:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name.split(".")[0]) == name
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name == name
    if isinstance(node, ast.MatchMapping):
        return node.rest == name
    if isinstance(node, ast.arguments):
        return name in (getattr(a, "arg", "") for a in (node.vararg, node.kwarg))
    return isinstance(node, ast.Global) and name in node.names


def mentions(node: ast.AST, name: str, own: bool = False) -> bool:
    """Does the name stand in it? `own`: functions inside are not run there."""
    inside = own_nodes([node]) if own else ast.walk(node)
    return any(isinstance(n, ast.Name) and n.id == name for n in inside)


def spell_out(scope: Def, name: str) -> None:
    """`name[0]` for `name`, wherever it means the variable of this scope."""
    stack: list[ast.AST] = list(scope.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Nonlocal):
            node.names = [other for other in node.names if other != name]
            continue
        hides = isinstance(node, FUNCTIONS) and name in local_names(node)
        for field, value in ast.iter_fields(node):
            if hides and field == "body":
                continue
            if isinstance(value, ast.AST):
                setattr(node, field, entry(value, name))
                stack.append(value)
            elif isinstance(value, list):
                setattr(node, field, [entry(item, name) for item in value])
                stack += [item for item in value if isinstance(item, ast.AST)]
    for node in ast.walk(scope):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Subscript):
            node.simple = 0


def entry(node: object, name: str) -> object:
    if not isinstance(node, ast.Name) or node.id != name:
        return node
    base, index = ast.Name(name, ast.Load()), ast.Constant(0)
    for part in (base, index):
        ast.copy_location(part, node)
    return placed(ast.Subscript(base, index, node.ctx), node, name)


def placed(node: ast.AST, like: ast.AST, cell: str = "") -> Any:
    """The node where another one stood; `cell` is the variable it stands for."""
    node.cell = cell  # type: ignore[attr-defined]
    return ast.copy_location(node, like)


def name_by_cell(node: ast.AST, value: object) -> None:
    """What is put into a list that stands for a variable has its name."""
    if isinstance(value, Var) and not value.name:
        value.name = getattr(node, "cell", "")
