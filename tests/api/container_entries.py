"""Programs in which arrays have several holders: names, lists, dicts, objects."""

# ruff: noqa: E731, E742, B905, F841

from dataclasses import dataclass

import numpy as np

from tests.api.programs import collector

X = np.array([0.5, -1.5, 2.0])
Y = np.array([1.5, 0.5, -2.0])
POINTS: list = []
case = collector(POINTS)


@dataclass
class D:
    w: np.ndarray
    b: float = 1.0


@case([X, Y])
def list_old(l):
    a = l[0]
    l[0] = l[1] * 2
    return np.sum(a * l[0])


@case({"w": X, "b": Y})
def dict_old(p):
    a = p["w"]
    p["w"] = p["b"] * 2
    return np.sum(a * p["w"])


@case(D(X, 1.5))
def obj_old(d):
    a = d.w
    d.w = d.w * 2
    return np.sum(a * d.w)


@case(D(X, 1.5))
def obj_old_write(d):
    a = d.w
    d.w = d.w * 2
    a[0] = d.b
    return np.sum(a * d.w)


@case([X, Y])
def list_swap(l):
    l[0], l[1] = l[1], l[0]
    return np.sum(l[0] ** 2 * l[1])


@case({"w": X, "b": Y})
def dict_swap(p):
    p["w"], p["b"] = p["b"], p["w"]
    return np.sum(p["w"] ** 2 * p["b"])


@case(D(X, 1.5), D(Y, 2.5))
def obj_swap(d, e):
    d.w, e.w = e.w, d.w
    return np.sum(d.w**2 * e.w) * d.b


@case([X, Y])
def list_alias_entry(l):
    l[0] = l[1]
    l[1][0] = 3.0 * l[0][2]
    return np.sum(l[0] ** 2 * l[1])


@case([[1.0, 2.0], [3.0, 4.0]])
def nested_old(m):
    r = m[0]
    m[0] = [m[1][0], 5.0]
    r[0] = m[0][0] ** 2
    return r[0] * m[0][0] + r[1]


@case([[1.0, 2.0], [3.0, 4.0]])
def nested_row_write(m):
    r = m[0]
    r[0] = m[1][0] ** 2
    r.append(m[1][1])
    return m[0][0] * m[0][2] + len(m[0])


@case([[1.0, 2.0], [3.0, 4.0]])
def nested_pop(m):
    r = m.pop()
    r[0] = m[0][0] ** 2
    return r[0] * m[0][1] + len(m)


@case(X, 3)
def local_old(x, n):
    l = []
    for i in range(n):
        l.append(x * i)
    a = l[1]
    l[1] = l[2] * 2
    return np.sum(a * l[1])


@case(X, 3)
def local_shift(x, n):
    l = []
    for i in range(n):
        l.append(x * i)
    a = l[0]
    l.insert(0, x * 5)
    return np.sum(a * l[1] + l[0])


@case(X)
def objs_old(x):
    d = D(x, x[0])
    a = d.w
    d.w = d.w * 2
    a = a * 1.0
    return np.sum(a * d.w)


@case(X, 3)
def local_dyn_write(x, n):
    l = [x * 1.0, x * 2.0]
    a = l[0]
    for i in range(n):
        l[i % 2] = l[(i + 1) % 2] * 2
    return np.sum(a * l[1])


@case(X, 3)
def loop_children(x, n):
    v = x.copy()
    st = {"pos": x.copy(), "vel": v}
    for _ in range(n):
        st["pos"] = st["pos"] + st["vel"]
        st["vel"] += 1.0
    return np.sum(st["pos"] ** 2) + np.sum(v**2)


@case(X, 3)
def loop_children2(x, n):
    v = x.copy()
    st = [x.copy(), v]
    for _ in range(n):
        st[0] = st[0] + st[1]
        v += 1.0
    return np.sum(st[0] ** 2) + np.sum(st[1] ** 2)


@case(X, 3)
def loop_children3(x, n):
    v = x.copy()
    st = [x.copy(), v]
    for _ in range(n):
        st[0] = st[0] + st[1]
    v += 1.0
    return np.sum(st[0] ** 2) + np.sum(st[1] ** 2)


def touch(l):
    l[0] *= 2.0


def touch2(l):
    l[0] = l[0] * 2.0


@case(X)
def helper_child(x):
    a = x.copy()
    l = [a, x]
    touch(l)
    return np.sum(a**2 * l[0])


@case(X)
def helper_child2(x):
    a = x.copy()
    l = [a, x]
    touch2(l)
    return np.sum(a**2 * l[0])


@case([X, Y])
def helper_child3(l):
    a = l[0]
    touch(l)
    return np.sum(a**2 * l[0])


@case([X, Y])
def helper_child4(l):
    a = l[0]
    touch2(l)
    return np.sum(a**2 * l[0])


@case(X, 1, refused="S2S013")
def dyn_child(x, i):
    a = x.copy()
    b = x * 2
    l = [b, a]
    l[i][0] = 5.0 * x[1]
    return np.sum(a**2 * l[1])


@case(X, 1)
def dyn_child2(x, i):
    a = x.copy()
    b = x * 2
    l = [b, a]
    s = np.sum(l[i])
    a[0] = 5.0 * x[1]
    return np.sum(a**2 * l[1]) * s


@case(X, 1, refused="S2S024")
def join_child(x, i):
    a = x.copy()
    l = [a]
    if i > 0:
        l.append(x * 2)
    a[0] = 3.0 * x[1]
    return np.sum(l[0] * a)


@case(X, 1, refused="S2S013")
def join_child2(x, i):
    a = x.copy()
    l = [a]
    if i > 0:
        l.append(x * 2)
    l[0][0] = 3.0 * x[1]
    return np.sum(l[0] * a)


@case(X, 1)
def join_child3(x, i):
    a = x.copy()
    l = [a]
    if i > 0:
        l.append(x * 2)
    l[0] = 3.0 * x
    return np.sum(l[0] * a)


@case(X, 3, refused="S2S013")
def grow_child(x, n):
    a = x.copy()
    l = [a]
    for k in range(n):
        l.append(x * k)
    l[0][0] = 3.0 * x[1]
    return np.sum(l[0] * a)


@case(X, 3)
def grow_child2(x, n):
    a = x.copy()
    l = []
    for k in range(n):
        l.append(a)
        a = a * 2.0
    l[0][0] = 3.0 * x[1]
    return np.sum(l[0] * l[1] * a)


@case(X, 3, refused="S2S024")
def grow_child3(x, n):
    a = x.copy()
    l = []
    for k in range(n):
        l.append(a)
        a += 1.0
    return np.sum(l[0] * l[1] * a)


@case(X, 3, refused="S2S024")
def grow_row(x, n):
    l = []
    for k in range(n):
        r = np.zeros(3)
        l.append(r)
        r[0] = x[k]
    return np.sum(l[0] * l[1] + l[2])


class O:
    def __init__(self, a):
        self.a = a
        self.u = a * 1.0
        self.v = a * 2.0
        self.h = []

    def swap(self):
        self.u, self.v = self.v, self.u

    def step(self):
        self.v[0] = self.u[1] * 2.0
        self.swap()


@case(X)
def o_swap(x):
    o = O(x)
    o.swap()
    o.u[0] = 5.0 * x[2]
    return np.sum(o.u**2 * o.v)


@case(X, 3)
def o_swap_loop(x, n):
    o = O(x)
    for _ in range(n):
        o.step()
    return np.sum(o.u**2 * o.v)


@case(X)
def o_hist(x):
    o = O(x)
    o.h.append(o.u)
    o.u = o.u * 2
    o.h.append(o.u)
    return np.sum(o.h[0] * o.h[1])


@case(1.5)
def iter_replace(x):
    l = [x, x * 2, x * 3]
    for i, v in enumerate(l):
        if i < 2:
            l[i + 1] = l[i + 1] * v
    return l[0] + l[1] * l[2]


@case(1.5)
def iter_replace2(x):
    l = [x, x * 2, x * 3]
    for i, v in enumerate(l):
        l[i] = v * v
    return l[0] + l[1] * l[2]


@case(1.5, 3)
def iter_replace3(x, n):
    l = []
    for i in range(n):
        l.append(x * i)
    for i, v in enumerate(l):
        if i < 2:
            l[i + 1] = l[i + 1] + v * v
    return l[0] + l[1] * l[2]


@case(X)
def iter_replace4(x):
    l = [x, x * 2, x * 3]
    for i, v in enumerate(l):
        l[i] = v * v
    return np.sum(l[0] + l[1] * l[2])


@case(X)
def iter_write(x):
    l = [x * 1, x * 2, x * 3]
    for i, v in enumerate(l):
        v[0] = x[1] * i
    return np.sum(l[0] + l[1] * l[2])


@case(X)
def iter_write2(x):
    l = [x * 1, x * 2, x * 3]
    for v in l:
        v *= x[1]
    return np.sum(l[0] + l[1] * l[2])


@case(X)
def iter_dict(x):
    d = {"a": x[0], "b": x[1]}
    for k, v in d.items():
        d[k] = v * v + d["a"]
    return d["a"] * d["b"]


@case(1.5)
def iter_dict2(x):
    d = {"a": x, "b": x * x}
    s = 0.0
    for k, v in d.items():
        d["b"] = v + 1.0
        s += v * v
    return s + d["b"]


@case(X)
def iter_helper(x):
    l = [x * 1, x * 2, x * 3]
    for v in l:
        touch(v)
    return np.sum(l[0] + l[1] * l[2])


@case(X)
def iter_zip_write(x):
    l = [x * 1, x * 2]
    m = [x * 1, x * 2]
    for v, w in zip(l, m):
        v += w[0]
        w[1] = v[2]
    return np.sum(l[0] * l[1] + m[1])


@case({"a": X, "b": Y}, {"a": 2 * Y, "b": X + 1})
def sgd(p, g):
    for k in p:
        p[k] -= 0.1 * g[k] ** 2
    return np.sum(p["a"] * p["b"])


@case([X, Y], [Y + 1, X + 1])
def sgd_list(p, g):
    for a, b in zip(p, g):
        a -= 0.1 * b**2
    return np.sum(p[0] * p[1])


@case([X, Y], [Y + 1, X + 1])
def sgd_list2(p, g):
    for i in range(len(p)):
        p[i] -= 0.1 * g[i] ** 2
    return np.sum(p[0] * p[1])


@case([X, Y], [Y + 1, X + 1])
def sgd_list3(p, g):
    p = [a - 0.1 * b**2 for a, b in zip(p, g)]
    return np.sum(p[0] * p[1])
