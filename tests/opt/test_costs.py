"""What a formula costs: its sign nothing, where the sum that it goes into takes that."""

import numpy as np
import pytest

from s2sad.ir.kinds import FLOAT, Array
from s2sad.ir.nodes import Op, Var
from s2sad.opt.regroup import total_cost

ROW, MATRIX = Array("float64", (4,)), Array("float64", (4, 4))


def product(*kinds, sign):
    """The operations of `a * b`, or of `-(a * b)`."""
    a, b = (Var(name, kind) for name, kind in zip("ab", kinds))
    out = Var("", Array("float64", np.broadcast_shapes(*(dims(k) for k in kinds))))
    ops = [Op((out,), "mul", (a, b))]
    return [*ops, Op((Var("", out.kind),), "neg", (out,))] if sign else ops


def dims(kind):
    return kind.dims if isinstance(kind, Array) else ()


@pytest.mark.parametrize("kinds", [(FLOAT, ROW), (ROW, ROW), (ROW, MATRIX)])
def test_a_sign_that_a_sum_takes_is_free(kinds):
    plain = total_cost(product(*kinds, sign=False), True)
    assert total_cost(product(*kinds, sign=True), True) == plain
    assert total_cost(product(*kinds, sign=True), False) > plain


@pytest.mark.parametrize("kinds", [(ROW, FLOAT), (MATRIX, ROW)])
def test_a_product_had_better_begin_with_what_is_small(kinds):
    backward = total_cost(product(*kinds, sign=True), True)
    assert backward == total_cost(product(*kinds[::-1], sign=True), True) + 1
