"""Put small functions where they are called.

    func f(x):                        func f(x):
        y = call g x                      y = mul x, x
        return y                          return y
    func g(a):                 ->
        b = mul a, a
        return b

A function that calls itself, through others too, stays, and so does a large one. The
value that it returns takes the name that the caller gave it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from s2sad.ir.nodes import Atom, Block, Call, Function, If, Program, Var
from s2sad.ir.walk import clone_block, primitives, statements
from s2sad.opt.rewrite import Rewriter

MOST = 12  # statements of a small function
COMPILED = 40  # of one that is, where the text is compiled
GROWTH = 160  # statements that such a one may add to one that calls it


def inline(
    program: Program, keep: Collection[str] = (), native: bool = False
) -> Program:
    """The program without calls of small functions; `keep` names those that stay.

    Where the text is compiled (`native`), a function need not be as small: what it
    keeps for its reverse half would be a tuple of numbers and arrays for each call,
    and the compiler sees through none of them.
    """
    calls = {key: callees(f) for key, f in program.functions.items()}
    done: dict[str, Function] = {}
    for key in callees_first(calls):
        small = {
            name: done[name]
            for name in calls[key]
            if name in done
            and name not in keep
            and not done[name].checkpoint
            and name not in reached(calls, name)
            and is_small(name, done[name], program.functions[key], native)
        }
        function = program.functions[key]
        done[key] = Inline(small).run(function) if small else function
    if all(done[key] is function for key, function in program.functions.items()):
        return program
    before = {name for names in calls.values() for name in names}
    calls = {key: callees(function) for key, function in done.items()}
    roots = {key for key in calls if key not in before or key == program.main}
    used = roots.union(*(reached(calls, root) for root in roots))
    return Program(program.main, {k: done[k] for k in program.functions if k in used})


def is_small(key: str, callee: Function, caller: Function, native: bool) -> bool:
    """Is the callee small enough to stand at each of its calls?"""
    size = sum(1 for _ in statements(callee.body))
    if size <= MOST or not native:
        return size <= MOST
    times = sum(
        isinstance(stmt, Call) and stmt.function == key
        for stmt in statements(caller.body)
    )
    return size <= COMPILED and size * times <= GROWTH


class Inline(Rewriter):
    def __init__(self, small: Mapping[str, Function]) -> None:
        super().__init__()
        self.small = small

    def stmt(self, stmt) -> None:
        if isinstance(stmt, If) and stmt.form == "try":
            small, self.small = self.small, {}  # a call there is done whole, or not
            super().stmt(stmt)
            self.small = small
            return
        callee = self.small.get(stmt.function) if isinstance(stmt, Call) else None
        if callee is None:
            super().stmt(stmt)
            return
        params = [param.var for param in callee.params]
        table: dict[Var, Atom] = dict(zip(params, self.all(stmt.args), strict=True))
        body: Block = clone_block(callee.body, table)
        made = {var for inner in statements(body) for var in inner.outs}
        for out, atom in zip(stmt.outs, body.yields, strict=True):
            if out.name and isinstance(atom, Var) and atom in made:
                atom.name = out.name  # it is new, nobody else has seen it
            self.use(out, atom)
        for inner in body.stmts:
            self.emit(inner)


def callees(function: Function) -> tuple[str, ...]:
    if "Call" not in primitives(function.body):
        return ()
    calls = (s.function for s in statements(function.body) if isinstance(s, Call))
    return tuple(dict.fromkeys(calls))


def reached(calls: Mapping[str, Collection[str]], start: str) -> set[str]:
    """The functions that `start` calls, and those that they call."""
    found: set[str] = set()
    todo = list(calls.get(start, ()))
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo.extend(calls.get(key, ()))
    return found


def callees_first(calls: Mapping[str, Collection[str]]) -> list[str]:
    """The functions in an order in which those called come first, where that can be."""
    order: dict[str, None] = {}
    for start in calls:
        todo = [(start, False)]
        seen: set[str] = set()
        while todo:
            key, ready = todo.pop()
            if ready:
                order.setdefault(key)
            elif key not in order and key not in seen and key in calls:
                seen.add(key)
                todo.append((key, True))
                todo.extend((callee, False) for callee in calls[key])
    return list(order)
