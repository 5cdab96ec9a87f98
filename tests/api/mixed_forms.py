"""Programs that mix what the other modules have one by one."""

# ruff: noqa

import math

import numpy as np

from tests.api.programs import collector

X = np.array([0.5, -1.5, 2.0])
POINTS: list = []
case = collector(POINTS)


@case(X)
def either_loop(x):
    s = 0.0
    for v in x:
        g = math.sin if v > 0 else math.cos
        s += g(v) * v
    return s


@case(0.7, 1.2)
def either_nested(x, y):
    if x > 0:
        g = (lambda t: t * y) if y > 1 else (lambda t: t * t)
    else:
        g = math.sin
    return g(x) * g(y)


@case(0.7, 3)
def either_carried(x, n):
    g = math.sin
    for i in range(n):
        x = g(x) * 1.1
        if x > 0.5:
            g = math.cos
    return x


@case(0.7)
def either_text(x):
    mode = "sq" if x > 0 else "cu"
    d = {"sq": x * x, "cu": x**3}
    if mode == "sq":
        return d[mode] * 2.0
    return d[mode]


@case(0.7, 1.2)
def either_passed(x, y):
    def ap(g, t):
        return g(t) * y

    h = math.exp if y > x else math.log
    return ap(h, x)


@case(X)
def pop_insert(x):
    l = [v * v for v in x]
    while len(l) > 1:
        a = l.pop(0)
        b = l.pop()
        l.insert(0, a * b + 1.0)
    return l[0]


@case(X, 3)
def heap_like(x, n):
    q = []
    for i in range(n):
        q.append(x[i] * (i + 1))
        q.sort()
    return q[0] * q[1] - q[-1] ** 2


@case(X)
def bubble(x):
    l = list(x)
    for i in range(len(l)):
        for j in range(len(l) - 1):
            if l[j] > l[j + 1]:
                l[j], l[j + 1] = l[j + 1], l[j]
    return l[0] * 1.0 + l[1] * 2.0 + l[2] ** 2


@case(X)
def swap_rows(x):
    rows = [x * 1.0, x**2, np.sin(x)]
    rows[0], rows[2] = rows[2], rows[0]
    rows[0][1] = rows[1][0]
    rows[1] += rows[2]
    return np.sum(rows[0] * rows[1] - rows[2])


@case(X)
def sorted_rows(x):
    rows = sorted([(x[0], 1.0), (x[1], x[2]), (x[2], x[0])], key=lambda r: r[1])
    return rows[0][0] * rows[1][1] + rows[2][0] ** 2


class Tree:
    def __init__(self, v, kids=()):
        self.v = v
        self.kids = list(kids)

    def total(self):
        return self.v + sum(k.total() for k in self.kids)


@case(0.7, 1.2)
def tree(a, b):
    t = Tree(a * b, [Tree(a), Tree(b * b, [Tree(a * a)])])
    t.kids[1].v = t.kids[1].v * t.v
    return t.total()


class Stack:
    def __init__(self):
        self.items = []

    def push(self, v):
        self.items.append(v)
        return self

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)


@case(0.7, 3)
def stack_object(a, n):
    s = Stack()
    s.push(a).push(a * a)
    for i in range(3):
        s.push(s.pop() * s.items[0] + i)
    return s.pop() * len(s)


@case(0.7)
def function_changes_each_trip(x):
    f = np.sin
    for _ in range(4):
        x = f(x)
        f = np.cos if f is np.sin else np.sin
    return x


@case(0.7, 5)
def functions_are_swapped(x, n):
    f, g = np.sin, np.exp
    for i in range(n):
        x = f(x) * (1.0 + 0.1 * i)
        f, g = g, f
    return x


@case(0.7)
def helper_becomes_a_library_function(x):
    def twice(v):
        return 2.0 * v

    f = twice
    for _ in range(3):
        x = f(x) + 0.1
        f = math.sin
    return x
