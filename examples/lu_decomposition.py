"""LU decomposition by three loops, in place, and two derivatives that are known.

A factorisation overwrites the matrix element by element. What comes out when its
derivative is taken must be what books state in closed form: the gradient of log det A
is the inverse, transposed; that of c . x, where A x = b, is -y x^T with A^T y = c.
"""

import numpy as np

from s2sad import grad


def factorise(A):
    """A = L U; both are left where A was (the ones on the diagonal of L are not)."""
    n = len(A)
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]


def substitute(LU, x):
    """L U x = b by substitution, forward and back; b, which is in `x`, is replaced."""
    n = len(x)
    for i in range(n):
        for j in range(i):
            x[i] -= LU[i, j] * x[j]
    for i in reversed(range(n)):
        for j in range(i + 1, n):
            x[i] -= LU[i, j] * x[j]
        x[i] /= LU[i, i]


def log_determinant(A):
    factorise(A)
    total = 0.0
    for i in range(len(A)):
        total += np.log(np.abs(A[i, i]))
    return total


def weighted_solution(A, b, c):
    """c . x, where A x = b."""
    factorise(A)
    substitute(A, b)
    return c @ b


by_matrix = grad(log_determinant)
by_system = grad(weighted_solution, wrt=("A", "b"))


def system(n):
    rng = np.random.default_rng(1)
    A = rng.normal(size=(n, n)) + n * np.eye(n)
    return A, rng.normal(size=n), rng.normal(size=n)


def main():
    A, b, c = system(8)
    error = np.max(np.abs(by_matrix(A) - np.linalg.inv(A).T))
    print(f"log det A by A: {error:.0e} from the inverse, transposed")

    by_A, by_b = by_system(A, b, c)
    x, y = np.linalg.solve(A, b), np.linalg.solve(A.T, c)
    print(f"c . x by A:     {np.max(np.abs(by_A + np.outer(y, x))):.0e} from -y x^T")
    print(f"c . x by b:     {np.max(np.abs(by_b - y)):.0e} from y")


if __name__ == "__main__":
    main()
