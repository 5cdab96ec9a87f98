"""Containers that outlive the call: written once and in order, never read back."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from s2sad import Unsupported, adjoint, grad, jvp, value_and_grad, vjp
from s2sad.errors import S2sadWarning

HISTORY: list = []
CALLS = {"n": 0}


class Monitor:
    def __init__(self):
        self.count, self.last, self.log = 0, 0.0, []


MONITOR = Monitor()


@pytest.fixture(autouse=True)
def clean():
    HISTORY.clear()
    CALLS.clear()
    CALLS["n"] = 0
    MONITOR.__init__()


def appends(x, n):
    for _ in range(n):
        HISTORY.append(x)
        x = x * 2.0
    return x * x


def counts(x, n):
    for _ in range(n):
        CALLS["n"] += 1
        x = x * 2.0
    CALLS["last"] = x
    return x * x


def watches(x, n):
    for _ in range(n):
        MONITOR.count += 1
        MONITOR.log.append(x)
        x = x * 2.0
    MONITOR.last = x
    return x * x


def record(v):
    HISTORY.append(v)


def note(log, v):
    log.append(v)


def by_helpers(x, n):
    for _ in range(n):
        record(x)
        x = x * 2.0
    note(HISTORY, x)
    return x * x


def under_a_condition(x, n):
    if x > 0.0:
        HISTORY.append(x)
    else:
        HISTORY.append(-x)
    return x * x * n


RUNS = {
    "grad": lambda f: grad(f)(3.0, 2),
    "value_and_grad": lambda f: value_and_grad(f)(3.0, 2),
    "jvp": lambda f: jvp(f, (3.0, 2), (1.0, None)),
    "adjoint": lambda f: adjoint(f)(3.0, 2),
    "vjp": lambda f: vjp(f, 3.0, 2)[1](1.0),
}


@pytest.mark.parametrize("run", RUNS)
def test_kept_once_and_in_order(run):
    for f in (appends, counts, watches, by_helpers, under_a_condition):
        made = []
        for call in (lambda f=f: f(3.0, 2), lambda f=f: RUNS[run](f)):
            HISTORY.clear()
            CALLS.clear()
            CALLS["n"] = 0
            MONITOR.__init__()
            call()
            made.append((list(HISTORY), dict(CALLS), dict(vars(MONITOR))))
        assert made[0] == made[1], f.__name__


def test_the_derivative_is_right():
    for f, power in ((appends, 2), (counts, 2), (watches, 2), (by_helpers, 2)):
        assert grad(f)(3.0, 2) == pytest.approx(2 * 3.0 * 4.0**power), f.__name__


def test_closures():
    seen = []

    def f(x):
        seen.append(x)
        return x * x

    assert grad(f)(3.0) == 6.0 and seen == [3.0]


def reads_last(x):
    HISTORY.append(x)
    return HISTORY[-1] * 2.0


def reads_length(x):
    HISTORY.append(x)
    return x * len(HISTORY)


def reads_through_a_helper(x):
    HISTORY.append(x)
    return x * length()


def length():
    return len(HISTORY)


def reads_the_count(x):
    CALLS["n"] += 1
    return x * CALLS["n"]


def reads_an_attribute(x):
    MONITOR.last = x
    return x * MONITOR.last


@pytest.mark.parametrize(
    "f",
    [
        reads_last,
        reads_length,
        reads_through_a_helper,
        reads_the_count,
        reads_an_attribute,
    ],
)
def test_read_back_is_refused_with_both_places(f):
    with pytest.raises(Unsupported) as caught:
        grad(f)(2.0)
    told = str(caught.value)
    assert caught.value.code == "S2S006"
    assert "written here" in told and "read here" in told


def keeps_an_array(x):
    HISTORY.append(x)
    x[0] = 3.0
    return (x * x).sum()


def test_an_array_that_is_kept_is_not_written():
    with pytest.raises(Unsupported) as caught:
        grad(keeps_an_array)(np.ones(3))
    assert caught.value.code == "S2S024"


class Counted:
    def __init__(self):
        self.calls = 0

    def loss(self, x):
        self.calls += 1
        return x * x * self.calls


def test_a_method_that_writes_into_its_object_works_on_a_copy_and_says_so():
    counted = Counted()
    with pytest.warns(S2sadWarning, match="`self` is written") as caught:
        assert grad(counted.loss)(3.0) == 6.0
    assert "self.calls += 1" in str(caught[0].message)
    assert counted.calls == 0


def test_an_object_that_is_passed_is_copied_as_arrays_are():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grad(Counted.loss, wrt="x")(Counted(), 3.0) == 6.0


# ---- read while lowering, written later ----------------------------------------------

EMPTY: list = []
KEYS: dict = {}


def number():
    return len(HISTORY)


def keys():
    return sum(1.0 for _ in KEYS)


def any_left():
    return 1.0 if EMPTY else 2.0


def known(key):
    return 1.0 if key in KEYS else 2.0


def total_so_far():
    return sum(EMPTY)


def reads_a_length_before(x):
    total = 0.0
    for _ in range(3):
        total += x * number()
        HISTORY.append(x)
    return total


def reads_keys_before(x):
    total = 0.0
    for _ in range(3):
        total += x * (1.0 + keys())
        KEYS["x"] = x
    return total


def reads_a_key_before(x):
    total = 0.0
    for _ in range(3):
        total += x * known("x")
        KEYS["x"] = x
    return total


def reads_truth_before(x):
    total = 0.0
    for _ in range(3):
        total += x * any_left()
        EMPTY.append(x)
    return total


def reads_a_sum_before(x):
    total = 0.0
    for _ in range(3):
        total += x * total_so_far()
        EMPTY.append(x)
    return total


@pytest.mark.parametrize(
    "f",
    [
        reads_a_length_before,
        reads_keys_before,
        reads_a_key_before,
        reads_truth_before,
        reads_a_sum_before,
    ],
)
def test_what_is_told_before_a_later_trip_writes_is_refused(f):
    EMPTY.clear()
    KEYS.clear()
    with pytest.raises(Unsupported) as caught:
        grad(f)(2.0)
    assert caught.value.code == "S2S006"


def test_a_history_that_grows_does_not_derive_again():
    HISTORY.clear()
    CALLS.clear()
    CALLS["n"] = 0
    MONITOR.__init__()
    for f in (appends, counts, watches, by_helpers):
        derivative = grad(f)
        texts = set()
        for k in range(4):
            derivative(3.0, 2)
            HISTORY.append(np.ones(k))
            texts.add(id(derivative.specialized(3.0, 2)))
        assert len(texts) == 1, f.__name__
