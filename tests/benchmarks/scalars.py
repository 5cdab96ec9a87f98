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


# ---- Runge-Kutta, the right-hand side in a function of its own ---------------------


def motion(a, b, u, v, ratio):
    """How the angles of a double pendulum, and their speeds, change."""
    d = a - b
    s, c = math.sin(d), math.cos(d)
    inertia = 1.0 + ratio * s * s
    pull = ratio * math.sin(b) * c - (1.0 + ratio) * math.sin(a)
    du = (9.81 * pull - ratio * s * (v * v + u * u * c)) / inertia
    swing = (1.0 + ratio) * (9.81 * math.sin(a) * c + u * u * s - 9.81 * math.sin(b))
    dv = (swing + ratio * v * v * s * c) / inertia
    return u, v, du, dv


def double_pendulum(a, b, ratio, n):
    u = v = 0.0
    h = 0.01
    for _ in range(n):
        a1, b1, u1, v1 = motion(a, b, u, v, ratio)
        a2, b2, u2, v2 = motion(
            a + 0.5 * h * a1,
            b + 0.5 * h * b1,
            u + 0.5 * h * u1,
            v + 0.5 * h * v1,
            ratio,
        )
        a3, b3, u3, v3 = motion(
            a + 0.5 * h * a2,
            b + 0.5 * h * b2,
            u + 0.5 * h * u2,
            v + 0.5 * h * v2,
            ratio,
        )
        a4, b4, u4, v4 = motion(a + h * a3, b + h * b3, u + h * u3, v + h * v3, ratio)
        a = a + h / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
        b = b + h / 6.0 * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
        u = u + h / 6.0 * (u1 + 2.0 * u2 + 2.0 * u3 + u4)
        v = v + h / 6.0 * (v1 + 2.0 * v2 + 2.0 * v3 + v4)
    return math.sin(a) + math.sin(b)


def motion_bars(a, b, u, v, ratio, a_bar, b_bar, u_bar, v_bar):
    """Adjoints of the arguments; of the results come first those of u and v."""
    d = a - b
    s, c = math.sin(d), math.cos(d)
    sin_a, sin_b = math.sin(a), math.sin(b)
    rs, heavy = ratio * s, 1.0 + ratio
    inertia = 1.0 + rs * s
    around = v * v + u * u * c
    du = (9.81 * (ratio * sin_b * c - heavy * sin_a) - rs * around) / inertia
    inner = 9.81 * (sin_a * c - sin_b) + u * u * s
    dv = (heavy * inner + rs * v * v * c) / inertia
    p = u_bar / inertia
    q = v_bar / inertia
    inertia_bar = -(du * p + dv * q)
    pull_bar = 9.81 * p
    inner_bar = heavy * q
    rs_bar = v * v * c * q - around * p + s * inertia_bar
    c_bar = (
        rs * (v * v * q - u * u * p)
        + ratio * sin_b * pull_bar
        + 9.81 * sin_a * inner_bar
    )
    s_bar = u * u * inner_bar + rs * inertia_bar + ratio * rs_bar
    d_bar = c * s_bar - s * c_bar
    return (
        math.cos(a) * (9.81 * c * inner_bar - heavy * pull_bar) + d_bar,
        math.cos(b) * (ratio * c * pull_bar - 9.81 * inner_bar) - d_bar,
        a_bar + 2.0 * u * (s * inner_bar - rs * c * p),
        b_bar + 2.0 * v * rs * (c * q - p),
        inner * q + (sin_b * c - sin_a) * pull_bar + s * rs_bar,
    )


def step_forward(a, b, u, v, ratio, h):
    half, sixth = 0.5 * h, h / 6.0
    a1, b1, u1, v1 = motion(a, b, u, v, ratio)
    a2, b2, u2, v2 = motion(
        a + half * a1, b + half * b1, u + half * u1, v + half * v1, ratio
    )
    a3, b3, u3, v3 = motion(
        a + half * a2, b + half * b2, u + half * u2, v + half * v2, ratio
    )
    a4, b4, u4, v4 = motion(a + h * a3, b + h * b3, u + h * u3, v + h * v3, ratio)
    return (
        a + sixth * (a1 + 2.0 * a2 + 2.0 * a3 + a4),
        b + sixth * (b1 + 2.0 * b2 + 2.0 * b3 + b4),
        u + sixth * (u1 + 2.0 * u2 + 2.0 * u3 + u4),
        v + sixth * (v1 + 2.0 * v2 + 2.0 * v3 + v4),
    )


def step_back(a, b, u, v, ratio, h, a_bar, b_bar, u_bar, v_bar):
    """Computes the stages again; the last one's adjoint comes first."""
    half, sixth = 0.5 * h, h / 6.0
    a1, b1, u1, v1 = motion(a, b, u, v, ratio)
    x2, y2, z2, w2 = a + half * a1, b + half * b1, u + half * u1, v + half * v1
    a2, b2, u2, v2 = motion(x2, y2, z2, w2, ratio)
    x3, y3, z3, w3 = a + half * a2, b + half * b2, u + half * u2, v + half * v2
    a3, b3, u3, v3 = motion(x3, y3, z3, w3, ratio)
    x4, y4, z4, w4 = a + h * a3, b + h * b3, u + h * u3, v + h * v3
    k1, l1, m1, n1 = sixth * a_bar, sixth * b_bar, sixth * u_bar, sixth * v_bar
    k2, l2, m2, n2 = 2.0 * k1, 2.0 * l1, 2.0 * m1, 2.0 * n1
    x4, y4, z4, w4, r4 = motion_bars(x4, y4, z4, w4, ratio, k1, l1, m1, n1)
    x3, y3, z3, w3, r3 = motion_bars(
        x3, y3, z3, w3, ratio, k2 + h * x4, l2 + h * y4, m2 + h * z4, n2 + h * w4
    )
    k2, l2, m2, n2 = k2 + half * x3, l2 + half * y3, m2 + half * z3, n2 + half * w3
    x2, y2, z2, w2, r2 = motion_bars(x2, y2, z2, w2, ratio, k2, l2, m2, n2)
    k1, l1, m1, n1 = k1 + half * x2, l1 + half * y2, m1 + half * z2, n1 + half * w2
    x1, y1, z1, w1, r1 = motion_bars(a, b, u, v, ratio, k1, l1, m1, n1)
    return (
        a_bar + x1 + x2 + x3 + x4,
        b_bar + y1 + y2 + y3 + y4,
        u_bar + z1 + z2 + z3 + z4,
        v_bar + w1 + w2 + w3 + w4,
        r1 + r2 + r3 + r4,
    )


def double_pendulum_hand(a, b, ratio, n):
    """Keeps the state of each step."""
    h = 0.01
    u = v = 0.0
    states = []
    for _ in range(n):
        states.append((a, b, u, v))
        a, b, u, v = step_forward(a, b, u, v, ratio, h)
    a_bar, b_bar = math.cos(a), math.cos(b)
    u_bar = v_bar = ratio_bar = 0.0
    for a, b, u, v in reversed(states):
        a_bar, b_bar, u_bar, v_bar, t = step_back(
            a, b, u, v, ratio, h, a_bar, b_bar, u_bar, v_bar
        )
        ratio_bar += t
    return a_bar, b_bar, ratio_bar


def double_pendulum_loops(a, b, ratio, n):
    h = 0.01
    u = v = 0.0
    kept = np.empty((n, 4))
    for i in range(n):
        kept[i, 0], kept[i, 1], kept[i, 2], kept[i, 3] = a, b, u, v
        a, b, u, v = step_forward(a, b, u, v, ratio, h)
    a_bar, b_bar = math.cos(a), math.cos(b)
    u_bar = v_bar = ratio_bar = 0.0
    for i in range(n - 1, -1, -1):
        a, b, u, v = kept[i, 0], kept[i, 1], kept[i, 2], kept[i, 3]
        a_bar, b_bar, u_bar, v_bar, t = step_back(
            a, b, u, v, ratio, h, a_bar, b_bar, u_bar, v_bar
        )
        ratio_bar += t
    return a_bar, b_bar, ratio_bar


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
    Workload(
        "Runge-Kutta with a helper",
        double_pendulum,
        double_pendulum_hand,
        args=lambda n: (1.0, 0.5, 0.8, n),
        sizes=(200,),
        small=20,
        kind="loops",
        wrt=(0, 1, 2),
        loops=double_pendulum_loops,
    ),
]
