"""Run IR programs and their derivatives through the interpreter, for tests of `ad`."""

from __future__ import annotations

import numpy as np

from s2sad.ad import Wrt, jvp, vjp
from s2sad.ir.interp import interpret
from s2sad.ir.nodes import Program
from s2sad.ir.parser import parse
from s2sad.ir.printer import show
from s2sad.ir.verify import verify
from s2sad.rules import TABLE


def infer(prim, args, attrs):
    return TABLE[prim].infer(args, attrs)


def run(prim):
    return TABLE[prim].run


def program(text):
    found = parse(text, infer)
    if isinstance(found, Program):
        return found
    return Program(found.name, {found.name: found})


def checked(made):
    for function in made.functions.values():
        verify(function)
    return made


def call(made, args):
    (result,) = interpret(made, args, run)
    return result


def real(value):
    return isinstance(value, float) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    )


def compare(text, *args, order=2):
    """jvp against differences, vjp against jvp, and the same of the derivative."""
    primal = program(text)
    places = tuple((k, ()) for k, arg in enumerate(args) if real(arg))
    compare_program(primal, places, args, order)


def compare_program(primal, places, args, order):
    rng = np.random.default_rng(3)
    wrt = Wrt(places)
    forward, reverse = checked(jvp(primal, wrt)), checked(vjp(primal, wrt))
    y = call(primal, args)
    dots = [rng.standard_normal(np.shape(args[k]))[()] for k, _ in places]
    value, dot = call(forward, (*args, *dots))
    np.testing.assert_allclose(value, y, rtol=1e-12)
    expected = difference(primal, places, args, dots)
    np.testing.assert_allclose(
        dot, expected, rtol=1e-5, atol=1e-7, err_msg=show(forward)
    )
    y_bar = rng.standard_normal(np.shape(y))[()]
    value, bars = call(reverse, (*args, y_bar))
    np.testing.assert_allclose(value, y, rtol=1e-12)
    left = np.sum(y_bar * np.asarray(dot))
    right = sum(np.sum(b * d) for b, d in zip(bars, dots, strict=True))
    np.testing.assert_allclose(
        right, left, rtol=1e-9, atol=1e-10, err_msg=show(reverse)
    )
    if order > 1:
        gradient = vjp(primal, Wrt(places[:1], single=True), value=False, seed=False)
        if np.shape(y) == ():
            compare_program(checked(gradient), places, args, order - 1)


def difference(primal, places, args, dots):
    def at(step):
        moved = list(args)
        for (k, _), dot in zip(places, dots, strict=True):
            moved[k] = args[k] + step * dot
        return np.asarray(call(primal, tuple(moved)))

    def central(h):
        return (at(h) - at(-h)) / (2 * h)

    h = 1e-3
    a, b, c = central(h), central(h / 2), central(h / 4)
    return (64 * c - 20 * b + a) / 45
