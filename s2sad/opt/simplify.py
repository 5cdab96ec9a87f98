"""Algebra that gives the same floating-point number, to the last bit.

    %1 = pow x, 1                     y_bar = mul 2, x
    %2 = mul 2, %1            ->      a_bar = sub b, c
    y_bar = mul 1.0, %2
    %3 = neg c
    a_bar = add b, %3

`1 * x`, `x / 1`, `x ** 1` and `-(-x)` are `x`; a minus sign moves outwards through
products and quotients until a sum takes it in; `t + t` is `2 * t`. A zero that starts
an adjoint is no summand. `0 * x` stays, for `x` may be infinite. Sums and products are
not regrouped, as that rounds differently: only a power of two moves through, or out
of a sum. Some exceptions are for the reader: `x + t + t` is `x + 2 * t`,
`x * (1.0 / n)` is `x / n`, and beside its logarithm (`opt/ones.py`) `x / x` is one.

The form of what the user wrote is kept: a rule needs an op that differentiation wrote,
or a literal that has no spelling of the user's.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType

from s2sad.ir.kinds import (
    FLOAT,
    INT,
    Array,
    Kind,
    List,
    Scalar,
    Tuple,
    is_float_dtype,
)
from s2sad.ir.nodes import NO_ATTRS, Atom, Function, Lit, Op, Var
from s2sad.opt.facts import (
    count_uses,
    is_derived,
    is_free,
    number,
    same_number,
    signless,
)
from s2sad.opt.ones import LOGARITHMS, is_one
from s2sad.opt.rewrite import Rewriter
from s2sad.opt.shapes import Shapes

ZEROS = ("zeros_like", "zeros")
ASKED = MappingProxyType({"spelling": ".shape"})
ENTRY = MappingProxyType({"path": "[#]"})


def simplify(function: Function) -> Function:
    return Simplify(function).run(function)


class Simplify(Rewriter):
    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function
        self.uses = count_uses(function)
        params = [param.var for param in function.params]
        self.made: dict[Var, Op] = {}  # the ops that a rule looks through
        self.shapes = Shapes(function)
        self.params = set(params)  # handed in, not made here
        self.zeros: set[Var] = set()

    @cached_property
    def signless(self) -> set[Var]:
        return signless(self.function, self.uses)

    @cached_property
    def axes(self) -> dict[object, tuple[Var, int]]:
        """Axes of the parameters, by the names of their lengths."""
        found: dict[object, tuple[Var, int]] = {}
        for param in self.function.params:
            for axis, dim in enumerate(getattr(param.var.kind, "dims", None) or ()):
                if isinstance(dim, str):
                    found.setdefault(dim, (param.var, axis))
        return found

    def op(self, op: Op) -> None:
        if op.prim in RULES:
            found = self.simpler(op)
            while isinstance(found, Op):
                self.changed = True
                op, found = found, self.simpler(found)
            if found is not None:
                self.use(op.outs[0], found)
                return
        outs = op.outs
        plain = "lib" not in op.attrs or op.prim in LOGARITHMS
        if op.prim in LOOKED_THROUGH and plain:
            self.made[outs[0]] = op
            if op.prim in ZEROS:
                self.zeros.add(outs[0])
        if outs and isinstance(outs[0].kind, Array):
            self.shapes.note(op)
        self.stmts.append(op)

    def simpler(self, op: Op) -> Op | Atom | None:
        """A simpler op with the same result, or what the result is."""
        rule = RULES.get(op.prim)
        # np.multiply of two floats gives a number of NumPy's; rules are for operators
        return None if rule is None or "lib" in op.attrs else rule(self, op)

    def holds_for(self, made: Function) -> bool:
        """Would another walk over what this one made find nothing?

        Each op that stays was looked at as it stands, after all that it reads. What a
        rule asks besides is a name, who takes a sign, and whether a value is read but
        once: nothing is found if those are as they were.
        """
        if self.names or "signless" in self.__dict__:
            return False
        before = self.uses
        after = count_uses(made)
        return all([(before.get(var, 0) <= 1) == (n <= 1) for var, n in after.items()])

    # -- questions that the rules ask

    def source(self, atom: Atom, *prims: str) -> Op | None:
        """The op that made `atom`, if it is one of these."""
        op = self.made.get(atom) if isinstance(atom, Var) else None
        return op if op is not None and op.prim in prims else None

    def maker(self, atom: Atom) -> str:
        """The primitive that made `atom`, if rules look through it."""
        op = self.made.get(atom) if isinstance(atom, Var) else None
        return "" if op is None else op.prim

    def looks_through(self, op: Op) -> bool:
        """Does it read something that a rule looks through?"""
        for atom in op.args:
            if isinstance(atom, Var) and atom in self.made:
                return True
        return False

    def negated(self, atom: Atom) -> Atom | None:
        """`x` if `atom` is `-x`."""
        op = self.made.get(atom) if isinstance(atom, Var) else None
        return op.args[0] if op is not None and op.prim == "neg" else None

    def negative(self, atom: Atom, op: Op) -> Atom | None:
        """`x` if `atom` is `-x`, or a product that starts with a negative number."""
        product = self.source(atom, "mul", "div", "outer")
        if product is None or not self.joins(product, op):
            return self.negated(atom)
        c, x = product.args
        if product.prim == "outer":
            c = self.negated(c)  # type: ignore[assignment]
            if c is None:
                return None
        elif is_free(c, product) and (number(c) or 0) < 0:
            c = Lit(-number(c))  # type: ignore[operator]
        elif isinstance(c, Var) and (found := self.negative(c, op)) is not None:
            c = found
        elif isinstance(x, Var) and (found := self.negative(x, op)) is not None:
            x = found
        else:
            return None
        return self.new(op, product.prim, c, x, kind=product.outs[0].kind)

    def joins(self, inner: Op, op: Op) -> bool:
        """Is `inner` a part of `op` that nothing else reads, and has no name?"""
        out = inner.outs[0]
        named = out.name and out.name != op.outs[0].name
        return self.once(out) and is_derived(inner) and not named

    def leads(self, atom: Atom, op: Op) -> bool:
        """Is it a product that starts with a number, to take a sign?"""
        product = self.source(atom, "mul", "div")
        if product is None or not self.joins(product, op):
            return False
        c = product.args[0]
        return bool(number(c) and is_free(c, product)) or self.leads(c, op)

    def once(self, atom: Atom) -> bool:
        return isinstance(atom, Var) and self.uses.get(atom, 0) <= 1

    def is_zero(self, atom: Atom, op: Op) -> bool:
        """A zero that differentiation put here, of the shape of the result or less."""
        if isinstance(atom, Lit):
            return number(atom) == 0 and is_free(atom, op)
        return atom in self.zeros and is_derived(op)

    def same(self, op: Op, atom: Atom) -> Atom | None:
        """`atom` as the result of the op, if it has its type and shape."""
        kind = op.outs[0].kind
        if same_number(kind, atom.kind):
            return atom
        if not (isinstance(kind, Array) and isinstance(atom.kind, Array)):
            return None
        shape = self.shapes.shape_of(op)
        alike = kind.dtype == atom.kind.dtype and shape == self.shapes.of(atom)
        return atom if alike else None

    # -- results that the rules give

    def new(self, like: Op, prim: str, *args: Atom, kind: Kind | None = None) -> Atom:
        """A value computed just before `like`, which stands at the same place."""
        out = Var("", kind or like.outs[0].kind)
        self.uses[out] = 1
        attrs = like.attrs if prim == like.prim else NO_ATTRS
        self.op(Op((out,), prim, args, attrs, like.span))
        return self.get(out)


def instead(op: Op, prim: str, *args: Atom) -> Op:
    """The same result from another op."""
    attrs = op.attrs if prim == op.prim else NO_ATTRS
    return Op(op.outs, prim, args, attrs, op.span)


# ---- signs ---------------------------------------------------------------------------


def neg(s: Simplify, op: Op) -> Op | Atom | None:
    (x,) = op.args
    if not is_derived(op):
        return None
    inner = s.negated(x)
    if inner is not None:
        return s.same(op, inner)
    product = s.source(x, "mul", "div")
    if product is None or not s.joins(product, op):
        return None
    c, y = product.args
    if is_free(c, op) and number(c):
        return instead(op, product.prim, Lit(-number(c)), y)  # type: ignore[operator]
    if s.leads(c, op):
        return instead(op, product.prim, s.new(op, "neg", c, kind=c.kind), y)
    return None


def sign_out(s: Simplify, op: Op) -> Op | None:
    """`(-a) * b` is `-(a * b)`, and so for quotients; two signs are none.

    A sign that is read elsewhere, too, would be computed more often: nothing for a
    number, or where some sum takes the sign in, but else for an array a walk over it.
    """
    a, b = op.args
    if not is_derived(op):
        return None
    p, q = s.negated(a), s.negated(b)
    if p is not None and q is not None:
        return instead(op, op.prim, p, q)
    cheap = isinstance(op.outs[0].kind, Scalar) or op.outs[0] in s.signless
    if q is not None and (cheap or s.once(b)) and number(a) and is_free(a, op):
        return instead(op, op.prim, Lit(-number(a)), q)  # type: ignore[operator]
    if p is not None and (cheap or s.once(a) and is_as_large(a, op)):
        return instead(op, "neg", s.new(op, op.prim, p, b))
    if q is not None and (cheap or s.once(b) and is_as_large(b, op)):
        return instead(op, "neg", s.new(op, op.prim, a, q))
    return None


def is_as_large(atom: Atom, op: Op) -> bool:
    """Is the operand as long as the result along every axis, for all that is known, so
    that a sign costs as much?
    """
    kind, out = atom.kind, op.outs[0].kind
    if not isinstance(out, Array) or not isinstance(kind, Array):
        return isinstance(out, Scalar)
    if kind.dims is None or out.dims is None:
        return kind.rank == out.rank
    return longer_than_one(kind) == longer_than_one(out)


def longer_than_one(kind: Array) -> int:
    return sum(dim != 1 for dim in kind.dims or ())


# ---- sums ----------------------------------------------------------------------------


def add(s: Simplify, op: Op) -> Op | Atom | None:
    a, b = op.args
    if s.is_zero(a, op) and (found := s.same(op, b)) is not None:
        return found
    if s.is_zero(b, op) and (found := s.same(op, a)) is not None:
        return found
    if not is_derived(op):
        return None
    through = s.looks_through(op)
    if through and (y := s.negative(b, op)) is not None:
        return instead(op, "sub", a, y)
    if through and (x := s.negative(a, op)) is not None:
        return instead(op, "sub", b, x)
    if through and (found := one_more(s, op)) is not None:
        return found
    if a == b and isinstance(a.kind, (Scalar, Array)):
        return instead(op, "mul", Lit(2), a)  # of its own shape, whatever that is
    return twice(s, op) or common(s, op) if through else None


def twice(s: Simplify, op: Op) -> Op | None:
    """`x + t + t` is `x + 2 * t`: the two parts of a derivative of a square."""
    a, b = op.args
    inner = s.source(a, "add", "sub")
    if inner is None or not s.once(a) or not isinstance(b, Var):
        return None
    if inner.args[1] != b or not is_derived(inner) or inner.span != op.span:
        return None
    if inner.prim != op.prim:
        return None
    both = s.new(op, "mul", Lit(2), b, kind=b.kind)
    return instead(op, op.prim, inner.args[0], both)


def sub(s: Simplify, op: Op) -> Op | Atom | None:
    a, b = op.args
    if s.is_zero(b, op) and (found := s.same(op, a)) is not None:
        return found
    if not is_derived(op):
        return None
    if s.is_zero(a, op) and s.same(op, b) is not None:
        return instead(op, "neg", b)
    if is_free(b, op) and (number(b) or 0) < 0:
        return instead(op, "add", a, Lit(-number(b)))  # type: ignore[operator]
    if not s.looks_through(op):
        return None
    if (y := s.negative(b, op)) is not None:
        return instead(op, "add", a, y)
    if s.negated(a) == b and isinstance(b, Var):
        return instead(op, "mul", Lit(-2), b)
    return one_more(s, op) or twice(s, op) or common(s, op)


def one_more(s: Simplify, op: Op) -> Op | None:
    """`log(x) + x / x` is `log(x) + 1`."""
    a, b = op.args
    if is_one(b, a, s.source) and s.same(op, a) is not None:
        return instead(op, op.prim, a, Lit(1.0))
    if is_one(a, b, s.source) and s.same(op, b) is not None:
        return instead(op, op.prim, Lit(1.0), b)
    return None


def common(s: Simplify, op: Op) -> Op | None:
    """`2 * x + 2 * y * z` is `2 * (x + y * z)`: exact, as two is a power of two."""
    first = leading(s, op.args[0], op)
    second = leading(s, op.args[1], op) if first else 0
    if not first or first != second and first != -second:
        return None
    prim = op.prim if first == second else "add" if op.prim == "sub" else "sub"
    x, y = (without_leading(s, atom, op) for atom in op.args)
    return instead(op, "mul", Lit(first), s.new(op, prim, x, y))


def leading(s: Simplify, atom: Atom, op: Op) -> int:
    """The power of two that a product starts with, of which `op` may take it out."""
    product = s.source(atom, "mul", "div")
    if product is None or not s.joins(product, op):
        return 0
    c, x = product.args
    if not isinstance(c, Lit):
        return leading(s, c, op)
    whole = type(c.value) is int and is_free(c, product) and product.prim == "mul"
    return c.value if whole and is_power(c.value) and is_float(x.kind) else 0  # type: ignore


def without_leading(s: Simplify, atom: Atom, op: Op) -> Atom:
    product = s.made[atom]  # type: ignore[index]
    c, x = product.args
    if isinstance(c, Lit):
        return x
    left = without_leading(s, c, op)
    return s.new(op, product.prim, left, x, kind=product.outs[0].kind)


# ---- products ------------------------------------------------------------------------


def mul(s: Simplify, op: Op) -> Op | Atom | None:
    a, b = op.args
    if not isinstance(a, Var) or not isinstance(b, Var):
        found = by_one(s, op)
        if found is not None:
            return found
    if not is_derived(op):
        return None
    p, q = s.maker(a), s.maker(b)
    if not p and not q:
        return None
    found = sign_out(s, op) if "neg" in (p, q) else None
    if found is None and "mul" in (p, q):
        found = undone(s, op)
    if found is not None:
        return found
    if isinstance(b, Lit) and is_free(b, op) and number(b) is not None:
        return gathered(s, op)
    if q not in ("mul", "div"):
        return None
    return doubled(s, op) or balanced(s, op) or divided(s, op)


def by_one(s: Simplify, op: Op) -> Op | Atom | None:
    """`1 * x` is `x`, `-1 * x` is `-x`."""
    for c, x in (op.args, op.args[::-1]):
        if isinstance(c, Var) or not is_free(c, op):
            continue
        if number(c) == 1 and (found := s.same(op, x)) is not None:
            return found
        if number(c) == -1 and s.same(op, x) is not None:
            return instead(op, "neg", x)
        if not is_derived(op) or not isinstance(op.outs[0].kind, Scalar):
            continue
        if number(c) == 1 and is_float(x.kind):
            return x  # the seed of a gradient is a Python float
        if number(c) in (1, -1) and is_int(x.kind) and op.outs[0].kind == FLOAT:
            if number(c) == -1:
                x = s.new(op, "neg", x, kind=INT)
            return instead(op, "float", x)
    return None


def undone(s: Simplify, op: Op) -> Atom | None:
    """`2 * x * 0.5` is `x`: exact, as both factors are powers of two."""
    for c, x in (op.args, op.args[::-1]):
        p = number(c)
        inner = s.source(x, "mul") if p and is_free(c, op) else None
        for d, y in (inner.args, inner.args[::-1]) if inner is not None else ():
            q = number(d)
            if q and p * q == 1 and is_free(d, op) and (is_power(p) or is_power(q)):
                return s.same(op, y)
    return None


def gathered(s: Simplify, op: Op) -> Op | None:
    """`2 * x * 100.0` is `200.0 * x`: exact, as two is a power of two."""
    x, c = op.args
    inner = s.source(x, "mul")
    if inner is None or not is_derived(op) or not s.joins(inner, op):
        return None
    d, y = inner.args
    p, q = number(c), number(d)
    if p is None or q is None or not is_free(d, inner) or not is_float(y.kind):
        return None
    if not same_number(inner.outs[0].kind, op.outs[0].kind):
        return None
    whole = p == int_or_nan(p) and q == int_or_nan(q) and abs(p * q) < 2**31
    if not whole or not (is_power(p) or is_power(q)):
        return None
    return instead(op, "mul", Lit(p * q), y)


def divided(s: Simplify, op: Op) -> Op | None:
    """`x * (1.0 / n)` is `x / n`."""
    a, b = op.args
    inner = s.source(b, "div")
    if inner is None or not is_derived(op) or not s.once(b) or not is_derived(inner):
        return None
    c, n = inner.args
    return instead(op, "div", a, n) if number(c) == 1 and is_free(c, inner) else None


def doubled(s: Simplify, op: Op) -> Op | None:
    """`2 * (3 * x)` is `6 * x`: exact as one factor is a power of two, and both are
    whole, so that nothing is lost below the smallest normal number either.
    """
    c, x = op.args
    p = number(c)
    inner = None if p is None else s.source(x, "mul", "div")
    if inner is None or not is_derived(op) or not s.once(x):
        return None
    d, y = inner.args
    q = number(d)
    if p in (2, 4, 0.5) and is_free(c, op) and q is None and is_derived(inner):
        # 2 * (x * y_bar) is 2 * x * y_bar
        if is_float(d.kind) and inner.outs[0].name in ("", op.outs[0].name):
            return instead(op, inner.prim, s.new(op, "mul", c, d, kind=d.kind), y)
    if inner.prim == "div" or not same_number(inner.outs[0].kind, op.outs[0].kind):
        return None
    if p is None or q is None or not (is_free(c, op) and is_free(d, op)):
        return None
    if p != int_or_nan(p) or q != int_or_nan(q) or not (is_power(p) or is_power(q)):
        return None
    return instead(op, "mul", Lit(p * q), y) if abs(p * q) < 2**31 else None


def balanced(s: Simplify, op: Op) -> Op | None:
    """`2 * x * (0.5 * y)` is `x * y`: exact, as both factors are powers of two."""
    one = s.source(op.args[0], "mul")
    other = s.source(op.args[1], "mul") if one is not None else None
    if one is None or other is None or not is_derived(op):
        return None
    (c, x), (d, y) = one.args, other.args
    p, q = number(c), number(d)
    if not (is_free(c, one) and is_free(d, other) and p and q):
        return None
    if not all(s.joins(each, op) for each in (one, other)) or p * q != 1:
        return None
    if not all(is_power(each) or is_power(1 / each) for each in (p, q)):
        return None
    same = same_number(one.outs[0].kind, x.kind)
    same &= same_number(other.outs[0].kind, y.kind)
    return instead(op, "mul", x, y) if same else None


def is_float(kind: Kind) -> bool:
    return isinstance(kind, (Scalar, Array)) and is_float_dtype(kind.dtype)


def is_int(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and kind.dtype == "int"


def int_or_nan(value: float) -> float:
    return value if float(value).is_integer() else float("nan")


def is_power(value: float) -> bool:
    whole = int(abs(value))
    return whole > 0 and whole & (whole - 1) == 0


def div(s: Simplify, op: Op) -> Op | Atom | None:
    a, b = op.args
    if is_free(b, op):
        if number(b) == 1 and (found := s.same(op, a)) is not None:
            return found
        if number(b) == -1 and s.same(op, a) is not None:
            return instead(op, "neg", a)
    return sign_out(s, op) if s.looks_through(op) else None


def power(s: Simplify, op: Op) -> Op | Atom | None:
    a, b = op.args
    return s.same(op, a) if is_free(b, op) and number(b) == 1 else None


def either(s: Simplify, op: Op) -> Atom | None:
    """`a | a` is `a`, and so is `a | False`."""
    a, b = op.args
    if not is_derived(op) or getattr(a.kind, "dtype", None) != "bool":
        return None
    return a if b in (a, Lit(False)) and a.kind == op.outs[0].kind else None


# ---- containers ----------------------------------------------------------------------


def rebuilt(s: Simplify, op: Op) -> Atom | None:
    """`[a[0], a[1]]` is `a`, if that is all there is in it."""
    reads = [s.source(atom, "getitem") for atom in op.args]
    if not is_derived(op) or None in reads:
        return None
    bases = {read.args[0] for read in reads if read is not None}
    base = bases.pop() if len(bases) == 1 else None
    kind, out = getattr(base, "kind", None), op.outs[0].kind
    if not isinstance(kind, (List, Tuple)) or type(kind) is not type(out):
        return None
    if kind != out or kind.items is None or len(kind.items) != len(reads):
        return None
    keys = [
        read.args[1:] if read is not None and read.attrs["path"] == "[#]" else ()
        for read in reads
    ]
    whole = keys == [(Lit(k),) for k in range(len(reads))]
    made = base not in s.params and s.source(base, "getitem") is None  # type: ignore[arg-type]
    return base if whole and made else None


# ---- shapes --------------------------------------------------------------------------


def unbroadcast(s: Simplify, op: Op) -> Op | Atom | None:
    """Nothing to sum where both shapes are one."""
    x_bar, x = op.args
    if not same_number(x_bar.kind, x.kind) and s.shapes.of(x_bar) != s.shapes.of(x):
        return None
    return s.same(op, x_bar)


def transpose(s: Simplify, op: Op) -> Op | Atom | None:
    """Twice is not at all; of a product, the factors change places."""
    inner = s.source(op.args[0], "transpose", "matmul", "outer")
    if inner is None or op.attrs.get("axes") is not None or not is_derived(op):
        return moved(s, op)
    if inner.prim == "outer":
        return instead(op, "outer", *inner.args[::-1]) if s.joins(inner, op) else None
    if inner.prim == "matmul":
        return product_of(s, op, inner)
    if inner.attrs.get("axes") is None:
        return s.same(op, inner.args[0])
    return moved(s, op)


def product_of(s: Simplify, op: Op, product: Op) -> Op | None:
    """`B.T @ A` for `(A.T @ B).T`."""
    if not s.joins(product, op) or any(not is_matrix(x) for x in product.args):
        return None
    found = []
    for x in product.args[::-1]:
        turned = s.source(x, "transpose")
        axes = None if turned is None else turned.attrs.get("axes")
        found.append((x, turned.args[0] if turned is not None and not axes else None))
    if all(base is None for _, base in found):
        return None
    args = [
        s.new(op, "transpose", x, kind=Array(x.kind.dtype, x.kind.dims[::-1]))  # type: ignore[attr-defined]
        if base is None
        else base
        for x, base in found
    ]
    return instead(op, "matmul", *args)


def is_matrix(atom: Atom) -> bool:
    return isinstance(atom.kind, Array) and atom.kind.rank == 2


def flip(s: Simplify, op: Op) -> Atom | None:
    """Twice is not at all."""
    inner = s.source(op.args[0], "flip")
    if inner is None or not is_derived(op) or turned(op) != turned(inner):
        return None
    return s.same(op, inner.args[0])


def turned(op: Op) -> object:
    """The axes along which an array of known rank is turned."""
    axis, rank = op.attrs.get("axis"), getattr(op.outs[0].kind, "rank", None)
    if rank is None:
        return op.outs[0]  # like no other
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(a % rank for a in axes))


def additem(s: Simplify, op: Op) -> Op | None:
    """What is added to all of nothing, from behind, is turned round."""
    base, value, *index = op.args
    kind = op.outs[0].kind
    if op.attrs.get("path") != "[::#]" or index != [Lit(-1)] or not is_derived(op):
        return None
    whole = isinstance(kind, Array) and kind.dims and None not in kind.dims
    if not whole or value.kind != kind or s.source(base, *ZEROS) is None:
        return None
    return Op(op.outs, "flip", (value,), {"axis": 0}, op.span)


def moved(s: Simplify, op: Op) -> Op | None:
    """The sign of what is only moved or summed is that of the result. (Where a sum
    cancels to zero, that of the zero may change.)
    """
    x = s.negated(op.args[0]) if is_derived(op) and s.once(op.args[0]) else None
    if x is None:
        return None
    return instead(op, "neg", s.new(op, op.prim, x, *op.args[1:]))


def squeezed(s: Simplify, op: Op) -> Op | None:
    """An axis that a sum keeps, only to lose it at once, is not kept."""
    total = s.source(op.args[0], "sum")
    if total is None or not s.joins(total, op):
        return moved(s, op)
    axis = total.attrs.get("axis")
    if not total.attrs.get("keepdims") or axis is None or axis != op.attrs.get("axis"):
        return moved(s, op)
    return Op(op.outs, "sum", total.args, {"axis": axis}, op.span)


def measured(s: Simplify, op: Op) -> Op | None:
    """A shape is asked of the first array that has it, so that no other is kept."""
    x = op.args[0]
    first = s.shapes.of(x)
    if not is_derived(op):
        return None
    if first == x:
        return counted(s, op) if op.prim == "size" and s.once(x) else None
    if not isinstance(first, Var):
        return None
    alike = op.prim in ("shape", "size") or first.kind == x.kind
    return instead(op, op.prim, first, *op.args[1:]) if alike else None


def counted(s: Simplify, op: Op) -> Op | None:
    """The size of what is made for that alone is asked of the parameters."""
    x = op.args[0]
    dims = getattr(x.kind, "dims", None)
    axes = [s.axes.get(dim) for dim in dims or ()]
    if not axes or x in s.params or None in axes:
        return None
    lengths: list[Op] = []
    for dim, (array, axis) in zip(dims, axes, strict=True):  # type: ignore[misc]
        kind = Scalar("int", dim)
        if axis == 0:
            lengths.append(Op((Var("", kind),), "len", (array,), NO_ATTRS, op.span))
        else:
            sizes = tuple(Scalar("int", each) for each in array.kind.dims)  # type: ignore[attr-defined]
            shape = Var("", Tuple(sizes))
            s.op(Op((shape,), "shape", (array,), ASKED, op.span))
            at = (shape, Lit(axis))
            lengths.append(Op((Var("", kind),), "getitem", at, ENTRY, op.span))
    total, *others = lengths
    for other in others:
        s.op(total)
        s.op(other)
        args = (*total.outs, *other.outs)
        total = Op((Var("", INT),), "mul", args, NO_ATTRS, op.span)
    return Op(op.outs, total.prim, total.args, total.attrs, op.span)


RULES = {
    "list": rebuilt,
    "tuple": rebuilt,
    "neg": neg,
    "add": add,
    "sub": sub,
    "mul": mul,
    "div": div,
    "pow": power,
    "or_": either,
    "unbroadcast": unbroadcast,
    "transpose": transpose,
    "flip": flip,
    "additem": additem,
    **dict.fromkeys(("sum", "mean", "reshape", "expand_dims"), moved),
    "squeeze": squeezed,
    **dict.fromkeys(("swapaxes", "broadcast_to", "matmul"), moved),
    **dict.fromkeys(("shape", "size", *ZEROS[:1], "ones_like", "full_like"), measured),
}
LOOKED_THROUGH = frozenset(
    (
        "getitem",
        "neg",
        "add",
        "sub",
        "mul",
        "div",
        "transpose",
        "sum",
        "outer",
        "matmul",
        *ZEROS,
        *LOGARITHMS,
        "flip",
    )
)
