"""Which ints of a program are counts, indices, axes or seeds, not numbers to vary."""

from __future__ import annotations

from s2sad.ir.kinds import Object, Scalar
from s2sad.ir.nodes import Atom, Call, For, Op, Program, Stmt, Var
from s2sad.ir.sources import is_source
from s2sad.ir.walk import statements
from s2sad.rules.draws import parameters as draw_parameters

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
_ASKING = frozenset((*_COUNTS, "opaque", "draw"))
_BETWEEN_INTS = frozenset(
    "integers randint random_integers random.randint random.randrange".split()
)
_ARITHMETIC = {"add", "sub", "mul", "floordiv", "mod", "neg", "py_min", "py_max"}


def is_count(program: Program, var: Var) -> bool:
    """Does something use this parameter as a count, an index, a shape or a seed?

    What is worked out of it in ints counts as well: `range(len(x) - width + 1)`.
    Callees that it is passed to are looked at, too; each parameter once. What had to be
    known while lowering is an axis or the like.
    """
    if isinstance(var.kind, Scalar) and isinstance(var.kind.size, int):
        return True
    waiting = [(program.entry, var)]
    seen: set[Var] = set()
    while waiting:
        function, var = waiting.pop()
        if var in seen:
            continue
        seen.add(var)
        found = statements(function.body)
        asking = [s for s in found if not isinstance(s, Op) or s.prim in _ASKING]
        if not asking:
            continue
        names: set[Atom] = {var}
        for stmt in found:  # in the order in which they run
            if isinstance(stmt, Op) and _passes_on(stmt) and names & {*stmt.args}:
                names.add(stmt.outs[0])
        if any(_counts(names, stmt) for stmt in asking):
            return True
        for stmt in asking:
            if isinstance(stmt, Call):
                callee = program.functions[stmt.function]
                params = zip(callee.params, stmt.args)
                waiting += [(callee, p.var) for p, arg in params if arg in names]
    return False


def _passes_on(stmt: Op) -> bool:
    """Is the result an int made of ints, or a tuple with them in it?"""
    if stmt.prim == "tuple":
        return True
    if stmt.prim not in _ARITHMETIC:
        return False
    kind = stmt.outs[0].kind
    return isinstance(kind, Scalar) and kind.dtype == "int"


def _counts(names: set[Atom], stmt: Stmt) -> bool:
    """Does one statement? `names` are the number and what is made of it."""
    if isinstance(stmt, For):
        return not names.isdisjoint((stmt.start, stmt.stop, stmt.step))
    if isinstance(stmt, Op) and stmt.prim == "opaque":
        return is_seed(stmt) and not names.isdisjoint(stmt.args)
    if isinstance(stmt, Op) and stmt.prim == "draw":
        return not names.isdisjoint(sizes(stmt))
    if isinstance(stmt, Op) and stmt.prim in _COUNTS:
        operands: tuple[Atom, ...] = stmt.args[_COUNTS[stmt.prim]]
        return any(operand in names for operand in operands)
    return False


def is_seed(call: Op) -> bool:
    """Does a call make a source of random numbers, or set what it draws next?"""
    kind = call.outs[0].kind
    made = isinstance(kind, Object) and is_source(kind.cls)
    return made or str(call.attrs.get("callee")).endswith(".seed")


def sizes(draw: Op) -> list[Atom]:
    """The operands that say how many numbers are drawn, or between which ints."""
    between = draw.attrs["distribution"] in _BETWEEN_INTS
    named = zip(draw_parameters(draw), draw.args, strict=True)
    return [
        arg for name, arg in named if between or name == "size" or name[1:].isdigit()
    ]
