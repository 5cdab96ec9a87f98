"""Leave out the adjoint of a shift that the result does not depend on.

    m = max a {axis=1, keepdims}
    e = exp (a - m)
    s = sum e {axis=1}
    %1 = div y_bar, s
    a_bar.0 = mul e, %1[:, None]
    m_bar = sub y_bar[:, None], (sum a_bar.0 {axis=1, keepdims})
    %2 = mul slope, m_bar
    a_bar.1 = add a_bar.0, %2              ->     a_bar.1 is a_bar.0

`m + log(sum(exp(a - m)))` is the same for every `m`: what the adjoint of `m` gets from
the `m` in front, it loses through the sum, whose weights `e / s` add up to 1. That is
so where `s` is finite and not 0. It is known to be where `m` is the greatest along the
same axis: then one `exp` is 1 and none is more. (Where something is infinite, or no
number, all of `e` and `a_bar` is none either.)

A zero found so is no number that was rounded, but the lack of an adjoint: nothing comes
of it, not even times infinity.
"""

from __future__ import annotations

from collections import Counter
from math import prod

from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Atom, Function, Op, Var
from s2sad.ir.walk import statements
from s2sad.opt.facts import alike, is_derived, number
from s2sad.opt.rewrite import Rewriter

DEPTH = 8  # of products in products, that are looked at
MOVES = frozenset(
    "neg getitem expand_dims squeeze sum reshape transpose full_like".split()
)

Key = tuple[Atom, str]  # a value, and the path of a view that gives it more axes
Product = tuple[Counter[Key], Counter[Key]]


def cancel(function: Function) -> Function:
    ops = [op for op in statements(function.body) if isinstance(op, Op)]
    if not {"exp", "max", "sum", "sub"} <= {op.prim for op in ops}:
        return function
    return Cancel(ops).run(function)


class Cancel(Rewriter):
    def __init__(self, ops: list[Op]) -> None:
        super().__init__()
        self.made = {op.outs[0]: op for op in ops if len(op.outs) == 1}
        self.zeros: set[Atom] = set()

    def op(self, op: Op) -> None:
        if op.prim in RULES and is_derived(op) and "lib" not in op.attrs:
            found = RULES[op.prim](self, op)
            if found is not None:
                self.use(op.outs[0], found, rename=False)
                return
        self.emit(op)

    def add(self, op: Op) -> Atom | None:
        a, b = op.args
        if a in self.zeros and b in self.zeros:
            self.zeros.add(op.outs[0])
        elif b in self.zeros and alike(a.kind, op.outs[0].kind):
            return a
        elif a in self.zeros and alike(b.kind, op.outs[0].kind):
            return b
        return None

    def sub(self, op: Op) -> Atom | None:
        a, b = op.args
        if b in self.zeros and alike(a.kind, op.outs[0].kind):
            return a
        if self.is_nothing(a, b):
            self.zeros.add(op.outs[0])
        return None

    def additem(self, op: Op) -> Atom | None:
        return op.args[0] if op.args[1] in self.zeros else None

    def product(self, op: Op) -> Atom | None:
        if not self.zeros.isdisjoint(op.args):
            self.zeros.add(op.outs[0])
        return None

    def moved(self, op: Op) -> Atom | None:
        """What moves or sums its first operand, or spreads its last."""
        value = op.args[1] if op.prim == "full_like" else op.args[0]
        if value in self.zeros:
            self.zeros.add(op.outs[0])
        return None

    # -- what is taken away is what was there

    def is_nothing(self, a: Atom, b: Atom) -> bool:
        total = self.made.get(b) if isinstance(b, Var) else None
        if total is None or total.prim != "sum" or not is_derived(total):
            return False
        over, under = self.factors(total.args[0])
        weights = [(e, s) for e in over for s in under if self.is_one(total, e, s)]
        if not weights or sum(under.values()) > 1:
            return False
        over[weights[0][0]] -= 1
        rest = +over
        mine, none = self.factors(a)
        return not none and same(mine, rest)

    def factors(self, atom: Atom) -> Product:
        """What it is the product of, and what is divided by."""
        over: Counter[Key] = Counter()
        under: Counter[Key] = Counter()
        todo: list[tuple[Atom, str, bool, int]] = [(atom, "", True, 0)]
        while todo:
            part, path, above, depth = todo.pop()
            op = self.made.get(part) if isinstance(part, Var) else None
            if op is not None and "lib" not in op.attrs and depth < DEPTH:
                if op.prim == "mul" and (not path or one_rank(op)):
                    todo += [(x, path, above, depth + 1) for x in op.args]
                    continue
                if op.prim == "div" and (not path or one_rank(op)):
                    todo.append((op.args[0], path, above, depth + 1))
                    todo.append((op.args[1], path, not above, depth + 1))
                    continue
                if op.prim == "getitem" and not path and len(op.args) == 1:
                    todo.append((op.args[0], str(op.attrs["path"]), above, depth + 1))
                    continue
            if isinstance(part.kind, Scalar):
                path = ""  # a number is one in every view
            (over if above else under)[part, path] += 1
        return over, under

    def is_one(self, total: Op, e: Key, s: Key) -> bool:
        """Is the sum over `e / s` 1 for sure, neither 0 nor infinite in between?"""
        axis = axes_of(total)
        above, below = (self.made.get(key[0]) for key in (e, s))  # type: ignore[arg-type]
        if above is None or below is None or e[1] or axis is None:
            return False
        if above.prim != "exp" or below.prim != "sum" or below.args[0] != e[0]:
            return False
        shift = self.made.get(above.args[0])  # type: ignore[arg-type]
        if shift is None or shift.prim != "sub" or axes_of(below) != axis:
            return False
        most, path = self.viewed(shift.args[1])
        if most is None or most.prim != "max" or most.args[0] != shift.args[0]:
            return False
        if axes_of(most) != axis or set(most.attrs) - {"axis", "keepdims", "spelling"}:
            return False
        return fits(most, path, axis) and fits(below, s[1], axis)

    def viewed(self, atom: Atom) -> tuple[Op | None, str]:
        op = self.made.get(atom) if isinstance(atom, Var) else None
        if op is not None and op.prim == "getitem" and len(op.args) == 1:
            return self.made.get(op.args[0]), str(op.attrs["path"])  # type: ignore[arg-type]
        return op, ""


def same(mine: Counter[Key], rest: Counter[Key]) -> bool:
    """Are both products of the same numbers and the same values?"""
    one, other = (
        prod(number(key[0]) or 1 for key in product.elements())
        for product in (mine, rest)
    )
    return one == other and named(mine) == named(rest)


def named(product: Counter[Key]) -> Counter[Key]:
    return Counter(key for key in product.elements() if not number(key[0]))


def one_rank(op: Op) -> bool:
    """Have all operands that are arrays as many axes as the result?"""
    ranks = {x.kind.rank for x in (*op.args, *op.outs) if isinstance(x.kind, Array)}
    return len(ranks) == 1


def axes_of(op: Op) -> tuple[int, ...] | None:
    """The axes of a reduction, none negative; None if they are not known."""
    kind, axis = op.args[0].kind, op.attrs.get("axis")
    if not isinstance(kind, Array) or kind.rank is None:
        return None
    if axis is None:
        return tuple(range(kind.rank))
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(a % kind.rank for a in given))


def fits(reduction: Op, path: str, axes: tuple[int, ...]) -> bool:
    """Does what a reduction gives, seen so, stand beside each element it came from?"""
    rank = reduction.args[0].kind.rank  # type: ignore[union-attr]
    if reduction.attrs.get("keepdims"):
        return not path
    if not path:
        return axes == tuple(range(len(axes)))
    items = path[1:-1].split(", ")
    items += [":"] * (rank - len(items))
    return tuple(k for k, item in enumerate(items) if item == "None") == axes and (
        len(items) == rank and set(items) <= {":", "None"}
    )


RULES = {
    "add": Cancel.add,
    "sub": Cancel.sub,
    "additem": Cancel.additem,
    "mul": Cancel.product,
    **dict.fromkeys(MOVES, Cancel.moved),
}
