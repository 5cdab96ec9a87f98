"""Matrices taken apart: Cholesky, QR, eigenvalues, singular values, pseudo-inverse.

`cholesky`, `eigh` and `eigvalsh` read the lower triangle of their operand only, and so
its adjoint is in the lower triangle. Vectors that belong to repeated values do not vary
smoothly: their slopes are infinite or NaN. Sums over repeated values stay right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import UNKNOWN, Array, Dim, Kind, Scalar, Tuple
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import array_operand, give
from s2sad.rules.handles import Handle, build, full, lift
from s2sad.rules.linalg import inv
from s2sad.rules.products import array_dims, column, row, turned
from s2sad.rules.registry import BadArguments
from s2sad.rules.verbs import Adjoints, Tangents, custom, options_of, taken


def matrix_dims(args: Sequence[Atom], what: str) -> tuple[str, tuple[Dim, ...]] | None:
    """The dtype of a factorisation and the dims of its operand."""
    found = array_dims(args[:1])
    if found is None:
        return None
    dtype, (dims,) = found
    if dims is None or len(dims) < 2:
        raise BadArguments(f"`{what}` needs an array of known rank, at least 2")
    return infer.to_float_64(infer.numpy_dtype(dtype).name), dims


def least(m: Dim, n: Dim) -> Dim:
    """The smaller of two lengths, if kinds tell."""
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    return m if m == n else None


def lower(x: Handle) -> Handle:
    """The lower triangle with half the diagonal."""
    return 0.5 * (build("tril", x) + build("tril", x, k=-1))


def mirrored(x: Handle) -> Handle:
    """The symmetric matrix of which the lower triangle of x is read."""
    return build("tril", x) + turned(build("tril", x, k=-1))


def folded(x: Handle) -> Handle:
    """The adjoint of `mirrored`."""
    return lower(x + turned(x))


def eye_of(x: Handle) -> Handle:
    """The identity matrix as large, and of the dtype, as the square matrices x."""
    size = build("getitem", build("shape", x, spelling=".shape"), -1, path="[#]")
    dtype = x.kind.dtype  # type: ignore[attr-defined]
    return build("eye", size, **({} if dtype == "float64" else {"dtype": dtype}))


def inverse_gaps(w: Handle, like: Handle) -> Handle:
    """1 / (w[j] - w[i]), and 0 on the diagonal."""
    one = eye_of(like)
    return (1 - one) / (row(w) - column(w) + one)


def item(y: Handle, position: int) -> Handle:
    return build("getitem", y, position, path="[#]")


def pieces(b: Builder, op: Op, dots: Sequence[Handle]) -> tuple[Atom]:
    """The tangent of a tuple of results."""
    return (b.op("tuple", [dot.atom for dot in dots], op.outs[0].kind),)


def entries(b: Builder, op: Op, bars: Adjoints, count: int) -> list[Handle | None]:
    """The adjoints of a tuple of results."""
    found = [bars.item(op.outs[0], i) for i in range(count)]
    bars.take(op.outs[0])
    y = lift(b, op.outs[0])
    return [
        None if bar is None else full(lift(b, bar), item(y, i))
        for i, bar in enumerate(found)
    ]


def factorisation(
    spellings: str,
    slope: Callable[..., object],
    back: Callable[..., Handle | None],
    *,
    kind: Callable[..., tuple[Kind, ...]],
    **rest: object,
):
    """`slope(x_dot, y, x, **options)` is y_dot, `back(y_bar, y, x, **options)` x_bar.

    For several results, `y_dot` is a list and `y_bar` one with None where it is zero.
    """

    def forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
        if tangents[0] is None:
            return (None,)
        x, y = array_operand(b, op.args[0]), lift(b, op.outs[0])
        dot = full(array_operand(b, tangents[0]), x)
        found = slope(dot, y, x, **options_of(op))
        return (found.atom,) if isinstance(found, Handle) else pieces(b, op, found)  # type: ignore[arg-type]

    def backward(b: Builder, op: Op, bars: Adjoints) -> None:
        x, y = array_operand(b, op.args[0]), lift(b, op.outs[0])
        y_bar: object
        if isinstance(y.kind, Tuple):
            y_bar = entries(b, op, bars, len(y.kind.items))
            if all(bar is None for bar in y_bar):  # type: ignore[attr-defined]
                return
        else:
            y_bar = taken(b, op, bars)
            if y_bar is None:
                return
            y_bar = full(y_bar, y)
        if bars.wants(op.args[0]):
            found = back(y_bar, y, x, **options_of(op))
            if found is not None:
                give(b, bars, op.args[0], found)

    return custom(spellings, forward, backward, kind=kind, partials=back, **rest)


def sum_of(terms: Sequence[Handle | None]) -> Handle | None:
    result = None
    for term in terms:
        if term is not None:
            result = term if result is None else result + term
    return result


# ---- Cholesky: a = y @ y.T -----------------------------------------------------------


def _square(what: str):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = matrix_dims(args, what)
        return (UNKNOWN if found is None else Array(*found),)

    return kind


def _cholesky_slope(x_dot, y, x):
    inside = inv(y)
    return y @ lower(inside @ mirrored(x_dot) @ turned(inside))


def _cholesky_back(y_bar, y, x):
    """folded(y^-T @ lower(y.T @ y_bar) @ y^-1)"""
    inside = inv(y)
    return folded(turned(inside) @ lower(turned(y) @ y_bar) @ inside)


cholesky = factorisation(
    "np.linalg.cholesky",
    _cholesky_slope,
    _cholesky_back,
    kind=_square("cholesky"),
    signature="a; *, upper!",
)

# ---- symmetric matrices: a = v @ diag(w) @ v.T ---------------------------------------


def _eigh_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = matrix_dims(args, "eigh")
    if found is None:
        return (UNKNOWN,)
    dtype, dims = found
    return (Tuple((Array(dtype, dims[:-1]), Array(dtype, dims))),)


def _diagonal_of(x: Handle) -> Handle:
    return build("einsum", x, subscripts="ii->i" if x.kind.rank == 2 else "...ii->...i")  # type: ignore[attr-defined]


def _eigh_slope(x_dot, y, x):
    w, v = item(y, 0), item(y, 1)
    turn = turned(v) @ mirrored(x_dot) @ v
    return [_diagonal_of(turn), v @ (inverse_gaps(w, v) * turn)]


def _eigh_back(y_bar, y, x):
    """folded(v @ (diag(w_bar) + (v.T @ v_bar) / gaps) @ v.T)"""
    w, v = item(y, 0), item(y, 1)
    w_bar, v_bar = y_bar
    found = sum_of(
        [
            None if w_bar is None else (v * row(w_bar)) @ turned(v),
            None
            if v_bar is None
            else v @ (inverse_gaps(w, v) * (turned(v) @ v_bar)) @ turned(v),
        ]
    )
    return folded(found)


eigh = factorisation(
    "np.linalg.eigh",
    _eigh_slope,
    _eigh_back,
    kind=_eigh_kind,
    run=lambda a: tuple(np.linalg.eigh(a)),
    signature="a; UPLO!",
)


def _values_kind(what: str):
    def kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
        found = matrix_dims(args, what)
        if found is None:
            return (UNKNOWN,)
        dtype, dims = found
        return (Array(dtype, (*dims[:-2], least(*dims[-2:]))),)

    return kind


def _eigvalsh_slope(x_dot, y, x):
    v = item(build("eigh", x), 1)
    return _diagonal_of(turned(v) @ mirrored(x_dot) @ v)


def _eigvalsh_back(y_bar, y, x):
    """folded(v @ diag(y_bar) @ v.T)"""
    v = item(build("eigh", x), 1)
    return folded((v * row(y_bar)) @ turned(v))


eigvalsh = factorisation(
    "np.linalg.eigvalsh",
    _eigvalsh_slope,
    _eigvalsh_back,
    kind=_values_kind("eigvalsh"),
    signature="a; UPLO!",
)

# ---- singular values: a = u @ diag(s) @ vh -------------------------------------------


def _svd_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = matrix_dims(args, "svd")
    if found is None:
        return (UNKNOWN,)
    dtype, dims = found
    *batch, m, n = dims
    k = least(m, n)
    s = Array(dtype, (*batch, k))
    if attrs.get("compute_uv", True) is False:
        return (s,)
    whole = attrs.get("full_matrices", True)
    u, vh = (*batch, m, m if whole else k), (*batch, n if whole else k, n)
    return (Tuple((Array(dtype, u), s, Array(dtype, vh))),)


def _thin_svd(x: Handle) -> Handle:
    return build("svd", x, full_matrices=False)


def _values_slope(x_dot, x):
    factors = _thin_svd(x)
    u, vh = item(factors, 0), item(factors, 2)
    return _diagonal_of(turned(u) @ x_dot @ turned(vh))


def _values_back(s_bar, x):
    factors = _thin_svd(x)
    return (item(factors, 0) * row(s_bar)) @ item(factors, 2)


def _is_square(x: Handle) -> bool:
    m, n = infer.dims_of(x.kind)[-2:]  # type: ignore[index]
    return m is not None and m == n


def _need_thin(full_matrices: bool, x: Handle) -> None:
    if full_matrices and not _is_square(x):
        raise BadArguments(
            "the vectors of `svd` are differentiated with full_matrices=False"
        )


def _svd_slope(x_dot, y, x, full_matrices=True, compute_uv=True):
    if not compute_uv:
        return _values_slope(x_dot, x)
    u, s, vh = (item(y, i) for i in range(3))
    if full_matrices and not _is_square(x):
        # the vectors of the null space are arbitrary: NaN, if anybody asks
        unknown = [build("full_like", part, math.nan) for part in (u, vh)]
        return [unknown[0], _values_slope(x_dot, x), unknown[1]]
    v, sr = turned(vh), row(s)
    turn = turned(u) @ x_dot @ v
    gaps = inverse_gaps(s * s, turn)
    u_dot = u @ (gaps * (turn * sr + column(s) * turned(turn)))
    u_dot = u_dot + (x_dot @ v - u @ turn) / sr
    v_dot = v @ (gaps * (column(s) * turn + turned(turn) * sr))
    v_dot = v_dot + (turned(x_dot) @ u - v @ turned(turn)) / sr
    return [u_dot, _diagonal_of(turn), turned(v_dot)]


def _svd_back(y_bar, y, x, full_matrices=True, compute_uv=True):
    """u @ diag(s_bar) @ vh for the values"""
    if not compute_uv:
        return _values_back(y_bar, x)
    u_bar, s_bar, vh_bar = y_bar
    if u_bar is None and vh_bar is None and full_matrices:
        return _values_back(s_bar, x)
    u, s, vh = (item(y, i) for i in range(3))
    if u_bar is None and vh_bar is None:
        return (u * row(s_bar)) @ vh
    _need_thin(full_matrices, x)
    v, sr = turned(vh), row(s)
    gaps = inverse_gaps(s * s, turned(u) @ u)
    terms = [None if s_bar is None else (u * row(s_bar)) @ vh]
    if u_bar is not None:
        turn = turned(u) @ u_bar
        skew = gaps * (turn - turned(turn))
        terms.append((u @ (skew * sr) + (u_bar - u @ turn) / sr) @ vh)
    if vh_bar is not None:
        v_bar = turned(vh_bar)
        turn = vh @ v_bar
        skew = gaps * (turn - turned(turn))
        terms.append(u @ (column(s) * skew @ vh + turned((v_bar - v @ turn) / sr)))
    return sum_of(terms)


svd = factorisation(
    "np.linalg.svd",
    _svd_slope,
    _svd_back,
    kind=_svd_kind,
    run=lambda a, **options: _plain(np.linalg.svd(a, **options)),
    signature="a; full_matrices=True, compute_uv=True, hermitian!",
)


def _plain(found: object) -> object:
    return tuple(found) if isinstance(found, tuple) else found


svdvals = factorisation(
    "np.linalg.svdvals",
    lambda x_dot, y, x: _values_slope(x_dot, x),
    lambda y_bar, y, x: _values_back(y_bar, x),
    kind=_values_kind("svdvals"),
    run=lambda x: np.linalg.svd(x, compute_uv=False),
    signature="x",
)

# ---- orthogonal and triangular: a = q @ r --------------------------------------------


def _qr_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = matrix_dims(args, "qr")
    if found is None:
        return (UNKNOWN,)
    if attrs.get("mode", "reduced") != "reduced":
        raise BadArguments("`qr` is supported with mode='reduced'")
    dtype, dims = found
    *batch, m, n = dims
    k = least(m, n)
    return (Tuple((Array(dtype, (*batch, m, k)), Array(dtype, (*batch, k, n)))),)


def _need_tall(x: Handle) -> None:
    m, n = infer.dims_of(x.kind)[-2:]  # type: ignore[index]
    if isinstance(m, int) and isinstance(n, int) and m < n:
        raise BadArguments(
            "`qr` is differentiated where there are no more columns than rows"
        )


def _qr_slope(x_dot, y, x):
    _need_tall(x)
    q, r = item(y, 0), item(y, 1)
    scaled = x_dot @ inv(r)
    turn = turned(q) @ scaled
    below = build("tril", turn, k=-1)
    upper = turn - below + turned(below)
    return [scaled - q @ upper, upper @ r]


def _qr_back(y_bar, y, x):
    """(q_bar + q @ symmetric(r @ r_bar.T - q_bar.T @ q)) @ r^-T"""
    _need_tall(x)
    q, r = item(y, 0), item(y, 1)
    q_bar, r_bar = y_bar
    # R is triangular: what stands below its diagonal does not vary
    inside = sum_of(
        [
            None if r_bar is None else r @ turned(build("triu", r_bar)),
            None if q_bar is None else -turned(q_bar) @ q,
        ]
    )
    found = sum_of([q_bar, q @ mirrored(inside)])
    return found @ turned(inv(r))


qr = factorisation(
    "np.linalg.qr",
    _qr_slope,
    _qr_back,
    kind=_qr_kind,
    run=lambda a: tuple(np.linalg.qr(a)),
    signature="a; mode='reduced'",
)

# ---- least squares -------------------------------------------------------------------
# the derivative is for matrices whose rank does not change near by


def _pinv_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = matrix_dims(args, "pinv")
    if found is None:
        return (UNKNOWN,)
    dtype, (*batch, m, n) = found
    return (Array(dtype, (*batch, n, m)),)


def _pinv_slope(x_dot, y, x):
    flat_dot, y_t = turned(x_dot), turned(y)
    inside = flat_dot - flat_dot @ x @ y
    outside = flat_dot @ y_t @ y
    return -y @ x_dot @ y + y @ y_t @ inside + outside - y @ x @ outside


def _pinv_back(y_bar, y, x):
    """-y.T @ y_bar @ y.T and what the null spaces add"""
    y_t, bar_t = turned(y), turned(y_bar)
    left = bar_t @ y @ y_t
    right = y_t @ y @ bar_t
    return -y_t @ y_bar @ y_t + left - x @ y @ left + right - right @ y @ x


pinv = factorisation(
    "np.linalg.pinv",
    _pinv_slope,
    _pinv_back,
    kind=_pinv_kind,
    signature="a; rcond!, hermitian!, rtol!",
)


def _lstsq_kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    found = array_dims(args)
    if found is None:
        return (UNKNOWN,)
    dtype, (p, q) = found
    if p is None or q is None or len(p) != 2 or len(q) != 1:
        raise BadArguments("`lstsq` is supported for a matrix and a vector")
    dtype = infer.to_float_64(infer.numpy_dtype(dtype).name)
    values = Array(dtype, (least(*p),))
    return (
        Tuple((Array(dtype, p[1:]), Array(dtype, (None,)), Scalar("int32"), values)),
    )


def _lstsq_forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    if tangents[0] is None and tangents[1] is None:
        return (None,)
    a, right = (array_operand(b, arg) for arg in op.args)
    y = lift(b, op.outs[0])
    x, p = item(y, 0), build("pinv", a)
    right_dot = a_dot = None
    if tangents[1] is not None:
        right_dot = full(array_operand(b, tangents[1]), right)
    if tangents[0] is not None:
        a_dot = full(array_operand(b, tangents[0]), a)
    x_dot = sum_of(
        [
            None if a_dot is None else _pinv_slope(a_dot, p, a) @ right,
            None if right_dot is None else p @ right_dot,
        ]
    )
    error_dot = sum_of([right_dot, None if a_dot is None else -a_dot @ x])
    # the array of residuals may be empty: then this adds to nothing
    squares_dot = 2 * build("dot", right - a @ x, error_dot)
    residual_dot = build("zeros_like", item(y, 1)) + squares_dot
    s_dot = build("zeros_like", item(y, 3))
    if a_dot is not None:
        s_dot = _values_slope(a_dot, a)
    return pieces(b, op, [x_dot, residual_dot, lift(b, 0.0), s_dot])


def _lstsq_backward(b: Builder, op: Op, bars: Adjoints) -> None:
    x_bar, residual_bar, _, s_bar = entries(b, op, bars, 4)
    if x_bar is None and residual_bar is None and s_bar is None:
        return
    a, right = (array_operand(b, arg) for arg in op.args)
    x, p = item(lift(b, op.outs[0]), 0), build("pinv", a)
    error_bar = None
    if residual_bar is not None:
        error_bar = 2 * build("sum", residual_bar) * (right - a @ x)
    if bars.wants(op.args[1]):
        through = None if x_bar is None else turned(p) @ x_bar
        right_bar = sum_of([through, error_bar])
        if right_bar is not None:
            give(b, bars, op.args[1], right_bar)
    if bars.wants(op.args[0]):
        through = (
            None if x_bar is None else _pinv_back(build("outer", x_bar, right), p, a)
        )
        a_bar = sum_of(
            [
                through,
                None if error_bar is None else -build("outer", error_bar, x),
                None if s_bar is None else _values_back(s_bar, a),
            ]
        )
        give(b, bars, op.args[0], a_bar)  # type: ignore[arg-type]


lstsq = custom(
    "np.linalg.lstsq",
    _lstsq_forward,
    _lstsq_backward,
    kind=_lstsq_kind,
    run=lambda a, b, **options: tuple(np.linalg.lstsq(a, b, **options)),
    signature="a, b; rcond=-1",
    doc="by the pseudo-inverse of a matrix whose rank stays",
)
