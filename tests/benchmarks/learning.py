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


WORKLOADS = [
    Workload(
        "logistic regression",
        logistic,
        logistic_hand,
        args=logistic_args,
        sizes=((100, 10), (10_000, 100)),
        small=(5, 3),
        loops=logistic_loops,
    ),
    Workload(
        "two-layer network",
        network,
        network_hand,
        args=network_args,
        sizes=((16, 10, 16, 3), (512, 256, 512, 10)),
        small=(4, 3, 5, 2),
        wrt=(0, 1, 2, 3),
        loops=network_loops,
    ),
]
