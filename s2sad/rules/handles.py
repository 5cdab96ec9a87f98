"""Handles: values a rule computes with, which build IR.

A rule is ordinary code. Given numbers it gives numbers, given sympy symbols a
formula; given handles it builds an expression. A handle is lazy: an operation is
appended to the builder when its atom is asked for, so a partial that nobody wants
costs nothing, and `(1 / b) * y_bar` can still become `y_bar / b`.

Adjoints and tangents may be *lazy* in another sense: of a shape that broadcasts to
that of their variable. The adjoint of `sum(x)` is a number until somebody needs an
array (`full`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    Array,
    Kind,
    Scalar,
    Unknown,
    is_one,
    is_python_scalar,
    is_real,
)
from s2sad.ir.nodes import Atom, If, Lit, Var
from s2sad.rules.registry import PRIMITIVES

NO_ATTRS: Mapping[str, object] = {}
INF = Lit(math.inf, "math.inf")
NAN = Lit(math.nan, "math.nan")


class Named:
    """A constant that is printed by name: `Named("math.pi", math.pi, "pi")`."""

    def __init__(self, text: str, value: float, formula: str) -> None:
        self.text, self.value, self.formula = text, value, formula

    def _sympy_(self):
        import sympy

        return sympy.sympify(self.formula)

    def __float__(self) -> float:
        return self.value

    def __mul__(self, other):
        return self.beside(other) * other

    def __rmul__(self, other):
        return other * self.beside(other)

    def __truediv__(self, other):
        return self.beside(other) / other

    def __rtruediv__(self, other):
        return other / self.beside(other)

    def beside(self, other: object) -> object:
        """What stands for this constant in an expression with `other`."""
        if isinstance(other, Handle):
            return lift(other.b, self)
        return self._sympy_() if is_symbolic(other) else self.value


PI = Named("math.pi", math.pi, "pi")


def is_symbolic(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "sympy"


class Handle:
    """An atom, or an operation on handles that has not been appended yet."""

    __slots__ = ("_atom", "args", "attrs", "b", "kind", "lib", "prim")
    __array_ufunc__ = None  # NumPy: leave operators to us
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        b: Builder,
        atom: Atom | None,
        prim: str = "",
        args: Sequence[Handle] = (),
        attrs: Mapping[str, object] = NO_ATTRS,
        kind: Kind | None = None,
    ) -> None:
        self.b = b
        self._atom = atom
        self.prim = prim
        self.args = args
        self.attrs = attrs
        # "math": the primal called `math`, and what that raises here is raised before.
        # "np": it called NumPy, which does not raise where Python's operators would.
        self.lib = ""
        for arg in args:
            if arg.lib:
                self.lib = arg.lib
                break
        self.kind: Kind = atom.kind if kind is None else kind  # type: ignore[union-attr]

    @property
    def atom(self) -> Atom:
        """The value, computed at the builder's present place if it is not there yet."""
        if self._atom is None:
            if self.prim == "if":
                self._atom = self._branch()
            elif self.prim == "or":
                self._atom = self._first_or_other()
            else:
                args = [arg.atom for arg in self.args]
                self._atom = self.b.op(self.prim, args, self.kind, attrs=self.attrs)
        return self._atom

    def _branch(self) -> Var:
        test, then, orelse = self.args
        out, cond = Var("", self.kind), test.atom
        # copies: what is computed inside a branch is not there outside of it
        with self.b.block() as yes:
            taken = then._copy({}).atom
        with self.b.block() as no:
            other = orelse._copy({}).atom
        self.b.add(
            If((out,), cond, yes.close((taken,)), no.close((other,)), form="expr")
        )
        return out

    def _first_or_other(self) -> Var:
        first, other = (arg.atom for arg in self.args)
        out = Var("", self.kind)
        with self.b.block() as yes, self.b.block() as no:
            pass
        self.b.add(
            If((out,), first, yes.close((first,)), no.close((other,)), form="or")
        )
        return out

    def _copy(self, made: dict[int, Handle]) -> Handle:
        """This expression again, its parts that are not computed yet not shared."""
        if self._atom is not None:
            return self
        if id(self) not in made:
            args = [arg._copy(made) for arg in self.args]
            made[id(self)] = Handle(
                self.b, None, self.prim, args, self.attrs, self.kind
            )
        return made[id(self)]

    @property
    def value(self) -> object:
        """The number, if this is a literal; else None."""
        atom = self._atom
        return atom.value if isinstance(atom, Lit) and _is_number(atom.value) else None

    # arithmetic
    def __add__(self, other):
        return add(self, other)  # noqa: E704

    def __radd__(self, other):
        return add(other, self)  # noqa: E704

    def __sub__(self, other):
        return sub(self, other)  # noqa: E704

    def __rsub__(self, other):
        return sub(other, self)  # noqa: E704

    def __mul__(self, other):
        return mul(self, other)  # noqa: E704

    def __rmul__(self, other):
        return mul(other, self)  # noqa: E704

    def __truediv__(self, other):
        return div(self, other)  # noqa: E704

    def __rtruediv__(self, other):
        return div(other, self)  # noqa: E704

    def __neg__(self):
        return neg(self)  # noqa: E704

    def __pow__(self, other):
        return power(self, other)  # noqa: E704

    def __rpow__(self, other):
        return power(other, self)  # noqa: E704

    def __floordiv__(self, other):
        return build("floordiv", self, other)  # noqa: E704

    def __mod__(self, other):
        return build("mod", self, other)  # noqa: E704

    def __matmul__(self, other):
        return build("matmul", self, other)  # noqa: E704

    def __rmatmul__(self, other):
        return build("matmul", other, self)  # noqa: E704

    # comparison: arrays of bool, or one
    def __lt__(self, other):
        return build("lt", self, other)  # noqa: E704

    def __le__(self, other):
        return build("le", self, other)  # noqa: E704

    def __gt__(self, other):
        return build("gt", self, other)  # noqa: E704

    def __ge__(self, other):
        return build("ge", self, other)  # noqa: E704

    def __eq__(self, other):
        return build("eq", self, other)  # type: ignore[override]  # noqa: E704

    def __ne__(self, other):
        return build("ne", self, other)  # type: ignore[override]  # noqa: E704

    def __and__(self, other):
        return build("and_", self, other)  # noqa: E704

    def __or__(self, other):
        return build("or_", self, other)  # noqa: E704

    def __bool__(self) -> bool:
        raise TypeError("a rule may not branch on a value; use choose(test, a, b)")

    def __getitem__(self, key) -> Handle:
        """`x[..., 0]`: a key of `...`, `:` and integers."""
        parts = key if isinstance(key, tuple) else (key,)
        texts = [
            "..." if part is ... else ":" if part == slice(None) else "#"
            for part in parts
        ]
        index = [part for part, text in zip(parts, texts, strict=True) if text == "#"]
        return build("getitem", self, *index, path=f"[{', '.join(texts)}]")

    @property
    def T(self) -> Handle:  # noqa: N802
        return build("transpose", self, spelling=".T")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def lift(b: Builder, value: object) -> Handle:
    """A handle of a handle, atom or constant."""
    if isinstance(value, Handle):
        return value
    if isinstance(value, (Var, Lit)):
        return Handle(b, value)
    if isinstance(value, Named):
        return Handle(b, Lit(value.value, value.text))
    if isinstance(value, float) and math.isinf(value) and value > 0:
        return Handle(b, INF)
    if isinstance(value, float) and math.isnan(value):
        return Handle(b, NAN)
    return Handle(b, Lit(value))


def builder_of(values: Sequence[object]) -> Builder:
    return next(value.b for value in values if isinstance(value, Handle))


def build(prim: str, *values: object, **attrs: object) -> Handle:
    """The operation on handles (at least one of the values is one)."""
    b = builder_of(values)
    args = [v if isinstance(v, Handle) else lift(b, v) for v in values]
    if "spelling" in attrs and not _has_members(args[0].kind):
        attrs = _as_function(prim, attrs)
    (kind,) = PRIMITIVES[prim].infer([_typed(arg) for arg in args], attrs)
    return Handle(b, None, prim, args, attrs, kind)


def _has_members(kind: Kind) -> bool:
    """Is it known to be NumPy's, so that `x.size` is there to be asked for?

    What has no known rank may be a number of Python's.
    """
    if isinstance(kind, Array):
        return kind.dims is not None
    return isinstance(kind, Scalar) and not is_python_scalar(kind)


def _as_function(prim: str, attrs: Mapping[str, object]) -> Mapping[str, object]:
    """`np.size(x)` where `x.size` was to be written, if there is such a function."""
    spellings = PRIMITIVES[prim].spellings
    if not str(attrs["spelling"]).startswith(".") or not spellings:
        return attrs
    if not spellings[0].startswith("np."):
        return attrs
    return {key: value for key, value in attrs.items() if key != "spelling"}


def _typed(arg: Handle) -> Atom:
    """An atom of the handle's kind; never placed in the program."""
    return Var("", arg.kind) if arg._atom is None else arg._atom


# ---- arithmetic that folds where the result is exactly the same ----------------------


def _folds(x: object) -> bool:
    """May `1 * x` be `x` (no integer or bool that would change type)?"""
    return isinstance(x, Handle) and (is_real(x.kind) or x.value is not None)


def _number(x: object) -> float | int | None:
    if isinstance(x, Handle):
        atom = x._atom
        if not isinstance(atom, Lit):
            return None
        if atom.text and atom.text.startswith("math."):
            return None  # a named constant stays a name
        return x.value  # type: ignore[return-value]
    return x if _is_number(x) else None  # type: ignore[return-value]


def _is(x: object, number: float) -> bool:
    found = _number(x)
    return found is not None and found == number


def _both(a: object, b: object) -> bool:
    return _number(a) is not None and _number(b) is not None


def _match(x: object, prim: str) -> bool:
    return isinstance(x, Handle) and x.prim == prim and x._atom is None


def add(a, b):
    if _both(a, b):
        return lift(builder_of([a, b]), _number(a) + _number(b))
    if _is(a, 0) and _folds(b):
        return b
    if _is(b, 0) and _folds(a):
        return a
    if _match(b, "neg"):
        return build("sub", a, b.args[0])
    return build("add", a, b)


def sub(a, b):
    if _both(a, b):
        return lift(builder_of([a, b]), _number(a) - _number(b))
    if _is(b, 0) and _folds(a):
        return a
    if _is(a, 0) and _folds(b):
        return neg(b)
    if _match(b, "neg"):
        return build("add", a, b.args[0])
    return build("sub", a, b)


def mul(a, b):
    p, q = _number(a), _number(b)
    if p is not None and q is not None:
        return lift(builder_of([a, b]), p * q)
    for one, x in ((p, b), (q, a)):
        if one == 1 and _folds(x):
            return x
        if one == -1 and _folds(x):
            return neg(x)
    if not (_waits(a) or _waits(b)):
        return build("mul", a, b)
    # (1 / q) * b = b / q, and so for a minus sign before it
    for p, x in ((a, b), (b, a)):
        if _match(p, "div") and _is(p.args[0], 1):
            return _divided_as(p, x)
        if _match(p, "div") and _is(p.args[0], -1):
            return _divided_as(p, neg(lift(builder_of([a, b]), x)))
        if _match(p, "neg") and _match(p.args[0], "div") and _is(p.args[0].args[0], 1):
            return _divided_as(p.args[0], neg(lift(builder_of([a, b]), x)))
    # (p / q) * b = p * (b / q): other operands have a use for the quotient, too
    if _match(a, "neg") and _is_ratio(a.args[0]):
        return neg(mul(a.args[0], b))
    if _is_ratio(a):
        return mul(a.args[0], quotient(b, a.args[1]))
    return build("mul", a, b)


def _waits(x):
    """Is it a quotient, or has it a sign, not yet placed?"""
    return isinstance(x, Handle) and x._atom is None and x.prim in ("div", "neg")


def _is_ratio(x):
    """Is it a quotient of two values, not yet placed?"""
    if not _match(x, "div"):
        return False
    return not any(map(_is_constant, x.args))


def _is_constant(x):
    """Is it a number, or computed from numbers?"""
    if isinstance(x, Handle) and x._atom is None:
        return all(map(_is_constant, x.args))
    return not isinstance(x, Handle) or isinstance(x._atom, Lit)


def div(a, b):
    if _is(b, 1) and _folds(a):
        return a
    return build("div", a, b)


def _divided_as(inverse, x):
    """`x / q` as `inverse` is `1 / q`: by NumPy's division if that was."""
    a, b = x, inverse.args[1]
    return quotient(a, b) if inverse.attrs.get("lib") == "np" else div(a, b)


def quotient(a, b):
    """`a / b` that is infinite where the function is whose slope it is.

    For Python's floats NumPy's division if the function was NumPy's; `math.log` has
    raised before. (An adjoint of NumPy's kind may be a float at run time: a seed.)
    """
    if not isinstance(b, Handle):
        return a / b
    number = not isinstance(a, Handle) or isinstance(a.kind, Scalar)
    if b.lib == "np" and number and is_python_scalar(b.kind):
        return build("div", a, b, lib="np")
    return div(a, b)


def neg(a):
    if _number(a) is not None:
        return lift(a.b, -_number(a))
    if _match(a, "neg"):
        return a.args[0]
    return build("neg", a)


def power(a, b):
    if _is(b, 1) and _folds(a):
        return a
    return build("pow", a, b)


# ---- shapes --------------------------------------------------------------------------


def is_lazy(value: Kind, variable: Kind) -> bool:
    """Is a tangent or adjoint of kind `value` smaller than its variable's kind?

    One number for what may be an array is: that of no known kind, too.
    """
    single = isinstance(value, Scalar) or getattr(value, "dims", None) == ()
    if not isinstance(variable, Array):
        return single and type(variable) is Unknown
    if single:
        return variable.dims != ()
    if not isinstance(value, Array) or value.dims is None or variable.dims is None:
        return False
    if len(value.dims) < len(variable.dims):
        return True
    return any(
        is_one(d) and not is_one(v)
        for d, v in zip(value.dims, variable.dims, strict=False)
    )
