"""Heat in a plate of three layers: their conductivities, recovered from a photograph.

The temperature is stepped in place, as in any textbook. Somebody has measured it twice;
gradient descent on the misfit finds the conductivities that explain what was seen.
"""

import numpy as np

from s2sad import value_and_grad

TRUE = np.array([0.6, 1.5, 0.9])


def plate(layers, n):
    """The conductivity at each point: bands of equal height, one for each layer."""
    k = np.empty((n, n))
    height = n // len(layers)
    for i in range(len(layers)):
        k[i * height : (i + 1) * height, :] = layers[i]
    return k


def diffuse(u, k, dt, steps):
    """Explicit steps of u_t = k (u_xx + u_yy); the new temperature replaces the old."""
    for _ in range(steps):
        u[1:-1, 1:-1] += (
            dt
            * k[1:-1, 1:-1]
            * (
                u[2:, 1:-1]
                + u[:-2, 1:-1]
                + u[1:-1, 2:]
                + u[1:-1, :-2]
                - 4.0 * u[1:-1, 1:-1]
            )
        )
        u[:, 0] = u[:, 1]  # no heat leaves at the sides
        u[:, -1] = u[:, -2]


def measure(layers, u, dt, steps):
    """The plate after `steps` steps, and after as many again."""
    u = u.copy()
    k = plate(layers, len(u))
    seen = np.zeros((2, *u.shape))
    for i in range(2):
        diffuse(u, k, dt, steps)
        seen[i] = u
    return seen


def misfit(layers, u, dt, steps, observed):
    return np.sum((measure(layers, u, dt, steps) - observed) ** 2)


misfit_and_gradient = value_and_grad(misfit)


def start(n):
    """Cold, with a warm spot in the middle of each layer."""
    u = np.zeros((n, n))
    u[n // 6, n // 2] = u[n // 2, n // 2] = u[5 * n // 6 - 1, n // 2] = 3.0
    return u


def recover(n=12, dt=0.1, steps=4, trips=200, rate=0.12):
    """The layers that explain the measurements, and the misfit on the way there."""
    u = start(n)
    observed = measure(TRUE, u, dt, steps)
    layers = np.ones(3)
    history = []
    for _ in range(trips):
        value, gradient = misfit_and_gradient(layers, u, dt, steps, observed)
        history.append(value)
        layers -= rate * gradient
    return layers, history


def main():
    layers, history = recover()
    print(f"misfit {history[0]:.2e} -> {history[-1]:.2e}")
    for found, true in zip(layers, TRUE):
        print(f"conductivity {found:.4f} (true: {true:.4f})")
    print(f"largest error {np.max(np.abs(layers - TRUE)):.0e}")


if __name__ == "__main__":
    main()
