"""What stands around the statements: comments, quotations, docstrings, whole modules."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import pytest

from s2sad.emit import Names, emit
from s2sad.ir.nodes import Block, Param, Program, SourceText
from s2sad.ir.parser import guess, parse_program
from s2sad.ir.walk import blocks, with_blocks
from s2sad.rules import TABLE
from tests.emit.running import formatted, ruff

SOURCE = SourceText(
    "energy",
    '''def energy(r, x, n):
    """How far it goes."""
    path = np.zeros(n)  # where it has been

    # iterate the map
    for i in range(n):
        x = r * x * (1.0 - x)
        path[i] = x
    # the "#" in a string is no comment
    e = np.sum(path ** 2) + 0.0 * np.sum(path) + 0.0 * np.sum(path ** 3) + 0.0
    return e
''',
)

ENERGY = """
func energy_vjp(r: float, x.0: float, n: int, e_bar: float = 1.0):
    path.0: float64[n.0] = zeros n  # 3
    x_tape.0: tape of float = tape  # 6
    x.3, path.3, x_tape.3 = for i.0 in range n with x.1 = x.0, path.1 = path.0, x_tape.1 = x_tape.0:  # 6
        x_tape.2 = push x_tape.1, x.1  # 7
        %1 = mul r, x.1  # 7
        %2 = sub 1.0, x.1  # 7
        x.2 = mul %1, %2  # 7
        path.2 = setitem path.1[i.0], x.2  # 8
        yield x.2, path.2, x_tape.2
    %3 = pow path.3, 2  # 10
    e: float64 = sum %3  # 10
    %4 = mul 2, path.3  # ~10
    path_bar = mul %4, e_bar  # ~10
    r_bar.2, x_bar.4, x_tape.6 = for i.1 in backward range n with r_bar.0: float = 0.0, x_bar.1: float = 0.0, x_tape.4 = x_tape.3:  # ~6
        %5: float = getitem path_bar[i.1]  # ~8
        x_bar.2 = add x_bar.1, %5  # ~8
        x_tape.5, x.4: float = pop x_tape.4  # ~7
        %6 = sub 1.0, x.4  # ~7
        %7 = mul %6, x_bar.2  # ~7
        %8 = mul x.4, %7  # ~7
        r_bar.1 = add r_bar.0, %8  # ~7
        %9 = mul r, %7  # ~7
        %10 = mul r, x.4  # ~7
        %11 = mul %10, x_bar.2  # ~7
        x_bar.3 = sub %9, %11  # ~7
        yield r_bar.1, x_bar.3, x_tape.5
    %12 = tuple r_bar.2, x_bar.4  # ~10
    %13 = tuple e, %12  # ~10
    return %13
"""

EXPECTED = '''def energy_vjp(r, x, n, e_bar=1.0):
    """Adjoint of `energy`.

    Returns e, (r_bar, x_bar).
    """
    path = np.zeros(n)  # where it has been
    x_tape = []

    # iterate the map
    for i in range(n):
        x_tape.append(x)
        x = r * x * (1.0 - x)
        path[i] = x
    # the "#" in a string is no comment
    e = np.sum(path**2)

    # reverse
    path_bar = 2 * path * e_bar  # 10: e = np.sum(path ** 2) + 0.0 * np.sum(path) + 0...
    r_bar = x_bar = 0.0  # 6: for i in range(n)
    for i in reversed(range(n)):
        x_bar += path_bar[i]  # 8: path[i] = x
        x = x_tape.pop()  # 7: x = r * x * (1.0 - x)
        t1 = (1.0 - x) * x_bar
        r_bar += x * t1
        x_bar = r * t1 - r * x * x_bar
    return e, (r_bar, x_bar)
'''


def infer(prim, args, attrs):
    return TABLE[prim].infer(args, attrs) if prim in TABLE else guess(prim, args, 1)


def with_source(
    program: Program, source: SourceText, doc: str | None = None
) -> Program:
    def block(old: Block) -> Block:
        return Block(tuple(map(stmt, old.stmts)), old.yields, old.stop)

    def stmt(old):
        if old.span is not None:
            old = replace(old, span=replace(old.span, source=source))
        return with_blocks(old, tuple(map(block, blocks(old))))

    function = program.entry
    function = replace(function, body=block(function.body), source=source, doc=doc)
    return Program(program.main, {program.main: function})


def test_comments_and_quotations():
    doc = "Adjoint of `energy`.\n\nReturns e, (r_bar, x_bar)."
    program = with_source(parse_program(ENERGY, infer), SOURCE, doc)
    text = emit(program).text
    assert text == EXPECTED
    if ruff() is not None:
        assert formatted(text) == text


def test_a_module_stands_alone(tmp_path):
    program = parse_program(
        """
        func f(x: float64[x.0], y: float64[y.0], s: float):
            %1 = sin s
            %2 = unbroadcast y, x
            %3 = free name="SCALE"
            %4 = mul %2, %3
            %5 = mul %4, %1
            return %5
        """,
        infer,
    )
    names = Names(numpy="np", math=None, taken=frozenset({"np", "SCALE"}))
    text = emit(
        program, names, "module", constants={"SCALE": 2.0}, doc="One file."
    ).text
    if ruff() is not None:
        assert formatted(text) == text
    path = tmp_path / "alone.py"
    path.write_text(
        text + "\n\nprint(f(np.ones(1), np.arange(3.0), 0.5) / np.sin(0.5))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[6.]", done.stderr
    assert "s2sad" not in text


def test_names_that_are_taken():
    program = parse_program(
        """
        func f(np: float, x: float):
            math = mul np, x
            %1 = exp math spelling="np.exp"
            x_bar = mul %1, x
            %2 = free name="x_bar"
            %3 = mul x_bar, %2
            %4 = add %3, x_bar
            return %4
        """,
        infer,
    )
    text = emit(program, Names(numpy=None, math=None, taken=frozenset({"x_bar"})))
    assert text.text.splitlines()[1:] == [
        "    math = np * x",
        "    x_bar_ = np_.exp(math) * x",
        "    return x_bar_ * x_bar + x_bar_",
    ]
    assert text.cells == {"np_": ("module", "numpy")}


def test_parameters_as_they_are_passed():
    program = parse_program(
        "func f(a: float, b: float, c: float, d: float, e: float):\n    return a", infer
    )
    function = program.entry
    styles = ["positional", "normal", "star", "keyword", "doublestar"]
    params = tuple(
        Param(p.var, style) for p, style in zip(function.params, styles, strict=True)
    )
    text = emit(Program("f", {"f": replace(function, params=params)})).text
    assert text.startswith("def f(a, /, b, *c, d, **e):")


def test_unknown_target():
    with pytest.raises(ValueError, match="python, module"):
        emit(parse_program("func f(x: float):\n    return x", infer), target="fortran")


# ---- names ---------------------------------------------------------------------------

sin_x = 3.0
xy = 2.0


def taken(x, y):
    return math.sin(x) * sin_x + x * y * xy + math.exp(x * y) * math.sin(x)


def again(x, y):
    x_bar = x * y
    x_2_bar = x_bar + math.sin(x)
    for _ in range(3):
        x_2_bar = x_2_bar * (1.0 - x) + math.sin(x)
    return x_2_bar * (1.0 - x) * x_bar


@pytest.mark.parametrize("f", [taken, again])
def test_descriptions_take_no_name_that_means_something(f):
    """The user's globals and variables may be called as we would call a value."""
    from s2sad import check_grads

    check_grads(f, (0.7, 1.3), order=2)


def test_values_are_called_for_what_they_are():
    from s2sad import adjoint

    def f(x, rate, params):
        return math.sin(x) * params["W1"] * (1.0 - rate) / math.sin(x) ** 2

    slope = adjoint(f, (0, 1))
    slope(0.7, 0.2, {"W1": 2.0})
    for line in ("sin_x = math.sin(x)", "one_minus_rate = 1.0 - rate", "W1 = params"):
        assert line in slope.source


# ---- unpacking -----------------------------------------------------------------------


def test_arrays_are_unpacked_as_the_user_wrote_it():
    """With the error that Python raises where there are more entries."""
    import numpy as np

    from s2sad import adjoint, check_grads

    def f(p):
        a, b = p
        p, q = p * a
        return a * b * p + q

    slope = adjoint(f)
    slope(np.array([0.5, 2.0]))
    assert "a, b = p\n" in slope.source and "len(" not in slope.source
    with pytest.raises(ValueError, match="unpack"):
        slope(np.ones(3))
    check_grads(f, (np.array([0.5, 2.0]),), order=2)
