"""Forms of the language around iteration, unpacking, choice."""

# ruff: noqa

import contextlib
import dataclasses
import functools
import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.api.programs import collector

POINTS: list = []
case = collector(POINTS)

X = np.array([0.5, -1.5, 2.0])


@case(X)
def enum_sorted_tolist(x):
    s = 0.0
    for i, v in enumerate(sorted(x.tolist())):
        s += (i + 1) * v * v
    return s


@case(X)
def sorted_array(x):
    a = sorted(x)
    return a[0] * a[1] ** 2 * a[2] ** 3


@case(X)
def sorted_array_reverse(x):
    a = sorted(x, reverse=True)
    return a[0] * a[1] ** 2 * a[2] ** 3


@case(X)
def sorted_key(x):
    a = sorted(x, key=abs)
    return a[0] * a[1] ** 2 * a[2] ** 3


@case(X)
def sorted_key_lambda(x):
    a = sorted(x.tolist(), key=lambda v: -v)
    return a[0] * a[1] ** 2 * a[2] ** 3


@case(X)
def tolist_loop(x):
    s = 0.0
    for v in x.tolist():
        s += v**3
    return s


@case(X)
def tolist_index(x):
    l = x.tolist()
    return l[0] * l[1] + l[-1] ** 2


@case(X)
def tolist_comp(x):
    return sum(v * v for v in x.tolist())


@case(np.array([[1.0, 2.0], [3.0, 4.0]]))
def tolist_2d(x):
    rows = x.tolist()
    return rows[0][1] * rows[1][0] + sum(rows[1])


@case(X)
def tolist_returned(x):
    return (x * x).tolist()


@case(X)
def dict_items_loop(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    s = 0.0
    for k, v in d.items():
        s += v * v * (2.0 if k == "a" else 3.0)
    return s


@case(X)
def dict_values_sum(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    return sum(d.values()) * sum(v * v for v in d.values())


@case(X)
def dict_keys_comp(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    return sum([d[k] ** 2 for k in d.keys()]) + sum(d[k] for k in d)


@case(X)
def dict_sorted_items(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    s = 1.0
    for i, (k, v) in enumerate(sorted(d.items())):
        s = s * (v + i)
    return s


@case(X)
def dict_sorted_items_by_value(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    s = 1.0
    for i, (k, v) in enumerate(sorted(d.items(), key=lambda kv: kv[1])):
        s = s * (v + i)
    return s


@case(X)
def dict_sorted_keys(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    s = 1.0
    for i, k in enumerate(sorted(d)):
        s = s * (d[k] + i)
    return s


@case(X)
def dict_zip_keys_values(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    return sum(v * len(k) for k, v in zip(d.keys(), d.values()))


@case(X)
def dict_list_items(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    l = list(d.items())
    vs = list(d.values())
    ks = list(d.keys())
    return l[0][1] * vs[1] * len(ks)


@case(X)
def dict_max_value(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    return max(d.values()) * min(d.values())


@case(X)
def dict_max_key(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    best = max(d, key=d.get)
    return d[best] if best == "a" else 2 * d[best]


@case(X)
def dict_comp_items(x):
    d = {"b": x[0], "a": x[1] * x[2]}
    e = {k: v * v for k, v in d.items()}
    f = {k: v for k, v in e.items() if k != "a"}
    return e["a"] + f["b"]


@case(X)
def dict_array_values(x):
    d = {"b": x, "a": np.sin(x)}
    return sum(np.sum(v * v) for v in d.values())


@case(X)
def dict_stack_values(x):
    d = {"b": x, "a": np.sin(x)}
    return np.sum(np.stack(list(d.values())) ** 3)


@case(X)
def dict_values_array(x):
    d = {"b": x[0], "a": np.sin(x[1])}
    return np.sum(np.array(list(d.values())) ** 3)


@case(X)
def star_array(x):
    a, *b = x
    return a * sum(b) + b[0] * b[1]


@case(X)
def star_array_mid(x):
    a, *b, c = x
    return a * c + b[0] ** 2 + len(b)


@case(X)
def unpack_array(x):
    a, b, c = x
    return a * b * c


@case(X)
def star_call_array(x):
    def g(a, b, c):
        return a * b - c

    return g(*x)


@case(X)
def dict_zip_str(x):
    d = dict(zip("abc", x))
    return d["a"] * d["b"] + d["c"] ** 2


@case(X)
def dict_zip_names(x):
    names = ["u", "v", "w"]
    d = dict(zip(names, x))
    return d["u"] * d["v"] + d["w"] ** 2


@case(X)
def dict_zip_names_values(x):
    names = ("u", "v", "w")
    values = [x[0], x[1] * 2, x[2] ** 2]
    d = dict(zip(names, values))
    return d["u"] * d["v"] + d["w"] ** 2


@case(X)
def dict_zip_tolist(x):
    d = dict(zip(["u", "v", "w"], x.tolist()))
    return d["u"] * d["v"] + d["w"] ** 2


@case(X)
def dict_comp_enumerate(x):
    d = {i: v for i, v in enumerate(x)}
    return d[0] * d[1] + d[2] ** 2


@case(X)
def dict_comp_zip(x):
    d = {k: v * 2 for k, v in zip("abc", x)}
    return d["a"] * d["b"] + d["c"] ** 2


@case(0.7)
def chosen_function(x):
    g = np.sin if x > 0 else np.cos
    return g(x) * g(2 * x)


@case(-0.7)
def chosen_function2(x):
    if x > 0:
        g = math.sin
    else:
        g = math.cos
    return g(x)


@case(0.7)
def chosen_lambda(x):
    g = (lambda t: t * t) if x > 0 else (lambda t: t**3)
    return g(x)


@case(0.7)
def chosen_helper(x):
    g = helper_a if x > 0.5 else helper_b
    return g(x) + 1.0


def helper_a(t):
    return t * t


def helper_b(t):
    return t**3


@case(0.7, 2)
def chosen_from_dict(x, k):
    table = {1: math.sin, 2: math.cos}
    return table[k](x)


class Acc:
    def __init__(self, v):
        self.v = v

    def add(self, w):
        self.v = self.v + w
        return self


@case(0.7)
def local_object(x):
    a = Acc(x)
    a.add(x * x)
    return a.v * a.v


@case(0.7)
def local_object_print(x):
    a = Acc(x)
    print(a.v)
    return a.v


@case(0.7, 1.2)
def uninit_path(x, y):
    if x > 0:
        z = x * y
    return z * z


@case(X)
def uninit_loop(x):
    for v in x:
        last = v * v
    return last


@case(X)
def set_comp(x):
    skip = {i for i in range(3) if i % 2}
    s = 0.0
    for i in range(3):
        if i in skip:
            s += x[i] ** 2
    return s


@case(X)
def tuple_of_gen(x):
    t = tuple(v * v for v in x)
    return t[0] * t[1] + sum(t)


@case(X)
def list_of_gen(x):
    t = list(v * v for v in x)
    return t[0] * t[1] + sum(t)


@case(X)
def dict_of_gen(x):
    t = dict((i, v * v) for i, v in enumerate(x))
    return t[0] * t[1]


@case(X)
def all_any_gen(x):
    if all(v < 3 for v in x) and any(v < 0 for v in x):
        return np.sum(x**2)
    return np.sum(x)


@case(X)
def max_gen(x):
    return max(v * v for v in x) * min(abs(v) for v in x)


@case(X)
def max_key(x):
    return max(x, key=lambda v: v * v) ** 2 * min(x.tolist(), key=abs)


@case(X)
def nested_comp(x):
    m = [[a * b for a in x] for b in x]
    return m[0][1] * m[2][2] + sum(sum(r) for r in m)


@case(X)
def comp_if(x):
    return sum([v * v for v in x if v > 0])


@case(X)
def zip_gen(x):
    return sum(a * b for a, b in zip((v * v for v in x), x))


@case(X)
def map_array(x):
    return sum(map(lambda v: v * v, x)) + sum(map(math.sin, x))


@case(X)
def filter_array(x):
    return sum(filter(lambda v: v > 0, x))


@case(X)
def reversed_list(x):
    s = 0.0
    for i, v in enumerate(reversed(x.tolist())):
        s += i * v * v
    return s


@case(X)
def lambda_closures(x):
    fs = [lambda t, k=k: t * x[k] for k in range(3)]
    return sum(f(x[0]) for f in fs)


@case(X)
def closures_late(x):
    fs = []
    for k in range(3):
        fs.append(lambda t: t * x[k])
    return sum(f(x[0]) for f in fs)


@case(X)
def def_in_loop(x):
    fs = []
    for k in range(3):

        def g(t, k=k):
            return t * x[k]

        fs.append(g)
    return sum([f(x[0]) for f in fs])


@case(X)
def match_array(x):
    match x.tolist():
        case [a, b, c]:
            return a * b * c


@case({"kind": "sq", "v": 2.0})
def match_dict(d):
    match d:
        case {"kind": "sq", "v": v}:
            return v * v
        case {"kind": "cu", "v": v}:
            return v**3


class P(NamedTuple):
    x: float
    y: float


@case(P(1.5, 2.5))
def match_nt(p):
    match p:
        case P(x=a, y=b):
            return a * b


@case(0.5, 1.5)
def nt_made(x, y):
    p = P(x * y, y)
    q = p._replace(x=p.y)
    return p.x * q.x + q.y, p


@case(X)
def asdict(x):
    p = P(x[0], x[1])
    d = p._asdict()
    return d["x"] * d["y"]


@case((1.0, 2.0), {"w": X, "b": [1.0, 2.0]})
def nested_params(t, p):
    a, b = t
    return a * np.sum(p["w"] ** 2) + b * p["b"][0] * p["b"][1]


@case(1.5)
def walrus_while(x):
    n = 0
    while (y := x * x) < 100:
        x = y
        n += 1
    return x * n


@case(1.5)
def chain_assign(x):
    a = b = [x, x * x]
    a.append(3.0 * x)
    return b[0] * b[1] * b[2]


@case(1.5, 2.5)
def kwargs_fn(a, b):
    def g(*args, k=2.0, **kw):
        return args[0] * k + kw["z"] * len(args)

    return g(a, b, z=b, k=a)


@case(1.5, 2.5)
def splat(a, b):
    d = {"a": a * a, "b": b}

    def g(a, b=1.0):
        return a * b

    return g(**d) + g(*[a, b])


@case(X)
def set_literal(x):
    skip = {0, 2}
    return sum(v * v for i, v in enumerate(x) if i not in skip)


@case(X)
def set_loop(x):
    s = 0.0
    for i in {0, 2}:
        s += x[i] ** 2
    return s


@case(X)
def set_ops(x):
    a = {0, 1} | {2}
    b = a & {1, 2}
    return sum(x[i] ** 2 for i in sorted(b)) + len(a)


@case(X)
def set_add(x):
    seen = set()
    for i in [0, 1, 1]:
        seen.add(i)
    return x[len(seen)]


@case(X)
def set_of_words(x):
    words = {"b", "a"} | {"c"}
    d = {k: v for k, v in zip(sorted(words), x)}
    return d["a"] * d["b"] + (d["c"] if "c" in words.union("d") else 0.0)


@case(0.7)
def suppress(x):
    with contextlib.suppress(ValueError):
        x = math.log(x)
    return x * x


@case(-0.7)
def suppressed(x):
    with np.errstate(all="ignore"), contextlib.suppress(ValueError, KeyError):
        x = math.log(x)
    return x * x


@case(X, 0.3)
def nonlocal_sum_and_count(x, a):
    total = 0.0
    n = 0

    def add(v):
        nonlocal total, n
        total = total * a + v * v
        n += 1

    for v in x:
        add(v)
    return total / n


@case(X)
def nonlocal_in_recursion(x):
    total = 0.0

    def go(i):
        nonlocal total
        if i == len(x):
            return
        total += x[i] ** 2
        go(i + 1)
        total *= 1.1

    go(0)
    return total


@case(X)
def nonlocal_array(x):
    u = x * 1.0
    t = 0.0

    def step(dt):
        nonlocal u, t
        u = u + dt * np.sin(u)
        t += dt

    while t < 1.0:
        step(0.3)
    return np.sum(u**2) * t


@case(X, 0.4)
def nonlocal_parameter(x, s):
    def scale(v):
        nonlocal s
        s *= 1.5
        return v * s

    y = scale(x) + scale(x**2)
    s = s + 1.0
    g = lambda: s * s
    return np.sum(y) * g()


@case(X)
def nonlocal_best(x):
    a, b = x[0], x[1]
    best = -1e9

    def f(v):
        nonlocal best
        if v > best:
            best = v
        return best

    for i in range(len(x)):
        a = a + f(x[i] * b)
    return a * best


@case(X)
def nonlocal_two_out(x):
    def outer(x):
        c = x

        def inner():
            def innermost():
                nonlocal c
                c = c * 2.0 + np.sin(c)

            innermost()
            innermost()

        inner()
        return c

    return np.sum(outer(x) + outer(x * x))


@case(X)
def nonlocal_bound_in_a_branch(x):
    if x[0] > 0:
        s = x[0]
    else:
        s = x[1]

    def twice():
        nonlocal s
        s = s * 2.0

    twice()
    return s


L = np.array([0.5, -1.5, 2.0, 0.3, -0.7, 1.2])


@case(L)
def set_of_squares(x):
    seen = set()
    t = 0.0
    for i in range(len(x)):
        k = (i * i) % 4
        if k not in seen:
            t += x[i] ** 2
            seen.add(k)
    return t + len(seen)


@case(L)
def set_discards(x):
    seen = {0, 2}
    t = 0.0
    for i in range(len(x)):
        if i in seen:
            seen.discard(i)
            continue
        t += x[i] ** 2
        seen.add(i)
    return t


@case(L)
def breadth_first(x):
    adj = [[1, 2], [3], [3, 4], [5], [5], []]
    seen = {0}
    q = deque([0])
    t = 0.0
    while q:
        u = q.popleft()
        t += x[u] ** 2
        for v in adj[u]:
            if v not in seen:
                seen.add(v)
                q.append(v)
    return t


@case(L)
def queue_delays(x):
    buf = deque([0.0] * 3, maxlen=3)
    y = 0.0
    for v in x:
        y += v * buf[0]
        buf.append(v + 0.5 * buf[-1])
    return y


@case(L)
def queue_as_window(x):
    q = deque()
    t = 0.0
    for i in range(len(x)):
        q.append(x[i])
        if len(q) > 3:
            q.popleft()
        t += sum(q) ** 2
    return t


@case(L, 0.7)
def queue_bounded(x, a):
    n = 3
    q = deque(maxlen=n)
    t = 0.0
    for v in x:
        q.append(v * a)
        t = t + np.mean(q) ** 2
    return t


@case(L)
def queue_from_the_left(x):
    q = deque(maxlen=2)
    t = 0.0
    for v in x:
        q.appendleft(v)
        for k, w in enumerate(q):
            t += (k + 1) * w * v
    return t


@case(X)
def queue_rotates(x):
    q = deque(x)
    t = 0.0
    for i in range(3):
        q.rotate(1)
        t += q[0] * q[1] * (i + 1)
    q.rotate(-2)
    return t * q[0]


@case(X, refused="S2S061")
def queue_seen_twice(x):
    q = deque([0.0], maxlen=2)
    r = q
    for v in x:
        r.append(v)
    return sum(q)


@case(X)
def queues_of_arrays(g):
    S = deque(maxlen=2)
    Y = deque(maxlen=2)
    x = np.zeros(3)
    gx = g.copy()
    for k in range(4):
        q = gx.copy()
        al = []
        for s, y in zip(reversed(S), reversed(Y)):
            a = (s @ q) / (y @ s)
            q -= a * y
            al.append(a)
        if len(S) > 0:
            q *= (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
        for i in range(len(S)):
            b = (Y[i] @ q) / (Y[i] @ S[i])
            q += S[i] * (al[len(S) - 1 - i] - b)
        xn = x - 0.1 * q
        gn = np.array([2.0, 3.0, 4.0]) * xn + np.sin(xn) + g
        S.append(xn - x)
        Y.append(gn - gx)
        x, gx = xn, gn
    return np.sum(x**2)


@case(L)
def set_handed_on(x):
    """A set that another function sees stays one, and is refused where it changes."""
    seen = {0, 1}
    return sum(x[i] ** 2 for i in sorted(seen))


@case(L)
def set_in_an_inner_function(x):
    seen = set()
    total = 0.0

    def visit(i):
        nonlocal total
        if i in seen or i >= len(x):
            return
        seen.add(i)
        total += x[i] ** 2
        visit(2 * i + 1)
        visit(2 * i + 2)
        visit(i + 2)

    visit(0)
    return total * len(seen)


@case(L)
def key_chosen_in_the_run(x):
    d = {"pos": 0.0, "neg": 0.0}
    for v in x:
        k = "pos" if v > 0 else "neg"
        d[k] += v * v
    return d["pos"] * d["neg"] + d["pos"]


@case(L)
def default_dict(x):
    d = defaultdict(float)
    for i in range(len(x)):
        d[i % 3] += x[i] ** 2
    return d[0] * d[1] + d[2] + d["none"]


@case(L)
def default_dict_of_lists(x):
    d = defaultdict(list)
    for i, name in enumerate(["a", "b", "a", "c", "b", "a"]):
        d[name].append(x[i])
    return sum(sum(v) ** 2 for v in d.values())


@case(L)
def default_dict_of_arrays(x):
    d = defaultdict(lambda: np.zeros(2))
    for i in range(3):
        d[i // 2] += x[2 * i : 2 * i + 2] * x[0]
    return np.sum(d[0] ** 2 * d[1])


@case(L)
def get_by_a_key_of_the_run(x):
    d = {"a": 2.0}
    for i in range(len(x)):
        k = "a" if x[i] > 0 else "b"
        d["a"] = d.get(k, 1.0) * x[i]
    return sum(v**2 for v in d.values())


@case(L)
def keys_made_in_the_run(x):
    d = {}
    for i in range(len(x)):
        k = "a" if x[i] > 0 else "b"
        d[k] = d.get(k, 1.0) * x[i]
    return sum(v**2 for v in d.values())


@case(L)
def key_nested_choice(x):
    d = {"low": 1.0, "mid": 0.0, "high": 0.5}
    for v in x:
        d["high" if v > 1.0 else "low" if v < 0.0 else "mid"] += v * d["mid"] + v
    return d["low"] * d["high"] + d["mid"] ** 2


@case(L)
def default_dict_by_another_name(x):
    d = defaultdict(float)
    d["a"] += x[0]
    e = d
    e["a"] *= x[1]
    d["b"] = d["a"] * d["c"] + x[2]
    return d["a"] * d["b"] * len(d)
