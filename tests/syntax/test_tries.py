"""`try`: the way Python takes, and the derivative of that way, in every mode."""

import math
import threading

import numpy as np
import pytest

import s2sad
from s2sad import Unsupported, grad, value_and_grad


def logarithm(x):
    try:
        y = math.log(x)
    except ValueError:
        y = 0.5 * x
    return y * y


def division(x):
    try:
        y = 1.0 / (x - 2.0)
    except ZeroDivisionError:
        return x * x
    return y


def dead_but_decides(x):
    try:
        math.log(x)
        k = 1.0
    except ValueError:
        k = 3.0
    return k * x * x


def helper(x):
    math.sqrt(x)  # nobody reads it, and it may raise
    return x * x


def calls(x):
    try:
        y = helper(x)
    except ValueError:
        y = x * x * x
    return y * x


def counts(x):
    done = 0
    for k in range(5):
        try:
            x = math.sqrt(x - 1.0) * 3.0
            done += 1
        except ValueError:
            break
    return x * done


def skips(x):
    total = 0.0
    for k in range(5):
        try:
            root = math.sqrt(x - k)
        except ValueError:
            continue
        total += root * x
    return total


def several(x):
    try:
        y = math.log(x) / (x - 1.0)
    except ValueError as error:
        print("value:", error)
        y = x
    except (ZeroDivisionError, OverflowError):
        y = 2.0 * x
    else:
        y = 3.0 * y
    return y * x


def ends(x):
    y = 1.0
    try:
        y = math.log(x)
    except ValueError:
        y = x
    finally:
        print("ended")
        z = 2.0 * x
    return y * z


def raises_on(x):
    try:
        y = math.log(x)
    except ValueError as error:
        raise RuntimeError("no logarithm") from error
    return y * x


def raises_itself(x):
    try:
        if x < 0.0:
            raise ValueError("negative")
        y = x**1.5
    except ValueError:
        y = -x
    return y * y


def nested(x):
    try:
        try:
            y = math.log(x)
        except ZeroDivisionError:
            y = 1.0
        z = 1.0 / (x - 1.0)
    except (ValueError, ZeroDivisionError):
        return x
    return y * z


def inside(x):
    try:
        return math.log(x) * x
    except ValueError:
        return x * x
    finally:
        print("left")


def later(x):
    try:
        y = math.sqrt(x)
        z = math.log(y - 1.0)
    except ValueError:
        return x * 3.0
    return y * z


def inside_a_loop(x):
    """What a branch in the body keeps, in no loop around the `try`."""
    total = x
    try:
        for k in range(3):
            total = math.log(total * 3.0 + k)
            if total > 1.0:
                total = total * total
    except ValueError:
        total = x * x
    return total


def imported(x):
    try:
        import no_such_module
    except ImportError:
        no_such_module = None
    if no_such_module is None:
        return x * x
    return x


TABLE = {"a": 2.0}


def looked_up(x):
    total = 0.0
    for key in ("a", "b"):
        try:
            weight = TABLE[key]
        except KeyError:
            weight = 5.0
        total += weight * x * x
    return total


def closure(x):
    def inner(t):
        try:
            return math.log(t) * x
        except ValueError:
            return t * x

    return inner(x) + inner(-x)


PROGRAMS = [
    (logarithm, 2.0), (logarithm, -2.0), (division, 3.0), (dead_but_decides, 1.5),
    (dead_but_decides, -1.5), (calls, 2.0), (calls, -2.0), (counts, 1.5),
    (counts, 0.5), (skips, 2.5), (skips, -0.5), (several, 3.0), (several, -3.0),
    (ends, 2.0), (ends, -2.0), (raises_on, 2.0), (raises_itself, 2.0),
    (raises_itself, -2.0), (nested, 2.0), (nested, -2.0), (inside, 2.0),
    (inside, -2.0), (later, 9.0), (later, 0.5), (inside_a_loop, 1.5),
    (inside_a_loop, -0.1), (imported, 2.0), (looked_up, 2.0), (closure, 2.0),
]  # fmt: skip


@pytest.mark.parametrize("f, x", PROGRAMS)
def test_every_mode_and_order(f, x, capsys):
    y = f(x)
    said = capsys.readouterr().out
    h = 1e-5
    slope = (f(x + h) - f(x - h)) / (2 * h)
    bend = (f(x + h) - 2 * y + f(x - h)) / h**2
    capsys.readouterr()
    for run in (
        lambda: value_and_grad(f)(x),
        lambda: s2sad.jvp(f, (x,), (1.0,)),
    ):
        value, first = run()
        assert capsys.readouterr().out == said
        assert value == pytest.approx(y) and first == pytest.approx(slope, rel=1e-6)
    value, pullback = s2sad.vjp(f, x)
    assert pullback(1.0)[0] == pytest.approx(slope, rel=1e-6)
    assert pullback(2.0)[0] == pytest.approx(2 * slope, rel=1e-6)
    assert grad(grad(f))(x) == pytest.approx(bend, rel=1e-3, abs=1e-3)
    assert s2sad.jvp(grad(f), (x,), (1.0,))[1] == pytest.approx(bend, 1e-3, 1e-3)
    assert s2sad.grad(s2sad.derivative(f))(x) == pytest.approx(bend, 1e-3, 1e-3)
    if f is not closure:
        tangent = s2sad.tangent(f)
        assert s2sad.jvp(tangent, (x, 1.0), (1.0, 0.0))[1][1] == pytest.approx(
            bend, rel=1e-3, abs=1e-3
        )


def test_at_the_very_point_of_an_exception():
    assert value_and_grad(division)(2.0) == (4.0, 4.0)
    assert value_and_grad(several)(1.0) == (2.0, 4.0)


def test_exceptions_go_on_as_they_do():
    for run in (raises_on, value_and_grad(raises_on), s2sad.derivative(raises_on)):
        with pytest.raises(RuntimeError, match="no logarithm") as told:
            run(-1.0)
        assert isinstance(told.value.__cause__, ValueError)

    def finishes(x):
        try:
            return math.log(x)
        finally:
            print("said")

    with pytest.raises(ValueError):
        value_and_grad(finishes)(-1.0)


def test_an_exception_of_a_tangent_is_not_the_users():
    """The slope of `abs(x) ** 0.5` is infinite at 0, and nothing is caught there."""

    def f(x):
        try:
            y = x**0.5
        except ZeroDivisionError:
            y = 77.0
        return y

    assert s2sad.jvp(f, (0.0,), (1.0,))[0] == 0.0
    assert value_and_grad(f)(0.0)[0] == 0.0


def test_arrays_written_before_and_after():
    def f(x):
        y = np.zeros(4)
        for i in range(4):
            try:
                y[i] = math.log(x[i])
            except ValueError:
                y[i] = x[i] ** 2
        return np.sum(y * y)

    x = np.array([0.5, -1.0, 2.0, -0.3])
    bar = grad(f)(x)
    for i in range(4):
        e = np.eye(4)[i] * 1e-6
        assert bar[i] == pytest.approx((f(x + e) - f(x - e)) / 2e-6, rel=1e-6)


def changes(v):
    v[0] = v[0] * 2.0
    v[1] = math.log(v[1])


def half_written(x):
    y = x * 1.0
    try:
        changes(y)
    except ValueError:
        pass
    return np.sum(y * y)


def half_assigned(x):
    y = 1.0
    try:
        y = math.sqrt(x)
        z = math.log(y - 1.0)
    except ValueError:
        z = y
    return z


def half_in_place(x):
    y = x * 1.0
    try:
        y[0] = math.log(y[0])
        y[1] = math.log(y[1])
    except ValueError:
        pass
    return np.sum(y)


@pytest.mark.parametrize("f", [half_written, half_in_place])
def test_arrays_that_an_exception_leaves_half_written_are_refused(f):
    with pytest.raises(Unsupported, match="S2S060"):
        grad(f)(np.array([1.0, -2.0]))


def test_names_that_depend_on_the_place_are_refused():
    with pytest.raises(Unsupported, match="S2S060") as told:
        grad(half_assigned)(0.5)
    assert told.value.lineno == half_assigned.__code__.co_firstlineno + 2


def test_what_a_loop_keeps_piece_by_piece_is_refused_in_a_loop_and_goes_in_a_call():
    def body(t, n):
        while t < n:
            t = math.sqrt(t - 0.5) * t + 0.4
        return t

    def refused(x, n):
        total = 0.0
        for k in range(3):
            try:
                t = x - k
                while t < n:
                    t = math.sqrt(t - 0.5) * t + 0.4
                total += t
            except ValueError:
                total += x
        return total

    def called(x, n):
        total = 0.0
        for k in range(3):
            try:
                total += body(x - k, n)
            except ValueError:
                total += x
        return total

    with pytest.raises(Unsupported, match="S2S032"):
        grad(refused)(2.8, 9.0)
    slope = (called(2.8 + 1e-6, 9.0) - called(2.8 - 1e-6, 9.0)) / 2e-6
    assert grad(called)(2.8, 9.0) == pytest.approx(slope, rel=1e-6)
    slope = (refused(2.8 + 1e-6, 9.0) - refused(2.8 - 1e-6, 9.0)) / 2e-6
    _, dot = s2sad.jvp(refused, (2.8, 9.0), (1.0, None))
    assert dot == pytest.approx(slope, rel=1e-6)


def half_looped(x):
    try:
        for k in range(6):
            x = math.log(x + k + 1.0) + 1.0
    except ValueError:
        x = x * x
    return x


def test_what_a_loop_of_the_body_assigns_is_not_known_in_the_handler():
    for f in (half_looped, s2sad.differentiable(half_looped)):
        with pytest.raises(Unsupported, match="S2S060"):
            grad(f)(-1.5)


def test_a_loop_with_checkpoint_in_a_body():
    def f(x, n):
        y = x
        try:
            for i in s2sad.checkpoint(range(n)):
                y = math.log(y + i + 1.0) + 1.0
        except ValueError:
            y = x * x
        return y

    for x in (1.3, -1.5):
        slope = (f(x + 1e-6, 6) - f(x - 1e-6, 6)) / 2e-6
        assert grad(f)(x, 6) == pytest.approx(slope, rel=1e-6)


LOCK = threading.Lock()


def test_contexts_in_a_body_are_entered_once():
    def f(x):
        try:
            with np.errstate(divide="raise"), LOCK:
                y = float(np.log(np.float64(x - 1.0)))
        except FloatingPointError:
            y = 5.0 * x
        return y * x

    slope = (f(2.5 + 1e-6) - f(2.5 - 1e-6)) / 2e-6
    assert grad(f)(2.5) == pytest.approx(slope, rel=1e-6)
    assert s2sad.jvp(f, (2.5,), (1.0,))[1] == pytest.approx(slope, rel=1e-6)
    bend = (grad(f)(2.5 + 1e-5) - grad(f)(2.5 - 1e-5)) / 2e-5
    assert grad(grad(f))(2.5) == pytest.approx(bend, rel=1e-5)
    assert s2sad.grad(s2sad.derivative(f))(2.5) == pytest.approx(bend, rel=1e-5)
    assert value_and_grad(f)(1.0) == (5.0, 10.0)
