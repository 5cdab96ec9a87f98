"""Programs as users write them, each against differences, its arguments untouched."""

# ruff: noqa: E701, E702, E731, B023, F841

import numpy as np
import pytest

from s2sad import Unsupported, grad, value_and_grad


def differences(f, args, i, step=1e-5):
    def at(delta):
        moved = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
        moved[i] = moved[i] + delta
        return float(np.sum(f(*moved)))

    if isinstance(args[i], float):
        return (at(step) - at(-step)) / (2 * step)
    found = np.zeros_like(args[i])
    for k in np.ndindex(found.shape):
        unit = np.zeros_like(found)
        unit[k] = step
        found[k] = (at(unit) - at(-unit)) / (2 * step)
    return found


def inplace1(x):
    x[1:] += x[:-1]
    return (x**2).sum()


def inplace2(x):
    y = x
    y *= 2
    return (x * x).sum()


def inplace3(x):
    y = x[1:3]
    y[0] = 5.0 * x[4]
    return (x**2).sum()


def inplace4(x, i):
    a = np.zeros(5)
    a[i] = x[i]
    b = a
    b[i] += x[0]
    return (a * a).sum()


def inplace5(x):
    a = x.copy()
    a[a < 0] = 0.0
    return (a**3).sum()


def inplace6(x):
    a = np.empty(5)
    for i in range(5):
        a[i] = x[i] ** 2 if i % 2 else x[4 - i]
    a[:] = a[::-1] * 2
    return (a * x).sum()


def helper(v, k):
    v[k] = v[k] * v[k - 1]


def inplace8(x):
    y = x.copy()
    for k in range(1, 5):
        helper(y, k)
    return y.sum()


def alias(x, c):
    a = x.copy()
    b = a if c else x.copy()
    b[0] = 7.0 * x[1]
    return a.sum()


def lst(x):
    l = [x[0], x[1]]
    m = l
    m.append(x[2])
    l[0] = l[0] * 2
    return l[0] * l[1] * m[2]


def dct(x):
    d = {"a": x[0]}
    e = d
    e["b"] = x[1] * 2
    d["a"] *= 3
    return e["a"] * d["b"]


def lists_default(x, acc=None):
    if acc is None:
        acc = []
    for v in x:
        acc.append(v * v)
    return max(acc) + min(acc) + sum(acc[1:-1])


def gs(A, b):
    x = np.zeros(3)
    for _ in range(4):
        for i in range(3):
            s = b[i]
            for j in range(3):
                if j != i:
                    s -= A[i, j] * x[j]
            x[i] = s / A[i, i]
    return x @ x


def dbl(u):
    a = u.copy()
    b = np.zeros(5)
    for k in range(3):
        b[1:-1] = a[2:] * a[:-2]
        a, b = b, a
    return a.sum() + b.sum()


def rowloop(A):
    for row in A:
        row *= 2
    return (A**2).sum()


def fancy(x):
    return x[[0, 0, 2]].prod() + x[np.array([1, 3])].sum() + x[x > 0].sum()


def swap(x):
    x = x.copy()
    x[0], x[1] = x[1], x[0]
    return x[0] * 3 + x[1] * x[2]


def tup(x):
    a, *b, c = x[0], x[1], x[2], x[3]
    return a * c + sum(b)


def ncl(x):
    fs = [lambda v, k=k: v * k for k in range(3)]
    gs = [lambda v: v * k for k in range(3)]
    return sum(f(x) for f in fs) + sum(g(x) for g in gs)


def glob(x):
    return x * K


K = 3.0


def early(x):
    for i in range(5):
        for j in range(i):
            if x[i] * x[j] > 0.1:
                return x[i] * x[j]
        else:
            continue
        break
    return x[0]


def trip0(x):
    for i in range(0):
        x = x * 2
        i = 5
    return x.sum()


def cond_arr(x):
    y = 0
    for v in x:
        if v > 0:
            y = y + v
        elif v < -1:
            y = y * v
        else:
            y -= v**2
    return y


def power(x):
    return x[0] ** 2 + abs(x[1]) ** 1.5 + 2 ** x[2] + x[3] ** 0 + (-2.0) ** 3 * x[4]


def cum(x):
    return np.cumsum(x)[::2].prod() + np.diff(x).max()


def ein(x):
    return np.einsum("i,j->", x, x) + np.einsum("i,i", x, x) + np.outer(x, x).trace()


def norms(x):
    return np.linalg.norm(x) + np.linalg.norm(x, 1) + np.std(x) + np.var(x, ddof=1)


def st(x):
    return (
        np.stack([x, x * 2]).T.ravel()[3:7].prod()
        + np.concatenate([x, x[:2]]).mean()
        + np.tile(x, 2).sum()
        + np.hstack((x, 1.0)).sum()
    )


RNG = np.random.default_rng(0)
X = RNG.normal(size=5)
ONE = [
    inplace1,
    inplace2,
    inplace3,
    inplace5,
    inplace6,
    inplace8,
    lst,
    dct,
    lists_default,
]
ONE += [dbl, fancy, swap, tup, early, trip0, cond_arr, power, cum, ein, norms, st]
CASES = [(f, X) for f in ONE]
CASES += [
    (inplace4, X, 2),
    (alias, X, True),
    (alias, X, False),
    (ncl, 2.0),
    (glob, 2.0),
]
CASES += [(gs, RNG.normal(size=(3, 3)) + 3 * np.eye(3), RNG.normal(size=3))]
CASES += [(rowloop, RNG.normal(size=(2, 3)))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_value_and_gradient(case):
    f, *args = case
    before = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    active = tuple(
        i
        for i, a in enumerate(args)
        if isinstance(a, float) or (isinstance(a, np.ndarray) and a.dtype.kind == "f")
    )
    expected = f(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
    value, gradient = value_and_grad(f, active)(*args)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    for i, found in zip(active, gradient, strict=True):
        wanted = differences(f, before, i)
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
    for a, b in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, b)


def ev(v, n):
    return v * v if n == 0 else np.sin(od(v, n - 1)) * v


def od(v, n):
    return v if n == 0 else np.exp(ev(v, n - 1) * 0.3) + v


def both(v, n):
    return ev(v, n) + od(v, n)


@pytest.mark.parametrize("n", range(4))
def test_second_order_of_functions_that_call_one_another(n):
    first = grad(both)
    wanted = (first(1.3 + 1e-5, n) - first(1.3 - 1e-5, n)) / 2e-5
    np.testing.assert_allclose(grad(first)(1.3, n), wanted, rtol=1e-7)


def test_a_number_read_from_text_is_refused():
    with pytest.raises(Unsupported):
        grad(lambda x: float(f"{x:.3f}") * x)(2.0)


def functions_by_name(x):
    total = 0.0
    for name, f in {"sine": np.sin, "square": lambda t: t * t}.items():
        total += f(x) if name == "sine" else 2.0 * f(x)
    return total


def test_methods_of_a_display():
    expected = np.cos(1.3) + 4.0 * 1.3
    assert grad(functions_by_name)(1.3) == pytest.approx(expected, rel=1e-14)
