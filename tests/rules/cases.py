"""Calls of every primitive on many shapes: (name, operands, options)."""

from __future__ import annotations

import numpy as np

from s2sad.ir.nodes import Lit

A = np.array([[0.61, 0.87, 0.37], [0.45, 0.53, 0.79]])
V = np.array([0.5, 0.7, 0.23])
C = np.array([[0.43], [0.67]])
EMPTY = np.zeros((0, 3))
ZERO_D = np.array(0.4)
F32 = A.astype(np.float32)
CUBE = np.stack([A, A * 1.1 + 0.01, A * 0.5, A * 0.3])
SQUARE = np.array([[2.0, 0.3, 0.1], [0.2, 1.7, -0.4], [0.5, -0.1, 1.1]])
MANY = (0.4, A, V, EMPTY, ZERO_D, F32, np.float64(0.3), np.float32(0.3))
PAIRS = (
    (0.4, 0.7),
    (A, V),
    (A, C),
    (C, V),
    (0.4, A),
    (A, 0.4),
    (ZERO_D, V),
    (EMPTY, V),
    (EMPTY, 0.3),
    (F32, F32[0]),
    (F32, 0.5),
    (np.ones((1, 3)), A),
    (np.float64(0.3), 0.4),
)
CASES: list[tuple[str, tuple, dict]] = []


def case(name, *args, **attrs):
    CASES.append((name, args, attrs))


# ---- elementwise ---------------------------------------------------------------------

for name in (
    "sin cos tan exp exp2 expm1 log log2 log10 log1p sqrt cbrt square reciprocal arcsin "
    "arccos arctan sinc degrees radians sinh cosh tanh arcsinh arctanh abs neg pos "
    "nan_to_num"
).split():
    for x in MANY:
        case(name, x)
for x in (1.4, A + 1, V + 1, EMPTY):
    case("arccosh", x)
for name in (
    "add sub mul div arctan2 hypot logaddexp logaddexp2 maximum minimum fmax fmin copysign "
    "pow fmod mod"
).split():
    for p, q in PAIRS:
        case(name, p, q)
case("float_power", A, V)
for exponent in (2, 3, 0, 1, -1, 0.5, 1.5, -2, 2.0):
    for x in (0.4, A, EMPTY, F32):
        case("pow", x, Lit(exponent))
for x in (0.4, A):
    case("pow", x, 3)
    case("pow", Lit(2.0), x)
    case("pow", 2, x)
for operands in (
    (A > 0.5, A, C),
    (A > 0.5, A, 0.3),
    (True, 0.3, A),
    (A > 0.5, V, Lit(0.0)),
    (V > 0.4, C, 0.5),
):
    case("where", *operands)
for operands in (
    (A, Lit(0.5), Lit(0.7)),
    (A, V * 0.8, 0.9),
    (A, Lit(None), C),
    (A, 0.4, Lit(None)),
    (0.4, 0.1, 0.9),
):
    case("clip", *operands)
case("heaviside", A, 0.5)
case("float", ZERO_D)
case("float", 0.3)
case("divmod", 0.7, 0.3)
for p, q in ((A, V), (A, 0.4), (1.3, V), (C, V)):
    case("divmod", p, q)
for spelled in (
    "sin",
    "exp",
    "log",
    "sqrt",
    "arcsin",
    "tanh",
    "pow",
    "hypot",
    "arctan2",
):
    case(
        spelled,
        *((0.3, 0.8) if spelled in ("pow", "hypot", "arctan2") else (0.3,)),
        lib="math",
    )
case("log", 0.4, 3.0, lib="math")
case("hypot", 0.4, 3.0, 0.1, lib="math")

# ---- reductions ----------------------------------------------------------------------

for name in "sum mean var std max min prod nansum ptp".split():
    for x in (A, V, C, F32):
        case(name, x)
        for axis in (0, -1):
            case(name, x, axis=axis)
            case(name, x, axis=axis, keepdims=True)
    case(name, A, axis=(0, 1))
    case(name, CUBE, axis=(0, 2))
    case(name, CUBE, axis=(0, 2), keepdims=True)
    case(name, CUBE, axis=1)
    case(name, [0.3, 0.5, 0.7])
    case(name, (V, V * 2.1))
for name in ("sum", "prod", "var", "std", "mean"):
    case(name, EMPTY, axis=1)
for name in ("sum", "prod"):
    case(name, EMPTY)
    case(name, EMPTY, axis=0)
for name in ("var", "std"):
    case(name, A, ddof=1)
    case(name, A, axis=0, ddof=1)
case("sum", A, axis=0, dtype="float64")
for name in ("cumsum", "cumprod", "exclusive_prod"):
    for x in (A, V, EMPTY):
        case(name, x)
        case(name, x, axis=0)
        case(name, x, axis=-1)
case("shift", A, axis=0, by=-1)
case("recurrence", A, A * 2, axis=1)
case("recurrence", A, A * 2, axis=0)

# ---- shape ---------------------------------------------------------------------------

case("reshape", A, 3, 2)
case("reshape", A, -1)
case("reshape", A, (3, 2))
case("reshape", V, 3, 1)
case("reshape", EMPTY, -1, 3)
case("reshape", ZERO_D, (1, 1))
for name in "ravel flatten transpose squeeze flip copy array asarray".split():
    for x in (A, V, C, ZERO_D, EMPTY):
        case(name, x)
for name in "atleast_1d atleast_2d atleast_3d".split():
    for x in (A, V, 0.3, ZERO_D, EMPTY):
        case(name, x)
case("transpose", CUBE, axes=(1, 2, 0))
case("transpose", CUBE, axes=(-1, 0, 1))
case("swapaxes", CUBE, axis1=0, axis2=-1)
case("moveaxis", CUBE, source=0, destination=-1)
case("moveaxis", CUBE, source=(0, 1), destination=(2, 0))
case("expand_dims", A, axis=1)
case("expand_dims", A, axis=(0, -1))
case("squeeze", C, axis=1)
case("squeeze", C, axis=-1)
case("broadcast_to", V, (4, 3))
case("broadcast_to", C, (2, 5))
case("broadcast_to", 0.5, (2,))
case("flip", A, axis=1)
case("flip", A, axis=(0, 1))
case("flipud", A)
case("fliplr", A)
case("roll", A, 1)
case("roll", A, 2, axis=1)
case("rot90", A)
case("rot90", A, k=2)
case("concatenate", [A, A * 2])
case("concatenate", [A, C], axis=1)
case("concatenate", (A, C, A), axis=-1)
case("concatenate", [A, V], axis=None)
case("concatenate", [V, np.array([1, 2])])
case("hstack", [V, V])
case("hstack", [A, C])
case("hstack", [0.3, V])
case("vstack", [V, A])
case("vstack", [V, V])
case("column_stack", [V, V * 2])
case("column_stack", [A, C[:, 0]])
case("stack", [V, V * 2])
case("stack", [V, V * 2], axis=1)
case("stack", (A, A), axis=-1)
case("array", [0.3, 0.4])
case("np_copy", [0.3, 0.4])
case("np_copy", V)
case("array", [[0.3, 2], [0.1, 0.4]])
case("array", [V, V])
case("array", [0.2, 1])
case("array", [0.1] * 30)
case("split", V, indices_or_sections=3)
case("split", A, indices_or_sections=[1], axis=1)
case("tile", V, 2)
case("tile", A, Lit((2, 1)))
case("tile", V, Lit((2, 2)))
case("tile", A, 3)
case("tile", V, Lit((2, 3, 2)))
case("repeat", V, 2)
case("repeat", A, 2, axis=0)
case("repeat", A, 3, axis=-1)
case("repeat", A, 2)
case("repeat", V, np.array([2, 0, 1]))
case("repeat", A, np.array([2, 1]), axis=0)
case("repeat", A, np.array([2, 1, 0]), axis=-1)
case("repeat", A, np.array([1, 0, 2, 1, 1, 3]))
case("diff", V)
case("diff", A)
case("diff", A, axis=0)
case("diff", V, n=2)
case("diff", V, prepend=0)
case("diff", V, append=0)
case("diff", V, prepend=0.25)
case("diff", V, n=2, prepend=0.25, append=0.75)
case("diff", A, axis=0, append=1.5)
case("tril", A)
case("triu", A, k=1)
case("diag", V)
case("diag", V, k=1)
for k in (0, 1, -1):
    case("diag", A, k=k)
case("diagflat", V, k=1)
case("diagflat", A)
case("diagonal", A)
case("trace", A)
case("trace", A, offset=1)
case("trace", F32)
case("pad", A, pad_width=1)
case("pad", V, pad_width=(1, 2))
case("pad", A, pad_width=((0, 1), (2, 0)))
case("item", V, 1)
case("item", A, 1, 2)
case("item", np.array([0.3]))
case("tolist", V)
case("tolist", A)
case("rows", A)
case("take", V, np.array([0, 2, 0]))
case("take", A, np.array([0, 1, 0]), axis=0)
case("take", A, 1, axis=1)
case("take", A, np.array([0, 5, 3]))
case("take", V, np.array([-4, 3, 7]), mode="wrap")
case("take", A, np.array([-4, 3]), axis=1, mode="clip")

# ---- creation ------------------------------------------------------------------------

case("full", (2, 3), 0.5)
case("full", 3, V)
case("full_like", A, 0.5)
case("full_like", A, V)
case("astype", F32, dtype="float64")
case("linspace", 0.0, 2.0)
case("linspace", 0.5, 2.0, 7)
case("linspace", 0.5, 2.0, 4, endpoint=False)

# ---- places --------------------------------------------------------------------------

for path, index in (
    ("[#]", (1,)),
    ("[#, #]", (0, 2)),
    ("[:, #:]", (1,)),
    ("[::#]", (-1,)),
    ("[#]", (np.array([0, 1, 0]),)),
    ("[#, #]", (np.array([0, 1, 0]), np.array([2, 0, 2]))),
    ("[#]", (A > 0.6,)),
    ("[None, ..., #]", (-1,)),
):
    case("getitem", A, *index, path=path)
    case("setitem", A, 0.3, *index, path=path)
    case("additem", A, 0.3, *index, path=path)
case("setitem", A, V, 0, path="[#]")
case("setitem", A, V, path="[:]")
case("setitem", A, A[[0, 1, 0]] * 2, np.array([0, 1, 0]), path="[#]")
case("additem", A, V, path="[:]")
case("getitem", [0.3, V], 1, path="[#]")
case("unbroadcast", A, C)
case("unbroadcast", A, 0.5)
case("unbroadcast", A, V)

# ---- linear algebra ------------------------------------------------------------------

ROWS = np.random.default_rng(3).uniform(0.2, 1.0, (4, 2, 3))
STACK = SQUARE + 0.1 * np.random.default_rng(4).normal(size=(2, 3, 3))
for p, q in (
    (V, V),
    (A, V),
    (V, A.T),
    (A, A.T),
    (A, SQUARE),
    (ROWS, V),
    (ROWS, SQUARE),
    (V, STACK),
    (ROWS, ROWS.swapaxes(1, 2)),
    (ROWS[:1], ROWS.swapaxes(1, 2)),
    (EMPTY, V),
    (EMPTY, SQUARE),
    (F32, F32.T),
    (C.T, A),
):
    case("matmul", p, q)
    if p.ndim * q.ndim < 9:
        case("dot", p, q)
for p, q in ((A, 0.5), (0.5, A), (0.5, 0.3), (ROWS, STACK), (SQUARE, STACK)):
    case("dot", p, q)
for p, q in ((V, V), (A, V), (A, SQUARE), (ROWS, A), (0.4, A)):
    case("inner", p, q)
for p, q in ((V, V), (V, C), (A, V), (V, 0.4), (F32, F32)):
    case("outer", p, q)
for p, q in ((V, V), (A, A * 2)):
    case("vdot", p, q)
case("tensordot", ROWS, A)
case("tensordot", ROWS, STACK, axes=((2,), (1,)))
case("tensordot", ROWS, STACK, axes=(-1, 0) if STACK.shape[0] == 3 else (-1, 1))
case("tensordot", V, V, axes=0)
case("tensordot", ROWS, ROWS, axes=((2, 0), (2, 0)))
case("tensordot", ROWS, ROWS, axes=((0, 2, 1), (0, 2, 1)))
for subscripts, operands in (
    ("ij,jk->ik", (A, SQUARE)),
    ("ij,ij->", (A, A * 2)),
    ("ij,j", (A, V)),
    ("ij->ji", (A,)),
    ("ij->", (A,)),
    ("ij->i", (A,)),
    ("ii->", (SQUARE,)),
    ("ii->i", (SQUARE,)),
    ("i,j->ij", (V, V)),
    ("bij,bjk->bik", (ROWS, ROWS.swapaxes(1, 2))),
    ("i,ij,j->", (V, SQUARE, V)),
    ("ij,k->i", (A, V)),
    ("...j->...", (ROWS,)),
    ("...ij,...jk", (ROWS, SQUARE)),
    ("...ii->...i", (STACK,)),
    ("i...,i...->...", (A, A * 2)),
    ("...i,i", (0.5 * ROWS, V)),
    ("...i,...i->...", (ROWS, C[:, :1] * V)),
):
    case("einsum", *operands, subscripts=subscripts)
for order in (None, 1, 2, 3, 1.5, np.inf, -np.inf):
    case("norm", V, ord=order)
    case("norm", A, ord=order, axis=1)
    case("norm", A - 0.5, ord=order, axis=0, keepdims=True)
case("norm", A)
case("norm", CUBE)
case("norm", A, ord="fro")
case("norm", V, ord=0)
case("norm", V - 0.6, ord=0.5)
case("norm", A, ord=1.5, axis=0)
case("norm", CUBE, axis=(0, 1))
case("norm", F32)
for order in (1, -1, 2, -2, np.inf, -np.inf, "nuc", "fro"):
    case("norm", SQUARE, ord=order)
    case("norm", ROWS * [1.0, 1.5, 2.1], ord=order, axis=(1, 2))
    case("norm", ROWS * [1.0, 1.5, 2.1], ord=order, axis=(2, 0), keepdims=True)
for x in (SQUARE, STACK, SQUARE.astype(np.float32)):
    case("inv", x)
    case("det", x)
    case("cofactors", x)
    case("cofactors_slope", x, x * 0.3 + 1)
    case("slogdet", x)
case("det", np.ones((3, 3)))
case("det", np.zeros((3, 3)))
case("solve", SQUARE, V)
case("solve", SQUARE, A.T)
case("solve", STACK, np.stack([A.T, A.T]))
case("solve", STACK, A.T)

# ---- builtins and math ---------------------------------------------------------------

for name in ("py_max", "py_min"):
    case(name, 0.3, 0.5)
    case(name, 0.3, 0.1, 0.7)
    case(name, 0, 0.7, numeric=False)
    case(name, [0.3, 0.1, 0.7])
    case(name, (0.3, 0.1, 0.7))
    case(name, V)
    case(name, [0.1 * k for k in range(30)])
    case(name, np.float64(0.3), 0.5)
case("py_sum", [0.3, 0.1, 0.7])
case("py_sum", [0.3, 1, V])
case("py_sum", (A, V), 0.3)
case("py_sum", V)
case("py_sum", A)
case("py_sum", [0.1 * k for k in range(30)])
case("math_prod", [0.3, 0.1, 0.7])
case("math_prod", V)
case("fsum", [0.3, 0.1, 0.7])
case("fsum", V)
case("dist", [0.3, 0.1], [0.5, 0.7])
case("dist", V, V * 2)
for name in ("erf", "erfc", "gamma", "lgamma", "polygamma"):
    for x in (0.3, 2.5, 30.0, -1.3):
        case(name, x, rtol=1e-5, atol=1e-7)
for n in (1, 2, 3):
    for x in (0.7, -0.4, -1.3):
        case("polygamma", x, n=n, rtol=1e-5, atol=1e-6)
case("ldexp", 0.3, 3)
case("ldexp", A, 2)
case("modf", 1.3, lib="math")
case("frexp", 5.3, lib="math", numeric=False)
case("modf", A + 1)
case("frexp", A * 8)

# ---- order ---------------------------------------------------------------------------

for x in (V, A):
    case("sort", x)
    case("take_along_axis", x, np.argsort(x), axis=-1)
case("sort", A, axis=0)
case("sort", A, axis=None)
case("sort", CUBE, axis=None)
case("sort", np.array(A.T), axis=None)
case("sort", CUBE, axis=1)
case("take_along_axis", A, np.array([[0, 0], [2, 1]]), axis=1)
case("add_along_axis", A, np.array([[0, 0], [2, 1]]), A[:, :2], axis=1)
for x in (V, A, F32, CUBE):
    case("median", x)
    case("median", x, axis=0)
for name in ("nanmax", "nanmin"):
    case(name, V)
    case(name, A, axis=1)

# ---- composed ------------------------------------------------------------------------

case("average", A)
case("average", A, Lit(1), V)
case("average", A, Lit(None), A * 0.3)
case("average", A, Lit(0), C[:, 0])
case("nanmean", A)
case("nanmean", A, axis=0, keepdims=True)
case("trapezoid", V)
case("trapezoid", A, dx=0.5)
case("trapezoid", V, V * V)
case("trapezoid", A, V)
case("trapezoid", A, C[:, 0], axis=0)
case("trapezoid", A, np.cumsum(A, axis=1))
case("cross", V, V[::-1].copy())
case("cross", A, V)
case("matrix_power", SQUARE, n=3)
case("matrix_power", SQUARE, n=1)
case("polyval", [0.3], V)
case("polyval", [0.3, 0.1, 0.7], 0.4)
case("polyval", [0.3, 0.1, 0.7], V)
case("polyval", [0.3, 0.1, 0.7], np.array([0.0, 0.4]))
case("gradient", V * V)
case("gradient", V, 0.3)
case("average", A, Lit(0), A * 0.3)
case("np_append", A, V)
case("np_append", V, A)
case("np_append", V, 0.3)
case("np_append", A, C, axis=1)
case("real", A)
case("conj", V)
case("float64", F32)
case("float64", 0.3)
case("concatenate", [V + 0.1 * k for k in range(20)])
case("concatenate", [A + 0.1 * k for k in range(20)], axis=1)
case("hstack", [A + 0.1 * k for k in range(20)])
case("stack", [V + 0.1 * k for k in range(20)])
case("split_like", [V, V], np.arange(6.0))

# ---- factorisations ------------------------------------------------------------------

SPD = SQUARE @ SQUARE.T + np.eye(3)
TALL = np.random.default_rng(5).uniform(0.2, 1.0, (4, 3)) + np.eye(4, 3)
for x in (SPD, np.stack([SPD, SPD * 2 + np.eye(3)]), SPD.astype(np.float32)):
    for name in ("cholesky", "eigvalsh", "eigh"):
        case(name, x)
for name in ("cholesky", "eigvalsh", "eigh"):
    case(name, np.stack([SPD, SPD * 2 + np.eye(3)])[None])
case("qr", np.stack([TALL, TALL**2])[None])
case("svd", np.stack([TALL, TALL * 2 + 1])[None], full_matrices=False)
for x in (TALL, TALL.T.copy(), SQUARE, np.stack([TALL, TALL * 2 + 1])):
    case("svdvals", x)
    case("svd", x, compute_uv=False)
    case("svd", x, full_matrices=False)
    case("pinv", x)
for x in (TALL, SQUARE, np.stack([TALL, TALL**2]), TALL.astype(np.float32)):
    case("qr", x)
case("lstsq", TALL, np.array([0.3, 0.1, 0.7, 0.2]), rcond=None)
case("lstsq", SQUARE, V, rcond=None)
case("lstsq", TALL.T.copy(), V, rcond=None)

# ---- statistics ----------------------------------------------------------------------

for name in ("nanvar", "nanstd", "nanprod", "nancumsum", "nancumprod"):
    case(name, V)
    case(name, A)
    case(name, A, axis=1)
for name in ("nanvar", "nanstd"):
    case(name, A, axis=0, keepdims=True, ddof=1)
    case(name, F32)
for q in (0.3, Lit(0.5), Lit(1.0), [0.25, 0.8]):
    case("quantile", V, q)
for q in (0.31, Lit(0.85)):
    case("quantile", A, q)
    case("quantile", A, q, axis=1)
    case("quantile", A, q, axis=0, keepdims=True)
    case("percentile", A, 31.0)
    case("percentile", CUBE, 77.0, axis=-1)
case("percentile", V, np.array([13.0, 52.0]))
case("cov", A)
case("cov", A, rowvar=False)
case("cov", A, bias=True)
case("cov", V)
case("corrcoef", A)
case("corrcoef", TALL, rowvar=False)
case("bincount", np.array([0, 2, 0, 1]), np.array([0.3, 0.1, 0.7, 0.2]))
case("bincount", np.array([0, 2, 0, 1]), np.array([0.3, 0.1, 0.7, 0.2]), minlength=7)
for x in (V, A, F32):
    case("partition", x, kth=1)
case("partition", A, kth=1, axis=0)

# ---- steps ---------------------------------------------------------------------------

case("arange", 0.1, 1.05, 0.3)
case("arange", 0.2, 3)
for p, q in ((5.3, 2.1), (-5.3, 2.1), (4.0, -1.5)):
    case("remainder", p, q)
    case("fmod", p, q)
    case("mod", p, q)

# ---- curves --------------------------------------------------------------------------

KNOTS, HEIGHTS = np.array([0.1, 0.4, 0.65, 0.9]), np.array([0.3, 0.9, 0.2, 0.5])
for x in (0.3, A, V, 0.95, np.array([0.01, 0.7])):
    case("interp", x, KNOTS, HEIGHTS)
for mode in ("full", "same", "valid"):
    for p, q in ((KNOTS, V), (V, KNOTS), (V, V), (HEIGHTS, np.array([0.3, 0.8]))):
        case("convolve", p, q, mode=mode)
        if len(p) >= len(q):
            case("correlate", p, q, mode=mode)
case("sliding", KNOTS, V)
case("logspace", 0.1, 1.3)
case("logspace", 0.1, 1.3, 7, base=2.0)
case("geomspace", 0.3, 5.0, 9)
case("geomspace", 0.3, 5.0, 4, endpoint=False)
case("vander", V)
case("vander", V, N=4)
case("vander", V, N=2, increasing=True)
for p, q in ((V, V), (A, C), (A, V), (SQUARE, A), (CUBE, C), (0.4, A), (V, 0.7)):
    case("kron", p, q)
case("vecdot", A, A * 2)
case("vecdot", A, V)
case("vecdot", A, C, axis=0)
case("select", [A > 0.7, A > 0.5], [A, A * 2])
case("select", [A > 0.7, A > 0.5], [A, 0.3], 0.1)
case("select", [V > 0.6, V > 0.3], [V, C], A)

S, K32 = V.astype(np.float32), KNOTS.astype(np.float32)
case("interp", S, K32, HEIGHTS.astype(np.float32))
for mode in ("full", "same", "valid"):
    case("convolve", K32, S, mode=mode)
case("cov", F32)
case("einsum", SQUARE.astype(np.float32), subscripts="ii->")
case("diff", F32, prepend=0)
case("bincount", np.array([0, 2, 0]), S)
case("pow", 0.4, F32)
case("trapezoid", F32)

# ---- grids and pieces ----------------------------------------------------------------

case("meshgrid", V, KNOTS)
case("meshgrid", V, KNOTS, HEIGHTS * 2)
case("meshgrid", V, KNOTS, indexing="ij")
case("meshgrid", V)
case("meshgrid", np.array(0.4), V)
case("broadcast_arrays", A, V)
case("broadcast_arrays", C, V, A)
case("dstack", [V, V * 2])
case("dstack", [A, A * 2])
case("dstack", (CUBE, CUBE[:, :, :1]))
case("array_split", KNOTS, indices_or_sections=3)
case("array_split", A, indices_or_sections=2, axis=1)
case("hsplit", A, indices_or_sections=3)
case("hsplit", V, indices_or_sections=[1])
case("vsplit", A, indices_or_sections=2)
case("dsplit", CUBE, indices_or_sections=[2])
case("matrix_transpose", CUBE)
case("vector_norm", A)
case("vector_norm", A, axis=1, ord=3)
case("vector_norm", CUBE, axis=(0, 2))
for order in ("fro", 1, 2, "nuc"):
    case("matrix_norm", ROWS * [1.0, 1.5, 2.1], ord=order)

# ---- three axes of different lengths: none stands for another ------------------------

BLOCK = np.random.default_rng(11).uniform(0.2, 0.95, (2, 4, 3))
for name in "sum mean var std max min prod nansum nanvar median cumsum cumprod".split():
    for axis in (0, 1, 2):
        case(name, BLOCK, axis=axis)
for name in "sum mean std max prod nanstd nanmean".split():
    case(name, BLOCK, axis=(-3, 2))
    case(name, BLOCK, axis=1, keepdims=True)
for name in "sort flip nancumsum nancumprod nanprod ptp nanmax nanmin".split():
    for axis in (0, 1):
        case(name, BLOCK, axis=axis)
for axis in (0, 1, 2):
    case("diff", BLOCK, axis=axis)
    case("diff", BLOCK, axis=axis, n=2)
    case("take", BLOCK, np.array([0, 1, 0]), axis=axis)
    case("repeat", BLOCK, 2, axis=axis)
    case("repeat", BLOCK, Lit(2), axis=axis)
    case("repeat", BLOCK, np.array([1, 0, 2, 1])[: BLOCK.shape[axis]], axis=axis)
    case("concatenate", [BLOCK, BLOCK * 2], axis=axis)
    case("stack", [BLOCK, BLOCK * 2], axis=axis)
    case("split", BLOCK, indices_or_sections=[1], axis=axis)
    case("array_split", BLOCK, indices_or_sections=2, axis=axis)
    case("roll", BLOCK, 1, axis=axis)
    case("expand_dims", BLOCK, axis=axis)
    case("trapezoid", BLOCK, axis=axis)
    case("trapezoid", BLOCK, BLOCK.mean(axis=tuple({0, 1, 2} - {axis})), axis=axis)
    case("average", BLOCK, Lit(axis), BLOCK.mean(axis=tuple({0, 1, 2} - {axis})))
    case("average", BLOCK, Lit(axis), BLOCK * 0.3)
    case("partition", BLOCK, kth=1, axis=axis)
    case("take_along_axis", BLOCK, np.argsort(BLOCK, axis), axis=axis)
    case("quantile", BLOCK, 0.37, axis=axis)
    case("norm", BLOCK, axis=axis)
    case("recurrence", BLOCK, BLOCK * 2, axis=axis)
    case("shift", BLOCK, axis=axis, by=-1)
    case("exclusive_prod", BLOCK, axis=axis)
    case("vecdot", BLOCK, BLOCK * 2, axis=axis)
for source, destination in ((0, 1), (1, 0), (2, 0), (0, 2), ((2, 0), (0, 1))):
    case("moveaxis", BLOCK, source=source, destination=destination)
for axes in ((0, 2, 1), (2, 0, 1), (1, 2, 0), (-1, 1, 0)):
    case("transpose", BLOCK, axes=axes)
case("swapaxes", BLOCK, axis1=1, axis2=0)
case("flip", BLOCK, axis=(0, 2))
case("expand_dims", BLOCK, axis=(1, 3))
case("roll", BLOCK, 5)
case("rot90", BLOCK, k=3)
for k in (-1, 0, 1):
    case("tril", BLOCK, k=k)
    case("triu", BLOCK, k=k)
for reps in ((2,), (1, 2, 1), (2, 1, 3), (2, 1, 1, 2)):
    case("tile", BLOCK, Lit(reps))
case("tile", V, Lit((2, 1, 2)))
case("pad", BLOCK, pad_width=((0, 1), (2, 0), (1, 3)))
case("broadcast_to", C, (4, 2, 3))
case("broadcast_to", BLOCK[:, :1], (2, 4, 3))
case("cross", BLOCK, V)
case("cross", BLOCK, BLOCK[0, ::-1])
case("matmul", BLOCK, SQUARE)
case("outer", 0.4, V)
case("outer", BLOCK, V)
case("kron", BLOCK, C)
case("inner", BLOCK, A)
case("tensordot", BLOCK, np.moveaxis(BLOCK, 0, 2), axes=2)
case("tensordot", BLOCK, BLOCK, axes=((0, 1), (0, 1)))
case("tensordot", BLOCK, BLOCK, axes=((1, 0), (1, 0)))
case("tensordot", BLOCK, SQUARE, axes=((2,), (1,)))
for order in (None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf):
    for axes in ((0, 1), (2, 0), (-2, -1)):
        case("norm", BLOCK, axis=axes, ord=order)
case("pow", 0.4, 3.0, lib="np")
case("pow", 0.4, 0.3, lib="np")

# ---- broadcasting into more axes; masks of fewer -------------------------------------

for p, q in (
    ((2, 4, 5, 3), (4, 1, 3)),
    ((2, 4, 5, 3), (1, 5, 1)),
    ((2, 4, 5, 3), (4, 1, 1)),
    ((2, 4, 5, 3), (3,)),
    ((2, 4, 5, 3), (5, 1)),
    ((2, 4, 3), (1,)),
    ((2, 4, 3), (1, 3)),
    ((2, 1, 3), (4, 1)),
    ((2, 4, 3), (2, 1, 1)),
    ((1, 4, 3), (2, 1, 3)),
):
    many = np.random.default_rng(5)
    case("mul", many.uniform(0.2, 0.9, p), many.uniform(0.2, 0.9, q))
for mask in (BLOCK[:, 0, 0] > 0.5, BLOCK[:, :, 0] > 0.5, BLOCK > 0.5):
    case("getitem", BLOCK, mask, path="[#]")
    case("setitem", BLOCK, 0.4, mask, path="[#]")
case("setitem", [A, V], 0.3, 1, 0, path="[#][#]")
case("additem", [A, V], 0.3, 0, 1, 1, path="[#][#, #]")

# ---- containers ----------------------------------------------------------------------

for x in (
    [0.3, 0.1, 0.7, 0.2],
    V,
    (0.5, 0.9, 0.1),
    [0.1 * k for k in range(18, 0, -1)],
):
    case("py_sorted", x)
    case("py_sorted", x, reverse=True)
for x in ([0.3, 0.1, 0.7], V):
    case("picked", x, [2, 0, 1])
    case("put_back", x, [2, 0, 1])
case("joined", [0.3, 0.1], [0.7])
case("joined", [0.3], [0.7, 0.1, 0.4])
case("joined", [V, V * 2], [V * 3])
case("add_items", [0.3, [0.1, V]], [0.7, [0.2, C[:, 0].repeat(2)[:3]]])
case("add_items", (0.3, V), (0.7, V * 2))
case("add_entry", (0.3, V), 0.5, 0)
case("add_entry", (0.3, V), V * 3, 1)
case("add_entry", [(0.3, V), 0.1], 0.4, 0, 0)
case("list", 0.3, V)
case("tuple", 0.3, V)
case("fresh", [0.3, (V, 0.1)])

# ---- the axis that is taken if none is said ------------------------------------------

for x in (V, BLOCK):
    for name in "sort diff trapezoid shift".split():
        case(name, x)
    case("partition", x, kth=1)
    case("vecdot", x, x * 2)
    case("trapezoid", x, np.cumsum(x, axis=-1))
case("flip", BLOCK)
case("squeeze", BLOCK[:, :1])
case("transpose", BLOCK)
case("average", BLOCK)
case("repeat", BLOCK, 2)
case("concatenate", [BLOCK, BLOCK * 2])
case("stack", [BLOCK, BLOCK * 2])
case("split", BLOCK, indices_or_sections=2)
for order in (1, 3, 0.5, -1, np.inf, -np.inf):
    case("norm", V, ord=order)
    case("norm", BLOCK, ord=order, axis=1)
    case("vector_norm", BLOCK, ord=order, axis=1)
