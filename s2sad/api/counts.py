"""Which ints of a program are counts, indices or axes, and not numbers to vary."""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Call, For, Op, Program, Stmt, Var
from s2sad.ir.walk import statements

# Which operands say where or how many; all others of these are data.
_FIRST, _LATER, _ALL = slice(0, 1), slice(1, None), slice(None)
_COUNTS = {
    "getitem": _LATER,
    "setitem": slice(2, None),
    "additem": slice(2, None),
    **dict.fromkeys(["zeros", "ones", "empty", "full"], _FIRST),
    **dict.fromkeys(["eye", "identity"], _ALL),
    **dict.fromkeys(["reshape", "broadcast_to", "repeat", "tile", "split"], _LATER),
}


def is_count(program: Program, var: Var) -> bool:
    """Does something use this parameter as a count, an index or a shape?

    Callees that it is passed to are looked at, too; each parameter once.
    """
    waiting = [(program.entry, var)]
    seen: set[Var] = set()
    while waiting:
        function, var = waiting.pop()
        if var in seen:
            continue
        seen.add(var)
        found = list(statements(function.body))
        names = {var}
        names.update(
            stmt.outs[0]
            for stmt in found
            if isinstance(stmt, Op) and stmt.prim == "tuple" and var in stmt.args
        )
        if any(_counts(var, names, stmt) for stmt in found):
            return True
        for stmt in found:
            if isinstance(stmt, Call) and var in stmt.args:
                callee = program.functions[stmt.function]
                params = zip(callee.params, stmt.args)
                waiting += [(callee, p.var) for p, arg in params if arg is var]
    return False


def _counts(var: Var, names: set[Var], stmt: Stmt) -> bool:
    """Does one statement? `names` are the number and the tuples that it is put into."""
    if isinstance(stmt, For):
        return var in (stmt.start, stmt.stop, stmt.step)
    if isinstance(stmt, Op) and stmt.prim in _COUNTS:
        operands: tuple[Atom, ...] = stmt.args[_COUNTS[stmt.prim]]
        return any(operand in names for operand in operands)
    return False
