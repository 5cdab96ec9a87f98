"""Rules of users' own: `rule`, `check_rule`, and the words `opaque` and `flat`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import s2sad
from s2sad import NoRule, Unsupported, check_rule, grad, hessian, jvp, rule
from s2sad.errors import Misuse

XS = np.linspace(0.0, 10.0, 201)
YS = np.sin(XS)


def table(x):
    return float(np.interp(x, XS, YS))


def slope(x):
    return (table(x + 1e-3) - table(x - 1e-3)) / 2e-3


rule(table, lambda y, x: slope(x))
rule(special.i0, lambda y, x: special.i1(x))
rule(special.i1, lambda y, x: special.i0(x) - y / x)


@rule(partials=lambda y, a, b: (np.cos(a) * b, y / b))
def product(a, b):
    """Never read: its rule is what counts."""
    return eval("math.sin(a) * b")


def flip(x):
    return np.array(list(reversed(x.tolist())))


rule(flip, linear=lambda y_bar, y, x: flip(y_bar))


def test_partials():
    derived = grad(lambda x: table(x) * x)
    assert derived(2.0) == table(2.0) + slope(2.0) * 2.0


def test_a_librarys_function_to_second_order():
    f = lambda x: special.i0(x) * x
    x, i0, i1 = 2.0, special.i0(2.0), special.i1(2.0)
    assert grad(f)(x) == pytest.approx(i1 * x + i0, rel=1e-15)
    assert grad(grad(f))(x) == pytest.approx(2 * i1 + x * (i0 - i1 / x), rel=1e-15)
    check_rule(special.i0, 2.0, np.array([1.0, 2.0]), order=2)


def test_arrays_and_forward_mode():
    x, x_dot = np.array([1.0, 2.0]), np.array([1.0, 0.5])
    y, y_dot = jvp(lambda x: special.i0(x), (x,), (x_dot,))
    np.testing.assert_allclose(y_dot, special.i1(x) * x_dot, rtol=1e-15)


def test_two_operands():
    assert grad(product, (0, 1))(2.0, 3.0) == pytest.approx(
        (math.cos(2.0) * 3.0, math.sin(2.0)), rel=1e-15
    )
    check_rule(product, (2.0, 3.0), order=2)


def test_a_linear_function():
    weights = np.array([1.0, 2.0, 3.0])
    assert grad(lambda x: np.sum(flip(x) * weights))(np.ones(3)).tolist() == [3, 2, 1]
    check_rule(flip, np.array([1.0, 2.0, 3.0]))
    assert hessian(lambda x: np.sum(flip(x) * x))(np.ones(2)).tolist() == [
        [0, 2],
        [2, 0],
    ]


def test_a_librarys_function_itself():
    rule(special.k0, lambda y, x: -special.k1(x))
    assert grad(special.k0)(2.0) == pytest.approx(-special.k1(2.0), rel=1e-15)


def test_a_wrong_rule_is_found():
    square = lambda x: x * x
    rule(square, lambda y, x: 3 * x)
    with pytest.raises(AssertionError, match="difference"):
        check_rule(square, 2.0)


def test_what_a_rule_calls_needs_one_for_the_second_derivative():
    f = lambda x: special.erfcx(x) * x
    rule(special.erfcx, lambda y, x: 2 * x * y - special.j0(x))
    assert isinstance(grad(f)(2.0), float)
    with pytest.raises(NoRule, match="j0"):
        grad(grad(f))(2.0)


def test_a_rule_that_fails_says_where():
    broken = lambda x: x
    rule(broken, lambda y, x: x.no_such_thing)
    with pytest.raises(NoRule, match="no_such_thing") as refused:
        grad(lambda x: broken(x) * 2)(1.0)
    assert refused.value.lineno


def test_opaque_until_there_is_a_rule():
    @s2sad.opaque
    def hidden(x):
        return x * x

    with pytest.raises(NotImplementedError):
        grad(lambda x: hidden(x) * x)(2.0)
    assert grad(lambda x, n: x * float(hidden(n)))(2.0, 3) == 9
    rule(hidden, lambda y, x: 2 * x)
    assert grad(lambda x: hidden(x) * x)(2.0) == 12.0


def test_flat_is_the_users_word():
    @s2sad.flat
    def level(x):
        return math.floor(x * 10) / 10

    assert grad(lambda x: level(x) * x)(2.05) == 2.0


def test_stop_gradient():
    assert grad(lambda x: s2sad.stop_gradient(x * x) * x)(3.0) == 9.0
    assert grad(lambda x: np.sum(s2sad.stop_gradient(x) * x))(np.ones(2)).tolist() == [
        1,
        1,
    ]


def test_checkpoint_changes_no_number():
    def plain(x, n):
        for _ in range(n):
            x = math.sin(x) * x
        return x

    def bounded(x, n):
        for _ in s2sad.checkpoint(range(n)):
            x = math.sin(x) * x
        return x

    @s2sad.checkpoint
    def step(x):
        return math.sin(x) * x

    def stepped(x, n):
        for _ in range(n):
            x = step(x)
        return x

    expected = grad(plain)(1.3, 7)
    assert grad(bounded)(1.3, 7) == expected == grad(stepped)(1.3, 7)
    assert bounded(1.3, 7) == plain(1.3, 7) == stepped(1.3, 7)


@pytest.mark.parametrize(
    "wrong",
    [lambda: rule(3.0, lambda y, x: x), lambda: rule(table), lambda: rule(table, 2)],
)
def test_misuse(wrong):
    with pytest.raises(Misuse):
        wrong()


def test_no_rule_to_check():
    with pytest.raises(Misuse, match="no rule"):
        check_rule(lambda x: x)


def test_unsupported_is_still_unsupported():
    with pytest.raises((Unsupported, NoRule)):
        grad(lambda x: special.jv(2, x))(1.0)
