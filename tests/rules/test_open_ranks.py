"""Rules where the run decides how many axes an array has: right, or refused."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.kinds import Array
from s2sad.rules import BadArguments


def load(name):
    """A module beside this file, also where tests are no packages."""
    full = f"rules_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            full, Path(__file__).with_name(f"{name}.py")
        )
        sys.modules[full] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[full]


harness, cases = load("harness"), load("cases")
# their formulas are written out for a number of axes
FIXED = set(
    "split tile repeat diag diagonal trace pad item tolist take einsum norm inv det "
    "cofactors_slope slogdet solve average trapezoid gradient cholesky eigvalsh eigh "
    "svdvals svd pinv qr lstsq quantile percentile cov corrcoef convolve correlate "
    "sliding kron meshgrid broadcast_arrays array_split hsplit vsplit dsplit "
    "vector_norm matrix_norm py_sorted".split()
)


def open_kind(value, name):
    kind = kind_of(value, name)
    return Array(kind.dtype, None) if isinstance(kind, Array) else kind


def chosen():
    """A few cases of each primitive that takes an array."""
    count = {}
    for case in cases.CASES:
        name, args, _ = case
        if any(isinstance(arg, np.ndarray) for arg in args):
            count[name] = count.get(name, 0) + 1
            if count[name] <= 6 or name in ("matmul", "dot", "inner", "outer"):
                yield case


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted({name for name, *_ in chosen()}))
def test_right_or_refused(name, monkeypatch):
    monkeypatch.setattr(harness, "kind_of", open_kind)
    for _, args, attrs in (case for case in chosen() if case[0] == name):
        try:
            harness.check(name, *args, unknown=False, **attrs)
        except BadArguments:
            assert name in FIXED
            continue
        single = any(getattr(arg, "dtype", None) == np.float32 for arg in args)
        empty = any(getattr(arg, "size", 1) == 0 for arg in args)
        if name in PRODUCTS and not single and not empty:
            harness.check_second(name, *args, **attrs)


PRODUCTS = ("matmul", "dot", "inner", "outer", "vdot", "tensordot")


@pytest.mark.parametrize("name", ["left_bar", "right_bar"])
@pytest.mark.parametrize(
    "product, a, b",
    [
        ("matmul", (3,), (3,)),
        ("matmul", (2, 3), (3,)),
        ("matmul", (3,), (3, 2)),
        ("matmul", (4, 1, 2, 3), (5, 3, 2)),
        ("matmul", (3,), (4, 3, 2)),
        ("matmul", (4, 2, 3), (3,)),
        ("dot", (), (2, 3)),
        ("dot", (2, 3), ()),
        ("dot", (4, 2, 3), (5, 3, 2)),
        ("dot", (4, 2, 3), (3,)),
        ("inner", (4, 3), (5, 2, 3)),
        ("outer", (2, 3), (4,)),
        ("vdot", (2, 3), (3, 2)),
        ("tensordot", (2, 3, 4), (3, 4, 5)),
    ],
)
def test_adjoints_of_products(name, product, a, b):
    rng = np.random.default_rng(1)
    a, b = (rng.normal(size=shape) for shape in (a, b))
    y_bar = rng.normal(size=np.shape(getattr(np, product)(a, b)))
    y_bar = y_bar if y_bar.ndim else float(y_bar)
    harness.check(name, y_bar, a, b, product=product)
    harness.check_second(name, y_bar, a, b, product=product)


def test_axes_of_tensordot():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5, 2))
    axes = ((0, -1), (2, 0))
    y_bar = rng.normal(size=(3, 5))
    for name in ("left_bar", "right_bar"):
        harness.check(name, y_bar, a, b, product="tensordot", axes=axes)
