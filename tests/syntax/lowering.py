"""What the tests of lowering share: lower a function for a call, run the IR."""

from __future__ import annotations

import inspect

import numpy as np

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.interp import interpret
from s2sad.ir.verify import verify_program
from s2sad.rules import TABLE
from s2sad.syntax.session import Lowered, Signature, lower


def signature_of(func, *args, **kwargs) -> Signature:
    bound = inspect.signature(func).bind(*args, **kwargs)
    bound.apply_defaults()
    values = dict(bound.arguments)
    return Signature(tuple((n, kind_of(v, n)) for n, v in values.items()), values)


def lowered(func, *args, **kwargs) -> Lowered:
    made = lower(func, signature_of(func, *args, **kwargs))
    verify_program(made.program)
    return made


def run(made: Lowered, func, *args, **kwargs):
    values = signature_of(func, *args, **kwargs).values
    env = dict(func.__globals__)
    cells = func.__closure__ or ()
    env.update(zip(func.__code__.co_freevars, (c.cell_contents for c in cells)))

    def primitive(name):
        if name == "free":
            return lambda name, owner=None: eval(
                name, owner.__globals__ if owner else env
            )
        if name == "opaque":
            return lambda *a, callee=None, keywords=(), **rest: kept(
                env, callee, keywords, a
            )
        return TABLE[name].run

    (result,) = interpret(made.program, tuple(values.values()), primitive)
    return result


def kept(env, callee, keywords, args):
    count = len(args) - len(keywords)
    named = dict(zip(keywords, args[count:]))
    if callee is None:
        return args[0](*args[1:count], **named)
    if callee.startswith("."):
        return getattr(args[0], callee[1:])(*args[1:count], **named)
    return eval(callee, env)(*args[:count], **named)


def agrees(func, *args, **kwargs) -> Lowered:
    """The IR computes what the function computes."""
    made = lowered(func, *args, **kwargs)
    got = run(made, func, *args, **kwargs)
    compare(got, func(*args, **kwargs))
    return made


def compare(got, want) -> None:
    assert type(got) is type(want) or np.isscalar(want), (got, want)
    if isinstance(want, dict):
        assert list(got) == list(want)
        got, want = list(got.values()), list(want.values())
    if isinstance(want, (tuple, list)):
        assert len(got) == len(want), (got, want)
        for g, w in zip(got, want):
            compare(g, w)
    elif isinstance(want, (str, type(None))):
        assert got == want
    else:
        np.testing.assert_array_equal(got, want)
