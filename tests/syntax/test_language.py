"""Every construct of the language: the IR computes what Python computes."""

from __future__ import annotations

import functools
import logging
import math
import math as m
import operator
import time
import warnings
from math import sin
from typing import NamedTuple

import numpy as np
import numpy as xp
import pytest
from lowering import agrees, lowered

SCALE = 2.5
CONFIG = {"rate": 0.5, "name": "relu"}
TABLE_OF_WEIGHTS = np.array([1.0, 2.0, 3.0])
log = logging.getLogger("test")

A3 = np.array([1.0, -2.0, 3.0])
M23 = np.arange(6.0).reshape(2, 3) + 1.0


class Point(NamedTuple):
    x: float
    y: float = 2.0


# ---- numbers and assignment ----------------------------------------------------------


def arithmetic(x, y):
    return (x + y) * 2 - x / y + x**2 - -y + x // 2 % 3


def unpacking(x, y):
    a, (b, c) = x, (y, x * y)
    d, *e, g = [a, b, c, a + b]
    a, b = b, a
    return a + 2 * b + c + d + sum(e) + g


def chained(x):
    a = b = x * 2
    a += 1
    return a * b


def annotated(x: int) -> str:
    y: float = x * 2
    z: int
    z = y
    return z


def walrus(x):
    if (y := x * 2) > 1:
        return y + 1
    return y


def augmented(x):
    x += 1
    x *= x
    x -= 0.5
    x /= 3
    x **= 2
    return x


def conditional(x):
    return x * 2 if x > 0 else -x if x < -1 else 0.0


def boolean(x, y):
    return (x > 0 and y > 0) or not (x < y)


def boolean_value(x, y):
    return x and y or 3.0


def chain_of_comparisons(x, y):
    return 1.0 if 0 < x < y <= 5 else 2.0


def fstrings(x):
    print(f"{x=} {x:.3f} {x!r:>8}", end="")
    return x


def asserts(x):
    assert x > 0, f"bad {x}"
    assert isinstance(x, float)
    return x * 2


def raising(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    return x * 2


def docstring(x):
    """Says something."""
    "and more"
    pass
    return x


def deleting(x):
    y = x * 2
    del y
    y = 3.0
    return x * y


def keywords(x, /, y=2.0, *, z, w=1.5):
    return x * y + z * w


def star(*args, **kwargs):
    return args[0] * kwargs["b"] + sum(args)


def match_values(mode, x):
    match mode:
        case "double":
            return x * 2
        case "half" | "third":
            return x / 2
        case _:
            return x


def match_structure(p):
    match p:
        case (x, y) if x > y:
            return x - y
        case [x, y]:
            return x * y


def match_number(x):
    match x:
        case 0:
            return 1.0
        case float(v):
            return v * 2


def none_default(x, b=None):
    if b is None:
        b = 3.0
    return x * b


def membership(x, mode):
    if mode in ("a", "b"):
        return x
    if mode not in {"c": 1}:
        return x * 2
    return x * 3


def instances(x):
    if isinstance(x, np.ndarray) and hasattr(x, "shape") and not callable(x):
        return x.sum()
    return x


def local_import(x):
    from math import cos

    import numpy as np2

    return np2.sin(x) * cos(x)


# ---- control flow --------------------------------------------------------------------


def elifs(x):
    if x > 2:
        y = x
    elif x > 1:
        y = x * 2
    elif x > 0:
        y = x * 3
    else:
        y = 1.0
    return y


def early_returns(x):
    if x > 3:
        return 1.0
    if x > 2:
        return x
    if x > 1:
        y = x * 2
        return y
    return x * 3


def nested_returns(x, y):
    if x > 0:
        if y > 0:
            return x * y
        z = x
    else:
        z = y
        if y < -5:
            return z * 2
    return z + 1


def one_path(x):
    if x > 0:
        y = x * 2
    if x > 0:
        return y
    return x


def ranges(n, x):
    t = 0.0
    for i in range(n):
        t += x * i
    for j in range(10, 0, -3):
        t += j
    for k in range(5, 2):
        t += 100.0
    for i in range(2, n):
        t *= 1.1
    return t + i + j


def each(xs):
    t = 0.0
    for x in xs:
        t = t + x * x
    return t


def rows(a):
    t = np.zeros(3)
    for row in a:
        t = t + row
    return t


def over_tuple(x, y):
    t = 0.0
    for v in (x, y, x * y):
        t += v
    for a, b in [(x, 1.0), (y, 2.0)]:
        t += a * b
    return t


def zips(a, b):
    t = 0.0
    for x, y in zip(a, b):
        t += x * y
    for i, x in enumerate(a):
        t += i * x
    for i, (x, y) in enumerate(zip(a, b), start=1):
        t += i * x * y
    for x in reversed(a):
        t = t * 0.5 + x
    for i in reversed(range(3)):
        t = t * 0.5 + i
    return t


def while_loop(x):
    n = 0
    while x > 1.0:
        x = x / 2
        n += 1
    return x + n


def break_continue(n, x):
    t = 0.0
    for i in range(n):
        if i == 2:
            continue
        if t > 10:
            break
        t += x * i
    return t


def break_nested(n, x):
    t = 0.0
    for i in range(n):
        for j in range(n):
            if j > i:
                break
            if (i + j) % 2:
                continue
            t += x * j
        else:
            t += 100.0
        if t > 250:
            break
    return t


def for_else(xs):
    for i in range(len(xs)):
        if xs[i] < 0:
            y = xs[i] * 2
            break
    else:
        y = 7.0
    return y


def while_else(x):
    while x < 10:
        x = x * 2
        if x == 8:
            break
    else:
        x = x + 0.5
    return x


def return_in_loops(a, limit):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] > limit:
                return a[i, j] * 10
    return -1.0


def return_in_while(x):
    while True:
        x = x * 1.5
        if x > 20:
            return x
        if x < 0:
            break
    return 0.0


def return_tuple_in_loop(xs):
    best, where = 0.0, -1
    for i in range(len(xs)):
        if xs[i] > 100:
            return xs[i], i
        if xs[i] > best:
            best, where = xs[i], i
    return best, where


def carried_kind(xs):
    total = 0
    for x in xs:
        total += x
    return total


def carried_array(a):
    total = 0
    for row in a:
        total = total + row
    return total


def best_of(xs):
    best = None
    for x in xs:
        if best is None or x > best:
            best = x
    return best


def previous(xs):
    t = 0.0
    for i in range(len(xs)):
        if i > 0:
            t += (xs[i] - last) ** 2  # noqa: F821
        last = xs[i]  # noqa: F841
    return t


def swap(x, n):
    a, b = x, 1.0
    for _ in range(n):
        a, b = b, a + b
    return a


def walrus_while_else(x, n):
    while (y := x * 0.5) > 0.1 and n > 0:
        x = y
        n -= 1
    else:
        x = x * 3
    return x


def walrus_while(x):
    n = 0
    while (y := x * 0.5**n) > 1.0:
        n += 1
    return y + n


def newton(x):
    y = x
    for _ in range(50):
        step = (y * y - x) / (2 * y)
        y = y - step
        if abs(step) < 1e-10:
            break
    return y


# ---- arrays --------------------------------------------------------------------------


def statics(x):
    if x.ndim == 2:
        n, k = x.shape
        return x.sum() / (n * k) + x.size + len(x)
    return x.mean()


def methods(x):
    y = x.copy().astype(np.float64)
    return (y.T @ y).sum() + y.max() + np.pi


def newaxis(x):
    return (x[:, np.newaxis] * x[None, :]).sum()


def arrays_of(x, y):
    v = np.array([x * y, 2 * x])
    w = np.atleast_1d(x)
    return v.sum() + w[0] + np.asarray(v)[1]


def views(x):
    y = x[1:]
    z = x[::-1]
    return y[0] * z[0] + x[-1] + x[[0, 2]].sum() + x[x > 0].sum()


def elements(a):
    t = 0.0
    for i in range(2):
        for j in range(3):
            t += a[i, j] * a[i][j]
    return t


def fills(n, x):
    out = np.zeros(n)
    out[0] = x
    for i in range(1, n):
        out[i] = out[i - 1] * 0.5
        out[i] += 1.0
    return out


def stacked(x):
    return np.concatenate([x, x * 2]) + np.stack([x, x]).ravel()


def shapes(x):
    return x.reshape(3, 2).sum(axis=0) + x.reshape((3, -1)).mean(axis=0, keepdims=False)


# ---- containers ----------------------------------------------------------------------


def params_dict(params, x):
    w, b = params["w"], params["b"]
    return (w * x).sum() + b


def layers(params, x):
    for w, b in params:
        x = np.tanh(w @ x + b)
    return x.sum()


def nested_dict(p, x):
    return p["a"]["b"] * x + p["c"][1]


def dict_items(p):
    t = 0.0
    for k, v in p.items():
        if k == "w":
            t += v
        else:
            t += 2 * v
    return t + len(p) + sum(p.values())


def lists(x, n):
    out = []
    for i in range(n):
        out.append(x * i)
    return sum(out) + out[-1] + len(out)


def list_of_arrays(x, n):
    out = [x]
    for i in range(n):
        out.append(out[-1] * 0.5)
    return np.array(out).sum()


def stack_machine(x, n):
    tape = []
    for i in range(n):
        tape.append(x)
        x = x * 1.5
    t = 0.0
    for i in range(n):
        t = t * 2 + tape.pop()
    return t


def known_list(x):
    a = [x, 2 * x]
    a.append(3 * x)
    a[0] = 5.0
    a += [1.0]
    b = a
    b.insert(0, x)
    c = a.pop()
    return sum(a) + c + a.pop(0)


def named(p):
    q = Point(p.x * 2, y=p.y)
    return q.x * q.y + q[0]


def tuples(t):
    a, b = t
    return (a, b)[1] + t[0] + len(t) + (a,)[0]


def returns_dict(x):
    return {"a": x, "b": (x * 2, [x])}


# ---- comprehensions ------------------------------------------------------------------


def comprehension(xs):
    ys = [x * x for x in xs if x > 0]
    return sum(ys)


def comprehension_range(x, n):
    return np.array([x * i for i in range(n)]).sum()


def generators(xs):
    return (
        sum(x * x for x in xs)
        + max(x for x in xs)
        + min(abs(x) for x in xs)
        + float(any(x > 2 for x in xs))
        + float(all(x > -5 for x in xs))
    )


def nested_comprehension(a):
    return sum(a[i][j] for i in range(2) for j in range(3) if i != j)


def dict_comprehension(p):
    q = {k: v * 2 for k, v in p.items()}
    return q["w"] + q["b"]


def maps(xs):
    return sum(map(lambda v: v * 2, xs)) + sum(list(map(math.sin, [1.0, 2.0])))


def sorting(x, y, z):
    a, b, c = sorted([x, y, z])
    return a + 2 * b + 3 * c


def sorting_by_key(x, y):
    a, b = sorted([x, y], key=lambda v: -v)
    return a + 2 * b


def maximum_by_key(x, y):
    return max([x, y], key=lambda v: (v - 1) ** 2)


def filtered(x):
    return sum(filter(None, [1.0, 0.0, 2.0])) + x


def filtered_at_run_time(xs, k):
    positive = filter(lambda v: v > 0, xs)
    return sum(map(lambda v: k * v**3, positive)) + max(filter(lambda v: v < 9, xs))


def tuple_of(x):
    return tuple(x * i for i in range(3))


def zipped_dict(x):
    d = dict(zip(("a", "b"), (x, 2 * x)))
    return d["a"] * d["b"]


# ---- functions -----------------------------------------------------------------------


def square(x):
    return x * x


def power(x, n=2):
    result = 1.0
    for _ in range(n):
        result = result * x
    return result


def calls(x):
    return square(x) + power(x) + power(x, n=3) + square(square(x))


def two(x, y):
    return x * y, x + y


def many_results(x):
    a, b = two(x, 2.0)
    c = two(a, b)
    return a + c[0] * c[1]


def factorial(x):
    if x < 1:
        return 1.0
    return x * factorial(x - 1)


def is_even(n, x):
    return x if n == 0 else is_odd(n - 1, x * 2)


def is_odd(n, x):
    return -x if n == 0 else is_even(n - 1, x + 1)


def lambdas(x):
    f, g = lambda v: v * 2, lambda v, k=3.0: v * k + x
    return f(x) + g(x) + (lambda: x * x)()


def nested_def(x, k):
    def inner(v):
        return v * k + offset

    offset = 2.0
    a = inner(x)
    offset = 3.0
    return a * inner(a)


def closures_in_loop(x):
    fs = [lambda v: v * i for i in range(3)]
    gs = [lambda v, i=i: v * i for i in range(3)]
    return sum(f(x) for f in fs) + sum(g(x) for g in gs)


def function_argument(x):
    def twice(f, v):
        return f(f(v))

    return twice(square, x) + twice(lambda v: v + x, x) + twice(np.sin, x)


def apply(f, x):
    return f(x) * 2


def static_function(f, x):
    return apply(f, x)


def partials(x):
    p = functools.partial(power, n=3)
    return p(x) + functools.reduce(operator.add, [x, x, x])


def globals_(x):
    return x * SCALE + CONFIG["rate"] + TABLE_OF_WEIGHTS.sum() + np.pi + m.e


def aliases(x):
    return xp.exp(x) + sin(x) + m.cos(x)


def shadows(np, x_bar, t4):
    sum = x_bar * 2
    max = lambda a, b: a * b
    return sum + np + max(t4, np)


def inactive(x):
    start = time.perf_counter()
    y = x * 2
    log.debug("value %s", y)
    elapsed = time.perf_counter() - start
    if x < -1e9:
        print(elapsed)
    warnings.warn(f"x is {x}") if x > 1e9 else None
    return y


def passes_containers(params, x):
    return params_dict(params, x) + total(params.values())


def total(values):
    return sum(values, 0.0).sum()


def writes_argument(x, n):
    buffer = np.zeros(n)
    fill(buffer, x)
    return buffer.sum()


def fill(buffer, x):
    for i in range(len(buffer)):
        buffer[i] = x * i


def string_option(x, mode="relu"):
    if mode == "relu":
        return np.maximum(x, 0.0).sum()
    elif mode == "tanh":
        return np.tanh(x).sum()
    raise ValueError(mode)


def outer(k):
    def inner(x):
        return x * k

    return inner


CASES = [
    (arithmetic, 3.0, 2.0), (unpacking, 2.0, 3.0), (chained, 2.0), (annotated, 2.5),
    (walrus, 2.0), (walrus, 0.25), (augmented, 2.0), (conditional, 1.0), (conditional, -0.5),
    (conditional, -2.0), (boolean, 1.0, 2.0), (boolean, -1.0, 2.0), (boolean_value, 1.0, 2.0),
    (boolean_value, 0.0, 2.0), (chain_of_comparisons, 1.0, 2.0), (chain_of_comparisons, 3.0, 2.0),
    (fstrings, 1.5), (asserts, 1.5), (raising, 1.5), (docstring, 1.5), (deleting, 1.5),
    (match_values, "double", 3.0), (match_values, "third", 3.0), (match_values, "no", 3.0),
    (match_structure, (1.0, 2.0)), (match_structure, (3.0, 2.0)), (match_number, 0.0), (match_number, 2.0),
    (none_default, 2.0), (none_default, 2.0, 4.0), (membership, 2.0, "a"), (membership, 2.0, "c"),
    (membership, 2.0, "d"), (instances, A3), (instances, 2.0), (local_import, 0.3),
    (elifs, 3.0), (elifs, 1.5), (elifs, 0.5), (elifs, -1.0), (early_returns, 4.0),
    (early_returns, 2.5), (early_returns, 1.5), (early_returns, 0.5), (nested_returns, 1.0, 2.0),
    (nested_returns, 1.0, -2.0), (nested_returns, -1.0, -9.0), (nested_returns, -1.0, 1.0),
    (one_path, 1.0), (one_path, -1.0), (ranges, 4, 0.5), (each, A3), (rows, M23),
    (over_tuple, 2.0, 3.0), (zips, A3, A3 * 2), (while_loop, 10.0), (while_loop, 0.5),
    (break_continue, 6, 3.0), (break_nested, 5, 0.3), (for_else, A3), (for_else, A3**2),
    (while_else, 1.0), (while_else, 1.1), (return_in_loops, M23, 3.5), (return_in_loops, M23, 30.0),
    (return_in_while, 1.0), (return_in_while, -1.0), (return_tuple_in_loop, A3),
    (return_tuple_in_loop, A3 * 100), (carried_kind, A3), (carried_array, M23), (best_of, A3),
    (previous, A3), (swap, 0.5, 5), (walrus_while, 10.0), (walrus_while_else, 5.0, 10), (walrus_while_else, 5.0, 2), (newton, 2.0),
    (statics, M23), (statics, A3), (methods, M23), (newaxis, A3), (arrays_of, 2.0, 3.0),
    (views, A3), (elements, M23), (fills, 4, 2.0), (stacked, A3), (shapes, M23),
    (params_dict, {"w": A3, "b": 1.0}, 2.0), (layers, [(np.ones((2, 3)), 0.1), (np.ones((1, 2)), 0.2)], A3),
    (nested_dict, {"a": {"b": 2.0}, "c": [1.0, 3.0]}, 2.0), (dict_items, {"w": 1.0, "b": 2.0}),
    (lists, 2.0, 4), (list_of_arrays, A3, 3), (stack_machine, 2.0, 4), (known_list, 2.0),
    (named, Point(1.0, 3.0)), (tuples, (1.0, 2.0)), (returns_dict, 2.0),
    (comprehension, A3), (comprehension_range, 2.0, 4), (generators, A3), (nested_comprehension, M23),
    (dict_comprehension, {"w": 1.0, "b": 2.0}), (maps, A3), (sorting, 3.0, 1.0, 2.0),
    (sorting_by_key, 1.0, 2.0), (sorting_by_key, 2.0, 1.0), (maximum_by_key, -2.0, 3.0),
    (filtered, 2.0), (filtered_at_run_time, A3, 2.0), (tuple_of, 2.0), (zipped_dict, 2.0),
    (calls, 1.5), (many_results, 2.0), (factorial, 4.5), (is_even, 4, 2.0), (is_odd, 3, 2.0),
    (lambdas, 2.0), (nested_def, 2.0, 3.0), (closures_in_loop, 2.0), (function_argument, 0.5),
    (static_function, math.sin, 0.5), (static_function, square, 0.5), (partials, 2.0),
    (globals_, 2.0), (aliases, 0.5), (shadows, 2.0, 3.0, 4.0), (inactive, 2.0),
    (passes_containers, {"w": A3, "b": 1.0}, 2.0), (writes_argument, 2.0, 4),
    (string_option, A3), (string_option, A3, "tanh"), (outer(3.0), 2.0),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case[0].__name__}-{len(str(case[1:]))}"
)
def test_case(case):
    func, *args = case
    agrees(func, *args)


def test_keywords():
    agrees(keywords, 1.0, z=3.0)
    agrees(keywords, 1.0, 5.0, z=3.0, w=2.0)
    agrees(star, 2.0, 3.0, b=4.0)


def test_raises_what_python_raises():
    made = lowered(raising, 1.0)
    from lowering import run

    with pytest.raises(ValueError, match="negative: -1.0"):
        run(made, raising, -1.0)


def test_static_branches_vanish():
    made = lowered(string_option, A3)
    assert not any(type(s).__name__ == "If" for s in made.program.entry.body.stmts)
