"""Flow in a cavity with a moving lid, and what its energy depends on.

The solver is step 11 of the "12 steps to Navier-Stokes" (L. A. Barba and G. F. Forsyth,
"CFD Python", 2018): explicit steps for the velocities, and a loop of relaxations for
the pressure. The arrays are overwritten everywhere. It is used as it stands.
"""

import numpy as np

from s2sad import value_and_grad


def build_up_b(b, rho, dt, u, v, dx, dy):
    b[1:-1, 1:-1] = rho * (
        1
        / dt
        * (
            (u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)
            + (v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy)
        )
        - ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)) ** 2
        - 2
        * (
            (u[2:, 1:-1] - u[0:-2, 1:-1])
            / (2 * dy)
            * (v[1:-1, 2:] - v[1:-1, 0:-2])
            / (2 * dx)
        )
        - ((v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy)) ** 2
    )
    return b


def pressure_poisson(p, dx, dy, b, nit):
    pn = np.empty_like(p)
    pn = p.copy()

    for q in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = (
            (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2
            + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
        ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[
            1:-1, 1:-1
        ]

        p[:, -1] = p[:, -2]  # dp/dx = 0 at x = 2
        p[0, :] = p[1, :]  # dp/dy = 0 at y = 0
        p[:, 0] = p[:, 1]  # dp/dx = 0 at x = 0
        p[-1, :] = 0  # p = 0 at y = 2

    return p


def cavity_flow(nt, u, v, dt, dx, dy, p, rho, nu, lid, nit):
    un = np.empty_like(u)
    vn = np.empty_like(v)
    b = np.zeros(u.shape)

    for n in range(nt):
        un = u.copy()
        vn = v.copy()

        b = build_up_b(b, rho, dt, u, v, dx, dy)
        p = pressure_poisson(p, dx, dy, b, nit)

        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (un[1:-1, 1:-1] - un[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (un[1:-1, 1:-1] - un[0:-2, 1:-1])
            - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
            + nu
            * (
                dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2])
                + dt / dy**2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[0:-2, 1:-1])
            )
        )

        v[1:-1, 1:-1] = (
            vn[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (vn[1:-1, 1:-1] - vn[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (vn[1:-1, 1:-1] - vn[0:-2, 1:-1])
            - dt / (2 * rho * dy) * (p[2:, 1:-1] - p[0:-2, 1:-1])
            + nu
            * (
                dt / dx**2 * (vn[1:-1, 2:] - 2 * vn[1:-1, 1:-1] + vn[1:-1, 0:-2])
                + dt / dy**2 * (vn[2:, 1:-1] - 2 * vn[1:-1, 1:-1] + vn[0:-2, 1:-1])
            )
        )

        u[0, :] = 0
        u[:, 0] = 0
        u[:, -1] = 0
        u[-1, :] = lid  # the velocity of the cavity's lid
        v[0, :] = 0
        v[-1, :] = 0
        v[:, 0] = 0
        v[:, -1] = 0

    return u, v, p


def energy(lid, nu, u, nt=10, nit=20):
    """The kinetic energy of the flow after `nt` steps from the velocity `u`."""
    ny, nx = u.shape
    dx, dy = 2 / (nx - 1), 2 / (ny - 1)
    v, p = np.zeros((ny, nx)), np.zeros((ny, nx))
    u, v, p = cavity_flow(nt, u, v, 0.002, dx, dy, p, 1.0, nu, lid, nit)
    return 0.5 * dx * dy * np.sum(u**2 + v**2)


energy_and_gradient = value_and_grad(energy, wrt=("lid", "nu", "u"))


def main():
    lid, nu, u = 1.0, 0.1, np.zeros((21, 21))
    value, (by_lid, by_nu, by_u) = energy_and_gradient(lid, nu, u)
    print(f"energy            {value:.6f}")
    print(f"by the lid        {by_lid:.6f}")
    print(f"by the viscosity  {by_nu:.6f}")

    h = 1e-5
    slope = (energy(lid + h, nu, u.copy()) - energy(lid - h, nu, u.copy())) / (2 * h)
    print(f"lid, differences  {slope:.6f}")
    slope = (energy(lid, nu + h, u.copy()) - energy(lid, nu - h, u.copy())) / (2 * h)
    print(f"viscosity, diff.  {slope:.6f}")

    # One gradient says for every point how much a push there, at the start, would do.
    row, column = np.unravel_index(np.argmax(by_u), by_u.shape)
    print(f"the best place to push: row {row} of 21, column {column}")


if __name__ == "__main__":
    main()
