"""Programs in the words of the language: values as Python gives them, gradients as
differences do.
"""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pytest
from lowering import agrees

import s2sad

A = np.array([1.3, -0.7, 2.1])


class tqdm:
    """A progress bar: yields what it is given, and counts."""

    trips = 0

    def __init__(self, items, desc=""):
        self.items = items

    def __iter__(self):
        for item in self.items:
            tqdm.trips += 1
            yield item


class Timer:
    def __init__(self, n=1):
        self.n = n

    def tick(self):
        self.n += 1


def wrap_range(x):
    s = 0.0
    for i in tqdm(range(4)):
        s = s + x**i
    return s


def wrap_range_kw(x):
    n = 5
    s = x
    for i in tqdm(range(n), desc="a"):
        s = s * x + i
    return s


def wrap_array(x):
    s = 0.0
    for v in tqdm(x):
        s += v * v
    return s


def timer(x):
    t = Timer(3)
    y = x * x
    t.tick()
    return y * x


def imp_from(x):
    from math import cosh as ch

    return ch(x) * x


def imp_mod(x):
    import math as mm

    import numpy as q

    return mm.sin(x) * q.cos(x)


def imp_loop(x):
    s = 0.0
    for i in range(3):
        from math import sin

        s += sin(x * i)
    return s


class P:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    @property
    def total(self):
        return self.a + self.b

    def dot(self, o):
        return self.a * o.a + self.b * o.b

    def __add__(self, o):
        return P(self.a + o.a, self.b + o.b)

    @staticmethod
    def make(a):
        return P(a, a)

    @classmethod
    def mk(cls, a):
        return cls(a, 2 * a)

    def __call__(self, x):
        return self.a * x + self.b


def ctor(x):
    p = P(x, x * x)
    return p.a * p.b


def prop(x):
    p = P(x, x * x)
    return p.total * p.a


def meth(x):
    p = P(x, x * x)
    return p.dot(p)


def opadd(x):
    p = P(x, x * x) + P(1.0, x)
    return p.a * p.b


def statm(x):
    p = P.make(x)
    return p.a * p.b


def classm(x):
    p = P.mk(x)
    return p.a * p.b


def callobj(x):
    p = P(x, 2.0)
    return p(x)


@dataclass
class D:
    a: float
    b: float = 2.0

    def val(self):
        return self.a * self.b


def dc_aug(x):
    d = D(x)
    d.a += x * x
    d.b *= x
    return d.val()


def ctor_aug(x):
    p = P(x, 1.0)
    p.a += x * x
    return p.a * p.b


def swap_arr2(x):
    old = x * 1.0
    new = np.zeros(3)
    for k in range(4):
        new = old * 0.5 + np.roll(old, 1)
        old, new = new, old
    return np.sum(old * new)


def ret_closure(x):
    def mk(a):
        def g(y):
            return a * y

        return g

    return mk(x)(x * x)


def ret_lambda(x):
    mk = lambda a: lambda y: a * y + x
    g = mk(x)
    return g(2.0) * g(x)


def make_scale(s):
    def sc(v):
        return v * s

    return sc


def ret_closure_glob(x):
    g = make_scale(x)
    h = make_scale(2.0)
    return g(h(x))


def onepath(x):
    if x > 1:
        y = x * x
    if x > 1:
        return y
    return x


def inner_kw(a, /, b, *, c):
    return a * b + c


def callkw(x):
    return inner_kw(x, c=x * x, b=2.0)


def star_pass(x):
    def g(*args, **kw):
        return h(*args, **kw)

    def h(a, b, k=1.0):
        return a * b * k

    return g(x, 2.0, k=x)


def kw_items(x):
    def g(**kw):
        s = 0.0
        for k, v in kw.items():
            s += v * len(k)
        return s

    return g(a=x, bb=x * x)


def late(x):
    fs = []
    for i in range(3):
        fs.append(lambda v: v * i)
    return sum(f(x * x) for f in fs)


def late2(x):
    fs = [(lambda v, i=i: v * i) for i in range(3)]
    return sum(f(x * x) for f in fs)


def late3(x):
    a = 1.0
    f = lambda v: v * a
    a = x
    return f(x)


def dele2(x):
    d = {"a": x, "b": x * x}
    del d["a"]
    return d["b"]


def dele3(x):
    d = [x, x * x, 2.0]
    del d[0]
    return d[0] * d[1]


def whileelse(x):
    s = x
    n = 0
    while n < 5:
        s *= x
        n += 1
        if s > 2:
            break
    else:
        s = s * 2
    return s


def retnest(x):
    for i in range(5):
        for j in range(5):
            if i * j > 4 and x * i > 2:
                return x * i * j
    return x


def zipu2(x):
    s = 0.0
    for a, b, c in zip(x, range(2), [1.0, 2.0, 3.0, 4.0]):
        s += a * b * c
    return s


def revr(x):
    s = 0.0
    for i in reversed(range(3)):
        s = s * 0.5 + x[i]
    for i in reversed(range(0, 3, 2)):
        s = s * 0.5 + x[i]
    for v in reversed(x):
        s = s * v + 1
    return s


def rstep(x):
    s = 0.0
    for i in range(10, 0, -3):
        s = s * 0.5 + x**i
    for i in range(5, 2):
        s = s * 0.5 + x**i
    return s * i


def matchmap(x):
    match {"k": "lin", "v": x, "z": 2.0}:
        case {"k": "quad", "v": v}:
            return v
        case {"k": "lin", "v": v, **rest}:
            return v * v * rest["z"]


def matchcls(x):
    d = D(x, 3.0)
    match d:
        case D(a=a, b=0.0):
            return a
        case D(a, b):
            return a * b * a


def walrc(x):
    ys = [y * y for i in range(3) if (y := x * i) > 1]
    return sum(ys) * y


def nestc2(x):
    return sum(a * b for a in x for b in x if a > b)


def setc(x):
    s = {k % 2 for k in range(5)}
    return x ** len(s)


def lamdef(x):
    f = lambda a, b=x: a * b
    x = 5.0
    return f(2.0) * f(3.0, 4.0)


def npnoerr(x):
    with np.errstate(all="ignore"):
        y = np.log(x)
    return y * y


def callret_tuple(x):
    def f(a):
        return a, a * a, {"k": a}

    p, q, d = f(x)
    return p * q * d["k"]


def dict_arg(x):
    def h(d):
        return d["a"] * d["b"]

    return h({"a": x, "b": x * x}) + h(dict(a=x, b=2.0))


class V:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __mul__(self, k):
        return V(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def __sub__(self, o):
        return V(self.x - o.x, self.y - o.y)

    @property
    def n(self):
        return math.sqrt(self.x**2 + self.y**2)

    def grow(self, d):
        self.x += d
        return self


class Net:
    scale = 2.0

    def __init__(self, w):
        self.w = w
        self.hist = []
        self.b = np.zeros(3)

    def forward(self, v):
        out = self.w * v * self.scale + self.b
        self.hist.append(np.sum(out))
        return out


class Sub(V):
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z


def objloop(x):
    v = V(x, 2.0)
    for i in range(4):
        v.x = v.x * 0.5 + v.y * x
        v.grow(x)
    return v.n


def objbranch(x):
    v = V(x, 2.0)
    if x > 1:
        v.x = v.x * v.x
    else:
        v.y = 3.0
    return v.n * v.x


def objops(x):
    v = 2.0 * V(x, x * x) * x - V(1.0, x)
    return v.n


def objwhile(x):
    v = V(x, 0.0)
    while v.x < 10:
        v.x *= 1.7
        v.y += v.x
    return v.y


def net(x):
    n = Net(x)
    y = n.forward(x)
    z = n.forward(y)
    return np.sum(z) * n.hist[0] + n.hist[1]


def objarr(x):
    n = Net(x.copy())
    w = n.w
    n.w[0] = 5.0 * x[1]
    n.b += x
    return np.sum(w * w * n.b)


def objaug(x):
    n = Net(x.copy())
    w = n.w
    n.w *= 2.0
    return np.sum(w * w)


def objret(x):
    def mk(a):
        return V(a, a * a)

    v = mk(x)
    return v.x * v.y


def objsuper(x):
    v = Sub(x, 2.0, 3.0)
    return v.n * v.z


def objlist(x):
    vs = [V(x, float(i)) for i in range(3)]
    return sum(v.n for v in vs)


def objdict(x):
    d = {"v": V(x, 1.0)}
    d["v"].x *= x
    return d["v"].n


def objnew(x):
    v = V(x, 1.0)
    for i in range(3):
        v = V(v.y, v.x * x)
    return v.n


@dataclass
class Cfg:
    lr: float = 0.1
    steps: int = 3
    ws: list = field(default_factory=list)


def dcin(x):
    c = Cfg(steps=4)
    for _ in range(c.steps):
        x = x - c.lr * x * x
    return x


@dataclass(frozen=True)
class Fz:
    a: float
    b: float

    @property
    def s(self):
        return self.a * self.b


def dcfz(x):
    c = Fz(x, x * 2)
    return c.s


class NT(NamedTuple):
    a: float
    b: float = 3.0

    @property
    def s(self):
        return self.a * self.b

    def t(self):
        return self.a - self.b


def ntp(x):
    c = NT(x)
    return c.s * c.t()


def ntrep(x):
    c = NT(x)._replace(b=x * x)
    return c.a * c.b


def counters(x):
    mk = lambda k: lambda v: v * k + x
    fs = [mk(float(i)) for i in range(3)]
    return sum(g(x) for g in fs)


def compose(x):
    def comp(f, g):
        return lambda v: f(g(v))

    h = comp(math.sin, comp(math.exp, lambda v: v * v))
    return h(x)


def closloop(x):
    def mk(k):
        def g(v):
            return v * k

        return g

    s = 0.0
    for i in range(3):
        g = mk(x + i)
        s += g(x)
    return s


def dictarr(x):
    p = {"w": x.copy(), "b": 1.0}
    w = p["w"]
    p["w"] += x
    p["b"] *= 2.0
    return np.sum(w) * p["b"]


def buf(x):
    a = x.copy()
    b = np.zeros_like(x)
    for k in range(4):
        for i in range(1, 2):
            b[i] = a[i - 1] + a[i + 1] * 0.5
        b[0] = a[0]
        b[2] = a[2]
        a, b = b, a
    return np.sum(a * a)


def onep(x):
    for i in range(3):
        if i == 1:
            z = x * i
    return z * i


def pct(x):
    s = "%.3f and %s %d%%" % (x, "a", 3)  # noqa: UP031
    t = "a" + f"{x}" + "b"
    print(s, t, f"{x} {x * 2:.2f}")
    warnings.warn(f"v {x}")
    return x * x


def loops2(x):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, reversed(x))):
        if a > b:
            continue
        for j in range(i, 3):
            s += a * b * x[j]
            if s > 3:
                break
        else:
            s *= 1.1
    return s


def wh(x):
    n = 0
    while True:
        x = x * 1.2
        n += 1
        if x > 5:
            return x * n
        if n > 20:
            break
    return x


def whw(x):
    while (y := x * x) < 20:
        x = x * 1.3
    return y * x


def seqmatch(x):
    pts = [(0.0, x), (x, 2.0), (1.0, 1.0)]
    s = 0.0
    for p in pts:
        match p:
            case (0.0, b):
                s += b * b
            case (a, 2.0):
                s += a * a * a
            case (a, b) if a == b:
                s += 1.0
            case _:
                s += 100.0
    return s


def matchstr(x):
    def op(name, *a):
        match (name, a):
            case ("add", (p, q)):
                return p + q
            case ("mul", (p, q)):
                return p * q
            case ("neg", (p,)):
                return -p
            case (other, _):
                raise ValueError(other)

    return op("add", x, op("mul", x, op("neg", x)))


def matchnone(x):
    def h(v=None):
        match v:
            case None:
                return x
            case True | False:
                return 1.0
            case {"k": [a, *rest]}:
                return a * len(rest)
            case float(z):
                return z * z

    return h() * h({"k": [x, 1, 2]}) * h(x)


def expr(x):
    tree = ("add", ("mul", x, x), ("sin", x))

    def ev(t):
        match t:
            case ("add", a, b):
                return ev(a) + ev(b)
            case ("mul", a, b):
                return ev(a) * ev(b)
            case ("sin", a):
                return math.sin(ev(a))
            case v:
                return v

    return ev(tree)


def itert(x):
    s = 0.0
    for a, b in itertools.combinations(range(3), 2):
        s += x[a] * x[b]
    for a, b in itertools.product(range(2), range(2)):
        s += x[a] * x[b]
    for a in itertools.chain([x[0]], [x[1]]):
        s *= a
    return s


def strs(x):
    n = "a,b,c".split(",")
    d = {k: x * i for i, k in enumerate(n)}
    return d["b"] * d["c"] * len(" ".join(n))


def nonetest(x):
    best = None
    for i in range(4):
        v = (x - i) ** 2
        if best is None or v < best:
            best = v
    return best


def ext(x):
    import random as rr

    rr.seed(0)
    k = rr.random()
    return x * x + 0.0 * k


def stmut(x):
    st = {"p": x[0], "v": x[1]}
    for _ in range(4):
        st["p"] += 0.1 * st["v"]
        st["v"] -= 0.1 * st["p"] * x[2]
    return st["p"]


def keeps_a_default(x):
    def total(v, seen=[]):  # noqa: B006 (made once, for all calls: that is the point)
        seen.append(v)
        return sum(seen)

    return total(x) * total(x * x)


def some_trips_assign(x):
    n = 0
    while n < 4:
        n += 1
        if n == 2:
            r = x * n
            continue
        if n == 3:
            r = r * x
    return r


def items_written_in_place(x):
    rows = [[x[0]], [x[1]]]
    first = rows[0]
    first.append(x[2])
    rows[1] += [x[2]]
    return rows[0][1] * rows[1][1] * sum(rows[0])


CASES = [
    (keeps_a_default, 1.3),
    (some_trips_assign, 1.3),
    (items_written_in_place, A),
    (wrap_range, 1.3),
    (wrap_range_kw, 1.3),
    (wrap_array, A),
    (timer, 1.3),
    (imp_from, 1.3),
    (imp_mod, 1.3),
    (imp_loop, 1.3),
    (ctor, 1.3),
    (prop, 1.3),
    (meth, 1.3),
    (opadd, 1.3),
    (statm, 1.3),
    (classm, 1.3),
    (callobj, 1.3),
    (dc_aug, 1.3),
    (ctor_aug, 1.3),
    (swap_arr2, A),
    (ret_closure, 1.3),
    (ret_lambda, 1.3),
    (ret_closure_glob, 1.3),
    (onepath, 1.3),
    (callkw, 1.3),
    (star_pass, 1.3),
    (kw_items, 1.3),
    (late, 1.3),
    (late2, 1.3),
    (late3, 1.3),
    (dele2, 1.3),
    (dele3, 1.3),
    (whileelse, 1.3),
    (retnest, 1.3),
    (zipu2, A),
    (revr, A),
    (rstep, 1.3),
    (matchmap, 1.3),
    (matchcls, 1.3),
    (walrc, 1.3),
    (nestc2, A),
    (setc, 1.3),
    (lamdef, 1.3),
    (npnoerr, 1.3),
    (callret_tuple, 1.3),
    (dict_arg, 1.3),
    (objloop, 1.3),
    (objbranch, 1.3),
    (objops, 1.3),
    (objwhile, 1.3),
    (net, A),
    (objarr, A),
    (objaug, A),
    (objret, 1.3),
    (objsuper, 1.3),
    (objlist, 1.3),
    (objdict, 1.3),
    (objnew, 1.3),
    (dcin, 1.3),
    (dcfz, 1.3),
    (ntp, 1.3),
    (ntrep, 1.3),
    (counters, 1.3),
    (compose, 1.3),
    (closloop, 1.3),
    (dictarr, A),
    (buf, A),
    (onep, 1.3),
    (pct, 1.3),
    (loops2, A),
    (wh, 1.3),
    (whw, 1.3),
    (seqmatch, 1.3),
    (matchstr, 1.3),
    (matchnone, 1.3),
    (expr, 1.3),
    (itert, A),
    (strs, 1.3),
    (nonetest, 1.3),
    (ext, 1.3),
    (stmut, A),
]


def entries(value):
    if isinstance(value, (tuple, list)):
        return np.concatenate([entries(each) for each in value])
    return np.ravel(np.asarray(value, float))


def rebuilt(value, numbers):
    if isinstance(value, tuple):
        return tuple(rebuilt(each, numbers) for each in value)
    if isinstance(value, np.ndarray):
        return np.array([next(numbers) for _ in range(value.size)]).reshape(value.shape)
    return float(next(numbers))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("func, x", CASES, ids=[c[0].__name__ for c in CASES])
def test_program(func, x, monkeypatch, capsys):
    monkeypatch.setenv("S2SAD_CACHE", "0")
    agrees(func, x)
    start, step = entries(x), 1e-6
    wanted = []
    for i in range(len(start)):
        ends = [start + step * sign * np.eye(len(start))[i] for sign in (1, -1)]
        up, down = (func(rebuilt(x, iter(end))) for end in ends)
        wanted.append((up - down) / (2 * step))
    got = entries(s2sad.grad(func)(x))
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_a_progress_bar_moves_in_the_forward_half():
    gradient = s2sad.grad(wrap_range_kw)
    tqdm.trips = 0
    gradient(1.3)
    assert tqdm.trips == 5
