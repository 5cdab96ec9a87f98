"""The workload of cameras: the Jacobian of a residual of bundle adjustment."""

from __future__ import annotations

import math

import numpy as np

from tests.benchmarks.workload import Workload, random


def residual(camera, point, weight, seen):
    """How far a point is seen from where a camera should see it, in two coordinates.

    The camera is a rotation by Rodrigues' formula, a centre, a focal length, the
    principal point, and two numbers of radial distortion.
    """
    r0, r1, r2 = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    theta = math.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    c, s = math.cos(theta), math.sin(theta)
    w0, w1, w2 = r0 / theta, r1 / theta, r2 / theta
    d = (w0 * x + w1 * y + w2 * z) * (1.0 - c)
    px = x * c + (w1 * z - w2 * y) * s + w0 * d
    py = y * c + (w2 * x - w0 * z) * s + w1 * d
    pz = z * c + (w0 * y - w1 * x) * s + w2 * d
    u, v = px / pz, py / pz
    q = u * u + v * v
    scale = camera[6] * (1.0 + camera[9] * q + camera[10] * q * q)
    return np.array(
        [
            weight * (u * scale + camera[7] - seen[0]),
            weight * (v * scale + camera[8] - seen[1]),
        ]
    )


def residual_hand(camera, point, weight, seen):
    """One sweep forward, and one back for each coordinate."""
    r0, r1, r2, cx, cy, cz, focal, mx, my, k1, k2 = camera.tolist()
    x, y, z = point.tolist()
    x -= cx
    y -= cy
    z -= cz
    theta = math.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    c, s = math.cos(theta), math.sin(theta)
    w0, w1, w2 = r0 / theta, r1 / theta, r2 / theta
    a0, a1, a2 = w1 * z - w2 * y, w2 * x - w0 * z, w0 * y - w1 * x
    along = w0 * x + w1 * y + w2 * z
    versed = 1.0 - c
    d = along * versed
    pz = z * c + a2 * s + w2 * d
    u = (x * c + a0 * s + w0 * d) / pz
    v = (y * c + a1 * s + w1 * d) / pz
    q = u * u + v * v
    bent = 1.0 + k1 * q + k2 * q * q
    scale = focal * bent
    bent_slope = focal * (k1 + 2.0 * k2 * q)
    camera_bar = np.zeros((2, 11))
    point_bar = np.empty((2, 3))
    weight_bar = np.array(
        [u * scale + mx - seen.item(0), v * scale + my - seen.item(1)]
    )
    for row in range(2):
        if row == 0:
            scale_bar, u_bar, v_bar = u * weight, scale * weight, 0.0
        else:
            scale_bar, u_bar, v_bar = v * weight, 0.0, scale * weight
        bent_bar = scale_bar * focal
        q_bar = scale_bar * bent_slope
        u_bar += 2.0 * u * q_bar
        v_bar += 2.0 * v * q_bar
        px_bar, py_bar = u_bar / pz, v_bar / pz
        pz_bar = -(u * px_bar + v * py_bar)
        d_bar = w0 * px_bar + w1 * py_bar + w2 * pz_bar
        along_bar = versed * d_bar
        c_bar = x * px_bar + y * py_bar + z * pz_bar - along * d_bar
        s_bar = a0 * px_bar + a1 * py_bar + a2 * pz_bar
        a0_bar, a1_bar, a2_bar = s * px_bar, s * py_bar, s * pz_bar
        w0_bar = d * px_bar + x * along_bar + y * a2_bar - z * a1_bar
        w1_bar = d * py_bar + y * along_bar + z * a0_bar - x * a2_bar
        w2_bar = d * pz_bar + z * along_bar + x * a1_bar - y * a0_bar
        x_bar = c * px_bar + w0 * along_bar + w2 * a1_bar - w1 * a2_bar
        y_bar = c * py_bar + w1 * along_bar + w0 * a2_bar - w2 * a0_bar
        z_bar = c * pz_bar + w2 * along_bar + w1 * a0_bar - w0 * a1_bar
        turned = c * s_bar - s * c_bar
        turned -= (w0 * w0_bar + w1 * w1_bar + w2 * w2_bar) / theta
        camera_bar[row] = (
            w0_bar / theta + w0 * turned,
            w1_bar / theta + w1 * turned,
            w2_bar / theta + w2 * turned,
            -x_bar,
            -y_bar,
            -z_bar,
            scale_bar * bent,
            weight if row == 0 else 0.0,
            weight if row == 1 else 0.0,
            bent_bar * q,
            bent_bar * q * q,
        )
        point_bar[row] = x_bar, y_bar, z_bar
    return camera_bar, point_bar, weight_bar


def residual_loops(camera, point, weight, seen):
    r0, r1, r2 = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    focal, k1, k2 = camera[6], camera[9], camera[10]
    theta = math.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    c, s = math.cos(theta), math.sin(theta)
    w0, w1, w2 = r0 / theta, r1 / theta, r2 / theta
    a0, a1, a2 = w1 * z - w2 * y, w2 * x - w0 * z, w0 * y - w1 * x
    along = w0 * x + w1 * y + w2 * z
    versed = 1.0 - c
    d = along * versed
    pz = z * c + a2 * s + w2 * d
    u = (x * c + a0 * s + w0 * d) / pz
    v = (y * c + a1 * s + w1 * d) / pz
    q = u * u + v * v
    bent = 1.0 + k1 * q + k2 * q * q
    scale = focal * bent
    bent_slope = focal * (k1 + 2.0 * k2 * q)
    camera_bar = np.empty((2, 11))
    point_bar = np.empty((2, 3))
    weight_bar = np.empty(2)
    weight_bar[0] = u * scale + camera[7] - seen[0]
    weight_bar[1] = v * scale + camera[8] - seen[1]
    for row in range(2):
        if row == 0:
            scale_bar, u_bar, v_bar = u * weight, scale * weight, 0.0
        else:
            scale_bar, u_bar, v_bar = v * weight, 0.0, scale * weight
        bent_bar = scale_bar * focal
        q_bar = scale_bar * bent_slope
        u_bar += 2.0 * u * q_bar
        v_bar += 2.0 * v * q_bar
        px_bar, py_bar = u_bar / pz, v_bar / pz
        pz_bar = -(u * px_bar + v * py_bar)
        d_bar = w0 * px_bar + w1 * py_bar + w2 * pz_bar
        along_bar = versed * d_bar
        c_bar = x * px_bar + y * py_bar + z * pz_bar - along * d_bar
        s_bar = a0 * px_bar + a1 * py_bar + a2 * pz_bar
        a0_bar, a1_bar, a2_bar = s * px_bar, s * py_bar, s * pz_bar
        w0_bar = d * px_bar + x * along_bar + y * a2_bar - z * a1_bar
        w1_bar = d * py_bar + y * along_bar + z * a0_bar - x * a2_bar
        w2_bar = d * pz_bar + z * along_bar + x * a1_bar - y * a0_bar
        x_bar = c * px_bar + w0 * along_bar + w2 * a1_bar - w1 * a2_bar
        y_bar = c * py_bar + w1 * along_bar + w0 * a2_bar - w2 * a0_bar
        z_bar = c * pz_bar + w2 * along_bar + w1 * a0_bar - w0 * a1_bar
        turned = c * s_bar - s * c_bar
        turned -= (w0 * w0_bar + w1 * w1_bar + w2 * w2_bar) / theta
        camera_bar[row, 0] = w0_bar / theta + w0 * turned
        camera_bar[row, 1] = w1_bar / theta + w1 * turned
        camera_bar[row, 2] = w2_bar / theta + w2 * turned
        camera_bar[row, 3] = -x_bar
        camera_bar[row, 4] = -y_bar
        camera_bar[row, 5] = -z_bar
        camera_bar[row, 6] = scale_bar * bent
        camera_bar[row, 7] = weight * (1 - row)
        camera_bar[row, 8] = weight * row
        camera_bar[row, 9] = bent_bar * q
        camera_bar[row, 10] = bent_bar * q * q
        point_bar[row, 0] = x_bar
        point_bar[row, 1] = y_bar
        point_bar[row, 2] = z_bar
    return camera_bar, point_bar, weight_bar


def camera_args(n):
    draw = random()
    camera = 0.3 * draw.normal(size=11)
    camera[6] = 1.0
    point = np.array([0.3, -0.2, 3.0]) + 0.1 * draw.normal(size=3)
    return camera, point, 0.7, draw.normal(size=2)


WORKLOADS = [
    Workload(
        "bundle adjustment, Jacobian",
        residual,
        residual_hand,
        args=camera_args,
        sizes=(1,),
        small=1,
        kind="numbers",
        wrt=(0, 1, 2),
        mode="jacobian",
        loops=residual_loops,
    ),
]
