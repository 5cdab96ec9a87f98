# ruff: noqa: F841 (the programs are odd on purpose)
"""What is refused is refused by name, at its place, all of it together."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from lowering import lowered

from s2sad.errors import InternalError, S2sadError, row_of

COUNT = 0
STORE = np.zeros(3)


def asynchronous(x):
    async def inner():
        return x

    return x


async def coroutine(x):
    return x


def generator_call(x):
    def inner():
        yield x

    return sum(inner())


def writes_global(x):
    global COUNT
    COUNT = x
    return x


def writes_nonlocal():
    k = 1.0

    def inner(x):
        nonlocal k
        k = x
        return x

    return inner


def tries(x):
    try:
        y = 1 / x
    finally:
        return y


def defines_class(x):
    class Inner:
        print("made")

    return x


def no_return(x):
    y = x * 2


def return_on_one_path(x):
    if x > 0:
        return x


def unknown_name(x):
    return x * nothing_like_it  # noqa: F821


def used_before(x):
    y = z + x  # noqa: F821
    z = 1.0
    return y


def manager(x):
    with __import__("session"):
        y = x
    return y


def deleted_element(x):
    del x[0]
    return x.sum()


def evaluates(x):
    return eval("x + 1")


def set_of(x):
    return sum({x, x + 1})


def attribute_by_name(x, name="real"):
    return getattr(x, name + str(x))


def unpack_count(x):
    a, b, c = (x, x)
    return a


def missing_key(x):
    d = {"a": x}
    return d["b"]


def missing_item(x):
    return [x, x][5]


def dynamic_key(x, i):
    d = {0: x, 1: "two"}
    return d[int(x) + i]


def array_truth(a):
    if a > 0:
        return a.sum()
    return 0.0


def wrong_arguments(x):
    return helper(x, y=2.0)


def helper(x):
    return x


def string_plus_number(x):
    return x + "a"


def kept_generator(x):
    g = (x * i for i in range(3))
    return sum(g)


def which_array(x, flag):
    a, b = x * 2, x * 3
    y = a if flag > 0 else b
    y[0] = 1.0
    return a.sum()


def stale_view(x, flag):
    a = x * 2
    y = a[::-1].reshape(3, 1)
    a[0] = 1.0
    return y.sum()


def maybe_view(a, flag):
    y = a[::-1].reshape(-1)
    y[0] = 1.0
    return (y * a).sum()


def list_grows_under_loop(x):
    items = [x]
    total = 0.0
    for item in items:
        total += item
        if total < 3:
            items.append(item)
    return total


def out_of_nowhere(x):
    np.add(x, x, out=[0.0])
    return x


def dot_into_an_operand(a):
    b = np.outer(a, a)
    np.dot(b, b, out=b)
    return b.sum()


def resizes(a):
    b = a * 2
    b.resize(2)
    return b.sum()


def writes_a_diagonal(a):
    b = np.outer(a, a)
    d = b.diagonal()
    d[0] = 1.0
    return b.sum()


def starred(x):
    return max(*x)


def endless(x, n):
    return endless((x, n), n)


A = np.array([1.0, 2.0, 3.0])

REFUSED = [
    (asynchronous, "async", 1.0), (coroutine, "async", 1.0), (generator_call, "yield", 1.0),
    (writes_global, "global-write", 1.0), (writes_nonlocal(), "nonlocal-write", 1.0),
    (tries, "try", 1.0), (defines_class, "class", 1.0), (no_return, "missing-return", 1.0),
    (return_on_one_path, "missing-return", 1.0), (unknown_name, "undefined", 1.0),
    (used_before, "undefined", 1.0), (manager, "with", 1.0), (deleted_element, "del-element", A),
    (evaluates, "dynamic-code", 1.0), (set_of, "construct", 1.0),
    (attribute_by_name, "dynamic-attribute", 1.0), (unpack_count, "unpack-count", 1.0),
    (missing_key, "missing-key", 1.0), (missing_item, "missing-key", 1.0),
    (dynamic_key, "dynamic-key", 1.0, 2.0), (array_truth, "ambiguous-truth", A),
    (wrong_arguments, "bad-arguments", 1.0), (string_plus_number, "operand-kinds", 1.0),
    (kept_generator, "generator-place", 1.0), (which_array, "which-array-read", A, 1.0),
    (stale_view, "which-array-read", A, 1.0), (maybe_view, "maybe-view", A, 1.0),
    (out_of_nowhere, "out", A), (dot_into_an_operand, "overlapping-write", A),
    (resizes, "write-to-write", A), (writes_a_diagonal, "write-to-write", A), (starred, "starred-length", [1.0] * 20),
    (endless, "recursion-kinds", 1.0, 2.0),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0].__name__)
def test_refused(case):
    func, name, *args = case
    with pytest.raises(S2sadError) as caught:
        lowered(func, *args)
    error = caught.value
    assert row_of(name).code in [d.code for d in error.diagnostics], str(error)
    place = error.diagnostics[0].place
    assert place is not None and place.filename.endswith("test_refusals.py")
    code = func.__code__
    assert place.line >= code.co_firstlineno
    assert "^" in str(error)


def two_problems(x):
    global COUNT
    COUNT = x
    try:
        y = x
    except x:
        y = 1.0
    return y * nothing_like_it  # noqa: F821


def test_all_are_told():
    with pytest.raises(S2sadError) as caught:
        lowered(two_problems, 1.0)
    names = {d.code for d in caught.value.diagnostics}
    assert names == {row_of(n).code for n in ("global-write", "try", "undefined")}


def test_a_problem_in_a_loop_is_told_once():
    def f(x):
        for i in range(3):
            for j in range(3):
                x = x + missing(j)  # noqa: F821
        return x

    with pytest.raises(S2sadError) as caught:
        lowered(f, 1.0)
    assert len(caught.value.diagnostics) == 1


# ---- arguments of other libraries ----------------------------------------------------


def made_by(module, name, base=object):
    """An object of a class that says it comes from this module."""
    cls = type(name, (base,), {"__module__": module})
    return cls() if base is object else np.ones(2).view(cls)


INPUTS = [
    (made_by("pandas.core.frame", "DataFrame"), "pandas", "x.to_numpy(dtype=float)"),
    (made_by("torch", "Tensor"), "torch", "x.detach().cpu().numpy()"),
    (made_by("jaxlib.xla_extension", "ArrayImpl"), "torch", "np.asarray(x)"),
    (made_by("scipy.sparse._csr", "csr_matrix"), "sparse", "x.toarray()"),
    (np.ma.array([1.0, 2.0], mask=[0, 1]), "masked", "x.filled(0.0)"),
    (made_by("pint.registry", "Quantity"), "units", "x.magnitude"),
    (made_by("astropy.units.quantity", "Quantity", np.ndarray), "units", "x.value"),
    (made_by("numpy", "matrix", np.ndarray), "array-subclass", "np.asarray(x)"),
    (np.array([1.0, None], dtype=object), "object-dtype", "x.astype(float)"),
    (Fraction(1, 2), "number-type", "float(x)"),
    (1 + 2j, "complex", "x.real"),
    (np.array([1j]), "complex", "x.imag"),
]


def squared(scale, x):
    return (x * x).sum() * scale


@pytest.mark.parametrize("value, name, convert", INPUTS)
def test_an_input_that_cannot_be_computed_with(value, name, convert):
    with pytest.raises(S2sadError) as caught:
        lowered(squared, 2.0, value)
    (found,) = caught.value.diagnostics
    assert row_of(found.code).name == name
    assert convert in found.help
    assert found.place.line == squared.__code__.co_firstlineno
    assert found.place.col == len("def squared(scale, ")


# ---- words ---------------------------------------------------------------------------


def returns_nothing(x):
    y = x * x


def calls_what_returns_nothing(x):
    if x > 0:
        return x


def writes_out(x):
    y = [0.0, 0.0, 0.0]
    np.multiply(x, x, out=y)
    return y[0]


def resized(x):
    y = x * 2.0
    y.resize(2)
    return y.sum()


def collects(v, seen=[]):  # noqa: B006
    seen.append(v)
    return sum(seen)


def writes_a_default(x):
    return collects(x) * collects(x * x)


WORDS = [
    (writes_a_default, 1.0, "writing into `collects.__defaults__[0]`", ""),
    (returns_nothing, 1.0, "`returns_nothing` returns None", "return"),
    (calls_what_returns_nothing, 1.0, "`calls_what_returns_nothing` returns", ""),
    (writes_out, np.ones(3), "`np.multiply` writes", "`y[...] = "),
    (resized, np.ones(3), "writing into `y` in this way", ""),
]


@pytest.mark.parametrize("func, x, message, remedy", WORDS)
def test_words(func, x, message, remedy):
    with pytest.raises(S2sadError) as caught:
        lowered(func, x)
    assert message in caught.value.diagnostics[0].message
    assert remedy in caught.value.diagnostics[0].help
    assert "..." not in caught.value.diagnostics[0].message


def transform(x):
    return np.fft.fft(x)[0].real + STORE[0]


def test_the_call_that_has_no_rule_is_named():
    made = lowered(transform, np.ones(3))
    function = made.program.entry
    named = {
        op.attrs["refusal"].message.split("`")[1]
        for op in function.body.stmts
        if getattr(op, "prim", "") == "opaque"
    }
    assert named == {"np.fft.fft"}


def test_a_failure_of_lowering_says_where(monkeypatch):
    from s2sad.syntax import functions

    def fails(f):
        raise KeyError("lost")

    monkeypatch.setattr(functions, "main_result", fails)
    with pytest.raises(InternalError, match=r"test_refusals.py.*KeyError"):
        lowered(squared, 2.0, np.ones(2))
