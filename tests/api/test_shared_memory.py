"""Arrays that are one, or share memory: followed where the text tells, else refused."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import Unsupported, adjoint, grad, jvp

X = np.array([0.7, -1.2, 0.4, 1.9])
V = np.array([1.3, 0.8, -0.5, 0.9])
TABLE = np.ones(4)


# ---- arguments -----------------------------------------------------------------------


def writes(x, v):
    x[0] = v[1] * 2.0
    return (x * v).sum()


def reads(x, v):
    return (x * v).sum()


def writes_beside_a_global(x):
    x[0] = TABLE[1] * 2.0
    return (x * TABLE).sum()


def writes_into_a_list(rows):
    rows[0][0] = rows[1][1] * 2.0
    return (rows[0] * rows[1]).sum()


def writes_beside_stars(x, *rest, **named):
    x[0] = 2.0
    return (x * rest[0] * named["z"]).sum()


def test_one_array_as_two_arguments():
    with pytest.raises(Unsupported) as caught:
        grad(writes)(X, X)
    told = str(caught.value)
    assert caught.value.code == "S2S015"
    assert "written here" in told and "`v` is passed here" in told


def test_each_call_is_looked_at():
    derivative = grad(writes)
    x = np.arange(6.0)
    expected = np.array([0.0, 2.0, 3.0])
    for _ in range(2):
        assert np.array_equal(derivative(x[:3], np.array([1.0, 2.0, 3.0])), expected)
        with pytest.raises(Unsupported):
            derivative(x[:-1], x[1:])
        with pytest.raises(Unsupported):
            derivative(x, x[::-1])


def test_views_that_do_not_overlap():
    derivative, x = grad(writes), np.arange(6.0)
    assert np.array_equal(derivative(x[:3], x[3:]), [0.0, 4.0, 5.0])
    assert np.array_equal(derivative(x[::2], x[1::2]), [0.0, 3.0, 5.0])


def test_what_only_reads_takes_anything():
    assert np.array_equal(grad(reads)(X, X), X)


def test_a_global_is_looked_at():
    derivative = grad(writes_beside_a_global)
    assert np.array_equal(derivative(X), [0.0, 1.0, 1.0, 1.0])
    with pytest.raises(Unsupported, match="TABLE"):
        derivative(TABLE)
    with pytest.raises(Unsupported):
        derivative(TABLE[::-1])


def test_arrays_in_one_argument():
    derivative = grad(writes_into_a_list)
    first, _ = derivative([X, V])
    assert np.array_equal(first, [0.0, *V[1:]])
    with pytest.raises(Unsupported, match="one array twice"):
        derivative([X, X])


def test_starred_arguments():
    derivative = grad(writes_beside_stars)
    assert np.array_equal(derivative(X, V, z=V * 2), [0.0, *(2 * V * V)[1:]])
    for call in (lambda: derivative(X, X, z=V), lambda: derivative(X, V, z=X)):
        with pytest.raises(Unsupported):
            call()


# ---- names that the run decides ------------------------------------------------------


def swapped_then_base(x, v, n):
    a, b = x, v
    for k in range(n):
        b[0] = 5.0 * k + 1.0
        a, b = b, a
    return x * v


def swapped_in_a_tuple(x, v, n):
    pair = (x, v)
    for k in range(n):
        pair[0][0] = 1.0 + k
        pair = (pair[1], pair[0])
    return x * v


def swapped_in_a_dict(x, v, n):
    d = {"a": x, "b": v}
    for k in range(n):
        d["a"][0] = 1.0 + k
        d["a"], d["b"] = d["b"], d["a"]
    return d["a"] * v


def swapped_then_one(x, v, n):
    a, b = x, v
    for k in range(n):
        b[0] = 5.0 * k + 1.0
        a, b = b, a
    return x * 2.0


def rotated(x, v, n):
    a, b = x, v
    for k in range(n):
        c = a
        a = b
        b = c
        c[0] = 5.0 * k + 1.0
    return x * v


def became_another(x, v, n):
    a = x
    for k in range(n):
        a[0] = 5.0 * k + 1.0
        a = v
    return x * v


def chosen_in_a_loop(x, v, n):
    a = x
    for k in range(n):
        if k == 1:
            a = v
        a[0] = 5.0 * k + 1.0
    return x * v


def chosen_by_a_helper(x, v, n):
    poke(x, n)
    return x * v


def poke(u, n):
    y = u if n > 1 else u * 2.0
    y[0] = 5.0


def given_to_a_helper(x, v, n):
    y = x if x[0] > 0.0 else v
    y[0] = 2.0
    doubled(x)
    return v


def doubled(u):
    u *= 2.0


def two_choices(x, v, n):
    a = x if n > 1 else v
    b = v if n > 1 else x
    c = a if n > 2 else b
    a[0] = 3.0
    return c * 2.0


def gone_through_by_a_loop(x, v, n):
    a, b = x, v
    for e in x:
        if e > 0.0:
            a, b = b, a
        b[1] += e
    return a * b


def gone_through_with_another(x, v, n):
    for e, d in zip(x, v):
        if e > d:
            x, v = v, x
        v[1] += e * d
    return x * v


@pytest.mark.parametrize(
    "f",
    [
        gone_through_by_a_loop,
        gone_through_with_another,
        swapped_then_base,
        swapped_then_one,
        swapped_in_a_tuple,
        swapped_in_a_dict,
        rotated,
        became_another,
        chosen_in_a_loop,
        chosen_by_a_helper,
        two_choices,
        given_to_a_helper,
    ],
)
def test_refused_with_both_places(f):
    with pytest.raises(Unsupported) as caught:
        jvp(f, (X, V, 3), (X, V, None))
    told = str(caught.value)
    assert caught.value.code in ("S2S012", "S2S013") and "written here" in told
    assert len(caught.value.diagnostics[0].labels) == 2


def one_list_many_times(x, v, n):
    rows = [x.copy()] * n
    rows[0][0] *= 2.0
    return rows[0] * rows[1]


def one_row_many_times(x, v, n):
    row = [0.0] * 3
    table = []
    for _ in range(n):
        table.append(row)
    table[0][1] = x[0]
    return table[1][1] * v


@pytest.mark.parametrize("f", [one_list_many_times, one_row_many_times])
def test_lists_that_hold_one_thing_twice(f):
    with pytest.raises(Unsupported):
        jvp(f, (X, V, 3), (X, V, None))


# ---- arrays that live on after the call ----------------------------------------------


def fills_a_global(x):
    TABLE[0] = x
    return x * x


def scales_a_global(x):
    doubled = TABLE[1:]
    doubled *= x
    return x * x


def helper_fills_a_global(x):
    fill_table(x)
    return x * x


def fill_table(v):
    TABLE[:] = v


@pytest.mark.parametrize("f", [fills_a_global, scales_a_global, helper_fills_a_global])
def test_captured_arrays_are_not_written(f):
    with pytest.raises(Unsupported, match="TABLE") as caught:
        grad(f)(3.0)
    assert caught.value.code == "S2S005"
    assert np.array_equal(TABLE, np.ones(4))


# ---- results -------------------------------------------------------------------------


def test_the_result_is_no_view_of_an_argument():
    y, x_bar = adjoint(lambda x: x[1:])(X, np.ones(3))
    assert not np.shares_memory(x_bar, X) and np.array_equal(y, X[1:])


# ---- views of what lies in one piece -------------------------------------------------


def by_rows(x, v):
    rows = x.reshape(2, 2)
    rows[1] *= v[:2]
    return (x * x).sum()


def test_whether_an_argument_lies_in_one_piece_is_looked_at():
    derivative = grad(by_rows)
    strided = np.arange(8.0)[::2]
    expected = derivative(strided.copy(), V)
    assert np.allclose(expected, 2 * strided * [1.0, 1.0, *V[:2] ** 2])
    with pytest.raises(Unsupported) as caught:
        derivative(strided, V)
    assert caught.value.code == "S2S014"
    assert np.array_equal(derivative(strided.copy(), V), expected)


def spread(x, y):
    a, b = np.broadcast_arrays(x, y)
    return np.sum(a * b)


def cut_up(x, y):
    a, _ = np.split(x, [2])
    return np.sum(a * y)


def one_of_several(x, y):
    return np.sum(np.hsplit(x, 2)[1] * y)


@pytest.mark.parametrize("optimize", [0, 1, 2])
@pytest.mark.parametrize("f", [spread, cut_up, one_of_several])
def test_views_that_come_several_at_a_time(f, optimize):
    x, y = X.copy(), np.ones((2, 4)) if f is spread else np.ones(2)
    for gradient in grad(f, wrt=(0, 1), optimize=optimize)(x, y):
        assert gradient.flags.writeable
        assert not np.shares_memory(gradient, x) and not np.shares_memory(gradient, y)
