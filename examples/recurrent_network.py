"""A small recurrent network learns to add up what it has seen.

The hidden states fill an array that was made for them beforehand, one row per step;
each row is computed from the row above. Training calls `value_and_grad` of the loss.
"""

import numpy as np

from s2sad import value_and_grad


def states(params, x):
    """The hidden state after each step, in the rows of one array."""
    h = np.zeros((len(x) + 1, len(params["b"])))
    for t in range(len(x)):
        h[t + 1] = np.tanh(h[t] @ params["W"] + x[t] @ params["U"] + params["b"])
    return h[1:]


def loss(params, x, y):
    """Mean squared error over all steps of all sequences."""
    total = 0.0
    for sequence, wanted in zip(x, y):
        errors = states(params, sequence) @ params["V"] - wanted
        total += np.mean(errors**2)
    return total / len(x)


loss_and_gradient = value_and_grad(loss)


def data(count, length):
    """Sequences of numbers in [-1, 1], and the running means of each."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.0, 1.0, (count, length, 1))
    return x, np.cumsum(x, axis=1) / length


def start(hidden):
    rng = np.random.default_rng(1)
    return {
        "W": 0.5 * rng.normal(size=(hidden, hidden)) / np.sqrt(hidden),
        "U": 0.5 * rng.normal(size=(1, hidden)),
        "b": np.zeros(hidden),
        "V": rng.normal(size=(hidden, 1)) / np.sqrt(hidden),
    }


def train(count=20, length=8, hidden=6, trips=200, rate=0.5):
    x, y = data(count, length)
    params = start(hidden)
    losses = []
    for _ in range(trips):
        value, gradient = loss_and_gradient(params, x, y)
        losses.append(value)
        for name in params:
            params[name] -= rate * gradient[name]
    return params, losses


def main():
    params, losses = train()
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.5f}")
    x = np.array([[0.8], [-0.2], [0.4], [-0.9], [0.3], [0.5], [-0.6], [0.1]])
    guess = states(params, x) @ params["V"]
    print("found: ", " ".join(f"{v:5.2f}" for v in guess[:, 0]))
    print("wanted:", " ".join(f"{v:5.2f}" for v in np.cumsum(x) / 8))


if __name__ == "__main__":
    main()
