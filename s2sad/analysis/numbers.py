"""What is an array by its kind and a number for a while: loops that start from one.

    w = 0.0
    for i in range(n):
        w = w + a[i]        # `w` is an array, but in the first trip, or where n is 0

Nothing flows back into a constant, so `w` has the kind of what it becomes. Elementwise
that makes no difference: a number is an array of equal elements. A sum or a mean of
them is another; where something that varies comes to one before there is an array
(`np.sum(w + x)`), the kind must be that of either (`starts_matter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from s2sad.ir.kinds import Array, is_real
from s2sad.ir.nodes import Atom, Call, For, Function, If, Lit, Op, Stmt, Var, While
from s2sad.ir.walk import blocks, statements, stmt_uses
from s2sad.rules import TABLE

Functions = Mapping[str, Function]
NONE: Functions = {}
ELEMENTWISE = frozenset(
    """
    where copy astype neg pos abs py_abs maximum minimum clip eq ne lt le gt ge floor
    ceil sign rint round trunc heaviside invert and_ or_ xor logical_and logical_or
    logical_not isnan isfinite stop_gradient add sub mul div
    """.split()
)
ARRAYS_ONLY = frozenset({"matmul", "getitem", "setitem", "additem"})  # others raise


def is_elementwise(op: Op) -> bool:
    primitive = TABLE.get(op.prim)
    smooth = primitive is not None and primitive.verb == "smooth"
    return smooth or op.prim in ELEMENTWISE


def numbers_at_first(body: Iterable[Stmt], functions: Functions = NONE) -> set[Var]:
    """The variables that are arrays by their kinds, and may be numbers."""
    stmts = list(body)
    found: set[Var] = set()
    if not any(map(_starts_from_number, stmts)):
        return found
    count = -1
    while count < len(found):
        count = len(found)
        for stmt in stmts:
            note(stmt, found, functions)
    return found


def note(stmt: Stmt, found: set[Var], functions: Functions = NONE) -> None:
    """Add what a statement gives of that sort, where `found` are those so far."""

    def hand_on(out: Var, *atoms: Atom) -> None:
        if _told(out) and any(_is_number(atom, found) for atom in atoms):
            found.add(out)

    if isinstance(stmt, (For, While)):
        ends = stmt.body.yields
        for param, out, init, end in zip(
            stmt.params, stmt.outs, stmt.inits, ends, strict=True
        ):
            hand_on(param, init, end)
            hand_on(out, end, *(() if _runs(stmt) else (init,)))
    elif isinstance(stmt, If):
        for k, out in enumerate(stmt.outs):
            hand_on(out, *(arm.yields[k] for arm in blocks(stmt)))
    elif isinstance(stmt, Call):
        if any(atom in found for atom in stmt.args):
            results = numbers_of_call(stmt, found, functions)
            found.update(out for out, may in zip(stmt.outs, results) if may)
    elif isinstance(stmt, Op) and stmt.prim not in ARRAYS_ONLY:
        if any(atom in found for atom in stmt.args):
            found.update(o for o in stmt.outs if _told(o) and not _spread(stmt, found))


def numbers_of_call(call: Call, found: set[Var], functions: Functions) -> list[bool]:
    """Which results of a call may be numbers, where some arguments are."""
    callee = functions.get(call.function)
    if callee is None or not only_elementwise(callee):
        return [_told(out) for out in call.outs]
    pairs = zip(callee.params, call.args, strict=True)
    inside = {param.var for param, atom in pairs if atom in found}
    for stmt in callee.body.stmts:
        note(stmt, inside)
    return [_is_number(atom, inside) for atom in callee.results]


def only_elementwise(function: Function) -> bool:
    return all(isinstance(s, Op) and is_elementwise(s) for s in function.body.stmts)


def _spread(op: Op, found: set[Var]) -> bool:
    """Has it an operand that makes the result an array of its shape?"""
    (out,) = op.outs[:1]
    assert isinstance(out.kind, Array)
    return is_elementwise(op) and any(
        atom not in found
        and isinstance(atom.kind, Array)
        and atom.kind.dims == out.kind.dims
        for atom in op.args
    )


def _starts_from_number(stmt: Stmt) -> bool:
    return isinstance(stmt, (For, While)) and any(
        _told(param) and _is_number(init, set())
        for param, init in zip(stmt.params, stmt.inits, strict=True)
    )


def _told(var: Var) -> bool:
    """Is its shape told? What may be a number by its kind is no matter here."""
    return isinstance(var.kind, Array) and var.kind.dims is not None


def _is_number(atom: Atom, found: set[Var]) -> bool:
    if isinstance(atom, Lit):
        return isinstance(atom.value, (bool, int, float))
    return atom in found


def _runs(stmt: For | While) -> bool:
    """Is it known to make a trip?"""
    if not isinstance(stmt, For):
        return False
    ends = [
        a.value if isinstance(a, Lit) else None
        for a in (stmt.start, stmt.stop, stmt.step)
    ]
    if not all(isinstance(end, int) for end in ends) or not ends[2]:
        return False
    return bool(range(*ends))  # type: ignore[arg-type]


def starts_matter(functions: Functions) -> bool:
    """Does a number that an array is expected for, and that may vary with the
    arguments, come to something that is not elementwise?
    """
    bodies = [list(statements(each.body)) for each in functions.values()]
    return any(_matter(stmts, functions) for stmts in bodies)


def _matter(stmts: list[Stmt], functions: Functions) -> bool:
    found = numbers_at_first(stmts, functions)
    if not found:
        return False
    varied = _reached(stmts, found, lambda op: True)
    carried = {
        var
        for stmt in stmts
        if not isinstance(stmt, (Op, Call))
        for var in (*stmt.outs, *getattr(stmt, "params", ()))
    }
    shifted = _reached(stmts, found, _is_shifted, varied & carried)
    for stmt in stmts:
        if isinstance(stmt, Call):
            if not found.isdisjoint(stmt_uses(stmt)):
                if not only_elementwise(functions[stmt.function]):
                    return True
        elif isinstance(stmt, Op) and stmt.prim not in ARRAYS_ONLY | {"tuple"}:
            if is_elementwise(stmt):
                continue
            # of a multiple that is summed the adjoint is as long as it is itself,
            # unless a loop or branch hands it on: there it is as long as the kind says
            matters = shifted if stmt.prim == "sum" else varied
            if not matters.isdisjoint(stmt.args):
                return True
    return False


def _is_shifted(op: Op | Call) -> bool:
    """May more than one factor of the number come from elsewhere?"""
    return isinstance(op, Call) or op.prim not in ("mul", "div")


def _reached(
    stmts: list[Stmt],
    found: set[Var],
    by: Callable[[Op | Call], bool],
    start: Iterable[Var] = (),
) -> set[Var]:
    """Those of the numbers that come from other ones that may vary, by such ops."""
    reached = set(start)

    def hand_on(out: Var, *atoms: Atom) -> None:
        if out in found and any(atom in reached for atom in atoms):
            reached.add(out)

    def enters(op: Op | Call) -> bool:
        others = (atom for atom in op.args if atom not in found)
        return by(op) and any(isinstance(a, Var) and is_real(a.kind) for a in others)

    count = -1
    while count < len(reached):
        count = len(reached)
        for stmt in stmts:
            if isinstance(stmt, (For, While)):
                ends = stmt.body.yields
                for param, out, init, end in zip(
                    stmt.params, stmt.outs, stmt.inits, ends, strict=True
                ):
                    hand_on(param, init, end)
                    hand_on(out, init, end)
            elif isinstance(stmt, If):
                for k, out in enumerate(stmt.outs):
                    hand_on(out, *(arm.yields[k] for arm in blocks(stmt)))
            else:
                for out in stmt.outs:
                    hand_on(out, *stmt.args)
                    if out in found and enters(stmt):
                        reached.add(out)
    return reached
