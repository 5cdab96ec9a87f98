"""Objects: dataclasses, classes, their operators, as local state, argument, result."""

# ruff: noqa

import contextlib
import dataclasses
import functools
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.api.programs import collector

POINTS: list = []
case = collector(POINTS)

X = np.array([0.5, -1.5, 2.0])
Y = np.array([1.5, 0.5, -2.0])


@dataclass
class D:
    w: np.ndarray
    b: float = 1.0

    def forward(self, x):
        return np.tanh(self.w * x + self.b)

    @property
    def norm(self):
        return np.sum(self.w**2)

    def scale(self, s):
        self.w = self.w * s
        self.b *= s


@dataclass(frozen=True)
class F:
    w: np.ndarray
    b: float

    def __add__(self, o):
        return F(self.w + o.w, self.b + o.b)

    def __mul__(self, s):
        return F(self.w * s, self.b * s)


@dataclass
class Post:
    a: float
    b: float = field(init=False)

    def __post_init__(self):
        self.b = self.a * self.a


@dataclass
class Base:
    a: float

    def area(self):
        return self.a * self.a


@dataclass
class Derived(Base):
    c: float = 2.0

    def area(self):
        return super().area() * self.c


@dataclass
class Nest:
    d: D
    l: list


@dataclass
class Fac:
    a: float
    l: list = field(default_factory=list)
    m: dict = field(default_factory=lambda: {"q": 1.0})
    z: np.ndarray = field(default_factory=lambda: np.zeros(3))


@case(D(X, 0.5), Y)
def dc_arg(d, x):
    return np.sum(d.forward(x)) + d.norm


@case(D(X, 0.5))
def dc_write(d):
    d.b = d.b * 2
    d.w = d.w * d.b
    return np.sum(d.w**2)


@case(D(X, 0.5))
def dc_write_item(d):
    d.w[0] = d.b**2
    d.w *= 3.0
    return np.sum(d.w**2)


@case(D(X, 0.5))
def dc_aug(d):
    d.b += 3.0 * d.b
    d.w += 1.0
    return np.sum(d.w**2) * d.b


@case(D(X, 0.5))
def dc_method_writes(d):
    d.scale(2.0)
    return np.sum(d.w) * d.b


@case(X)
def dc_made(x):
    d = D(x * 2, x[0])
    return np.sum(d.forward(x)) + d.norm


@case(X)
def dc_made_write(x):
    d = D(x * 2)
    d.b = x[0]
    d.w[1] = x[2]
    d.scale(x[1])
    return np.sum(d.w) * d.b


@case(X)
def dc_result(x):
    return D(x * 2, x[0] ** 2)


@case(D(X, 0.5))
def dc_replace(d):
    e = dataclasses.replace(d, b=d.b**2)
    return np.sum(e.w) * e.b + d.b


@case(F(X, 0.5))
def fz_replace(d):
    e = dataclasses.replace(d, b=d.b**2, w=d.w * 2)
    return np.sum(e.w) * e.b + d.b


@case(F(X, 0.5), F(Y, 1.5))
def fz_ops(p, q):
    r = p + q * 2.0
    return np.sum(r.w) * r.b


@case(F(X, 0.5))
def fz_result(p):
    return p * 2.0


@case(1.5)
def post_init(a):
    p = Post(a)
    return p.b * p.a


@case(Post(1.5))
def post_arg(p):
    return p.b * p.a


@case(Derived(1.5, 2.5))
def derived(p):
    return p.area()


@case(1.5)
def derived_made(a):
    return Derived(a, a * 2).area()


@case(Nest(D(X, 0.5), [1.0, Y]))
def nest(n):
    return np.sum(n.d.w * n.l[1]) * n.l[0] + n.d.norm * n.d.b


@case(1.5)
def factories(a):
    f = Fac(a)
    f.l.append(a * a)
    f.m["q"] = f.m["q"] * a
    f.z[0] = a
    return f.l[0] * f.m["q"] + np.sum(f.z)


@case([D(X, 0.5), D(Y, 1.5)], X)
def dc_list(layers, x):
    for l in layers:
        x = l.forward(x)
    return np.sum(x)


@case({"a": D(X, 0.5)}, X)
def dc_dict(p, x):
    return np.sum(p["a"].forward(x))


@case(X, 3)
def dc_loop_state(x, n):
    s = D(x, 0.5)
    for i in range(n):
        s = D(s.w + 0.1 * s.b, s.b * 0.9)
    return np.sum(s.w) * s.b


@case(X, 3)
def dc_loop_write(x, n):
    s = D(x.copy(), 0.5)
    for i in range(n):
        s.w += 0.1 * s.b
        s.b = s.b * x[0]
    return np.sum(s.w) * s.b


@case(X)
def dc_asdict(x):
    d = dataclasses.asdict(D(x, x[0]))
    return np.sum(d["w"]) * d["b"]


@case(X)
def dc_fields(x):
    d = D(x, x[0])
    return sum(np.sum(getattr(d, f.name) ** 2) for f in dataclasses.fields(d))


@case(X)
def dc_branch(x):
    if x[0] > 0:
        d = D(x * 2, x[0])
    else:
        d = D(x, x[1])
    return np.sum(d.w) * d.b


# ordinary classes
class V:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return V(self.x + o.x, self.y + o.y)

    def __radd__(self, o):
        return V(self.x + o, self.y + o)

    def __sub__(self, o):
        return V(self.x - o.x, self.y - o.y)

    def __mul__(self, s):
        return V(self.x * s, self.y * s)

    __rmul__ = __mul__

    def __neg__(self):
        return V(-self.x, -self.y)

    def __abs__(self):
        return math.sqrt(self.x**2 + self.y**2)

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __setitem__(self, i, v):
        if i == 0:
            self.x = v
        else:
            self.y = v

    def __len__(self):
        return 2

    def __call__(self, t):
        return self.x * t + self.y

    def __eq__(self, o):
        return self.x == o.x

    def __lt__(self, o):
        return abs(self) < abs(o)

    def __bool__(self):
        return self.x > 0

    def __iter__(self):
        return iter((self.x, self.y))

    def __matmul__(self, o):
        return self.x * o.x + self.y * o.y

    def __iadd__(self, o):
        self.x = self.x + o.x
        self.y = self.y + o.y
        return self

    def __contains__(self, v):
        return v in (1, 2)

    @property
    def r(self):
        return math.hypot(self.x, self.y)

    @r.setter
    def r(self, v):
        k = v / self.r
        self.x = self.x * k
        self.y = self.y * k

    @staticmethod
    def unit(t):
        return V(math.cos(t), math.sin(t))

    @classmethod
    def of(cls, t):
        return cls(t, t * t)


@case(0.5, 1.5)
def v_add(a, b):
    u = V(a, b) + V(b, a * a)
    return u.x * u.y


@case(0.5, 1.5)
def v_mul(a, b):
    u = 2.0 * V(a, b) * b - V(b, b)
    return u.x * u.y


@case(0.5, 1.5)
def v_neg(a, b):
    u = -V(a, b)
    return u.x * u.y * a


@case(0.5, 1.5)
def v_abs(a, b):
    return abs(V(a, b))


@case(0.5, 1.5)
def v_getitem(a, b):
    u = V(a, b)
    return u[0] * u[1] ** 2 + len(u)


@case(0.5, 1.5)
def v_setitem(a, b):
    u = V(a, b)
    u[0] = b * b
    return u.x * u.y


@case(0.5, 1.5)
def v_call(a, b):
    u = V(a, b)
    return u(a * b)


@case(0.5, 1.5)
def v_lt(a, b):
    return a * b if V(a, b) < V(b, b) else a


@case(0.5, 1.5)
def v_bool(a, b):
    return a * b if V(a, b) else a


@case(0.5, 1.5)
def v_eq(a, b):
    return a * b if V(a, b) == V(a, a) else a


@case(0.5, 1.5)
def v_contains(a, b):
    return a * b if 1 in V(a, b) else a


@case(0.5, 1.5)
def v_iter(a, b):
    p, q = V(a, b)
    return p * q


@case(0.5, 1.5)
def v_matmul(a, b):
    return V(a, b) @ V(b, a * a)


@case(0.5, 1.5)
def v_iadd(a, b):
    u = V(a, b)
    w = u
    u += V(b, b)
    return w.x * w.y


@case(0.5, 1.5)
def v_sum(a, b):
    u = sum([V(a, b), V(b, a)], V(0.0, 0.0))
    return u.x * u.y * a


@case(0.5, 1.5)
def v_prop(a, b):
    u = V(a, b)
    return u.r * 2


@case(0.5, 1.5)
def v_setter(a, b):
    u = V(a, b)
    u.r = 3.0 * a
    return u.x * u.y


@case(0.5, 1.5)
def v_static(a, b):
    return V.unit(a).x * b + V(a, b).unit(b).y


@case(0.5, 1.5)
def v_class(a, b):
    return V.of(a).y * b


@case(0.5, 1.5)
def v_return(a, b):
    return V(a, b).x, V(b, a)


@case(0.5, 1.5)
def v_return_one(a, b):
    return V(a * b, b)


@case(0.5, 1.5)
def v_in_list(a, b):
    l = [V(a, b), V(b, a)]
    s = 0.0
    for v in l:
        s += v.x * v.y**2
    l.append(V(s, s))
    return l[2].x * l[0].y


@case(0.5, 3)
def v_list_grow(a, n):
    l = []
    for i in range(n):
        l.append(V(a * i, a))
    return sum(v.x * v.y for v in l)


@case(0.5, 1.5)
def v_in_dict(a, b):
    d = {"u": V(a, b)}
    d["u"].x = d["u"].y ** 2
    return d["u"].x * a


@case(0.5, 1.5)
def v_print(a, b):
    u = V(a, b)
    print(u.x)
    return u.x * u.y


@case(0.5, 3)
def v_loop(a, n):
    u = V(a, a * a)
    for i in range(n):
        u = u * 0.9 + V(a, 1.0)
    return u.x * u.y


@case(0.5, 3)
def v_loop_write(a, n):
    u = V(a, a * a)
    for i in range(n):
        u.x = u.x * u.y
        u.y += a
    return u.x * u.y


@case(0.5, 1.5)
def v_branch(a, b):
    u = V(a, b)
    if a > 0:
        u = V(b, a)
    else:
        u.x = b
    return u.x**2 * u.y


@case(0.5, 1.5)
def v_helper(a, b):
    u = V(a, b)
    v_touch(u, b)
    return u.x * u.y


def v_touch(u, b):
    u.x = u.x * b


@case(0.5, 1.5)
def v_helper_returns(a, b):
    return v_make(a, b).x * v_make(b, a).y


def v_make(a, b):
    return V(a * b, b)


@case(0.5, 3)
def v_helper_loop(a, n):
    u = V(a, a * a)
    for i in range(n):
        v_touch(u, 1.1)
    return u.x * u.y


# callable objects, partial
class Net:
    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.calls = 0
        self.layers = [w, b]
        self.p = {"k": 2.0}

    def __call__(self, x):
        return np.tanh(self.w * x) + self.b

    def loss(self, x):
        return np.sum(self(x) ** 2)

    def counted(self, x):
        self.calls += 1
        return np.sum(self(x) ** 2)

    def train(self, g):
        self.w = self.w - 0.1 * g
        return np.sum(self.w**2)


NET = Net(X, Y)


@case(X)
def net_global(x):
    return NET.loss(x)


@case(X)
def part(x):
    g = functools.partial(np.multiply, x)
    h = functools.partial(pw, n=3)
    return np.sum(g(x)) + h(x[0])


def pw(v, n=2):
    return v**n


@case(X)
def reduce_(x):
    return functools.reduce(lambda a, b: a * b, x.tolist()) + functools.reduce(
        lambda a, b: a + b * b, x, 1.0
    )


class A:
    k = 2.0

    def __init__(self, a):
        self.a = a

    def f(self):
        return self.a * self.k


class B(A):
    k = 3.0

    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

    def f(self):
        return super().f() + self.b


@case(0.5, 1.5)
def inherit(a, b):
    return B(a, b).f() * A(b).f()


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class MoreSlots(Slots):
    __slots__ = ("c",)

    def __init__(self, a, b, c):
        super().__init__(a, b)
        self.c = c

    def grow(self):
        self.c = self.c * self.a
        return self.c + self.b


@case(0.5, 1.5)
def slots(a, b):
    s = Slots(a, b)
    return s.a * s.b


@case(0.5, 1.5)
def slots_written(a, b):
    s = MoreSlots(a, b, a * b)
    for _ in range(3):
        s.b = s.grow() * s.b
    if a < b:
        s.a = s.b
    return s.a * s.b + s.c


@case(0.5, 1.5)
def slots_made_in_a_loop(a, b):
    s = Slots(a, b)
    for _ in range(3):
        s = Slots(s.a * s.b, s.a + b)
    return s.a * s.b


class NT(NamedTuple):
    w: np.ndarray
    b: float = 1.0

    def f(self, x):
        return np.sum(self.w * x) + self.b

    @property
    def n(self):
        return np.sum(self.w**2)


@case(NT(X, 0.5), Y)
def nt_arg(p, x):
    return p.f(x) * p.n + p[1] * p.b


@case(X)
def nt_result(x):
    return NT(x * 2, x[0])


@case(NT(X, 0.5))
def nt_replace(p):
    q = p._replace(b=p.b**2)
    return np.sum(q.w) * q.b


@case(NT(X, 0.5))
def nt_iter(p):
    w, b = p
    return np.sum(w) * b + sum(np.sum(v) for v in p)


@case(NT(X, 0.5))
def nt_asdict(p):
    d = p._asdict()
    return np.sum(d["w"]) * d["b"]


@case(NT(X, 0.5))
def nt_write(p):
    p.w[0] = p.b**2
    return np.sum(p.w**2)
