"""Workloads of motion and of matrices: bodies that attract, and elimination by loops."""

from __future__ import annotations

import math

import numpy as np

from tests.benchmarks.workload import Workload, random

DT = 0.01

# ---- many bodies, by arrays --------------------------------------------------------


def acceleration(p, mass):
    d = p[None, :, :] - p[:, None, :]
    r2 = np.sum(d * d, axis=2) + 0.01
    w = mass / (r2 * np.sqrt(r2))
    return np.sum(w[:, :, None] * d, axis=1)


def bodies(p, v, mass, n):
    """How far n steps take them."""
    for _ in range(n):
        v = v + DT * acceleration(p, mass)
        p = p + DT * v
    return np.sum(p * p)


def bodies_hand(p, v, mass, n):
    kept = []
    for _ in range(n):
        kept.append(p)
        d = p[None, :, :] - p[:, None, :]
        r2 = np.einsum("ijk,ijk->ij", d, d)
        r2 += 0.01
        w = np.sqrt(r2)
        w *= r2
        np.divide(mass, w, out=w)
        a = np.einsum("ij,ijk->ik", w, d)
        a *= DT
        v = v + a
        p = p + DT * v
    p_bar = 2.0 * p
    v_bar = np.zeros_like(v)
    mass_bar = np.zeros_like(mass)
    for p in reversed(kept):
        v_bar += DT * p_bar
        a_bar = DT * v_bar
        d = p[None, :, :] - p[:, None, :]
        r2 = np.einsum("ijk,ijk->ij", d, d)
        r2 += 0.01
        u = np.sqrt(r2)
        u *= r2
        np.divide(1.0, u, out=u)
        u_bar = np.einsum("ik,ijk->ij", a_bar, d)
        u_bar *= u  # of the mass, from each body
        mass_bar += u_bar.sum(axis=0)
        u_bar *= mass
        u_bar /= r2
        u_bar *= -3.0
        d *= u_bar[:, :, None]
        u *= mass
        d += u[:, :, None] * a_bar[:, None, :]
        p_bar += d.sum(axis=0)
        p_bar -= d.sum(axis=1)
    return p_bar, v_bar, mass_bar


def bodies_loops(p, v, mass, n):
    m = len(mass)
    kept = np.empty((n + 1, m, 3))
    kept[0] = p
    v = v.copy()
    for s in range(n):
        p, new = kept[s], kept[s + 1]
        for i in range(m):
            ax = ay = az = 0.0
            for j in range(m):
                dx, dy, dz = p[j, 0] - p[i, 0], p[j, 1] - p[i, 1], p[j, 2] - p[i, 2]
                r2 = dx * dx + dy * dy + dz * dz + 0.01
                w = mass[j] / (r2 * math.sqrt(r2))
                ax += w * dx
                ay += w * dy
                az += w * dz
            v[i, 0] += DT * ax
            v[i, 1] += DT * ay
            v[i, 2] += DT * az
            for k in range(3):
                new[i, k] = p[i, k] + DT * v[i, k]
    p_bar = 2.0 * kept[n]
    v_bar = np.zeros((m, 3))
    mass_bar = np.zeros(m)
    for s in range(n - 1, -1, -1):
        p = kept[s]
        for i in range(m):
            for k in range(3):
                v_bar[i, k] += DT * p_bar[i, k]
        for i in range(m):
            bx, by, bz = DT * v_bar[i, 0], DT * v_bar[i, 1], DT * v_bar[i, 2]
            for j in range(m):
                dx, dy, dz = p[j, 0] - p[i, 0], p[j, 1] - p[i, 1], p[j, 2] - p[i, 2]
                r2 = dx * dx + dy * dy + dz * dz + 0.01
                u = 1.0 / (r2 * math.sqrt(r2))
                t = u * (bx * dx + by * dy + bz * dz)
                mass_bar[j] += t
                t = -3.0 * t * mass[j] / r2
                w = u * mass[j]
                x, y, z = t * dx + w * bx, t * dy + w * by, t * dz + w * bz
                p_bar[j, 0] += x
                p_bar[j, 1] += y
                p_bar[j, 2] += z
                p_bar[i, 0] -= x
                p_bar[i, 1] -= y
                p_bar[i, 2] -= z
    return p_bar, v_bar, mass_bar


def bodies_dialect(p, v, mass, n):
    m = len(mass)
    p, v = p.copy(), v.copy()
    for _ in range(n):
        new = np.empty_like(p)
        for i in range(m):
            ax = ay = az = 0.0
            for j in range(m):
                dx, dy, dz = p[j, 0] - p[i, 0], p[j, 1] - p[i, 1], p[j, 2] - p[i, 2]
                r2 = dx * dx + dy * dy + dz * dz + 0.01
                w = mass[j] / (r2 * math.sqrt(r2))
                ax += w * dx
                ay += w * dy
                az += w * dz
            v[i, 0] += DT * ax
            v[i, 1] += DT * ay
            v[i, 2] += DT * az
            for k in range(3):
                new[i, k] = p[i, k] + DT * v[i, k]
        p = new
    return np.sum(p * p)


def bodies_args(m, n):
    draw = random()
    p, v = draw.normal(size=(m, 3)), draw.normal(size=(m, 3))
    return p, v, draw.uniform(0.1, 1.0, m), n


# ---- few bodies, pair by pair ------------------------------------------------------


def planets(x, y, vx, vy, mass, n):
    m = len(mass)
    x, y, vx, vy = x.copy(), y.copy(), vx.copy(), vy.copy()
    for _ in range(n):
        for i in range(m):
            for j in range(i + 1, m):
                dx = x[j] - x[i]
                dy = y[j] - y[i]
                r2 = dx * dx + dy * dy + 0.01
                w = DT / (r2 * math.sqrt(r2))
                vx[i] += w * mass[j] * dx
                vy[i] += w * mass[j] * dy
                vx[j] -= w * mass[i] * dx
                vy[j] -= w * mass[i] * dy
        for i in range(m):
            x[i] += DT * vx[i]
            y[i] += DT * vy[i]
    return np.sum(x * x + y * y)


def planets_hand(x, y, vx, vy, mass, n):
    """Keeps where the bodies are, once a step; the speeds enter linearly."""
    m = len(mass)
    x, y, vx, vy = x.copy(), y.copy(), vx.copy(), vy.copy()
    kept = []
    for _ in range(n):
        kept.append((x.copy(), y.copy()))
        for i in range(m):
            xi, yi, mi = x.item(i), y.item(i), mass.item(i)
            for j in range(i + 1, m):
                dx = x.item(j) - xi
                dy = y.item(j) - yi
                r2 = dx * dx + dy * dy + 0.01
                w = DT / (r2 * math.sqrt(r2))
                wj = w * mass.item(j)
                vx[i] += wj * dx
                vy[i] += wj * dy
                w *= mi
                vx[j] -= w * dx
                vy[j] -= w * dy
        for i in range(m):
            x[i] += DT * vx.item(i)
            y[i] += DT * vy.item(i)
    x_bar, y_bar = 2.0 * x, 2.0 * y
    vx_bar, vy_bar = np.zeros_like(vx), np.zeros_like(vy)
    mass_bar = np.zeros_like(mass)
    for _ in range(n):
        x, y = kept.pop()
        for i in range(m):
            vx_bar[i] += DT * x_bar.item(i)
            vy_bar[i] += DT * y_bar.item(i)
        for i in range(m):
            xi, yi, mi = x.item(i), y.item(i), mass.item(i)
            vxi_bar, vyi_bar = vx_bar.item(i), vy_bar.item(i)
            for j in range(i + 1, m):
                dx = x.item(j) - xi
                dy = y.item(j) - yi
                mj = mass.item(j)
                vxj_bar, vyj_bar = vx_bar.item(j), vy_bar.item(j)
                r2 = dx * dx + dy * dy + 0.01
                w = DT / (r2 * math.sqrt(r2))
                along_i = vxi_bar * dx + vyi_bar * dy
                along_j = vxj_bar * dx + vyj_bar * dy
                mass_bar[j] += w * along_i
                mass_bar[i] -= w * along_j
                r2_bar = -3.0 * w * (mj * along_i - mi * along_j) / r2
                dx_bar = w * (mj * vxi_bar - mi * vxj_bar) + dx * r2_bar
                dy_bar = w * (mj * vyi_bar - mi * vyj_bar) + dy * r2_bar
                x_bar[j] += dx_bar
                x_bar[i] -= dx_bar
                y_bar[j] += dy_bar
                y_bar[i] -= dy_bar
    return x_bar, y_bar, vx_bar, vy_bar, mass_bar


def planets_loops(x, y, vx, vy, mass, n):
    m = len(mass)
    x, y, vx, vy = x.copy(), y.copy(), vx.copy(), vy.copy()
    kept = np.empty((n, 2, m))
    for s in range(n):
        kept[s, 0] = x
        kept[s, 1] = y
        for i in range(m):
            for j in range(i + 1, m):
                dx = x[j] - x[i]
                dy = y[j] - y[i]
                r2 = dx * dx + dy * dy + 0.01
                w = DT / (r2 * math.sqrt(r2))
                vx[i] += w * mass[j] * dx
                vy[i] += w * mass[j] * dy
                vx[j] -= w * mass[i] * dx
                vy[j] -= w * mass[i] * dy
        for i in range(m):
            x[i] += DT * vx[i]
            y[i] += DT * vy[i]
    x_bar, y_bar = 2.0 * x, 2.0 * y
    vx_bar, vy_bar = np.zeros_like(vx), np.zeros_like(vy)
    mass_bar = np.zeros_like(mass)
    for s in range(n - 1, -1, -1):
        x, y = kept[s, 0], kept[s, 1]
        for i in range(m):
            vx_bar[i] += DT * x_bar[i]
            vy_bar[i] += DT * y_bar[i]
        for i in range(m):
            for j in range(i + 1, m):
                dx = x[j] - x[i]
                dy = y[j] - y[i]
                r2 = dx * dx + dy * dy + 0.01
                w = DT / (r2 * math.sqrt(r2))
                along_i = vx_bar[i] * dx + vy_bar[i] * dy
                along_j = vx_bar[j] * dx + vy_bar[j] * dy
                mass_bar[j] += w * along_i
                mass_bar[i] -= w * along_j
                r2_bar = -3.0 * w * (mass[j] * along_i - mass[i] * along_j) / r2
                dx_bar = w * (mass[j] * vx_bar[i] - mass[i] * vx_bar[j]) + dx * r2_bar
                dy_bar = w * (mass[j] * vy_bar[i] - mass[i] * vy_bar[j]) + dy * r2_bar
                x_bar[j] += dx_bar
                x_bar[i] -= dx_bar
                y_bar[j] += dy_bar
                y_bar[i] -= dy_bar
    return x_bar, y_bar, vx_bar, vy_bar, mass_bar


def planets_args(m, n):
    draw = random()
    x, y, vx, vy = (draw.normal(size=m) for _ in range(4))
    return x, y, vx, vy, draw.uniform(0.1, 1.0, m), n


# ---- Cholesky's factor, by loops ---------------------------------------------------


def cholesky(A):
    """The logarithm of the determinant of a positive matrix."""
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, i] = math.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    total = 0.0
    for i in range(n):
        total += 2.0 * math.log(L[i, i])
    return total


def cholesky_hand(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A.item(i, j)
            for k in range(j):
                s -= L.item(i, k) * L.item(j, k)
            if i == j:
                L[i, i] = math.sqrt(s)
            else:
                L[i, j] = s / L.item(j, j)
    L_bar = np.zeros((n, n))
    for i in range(n):
        L_bar[i, i] = 2.0 / L.item(i, i)
    A_bar = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i, -1, -1):
            if i == j:
                s_bar = 0.5 * L_bar.item(i, i) / L.item(i, i)
            else:
                s_bar = L_bar.item(i, j) / L.item(j, j)
                L_bar[j, j] -= s_bar * L.item(i, j)
            A_bar[i, j] = s_bar
            for k in range(j):
                L_bar[i, k] -= s_bar * L.item(j, k)
                L_bar[j, k] -= s_bar * L.item(i, k)
    return A_bar


def cholesky_loops(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, i] = math.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    L_bar = np.zeros((n, n))
    for i in range(n):
        L_bar[i, i] = 2.0 / L[i, i]
    A_bar = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i, -1, -1):
            if i == j:
                s_bar = 0.5 * L_bar[i, i] / L[i, i]
            else:
                s_bar = L_bar[i, j] / L[j, j]
                L_bar[j, j] -= s_bar * L[i, j]
            A_bar[i, j] = s_bar
            for k in range(j):
                L_bar[i, k] -= s_bar * L[j, k]
                L_bar[j, k] -= s_bar * L[i, k]
    return A_bar


def cholesky_changed(A):
    """The gradient of the logarithm of a determinant is the inverse."""
    A_bar = np.linalg.inv(np.tril(A) + np.tril(A, -1).T)
    return np.tril(2.0 * A_bar) - np.diag(np.diag(A_bar))


def positive(n):
    B = random().normal(size=(n, n))
    return (B @ B.T + n * np.eye(n),)


WORKLOADS = [
    Workload(
        "n-body by arrays",
        bodies,
        bodies_hand,
        args=bodies_args,
        sizes=((50, 10),),
        small=(4, 3),
        wrt=(0, 1, 2),
        loops=bodies_loops,
        dialect=bodies_dialect,
    ),
    Workload(
        "n-body by scalar loops",
        planets,
        planets_hand,
        args=planets_args,
        sizes=((5, 100),),
        small=(4, 3),
        kind="loops",
        wrt=(0, 1, 2, 3, 4),
        loops=planets_loops,
    ),
    Workload(
        "Cholesky by loops",
        cholesky,
        cholesky_hand,
        args=positive,
        sizes=(30,),
        small=5,
        kind="loops",
        loops=cholesky_loops,
        changed=cholesky_changed,
        growth=(8, 16, 32, 64),
    ),
]
