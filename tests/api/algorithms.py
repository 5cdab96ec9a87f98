"""Algorithms of the textbooks that overwrite their arrays, as users write them.

Entered among the programs of `writing.py`; `test_writes.py` goes through them.
"""

# ruff: noqa: E701, E702, E741, B007

from __future__ import annotations

import math

import numpy as np

from s2sad import grad, jvp, vjp
from tests.api.writing import program

RNG = np.random.default_rng(3)


def R(*shape):
    return RNG.normal(size=shape)


X8 = R(8)


@program((R(8), R(8)))
def fft_loop(re, im):
    n = len(re)
    re = re.copy()
    im = im.copy()
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j ^= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    size = 2
    while size <= n:
        ang = -2 * math.pi / size
        for start in range(0, n, size):
            for k in range(size // 2):
                wr = math.cos(ang * k)
                wi = math.sin(ang * k)
                a = start + k
                b = a + size // 2
                tr = re[b] * wr - im[b] * wi
                ti = re[b] * wi + im[b] * wr
                re[b] = re[a] - tr
                im[b] = im[a] - ti
                re[a] += tr
                im[a] += ti
        size *= 2
    return np.sum(re**4) + np.sum(im**2 * re)


@program((np.array([3.0, 1.0, 2.0, 5.0, 4.0, 0.5]),))
def quicksort(x):
    a = x.copy()
    stack = [(0, len(a) - 1)]
    while stack:
        lo, hi = stack.pop()
        if lo < hi:
            pivot = a[hi]
            i = lo - 1
            for j in range(lo, hi):
                if a[j] <= pivot:
                    i += 1
                    a[i], a[j] = a[j], a[i]
            a[i + 1], a[hi] = a[hi], a[i + 1]
            q = i + 1
            stack.append((lo, q - 1))
            stack.append((q + 1, hi))
    s = 0.0
    for k in range(len(a)):
        s += (k + 1) * a[k] ** 2
    return s


@program((R(4, 4) + 4 * np.eye(4), R(4)))
def lu_pivot(A, b):
    A = A.copy()
    b = b.copy()
    n = A.shape[0]
    for k in range(n - 1):
        piv = k + np.argmax(np.abs(A[k:, k]))
        if piv != k:
            A[[k, piv]] = A[[piv, k]]
            b[[k, piv]] = b[[piv, k]]
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x**2)


@program((R(5, 3),))
def householder(A):
    A = A.copy()
    m, n = A.shape
    for k in range(n):
        v = A[k:, k].copy()
        v[0] += math.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        A[k:, k:] -= 2.0 * np.outer(v, v @ A[k:, k:])
    return np.sum(np.abs(np.diag(A))) + A[0, 1] ** 2


@program((np.abs(R(6)) + 1, R(6)))
def conj_grad(d, b):
    n = len(b)
    x = np.zeros(n)
    r = b.copy()
    q = r.copy()
    rs = r @ r
    for _ in range(4):
        Aq = d * q
        Aq[1:] -= 0.3 * q[:-1]
        Aq[:-1] -= 0.3 * q[1:]
        alpha = rs / (q @ Aq)
        x += alpha * q
        r -= alpha * Aq
        new = r @ r
        if math.sqrt(new) < 1e-10:
            break
        q *= new / rs
        q += r
        rs = new
    return x @ b


@program((R(9),))
def multigrid(f):
    def smooth(u, f, h, n):
        for _ in range(n):
            for i in range(1, len(u) - 1):
                u[i] = 0.5 * (u[i - 1] + u[i + 1] - h * h * f[i])

    def vcycle(u, f, h):
        smooth(u, f, h, 2)
        if len(u) > 3:
            r = np.zeros_like(u)
            r[1:-1] = f[1:-1] - (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
            rc = np.zeros((len(u) + 1) // 2)
            for i in range(1, len(rc) - 1):
                rc[i] = 0.25 * (r[2 * i - 1] + 2 * r[2 * i] + r[2 * i + 1])
            ec = np.zeros_like(rc)
            vcycle(ec, rc, 2 * h)
            e = np.zeros_like(u)
            e[::2] = ec
            e[1::2] = 0.5 * (ec[:-1] + ec[1:])
            u += e
        smooth(u, f, h, 2)

    u = np.zeros_like(f)
    vcycle(u, f, 1.0 / 8)
    return np.sum(u**2)


@program((R(4), R(4) * 0.1))
def levinson(r, y):
    n = len(r)
    r = r.copy()
    r[0] = 5.0 + r[0] ** 2
    f = np.zeros(n)
    b = np.zeros(n)
    x = np.zeros(n)
    f[0] = 1 / r[0]
    b[0] = 1 / r[0]
    x[0] = y[0] / r[0]
    for i in range(1, n):
        ef = 0.0
        eb = 0.0
        ex = 0.0
        for j in range(i):
            ef += r[i - j] * f[j]
            eb += r[j + 1] * b[j]
            ex += r[i - j] * x[j]
        d = 1 - ef * eb
        fn = np.zeros(n)
        bn = np.zeros(n)
        fn[: i + 1] = f[: i + 1] / d
        fn[1 : i + 1] -= ef / d * b[:i]
        bn[1 : i + 1] = b[:i] / d
        bn[: i + 1] -= eb / d * f[: i + 1]
        f, b = fn, bn
        x[: i + 1] += (y[i] - ex) * b[: i + 1]
    return np.sum(x**3)


@program((R(3, 2), R(3)))
def fem(xy, k):
    n = 3
    K = np.zeros((2 * n, 2 * n))
    for a, b in [(0, 1), (1, 2), (2, 0)]:
        d = xy[b] - xy[a]
        L = np.sqrt(d @ d)
        c = d / L
        T = np.concatenate([-c, c])
        ke = np.exp(k[a]) / L * np.outer(T, T)
        dofs = [2 * a, 2 * a + 1, 2 * b, 2 * b + 1]
        K[np.ix_(dofs, dofs)] += ke
    F = np.zeros(2 * n)
    F[3] = 1.0
    for d in (0, 1, 4):
        K[d, :] = 0
        K[:, d] = 0
        K[d, d] = 1
        F[d] = 0
    u = np.linalg.solve(K, F)
    return u @ F


@program((R(5), R(5)))
def viterbi_soft(a, b):
    n = len(a)
    D = np.full((n + 1, n + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            c = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = c + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, n]


@program((0.5, 0.1))
def bezier(t, w):
    pts = [[0.0, 0.0], [1.0, 2.0], [3.0, w], [4.0, 0.0]]
    while len(pts) > 1:
        new = []
        for i in range(len(pts) - 1):
            new.append(
                [
                    (1 - t) * pts[i][0] + t * pts[i + 1][0],
                    (1 - t) * pts[i][1] + t * pts[i + 1][1],
                ]
            )
        pts = new
    return pts[0][0] * pts[0][1]


@program((R(4),))
def polymul(c):
    r = [1.0]
    for z in c:
        new = [0.0] * (len(r) + 1)
        for i, ri in enumerate(r):
            new[i] -= z * ri
            new[i + 1] += ri
        r = new
    return sum(x * x for x in r)


@program((R(6, 6) * 0.1,))
def lattice(f):
    f = f.copy()
    for _ in range(3):
        rho = f.sum(axis=0)
        f[0] = np.roll(f[0], 1)
        f[1] = np.roll(f[1], -1)
        f -= 0.2 * (f - rho / 6)
        f[2, 0], f[3, 0] = f[3, 0], f[2, 0]
        f[:, -1] = f[:, -2]
    return np.sum(f**3)


@program((R(6), R(6)))
def fdtd(ez, hy):
    src = []
    for t in range(4):
        hy[:-1] += 0.5 * (ez[1:] - ez[:-1])
        ez[1:] += 0.5 * (hy[1:] - hy[:-1])
        ez[2] += math.exp(-((t - 2) ** 2))
        ez[0] = ez[1]
        src.append(ez[3] ** 2)
    return sum(src)


@program((R(3, 3), R(3), R(5)))
def kalman_m(A, x0, z):
    P = np.eye(3)
    x = x0.copy()
    H = np.array([1.0, 0.0, 0.0])
    ll = 0.0
    for zt in z:
        x = A @ x
        P = A @ P @ A.T + 0.1 * np.eye(3)
        S = H @ P @ H + 0.2
        K = P @ H / S
        r = zt - H @ x
        x += K * r
        P -= np.outer(K, H @ P)
        ll -= 0.5 * (r * r / S + np.log(S))
    return ll


@program((R(8),))
def wavelet(x):
    a = x.copy()
    n = len(a)
    while n > 1:
        h = n // 2
        tmp = np.empty(n)
        for i in range(h):
            tmp[i] = (a[2 * i] + a[2 * i + 1]) / math.sqrt(2)
            tmp[h + i] = (a[2 * i] - a[2 * i + 1]) / math.sqrt(2)
        a[:n] = tmp
        n = h
    return np.sum(np.abs(a) ** 1.5)


@program((R(5), 0.3))
def iir(x, a):
    y = np.zeros_like(x)
    z = [0.0, 0.0]
    for i, v in enumerate(x):
        o = v + z[0]
        z[0] = a * o + z[1] - v
        z[1] = a * a * v
        y[i] = o
    return np.sum(y**2)


@program((R(5),))
def spline(y):
    n = len(y)
    m = np.zeros(n)
    cp = np.zeros(n)
    dp = np.zeros(n)
    for i in range(1, n - 1):
        rhs = 6 * (y[i + 1] - 2 * y[i] + y[i - 1])
        den = 4 - cp[i - 1]
        cp[i] = 1 / den
        dp[i] = (rhs - dp[i - 1]) / den
    for i in reversed(range(1, n - 1)):
        m[i] = dp[i] - cp[i] * m[i + 1]
    s = 0.0
    for i in range(n - 1):
        for t in (0.25, 0.75):
            s += (
                (1 - t) * y[i]
                + t * y[i + 1]
                + ((1 - t) ** 3 - (1 - t)) * m[i] / 6
                + (t**3 - t) * m[i + 1] / 6
            ) ** 2
    return s


@program((R(4, 2),))
def verlet_nl(x):
    v = np.zeros_like(x)
    pairs = [(i, j) for i in range(len(x)) for j in range(i)]
    acc = np.zeros_like(x)

    def forces(x, out):
        out.fill(0)
        e = 0.0
        for i, j in pairs:
            d = x[i] - x[j]
            r2 = d @ d + 0.5
            if r2 > 9.0:
                continue
            g = d / r2**2
            out[i] += g
            out[j] -= g
            e += 1 / r2
        return e

    x = x.copy()
    forces(x, acc)
    for _ in range(3):
        v += 0.05 * acc
        x += 0.1 * v
        e = forces(x, acc)
        v += 0.05 * acc
    return e + 0.5 * np.sum(v * v)


@program((R(3), R(4, 3)))
def lbfgs(g, S):

    hist = []
    for s in S:
        y = s * 2 + 0.1 * s**3
        hist.append((s, y, 1 / (s @ y)))
        if len(hist) > 3:
            hist.pop(0)
    q = g.copy()
    al = []
    for s, y, r in reversed(hist):
        a = r * (s @ q)
        al.append(a)
        q -= a * y
    for (s, y, r), a in zip(hist, reversed(al)):
        b = r * (y @ q)
        q += s * (a - b)
    return q @ g


@program((R(3, 3, 3),))
def sor3(u):
    u = u.copy()
    n = 3
    for k in range(2):
        for color in (0, 1):
            for i in range(n):
                for j in range(n):
                    for l in range(n):
                        if (i + j + l) % 2 == color:
                            s = 0.0
                            c = 0
                            if i > 0:
                                s += u[i - 1, j, l]
                                c += 1
                            if i < n - 1:
                                s += u[i + 1, j, l]
                                c += 1
                            if j > 0:
                                s += u[i, j - 1, l]
                                c += 1
                            if l < n - 1:
                                s += u[i, j, l + 1] ** 2
                                c += 1
                            u[i, j, l] += 0.7 * (s / c - u[i, j, l])
    return np.sum(u**2)


@program((X8,))
def stack_of_pairs(x):
    stack = [(0, x[0])]
    total = 0.0
    while stack:
        i, v = stack.pop()
        total += v * x[i]
        if i < 3:
            stack.append((i + 1, v * x[i]))
            if i % 2:
                stack.append((i + 2, v - x[i]))
    return total


@program((X8,))
def halves(x):
    def product(v):
        if len(v) == 1:
            return v[0] ** 2
        m = len(v) // 2
        return product(v[:m]) * product(v[m:])

    return product(x)


@program((X8,))
def shrinking(x):
    def reduced(v, depth):
        if depth == 0:
            return np.sum(v**2)
        w = np.zeros(len(v) // 2)
        for i in range(len(w)):
            w[i] = v[2 * i] * v[2 * i + 1]
        return reduced(w, depth - 1) + v[0]

    return reduced(x, 2)


def doubled(x):
    x *= 2
    x[0] += x[1]
    return np.sum(x**3)


@program((X8,))
def slope_of_what_writes(x):
    r = x.copy()
    r -= 0.1 * grad(doubled)(r)
    return np.sum(r * grad(doubled)(x)) + r[0] * x[0]


@program((X8, X8[::-1].copy()))
def products_of_what_writes(x, y):
    def steps(u, v):
        for _ in range(2):
            v[:-1] += 0.5 * (u[1:] - u[:-1])
            u[1:] += 0.3 * (v[1:] ** 2 - v[:-1])
        return np.sum(u * v)

    value, tangent = jvp(steps, (x, y), (y, x))
    again, pullback = vjp(steps, x, y)
    u_bar, v_bar = pullback(value)
    return tangent + again + np.sum(u_bar * v_bar) + np.sum(x * y)
