"""Workloads of learning: regression, a network, a mixture; products of matrices rule."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.workload import Workload, random

# ---- logistic regression -----------------------------------------------------------


def logistic(w, X, y):
    """Mean loss; y holds -1 and 1."""
    z = X @ w
    return np.mean(np.log1p(np.exp(-y * z))) + 0.01 * np.sum(w * w)


def logistic_hand(w, X, y):
    minus_y = -y
    e = np.exp(minus_y * (X @ w))
    e /= 1.0 + e
    e *= minus_y
    e /= len(y)
    w_bar = e @ X
    w_bar += 0.02 * w
    return w_bar


def logistic_loops(w, X, y):
    z_bar = X @ w
    n = len(y)
    for i in range(n):
        e = np.exp(-y[i] * z_bar[i])
        z_bar[i] = -y[i] * e / (1.0 + e) / n
    w_bar = z_bar @ X
    for j in range(len(w)):
        w_bar[j] += 0.02 * w[j]
    return w_bar


def logistic_args(n, d):
    draw = random()
    X = draw.normal(size=(n, d))
    y = np.where(X @ draw.normal(size=d) > 0.0, 1.0, -1.0)
    return 0.1 * draw.normal(size=d), X, y


# ---- a network of two layers -------------------------------------------------------


def network(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    R = H @ W2 + b2 - Y
    return 0.5 * np.mean(R * R)


def network_hand(W1, b1, W2, b2, X, Y):
    H = X @ W1
    H += b1
    np.tanh(H, out=H)
    R = H @ W2
    R += b2
    R -= Y
    R /= R.size
    W2_bar = H.T @ R
    b2_bar = R.sum(axis=0)
    A_bar = R @ W2.T
    H *= H
    np.subtract(1.0, H, out=H)
    A_bar *= H
    return X.T @ A_bar, A_bar.sum(axis=0), W2_bar, b2_bar


def network_loops(W1, b1, W2, b2, X, Y):
    H = X @ W1
    n, h = H.shape
    for i in range(n):
        for j in range(h):
            H[i, j] = np.tanh(H[i, j] + b1[j])
    R = H @ W2
    k = R.shape[1]
    b2_bar = np.zeros_like(b2)
    scale = 1.0 / R.size
    for i in range(n):
        for j in range(k):
            r = (R[i, j] + b2[j] - Y[i, j]) * scale
            R[i, j] = r
            b2_bar[j] += r
    W2_bar = H.T @ R
    A_bar = R @ W2.T
    b1_bar = np.zeros_like(b1)
    for i in range(n):
        for j in range(h):
            y = H[i, j]
            a = A_bar[i, j] * (1.0 - y * y)
            A_bar[i, j] = a
            b1_bar[j] += a
    return X.T @ A_bar, b1_bar, W2_bar, b2_bar


def network_args(n, d, h, k):
    draw = random()
    W1 = draw.normal(size=(d, h)) / np.sqrt(d)
    W2 = draw.normal(size=(h, k)) / np.sqrt(h)
    X, Y = draw.normal(size=(n, d)), draw.normal(size=(n, k))
    return W1, 0.1 * draw.normal(size=h), W2, 0.1 * draw.normal(size=k), X, Y


# ---- likelihood of a Gaussian mixture ------------------------------------------------


def log_sum_exp(x):
    """Along the last axis."""
    m = np.max(x, axis=-1, keepdims=True)
    return np.squeeze(m, axis=-1) + np.log(np.sum(np.exp(x - m), axis=-1))


def mixture(weights, means, scales, X):
    """Logarithms of weights and of inverse deviations, one for each axis."""
    D = (X[:, None, :] - means) * np.exp(scales)
    inner = weights + np.sum(scales, axis=1) - 0.5 * np.sum(D * D, axis=2)
    return np.sum(log_sum_exp(inner)) - len(X) * log_sum_exp(weights)


def mixture_hand(weights, means, scales, X):
    E = np.exp(scales)
    D = X[:, None, :] - means
    D *= E
    P = np.einsum("nkd,nkd->nk", D, D)
    P *= -0.5
    P += weights + scales.sum(axis=1)
    P -= P.max(axis=1, keepdims=True)
    np.exp(P, out=P)
    P /= P.sum(axis=1, keepdims=True)  # how far each point belongs to each part
    counts = P.sum(axis=0)
    w = np.exp(weights - weights.max())
    w *= len(X) / w.sum()
    means_bar = np.einsum("nk,nkd->kd", P, D)
    means_bar *= E
    scales_bar = counts[:, None] - np.einsum("nk,nkd,nkd->kd", P, D, D)
    return counts - w, means_bar, scales_bar


def mixture_loops(weights, means, scales, X):
    n, d = X.shape
    k = len(weights)
    E = np.exp(scales)
    base = np.empty(k)
    for j in range(k):
        base[j] = weights[j]
        for a in range(d):
            base[j] += scales[j, a]
    w_bar = np.zeros(k)
    means_bar = np.zeros((k, d))
    scales_bar = np.zeros((k, d))
    D = np.empty((k, d))
    P = np.empty(k)
    for i in range(n):
        for j in range(k):
            s = 0.0
            for a in range(d):
                t = (X[i, a] - means[j, a]) * E[j, a]
                D[j, a] = t
                s += t * t
            P[j] = base[j] - 0.5 * s
        top = P.max()
        total = 0.0
        for j in range(k):
            P[j] = np.exp(P[j] - top)
            total += P[j]
        for j in range(k):
            p = P[j] / total
            w_bar[j] += p
            for a in range(d):
                t = p * D[j, a]
                means_bar[j, a] += t
                scales_bar[j, a] -= t * D[j, a]
    w = np.exp(weights - weights.max())
    w *= n / w.sum()
    for j in range(k):
        for a in range(d):
            means_bar[j, a] *= E[j, a]
            scales_bar[j, a] += w_bar[j]
        w_bar[j] -= w[j]
    return w_bar, means_bar, scales_bar


def mixture_dialect(weights, means, scales, X):
    n, d = X.shape
    k = len(weights)
    E = np.exp(scales)
    base = weights + np.sum(scales, axis=1)
    total = 0.0
    P = np.empty(k)
    for i in range(n):
        for j in range(k):
            s = 0.0
            for a in range(d):
                t = (X[i, a] - means[j, a]) * E[j, a]
                s += t * t
            P[j] = base[j] - 0.5 * s
        m = P.max()
        total += m + np.log(np.sum(np.exp(P - m)))
    m = weights.max()
    return total - n * (m + np.log(np.sum(np.exp(weights - m))))


def mixture_args(n, k, d):
    draw = random()
    means = draw.normal(size=(k, d))
    X = means[draw.integers(0, k, n)] + 0.5 * draw.normal(size=(n, d))
    scales = 0.3 * draw.normal(size=(k, d))
    return draw.normal(size=k), means + 0.1, scales, X


WORKLOADS = [
    Workload(
        "logistic regression",
        logistic,
        logistic_hand,
        args=logistic_args,
        sizes=((100, 10), (10_000, 100)),
        small=(5, 3),
        kind="dense",
        loops=logistic_loops,
    ),
    Workload(
        "two-layer network",
        network,
        network_hand,
        args=network_args,
        sizes=((16, 10, 16, 3), (512, 256, 512, 10)),
        small=(4, 3, 5, 2),
        kind="dense",
        wrt=(0, 1, 2, 3),
        loops=network_loops,
    ),
    Workload(
        "Gaussian mixture",
        mixture,
        mixture_hand,
        args=mixture_args,
        sizes=((100, 3, 2), (5000, 10, 10)),
        small=(5, 3, 2),
        kind="dense",
        wrt=(0, 1, 2),
        loops=mixture_loops,
        dialect=mixture_dialect,
    ),
]
