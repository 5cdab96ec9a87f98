"""Renames: better names for what is kept and for what is returned.

    tape.append(t1)             norm_tape.append(norm)     a value without a name is
    t2 = tape.pop()        ->   norm = norm_tape.pop()     called after what it is

    for _ in range(n):          for _ in range(n):
        x = x * x                   x = x * x
                           ->   y = x                      the reverse half goes back
    x_2 = x_tape.pop()          x = x_tape.pop()           through the values of `x`
    return x, x_bar             return y, x_bar

The docstring says the new names, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from s2sad.emit import describe
from s2sad.emit.counts import Counts, Place, places
from s2sad.emit.families import Families, count_uses, links
from s2sad.emit.jumps import words_of
from s2sad.emit.names import free_names
from s2sad.emit.scope import NEVER
from s2sad.ir.kinds import Tape
from s2sad.ir.nodes import Atom, For, Function, Lit, Op, Stmt, Var, While
from s2sad.ir.paths import Subscript, parse_path
from s2sad.ir.walk import blocks, clone_block, definitions, statements

if TYPE_CHECKING:
    from typing import TypeGuard

OPERATORS = {
    "add": "total",
    "sub": "difference",
    "mul": "product",
    "div": "ratio",
    "pow": "power",
    "matmul": "product",
    "neg": "negative",
    **dict.fromkeys(
        ("lt", "le", "gt", "ge", "eq", "ne", "not_", "and_", "or_"), "test"
    ),
}
KEPT = re.compile(r"^Keeps (?P<names>.+) once per iteration of line (?P<line>\d+)\.$")


def renamed(function: Function, taken: Collection[str] = ()) -> Function:
    """The function with better names, none of which is taken."""
    pushes = list(places(function.body))
    answer = None if "y" in taken else overtaken(function)
    hidden = [stmt for stmt in statements(function.body) if is_shadowed(stmt)]
    if answer is None and not hidden and all(name_of(place.push) for place in pushes):
        doc = function.doc and said(function.doc, {}, function, pushes)
        return function if doc == function.doc else replace(function, doc=doc)
    table: dict[Var, Atom] = {}
    function = replace(function, body=clone_block(function.body, table))
    doc = function.doc
    for stmt in hidden:
        table[stmt.index].name = ""  # type: ignore[union-attr]
    if answer is not None:
        new = table[answer]
        assert isinstance(new, Var)
        new.name, old = "y", new.name
        doc = doc and doc.replace(f"Returns {old},", f"Returns {new.name},", 1)
    found = name_kept(function, set(taken) | NEVER | free_names(function))
    doc = doc and said(doc, found, function, list(places(function.body)))
    return replace(function, doc=doc)


def is_shadowed(stmt: Stmt) -> TypeGuard[For]:
    """Is the index of a loop that the user gave none called like what the body sets?"""
    if not isinstance(stmt, For) or not stmt.index.name:
        return False
    reverse = stmt.span is not None and stmt.span.reverse
    if stmt.form in ("range", "checkpoint") and not reverse:
        return False
    return any(var.name == stmt.index.name for var in definitions(stmt.body))


# ---- what is kept --------------------------------------------------------------------


def name_of(push: Op) -> str:
    value = push.args[1]
    return value.name if isinstance(value, Var) else "literal"


def name_kept(function: Function, taken: set[str]) -> dict[int, list[str]]:
    """Name what has no name; the names by the lines of the statements around."""
    fam = Families()
    makers: dict[Var, Stmt] = {}
    pops: dict[Var, list[Var]] = {}
    for stmt in statements(function.body):
        for a, b in links(stmt):
            fam.union(a, b)
        makers.update(dict.fromkeys(stmt.outs, stmt))
    tapes: dict[Var, list[Var]] = {}
    for var in definitions(function.body):
        if isinstance(var.kind, Tape):
            tapes.setdefault(fam.find(var), []).append(var)
    for stmt in statements(function.body):
        if isinstance(stmt, Op) and stmt.prim == "pop":
            pops.setdefault(fam.find(stmt.outs[0]), []).append(stmt.outs[1])
    uses = count_uses(function.body)
    taken |= {var.name for var in definitions(function.body)}
    taken |= {param.var.name for param in function.params}
    found: dict[int, list[str]] = {}
    for place in places(function.body):
        op, line = place.push, place.line
        value = op.args[1]
        if not isinstance(value, Var) or value.name:
            continue
        name = next((n for n in descriptions(value, makers) if n not in taken), "")
        if not name:
            continue
        found.setdefault(line, []).append(name)
        tape = fam.find(op.outs[0])
        if uses[value] > 1:
            value.name = name
        for var in tapes.get(tape, ()):
            var.name = f"{name.rstrip('_')}_tape"
        for var in pops.get(tape, ()):
            var.name = var.name or name
    return found


def descriptions(value: Var, makers: dict[Var, Stmt]) -> list[str]:
    """`A_ij` for `A[i, j]`, `norm` or `norm_x` for `np.linalg.norm(x)`, `product` for
    `a * b`: what comes first is best.
    """
    op = makers.get(value)
    if not isinstance(op, Op):
        return ["value"]
    found = [OPERATORS.get(op.prim, op.prim)]
    builtin = op.prim.removeprefix("py_")
    if builtin != op.prim:  # `sum_row`, but not `sum`
        of = op.args[0].name if op.args and isinstance(op.args[0], Var) else ""
        found = [f"{builtin}_{of}"] if of else []
    elif found == ["test"]:
        found = [*describe.descriptions(op, called), *found]
    elif op.prim in describe.READS:
        found = [place_name(op, makers)]
    elif op.args and isinstance(op.args[0], Var) and op.args[0].name:
        found.append(f"{found[0]}_{op.args[0].name}")
    return [name for name in (*found, "value", "value_") if name.isidentifier()]


def called(atom: Atom) -> str:
    return describe.number_word(atom) if isinstance(atom, Lit) else atom.name


def place_name(op: Op, makers: dict[Var, Stmt]) -> str:
    base, *indices = op.args
    if not isinstance(base, Var) or not base.name.isidentifier():
        return ""
    items: Iterable[object] = range(len(indices))
    if op.prim == "getitem":
        step, *more = parse_path(str(op.attrs["path"]))
        if more or not isinstance(step, Subscript):
            return ""
        items = step.items
    marks = [
        mark_of(indices[item], makers) if isinstance(item, int) else ""
        for item in items
    ]
    if not all(marks):
        return ""
    glue = "" if all(len(mark) == 1 for mark in marks) else "_"
    return f"{base.name}_{glue.join(marks)}"


def mark_of(index: Atom, makers: dict[Var, Stmt]) -> str:
    """`i`, `3`, and `im1` for `i - 1`."""
    if isinstance(index, Lit):
        if type(index.value) is not int or index.value < -1:
            return ""
        return "last" if index.value < 0 else str(index.value)
    if index.name:
        return index.name if index.name.isidentifier() else ""
    op = makers.get(index)
    if not isinstance(op, Op) or op.prim not in ("add", "sub"):
        return ""
    a, b = op.args
    if isinstance(a, Var) and a.name.isidentifier() and isinstance(b, Lit):
        return f"{a.name}{'p' if op.prim == 'add' else 'm'}{b.value}"
    return ""


def said(
    doc: str, found: dict[int, list[str]], function: Function, pushes: list[Place]
) -> str:
    """The docstring, its sentences on what loops keep with names for what had none,
    with sizes and counts.
    """
    if not pushes:
        return doc
    counts = Counts(function)
    there = {name_of(place.push) for place in pushes}  # more was kept at first
    by_line: dict[int, list[Place]] = {}
    for place in pushes:
        by_line.setdefault(place.line, []).append(place)

    def sentence(row: str) -> str:
        match = KEPT.match(row)
        line = int(match["line"]) if match else 0
        if match is None or line not in by_line:
            return row
        here = by_line[line]
        names = re.split(r", | and ", match["names"])
        names = [name for name in names if name in there] + found.get(line, [])
        sizes: dict[str, str] = {}
        for name, size in [(name_of(p.push), counts.size(p.kind)) for p in here]:
            sizes[name] = size if sizes.get(name, size) == size else ""
        parts = [
            f"{name} ({sizes[name]})" if sizes.get(name) else name
            for name in dict.fromkeys(names or ["a temporary"])
        ]
        times = {counts.times(place) for place in here}
        often = f": {times.pop()}" if len(times) == 1 and times != {""} else ""
        where = here[0].loop_line
        return f"Keeps {', '.join(parts)} once per iteration of line {where}{often}."

    return "\n".join(map(sentence, doc.split("\n")))


# ---- what is returned ----------------------------------------------------------------


def overtaken(function: Function) -> Var | None:
    """What a loop ends with and is only returned, while the reverse half goes through
    its earlier values under the same name.
    """
    source = function.source or next(
        (s.span.source for s in function.body.stmts if s.span is not None), None
    )
    if source is None or "y" in words_of(source) or is_used(function, "y"):
        return None
    body = function.body
    makers = {out: stmt for stmt in body.stmts for out in stmt.outs}
    result = makers.get(body.yields[0]) if len(body.yields) == 1 else None  # type: ignore
    if not isinstance(result, Op) or result.prim != "tuple" or not result.args:
        return None
    answer = result.args[0]
    loop = makers.get(answer) if isinstance(answer, Var) else None
    if not isinstance(answer, Var) or not isinstance(loop, (For, While)):
        return None
    if loop.span is not None and loop.span.reverse:
        return None  # an adjoint is called one
    if count_uses(body)[answer] != 1:
        return None
    back = (
        inner
        for stmt in body.stmts
        if stmt.span is not None and stmt.span.reverse
        for block in blocks(stmt)
        for inner in definitions(block)
    )
    return answer if any(var.name == answer.name for var in back) else None


def is_used(function: Function, name: str) -> bool:
    params = (param.var for param in function.params)
    return any(
        var.name.split("_")[0] == name for var in (*params, *definitions(function.body))
    )
