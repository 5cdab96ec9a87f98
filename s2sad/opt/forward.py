"""Read what was just written from where it came.

    a.1 = setitem a.0[i], v           a.1 = setitem a.0[i], v
    b = getitem a.1[i]         ->     y = mul v, w
    y = mul b, w                      return y, a.1
    return y, a.1

The same for an item of a tuple, list, dict or object that was made here, for a write
over a write of the same place, for an addition to a place that differentiation cleared,
for a `pop` of what was pushed last, and for a write of what was read at that place. A
read never skips to an older version of an array: that one would have to stay as it was,
and the write could not happen in place.
"""

from __future__ import annotations

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import Array, Kind, List, Scalar, Static, Table, is_numeric
from s2sad.ir.nodes import Atom, Function, Lit, Op, Var
from s2sad.ir.paths import Attribute, parse_path
from s2sad.ir.walk import statements
from s2sad.opt.facts import count_uses, is_derived, is_free, number, plain, same_number
from s2sad.opt.rewrite import Rewriter

CONTAINERS = ("tuple", "list", "dict", "object")
ZEROS = ("zeros_like", "zeros_of", "zero_entries", "repeated", "list")
SOURCES = (*CONTAINERS, *ZEROS, "setitem", "push")


READS = frozenset(("getitem", "pop", "setitem", "additem"))


def forward(function: Function) -> Function:
    ops = statements(function.body)
    if not any(isinstance(op, Op) and op.prim in READS for op in ops):
        return function
    return Forward(count_uses(function)).run(function)


class Forward(Rewriter):
    def __init__(self, uses: dict[Var, int]) -> None:
        super().__init__()
        self.uses = uses
        self.made: dict[Var, Op] = {}

    def op(self, op: Op) -> None:
        if op.prim == "getitem" and (found := self.read(op)) is not None:
            self.use(op.outs[0], found)
            return
        if op.prim == "pop" and (pushed := self.source(op.args[0], "push")) is not None:
            stack, item = pushed.args
            if plain(item.kind) == plain(op.outs[1].kind):
                self.use(op.outs[0], stack)
                self.use(op.outs[1], item)
                return
        if op.prim == "setitem" and self.is_back(op):
            self.use(op.outs[0], op.args[0])
            return
        if op.prim in WRITES:
            op = self.over(op)
        if op.prim in READS or op.prim in SOURCES:
            self.made[op.outs[0]] = op
        self.emit(op)

    def source(self, atom: Atom, *prims: str) -> Op | None:
        op = self.made.get(atom) if isinstance(atom, Var) else None
        return op if op is not None and op.prim in prims else None

    # -- reads

    def read(self, op: Op) -> Atom | None:
        stored = self.source(op.args[0], "setitem")
        if stored is not None and same_place(stored, 2, op, 1):
            value, out = stored.args[1], op.outs[0].kind
            return value if same_value(value.kind, out) else None
        made = self.source(op.args[0], *CONTAINERS)
        return None if made is None else self.item(op, made)

    def item(self, op: Op, made: Op) -> Atom | None:
        """The operand of `made` that the path starts with; the rest of it is read."""
        template = str(op.attrs["path"])
        step = parse_path(template)[0]
        taken = 0
        if isinstance(step, Attribute):
            key: object = step.name
            rest = template[1 + len(step.name) :]
        else:
            if step.is_tuple or len(step.items) != 1 or type(step.items[0]) is not int:
                return None
            index = op.args[1]
            if not isinstance(index, Lit):
                return None
            key, taken = index.value, 1
            rest = template[template.index("]") + 1 :]
        place = position(made, key, isinstance(step, Attribute))
        if place is None:
            return None
        found = made.args[place]
        if not rest:
            return found
        out = Var("", op.outs[0].kind)
        args = (found, *op.args[1 + taken :])
        self.op(Op((out,), "getitem", args, {**op.attrs, "path": rest}, op.span))
        return self.get(out)

    # -- writes

    def is_back(self, op: Op) -> bool:
        """Is what was read there written to where it is?"""
        read = self.source(op.args[1], "getitem")
        if read is None or read.args[0] != op.args[0] or not same_place(read, 1, op, 2):
            return False
        return is_numeric(read.outs[0].kind)

    def over(self, op: Op) -> Op:
        """A write to a place that is written again, or was cleared before."""
        first = self.source(op.args[0], "setitem")
        if first is None or self.uses.get(op.args[0], 0) != 1:  # type: ignore[arg-type]
            return op
        if not same_place(first, 2, op, 2) or not fixed(op, 2):
            return op
        cleared = number(first.args[1]) == 0 and is_free(first.args[1], first)
        if op.prim == "additem" and not cleared and not self.is_zero(first, op.args[1]):
            return op
        self.changed = True
        args = (first.args[0], *op.args[1:])
        return Op(op.outs, "setitem", args, op.attrs, op.span)

    def is_zero(self, first: Op, added: Atom) -> bool:
        """Did differentiation put a zero of the kind of `added` there?"""
        zero = self.source(first.args[1], *ZEROS)
        if zero is None or not is_derived(first) or not is_derived(zero):
            return False
        made, kind = zero.outs[0].kind, added.kind
        if zero.prim == "repeated" and number(zero.args[1]) != 0:
            return False
        if zero.prim == "list":
            return not zero.args and isinstance(kind, List)
        if isinstance(made, Array):
            return made == kind and None not in (made.dims or (None,))
        return type(made) is type(kind)


def same_place(a: Op, a_bases: int, b: Op, b_bases: int) -> bool:
    """Do two paths lead to one place, which no index names twice?"""
    if a.attrs["path"] != b.attrs["path"]:
        return False
    return a.args[a_bases:] == b.args[b_bases:] and fixed(b, b_bases)


def fixed(op: Op, bases: int) -> bool:
    """Is it found by numbers, keys, slices, masks (other arrays may name one twice)?"""
    if isinstance(op.args[0].kind, Table):
        return True  # a key is one, whatever its kind
    return all(
        isinstance(atom.kind, (Scalar, Static))
        or (isinstance(atom.kind, Array) and atom.kind.dtype == "bool")
        for atom in op.args[bases:]
    )


def same_value(value: Kind, out: Kind) -> bool:
    """Is what is read what was written: not converted and not spread over a slice?"""
    if isinstance(out, (Scalar, Array)):
        return same_number(value, out)
    return value == out


def position(made: Op, key: object, attribute: bool) -> int | None:
    """Which operand of a container op is at `key`."""
    if attribute:
        cls = made.attrs.get("cls")
        names = made.attrs.get("fields") or getattr(cls, "_fields", ())
        return list(names).index(key) if key in names else None  # type: ignore
    if made.prim == "dict":
        keys = list(made.attrs.get("keys", ()))  # type: ignore[call-overload]
        same = [k for k, known in enumerate(keys) if Lit(known) == Lit(key)]
        return same[0] if len(same) == 1 else None
    if type(key) is not int or made.prim == "object":
        return None
    size = len(made.args)
    return key % size if -size <= key < size else None
