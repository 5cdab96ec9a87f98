"""Programs that overwrite arrays, for peers that refuse to: autograd, and PyTorch where a
value that the gradient needs would be lost.

Sweeps by slices put the pieces together anew; loops over elements go over lists.
"""

from __future__ import annotations

import math

import numpy as np

from tests.benchmarks.physics import DT


def heat(u, r, n):
    for _ in range(n):
        inner = u[1:-1] + r * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u = np.concatenate((u[:1], inner, u[-1:]))
    return np.sum(u * u)


def plate(u, r, n):
    for _ in range(n):
        c = u[1:-1, 1:-1]
        near = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        c = c + r * (near - 4.0 * c) + 0.01 * (c - c * c * c)
        middle = np.concatenate((u[1:-1, :1], c, u[1:-1, -1:]), axis=1)
        u = np.concatenate((u[:1], middle, u[-1:]))
    return np.sum(u * u)


def burgers(u, n):
    u = list(u)
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] = u[i] - 0.1 * u[i] * (u[i + 1] - u[i - 1])
    return sum(x * x for x in u)


def conduction(u, k, n):
    u, k = [list(row) for row in u], [list(row) for row in k]
    rows, cols = len(u), len(u[0])
    for _ in range(n):
        v = [list(row) for row in u]
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1][j] + u[i - 1][j] + u[i][j + 1] + u[i][j - 1]
                v[i][j] = u[i][j] + k[i][j] * (near - 4.0 * u[i][j])
        u = v
    return sum(x * x for row in u for x in row)


def gauss_seidel(f, n):
    f = [list(row) for row in f]
    rows, cols = len(f), len(f[0])
    u = [[0.0] * cols for _ in range(rows)]
    for _ in range(n):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                near = u[i + 1][j] + u[i - 1][j] + u[i][j + 1] + u[i][j - 1]
                u[i][j] = 0.25 * (near + f[i][j])
    return sum(x * x for row in u for x in row)


def planets(x, y, vx, vy, mass, n):
    x, y, vx, vy, mass = list(x), list(y), list(vx), list(vy), list(mass)
    m = len(mass)
    for _ in range(n):
        for i in range(m):
            for j in range(i + 1, m):
                dx = x[j] - x[i]
                dy = y[j] - y[i]
                r2 = dx * dx + dy * dy + 0.01
                w = DT / (r2 * math.sqrt(r2))
                vx[i] = vx[i] + w * mass[j] * dx
                vy[i] = vy[i] + w * mass[j] * dy
                vx[j] = vx[j] - w * mass[i] * dx
                vy[j] = vy[j] - w * mass[i] * dy
        for i in range(m):
            x[i] = x[i] + DT * vx[i]
            y[i] = y[i] + DT * vy[i]
    return sum(a * a for a in x) + sum(b * b for b in y)


def cholesky(A):
    n = len(A)
    A = [list(row) for row in A]
    L = [[0.0] * n for _ in range(n)]
    total = 0.0
    for i in range(n):
        for j in range(i + 1):
            s = A[i][j]
            for k in range(j):
                s = s - L[i][k] * L[j][k]
            L[i][j] = math.sqrt(s) if i == j else s / L[j][j]
        total = total + 2.0 * math.log(L[i][i])
    return total


VERSIONS = {
    "1-D stencil by slices": heat,
    "1-D stencil by scalar loops": burgers,
    "2-D stencil by slices": plate,
    "2-D stencil by scalar loops": conduction,
    "Gauss-Seidel": gauss_seidel,
    "n-body by scalar loops": planets,
    "Cholesky by loops": cholesky,
}
