"""Dicts whose keys the run finds, lists that a key picks, and classes inside functions.

Counting and grouping by a key, memo tables in recursion, sparse matrices as dicts, keys
that are words, numbers or pairs, entries that are numbers, lists or arrays.
"""

# ruff: noqa: E741, B007, E501, B023, PLR2004

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.api.writing import program

X = np.array([1.2, 0.3, -0.7, 0.9])
LONG = np.sin(1.7 * np.arange(14.0) + 0.4)


@program((LONG, 14), (LONG, 0))
def counted(x, n):
    totals = {}
    for i in range(n):
        key = i % 3
        totals[key] = totals.get(key, 0) + x[i] ** 2
    s = 0.0
    for k in totals:
        s += totals[k] * x[k]
    return s


@program((X,))
def counted_by_word(x):
    totals = {}
    for v in x:
        key = "positive" if v > 0 else "negative"
        totals[key] = totals.get(key, 0.0) + v**2
    return totals["positive"] * totals.get("negative", 2.0)


@program((LONG, 14))
def sums_of_bins(x, n):
    bins = {}
    for i in range(n):
        k = int(x[i] * 3)
        if k in bins:
            bins[k] += x[i]
        else:
            bins[k] = x[i] * x[0]
    return sum(v * v for v in bins.values())


@program((LONG, 9))
def sparse_matrix(x, n):
    m = {}
    for i in range(n):
        for j in range(i):
            if x[i] * x[j] > 0.3:
                m[i, j] = x[i] * x[j]
    return sum(v * x[i] + j for (i, j), v in m.items())


@program((LONG, 14))
def grouped(x, n):
    groups = defaultdict(list)
    for i in range(n):
        groups[i % 3].append(x[i])
    return sum(max(v) ** 2 for v in groups.values())


@program((LONG, 14))
def grouped_by_setdefault(x, n):
    groups = {}
    for i in range(n):
        groups.setdefault(int(2 * x[i]), []).append(x[i] * x[0])
    return sum(sum(v) ** 2 for v in groups.values())


@program((LONG, 12))
def arrays_by_key(x, n):
    acc = {}
    for i in range(n):
        k = int(x[i] > 0)
        if k not in acc:
            acc[k] = np.zeros(2)
        acc[k][i % 2] += x[i] ** 2
        acc[k] *= 1.1
    return sum(np.prod(v) for v in acc.values())


@program((LONG, 10))
def taken_out(x, n):
    live = {}
    total = 0.0
    for i in range(n):
        live[i] = x[i] ** 2
        if i >= 3:
            total += live.pop(i - 3) * x[i]
        if i % 4 == 3:
            del live[i - 1]
            live[i - 1] = x[0] * x[i]
    return total + len(live) * sum(live.values())


@program((LONG, 8))
def replaced_while_gone_through(x, n):
    d = {i: x[i] for i in range(n)}
    for k, v in d.items():
        d[k] = v * v * x[0]
        if k > 0:
            d[k - 1] += d[k]
    return sum(v * (k + 1) for k, v in d.items())


@program((LONG, 8))
def copied_then_written(x, n):
    d = {}
    for i in range(n):
        d[i % 3] = x[i]
    e = d.copy()
    for k in e:
        e[k] = e[k] * d[k]
        d[k] = 1.5 * d[k]
    return sum(e.values()) * sum(d.values())


def fib(n, x, memo):
    if n in memo:
        return memo[n]
    if n < 2:
        return x[n]
    memo[n] = 0.7 * fib(n - 1, x, memo) + x[2] * fib(n - 2, x, memo)
    return memo[n]


@program((X,))
def memo_handed_on(x):
    return fib(6, x, {}) ** 2


@program((X,))
def memo_captured(x):
    memo = {}

    def go(n):
        if n in memo:
            return memo[n]
        r = x[n] if n < 2 else 0.7 * go(n - 1) + x[2] * go(n - 2) * go(n - 1)
        memo[n] = r
        return r

    return go(5)


@program((X,))
def memo_of_pairs(x):
    memo = {}

    def cost(i, j):
        if i == 0 or j == 0:
            return 0.0
        if (i, j) not in memo:
            step = (x[i - 1] - 0.5 * x[j - 1]) ** 2
            memo[i, j] = step + min(cost(i - 1, j), cost(i, j - 1), cost(i - 1, j - 1))
        return memo[i, j]

    return cost(4, 4)


@program((X,))
def buckets(x):
    groups = [[], []]
    for v in x:
        k = 1 if v > 0.5 else 0
        groups[k].append(v * v)
    return sum(groups[0]) * sum(groups[1])


@program((LONG, 14))
def more_buckets(x, n):
    b = [[], [], []]
    for i in range(n):
        b[int(x[i] > 0) + int(x[i] > 0.5)].append(x[i])
    s = 0.0
    for row in b:
        m = 0.0
        for v in row:
            m = m + v
        s += m * m
    return s


@program((X, 1), (X, 0))
def bucket_of_an_argument(x, k):
    groups = [[], []]
    groups[k].append(x[0])
    groups[1 - k].append(x[1] * x[0])
    groups[k].append(x[2])
    return groups[0][0] * groups[1][-1]


@program((LONG, 9))
def inserted_in_order(x, n):
    a = []
    for i in range(n):
        k = 0
        while k < len(a) and a[k] < x[i]:
            k += 1
        a.insert(k, x[i])
    return a[0] * a[1] + a[2] ** 2 * a[3]


@program((LONG, 9))
def insort(x, n):
    a = []
    for i in range(n):
        bisect.insort(a, x[i])
    k = bisect.bisect_left(a, 0.1)
    return a[0] * a[1] + a[2] ** 2 * a[k]


@program((LONG, 8))
def inserted_anywhere(x, n):
    a = [x[0], x[1]]
    for i in range(n):
        a.insert(i - 4, x[i] * a[0])  # before the start, and beyond the end
        a.insert(2 * i, x[i] * a[-1])
    return sum(v * v * (i + 1) for i, v in enumerate(a))


@program((LONG, 8))
def taken_from_the_middle(x, n):
    a = [v * v for v in x]
    s = 0.0
    for i in range(n):
        s += a.pop(i % 3 - 1) * a[0]
        if i % 3 == 0:
            del a[i % 2]
    return s + a[-1]


@program((X,))
def class_inside(x):
    class Total:
        scale = 2.0

        def __init__(self):
            self.total = 0.0

        def add(self, v):
            self.total += v * v * self.scale * x[0]

    t = Total()
    for v in x:
        t.add(v)
    return t.total


@program((X,))
def dataclass_inside(x):
    @dataclass
    class P:
        a: float
        b: float = 2.0
        seen: list = field(default_factory=list)

        def go(self, v):
            self.seen.append(v * self.a)
            return self.b * v

    p = P(x[0])
    s = 0.0
    for i in range(len(x)):
        s += p.go(x[i])
        p.a = p.a + s * 0.1
    return s * p.seen[-1] + p.b


@program((X,))
def operators_inside(x):
    class V:
        def __init__(self, a, b):
            self.a, self.b = a, b

        def __add__(self, o):
            return V(self.a + o.a, self.b + o.b)

        def __mul__(self, k):
            return V(self.a * k, self.b * k)

        @property
        def norm(self):
            return math.sqrt(self.a**2 + self.b**2 + x[3] ** 2)

        @staticmethod
        def unit():
            return V(1.0, 0.0)

    v = V(x[0], x[1])
    for _ in range(3):
        v = (v + V.unit()) * x[2]
    return v.norm


@program((X,))
def derived_class_inside(x):
    class Base:
        def __init__(self):
            self.y = x[0]

        def f(self):
            return self.y**2

    class Derived(Base):
        def f(self):
            return self.y**3 * x[1]

    class Pair(NamedTuple):
        u: float
        w: float = 3.0

    q = Pair(x[2] * x[1])
    return Derived().f() + Base().f() * q.u * q._replace(w=x[3]).w


# ---- dicts made, joined, gone through ------------------------------------------------


@program((LONG, 9))
def made_by_comprehension(x, n):
    d = {i % 4: x[i] * x[0] for i in range(n)}
    e = dict(zip([int(9 * v) for v in x[:n]], x[1 : n + 1]))
    g = dict.fromkeys(range(n), x[0])
    for i in range(n):
        g[i] *= x[i]
    return sum(v * v for v in d.values()) * sum(k * v for k, v in e.items()) + sum(
        g.values()
    )


@program((LONG, 5))
def updated(x, n):
    d = {n: x[0], n - 1: x[1] * x[0]}
    d.update({2: x[2], n: x[3] ** 2})
    e = {k: v * 2 for k, v in d.items() if v > -5}
    d.update(e)
    return sum(v**2 * (k + 1) for k, v in d.items())


@program((LONG, 9))
def best_key(x, n):
    d = {i: x[i] for i in range(n)}
    k = max(d, key=d.get)
    order = sorted(d.items(), key=lambda kv: kv[1])
    return d[k] ** 2 * d[min(d, key=lambda k: d[k])] + order[1][1] * order[2][1]


@program((LONG, 9))
def last_entry_first(x, n):
    d = {}
    for i in range(n):
        d[i] = x[i]
    while len(d) > 2:
        k, v = d.popitem()
        d[0] = d[0] + v * d[1]
    return d[0] * d[1]


@program((LONG, 9))
def caught_missing_key(x, n):
    d = {}
    i = 0
    while i < n:
        try:
            d[i % 3] = d[i % 3] * x[i]
        except KeyError:
            d[i % 3] = x[i] + 1
        i += 1
    return sum(d.values())


@program((LONG, 9))
def tables_in_a_table(x, n):
    d = {}
    for i in range(n):
        d.setdefault(i % 2, {})
        d[i % 2][i] = x[i] ** 2
    return sum(sum(e.values()) ** 2 for e in d.values())


def add_to(d, k, v):
    if k in d:
        d[k] += v
    else:
        d[k] = v


def tabulated(x, n):
    d = {}
    for i in range(n):
        add_to(d, i % 3, x[i] ** 2)
    return d


@program((LONG, 9))
def tables_through_calls(x, n):
    d, e = tabulated(x, n), tabulated(2 * x, n)
    return sum(d[k] * e[k] for k in d)


class Bag:
    def __init__(self):
        self.d = {}
        self.n = 0

    def add(self, k, v):
        self.d[k] = self.d.get(k, 0.0) + v
        self.n += 1


@program((LONG, 9))
def table_in_an_object(x, n):
    b = Bag()
    for i in range(n):
        b.add(int(3 * x[i]), x[i])
    return sum(v * v for v in b.d.values()) / b.n


@program((LONG, 9))
def running_means(x, n):
    d = {}
    out = 0.0
    for i in range(n):
        key = (i % 2, "a" if x[i] > 0 else "b")
        if key not in d:
            d[key] = [0.0, 0]
        d[key][0] += x[i]
        d[key][1] += 1
    for (p, q), (s, c) in d.items():
        out += s / c * (p + 1) * (2 if q == "a" else 3)
    return out


# ---- others that broke ---------------------------------------------------------------


class Count:
    def __init__(self):
        self.n = 0
        self.total = 0.0

    def add(self, v):
        self.total += v * v
        self.n += 1


@program((X, 3))
def counter_called_as_the_bound(x, n):
    c = Count()
    for i in range(n):
        c.add(x[i])
    return c.total * c.n


@program((X, 4))
def arrays_replaced_in_a_list(x, n):
    a = [x * (k + 1.0) for k in range(3)]
    s = 0.0
    for i in range(n):
        s += a[i % 3][1] ** 2
        a[i % 3] = np.sin(a[(i + 1) % 3]) * x[i]
        a[i % 3][0] *= 2.0
    return s + a[0][0] * a[1][1]


@program((X, 4))
def arrays_of_other_lengths_in_a_list(x, n):
    a = [x * (k + 1.0) for k in range(3)]
    s = 0.0
    for i in range(n):
        s += a[i % 3][1] ** 2
        a[i % 3] = x[: 2 + i % 2] * a[(i + 1) % 3][0]
    return s + a[0][0] * a[1][1]


@program((LONG, 5))
def slices_of_lists_of_other_lengths(x, n):
    a = []
    for i in range(n):
        a.append(x[i] ** 2)
    for k in range(2):
        a[k : k + 2] = [a[0] * 2.0]
        a[-1:] = [x[k], a[0], a[1]]
        a[3:1] = [x[k]]
    a[1:2] = x[:3]
    a[2:4] = (x[0], x[1] * x[2], x[3])
    a[len(a) :] = [v * 2 for v in x]
    s = 0.0
    for i in range(len(a)):
        s += a[i] * (i + 1)
    return s**2


@program((LONG, 9))
def none_until_it_is_known(x, n):
    d = {i: None for i in range(n)}
    for i in range(n):
        if x[i] > 0:
            d[i] = x[i] ** 2
    return sum(v for v in d.values() if v is not None)


@program((LONG, 5))
def class_in_a_loop(x, n):
    out = []
    for i in range(n):

        class Scaled:
            def __init__(self, v):
                self.v = v

            def squared(self):
                return self.v * self.v * i

        out.append(Scaled(x[i]).squared())
    return sum(out)


@program((LONG, 9), (LONG, 1))
def runs_of_a_list(x, n):
    rows = [[x[0]]]
    for i in range(1, n):
        if x[i] > x[i - 1]:
            rows.append([])
        rows[-1].append(x[i] * 2.0)
    return sum(sum(r) ** 2 for r in rows)


@program((LONG, 5))
def groups_of_pairs(x, n):
    out = []
    for i in range(n):
        if i % 2 == 0:
            out.append([])
        out[-1].append([x[i], x[i] ** 2])
    return sum(p[0] * p[1] for group in out for p in group)


@program((LONG, 11), (LONG, 2))
def tallies_in_tallies(x, n):
    counts = defaultdict(lambda: defaultdict(float))
    for i in range(n):
        counts[i % 2][i % 3] += x[i] ** 2
    return sum(v**2 for inner in counts.values() for v in inner.values())


@program((LONG, 10), (LONG, 2))
def batches(x, n):
    rows, row = [], []
    for i in range(n):
        row.append(x[i] ** 2)
        if len(row) == 3:
            rows.append(row)
            row = []
    return sum(r[0] * r[-1] + sum(r) for r in rows) + sum(row)


@program((LONG, 9))
def runs_that_rise(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        if x[i] > x[i - 1]:
            row.append(x[i])
        else:
            rows.append(row)
            row = [x[i]]
    rows.append(row)
    return sum(sum(r) * len(r) for r in rows)


@program((LONG, 8))
def sums_of_pairs(x, n):
    out, pair = [], np.zeros(2)
    for i in range(n):
        pair[i % 2] += x[i]
        if i % 2:
            out.append(pair)
            pair = np.zeros(2)
    return sum(p[0] * p[1] for p in out)


@program((LONG, 9))
def two_lists_take_turns(x, n):
    rows, a, b = [], [x[0]], [x[1]]
    for i in range(1, n):
        if x[i] > 0.43:
            rows.append(a)
            a = b
            b = [x[i]]
        a.append(x[i])
        b.append(2 * x[i])
    return sum(sum(r) * len(r) for r in rows) + sum(a) * sum(b)


@program((LONG, 10), (LONG, 2))
def batches_by_continue(x, n):
    rows, row = [], []
    for i in range(n):
        if i % 3 == 2:
            rows.append(row)
            row = []
            continue
        row.append(x[i])
    rows.append(row)
    return sum(sum(r) ** 2 for r in rows)


@program((LONG, 9))
def two_at_a_time(x, n):
    rows, row = [], [x[0]]
    for i in range(1, n):
        if x[i] > 0.45:
            rows.append(row)
            row = [x[i]]
        else:
            for j in range(2):
                row.append(x[i] * j)
    return sum(sum(r) ** 2 for r in rows)


@program((LONG, 3), (LONG, 2))
def put_there_or_written(x, n):
    rows, row = [], [x[0]]
    if n > 2:
        rows.append(row)
    else:
        row.append(x[1])
    return sum(sum(r) ** 2 for r in rows) + sum(row)
