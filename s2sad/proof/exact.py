"""Exact numbers with a memory: what programs under proof compute with, not floats.

A `Num` is an expression (a node of a shared graph) together with the float that it is
at the given arguments. The expression is what is proved; the float decides comparisons,
so a run follows the path that the given arguments take and writes the decision down. No
sympy here: the graph is plain data, which another process turns into sympy.

    x = symbol("x", 2.0)
    y = x.sin() * x          # graph: mul(sin(x), x); value: 2 * sin(2)
    if y > 0: ...            # true, and "x*sin(x) > 0" is noted as assumed
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction


class NotSymbolic(Exception):
    """This operation has no exact form; the words say which."""


class Path:
    """What a run decided: the conditions under which its result holds."""

    def __init__(self) -> None:
        self.conditions: dict[str, None] = {}
        self.kinks: dict[str, None] = {}

    def decide(self, left: Num, sign: str, right: Num, truth: bool) -> bool:
        shown = sign if truth else _OPPOSITE[sign]
        text = f"{left} {shown} {right}"
        self.conditions[text] = None
        if left.value == right.value:
            self.kinks[text] = None
        return truth


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_path: ContextVar[Path | None] = ContextVar("path", default=None)


@contextmanager
def following(path: Path) -> Iterator[Path]:
    """Comparisons inside are written to `path`."""
    token = _path.set(path)
    try:
        yield path
    finally:
        _path.reset(token)


# ---- numeric values of the functions -------------------------------------------------


def _sign(x: float) -> float:
    return (x > 0) - (x < 0)


def _cbrt(x: float) -> float:
    return math.copysign(abs(x) ** (1 / 3), x)


VALUES: dict[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "cbrt": _cbrt,
    "erf": math.erf,
    "erfc": math.erfc,
    "gamma": math.gamma,
    "lgamma": math.lgamma,
    "abs": abs,
    "sign": _sign,
    "atan2": math.atan2,
    "neg": lambda a: -a,
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
}


def _value(op: str, values: list[float]) -> float:
    try:
        result = VALUES[op](*values)
    except (ValueError, OverflowError, ZeroDivisionError):
        return math.nan
    return math.nan if isinstance(result, complex) else float(result)


# ---- the numbers ---------------------------------------------------------------------


class Num:
    """A node: `op` of `args`; leaves are ("const", Fraction) and ("symbol", name)."""

    __slots__ = ("op", "args", "value")

    def __init__(self, op: str, args: tuple, value: float) -> None:
        self.op = op
        self.args = args
        self.value = value

    @property
    def exact(self) -> Fraction | None:
        """The rational that this is, if it is a constant one."""
        return self.args[0] if self.op == "const" else None

    # arithmetic -----------------------------------------------------------------------

    def __add__(self, other: object) -> Num:
        return _binary("add", self, other)

    def __radd__(self, other: object) -> Num:
        return _binary("add", other, self)

    def __sub__(self, other: object) -> Num:
        other = lift_or_none(other)
        return NotImplemented if other is None else apply("add", self, -other)

    def __rsub__(self, other: object) -> Num:
        return _binary("add", other, -self)

    def __mul__(self, other: object) -> Num:
        return _binary("mul", self, other)

    def __rmul__(self, other: object) -> Num:
        return _binary("mul", other, self)

    def __truediv__(self, other: object) -> Num:
        return _binary("div", self, other)

    def __rtruediv__(self, other: object) -> Num:
        return _binary("div", other, self)

    def __pow__(self, other: object) -> Num:
        return _binary("pow", self, other)

    def __rpow__(self, other: object) -> Num:
        return _binary("pow", other, self)

    def __neg__(self) -> Num:
        return apply("neg", self)

    def __pos__(self) -> Num:
        return self

    def __abs__(self) -> Num:
        return apply("abs", self)

    # whole parts hold on the piece where the arguments stand --------------------------

    def _whole(self, rounding: Callable[[float], int], name: str) -> Num:
        whole = rounding(self.value)
        if self.exact is None:
            path = _path.get()
            if path is not None:
                path.conditions[f"{name}({self}) == {whole}"] = None
        return constant(whole)

    def __floor__(self) -> Num:
        return self._whole(math.floor, "floor")

    def __ceil__(self) -> Num:
        return self._whole(math.ceil, "ceil")

    def __trunc__(self) -> Num:
        return self._whole(math.trunc, "trunc")

    def __round__(self, ndigits: int | None = None) -> Num:
        if ndigits:
            raise NotSymbolic("round to digits")
        return self._whole(round, "round")

    rint = __round__

    def __floordiv__(self, other: object) -> Num:
        return math.floor(self / lift(other))  # type: ignore[return-value]

    def __rfloordiv__(self, other: object) -> Num:
        return math.floor(lift(other) / self)  # type: ignore[return-value]

    def __mod__(self, other: object) -> Num:
        return self - lift(other) * (self // other)

    def __rmod__(self, other: object) -> Num:
        return lift(other) % self

    def __divmod__(self, other: object) -> tuple[Num, Num]:
        return self // other, self % other

    def __rdivmod__(self, other: object) -> tuple[Num, Num]:
        return lift(other) // self, lift(other) % self

    # comparisons follow the given arguments -------------------------------------------

    def _compare(self, sign: str, other: object, holds: Callable) -> bool:
        right = lift_or_none(other)
        if right is None:
            return NotImplemented
        a, b = self.exact, right.exact
        if a is not None and b is not None:
            return holds(a, b)
        if self is right:
            return holds(0, 0)
        truth = holds(self.value, right.value)
        path = _path.get()
        return truth if path is None else path.decide(self, sign, right, truth)

    def __lt__(self, other: object) -> bool:
        return self._compare("<", other, lambda a, b: a < b)

    def __le__(self, other: object) -> bool:
        return self._compare("<=", other, lambda a, b: a <= b)

    def __gt__(self, other: object) -> bool:
        return self._compare(">", other, lambda a, b: a > b)

    def __ge__(self, other: object) -> bool:
        return self._compare(">=", other, lambda a, b: a >= b)

    def __eq__(self, other: object) -> bool:
        return self._compare("==", other, lambda a, b: a == b)

    def __ne__(self, other: object) -> bool:
        return self._compare("!=", other, lambda a, b: a != b)

    def __bool__(self) -> bool:
        return self != 0

    def __hash__(self) -> int:
        return id(self)

    # a constant whole number may count; nothing silently becomes a float --------------

    def __index__(self) -> int:
        exact = self.exact
        if exact is None or exact.denominator != 1:
            raise TypeError(
                "an exact number that is no constant integer was used as one"
            )
        return exact.numerator

    def __int__(self) -> int:
        whole = self._whole(math.trunc, "trunc").exact
        assert whole is not None
        return whole.numerator

    def __float__(self) -> float:
        raise NotSymbolic("a conversion to float")

    def __complex__(self) -> complex:
        raise NotSymbolic("a conversion to complex")

    def is_integer(self) -> bool:
        return self.exact is not None and self.exact.denominator == 1

    def item(self) -> Num:
        return self

    def copy(self) -> Num:
        return self

    def conjugate(self) -> Num:
        return self

    @property
    def real(self) -> Num:
        return self

    def __repr__(self) -> str:
        from s2sad.proof.exact_text import show  # which is about these nodes

        return show(self)

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else repr(self)


# NumPy's object loops call methods of these names: np.sin(x) is x.sin().
_METHODS = {
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "cbrt": "cbrt",
    "fabs": "abs",
}
for _method, _op in _METHODS.items():
    setattr(Num, _method, lambda self, _op=_op: apply(_op, self))
Num.exp2 = lambda self: constant(2) ** self
Num.expm1 = lambda self: apply("exp", self) - 1
Num.log1p = lambda self: apply("log", self + 1)
Num.log2 = lambda self: apply("log", self) / apply("log", constant(2))
Num.log10 = lambda self: apply("log", self) / apply("log", constant(10))
Num.arctan2 = lambda self, other: apply("atan2", self, lift(other))
Num.hypot = lambda self, other: apply("sqrt", self * self + lift(other) * other)


# ---- making them ---------------------------------------------------------------------


def symbol(name: str, value: float) -> Num:
    return Num("symbol", (name,), float(value))


def constant(value: object) -> Num:
    """An exact constant; a float is the decimal that Python prints for it."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return Num("special", (repr(value),), value)
        exact = Fraction(repr(value))
    else:
        exact = Fraction(value)  # type: ignore[arg-type]
    try:
        return Num("const", (exact,), float(exact))
    except OverflowError:
        return Num("const", (exact,), math.inf if exact > 0 else -math.inf)


PI = Num("special", ("pi",), math.pi)
E = Num("special", ("e",), math.e)


def lift_or_none(value: object) -> Num | None:
    if isinstance(value, Num):
        return value
    if isinstance(value, (bool, int)):
        return constant(int(value))
    if isinstance(value, float):  # np.float64 is one
        return constant(float(value))
    if hasattr(value, "dtype") and getattr(value, "ndim", None) == 0:
        item = value.item()  # type: ignore[attr-defined]
        return lift_or_none(item) if not hasattr(item, "dtype") else None
    return None


def lift(value: object) -> Num:
    made = lift_or_none(value)
    if made is None:
        raise NotSymbolic(f"arithmetic with a {type(value).__name__}")
    return made


def _binary(op: str, left: object, right: object) -> Num:
    a, b = lift_or_none(left), lift_or_none(right)
    if a is None or b is None:
        return NotImplemented
    return apply(op, a, b)


def apply(op: str, *args: Num) -> Num:
    """The node for `op`, with what is constant computed and 0 and 1 taken out."""
    folded = _fold(op, args)
    if folded is not None:
        return folded
    return Num(op, args, _value(op, [arg.value for arg in args]))


def _fold(op: str, args: tuple[Num, ...]) -> Num | None:
    exact = [arg.exact for arg in args]
    if op == "neg":
        return (
            args[0].args[0] if args[0].op == "neg" else _const(exact[0], lambda a: -a)
        )
    if op in ("abs", "sign"):
        return _const(exact[0], abs if op == "abs" else _sign)
    if op not in ("add", "mul", "div", "pow"):
        return None
    (a, b), (x, y) = exact, args
    if op == "add":
        if a is not None and b is not None:
            return constant(a + b)
        return y if a == 0 else x if b == 0 else None
    if op == "mul":
        if a is not None and b is not None:
            return constant(a * b)
        if 0 in (a, b) and not any(arg.op == "special" for arg in args):
            return constant(0)
        return y if a == 1 else x if b == 1 else None
    if op == "div":
        if b == 0:
            return Num("special", ("nan",), math.nan)
        if a is not None and b is not None:
            return constant(a / b)
        return x if b == 1 else None
    if b is not None and b.denominator == 1:
        if b == 0:
            return constant(1)
        if a is not None and abs(b) < 64 and not (a == 0 and b < 0):
            return constant(a**b.numerator)
        return x if b == 1 else None
    return None


def _const(value: Fraction | None, function: Callable) -> Num | None:
    return None if value is None else constant(function(value))


def is_finite(value: object) -> bool:
    number = value.value if isinstance(value, Num) else value
    return cmath.isfinite(number)  # type: ignore[arg-type]
