"""Logistic regression on scikit-learn's breast-cancer data."""

import numpy as np

from s2sad import value_and_grad


def loss(params, X, y):
    """The mean of -log(probability of the right class), and a little shrinkage."""
    z = X @ params["w"] + params["b"]
    return np.mean(np.logaddexp(0.0, z) - y * z) + 1e-3 * np.sum(params["w"] ** 2)


loss_and_gradient = value_and_grad(loss)


def data():
    """Measurements, each column with mean 0 and deviation 1, and classes 0 or 1."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y.astype(float)


def train(X, y, steps=200, rate=0.5):
    params = {"w": np.zeros(X.shape[1]), "b": 0.0}
    losses = []
    for _ in range(steps):
        value, gradient = loss_and_gradient(params, X, y)
        losses.append(value)
        params = {name: params[name] - rate * gradient[name] for name in params}
    return params, losses


def accuracy(params, X, y):
    return np.mean((X @ params["w"] + params["b"] > 0) == (y == 1))


def main():
    X, y = data()
    params, losses = train(X, y)
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}")
    print(f"training accuracy {100 * accuracy(params, X, y):.1f} %")


if __name__ == "__main__":
    main()
