"""Programs whose values are None on some way, and lists that begin as something else.

`best = None` until the first hit, places of a list to be filled, memo tables; lists of
ints that are given floats at places that only the run knows.
"""

# ruff: noqa: E741, B007, E501

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tests.api.writing import program

X = np.array([1.2, 0.3, -0.7, 0.9])
NEGATIVE = -abs(X)


@dataclass
class Tracker:
    last: float | None = None
    total: float = 0.0

    def feed(self, v):
        if self.last is not None:
            self.total += (v - self.last) ** 2
        self.last = v


@program((X,), (NEGATIVE,))
def tracker(x):
    t = Tracker()
    for v in x:
        if v > 0:
            t.feed(v)
    return t.total


def find(x, c):
    for v in x:
        if v < c:
            return v
    return None


@program((X, 0.5), (X, -2.0))
def helper_none(x, c):
    v = find(x, c)
    if v is None:
        v = 2.0 * c
    return v * v * c


@program((X, 0.5), (X, -3.0))
def helper_none_in_expression(x, c):
    v = find(x, c)
    return (v if v is not None else 3 * c) * x[1]


@program((X, 0.5), (X, -7.0))
def walrus(x, c):
    if (v := find(x, c)) is not None and v > -5:
        return v**3
    return c


@program((X,))
def not_none(x):
    best = None
    for v in x:
        if best is not None and best > v:
            continue
        if v > -1:
            best = v
    assert best is not None
    return best**2


@program((X,), (NEGATIVE,))
def while_none(x):
    node = None
    i = 0
    total = 0.0
    while i < len(x):
        if x[i] > 0.5:
            if node is None:
                node = x[i]
            else:
                node = node * x[i]
        i += 1
    if node:
        total = math.sin(node)
    return total


@program((X,))
def array_later(x):
    acc = None
    for i in range(len(x)):
        row = np.array([x[i], x[i] ** 2])
        if x[i] > -0.5:
            acc = row if acc is None else acc + row
    return np.sum(acc**2)


@program((X,), (NEGATIVE,))
def array_later_written(x):
    acc = None
    for i in range(len(x)):
        if x[i] > 0:
            if acc is None:
                acc = np.zeros(3)
            acc[i % 3] += x[i] ** 2
    return np.sum(acc**3) if acc is not None else 0.0


@program((X,), (NEGATIVE,))
def two_none(x):
    lo = hi = None
    for v in x:
        if v < 0:
            continue
        if lo is None or v < lo:
            lo = v
        if hi is None or v > hi:
            hi = v
    if lo is None or hi is None:
        return 0.0
    return (hi - lo) ** 2 + lo


@program((X,), (-X,))
def reset_none(x):
    cur = None
    tot = 0.0
    for v in x:
        if v < 0:
            cur = None
        elif cur is None:
            cur = v
        else:
            tot = tot + cur * v
            cur = v * cur
    return tot + (0.0 if cur is None else cur)


@program((X, None), (X, 2.0))
def opt_arg(x, w=None):
    y = None
    if w is not None:
        y = w * x[0]
    return x[1] * 2 if y is None else y * x[1]


@program((X,), (NEGATIVE,))
def entry_later(x):
    d = {"a": None, "b": 1.0}
    for v in x:
        if v > 0.5:
            d["a"] = v * d["b"]
            d["b"] = v
    return d["b"] if d["a"] is None else d["a"] ** 2


@program((X,), (NEGATIVE,))
def slots_to_fill(x):
    slots = [None] * 3
    for i in range(len(x)):
        if x[i] > 0:
            slots[i % 3] = x[i] ** 2
    s = 0.0
    for v in slots:
        if v is not None:
            s += v * x[0]
    return s


@program((X,), (0.0 * X,))
def nested(x):
    best = None
    for i in range(len(x)):
        for j in range(i):
            d = (x[i] - x[j]) ** 2
            if d > 0.2 and (best is None or d < best[0]):
                best = (d, i, j)
    if best is None:
        return 0.0 * x[0]
    d, i, j = best
    return d * x[i] + x[j]


@program((X,), (-X,))
def try_none(x):
    best = None
    try:
        best = math.sqrt(x[0])
    except ValueError:
        pass
    return 0.0 if best is None else best * x[1]


@program((X,), (abs(X),))
def loop_else(x):
    r = None
    for v in x:
        if v < 0:
            r = v
            break
    else:
        r = 1.0
    return r * r


@program((X,), (NEGATIVE,))
def nearest_of_those_near(x):

    def nearest():
        best = None
        for v in x:
            t = (v - 0.5) ** 2
            if t < 0.5 and (best is None or t < best[0]):
                best = (t, v)
        return best

    hit = nearest()
    if hit is None:
        return 0.0 * x[0]
    t, xi = hit
    return t * xi


@program((X,))
def nearest(x):
    best = None
    for i in range(len(x)):
        t = (x[i] - 0.5) ** 2
        if best is None or t < best[0]:
            best = (t, x[i])
    if best is None:
        return 0.0
    t, xi = best
    return t * xi


@program((X,))
def nearest_surely(x):
    best = None
    for v in x:
        t = (v - 0.5) ** 2
        if best is None or t < best[0]:
            best = (t, v)
    t, xi = best
    return t * xi


@program((X,), (NEGATIVE,))
def steps_between(x):
    prev = None
    total = 0.0
    for v in x:
        if v < 0:
            continue
        if prev is not None:
            total += (v - prev) ** 2
        prev = v
    return total


@program((X,), (NEGATIVE,))
def steps_between_arrays(x):
    prev = None
    total = 0.0
    for v in x:
        if v < 0:
            continue
        y = np.array([v, v * v])
        if prev is not None:
            total += np.sum((y - prev) ** 3)
        prev = y
    return total


@program((X,))
def zero_slots(x):
    slots = [0] * 3
    for i in range(len(x)):
        slots[i % 3] = x[i] ** 2 * (i + 1)
    s = 0.0
    for v in slots:
        s += v * x[0]
    return s


@program((X,))
def zero_grid(x):
    g = [[0] * 3 for _ in range(2)]
    for i in range(len(x)):
        g[i % 2][i % 3] = x[i] ** 2 * (i + 1)
    s = 0.0
    for r in g:
        for v in r:
            s += v * x[0]
    return s


@program((X,))
def none_grid(x):
    g = [[None] * 3 for _ in range(2)]
    for i in range(len(x)):
        g[i % 2][i % 3] = x[i] ** 2 * (i + 1)
    s = 0.0
    for r in g:
        for v in r:
            if v is not None:
                s += v * x[0]
    return s


@program((X,))
def append_none(x):
    l = []
    for v in x:
        l.append(v * v if v > 0 else None)
    s = 0.0
    for v in l:
        if v is not None:
            s += v * v
    return s


@program((X,))
def append_int(x):
    l = [0]
    for v in x:
        l.append(l[-1] + v * v)
    return l[-1] * l[2]


@program((X,))
def grow_none(x):
    l = [None]
    for v in x:
        l.append(v if l[-1] is None else l[-1] * v)
    return l[-1] + l[2]


@program((X,))
def dict_dyn(x):
    d = {0: 0, 1: 0, 2: None}
    for i in range(len(x)):
        d[i % 3] = x[i] ** 2 * (i + 1)
    s = 0.0
    for k in d:
        if d[k] is not None:
            s += d[k] * x[0]
    return s


@program((X,))
def dict_grid(x):
    d = {"a": [0, 0], "b": [0, 0]}
    for i in range(len(x)):
        d["a"][i % 2] = d["a"][i % 2] + x[i] ** 2 * (i + 1)
        d["b"][0] = x[i]
    return d["a"][0] * d["b"][0] + d["a"][1] ** 2


@program((X,))
def slice_list(x):
    a = [0] * 4
    for i in range(len(x) - 1):
        a[i : i + 2] = [x[i], x[i] * 2]
    return a[0] * a[1] + a[3]


@program((X,))
def swap_list(x):
    a = [0, 1, 2]
    for i in range(len(x)):
        a[i % 3], a[(i + 1) % 3] = (a[(i + 1) % 3], x[i] * a[i % 3])
    return a[0] * a[1] + a[2]


@program((X,))
def list_of_tuple(x):
    a = [(0, 0)] * 3
    for i in range(len(x)):
        a[i % 3] = (x[i], x[i] ** 2)
    return sum(p[0] * p[1] for p in a)


@program((X,))
def memo_list(x):
    n = 6
    memo = [None] * (n + 1)

    def fib(k):
        if memo[k] is not None:
            return memo[k]
        r = x[k % 4] if k < 2 else 0.7 * fib(k - 1) + x[1] * fib(k - 2)
        memo[k] = r
        return r

    return fib(n)


@program((X,))
def memo_zero(x):
    n = 6
    memo = [0] * (n + 1)

    def fib(k):
        if memo[k] != 0:
            return memo[k]
        r = x[k % 4] if k < 2 else 0.7 * fib(k - 1) + x[1] * fib(k - 2)
        memo[k] = r + 0.1 * k * x[0]
        return r

    return fib(n)


@program((X,))
def memo_arg(x):

    def fib(k, memo):
        if memo[k] is not None:
            return memo[k]
        r = x[k % 4] if k < 2 else 0.7 * fib(k - 1, memo) + x[1] * fib(k - 2, memo)
        memo[k] = r + 0.1 * k * x[0]
        return r

    return fib(6, [None] * 7)


@program((X,), (NEGATIVE,))
def grid_none(x):
    g = [None] * 4
    for i in range(len(x)):
        if x[i] > 0:
            g[i] = x[i] ** 2
    s = 0.0
    for i in range(len(x)):
        if g[i] is not None and g[i] < 1.0:
            s += g[i] * x[0]
        if g[i] is None:
            g[i] = 0.5 * x[i]
        s = s + g[i]
    return s


# ---- ints that become floats ---


@program((X,))
def list_mul(x):
    a = [0] * len(x)
    for i, v in enumerate(x):
        a[i] = v * v
    return sum(a)


@program((X,))
def list_mul2(x):
    n = len(x)
    a = [0] * n
    a[0] = x[0]
    for i in range(1, n):
        a[i] = a[i - 1] + x[i] ** 2
    return a[n - 1] * a[1]


@program((X,))
def nested_mul(x):
    n = len(x)
    a = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            a[i][j] = x[i] * x[j] if i != j else 1
    return sum(a[i][(i + 1) % n] * a[0][i] for i in range(n))


@program((X,))
def extend_int(x):
    a = [0, 1]
    a.extend([v * v for v in x])
    a.extend([3])
    s = 0
    for i in range(len(a)):
        s = s + a[i] * (i + 1)
    return s


@program((X,))
def dict_upd(x):
    d = {"a": 0}
    d.update({"b": x[0]})
    for i in range(3):
        d["a"] = d["a"] + x[i] * d["b"]
    return d["a"] * d["b"]


@program((X,))
def setdef(x):
    d = {}
    for k in ("u", "v", "u"):
        d.setdefault(k, 0)
        d[k] += x[0] * x[1]
    return d["u"] * d["v"]


@program((X,))
def count_by(x):
    tot = [0, 0]
    cnt = [0, 0]
    for v in x:
        k = 1 if v > 0.5 else 0
        tot[k] += v * v
        cnt[k] += 1
    return tot[0] / cnt[0] - tot[1] / cnt[1]


@program((X,))
def tuple_in_list(x):
    st = [(0, 0)]
    for v in x:
        st.append((st[-1][0] + v, st[-1][1] + v * st[-1][0]))
    return st[-1][0] * st[-1][1] + st[1][0]


@program((X,))
def list_of_lists(x):
    t = [[0 for _ in range(3)] for _ in range(len(x))]
    for i in range(len(x)):
        for j in range(3):
            left = t[i][j - 1] if j > 0 else x[i]
            up = t[i - 1][j] if i > 0 else 1
            t[i][j] = left * up + j
    return t[-1][-1]


@program((X,))
def pop_push(x):
    st = [0]
    for v in x:
        st.append(v)
        if len(st) > 2:
            a = st.pop()
            b = st.pop()
            st.append(a * b + st[-1])
    return st[-1] * st[0] + st[-1]


@program((X,))
def sorted_ints(x):
    a = [3, 1, 2]
    a[x.argmax() % 3] = x[0] * x[1]
    a = sorted(a)
    return a[0] * a[1] + a[2]


@program((X,))
def zip_w(x):
    w = [1, 2, 3, 4]
    out = [0] * 4
    for i, (a, b) in enumerate(zip(x, w)):
        out[i] = a * b
        w[i] = out[i - 1]
    return sum((o * c for o, c in zip(out, w)))


@program((X,))
def bool_flags(x):
    f = [False] * 4
    for i in range(4):
        if x[i] > 0:
            f[i] = x[i]
    s = 0.0
    for v in f:
        if v:
            s += v * v
    return s


@program((X,))
def str_none(x):
    names = [""] * 3
    vals = [0.0] * 3
    for i in range(3):
        names[i] = "p" if x[i] > 0 else "n"
        vals[i] = x[i] ** 2
    return sum((v for n, v in zip(names, vals) if n == "p"))
