"""What is kept is chosen by its size: how often the length of an axis is in it."""

import pytest

from s2sad.ad.keep import rank
from s2sad.ir.kinds import FLOAT, INT, Array, List, Table, Tuple

MATRIX = Array("float64", ("m", "n"))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FLOAT, 0),
        (Array("float64", ("n",)), 1),
        (MATRIX, 2),
        (Array("float64", (3,)), 0),  # a point in space
        (Array("float64", (3, "n")), 2),
        (List(None, FLOAT), 1),
        (List(None, MATRIX), 3),
        (List((FLOAT, MATRIX)), 2),
        (Table(INT, FLOAT), 1),
        (Table(INT, MATRIX), 3),
        (Table(INT, List(None, FLOAT)), 2),
        (Tuple((FLOAT, Table(INT, FLOAT), FLOAT)), 1),
    ],
    ids=str,
)
def test_rank(kind, expected):
    assert rank(kind) == expected
