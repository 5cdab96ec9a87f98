"""Buffers that change places, or are given away and replaced, on some ways only.

What is apart on each way must stay apart behind them, or each trip copies; and what is
not must be told from it, or a write is seen where it should not be.
"""

# ruff: noqa: E741

from __future__ import annotations

import numpy as np

from tests.api.writing import program

X = np.array([0.4, 1.2, -0.3])
W = np.array([0.7, 0.5, 1.1])
LONG = np.sin(1.7 * np.arange(12.0) + 0.4) + 0.3
LEVELS = np.array([0.5, 1.2, 1.4, 0.2, 2.0, 0.1, 1.9, 1.8])


@program((X, W, 5), (X, W, 0))
def swap_if(x, w, n):
    a = x.copy()
    b = w.copy()
    for i in range(n):
        if a[0] > b[0]:
            a, b = b, a
        a[i % 3] += np.sin(b[0]) * b[i % 3]
        b[(i + 1) % 3] *= a[1]
    return np.sum(a * b)


@program((LONG, 8), (LONG, 2))
def batches(x, n):
    rows = []
    buf = np.zeros(3)
    k = 0
    for i in range(n):
        buf[k] += x[i] ** 2
        k += 1
        if k == 3:
            rows.append(buf)
            buf = np.zeros(3)
            k = 0
    t = buf.sum()
    for r in rows:
        t += np.prod(r)
    return t


@program((LONG, 5))
def batches_scaled(x, n):
    rows = []
    buf = np.ones(2)
    for i in range(n):
        if x[i] > 0.5:
            rows.append(buf)
            buf = buf * x[i]
        buf[i % 2] += x[i]
    t = buf.sum()
    for r in rows:
        t += r[0] * r[1]
    return t


@program((X, 6))
def three_way(x, n):
    a = x * 1.0
    b = x * 2.0
    c = x * 3.0
    for i in range(n):
        if i % 3 == 0:
            a, b, c = b, c, a
        elif x[0] > 0:
            a, b = b, a
        a[0] += b[1] * c[2]
        b[1] = a[0] * c[1]
        c[2] -= 0.1 * a[2]
    return np.sum(a) + 2 * np.sum(b) + 3 * np.sum(c)


@program((LEVELS, 1.0))
def groups(levels, cap):
    events, event = [], []
    for x in levels:
        s = x - cap
        if s > 0:
            event.append(s * s)
        elif event:
            events.append(event)
            event = []
        if len(events) == 1 and event:
            event[0] *= 1.1
    if event:
        events.append(event)
    return sum(max(e) * sum(e) for e in events)


@program((X, 6))
def current_best(x, n):
    best = x * 0.5
    trial = x.copy()
    for i in range(n):
        trial[i % 3] += 0.3 * x[(i + 1) % 3]
        if np.sum(trial) > np.sum(best):
            best, trial = trial, best
        trial *= 0.9
    return np.sum(best**2) + np.sum(trial)


@program((LONG, 11))
def nested_lists(x, n):
    pages, page, line = [], [], []
    for i in range(n):
        line.append(x[i] * i)
        if len(line) == 2:
            page.append(line)
            line = []
            if len(page) == 2:
                pages.append(page)
                page = []
    t = sum(line)
    for p in pages:
        for l in p:
            t += l[0] * l[1]
    for l in page:
        t += l[0] ** 2
    return t


@program((X, 5))
def maybe_alias(x, n):
    a = x.copy()
    hist = [a * 1.0]
    for i in range(n):
        if i == 2:
            hist.append(a)
            a = a * x
        else:
            a = a + 0.1
        a[0] *= 2.0
    return sum(np.sum(h * h) for h in hist) + a[0] * a[1]


@program((0.7, 0.9))
def while_swap(x, y):
    u = [x, y]
    v = [y, x * y]
    k = 0
    while k < 5:
        if u[0] > v[0]:
            u, v = v, u
        u[k % 2] = u[k % 2] * 1.2 + v[0]
        k += 1
    return u[0] * v[1] + u[1]
