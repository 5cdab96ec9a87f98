"""Workloads on whole vectors, without a loop."""

from __future__ import annotations

import math

import numpy as np

from tests.benchmarks.workload import Workload, random

# ---- Rosenbrock's valley -----------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_hand(x):
    left = x[:-1]
    t = x[1:] - left * left
    t *= 200.0
    x_bar = np.empty_like(x)
    x_bar[-1] = 0.0
    inner = x_bar[:-1]
    np.multiply(left, t, out=inner)
    inner *= -2.0
    inner -= 2.0 * (1.0 - left)
    x_bar[1:] += t
    return x_bar


def rosenbrock_loops(x):
    n = len(x)
    x_bar = np.empty_like(x)
    carried = 0.0
    for i in range(n - 1):
        left = x[i]
        t = 200.0 * (x[i + 1] - left * left)
        x_bar[i] = carried - 2.0 * left * t - 2.0 * (1.0 - left)
        carried = t
    x_bar[n - 1] = carried
    return x_bar


# ---- prices of options after Black and Scholes --------------------------------------


def cdf(x):
    """The normal distribution, by a formula that is right to three digits."""
    return 0.5 * (1.0 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def black_scholes(S, K, T, sigma, r):
    deviation = sigma * np.sqrt(T)
    d1 = (np.log(S / K) + (r + 0.5 * sigma**2) * T) / deviation
    d2 = d1 - deviation
    return np.sum(S * cdf(d1) - K * np.exp(-r * T) * cdf(d2))


def black_scholes_hand(S, K, T, sigma, r):
    """With respect to S, T, sigma and r."""
    root = np.sqrt(T)
    deviation = sigma * root
    half = 0.5 * sigma
    half *= sigma
    half += r
    d1 = np.log(S / K)
    d1 += half * T
    d1 /= deviation
    d2 = d1 - deviation
    N1, n1 = cdf_and_slope(d1)
    N2, d2_bar = cdf_and_slope(d2)
    discounted = K * np.exp(-r * T)
    d2_bar *= discounted
    np.negative(d2_bar, out=d2_bar)
    N2 *= discounted  # what is paid, and its slopes in r and T
    # d1: its own share, and through d2
    n1 *= S
    n1 += d2_bar
    n1 /= deviation
    deviation_bar = n1 * d1
    deviation_bar += d2_bar
    S_bar = n1 / S
    S_bar += N1
    half_bar = n1 * T
    r_bar = np.sum(half_bar) + np.dot(N2, T)
    T_bar = n1 * half
    N2 *= r
    T_bar += N2
    deviation_bar *= -1.0
    half_bar *= sigma
    half_bar += deviation_bar * root
    deviation_bar *= sigma
    deviation_bar /= root
    deviation_bar *= 0.5
    T_bar += deviation_bar
    return S_bar, T_bar, half_bar, r_bar


def cdf_and_slope(x):
    square = x * x
    y = 0.044715 * square
    y += 1.0
    y *= x
    y *= 0.7978845608
    np.tanh(y, out=y)
    square *= 0.134145
    square += 1.0
    square *= 0.3989422804
    square *= 1.0 - y * y
    y += 1.0
    y *= 0.5
    return y, square


def black_scholes_loops(S, K, T, sigma, r):
    n = len(S)
    S_bar = np.empty(n)
    T_bar = np.empty(n)
    sigma_bar = np.empty(n)
    r_bar = 0.0
    for i in range(n):
        s, t, v = S[i], T[i], sigma[i]
        root = math.sqrt(t)
        deviation = v * root
        half = r + 0.5 * v * v
        d1 = (math.log(s / K[i]) + half * t) / deviation
        d2 = d1 - deviation
        square1, square2 = d1 * d1, d2 * d2
        y1 = math.tanh(0.7978845608 * d1 * (1.0 + 0.044715 * square1))
        y2 = math.tanh(0.7978845608 * d2 * (1.0 + 0.044715 * square2))
        discounted = K[i] * math.exp(-r * t)
        paid = discounted * 0.5 * (1.0 + y2)
        slope1 = 0.3989422804 * (1.0 - y1 * y1) * (1.0 + 0.134145 * square1)
        slope2 = 0.3989422804 * (1.0 - y2 * y2) * (1.0 + 0.134145 * square2)
        d2_bar = -discounted * slope2
        a = (s * slope1 + d2_bar) / deviation
        deviation_bar = -(a * d1 + d2_bar)
        S_bar[i] = a / s + 0.5 * (1.0 + y1)
        T_bar[i] = a * half + r * paid + 0.5 * deviation_bar * v / root
        sigma_bar[i] = a * t * v + deviation_bar * root
        r_bar += (a + paid) * t
    return S_bar, T_bar, sigma_bar, r_bar


def black_scholes_dialect(S, K, T, sigma, r):
    deviation = sigma * np.sqrt(T)
    d1 = (np.log(S / K) + (r + 0.5 * sigma**2) * T) / deviation
    d2 = d1 - deviation
    N1 = 0.5 * (1.0 + np.tanh(0.7978845608 * (d1 + 0.044715 * d1**3)))
    N2 = 0.5 * (1.0 + np.tanh(0.7978845608 * (d2 + 0.044715 * d2**3)))
    return np.sum(S * N1 - K * np.exp(-r * T) * N2)


def options(n):
    draw = random()
    S, K = draw.uniform(80.0, 120.0, n), draw.uniform(80.0, 120.0, n)
    return S, K, draw.uniform(0.2, 2.0, n), draw.uniform(0.1, 0.5, n), 0.03


WORKLOADS = [
    Workload(
        "Rosenbrock",
        rosenbrock,
        rosenbrock_hand,
        args=lambda n: (random().uniform(-1.0, 1.0, n),),
        sizes=(10, 1000, 1_000_000),
        small=7,
        loops=rosenbrock_loops,
        growth=(10, 100, 1000, 10_000, 100_000, 1_000_000),
    ),
    Workload(
        "Black-Scholes",
        black_scholes,
        black_scholes_hand,
        args=options,
        sizes=(100, 100_000),
        small=6,
        wrt=(0, 2, 3, 4),
        loops=black_scholes_loops,
        dialect=black_scholes_dialect,
    ),
]
