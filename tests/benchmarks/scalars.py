"""Workloads on numbers: small functions, loops whose state is a few floats."""

from __future__ import annotations

import math

import numpy as np

from tests.benchmarks.workload import Workload

# ---- a function of two numbers -----------------------------------------------------


def textbook(x1, x2):
    return math.log(x1) + x1 * x2 - math.sin(x2)


def textbook_hand(x1, x2):
    return 1.0 / x1 + x2, x1 - math.cos(x2)


# ---- Newton's iteration ------------------------------------------------------------


def newton(a, x):
    """The cube root of a, from x."""
    while abs(x * x * x - a) > 1e-12 * a:
        x = x - (x * x * x - a) / (3.0 * x * x)
    return x


def newton_hand(a, x):
    kept = []
    while abs(x * x * x - a) > 1e-12 * a:
        kept.append(x)
        x = x - (x * x * x - a) / (3.0 * x * x)
    a_bar = 0.0
    x_bar = 1.0
    for x in reversed(kept):
        square = x * x
        slope = 3.0 * square
        t = x_bar / slope
        a_bar += t
        x_bar += (6.0 * x * ((square * x - a) / slope) - slope) * t
    return a_bar


def newton_loops(a, x):
    kept = []
    while abs(x * x * x - a) > 1e-12 * a:
        kept.append(x)
        x = x - (x * x * x - a) / (3.0 * x * x)
    a_bar = 0.0
    x_bar = 1.0
    while len(kept) > 0:
        x = kept.pop()
        square = x * x
        slope = 3.0 * square
        t = x_bar / slope
        a_bar += t
        x_bar += (6.0 * x * ((square * x - a) / slope) - slope) * t
    return a_bar


# ---- Runge-Kutta -------------------------------------------------------------------


def pendulum(angle, speed, damping, n):
    """Where a damped pendulum is after n steps of the classical Runge-Kutta method."""
    h = 10.0 / n
    for _ in range(n):
        a1 = speed
        b1 = -math.sin(angle) - damping * speed
        a2 = speed + 0.5 * h * b1
        b2 = -math.sin(angle + 0.5 * h * a1) - damping * a2
        a3 = speed + 0.5 * h * b2
        b3 = -math.sin(angle + 0.5 * h * a2) - damping * a3
        a4 = speed + h * b3
        b4 = -math.sin(angle + h * a3) - damping * a4
        angle = angle + h / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
        speed = speed + h / 6.0 * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
    return angle * angle + speed * speed


def pendulum_hand(angle, speed, damping, n):
    """Keeps the state of each step, and computes the stages again."""
    h = 10.0 / n
    half, sixth = 0.5 * h, h / 6.0
    angles, speeds = [], []
    for _ in range(n):
        angles.append(angle)
        speeds.append(speed)
        b1 = -math.sin(angle) - damping * speed
        a2 = speed + half * b1
        b2 = -math.sin(angle + half * speed) - damping * a2
        a3 = speed + half * b2
        b3 = -math.sin(angle + half * a2) - damping * a3
        a4 = speed + h * b3
        b4 = -math.sin(angle + h * a3) - damping * a4
        angle += sixth * (speed + 2.0 * a2 + 2.0 * a3 + a4)
        speed += sixth * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
    angle_bar = 2.0 * angle
    speed_bar = 2.0 * speed
    damping_bar = 0.0
    for angle, speed in zip(reversed(angles), reversed(speeds)):
        b1 = -math.sin(angle) - damping * speed
        a2 = speed + half * b1
        angle2 = angle + half * speed
        b2 = -math.sin(angle2) - damping * a2
        a3 = speed + half * b2
        angle3 = angle + half * a2
        b3 = -math.sin(angle3) - damping * a3
        a4 = speed + h * b3
        angle4 = angle + h * a3
        # the stages, the last one first
        s = sixth * angle_bar
        b4_bar = sixth * speed_bar
        a4_bar = s - damping * b4_bar
        t4 = math.cos(angle4) * b4_bar
        b3_bar = 2.0 * b4_bar + h * a4_bar
        a3_bar = 2.0 * s - h * t4 - damping * b3_bar
        t3 = math.cos(angle3) * b3_bar
        b2_bar = 2.0 * b4_bar + half * a3_bar
        a2_bar = 2.0 * s - half * t3 - damping * b2_bar
        t2 = math.cos(angle2) * b2_bar
        b1_bar = b4_bar + half * a2_bar
        damping_bar -= a4 * b4_bar + a3 * b3_bar + a2 * b2_bar + speed * b1_bar
        angle_bar -= t4 + t3 + t2 + math.cos(angle) * b1_bar
        speed_bar += s - half * t2 - damping * b1_bar + a2_bar + a3_bar + a4_bar
    return angle_bar, speed_bar, damping_bar


def pendulum_loops(angle, speed, damping, n):
    h = 10.0 / n
    half, sixth = 0.5 * h, h / 6.0
    kept = np.empty((n, 2))
    for i in range(n):
        kept[i, 0] = angle
        kept[i, 1] = speed
        b1 = -math.sin(angle) - damping * speed
        a2 = speed + half * b1
        b2 = -math.sin(angle + half * speed) - damping * a2
        a3 = speed + half * b2
        b3 = -math.sin(angle + half * a2) - damping * a3
        a4 = speed + h * b3
        b4 = -math.sin(angle + h * a3) - damping * a4
        angle += sixth * (speed + 2.0 * a2 + 2.0 * a3 + a4)
        speed += sixth * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
    angle_bar = 2.0 * angle
    speed_bar = 2.0 * speed
    damping_bar = 0.0
    for i in range(n - 1, -1, -1):
        angle = kept[i, 0]
        speed = kept[i, 1]
        b1 = -math.sin(angle) - damping * speed
        a2 = speed + half * b1
        angle2 = angle + half * speed
        b2 = -math.sin(angle2) - damping * a2
        a3 = speed + half * b2
        angle3 = angle + half * a2
        b3 = -math.sin(angle3) - damping * a3
        a4 = speed + h * b3
        angle4 = angle + h * a3
        s = sixth * angle_bar
        b4_bar = sixth * speed_bar
        a4_bar = s - damping * b4_bar
        t4 = math.cos(angle4) * b4_bar
        b3_bar = 2.0 * b4_bar + h * a4_bar
        a3_bar = 2.0 * s - h * t4 - damping * b3_bar
        t3 = math.cos(angle3) * b3_bar
        b2_bar = 2.0 * b4_bar + half * a3_bar
        a2_bar = 2.0 * s - half * t3 - damping * b2_bar
        t2 = math.cos(angle2) * b2_bar
        b1_bar = b4_bar + half * a2_bar
        damping_bar -= a4 * b4_bar + a3 * b3_bar + a2 * b2_bar + speed * b1_bar
        angle_bar -= t4 + t3 + t2 + math.cos(angle) * b1_bar
        speed_bar += s - half * t2 - damping * b1_bar + a2_bar + a3_bar + a4_bar
    return angle_bar, speed_bar, damping_bar


WORKLOADS = [
    Workload(
        "function of two numbers",
        textbook,
        textbook_hand,
        args=lambda n: (2.0, 5.0),
        sizes=(1,),
        small=1,
        kind="numbers",
        wrt=(0, 1),
    ),
    Workload(
        "Newton's iteration",
        newton,
        newton_hand,
        args=lambda n: (2.0 * n, 100.0),
        sizes=(1,),
        small=3,
        kind="loops",
        loops=newton_loops,
    ),
    Workload(
        "Runge-Kutta",
        pendulum,
        pendulum_hand,
        args=lambda n: (1.0, 0.5, 0.1, n),
        sizes=(1000, 100_000),
        small=20,
        kind="loops",
        wrt=(0, 1, 2),
        loops=pendulum_loops,
    ),
]
