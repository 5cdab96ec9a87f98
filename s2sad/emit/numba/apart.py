"""Containers taken apart: what is compiled sees the numbers and arrays they hold.

    hidden = getitem params["W1"]            hidden = W1
    d = dict W1_bar, b1_bar                  (nothing: two variables)
    x = if c: yield d ...                    x_W1, x_b1 = if c: yield W1_bar, b1_bar ...

A dict, object, list or tuple of which every entry is known is the variables in it,
through branches, loops, calls and tapes. The shell takes apart what it is given, and
puts together what it returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from s2sad.emit.numba.operations import Misfitting
from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Static,
    Tape,
    Tuple,
    children,
    elements,
    is_float_dtype,
    is_numeric,
)
from s2sad.ir.nodes import (
    NO_ATTRS,
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Param,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import Attribute, Slice, Step, Subscript, parse_path, path_texts


@dataclass(frozen=True, eq=False)
class Node:
    """A container: its kind, and what it holds in the order of the kind's entries."""

    kind: Kind
    items: tuple[Tree, ...]


Tree = Node | Var | Lit


def is_apart(kind: Kind) -> bool:
    """Is a container of this kind the variables in it?"""
    if isinstance(kind, (Dict, Object)):
        return True
    if isinstance(kind, Tuple):
        return kind.cls is not None or any(map(_is_foreign, kind.items))
    if isinstance(kind, List) and kind.items is not None:
        return not all(isinstance(item, Scalar) for item in kind.items)
    return False


def _is_foreign(kind: Kind) -> bool:
    return is_apart(kind) or isinstance(kind, (Static, List))


def keys_of(kind: Kind) -> tuple[object, ...]:
    """What each entry is found under."""
    if isinstance(kind, Dict):
        return kind.keys
    if isinstance(kind, Object):
        return kind.fields
    return tuple(range(len(children(kind))))


def leaves(tree: Tree) -> list[Atom]:
    """The numbers and arrays in it, in order."""
    if not isinstance(tree, Node):
        return [tree]
    return [leaf for item in tree.items for leaf in leaves(item)]


def grown(kind: Kind, name: str, static: bool = True) -> Tree:
    """New variables for a value of this kind; what is static is known."""
    if is_apart(kind):
        items = []
        for key, item in zip(keys_of(kind), children(kind), strict=True):
            word = str(key)
            word = word if word.isidentifier() else f"{name}_{word}".strip("_")
            items.append(grown(item, word if word.isidentifier() else name, static))
        return Node(kind, tuple(items))
    if isinstance(kind, Static) and static:
        return Lit(kind.value)
    if isinstance(kind, Tape) and is_apart(kind.elem):
        parts = [part.kind for part in leaves(grown(kind.elem, ""))]
        return Var(name, Tape(Tuple(tuple(parts))))
    return Var(name, kind)


def refilled(tree: Tree, atoms: Sequence[Atom]) -> Tree:
    """The same container with other leaves."""
    waiting = list(atoms)

    def again(part: Tree) -> Tree:
        if isinstance(part, Node):
            return Node(part.kind, tuple(map(again, part.items)))
        return waiting.pop(0)

    return again(tree)


def told_apart(tree: Tree, param: Param, taken: set[str]) -> Tree:
    """The tree with names that are not taken: `m_w` where `w` is."""
    if isinstance(tree, Node):
        for leaf in variables(tree):
            stem = name = leaf.name
            if name in taken:
                stem = name = f"{param.var.name}_{name}"
            number = 1
            while name in taken:
                number += 1
                name = f"{stem}_{number}"
            leaf.name = name
            taken.add(name)
    return tree


def taken_apart(function: Function) -> tuple[Function, list[Tree], Tree]:
    """The function on leaves; the trees of its parameters, and that of its result."""
    taken = {p.var.name for p in function.params}
    params = [
        told_apart(grown(p.var.kind, p.var.name), p, taken) for p in function.params
    ]
    work = _Apart(
        {p.var: tree for p, tree in zip(function.params, params, strict=True)}
    )
    new: list[Param] = []
    for param, tree in zip(function.params, params, strict=True):
        if isinstance(tree, Var) and not isinstance(tree.kind, Tape):
            work.env[param.var] = param.var
            new.append(param)
            params[function.params.index(param)] = param.var
        else:
            new += [Param(v) for v in leaves(tree) if isinstance(v, Var)]
    body = work.block(function.body, whole=True)
    results = [work.tree(atom) for atom in function.body.yields]
    return (
        replace(function, params=tuple(new), body=body),
        params,
        results[0] if len(results) == 1 else Node(Tuple(), tuple(results)),
    )


class _Apart:
    """One function. `env` has the tree of each variable that is not simply itself."""

    def __init__(self, env: Mapping[Var, Tree]) -> None:
        self.env: dict[Var, Tree] = dict(env)
        self.stmts: list[Stmt] = []

    # ---- reading ---------------------------------------------------------------------

    def tree(self, atom: Atom) -> Tree:
        return self.env.get(atom, atom) if isinstance(atom, Var) else atom

    def shaped(self, atom: Atom, like: Tree) -> list[Atom]:
        """The leaves of an atom, where a value of this structure is expected."""
        tree = self.tree(atom)
        if not isinstance(like, Node):
            if isinstance(tree, Node):
                return [self.whole(tree)]
            return [tree]
        if tree == UNDEF or tree == Lit(None):
            return [tree] * len(leaves(like))  # type: ignore[list-item]
        if not isinstance(tree, Node) or len(tree.items) != len(like.items):
            raise Misfitting("a container that changes its form")
        found: list[Atom] = []
        for item, other in zip(tree.items, like.items, strict=True):
            if isinstance(item, Node) != isinstance(other, Node):
                raise Misfitting("a container that changes its form")
            found += leaves(item)
        return found

    def atom(self, atom: Atom) -> Atom:
        tree = self.tree(atom)
        return self.whole(tree) if isinstance(tree, Node) else tree

    def whole(self, node: Node) -> Atom:
        """A tuple of numbers and arrays, for an operation that takes all of it."""
        if isinstance(node.kind, (Dict, Object)):
            raise Misfitting("a dict or an object is used as a whole")
        args = tuple(self.whole(i) if isinstance(i, Node) else i for i in node.items)
        kind = Tuple(tuple(arg.kind for arg in args))
        return self.emit("tuple", args, kind)

    def emit(
        self,
        prim: str,
        args: tuple[Atom, ...],
        kind: Kind,
        attrs: Mapping[str, object] = NO_ATTRS,
        name: str = "",
    ) -> Var:
        out = Var(name, kind)
        self.stmts.append(Op((out,), prim, args, attrs, self.span))
        return out

    # ---- blocks ----------------------------------------------------------------------

    span: Span | None = None

    def block(
        self, block: Block, likes: Sequence[Tree] = (), *, whole: bool = False
    ) -> Block:
        before, self.stmts = self.stmts, []
        for stmt in block.stmts:
            self.span = stmt.span
            try:
                self.stmt(stmt)
            except Misfitting as misfit:
                misfit.span = misfit.span or stmt.span
                raise
        if whole:
            yields = [
                leaf
                for atom in block.yields
                for leaf in leaves(self.tree(atom))
                if len(block.yields) == 1 or not isinstance(leaf, Lit)
            ]
            if any(isinstance(self.tree(a), Node) for a in block.yields):
                yields = [leaf for leaf in yields if isinstance(leaf, Var)]
        else:
            pairs = zip(block.yields, likes, strict=True)
            yields = [leaf for atom, like in pairs for leaf in self.shaped(atom, like)]
        stop = None if block.stop is None else self.atom(block.stop)
        made = Block(tuple(self.stmts), tuple(yields), stop)
        self.stmts = before
        return made

    def stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, Op):
            self.op(stmt)
        elif isinstance(stmt, If):
            outs = self.bind(stmt.outs)
            then, orelse = self.block(stmt.then, outs), self.block(stmt.orelse, outs)
            flat = tuple(v for out in outs for v in variables(out))
            cond = self.atom(stmt.cond)
            self.stmts.append(
                replace(stmt, outs=flat, cond=cond, then=then, orelse=orelse)
            )
        elif isinstance(stmt, Call):
            args = [leaf for a in stmt.args for leaf in leaves(self.tree(a))]
            outs = self.bind(stmt.outs)
            flat = tuple(v for out in outs for v in variables(out))
            passed = tuple(a for a in args if not is_static(a))
            self.stmts.append(replace(stmt, outs=flat, args=passed))
        else:
            self.loop(stmt)

    def loop(self, stmt: For | While) -> None:
        params = self.bind(stmt.params)
        inits = [
            leaf
            for atom, like in zip(stmt.inits, params, strict=True)
            for leaf in self.shaped(atom, like)
        ]
        outs = self.bind(stmt.outs)
        more: dict[str, object] = {}
        if isinstance(stmt, For):
            for word in ("start", "stop", "step"):
                more[word] = self.atom(getattr(stmt, word))
        else:
            more["test"] = self.block(stmt.test, [Lit(True)])
        made = replace(
            stmt,
            outs=tuple(v for out in outs for v in variables(out)),
            params=tuple(v for param in params for v in variables(param)),
            inits=tuple(inits),
            body=self.block(stmt.body, params),
            **more,  # type: ignore[arg-type]
        )
        self.stmts.append(made)

    def bind(self, vars_: Sequence[Var]) -> list[Tree]:
        """Variables that a statement defines: themselves, or what they are apart."""
        found: list[Tree] = []
        for var in vars_:
            tape = isinstance(var.kind, Tape) and is_apart(var.kind.elem)
            if is_apart(var.kind) or tape:
                self.env[var] = grown(var.kind, var.name, static=False)
            found.append(self.env.get(var, var))
        return found

    # ---- operations ------------------------------------------------------------------

    def op(self, op: Op) -> None:
        handler = getattr(self, f"_{op.prim}", None)
        trees = [self.tree(arg) for arg in op.args]
        if handler is not None and handler(op, trees):
            return
        args = tuple(map(self.atom, op.args))
        outs = tuple(v for out in self.bind(op.outs) for v in ([out] if out else ()))
        if any(isinstance(out, Node) for out in outs):
            raise Misfitting("a container that comes out of an operation")
        self.stmts.append(Op(outs, op.prim, args, op.attrs, op.span))  # type: ignore[arg-type]

    def _made(self, op: Op, trees: list[Tree]) -> bool:
        (out,) = op.outs
        if not is_apart(out.kind) and not any(isinstance(t, Node) for t in trees):
            return False
        self.env[out] = Node(out.kind, tuple(trees))
        return True

    _tuple = _list = _dict = _object = _made

    def _len(self, op: Op, trees: list[Tree]) -> bool:
        (tree,) = trees
        if isinstance(tree, Node):
            self.env[op.outs[0]] = Lit(len(tree.items))
        return isinstance(tree, Node)

    def _is_(self, op: Op, trees: list[Tree]) -> bool:
        known = any(isinstance(t, Node) for t in trees) and Lit(None) in trees
        if known:
            self.env[op.outs[0]] = Lit(op.prim == "is_not")
        return known

    _is_not = _is_

    def _copy(self, op: Op, trees: list[Tree]) -> bool:
        return self.each(op, trees[0], self.copied)

    _fresh = _copy

    def copied(self, leaf: Atom) -> Atom:
        if isinstance(leaf.kind, Array):
            return self.emit("copy", (leaf,), leaf.kind)
        return leaf

    def _zeros_of(self, op: Op, trees: list[Tree]) -> bool:
        return self.each(op, trees[0], self.zero)

    def zero(self, leaf: Atom) -> Atom:
        if isinstance(leaf.kind, Array):
            return self.emit("zeros_like", (leaf,), leaf.kind)
        return Lit(0.0) if isinstance(leaf.kind, Scalar) else Lit(None)

    def each(self, op: Op, tree: Tree, visit) -> bool:  # type: ignore[no-untyped-def]
        if isinstance(tree, Node):
            made = [leaf if is_static(leaf) else visit(leaf) for leaf in leaves(tree)]
            self.env[op.outs[0]] = refilled(tree, made)
        return isinstance(tree, Node)

    def _add_items(self, op: Op, trees: list[Tree]) -> bool:
        self.env[op.outs[0]] = self.sum(*trees)
        return True

    def sum(self, a: Tree, b: Tree) -> Tree:
        if a == Lit(None) or b == Lit(None):
            return b if a == Lit(None) else a
        if isinstance(a, Node) and isinstance(b, Node):
            pairs = zip(a.items, b.items, strict=True)
            return Node(a.kind, tuple(self.sum(x, y) for x, y in pairs))
        if isinstance(a, Node) or isinstance(b, Node):
            raise Misfitting("a sum of containers of two forms")
        if holds_floats(a.kind) and holds_floats(b.kind):
            attrs = MappingProxyType({"helper": "add_items"})
            return self.emit("helper", (a, b), a.kind, attrs)
        if not (is_numeric(a.kind) and is_numeric(b.kind)):
            raise Misfitting("a sum of lists, item by item")
        return self.emit("add", (a, b), a.kind)

    def _push(self, op: Op, trees: list[Tree]) -> bool:
        tape, value = trees
        if not isinstance(value, Node):
            return False
        parts = tuple(leaves(value))
        row = self.emit("tuple", parts, Tuple(tuple(part.kind for part in parts)))
        (out,) = self.bind(op.outs)
        assert isinstance(out, Var) and isinstance(tape, Var)
        self.stmts.append(Op((out,), "push", (tape, row), op.attrs, op.span))
        return True

    def _pop(self, op: Op, trees: list[Tree]) -> bool:
        if not is_apart(op.outs[1].kind):
            return False
        tape, value = self.bind(op.outs)
        assert isinstance(tape, Var) and isinstance(tape.kind, Tape)
        row = Var("", tape.kind.elem)
        self.stmts.append(
            Op((tape, row), "pop", (self.atom(op.args[0]),), op.attrs, op.span)
        )
        path = MappingProxyType({"path": "[#]"})
        for k, leaf in enumerate(leaves(value)):
            assert isinstance(leaf, Var)
            read = Op((leaf,), "getitem", (row, Lit(k)), path, op.span)
            self.stmts.append(read)
        return True

    # ---- entries ---------------------------------------------------------------------

    def _getitem(self, op: Op, trees: list[Tree]) -> bool:
        base, *operands = trees
        if not isinstance(base, Node):
            return False
        path = str(op.attrs["path"])
        steps = parse_path(path)
        taken = 0
        while isinstance(base, Node) and taken < len(steps):
            step = steps[taken]
            if isinstance(step, Subscript) and is_slice(step, base):
                base = self.sliced(base, step, operands)
            else:
                found = self.entry(base, step, operands)
                if found is None:
                    base = self.whole(base)  # which entry it is, the run decides
                    break
                base = base.items[found]
            taken += 1
        if taken == len(steps):
            self.env[op.outs[0]] = base
            return True
        used = sum(text.count("#") for text in path_texts(path)[:taken])
        rest = "".join(path_texts(path)[taken:])
        args = (self.whole(base) if isinstance(base, Node) else base,)
        args += tuple(self.atom(arg) for arg in op.args[1 + used :])
        (out,) = self.bind(op.outs)
        if isinstance(out, Node):
            raise Misfitting("an entry is a container, and the run decides which")
        attrs = MappingProxyType({**op.attrs, "path": rest})
        self.stmts.append(Op((out,), "getitem", args, attrs, op.span))  # type: ignore[arg-type]
        return True

    def _setitem(self, op: Op, trees: list[Tree]) -> bool:
        base, value, *operands = trees
        if not isinstance(base, Node):
            return False
        path = str(op.attrs["path"])
        self.env[op.outs[0]] = self.put(op, base, value, path, operands)
        return True

    _additem = _setitem

    def put(
        self, op: Op, base: Tree, value: Tree, path: str, operands: list[Tree]
    ) -> Tree:
        """The container after the write."""
        if not path:
            return value if op.prim == "setitem" else self.sum(base, value)
        if not isinstance(base, Node):
            kept = tuple(self.whole(o) if isinstance(o, Node) else o for o in operands)
            attrs = MappingProxyType({**op.attrs, "path": path})
            written = self.whole(value) if isinstance(value, Node) else value
            return self.emit(op.prim, (base, written, *kept), base.kind, attrs)
        first, rest = path_texts(path)[0], "".join(path_texts(path)[1:])
        found = self.entry(base, parse_path(first)[0], operands)
        if found is None:
            raise Misfitting("a write to an entry that the run decides on")
        items = list(base.items)
        left = operands[first.count("#") :]
        items[found] = self.put(op, items[found], value, rest, left)
        return Node(base.kind, tuple(items))

    def entry(self, node: Node, step: Step, operands: list[Tree]) -> int | None:
        """The number of the entry that a step of a path goes to, if that is known."""
        keys = keys_of(node.kind) if children(node.kind) else ()
        if isinstance(step, Attribute):
            if step.name in keys:
                return keys.index(step.name)
            named = getattr(getattr(node.kind, "cls", None), "_fields", ())
            if step.name in named:
                return named.index(step.name)
            raise Misfitting(f"the attribute `{step.name}`")
        if len(step.items) != 1 or not isinstance(step.items[0], int):
            raise Misfitting("a slice of a container")
        key = operands[step.items[0]]
        if not isinstance(key, Lit):
            return None
        if isinstance(node.kind, Dict):
            return keys.index(key.value) if key.value in keys else None
        if type(key.value) is int and -len(node.items) <= key.value < len(node.items):
            return key.value % len(node.items)
        return None

    def sliced(self, node: Node, step: Subscript, operands: list[Tree]) -> Node:
        """Some entries of a sequence."""
        (item,) = step.items
        assert isinstance(item, Slice)
        bounds = []
        for part in (item.start, item.stop, item.step):
            bound = None if part is None else operands[part]
            if bound is not None and not isinstance(bound, Lit):
                raise Misfitting("a slice of a container whose bounds the run decides")
            bounds.append(None if bound is None else bound.value)
        items = node.items[slice(*bounds)]
        kinds = children(node.kind)[slice(*bounds)]
        plain = List(kinds) if isinstance(node.kind, List) else Tuple(kinds)
        return Node(plain, items)


def holds_floats(kind: Kind) -> bool:
    """Is it a list of floats, one after the other?"""
    if not isinstance(kind, List):
        return False
    items = elements(kind) if kind.items is None else kind.items
    return bool(items) and all(
        isinstance(item, Scalar) and is_float_dtype(item.dtype) for item in items
    )


def is_slice(step: Subscript, node: Node) -> bool:
    return (
        not isinstance(node.kind, (Dict, Object))
        and len(step.items) == 1
        and isinstance(step.items[0], Slice)
    )


def is_static(atom: Atom) -> bool:
    """Is it known, and no number?"""
    return isinstance(atom, Lit) and isinstance(atom.kind, Static)


def variables(tree: Tree) -> list[Var]:
    return [leaf for leaf in leaves(tree) if isinstance(leaf, Var)]
