"""Comparisons, rounding and signs: functions without slope."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.kinds import BOOL, FLOAT, INT, Kind
from s2sad.ir.nodes import Atom
from s2sad.rules import infer
from s2sad.rules.signature import UFUNC, UFUNC_1
from s2sad.rules.verbs import flat

# ---- comparisons ---------------------------------------------------------------------


def compare(spellings: str):
    return flat(spellings, kind=infer.comparison, signature=UFUNC)


lt = compare("a < b  np.less operator.lt")
le = compare("a <= b  np.less_equal operator.le")
gt = compare("a > b  np.greater operator.gt")
ge = compare("a >= b  np.greater_equal operator.ge")
eq = compare("a == b  np.equal operator.eq")
ne = compare("a != b  np.not_equal operator.ne")
logical_and = compare("np.logical_and")
logical_or = compare("np.logical_or")
logical_xor = compare("np.logical_xor")

is_ = flat("a is b  operator.is_", kind=infer.always(BOOL), run=lambda a, b: a is b)
is_not = flat(
    "a is not b  operator.is_not", kind=infer.always(BOOL), run=lambda a, b: a is not b
)
in_ = flat("a in b", kind=infer.always(BOOL), run=lambda a, b: a in b)
not_in = flat("a not in b", kind=infer.always(BOOL), run=lambda a, b: a not in b)

logical_not = flat("np.logical_not", kind=infer.bool_function, signature=UFUNC_1)
isfinite = flat(
    "np.isfinite math.isfinite", kind=infer.bool_function, signature=UFUNC_1
)
isinf = flat("np.isinf math.isinf", kind=infer.bool_function, signature=UFUNC_1)
isnan = flat("np.isnan math.isnan", kind=infer.bool_function, signature=UFUNC_1)
signbit = flat("np.signbit", kind=infer.bool_function, signature=UFUNC_1)
isclose = flat(
    "np.isclose",
    kind=infer.comparison,
    signature="a, b; rtol=1e-05, atol=1e-08, equal_nan=False",
)
math_isclose = flat(
    "math.isclose",
    kind=infer.always(BOOL),
    name="math_isclose",
    signature="a, b; *, rel_tol=1e-09, abs_tol=0.0",
)
allclose = flat(
    "np.allclose",
    kind=infer.always(BOOL),
    signature="a, b; rtol=1e-05, atol=1e-08, equal_nan=False",
)
array_equal = flat(
    "np.array_equal", kind=infer.always(BOOL), signature="a, b; equal_nan=False"
)

# ---- rounding ------------------------------------------------------------------------


def _rounding_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    if attrs.get("lib") == "math":
        return (INT,)
    return infer.same_function(args, attrs)


floor = flat("np.floor math.floor", kind=_rounding_kind, signature=UFUNC_1)
ceil = flat("np.ceil math.ceil", kind=_rounding_kind, signature=UFUNC_1)
trunc = flat("np.trunc np.fix math.trunc", kind=_rounding_kind, signature=UFUNC_1)
rint = flat("np.rint", kind=infer.float_function, signature=UFUNC_1)
round_ = flat(
    "np.round np.around .round",
    kind=infer.same_function,
    signature="a; decimals=0, out!",
)
spacing = flat("np.spacing", kind=infer.float_function, signature=UFUNC_1)
ulp = flat("math.ulp", kind=infer.always(FLOAT), signature="x")

# ---- signs and steps -----------------------------------------------------------------

sign = flat("np.sign", kind=infer.same_function, signature=UFUNC_1)
