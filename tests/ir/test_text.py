"""Printing and parsing are inverse, and the printed form is that of the design."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad.ir.build import Builder
from s2sad.ir.kinds import FLOAT, INT, Array, Object
from s2sad.ir.kinds import show as show_kind
from s2sad.ir.nodes import UNDEF, Block, Call, Function, If, Lit, Param, Program, Var
from s2sad.ir.parser import ParseError, parse, parse_function, parse_program
from s2sad.ir.printer import show
from s2sad.rules import TABLE

sys.path.insert(0, str(Path(__file__).parent))

from programs import random_program  # noqa: E402

ENERGY = """\
func energy(r, x.0, n):
    path.0 = zeros n                                                  # 2
    x.3, path.3 = for i in range n with x.1 = x.0, path.1 = path.0:   # 3
        %1 = mul r, x.1                                               # 4
        %2 = sub 1.0, x.1                                             # 4
        x.2 = mul %1, %2                                              # 4
        path.2 = setitem path.1[i], x.2                               # 5
        yield x.2, path.2
    %3 = pow path.3, 2                                                # 6
    e = sum %3                                                        # 6
    return e
"""

EVERYTHING = """\
func g(a, A.0, k = 3, /, *args, c.0 = `np.pi`, d = 'hi', **more):
    t.0 = tape
    w.1, t.4 = while with w.0 = a, t.1 = t.0:                   # 3
        test:
            c.1 = lt w.0, 1e3
            yield c.1
        q = getitem A.0[1:, ..., None, ::2][-1].foo['a'][k]
        A.1 = setitem A.0[0, 1:k], q
        A.2 = additem A.1[0][1], +inf
        s = sum A.2 axis=(0, -1) keepdims=False dtype=<float>   # ~4
        print 'hello # 3', q keywords=('sep', (1, 2), {'a': <numpy.sin>}) parts=('a=', 0)
        t.2 = push t.1, w.0
        t.3, z.0 = pop t.2
        z.1, u = if c.1 form='and':
            x = call h w.0, True
            yield x, undef
        else:
            yield 1_000, 3
        if c.1:
            raise 'no'
        else:
            print
        for i in backward range 1, k, 2 form='each':
            print i
        for j in range 3:
            yield stop c.1
        yield z.1, t.3 stop c.1
    stop.0 = mul 0x10, -1.5e-3                                  # +7
    undef.0 = add (1+2j), -inf
    free name='np.pi'
    return w.1, +nan, None, ...

func h(x, y) key='h#2':
    return x

func nothing():
    return
"""


@pytest.mark.parametrize("text", [ENERGY, EVERYTHING])
def test_text_comes_back(text):
    thing = parse(text)
    assert show(thing) == text
    assert show(parse(show(thing, kinds=True)), lines=False) == show(thing, lines=False)


def test_a_single_function_is_a_function_and_several_a_program():
    assert isinstance(parse(ENERGY), Function)
    program = parse(EVERYTHING)
    assert isinstance(program, Program)
    assert program.main == "g"
    assert list(program.functions) == ["g", "h#2", "nothing"]
    assert isinstance(parse_program(ENERGY), Program)


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_come_back(seed):
    program = random_program(seed)
    text = show(program)
    parsed = parse_program(
        text, lambda prim, args, attrs: TABLE[prim].infer(args, attrs)
    )
    assert show(parsed) == text
    full = show(program, kinds=True)
    assert show(parse_program(full), kinds=True) == full


def test_kinds():
    text = (
        "func f(x: float, A: float64[A.0, 3, ~A.2, ?], B: float32[...], n: int=x.0, "
        "p: (float, [int, bool]), d: {'w': float64[2], 1: int}, m: ?, "
        "s: 'relu', l: list of float, t: tape of (float, int)):\n    return x\n"
    )
    function = parse_function(text)
    assert show(function, kinds="params") == text
    kinds = [param.var.kind for param in function.params]
    assert kinds[1] == Array("float64", ("A.0", 3, "~A.2", None))
    assert kinds[2] == Array("float32", None)


def test_an_object_prints_by_its_class():
    kind = Object(Path, ("a",), (FLOAT,))
    x = Var("x", kind)
    text = show(Function("f", (Param(x),), Block((), (x,))), kinds=True)
    assert show_kind(kind) in text
    parse(text)


def test_a_value_without_a_spelling_prints_the_same_everywhere():
    b = Builder()
    thing = object()
    out = b.op("opaque", (Lit(thing), Lit(np.sin), Lit(slice(1))), FLOAT)
    text = show(Function("f", (), b.close((out,))))
    assert "0x" not in text
    assert "<object>" in text


def test_names_that_are_words_of_the_grammar_have_versions():
    b = Builder()
    stop = Var("stop", INT)
    out = b.op("add", (stop, stop), INT, "undef")
    text = show(Function("f", (Param(stop),), b.close((out,))))
    assert (
        text
        == "func f(stop.0):\n    undef.0 = add stop.0, stop.0\n    return undef.0\n"
    )
    assert show(parse(text)) == text


def test_what_is_not_defined_is_marked():
    lost = Var("lost")
    text = show(Function("f", (), Block((Call((), "g", (lost,)),), (Var(),))))
    assert text == "func f():\n    call g lost?\n    return %?\n"


def test_deep_nesting():
    block = Block((), (Lit(1),))
    cond = Var("c")
    for _ in range(60):
        out = Var("x", INT)
        block = Block((If((out,), cond, block, Block((), (UNDEF,))),), (out,))
    function = Function("f", (Param(cond),), block)
    assert show(parse(show(function))) == show(function)


@pytest.mark.parametrize(
    "text, why",
    [
        (
            "func f(x):\n    y = add x, z\n    return y",
            "expected something that is defined",
        ),
        ("func f(x):\n    x = add x, x\n    return x", "`x` is defined a second time"),
        ("func f(x):\n    return x x", "expected the end of the line"),
        ("def f(x):\n    return x", "expected `func`"),
        ("", "no function"),
        (
            "func f(x):\n    y = while with a = x:\n        yield a\n    return y",
            "test",
        ),
    ],
)
def test_faults_are_pointed_at(text, why):
    with pytest.raises(ParseError, match=why):
        parse(text)


def test_the_text_does_not_depend_on_the_process():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from programs import random_program; from s2sad.ir.printer import show;"
        "print(*[show(random_program(seed)) for seed in range(5)])"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    texts = {
        subprocess.run(
            command,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
