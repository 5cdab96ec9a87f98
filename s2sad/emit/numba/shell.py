"""The shell: a plain function around the compiled one, where Numba needs one.

    def scaled_grad(x):                        the user's parameters, and names that
        return scaled_grad_kernel(x, SCALE)    are read again at each call

What is compiled sees numbers and arrays only: globals and captured variables are frozen
when Numba compiles, so they are handed over as trailing arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Function,
    Lit,
    Op,
    Param,
    Program,
    Stmt,
    Var,
)
from s2sad.ir.walk import blocks, mapping, statements, substitute, with_blocks

Names = dict[str, Op]  # each free name, and an op that reads it


def shelled(program: Program) -> tuple[Program, frozenset[str]]:
    """The program with free names as parameters, and the keys of what is compiled."""
    needs = free_names(program)
    functions = {
        key: with_parameters(function, needs[key], needs)
        for key, function in program.functions.items()
    }
    entry = functions[program.main]
    if not needs[program.main] and all(map(is_plain, entry.params)):
        functions[program.main] = replace(entry, params=plain(entry.params))
        return Program(program.main, functions), frozenset(functions)
    kernel = f"{program.main} kernel"
    shell = shell_of(entry, kernel, needs[program.main])
    inner = replace(
        entry, name=f"{entry.name}_kernel", params=plain(entry.params), doc=None
    )
    functions = {k: f for k, f in functions.items() if k != program.main}
    compiled = frozenset([*functions, kernel])
    return Program(program.main, {**functions, kernel: inner, program.main: shell}), (
        compiled
    )


def is_plain(param: Param) -> bool:
    return param.style in ("normal", "positional") and not isinstance(
        param.default, str
    )


def plain(params: Iterable[Param]) -> tuple[Param, ...]:
    """Parameters as Numba takes them: by position, with defaults at the end only."""
    found = [Param(p.var, "normal", p.default) for p in params]
    late = True
    for number in reversed(range(len(found))):
        late = late and isinstance(found[number].default, Lit)
        if not late:
            found[number] = replace(found[number], default=None)
    return tuple(found)


def shell_of(entry: Function, kernel: str, names: Names) -> Function:
    own = len(entry.params) - len(names)
    table: dict[Var, Atom] = {}
    params = []
    for param in entry.params[:own]:
        var = param.var.copy()
        table[param.var] = var
        params.append(replace(param, var=var))
    stmts: list[Stmt] = []
    passed: list[Atom] = [p.var for p in params]
    for op in names.values():
        out = op.outs[0].copy("")
        stmts.append(Op((out,), "free", (), op.attrs, op.span))
        passed.append(out)
    outs = tuple(Var("", atom.kind) for atom in entry.results)
    stmts.append(Call(outs, kernel, tuple(passed)))
    body = Block(tuple(stmts), outs)
    return Function(entry.name, tuple(params), body, entry.source, entry.doc)


# ---- free names ----------------------------------------------------------------------


def free_names(program: Program) -> dict[str, Names]:
    """The free names that each function reads, itself or through those it calls."""
    found: dict[str, Names] = {}
    calls: dict[str, set[str]] = {}
    for key, function in program.functions.items():
        found[key], calls[key] = {}, set()
        for stmt in statements(function.body):
            if isinstance(stmt, Op) and stmt.prim == "free":
                found[key].setdefault(str(stmt.attrs["name"]), stmt)
            elif isinstance(stmt, Call):
                calls[key].add(stmt.function)
    changed = True
    while changed:
        changed = False
        for key, names in found.items():
            for callee in calls[key]:
                for name, op in found.get(callee, {}).items():
                    if name not in names:
                        names[name] = op
                        changed = True
    return found


def with_parameters(
    function: Function, names: Names, needs: dict[str, Names]
) -> Function:
    """A function that is handed what it would read from outside."""
    given = {
        name: Var(name.replace(".", "_"), op.outs[0].kind) for name, op in names.items()
    }
    table: dict[Var, Atom] = {}

    def block(old: Block) -> Block:
        stmts = []
        for stmt in old.stmts:
            if isinstance(stmt, Op) and stmt.prim == "free":
                table[stmt.outs[0]] = given[str(stmt.attrs["name"])]
                continue
            if isinstance(stmt, Call):
                more = tuple(given[name] for name in needs.get(stmt.function, {}))
                stmt = replace(stmt, args=(*stmt.args, *more))
            stmts.append(with_blocks(stmt, tuple(map(block, blocks(stmt)))))
        return replace(old, stmts=tuple(stmts))

    if not names:
        return function
    body = block(function.body)
    get = mapping(table)
    stmts = tuple(substitute(stmt, get) for stmt in body.stmts)
    body = Block(stmts, tuple(map(get, body.yields)), body.stop)
    params = (*function.params, *(Param(var) for var in given.values()))
    return replace(function, params=params, body=body)
