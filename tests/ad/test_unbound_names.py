"""A name that no way to its use assigns raises as in Python, in a pure gradient, too."""

import numpy as np
import pytest

from s2sad import adjoint, derivative, grad, jvp, value_and_grad, vjp


def counted(x, n):
    for i in range(n):
        y = x * i
    return x + y


def returned(x, n):
    for _ in range(n):
        y = x * x
    return y


def backward(x, n):
    for i in range(n, 0, -1):
        y = x * i
    return x * y


def stepped(x, n):
    for i in range(0, n, n or 1):
        y = x * (i + 1.0)
    return x * y


def while_loop(x, n):
    k = 0
    while k < n:
        y = x * k
        k += 1
    return x * 3.0 + y


def while_with_sums(x, n):
    k, total, power = 0, 0.0, 1.0
    while k < n:
        y = x * k
        total += y
        power *= x
        k += 1
    return y + total * power


def in_two_blocks(x, n):
    with np.errstate(all="ignore"):
        with np.errstate(divide="ignore"):
            if n > 0:
                y = np.log(x)
        z = x * 2
    return y * z


def of_array(x, n):
    for i in range(n):
        y = np.sin(x) * i
    return np.sum(y)


def branch(x, n):
    if n > 0:
        y = x * x
    return x + y


@pytest.mark.parametrize(
    "f",
    [
        counted,
        returned,
        backward,
        stepped,
        while_loop,
        while_with_sums,
        of_array,
        branch,
    ],
)
def test_no_trip(f):
    x = np.array([2.0, 0.5]) if f is of_array else 2.0
    ways = [
        f,
        grad(f),
        value_and_grad(f),
        grad(lambda x, n: np.sum(grad(f)(x, n))),
        lambda x, n: vjp(lambda x: f(x, n), x)[1](1.0),
        lambda x, n: jvp(lambda x: f(x, n), (x,), (x,)),
        lambda x, n: jvp(grad(f), (x, n), (x, None)),
    ]
    if f is not of_array:
        ways.append(derivative(f))
    for way in ways:
        way(x, 2)
        with pytest.raises(UnboundLocalError):
            way(x, 0)


def test_what_a_block_binds_on_one_way():
    def f(x, n):
        with np.errstate(all="ignore"):
            runs = x * n > 0
            if runs:
                y = np.sin(x)
        if runs:
            return y * x
        return x * x

    assert grad(f)(0.7, 1) == pytest.approx(0.7 * np.cos(0.7) + np.sin(0.7))
    assert grad(f)(0.7, 0) == pytest.approx(1.4)


def test_what_a_loop_changes_is_bound_or_not():
    def f(x, c, n):
        for i in range(n):
            if c > 0:
                z = x * x
            if i == 2:
                z = z * 2.0
        return z

    for n in (1, 2, 3, 4):
        expected = 12.0 if n == 3 else 6.0
        assert grad(f)(3.0, 1.0, n) == expected / 1.0
        assert jvp(lambda x, n=n: f(x, 1.0, n), (3.0,), (1.0,))[1] == expected
        with pytest.raises(UnboundLocalError):
            jvp(lambda x, n=n: f(x, -1.0, n), (3.0,), (1.0,))


def first_trip_alone(w, n):
    for i in range(n):
        if i == 0:
            x = w
        x = np.exp(-w * x)
    return x * w


def first_trip_of_two(w, n):
    for i in range(n):
        if n > 1:
            if i == 0:
                x = w
            x = np.sin(w * x)
        else:
            x = w
    return x * w


@pytest.mark.parametrize("f", [first_trip_alone, first_trip_of_two])
def test_what_only_the_first_trip_assigns_is_carried(f):
    """After `if i == 0: x = w`, what is read may be of the trip before."""
    for n in (1, 2, 3):
        slope = (f(0.4 + 1e-6, n) - f(0.4 - 1e-6, n)) / 2e-6
        assert grad(f)(0.4, n) == pytest.approx(slope, rel=1e-6)
        assert derivative(f)(0.4, n) == pytest.approx(slope, rel=1e-6)
    with pytest.raises(UnboundLocalError):
        grad(f)(0.4, 0)


def any_step(x, start, stop, step):
    for i in range(start, stop, step):
        y = x * (i + 1.0)
    return x * y


@pytest.mark.parametrize("step", [-2, -1, 1, 3])
@pytest.mark.parametrize(("start", "stop"), [(3, 1), (1, 3), (2, 2), (-3, 1), (1, -3)])
def test_as_many_trips_as_python_makes(start, stop, step):
    trips = range(start, stop, step)
    if trips:
        assert grad(any_step)(2.0, start, stop, step) == 4.0 * (trips[-1] + 1)
    else:
        with pytest.raises(UnboundLocalError):
            grad(any_step)(2.0, start, stop, step)


def raises_on_the_other_way(x, n):
    z = x
    if n > 0:
        z = x * x
        y = x * 3.0
    else:
        z = np.sin(np.cos(x))
        raise ValueError("none")
    return z * y


def test_a_way_that_raises_is_not_gone_back():
    derived = adjoint(raises_on_the_other_way, "x")
    assert derived(2.0, 1, 1.0)[1] == pytest.approx(36.0)
    with pytest.raises(ValueError, match="none"):
        derived(2.0, 0, 1.0)
    assert "cos" not in derived.source


def reads_on_the_other_way(x, n):
    z = x
    if n > 0:
        z = x * x
        y = x * 3.0
    else:
        z = np.sin(np.cos(x))
    return z + y


def test_a_way_that_ends_in_an_unbound_name_is_not_gone_back():
    derived = grad(reads_on_the_other_way)
    assert derived(2.0, 1) == 7.0
    with pytest.raises(UnboundLocalError):
        derived(2.0, 0)
    assert "cos" not in derived.source
