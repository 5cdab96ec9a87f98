"""Evaluation tables of a program given as IR."""

import numpy as np
import pytest

from s2sad.ir.kinds import FLOAT, INT, Array
from s2sad.ir.parser import parse_program
from s2sad.ir.walk import definitions
from s2sad.proof import trace

from .by_hand import f

TEXT = """\
func f(x1, x2):
    %1 = log x1
    %2 = mul x1, x2
    %3 = add %1, %2
    %4 = sin x2
    y = sub %3, %4
    return y
"""


def lower(function, args, kwargs, wrt):
    program = parse_program(TEXT)
    for each in program.functions.values():
        for var in (*(param.var for param in each.params), *definitions(each.body)):
            var.kind = FLOAT
    return program


@pytest.fixture(scope="module")
def table():
    return trace(f, (2.0, 5.0), seed=(1, 0), lower=lower)


def test_values_tangents_and_adjoints(table):
    rows = {row.name: row for row in table.rows}
    assert list(rows) == ["v-1", "v0", "v1", "v2", "v3", "v4", "v5"]
    values = [round(row.value, 3) for row in table.rows]
    assert values == [2, 5, 0.693, 10, 10.693, -0.959, 11.652]
    tangents = [round(row.tangent, 3) for row in table.rows]
    assert tangents == [1, 0, 0.5, 5, 5.5, 0, 5.5]
    adjoints = [round(row.adjoint, 3) for row in table.rows]
    assert adjoints == [5.5, 1.716, 1, 1, 1, -1, 1]
    assert rows["v2"].operation == "mul" and rows["v2"].inputs == ("v-1", "v0")
    assert rows["v4"].tangent_expression == "cos(v0) * v0_dot"
    assert rows["v5"].variable == "y"


def test_the_other_seed():
    table = trace(f, (2.0, 5.0), seed=(0, 1), lower=lower)
    assert [round(row.tangent, 3) for row in table.rows] == [
        0,
        1,
        0,
        2,
        2,
        0.284,
        1.716,
    ]


def test_a_wrong_number_of_seeds_is_refused():
    with pytest.raises(ValueError, match="3 seeds for 2 arguments"):
        trace(f, (2.0, 5.0), seed=(1, 0, 0), lower=lower)


def test_as_text(table):
    lines = str(table).splitlines()
    assert "forward primal trace" in lines[0] and "reverse adjoint trace" in lines[0]
    assert lines[4].split("|")[0].split() == ["v1", "=", "log(v-1)", "0.693"]
    assert all(len(line) <= len(lines[1]) for line in lines)


def test_as_markdown(table):
    lines = table.markdown().splitlines()
    assert lines[4] == (
        "| `v1 = log(v-1)` | 0.693 | `v1_dot = v-1_dot / v-1` | 0.5 | `v1_bar = v3_bar` | 1 |"
    )
    assert {line.count("|") for line in lines} == {7}


def test_as_data(table):
    data = table.as_json()
    assert data["rows"][2]["value"] == pytest.approx(0.693147)
    assert data["result"] == pytest.approx(11.652071)


LOOP = """\
func energy(r, x.0, n):
    path.0 = zeros n
    x.3, path.3 = for i in range n with x.1 = x.0, path.1 = path.0:
        %1 = mul r, x.1
        %2 = sub 1.0, x.1
        x.2 = mul %1, %2
        path.2 = setitem path.1[i], x.2
        yield x.2, path.2
    %3 = pow path.3, 2
    e = sum %3
    return e
"""


def energy(r, x, n):
    path = np.zeros(n)
    for i in range(n):
        x = r * x * (1.0 - x)
        path[i] = x
    return np.sum(path**2)


def lower_loop(function, args, kwargs, wrt):
    program = parse_program(LOOP)
    array = Array("float64", ("n.0",))
    for param, kind in zip(program.entry.params, (FLOAT, FLOAT, INT)):
        param.var.kind = kind
    for var in definitions(program.entry.body):
        var.kind = (
            array if var.name in ("path", "") else INT if var.name == "i" else FLOAT
        )
    return program


def test_a_loop_is_unrolled_and_writes_are_followed():
    table = trace(energy, (3.7, 0.3, 2), lower=lower_loop)
    r, x, n = table.rows[:3]
    step = 1e-6
    assert r.adjoint == pytest.approx(
        (energy(3.7 + step, 0.3, 2) - energy(3.7 - step, 0.3, 2)) / (2 * step), rel=1e-6
    )
    assert x.adjoint == pytest.approx(
        (energy(3.7, 0.3 + step, 2) - energy(3.7, 0.3 - step, 2)) / (2 * step), rel=1e-6
    )
    assert n.adjoint is None
    assert table.rows[-1].tangent == pytest.approx(r.adjoint)
    assert [row.operation for row in table.rows].count("setitem") == 2
