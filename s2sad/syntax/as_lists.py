"""Sets that grow, and queues that forget, as lists.

    seen = set()                          seen = []
    if k not in seen:                     if k not in seen:
        seen.add(k)                ->         if k not in seen: seen.append(k)

    last = deque([0.0], maxlen=3)         last = deque([0.0])
    last.append(v)                 ->     last.append(v)
                                          if len(last) > 3: last.popleft()

This is done in the tree, for a variable that the function keeps to itself: it is bound
by such calls alone, and everything that is done with it is among what is listed below,
so that nobody else can see that it is a list. Whether `set` and `deque` are the ones
of Python is asked when the call is lowered (`as_list` marks it). Queues without bounds
are lists anyway (`builtin_calls`).
"""

from __future__ import annotations

import ast
from typing import Any

from s2sad.syntax.names import local_names

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
READERS = frozenset(
    "len sum min max any all list tuple sorted reversed zip map".split()
)
READERS |= {"enumerate", "print", "range"}
LEFT_ALONE = frozenset("pop popleft index count clear".split())


def with_lists(function: ast.AST) -> None:
    """Change the tree of a function where it has such variables."""
    nodes = list(ast.walk(function))
    calls = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    words = calls | {n.id for n in nodes if isinstance(n, ast.Name)}
    if not {"add", "discard", "deque"} & words:
        return
    parents, uses = parents_and_uses(function, nodes)
    for name, found in uses.items():
        Variable(name, found, parents).spell()


def parents_and_uses(
    function: ast.AST, nodes: list[ast.AST]
) -> tuple[dict[ast.AST, ast.AST], dict[str, list[ast.Name]]]:
    """In what each node stands, and where each name does that no inner function has for
    itself.
    """
    parents = {c: node for node in nodes for c in ast.iter_child_nodes(node)}
    uses: dict[str, list[ast.Name]] = {}
    for node in nodes:
        if isinstance(node, ast.Name):
            uses.setdefault(node.id, []).append(node)
    for node in nodes:
        if isinstance(node, FUNCTIONS) and node is not function:
            for name in local_names(node):
                uses.pop(name, None)
    return parents, uses


class Variable:
    """One name of a function, and all places where it stands."""

    def __init__(
        self, name: str, uses: list[ast.Name], parents: dict[ast.AST, ast.AST]
    ) -> None:
        self.name = name
        self.uses = uses
        self.parents = parents

    def up(self, node: ast.AST, levels: int = 1) -> ast.AST:
        for _ in range(levels):
            node = self.parents.get(node, ast.Pass())
        return node

    def spell(self) -> None:
        stores = [use for use in self.uses if not isinstance(use.ctx, ast.Load)]
        loads = [use for use in self.uses if isinstance(use.ctx, ast.Load)]
        binds = [self.up(store) for store in stores]
        plain = all(isinstance(b, ast.Assign) and len(b.targets) == 1 for b in binds)
        if not binds or not plain:
            return
        values: list[Any] = [bind.value for bind in binds]  # type: ignore[attr-defined]
        changes = [self.changed(use) for use in loads]
        if all(map(is_new_set, values)) and any(changes):
            if all(c or self.asks(use) for c, use in zip(changes, loads)):
                self.as_set(binds, changes)
            return
        bounds = [most(value) for value in values]
        if None not in bounds and len({ast.dump(b) for b in bounds if b}) == 1:
            if all(self.reads(use) for use in loads) and not self.moves(bounds[0]):
                self.as_queue(values, loads, bounds[0])

    def moves(self, bound: Any) -> bool:
        """Is the bound a variable that is assigned more than once?"""
        stores = [n for n in self.parents if isinstance(n, ast.Name)]
        name = getattr(bound, "id", None)
        found = [n for n in stores if n.id == name and not isinstance(n.ctx, ast.Load)]
        return len(found) > 1

    # ---- what is done with it --------------------------------------------------------

    def changed(self, use: ast.Name) -> ast.Call | None:
        """`use.add(v)` as a statement, with a value that may be worked out twice."""
        call = self.called(use, ("add", "discard", "remove"))
        if call is None or not isinstance(self.up(call), ast.Expr):
            return None
        simple = not any(
            isinstance(n, ast.Call) for a in call.args for n in ast.walk(a)
        )
        return call if simple and len(call.args) == 1 and not call.keywords else None

    def called(self, use: ast.Name, methods: Any) -> ast.Call | None:
        method = self.up(use)
        call = self.up(method)
        if isinstance(method, ast.Attribute) and method.attr in methods:
            if isinstance(call, ast.Call) and call.func is method:
                return call
        return None

    def asks(self, use: ast.Name) -> bool:
        """`k in use`, `len(use)`"""
        node = self.up(use)
        if isinstance(node, ast.Compare):
            last = isinstance(node.ops[-1], (ast.In, ast.NotIn))
            return last and node.comparators == [use]
        return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len"

    def reads(self, use: ast.Name) -> bool:
        """What neither lengthens it nor hands it on."""
        node = self.up(use)
        if self.grown(use) is not None or self.called(use, LEFT_ALONE) is not None:
            return True
        if isinstance(node, ast.Subscript):
            return node.value is use and isinstance(node.ctx, ast.Load)
        if isinstance(node, (ast.For, ast.comprehension)):
            return node.iter is use
        if isinstance(node, ast.Call) and use in node.args:
            base = getattr(node.func, "value", None)
            numpys = getattr(base, "id", "") in ("np", "numpy")
            return numpys or getattr(node.func, "id", "") in READERS
        return isinstance(node, (ast.While, ast.If, ast.UnaryOp))

    def grown(self, use: ast.Name) -> ast.Call | None:
        call = self.called(use, ("append", "appendleft"))
        return call if isinstance(self.up(call), ast.Expr) else None  # type: ignore[arg-type]

    # ---- in other words --------------------------------------------------------------

    def as_set(self, binds: list[Any], changes: list[ast.Call | None]) -> None:
        for bind in binds:
            bind.value.as_list = True
        for call in changes:
            if call is None or call.func.attr == "remove":  # type: ignore[attr-defined]
                continue
            adds = call.func.attr == "add"  # type: ignore[attr-defined]
            call.func.attr = "append" if adds else "remove"  # type: ignore[attr-defined]
            there: ast.cmpop = ast.NotIn() if adds else ast.In()
            test = ast.Compare(call.args[0], [there], [self.read(call)])
            self.replace(self.up(call), lambda stmt, test=test: [guard(test, stmt)])

    def as_queue(self, values: list[Any], loads: list[ast.Name], bound: Any) -> None:
        for value in values:
            value.as_list = True
        for use in loads:
            call = self.grown(use)
            if call is None:
                continue
            left = call.func.attr == "append"  # type: ignore[attr-defined]
            method = ast.Attribute(
                self.read(call), "popleft" if left else "pop", ast.Load()
            )
            forget = ast.Expr(ast.Call(method, [], []))
            length = ast.Call(ast.Name("len", ast.Load()), [self.read(call)], [])
            test = ast.Compare(length, [ast.Gt()], [bound])
            self.replace(
                self.up(call),
                lambda stmt, test=test, forget=forget: [stmt, guard(test, forget)],
            )

    def read(self, like: ast.AST) -> ast.Name:
        return ast.Name(self.name, ast.Load())

    def replace(self, stmt: ast.AST, make: Any) -> None:
        """Other statements where this one stands."""
        holder = self.up(stmt)
        for field, body in ast.iter_fields(holder):
            if isinstance(body, list) and stmt in body:
                at = body.index(stmt)
                made = make(stmt)
                for node in made:
                    place(node, stmt)
                    self.parents[node] = holder
                    for inner in ast.iter_child_nodes(node):
                        self.parents[inner] = node
                setattr(holder, field, [*body[:at], *made, *body[at + 1 :]])
                return


def guard(test: ast.expr, stmt: ast.stmt) -> ast.If:
    return ast.If(test, [stmt], [])


def place(node: ast.AST, like: ast.AST) -> None:
    """Say of new nodes that they stand where `like` does."""
    for inner in ast.walk(node):
        if not hasattr(inner, "lineno") and "lineno" in inner._attributes:
            ast.copy_location(inner, like)


def is_new_set(value: ast.AST) -> bool:
    if isinstance(value, ast.Set):
        return True
    named = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "set"
    return named and not value.args  # type: ignore[attr-defined]


def most(value: ast.AST) -> ast.expr | None:
    """The bound of a queue that starts with no more than that many items."""
    if not isinstance(value, ast.Call):
        return None
    name = getattr(value.func, "id", getattr(value.func, "attr", ""))
    words = {word.arg: word.value for word in value.keywords}
    if name != "deque" or set(words) != {"maxlen"} or len(value.args) > 1:
        return None
    bound = words["maxlen"]
    if not isinstance(bound, (ast.Constant, ast.Name)):
        return None
    if not value.args:
        return bound
    start = value.args[0]
    if isinstance(start, ast.BinOp) and isinstance(start.op, ast.Mult):
        times = ast.dump(start.right) == ast.dump(bound)
        one = isinstance(start.left, ast.List) and len(start.left.elts) == 1
        return bound if times and one else None
    few = isinstance(start, (ast.List, ast.Tuple)) and isinstance(bound, ast.Constant)
    if few and isinstance(bound.value, int) and len(start.elts) <= bound.value:  # type: ignore[attr-defined]
        return bound
    return None
