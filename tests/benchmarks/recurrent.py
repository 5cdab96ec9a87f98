"""Workloads of sequences: networks that hand a state from step to step."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.workload import Workload, random

# ---- a recurrent network -----------------------------------------------------------


def rnn(W, U, b, X):
    """X holds a batch of inputs for each step."""
    h = np.zeros((X.shape[1], U.shape[0]))
    for x in X:
        h = np.tanh(x @ W + h @ U + b)
    return np.sum(h * h)


def rnn_hand(W, U, b, X):
    """Weights are served after the loop, by one product over all steps."""
    steps, batch, _ = X.shape
    hidden = len(b)
    H = np.empty((steps + 1, batch, hidden))
    H[0] = 0.0
    for t in range(steps):
        a = X[t] @ W
        a += H[t] @ U
        a += b
        np.tanh(a, out=H[t + 1])
    A_bar = np.empty((steps, batch, hidden))
    h_bar = 2.0 * H[steps]
    for t in range(steps - 1, -1, -1):
        a_bar = A_bar[t]
        np.multiply(H[t + 1], H[t + 1], out=a_bar)
        np.subtract(1.0, a_bar, out=a_bar)
        a_bar *= h_bar
        h_bar = a_bar @ U.T
    flat = A_bar.reshape(-1, hidden)
    W_bar = X.reshape(-1, X.shape[2]).T @ flat
    U_bar = H[:-1].reshape(-1, hidden).T @ flat
    return W_bar, U_bar, flat.sum(axis=0)


def rnn_loops(W, U, b, X):
    steps, batch, inputs = X.shape
    hidden = len(b)
    H = np.empty((steps + 1, batch, hidden))
    H[0] = 0.0
    for t in range(steps):
        a = X[t] @ W
        a += H[t] @ U
        for i in range(batch):
            for j in range(hidden):
                H[t + 1, i, j] = np.tanh(a[i, j] + b[j])
    A_bar = np.empty((steps, batch, hidden))
    b_bar = np.zeros(hidden)
    h_bar = 2.0 * H[steps]
    UT = np.ascontiguousarray(U.T)
    for t in range(steps - 1, -1, -1):
        for i in range(batch):
            for j in range(hidden):
                h = H[t + 1, i, j]
                a = (1.0 - h * h) * h_bar[i, j]
                A_bar[t, i, j] = a
                b_bar[j] += a
        h_bar = A_bar[t] @ UT
    flat = A_bar.reshape((steps * batch, hidden))
    W_bar = np.ascontiguousarray(X).reshape((steps * batch, inputs)).T @ flat
    U_bar = H[:steps].reshape((steps * batch, hidden)).T @ flat
    return W_bar, U_bar, b_bar


def rnn_dialect(W, U, b, X):
    h = np.zeros((X.shape[1], U.shape[0]))
    for t in range(len(X)):
        h = np.tanh(X[t] @ W + h @ U + b)
    return np.sum(h * h)


def rnn_args(steps, batch, inputs, hidden):
    draw = random()
    W = draw.normal(size=(inputs, hidden)) / np.sqrt(inputs)
    U = draw.normal(size=(hidden, hidden)) / np.sqrt(hidden)
    return (
        W,
        U,
        0.1 * draw.normal(size=hidden),
        draw.normal(size=(steps, batch, inputs)),
    )


# ---- long short-term memory --------------------------------------------------------


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(W, U, b, X):
    """The four gates stand side by side in W, U and b."""
    n = U.shape[0]
    h = np.zeros((X.shape[1], n))
    c = np.zeros((X.shape[1], n))
    for x in X:
        a = x @ W + h @ U + b
        i = sigmoid(a[:, :n])
        f = sigmoid(a[:, n : 2 * n])
        o = sigmoid(a[:, 2 * n : 3 * n])
        g = np.tanh(a[:, 3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
    return np.sum(h * h)


def lstm_hand(W, U, b, X):
    steps, batch, inputs = X.shape
    n = U.shape[0]
    H = np.empty((steps + 1, batch, n))
    C = np.empty((steps + 1, batch, n))
    T = np.empty((steps, batch, n))
    G = np.empty((steps, batch, 4 * n))
    H[0] = 0.0
    C[0] = 0.0
    for t in range(steps):
        a = G[t]
        np.matmul(X[t], W, out=a)
        a += H[t] @ U
        a += b
        gates, g = a[:, : 3 * n], a[:, 3 * n :]
        np.negative(gates, out=gates)
        np.exp(gates, out=gates)
        gates += 1.0
        np.divide(1.0, gates, out=gates)
        np.tanh(g, out=g)
        c = C[t + 1]
        np.multiply(a[:, n : 2 * n], C[t], out=c)
        c += a[:, :n] * g
        np.tanh(c, out=T[t])
        np.multiply(a[:, 2 * n : 3 * n], T[t], out=H[t + 1])
    h_bar = 2.0 * H[steps]
    c_bar = None
    for t in range(steps - 1, -1, -1):
        a = G[t]
        i, f, o, g = a[:, :n], a[:, n : 2 * n], a[:, 2 * n : 3 * n], a[:, 3 * n :]
        tanh_c = T[t]
        d = h_bar * o
        o_bar = h_bar * tanh_c
        tanh_c *= tanh_c
        np.subtract(1.0, tanh_c, out=tanh_c)
        d *= tanh_c
        if c_bar is None:
            c_bar = d
        else:
            c_bar += d
        o_bar *= o
        o_bar *= 1.0 - o
        i_bar = c_bar * g
        i_bar *= i
        i_bar *= 1.0 - i
        f_bar = c_bar * C[t]
        f_bar *= f
        f_bar *= 1.0 - f
        g_bar = c_bar * i
        g *= g
        np.subtract(1.0, g, out=g)
        g *= g_bar
        c_bar *= f
        i[...], f[...], o[...] = i_bar, f_bar, o_bar  # from here on, a is its adjoint
        h_bar = a @ U.T
    flat = G.reshape(-1, 4 * n)
    W_bar = X.reshape(-1, inputs).T @ flat
    U_bar = H[:-1].reshape(-1, n).T @ flat
    return W_bar, U_bar, flat.sum(axis=0)


def lstm_loops(W, U, b, X):
    steps, batch, inputs = X.shape
    n = U.shape[0]
    H = np.empty((steps + 1, batch, n))
    C = np.empty((steps + 1, batch, n))
    T = np.empty((steps, batch, n))
    G = np.empty((steps, batch, 4 * n))
    H[0] = 0.0
    C[0] = 0.0
    for t in range(steps):
        a = X[t] @ W
        a += H[t] @ U
        for r in range(batch):
            for j in range(n):
                i = 1.0 / (1.0 + np.exp(-a[r, j] - b[j]))
                f = 1.0 / (1.0 + np.exp(-a[r, n + j] - b[n + j]))
                o = 1.0 / (1.0 + np.exp(-a[r, 2 * n + j] - b[2 * n + j]))
                g = np.tanh(a[r, 3 * n + j] + b[3 * n + j])
                c = f * C[t, r, j] + i * g
                tanh_c = np.tanh(c)
                G[t, r, j] = i
                G[t, r, n + j] = f
                G[t, r, 2 * n + j] = o
                G[t, r, 3 * n + j] = g
                C[t + 1, r, j] = c
                T[t, r, j] = tanh_c
                H[t + 1, r, j] = o * tanh_c
    h_bar = 2.0 * H[steps]
    c_bars = np.zeros((batch, n))
    b_bar = np.zeros(4 * n)
    UT = np.ascontiguousarray(U.T)
    for t in range(steps - 1, -1, -1):
        for r in range(batch):
            for j in range(n):
                i, f = G[t, r, j], G[t, r, n + j]
                o, g = G[t, r, 2 * n + j], G[t, r, 3 * n + j]
                tanh_c = T[t, r, j]
                c_bar = c_bars[r, j] + h_bar[r, j] * o * (1.0 - tanh_c * tanh_c)
                i_bar = c_bar * g * i * (1.0 - i)
                f_bar = c_bar * C[t, r, j] * f * (1.0 - f)
                o_bar = h_bar[r, j] * tanh_c * o * (1.0 - o)
                g_bar = c_bar * i * (1.0 - g * g)
                c_bars[r, j] = c_bar * f
                G[t, r, j] = i_bar
                G[t, r, n + j] = f_bar
                G[t, r, 2 * n + j] = o_bar
                G[t, r, 3 * n + j] = g_bar
                b_bar[j] += i_bar
                b_bar[n + j] += f_bar
                b_bar[2 * n + j] += o_bar
                b_bar[3 * n + j] += g_bar
        h_bar = G[t] @ UT
    flat = G.reshape((steps * batch, 4 * n))
    W_bar = np.ascontiguousarray(X).reshape((steps * batch, inputs)).T @ flat
    U_bar = H[:steps].reshape((steps * batch, n)).T @ flat
    return W_bar, U_bar, b_bar


def lstm_dialect(W, U, b, X):
    n = U.shape[0]
    h = np.zeros((X.shape[1], n))
    c = np.zeros((X.shape[1], n))
    for t in range(len(X)):
        a = X[t] @ W + h @ U + b
        i = 1.0 / (1.0 + np.exp(-a[:, :n]))
        f = 1.0 / (1.0 + np.exp(-a[:, n : 2 * n]))
        o = 1.0 / (1.0 + np.exp(-a[:, 2 * n : 3 * n]))
        g = np.tanh(a[:, 3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
    return np.sum(h * h)


def lstm_args(steps, batch, inputs, hidden):
    draw = random()
    W = draw.normal(size=(inputs, 4 * hidden)) / np.sqrt(inputs)
    U = draw.normal(size=(hidden, 4 * hidden)) / np.sqrt(hidden)
    b = 0.1 * draw.normal(size=4 * hidden)
    return W, U, b, draw.normal(size=(steps, batch, inputs))


WORKLOADS = [
    Workload(
        "recurrent network",
        rnn,
        rnn_hand,
        args=rnn_args,
        sizes=((50, 16, 8, 32),),
        small=(3, 2, 3, 4),
        wrt=(0, 1, 2),
        loops=rnn_loops,
        dialect=rnn_dialect,
    ),
    Workload(
        "LSTM",
        lstm,
        lstm_hand,
        args=lstm_args,
        sizes=((50, 16, 8, 32),),
        small=(3, 2, 3, 4),
        wrt=(0, 1, 2),
        loops=lstm_loops,
        dialect=lstm_dialect,
    ),
]
