"""Eigenvalues of symmetric matrices, singular values, and their vectors.

`eigh` and `eigvalsh` read the lower triangle of their operand only, and so its adjoint
is in the lower triangle. Vectors that belong to repeated values do not vary smoothly:
their slopes are infinite or NaN. Sums over repeated values stay right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from s2sad.ir.kinds import UNKNOWN, Array, Kind, Tuple
from s2sad.ir.nodes import Atom
from s2sad.rules import infer
from s2sad.rules.factorisations import (
    across,
    factorisation,
    folded,
    inverse_gaps,
    item,
    least,
    matrix_dims,
    mirrored,
    sum_of,
)
from s2sad.rules.handles import Handle, build
from s2sad.rules.products import column, turned
from s2sad.rules.registry import BadArguments

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
            None if w_bar is None else (v * across(w_bar)) @ turned(v),
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
    return folded((v * across(y_bar)) @ turned(v))


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


def values_slope(x_dot, x):
    factors = _thin_svd(x)
    u, vh = item(factors, 0), item(factors, 2)
    return _diagonal_of(turned(u) @ x_dot @ turned(vh))


def values_back(s_bar, x):
    factors = _thin_svd(x)
    return (item(factors, 0) * across(s_bar)) @ item(factors, 2)


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
        return values_slope(x_dot, x)
    u, s, vh = (item(y, i) for i in range(3))
    if full_matrices and not _is_square(x):
        # the vectors of the null space are arbitrary: NaN, if anybody asks
        unknown = [build("full_like", part, math.nan) for part in (u, vh)]
        return [unknown[0], values_slope(x_dot, x), unknown[1]]
    v, sr = turned(vh), across(s)
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
        return values_back(y_bar, x)
    u_bar, s_bar, vh_bar = y_bar
    if u_bar is None and vh_bar is None and full_matrices:
        return values_back(s_bar, x)
    u, s, vh = (item(y, i) for i in range(3))
    if u_bar is None and vh_bar is None:
        return (u * across(s_bar)) @ vh
    _need_thin(full_matrices, x)
    v, sr = turned(vh), across(s)
    gaps = inverse_gaps(s * s, turned(u) @ u)
    terms = [None if s_bar is None else (u * across(s_bar)) @ vh]
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
    lambda x_dot, y, x: values_slope(x_dot, x),
    lambda y_bar, y, x: values_back(y_bar, x),
    kind=_values_kind("svdvals"),
    run=lambda x: np.linalg.svd(x, compute_uv=False),
    signature="x",
)
