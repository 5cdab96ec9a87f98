"""What may be None, or one of several things: which array it names depends on the run."""

import numpy as np
import pytest

from s2sad import S2sadError, Unsupported, grad

X = np.array([0.3, 0.9, 0.1])


def array_or_none(x):
    y = x.copy()
    found = None
    for i in range(len(x)):
        if x[i] > 0.5:
            found = y
    y[0] = 7.0 * x[1]
    return 0.0 if found is None else found[0] * found[1]


def array_or_tuple(x):
    y = x.copy()
    found = (1.0, 2.0) if x[0] > 0.5 else y
    y[0] = 7.0 * x[1]
    return float(found[0] * found[1])


def array_or_list(x):
    y = x.copy()
    found = [1.0, 2.0] if x[0] > 0.5 else y
    y[0] = 7.0 * x[1]
    return float(found[0] * found[1])


def view_or_none(x):
    y = x.copy()
    z = None if x[1] < 0.0 else y[1:]
    y *= 2.0
    return 0.0 if z is None else np.sum(z * x[1])


def written_through(x):
    y = x.copy()
    now = None
    for i in range(3):
        if now is not None:
            now[i] = now[i] + x[i] ** 2
        if x[i] > 0.2:
            now = y
    return np.sum(y**2)


def in_a_tuple(x):
    y = x.copy()
    z = None if x[1] < 0.0 else (y, 2.0)
    y *= 2.0
    return 0.0 if z is None else np.sum(z[0] * x[1]) * z[1]


@pytest.mark.parametrize(
    "f, code",
    [
        (array_or_none, "S2S013"),
        (array_or_tuple, "S2S013"),
        (array_or_list, "S2S013"),
        (view_or_none, "S2S013"),
        (written_through, "S2S013"),
        (in_a_tuple, "S2S024"),
    ],
)
def test_a_write_that_it_may_not_see(f, code):
    with pytest.raises(Unsupported) as refused:
        grad(f)(X)
    assert refused.value.code == code
    assert "written" in str(refused.value)


def test_none_that_comes_out_is_no_number():
    def first(x, n):
        found = None
        for i in range(n):
            if x[i] > 0.5 and found is None:
                found = x[i] ** 2
        return found

    with pytest.raises(S2sadError, match="None on some way"):
        grad(first)(X, 2)


def test_what_is_none_is_complained_of():
    def twice(x):
        found = None
        for v in x:
            if v > 5.0:
                found = v
        return 2.0 * found * x[0]

    with pytest.raises(TypeError):
        grad(twice)(X)


def test_the_container_is_named_whose_entry_changes():
    def last_of(x, n):
        state = {"sum": 0.0, "last": None}
        for i in range(n):
            if i == 2:
                state["last"] = x.sum()
        return state["sum"] if state["last"] is None else state["last"] * x[0]

    with pytest.raises(Unsupported, match="`state` is of one kind on one trip"):
        grad(lambda *args: np.sum(grad(last_of)(*args)))(X, 3)
