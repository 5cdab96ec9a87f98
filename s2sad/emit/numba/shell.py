"""The shell: a plain function around the compiled one, where Numba needs one.

    def loss_grad(params, x):                        the user's parameters
        W_bar, b_bar = loss_grad_kernel(params["W"], params["b"], x, SCALE)
        return {"W": W_bar, "b": b_bar}              and what the user gets

What is compiled sees numbers and arrays only. Containers are taken apart and put
together here; globals and captured variables, which Numba would freeze when it
compiles, are read here at each call and handed over as trailing arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from s2sad.emit.numba.apart import Node, Tree, keys_of
from s2sad.ir.kinds import (
    Dict,
    List,
    Object,
    Scalar,
    Tuple,
)
from s2sad.ir.nodes import (
    NO_ATTRS,
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
from s2sad.ir.walk import blocks, mapping, statements, substitute, uses, with_blocks

Names = dict[str, Op]  # each free name, and an op that reads it


def needs_shell(
    entry: Function, names: Names, params: list[Tree], result: Tree
) -> bool:
    if names or any(isinstance(tree, (Node, Lit)) for tree in params):
        return True
    if isinstance(result, Node) or any(map(is_named_scalar, entry.results)):
        return True
    return not all(map(is_plain, entry.params))


def is_plain(param: Param) -> bool:
    return param.style in ("normal", "positional") and not isinstance(
        param.default, str
    )


def is_named_scalar(atom: Atom) -> bool:
    """Is it a scalar of NumPy's that Python's float would not stand for?"""
    return isinstance(atom.kind, Scalar) and atom.kind.dtype in ("float32", "float16")


def plain(params: Iterable[Param]) -> tuple[Param, ...]:
    """Parameters as Numba takes them: by position, with defaults at the end only."""
    found = [Param(p.var, "normal", p.default) for p in params]
    late = True
    for number in reversed(range(len(found))):
        late = late and isinstance(found[number].default, Lit)
        if not late:
            found[number] = replace(found[number], default=None)
    return tuple(found)


def shell_of(
    entry: Function,
    kernel: Function,
    key: str,
    names: Names,
    params: Sequence[Tree],
    result: Tree,
    lists: Mapping[Var, type],
) -> tuple[Function, Function]:
    """The shell of a function, and its kernel, which is handed what it reads.

    `params` and `names` are what `entry` was taken apart into, in that order; `lists`
    are what the kernel takes as arrays of such a type, and the caller has as lists.
    """
    read = set(uses(kernel.body))
    stmts: list[Stmt] = []
    passed: list[Atom] = []
    outer: list[Param] = []
    own = len(entry.params) - len(names)
    reads = iter(names.values())
    for number, (param, tree) in enumerate(zip(entry.params, params, strict=True)):
        base = param.var.copy()
        if number < own:
            outer.append(replace(param, var=base))
        else:
            op = next(reads)
            base = Var("", param.var.kind)
            stmts.append(Op((base,), "free", (), op.attrs, op.span))
        for leaf, path, keys in paths_in(tree):
            if leaf not in read:
                continue
            value: Atom = base
            if path:
                value = Var("", leaf.kind)
                attrs = MappingProxyType({"path": path})
                stmts.append(Op((value,), "getitem", (base, *keys), attrs))
            if leaf in lists:
                attrs = MappingProxyType({"dtype": lists[leaf]})
                array = Var("", leaf.kind)
                stmts.append(Op((array,), "array", (value,), attrs))
                value = array
            passed.append(value)
    outs: list[Var] = []
    for atom in kernel.results:
        first = "y" if isinstance(result, Node) and not outs else ""
        out = Var(getattr(atom, "name", "") or first, atom.kind)
        outs.append(out)
    stmts.append(Call(tuple(outs), key, tuple(passed)))
    whole: Atom
    if isinstance(result, Node):
        waiting = iter(outs)
        whole = together(result, waiting, stmts)
    else:
        (whole,) = outs
    taken = [p for p in kernel.params if p.var in read]
    kernel = replace(
        kernel, name=f"{entry.name}_kernel", params=undefaulted(taken), doc=None
    )
    body = Block(tuple(stmts), (whole,))
    return Function(entry.name, tuple(outer), body, entry.source, entry.doc), kernel


def undefaulted(params: Iterable[Param]) -> tuple[Param, ...]:
    """The shell passes every argument."""
    return tuple(Param(p.var) for p in params)


def paths_in(tree: Tree) -> Iterator[tuple[Var, str, tuple[Atom, ...]]]:
    """Each variable in a parameter, and the way there: `params["W"][0]`."""
    if isinstance(tree, Var):
        yield tree, "", ()
    elif isinstance(tree, Node):
        for key, item in zip(keys_of(tree.kind), tree.items, strict=True):
            for leaf, path, keys in paths_in(item):
                if isinstance(tree.kind, Object):
                    yield leaf, f".{key}{path}", keys
                else:
                    yield leaf, f"[#]{path}", (Lit(key), *keys)


def together(tree: Tree, waiting: Iterator[Var], stmts: list[Stmt]) -> Atom:
    """Statements that put the result together from what the kernel returns."""
    if isinstance(tree, Var):
        return next(waiting)
    if isinstance(tree, Lit):
        return tree
    args = tuple(together(item, waiting, stmts) for item in tree.items)
    kind = tree.kind
    attrs: dict[str, object] = {}
    prim = "tuple"
    if isinstance(kind, Dict):
        prim, attrs["keys"] = "dict", kind.keys
    elif isinstance(kind, List):
        prim = "list"
    elif isinstance(kind, Object):
        prim, attrs["cls"], attrs["fields"] = "object", kind.cls, kind.fields
    elif isinstance(kind, Tuple) and kind.cls is not None:
        attrs["cls"] = kind.cls
    out = Var("", kind)
    stmts.append(Op((out,), prim, args, MappingProxyType(attrs) if attrs else NO_ATTRS))
    return out


# ---- free names ----------------------------------------------------------------------


def with_names(program: Program) -> tuple[Program, dict[str, Names]]:
    """The program with free names as trailing parameters of each function."""
    program = replace(
        program, functions={k: dotted(f) for k, f in program.functions.items()}
    )
    needs = free_names(program)
    functions = {
        key: with_parameters(function, needs[key], needs)
        for key, function in program.functions.items()
    }
    return Program(program.main, functions), needs


def dotted(function: Function) -> Function:
    """`config.rate` as one free name, where `config` is one."""
    free = {
        stmt.outs[0]: stmt
        for stmt in statements(function.body)
        if isinstance(stmt, Op) and stmt.prim == "free"
    }

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(map(stmt, old.stmts)))

    def stmt(old: Stmt) -> Stmt:
        if not isinstance(old, Op):
            return with_blocks(old, tuple(map(block, blocks(old))))
        base = free.get(old.args[0]) if old.prim == "getitem" else None  # type: ignore[arg-type]
        path = str(old.attrs.get("path", ""))
        if base is None or len(old.args) > 1 or "[" in path:
            return old
        attrs = MappingProxyType({**base.attrs, "name": f"{base.attrs['name']}{path}"})
        return Op(old.outs, "free", (), attrs, old.span)

    if not free:
        return function
    body = block(function.body)
    used = set(uses(body))

    def without(old: Block) -> Block:
        kept = (s for s in old.stmts if s not in free.values() or s.outs[0] in used)
        stmts = (with_blocks(s, tuple(map(without, blocks(s)))) for s in kept)
        return replace(old, stmts=tuple(stmts))

    return replace(function, body=without(body))


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


def word(name: str) -> str:
    """`config_rate` for `config.rate`."""
    return re.sub(r"[\W_]+", "_", name).strip("_") or "free"


def with_parameters(
    function: Function, names: Names, needs: dict[str, Names]
) -> Function:
    """A function that is handed what it would read from outside."""
    given: dict[str, Var] = {}
    taken = {param.var.name for param in function.params}
    for name, op in names.items():
        short = word(name)
        while short in taken:
            short += "_"
        taken.add(short)
        given[name] = Var(short, op.outs[0].kind)
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
