"""Arrays of text and of dates beside numbers: they tell ways, and have no derivative."""

import math

import numpy as np
import pytest

from s2sad import grad, jvp

LABELS = np.array(["a", "bb", "a", "c"])
DAYS = np.array(["2020-01-01", "2020-01-02"] * 2, dtype="datetime64[D]")
X = np.array([1.0, 2.0, 3.0, 4.0])


def by_label(x, labels):
    total = 0.0
    for label, v in zip(labels, x):
        if label == "a":
            total += v * v
        elif label in ("bb", "d"):
            total += math.sin(v)
        if label != "c":
            total += v
    return total


def masked(x, labels):
    return np.sum(x[labels == "a"] ** 2)


def totals(x, labels):
    found = {}
    for i in range(len(labels)):
        found[labels[i]] = found.get(labels[i], 0.0) + x[i]
    return sum(v * v for v in found.values())


def by_bytes(x, labels):
    total = 0.0
    for i in range(len(labels)):
        if labels[i] == b"a":
            total += x[i] ** 3
    return total


def by_day(x, days):
    total = 0.0
    for i in range(len(days)):
        if days[i] == "2020-01-02" or days[i] == days[0]:
            total += x[i] ** (i + 1)
    return total


@pytest.mark.parametrize(
    "f, labels",
    [
        (by_label, LABELS),
        (by_label, LABELS[:, None][:, 0]),
        (masked, LABELS),
        (totals, LABELS),
        (by_bytes, LABELS.astype("S")),
        (by_day, DAYS),
    ],
)
def test_what_labels_choose(f, labels):
    slopes = grad(f)(X, labels)
    for i, slope in enumerate(slopes):
        e = 1e-5 * np.eye(4)[i]
        around = (f(X + e, labels) - f(X - e, labels)) / 2e-5
        assert slope == pytest.approx(around, abs=1e-8)
        _, along = jvp(f, (X, labels), (np.eye(4)[i], None))
        assert along == pytest.approx(slope)


def test_text_of_another_length_is_served_too():
    slope = grad(by_label)
    for labels in (LABELS, LABELS.astype("U7"), np.array(["c", "c", "a", "bb"])):
        around = (by_label(X + [1e-5, 0, 0, 0], labels) - by_label(X, labels)) / 1e-5
        assert slope(X, labels)[0] == pytest.approx(around, abs=1e-4)
