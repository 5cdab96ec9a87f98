"""Values at kinks, ties, poles and zeros; NaN that must not leak; refusals."""

from __future__ import annotations

import functools
import importlib.util
import math
import operator
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from s2sad import S2sadError, check_grads, grad
from s2sad.ir.build import Builder
from s2sad.ir.interp import interpret
from s2sad.ir.kinds import FLOAT, Array, Scalar, Tuple
from s2sad.ir.nodes import If, Lit, Op, Var
from s2sad.rules import TABLE, BadArguments, attribute, lookup, method
from s2sad.rules import operator as operator_of
from s2sad.rules.reach import Reach

inf, nan = math.inf, math.nan


def load(name):
    full = f"rules_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            full, Path(__file__).with_name(f"{name}.py")
        )
        sys.modules[full] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[full]


harness = load("harness")


def slopes(name, *args, y_bar=None, **attrs):
    """The adjoints of the operands for an adjoint of ones."""
    values = [a.value if isinstance(a, Lit) else a for a in args]
    f, active, count = harness.vjp_of(name, args, attrs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if y_bar is None:
            y = TABLE[name].run(*values, **attrs)
            y_bar = 1.0 if isinstance(y, float) else np.ones_like(y)
        found = interpret(f, [*values, y_bar], harness.run)[count:]
    return found[0] if len(found) == 1 else found


def both(value):
    """A Python float, and an array of it."""
    return (value, np.array([value]))


@pytest.mark.parametrize(
    "name, point, slope",
    [
        ("abs", 0.0, 0),
        ("sqrt", 0.0, inf),
        ("cbrt", 0.0, inf),
        ("arcsin", 1.0, inf),
        ("arccos", 1.0, -inf),
        ("arccosh", 1.0, inf),
        ("sinc", 0.0, 0),
    ],
)
def test_kinks_and_poles(name, point, slope):
    for x in both(point):
        assert np.all(slopes(name, x) == slope)


@pytest.mark.parametrize(
    "x, p, x_slope",
    [
        (0.0, 0, 0),
        (0.0, 0.5, inf),
        (0.0, 1, 1),
        (0.0, 2, 0),
        (0.0, 0.25, inf),
        (3.0, 0, 0),
        (0.0, 1.5, 0),
    ],
)
def test_powers_at_zero(x, p, x_slope):
    for value in both(x):
        for exponent in (Lit(p), p, float(p), Lit(float(p))):
            found = slopes("pow", value, exponent)
            found = found[0] if isinstance(found, tuple) else found
            # a constant exponent of 0 gives no adjoint at all
            assert (
                found is None and x_slope == 0 or np.all(np.asarray(found) == x_slope)
            ), exponent
    assert slopes("pow", 0.0, 2.0)[1] == 0
    assert slopes("pow", np.zeros(2), 2.0)[1] == 0


def test_ties():
    assert slopes("maximum", 1.0, 1.0) == (0.5, 0.5)
    assert slopes("minimum", 1.0, 1.0) == (0.5, 0.5)
    assert slopes("py_max", 1.0, 1.0) == (1.0, 0.0)
    assert slopes("py_min", 1.0, 1.0) == (1.0, 0.0)
    assert slopes("py_max", 1.0, 2.0, 2.0) == (0.0, 1.0, 0.0)
    np.testing.assert_allclose(
        slopes("max", np.array([1.0, 3, 3, 3])), [0, 1 / 3, 1 / 3, 1 / 3]
    )
    np.testing.assert_allclose(slopes("min", np.ones((2, 2))), np.full((2, 2), 0.25))
    assert slopes("clip", 0.5, Lit(0.5), Lit(2.0)) == 0.5
    np.testing.assert_allclose(
        slopes("norm", np.array([2.0, -2]), ord=np.inf), [0.5, -0.5]
    )
    np.testing.assert_allclose(
        slopes("norm", np.array([2.0, -2, 5]), ord=-np.inf), [0.5, -0.5, 0]
    )


@pytest.mark.parametrize(
    "x, lo, hi, expected",
    [
        (0.5, 0.1, 0.9, (1, 0, 0)),
        (0.05, 0.1, 0.9, (0, 1, 0)),
        (0.95, 0.1, 0.9, (0, 0, 1)),
        (0.5, 0.8, 0.2, (0, 0, 1)),  # what is above the upper bound is that
        (0.05, 0.8, 0.2, (0, 0, 1)),
        (0.5, 0.5, 0.9, (0.5, 0.5, 0)),
        (0.5, 0.1, 0.5, (0.5, 0, 0.5)),
        (0.1, 0.5, 0.5, (0, 0.5, 0.5)),
        (-0.5, -0.7, 0.1, (1, 0, 0)),
        (-0.5, -0.1, 0.1, (0, 1, 0)),
    ],
)
def test_who_is_chosen_by_clip(x, lo, hi, expected):
    for value in both(x):
        found = slopes("clip", value, lo, hi)
        np.testing.assert_array_equal([np.sum(part) for part in found], expected)
        np.testing.assert_array_equal(
            slopes("clip", value, Lit(None), hi)[1], np.sum(x > hi) + 0.5 * (x == hi)
        )
        np.testing.assert_array_equal(
            slopes("clip", value, lo, Lit(None))[1], np.sum(x < lo) + 0.5 * (x == lo)
        )


def test_powers_of_zero_with_an_array_of_exponents():
    for x in (0.0, -0.5, 2.0):
        found = slopes("pow", x, np.array([2.0, 3.0]))[1]
        expected = {0.0: 0.0, -0.5: nan}.get(x, np.log(2.0) * np.array([4.0, 8.0]))
        np.testing.assert_allclose(found, np.zeros(2) + expected)


# polygamma(x, n) for n = 0 ... 4, by mpmath with 30 digits
POLYGAMMA = {
    20.5: (
        2.9958363947076465821, 0.049989592429960992799, -0.0024984397723677341086,
        0.00024968818108537709056, -0.000037422113130474137234,
    ),
    3.25: (
        1.0169909110681790364, 0.35979829030957987507, -0.12815694713911512072,
        0.090433355324655739298, -0.094871919953750832017,
    ),
    0.4: (
        -2.5613845445851159842, 7.2753565905295967217, -32.239128623578351706,
        236.19525903394704233, -2348.5912734879894998,
    ),
    -0.3: (
        2.1133097796353988734, 13.945160267805722489, 67.63908119988316004,
        766.61989041916858035, 9731.8349562335204389,
    ),
    -2.6: (
        0.11489750669693419559, 10.59168836239021744, -22.377796580409245769,
        283.53838059773573763, -2037.4584830142188297,
    ),
    1e10: (
        23.02585092989045684, 1.00000000005e-10, -1.0000000001e-20,
        2.0000000003e-30, -6.0000000012e-40,
    ),
}  # fmt: skip


@pytest.mark.parametrize("x", POLYGAMMA)
def test_polygamma_to_the_last_digits(x):
    for n, expected in enumerate(POLYGAMMA[x]):
        assert TABLE["polygamma"].run(x, n=n) == pytest.approx(
            expected, rel=1e-14 if x > 1 else 1e-12
        ), n


def test_flat_spots():
    assert np.all(slopes("norm", np.array([0.5, 0.0]), ord=0) == 0)
    assert slopes("hypot", 0.0, 0.0) == (0.0, 0.0)
    for name in ("std", "norm"):
        np.testing.assert_array_equal(slopes(name, np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(
        slopes("std", np.ones((3, 2)), axis=0), np.zeros((3, 2))
    )
    found = slopes("logaddexp", np.array([-inf]), np.array([-inf]))
    assert found[0] == 0 and found[1] == 0
    assert slopes("mod", 7.5, 2.0)[1] == -3.0
    np.testing.assert_array_equal(slopes("dist", [1.0, 2.0], [1.0, 2.0])[0], [0.0, 0.0])


def test_products_with_zeros():
    np.testing.assert_array_equal(slopes("prod", np.array([2.0, 0, 3])), [0, 6, 0])
    np.testing.assert_array_equal(slopes("prod", np.array([2.0, 0, 0])), [0, 0, 0])
    np.testing.assert_array_equal(slopes("cumprod", np.array([2.0, 0, 3])), [1, 8, 0])


def test_singular_determinant():
    x = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(slopes("det", x), [[4, -2], [-2, 1]], atol=1e-12)
    np.testing.assert_allclose(
        slopes("det", np.zeros((2, 2))), np.zeros((2, 2)), atol=1e-12
    )


@pytest.mark.parametrize("name", ["log", "sqrt", "reciprocal", "arcsin", "exp"])
def test_what_is_not_chosen_does_not_leak(name):
    """Where the adjoint was selected to be 0, an infinite partial gives 0 and no warning."""
    kind = Array("float64", ("x.0",))
    x, y, y_bar = Var("x", kind), Var("y", kind), Var("y_bar", kind)
    chosen = Var("chosen", Array("bool", ("x.0",)))
    b = Builder()
    op = Op((y,), name, (x,))
    b.add(op)
    bars = harness.Bars(b, {y: y_bar}, [x])
    bars.reach = lambda out: Reach(((chosen, True),))
    TABLE[name].vjp(b, op, bars)
    f = harness.function([x, y_bar, chosen], b, [bars.found[x]])
    bad = {"arcsin": 1.0, "exp": 1000.0}.get(name, 0.0)
    args = [np.array([bad, 0.5]), np.array([0.0, 1.0]), np.array([False, True])]
    with np.errstate(all="ignore"):
        (found,) = interpret(f, args, harness.run)
    assert found[0] == 0 and np.isfinite(found[1])


def test_where_selects():
    test = np.array([True, False])
    a, b = slopes("where", test, np.ones(2), np.ones(2), y_bar=np.array([inf, 1.0]))
    np.testing.assert_array_equal(a, [inf, 0])
    np.testing.assert_array_equal(b, [0, 1])


def test_no_numpy_scalars_leak_into_float_code():
    """Derivatives of `math` on Python floats stay Python floats."""
    for name in (
        "sin",
        "tan",
        "tanh",
        "sqrt",
        "arcsin",
        "arccosh",
        "exp",
        "log",
        "arcsinh",
        "erf",
        "erfc",
    ):
        x = 1.5 if name == "arccosh" else 0.5
        assert type(slopes(name, x, lib="math")) is float, name
    for found in (*slopes("pow", 2.0, 3.0), *slopes("arctan2", 1.0, 2.0, lib="math")):
        assert type(found) is float
    assert type(slopes("abs", 2.0, lib="py")) is float


ELEMENTWISE = sorted(
    name
    for name, prim in TABLE.items()
    if prim.verb == "smooth" and prim.spellings and name not in ("fma", "ldexp")
)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_python_floats_raise_only_where_the_function_does(name):
    """At poles, bounds and zeros, for each library that has the function."""
    prim = TABLE[name]
    count = 2 if name == "hypot" else prim.partials.__code__.co_argcount - 1
    libraries = {s.partition(".")[0] for s in prim.spellings if s[:2] in ("np", "ma")}
    for library in libraries or {""}:
        attrs = {"lib": library} if library not in ("", prim.library) else {}
        for x in (0.0, 1.0, -1.0, 0.5, -2.0, 1e200, 1e-200):
            args = (x,) * count
            with np.errstate(all="ignore"):
                try:
                    y = prim.run(*args, **attrs)
                except (ArithmeticError, ValueError):
                    continue
                if isinstance(y, complex):
                    continue
                f, *_ = harness.vjp_of(name, args, attrs)
                interpret(f, [*args, 1.0], harness.run)
                g, *_ = harness.jvp_of(name, args, attrs)
                interpret(g, [*args, *(1.0,) * (len(g.params) - count)], harness.run)


# ---- the emitted operations ----------------------------------------------------------


def ops(name, kinds, **attrs):
    """The names of the operations that the reverse rule adds, per operand wanted."""
    xs = [Var(f"x{i}", kind) for i, kind in enumerate(kinds)]
    prim = TABLE[name]
    outs = tuple(Var("y", kind) for kind in prim.infer(xs, attrs))
    b = Builder()
    seeds = {out: Var("y_bar", out.kind) for out in outs}
    bars = harness.Bars(b, seeds, xs)
    prim.vjp(b, Op(outs, name, tuple(xs), attrs), bars)
    return [stmt.prim if isinstance(stmt, Op) else "if" for stmt in b.stmts]


VECTOR, MATRIX = Array("float64", ("x.0",)), Array("float64", ("x.0", "x.1"))


def test_derivatives_are_what_one_would_write():
    assert ops("mul", [FLOAT, FLOAT]) == ["mul", "mul"]
    assert ops("add", [VECTOR, VECTOR]) == []
    assert ops("div", [FLOAT, FLOAT]) == ["div", "neg", "div", "mul"]
    assert ops("log", [FLOAT]) == ["div"]
    assert ops("sin", [FLOAT]) == ["cos", "mul"]
    assert ops("sum", [VECTOR]) == [
        "full_like"
    ]  # by `full` of the harness, when asked for
    assert ops("matmul", [MATRIX, VECTOR]) == ["outer", "transpose", "matmul"]
    assert ops("matmul", [MATRIX, MATRIX]) == [
        "transpose",
        "matmul",
        "transpose",
        "matmul",
    ]
    assert ops("mul", [MATRIX, Array("float64", ("x.0", 1))]) == ["mul", "mul", "sum"]
    assert ops("mul", [MATRIX, FLOAT]) == ["mul", "mul", "sum"]


def test_what_is_not_needed_is_not_done():
    """Axes that stand where they are wanted, arrays that are flat, are left alone."""
    for name, kinds, attrs in (
        ("norm", [MATRIX], {"ord": "nuc", "axis": (-2, -1)}),
        ("norm", [Array("float64", ("x.0", "x.1", "x.2"))], {"ord": 2, "axis": (1, 2)}),
    ):
        assert "moveaxis" not in ops(name, kinds, **attrs)
    assert "ravel" not in ops("outer", [VECTOR, VECTOR])
    assert "reshape" not in ops("outer", [VECTOR, VECTOR])
    cube = Array("float64", ("x.0", "x.1", "x.2"))
    assert "moveaxis" in ops("norm", [cube], ord=2, axis=(0, 2))


def test_python_poles_are_branches():
    x = Var("x", FLOAT)
    y, y_bar = Var("y", FLOAT), Var("y_bar", FLOAT)
    b = Builder()
    bars = harness.Bars(b, {y: y_bar}, [x])
    TABLE["sqrt"].vjp(b, Op((y,), "sqrt", (x,), {"lib": "math"}), bars)
    assert isinstance(b.stmts[0], If) and b.stmts[0].form == "expr"


def test_cross_of_two_components():
    pair = Array("float64", (2,))
    p, q = np.array([0.3, 0.7]), np.array([0.5, 0.2])
    f, *_ = harness.vjp_of("cross", [p, q], {}, [pair, pair])
    y, p_bar, q_bar = interpret(f, [p, q, 2.0], harness.run)
    np.testing.assert_allclose(p_bar, [0.4, -1.0])
    np.testing.assert_allclose(q_bar, [-1.4, 0.6])


# ---- ranks and dtypes that are not known ---------------------------------------------


@pytest.mark.parametrize("name", "add sub mul div pow maximum arctan2".split())
def test_unknown_rank(name):
    unknown = Array("float64", None)
    values = [
        np.random.default_rng(0).uniform(0.2, 0.9, shape) for shape in ((2, 3), (3,))
    ]
    f, active, count = harness.vjp_of(name, values, {}, [unknown, unknown])
    with_rank, *_ = harness.vjp_of(name, values, {})
    seed = np.arange(6.0).reshape(2, 3)
    for one, other in zip(
        interpret(f, [*values, seed], harness.run)[1:],
        interpret(with_rank, [*values, seed], harness.run)[1:],
    ):
        np.testing.assert_allclose(one, other)


@pytest.mark.parametrize("name", "sum mean max prod std".split())
@pytest.mark.parametrize(
    "attrs", [{}, {"axis": 0}, {"axis": -1, "keepdims": True}], ids=str
)
def test_reductions_of_unknown_rank(name, attrs):
    x = np.random.default_rng(0).uniform(0.2, 0.9, (2, 3))
    y = TABLE[name].run(x, **attrs)
    f, *_ = harness.vjp_of(name, [x], attrs, [Array("float64", None)])
    known, *_ = harness.vjp_of(name, [x], attrs)
    one = interpret(f, [x, np.ones_like(y)], harness.run)[1]
    other = interpret(known, [x, np.ones_like(y)], harness.run)[1]
    np.testing.assert_allclose(one, other)
    assert np.shape(one) == x.shape


# ---- looking up, binding, refusing ---------------------------------------------------


def test_lookup():
    assert lookup(np.sin).name == "sin" and not lookup(np.sin).extra
    assert lookup(math.sin).extra == {"lib": "math"}
    assert lookup(np.add).extra == {"lib": "np"}
    assert lookup(operator.add).name == "add" and not lookup(operator.add).extra
    assert lookup(abs).extra == {"lib": "py"}
    assert lookup(np.linalg.norm).name == "norm"
    assert lookup(max).name == "py_max" and lookup(sum).name == "py_sum"
    assert lookup(print).effect
    assert lookup(tuple) is None and lookup(object()) is None
    assert operator_of("a @ b").name == "matmul" and operator_of("not a").name == "not_"
    vector = Array("float64", ("x.0",))
    assert method(vector, "sum").name == "sum" and method(vector, "nothing") is None
    assert (
        method(FLOAT, "sum") is None and method(Scalar("float64"), "sum").name == "sum"
    )
    assert (
        attribute(vector, "T").name == "transpose" and attribute(vector, "sum") is None
    )


def test_bind():
    x = Var("x", Array("float64", ("x.0", "x.1")))
    assert TABLE["sum"].bind([x], {"axis": Lit(0)}) == ((x,), {"axis": 0})
    assert TABLE["sum"].bind([x, Lit(1)], {"keepdims": Lit(True)}) == (
        (x,),
        {"axis": 1, "keepdims": True},
    )
    assert TABLE["sum"].bind([x], {"keepdims": Lit(False)}) == ((x,), {})
    axes = Var("", Tuple((Scalar("int", 1), Scalar("int", 0))))
    assert TABLE["transpose"].bind([x, axes], {}) == ((x,), {"axes": (1, 0)})
    assert TABLE["transpose"].bind([x, Lit(1), Lit(0)], {})[1] == {"axes": (1, 0)}
    assert lookup(math.sqrt).bind([x], {}) == ((x,), {"lib": "math"})
    assert TABLE["einsum"].bind([Lit("ij->i"), x], {}) == (
        (x,),
        {"subscripts": "ij->i"},
    )


@pytest.mark.parametrize(
    "name, kwargs, words",
    [
        ("sum", {"out": Var("o")}, "out="),
        ("sum", {"where": Lit(True)}, "where="),
        ("sum", {"axis": Var("n", Scalar("int"))}, "before the program runs"),
        ("sin", {"nonsense": Lit(1)}, "nonsense"),
        ("swapaxes", {}, "axis1"),
    ],
)
def test_refused_options(name, kwargs, words):
    x = Var("x", Array("float64", ("x.0", "x.1")))
    with pytest.raises(BadArguments, match=words):
        TABLE[name].bind([x], kwargs)


def test_refused_kinds():
    for kind in (
        Scalar("complex"),
        Array("complex128", ("x.0",)),
        Array("object", ("x.0",)),
    ):
        for name in ("sin", "sum", "mul", "matmul"):
            args = [Var("x", kind)] * (2 if name in ("mul", "matmul") else 1)
            with pytest.raises(BadArguments):
                TABLE[name].infer(args, {})


# ---- kinds of results ----------------------------------------------------------------


A, V, BLOCK = (getattr(load("cases"), name) for name in ("A", "V", "BLOCK"))
WITHOUT_SLOPE = [
    ("unravel_index", (np.array([1, 5]), Lit((2, 3))), {}),
    ("unravel_index", (4, Lit((2, 1, 3))), {}),
    ("argwhere", (A > 0.5,), {}),
    ("argwhere", (V > 0.5,), {}),
    ("nonzero", (A > 0.5,), {}),
    ("nonzero", (V > 0.5,), {}),
    ("diag_indices_from", (A[:, :2],), {}),
    ("tril_indices_from", (A,), {}),
    ("triu_indices_from", (A,), {}),
    ("tril_indices", (3,), {}),
    ("triu_indices", (3,), {"k": 1}),
    ("diag_indices", (3,), {}),
    ("flatnonzero", (A > 0.5,), {}),
    ("argwhere", (BLOCK > 0.5,), {}),
    ("nonzero", (BLOCK > 0.5,), {}),
    ("tri", (3,), {}),
    ("eye", (3,), {}),
    ("identity", (3,), {}),
    ("argmax", (BLOCK,), {"axis": 1}),
    ("argmin", (BLOCK,), {"axis": 0, "keepdims": True}),
    ("argsort", (BLOCK,), {"axis": 1}),
    ("argpartition", (BLOCK,), {"kth": 1}),
    ("any", (BLOCK > 0.5,), {"axis": 1}),
    ("all", (BLOCK > 0.5,), {"axis": (0, 2)}),
    ("count_nonzero", (BLOCK,), {"axis": (0, 1)}),
    ("indices", (Lit((2, 3, 4)),), {}),
    ("unravel_index", (np.array([[1, 5], [0, 2]]), Lit((2, 3, 2))), {}),
    ("indices", (Lit((2, 3)),), {}),
    ("digitize", (A, np.sort(V)), {}),
    ("isin", (A, V), {}),
    ("count_nonzero", (A,), {"axis": 1}),
    ("count_nonzero", (A,), {"keepdims": True}),
    ("argmax", (A,), {}),
    ("argmax", (A,), {"axis": 0}),
    ("argsort", (A,), {}),
    ("searchsorted", (np.sort(V), A), {}),
    ("searchsorted", (np.sort(V), 0.3), {}),
    ("isnan", (A,), {}),
    ("logical_not", (A > 0.5,), {}),
    ("floordiv", (A, 2), {}),
    ("floordiv", (7, 2), {}),
    ("rint", (A,), {}),
    ("py_round", (0.7,), {}),
    ("int", (0.7,), {}),
]


@pytest.mark.parametrize(
    "case", [*load("cases").CASES, *WITHOUT_SLOPE], ids=lambda case: case[0]
)
def test_kinds_tell_the_truth(case):
    """The dtype and rank that a kind promises are those of the value."""
    name, args, attrs = case
    attrs = {k: v for k, v in attrs.items() if k not in ("numeric", "rtol", "atol")}
    kinds = [
        harness.kind_of(a.value if isinstance(a, Lit) else a, f"x{i}")
        for i, a in enumerate(args)
    ]
    prim, variables, op = harness.one_op(name, args, attrs, kinds)
    values = [a.value if isinstance(a, Lit) else a for a in args]
    with np.errstate(all="ignore"):
        y = prim.run(*values, **attrs)
    compare(op.outs[0].kind, y)


def compare(kind, value):
    if isinstance(kind, Tuple):
        assert len(kind.items) == len(value)
        for k, v in zip(kind.items, value):
            compare(k, v)
    elif isinstance(kind, Array):
        assert kind.dtype == np.asarray(value).dtype.name
        if kind.dims is not None:
            assert len(kind.dims) == np.ndim(value)
            for dim, n in zip(kind.dims, np.shape(value)):
                assert not isinstance(dim, int) or dim == n, (kind, np.shape(value))
                assert not isinstance(dim, str) or dim.startswith("~") or n != 1
    elif isinstance(kind, Scalar):
        assert np.ndim(value) == 0
        if kind.dtype in ("float", "int"):
            # what wins `max(0, x)` may be the int: kinds say float
            assert type(value) in (float, int), (kind, type(value))
        elif kind.dtype != "bool":
            assert np.asarray(value).dtype.name == kind.dtype, (kind, type(value))


# ---- axes that are not there ---------------------------------------------------------


@pytest.mark.parametrize(
    "name, rank, attrs",
    [
        ("swapaxes", 0, {"axis1": 0, "axis2": -1}),
        ("swapaxes", 1, {"axis1": 0, "axis2": 1}),
        ("transpose", 1, {"axes": (1, 0)}),
        ("moveaxis", 1, {"source": 0, "destination": 1}),
        ("matrix_transpose", 1, {}),
        ("sort", 0, {"axis": -1}),
        ("tril", 1, {}),
        ("cumsum", 1, {"axis": 1}),
        ("cumprod", 2, {"axis": -3}),
    ],
)
def test_axes_that_are_not_there_are_refused(name, rank, attrs):
    kind = Array("float64", tuple(f"x.{k}" for k in range(rank))) if rank else FLOAT
    with pytest.raises(BadArguments):
        TABLE[name].infer([Var("x", kind)], attrs)


def test_numbers_where_arrays_are_usual():
    """NumPy takes a number as an array of no axes, or ravels it."""
    assert slopes("cumsum", 2.0, y_bar=np.ones(1)) == 1.0
    assert slopes("cumprod", 2.0, y_bar=np.ones(1)) == 1.0
    assert slopes("prod", 2.0) == 1.0
    np.testing.assert_array_equal(slopes("kron", 0.5, np.ones(3))[0], 3.0)


def test_interp_of_a_number():
    knots, heights = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0])
    for x, slope in ((1.5, 3.0), (0.5, 1.0), (-1.0, 0.0), (9.0, 0.0)):
        found = slopes("interp", x, knots, heights)
        assert found[0] == slope
        np.testing.assert_allclose(np.sum(found[2]), 1.0)  # the weights of the heights


def test_sums_of_products(monkeypatch):
    """A function of newer versions of Python."""
    if not hasattr(math, "sumprod"):
        monkeypatch.setattr(
            math, "sumprod", lambda p, q: float(np.dot(p, q)), raising=False
        )
    for p, q in ((V, V * 2), ([0.3, 0.7], [0.5, 0.1]), (V, [0.3, 0.7, 0.1])):
        harness.check("sumprod", p, q)
        harness.check_alone("sumprod", p, q)
        harness.check_second("sumprod", p, q)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_each_library(name):
    """Slopes of Python floats are the same whose function it is."""
    prim = TABLE[name]
    count = 2 if name == "hypot" else prim.partials.__code__.co_argcount - 1
    point = {"arccosh": (1.7,), "clip": (0.5, 0.3, 0.7)}.get(name, (0.8, 0.3)[:count])
    libraries = {s.partition(".")[0] for s in prim.spellings if s[:2] in ("np", "ma")}
    for library in libraries:
        harness.check(name, *point, lib=library)
        harness.check_second(name, *point, lib=library)


NUMBERS = [
    ("sinc", "over(cos(PI * x) - y, x)"),
    ("sqrt", "pole(0.5, y)"),
    ("hypot", "tuple(over(xi, y) for xi in x)"),
    ("maximum", "(step(a - b), step(b - a))"),
    ("fmod", "(1, -rint((a - y) / b))"),
]


@pytest.mark.parametrize("name, text", NUMBERS)
def test_texts_of_partials(name, text):
    assert TABLE[name].formula == text


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_partials_of_numbers(name):
    """A rule on plain numbers gives numbers."""
    prim = TABLE[name]
    if name in ("hypot", "clip", "heaviside", "nan_to_num"):
        return  # they choose between values
    count = prim.partials.__code__.co_argcount - 1
    point = (1.7,) if name == "arccosh" else (0.8, 0.3)[:count]
    y = prim.run(*point)
    found = prim.partials(y, *point)
    found = found if isinstance(found, tuple) else (found,)
    for i, slope in enumerate(found):
        step = [1e-5 * (k == i) for k in range(count)]
        ahead, behind = ([p + s * t for p, t in zip(point, step)] for s in (1, -1))
        expected = (prim.run(*ahead) - prim.run(*behind)) / 2e-5
        assert float(slope) == pytest.approx(float(expected), rel=1e-6, abs=1e-9)


def test_named_constants():
    from s2sad.rules.handles import PI

    b = Builder()
    x = Var("x", FLOAT)
    handle = harness.lift(b, x)
    made = [PI * handle, handle * PI, PI / handle, handle / PI]
    f = harness.function([x], b, [value.atom for value in made])
    expected = [PI * 2.5, 2.5 * PI, PI / 2.5, 2.5 / PI]
    assert expected == [math.pi * 2.5, 2.5 * math.pi, math.pi / 2.5, 2.5 / math.pi]
    assert interpret(f, [2.5], harness.run) == tuple(expected)
    import sympy as sp

    s = sp.Symbol("s")
    symbolic = [PI * s, s * PI, PI / s, s / PI]
    assert symbolic == [sp.pi * s, s * sp.pi, sp.pi / s, s / sp.pi]
    assert float(PI) == math.pi


def test_bernoulli_numbers():
    """The last ones hardly show in a value."""
    import sympy as sp

    from s2sad.rules.helpers import polygamma

    assert polygamma(20.5) == POLYGAMMA[20.5][0]
    assert polygamma(20.5, 3) == pytest.approx(POLYGAMMA[20.5][3], rel=1e-14)
    (found,) = (c for c in polygamma.__code__.co_consts if isinstance(c, tuple))
    assert found == tuple(float(sp.bernoulli(2 * k)) for k in range(1, 8))


@pytest.mark.parametrize("n", [2, 3])
def test_cofactors_of_any_orientation(n):
    """Whatever the signs of the factors' determinants are."""
    rng = np.random.default_rng(n)
    signs = set()
    for _ in range(12):
        x, dot = rng.normal(size=(2, n, n))
        u, _, vt = np.linalg.svd(x)
        signs.add((np.linalg.det(u) > 0, np.linalg.det(vt) > 0))
        expected = np.linalg.det(x) * np.linalg.inv(x).T
        np.testing.assert_allclose(TABLE["cofactors"].run(x), expected, 1e-9, 1e-12)
        h = 1e-5
        ahead, behind = (TABLE["cofactors"].run(x + s * dot) for s in (h, -h))
        np.testing.assert_allclose(
            TABLE["cofactors_slope"].run(x, dot), (ahead - behind) / (2 * h), 1e-5, 1e-6
        )
    assert len(signs) > 1


def test_choices_of_select():
    """Of several that hold the first; what is behind the others does not count."""
    import s2sad

    def f(x):
        tests = [x > 0.5, x > 0.0]
        return np.sum(np.select(tests, [np.sqrt(x), np.log(x)], np.square(x)))

    x = np.array([0.7, 0.2, -1.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = s2sad.grad(f)(x)
    np.testing.assert_allclose(found, [0.5 / np.sqrt(0.7), 5.0, -2.0, 0.0])


def test_what_is_not_read_does_not_count():
    import s2sad

    def f(x):
        rest = np.sqrt(x)[1:]
        return np.sum(np.where(rest > 0.6, rest, 0.0))

    found = s2sad.grad(f)(np.array([0.0, 0.0, 0.49, 0.25]))
    np.testing.assert_allclose(found, [0.0, 0.0, 0.5 / 0.7, 0.0])


def test_the_schedule_of_checkpoints():
    """As few trips again as any schedule can do with."""
    from s2sad.rules.helpers import binomial_split, snapshots

    @functools.lru_cache(None)
    def best(trips, kept):
        if trips == 1:
            return 0
        if kept == 1:
            return trips * (trips - 1) // 2
        ways = range(1, trips)
        return min(k + best(trips - k, kept - 1) + best(k, kept) for k in ways)

    @functools.lru_cache(None)
    def made(trips, kept):
        if trips == 1:
            return 0
        k = binomial_split(trips, kept)
        assert 0 < k < trips
        if kept == 1:
            assert k == trips - 1
            return k + made(trips - 1, 1)
        return k + made(trips - k, kept - 1) + made(k, kept)

    for trips in range(1, 60):
        for kept in range(1, 6):
            assert made(trips, kept) == best(trips, kept), (trips, kept)
    assert binomial_split(9, 0) == 8
    for trips in (1, 2, 4, 5, 10, 11, 20, 21, 100, 1000):
        count = snapshots(trips)
        assert math.comb(count + 3, count) >= trips
        assert count == 1 or math.comb(count + 2, count - 1) < trips


def test_flat_functions_take_an_adjoint_and_give_none():
    for name in ("floor", "argsort", "sign"):
        _, xs, op = harness.one_op(name, [A], {}, [harness.kind_of(A, "x")])
        b = Builder()
        bars = harness.Bars(b, {out: Var("", out.kind) for out in op.outs}, xs)
        TABLE[name].vjp(b, op, bars)
        assert not bars.seeds and not bars.found
        assert TABLE[name].jvp(b, op, [xs[0]]) == (None,)


def test_writes_on_the_way_through_objects():
    class Layer:
        def __init__(self, w, parts):
            self.w, self.parts = w, parts

    layer = Layer(V, [V, (A, 0.5)])
    for name, expected in (("setitem", 0.3), ("additem", 0.3 + V[1])):
        found = TABLE[name].run(layer, 0.3, 1, path=".w[#]")
        assert found.w[1] == expected and found.parts is layer.parts
    for name, expected in (("setitem", 0.3), ("additem", 0.3 + A[1, 0])):
        found = TABLE[name].run(layer, 0.3, 1, 0, 1, 0, path=".parts[#][#][#, #]")
        assert found.parts[1][0][1, 0] == expected and type(found.parts[1]) is tuple
        assert found.parts[0] is V and found.w is V
    found = TABLE["setitem"].run(layer, 0.3, path=".w")
    assert found.w == 0.3
    np.testing.assert_array_equal(
        TABLE["additem"].run(layer, V * 2, path=".w").w, V + V * 2
    )
    assert V[1] == 0.7 and layer.w is V and layer.parts[1][0] is A


# ---- what is folded while an expression is built -------------------------------------


def pieces():
    """Ways to write operands: as they are, negated, as quotients, as numbers."""
    return {
        "x": lambda x, y: x,
        "-x": lambda x, y: -x,
        "1/y": lambda x, y: 1 / y,
        "-1/y": lambda x, y: -1 / y,
        "-(1/y)": lambda x, y: -(1 / y),
        "x/y": lambda x, y: x / y,
        "-(x/y)": lambda x, y: -(x / y),
        "1": lambda x, y: 0 * y + 1 if isinstance(y, float) else harness.lift(y.b, 1),
        "0": lambda x, y: 0 * y if isinstance(y, float) else harness.lift(y.b, 0),
        "-1": lambda x, y: 0 * y - 1 if isinstance(y, float) else harness.lift(y.b, -1),
        "2": lambda x, y: 0 * y + 2 if isinstance(y, float) else harness.lift(y.b, 2),
        "number 3": lambda x, y: 3,
        "number 1": lambda x, y: 1,
        "number 0": lambda x, y: 0,
        "number -1": lambda x, y: -1,
    }


@pytest.mark.parametrize("lib", ["", "np", "math"])
@pytest.mark.parametrize("sign", ["add", "sub", "mul", "truediv", "pow"])
def test_folded_expressions(sign, lib):
    """Each is the number that it stands for, whatever is folded."""
    apply = getattr(operator, sign)
    point = 1.7, 0.6
    for one, first in pieces().items():
        for two, second in pieces().items():
            numbers = first(*point), second(*point)
            if one.startswith("number") and two.startswith("number"):
                continue
            try:
                expected = apply(*numbers)
            except ZeroDivisionError:
                continue
            if isinstance(expected, complex):
                continue
            x, y = Var("x", FLOAT), Var("y", FLOAT)
            b = Builder()
            handles = [harness.lift(b, v) for v in (x, y)]
            for handle in handles:
                handle.lib = lib
            found = apply(first(*handles), second(*handles))
            f = harness.function([x, y], b, [found.atom])
            assert interpret(f, list(point), harness.run)[0] == pytest.approx(
                expected, rel=1e-14
            ), (one, two)


def test_products_of_steps_are_weights():
    from s2sad.rules.handles import build, lift
    from s2sad.rules.poles import is_step, is_weight

    b = Builder()
    x, y, z = (lift(b, Var(name, FLOAT)) for name in "xyz")
    step = lambda v: build("heaviside", v, 0.5)
    three = build("mul", build("mul", step(x), step(y)), step(z))
    assert is_step(step(x)) and is_step(three) and is_weight(three)
    assert not is_step(build("mul", step(x), y)) and not is_step(x)
    assert not is_weight(build("mul", step(x), build("mul", step(y), z)))
    assert not is_weight(step(x - y)) and is_weight(step(x))
    assert not is_weight(build("mul", step(x - y), step(y - x)))
    assert is_weight(build("mul", step(x - y), step(y)))


UFUNCS = [
    (prim.name, getattr(np, spelling.removeprefix("np.")))
    for prim in TABLE.values()
    for spelling in prim.spellings
    if isinstance(getattr(np, spelling.removeprefix("np."), None), np.ufunc)
]


@pytest.mark.parametrize("name, ufunc", UFUNCS)
def test_what_a_ufunc_takes(name, ufunc):
    x = Var("x", Array("float64", ("x.0", "x.1")))
    bind = TABLE[name].bind
    assert bind([x] * ufunc.nin)[0] == (x,) * ufunc.nin
    for option in ("out", "where"):
        with pytest.raises(BadArguments, match=f"{option}="):
            bind([x] * ufunc.nin, {option: x})
    if name not in ("hypot", "clip", "log"):  # those of `math` take more
        with pytest.raises(BadArguments):
            bind([x] * (ufunc.nin - 1))
        with pytest.raises(BadArguments):
            bind([x] * (ufunc.nin + 3))


def test_what_may_be_infinite():
    from s2sad.rules.handles import build, lift
    from s2sad.rules.poles import may_be_infinite

    b = Builder()
    x, y, z = (lift(b, Var(name, FLOAT)) for name in "xyz")
    n = lift(b, Var("n", Scalar("int")))
    ratio = build("div", x, y)
    for poles in (
        ratio,
        build("neg", ratio),
        build("add", z, ratio),
        build("sub", z, ratio),
        build("mul", build("neg", ratio), z),
        build("pow", x, -1),
        build("pow", x, y),
        build("reciprocal", x),
    ):
        assert may_be_infinite(poles)
        lift(b, poles.atom)  # and so when it stands in the program
        assert may_be_infinite(lift(b, poles.atom))
    for none in (
        x,
        build("div", x, 2.0),
        build("div", x, n),
        build("neg", build("add", x, y)),
        build("mul", x, y),
        build("sin", ratio),
        build("pow", x, 2),
        build("pow", x, 0.0),
    ):
        assert not may_be_infinite(none)


def test_counts_do_not_vary():
    """`histogram` takes the adjoint of its edges, which are those that it is given."""
    edges = np.array([0.0, 0.5, 1.0])
    kinds = [harness.kind_of(V, "x"), harness.kind_of(edges, "e")]
    prim, xs, op = harness.one_op("histogram", [V, edges], {}, kinds)
    assert load("test_kinds").holds(op.outs[0].kind, prim.run(V, edges))
    b = Builder()
    bars = harness.Bars(b, {op.outs[0]: Var("", op.outs[0].kind)}, [xs[0]])
    prim.vjp(b, op, bars)
    assert not bars.seeds and not bars.found and not b.stmts
    assert prim.jvp(b, op, [xs[0], None]) == (None,)
    with pytest.raises(BadArguments, match="edges"):
        prim.jvp(b, op, [None, xs[1]])
    with pytest.raises(BadArguments, match="edges"):
        prim.vjp(b, op, harness.Bars(b, {op.outs[0]: xs[1]}, [xs[1]]))


def test_all_elements_in_a_row_are_sorted():
    """`axis=None` lays them out first; what is not known to do so is refused."""

    def weighed(a):
        places = np.argsort(a, axis=None)
        return np.sum(np.sort(a, axis=None) * W) + np.sum(a.ravel()[places] * W)

    def parted(a):
        return np.sum(np.partition(a, 2, axis=None) * W)

    def taken_along(a):
        return np.sum(np.take_along_axis(a, np.array([3, 1]), axis=None))

    a = np.array([[0.7, -0.2, 1.3], [0.1, 2.0, -0.9]])
    W = np.arange(6.0) + 1
    expected = 2 * W[np.argsort(np.argsort(a, axis=None))].reshape(2, 3)
    np.testing.assert_allclose(grad(weighed)(a), expected)
    for refused in (parted, taken_along):
        with pytest.raises(S2sadError, match="ravel first"):
            grad(refused)(a)


def widened(x):
    y = np.diff(np.array([x[0], x[1] * x[0], x[2]]), prepend=0.0, append=1.0)
    return np.sum(y * np.array([1.0, -2.0, 3.0, 0.5]) * y) / len(y)


def widened_on_one_side(x):
    y = np.diff(np.array([[x[0], x[1] * x[0]], [x[2], 1.0]]), axis=0, append=2.0)
    z = np.diff(np.array([x[0], x[1], x[2]]), n=2, prepend=0.5)
    return np.sum(y * np.array([[1.0, 2.0], [3.0, 4.0]]) * y) + z[0] * z[1] ** len(z)


def nothing_left(x):
    return np.sum(np.diff(np.array([x[0], x[1]]), n=3)) + x[0] * x[2]


@pytest.mark.parametrize("f", [widened, widened_on_one_side, nothing_left])
def test_differences_of_arrays_of_known_length(f):
    check_grads(f, (np.array([0.3, -1.2, 0.7]),), order=2)


@pytest.mark.parametrize("length", [0, 1, 2, 5])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("ends", [(), ("prepend",), ("prepend", "append")])
def test_the_length_of_differences_is_known(length, n, ends):
    attrs = {"n": n, **dict.fromkeys(ends, 0.5)}
    (kind,) = TABLE["diff"].infer([Var("x", Array("float64", (2, length)))], attrs)
    assert kind.dims == np.diff(np.zeros((2, length)), **attrs).shape
