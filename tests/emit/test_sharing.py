"""Which results look into the memory of an operand: known of every primitive."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import adjoint, tangent
from s2sad.emit.sharing import may_view
from s2sad.ir.kinds import Array
from s2sad.ir.nodes import Lit, Op, Var
from s2sad.syntax import frame, views
from tests.rules.cases import CASES
from tests.rules.harness import evaluate

# What is put into the text by derivatives alone, or has rules of its own.
OURS = {"getitem", "setitem", "additem", "add_entry", "rows", "split_like"}
OURS |= {"tuple", "list", "joined"}
NAMED = frame.VIEWS | views.BACK.keys() | {"matrix_power"}


def arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays(item)


def sharing():
    """The names and options of the cases whose result shares memory with an operand."""
    found = {}
    for name, args, attrs in CASES:
        if name in OURS:
            continue
        try:
            result = evaluate(name, args, attrs)
        except Exception:  # noqa: S112 (other tests say what it raises)
            continue
        given = list(arrays([arg for arg in args if not isinstance(arg, Lit)]))
        if any(np.shares_memory(a, b) for a in arrays(result) for b in given):
            found.setdefault(name, (args, attrs))
    return found


@pytest.mark.filterwarnings("ignore")
def test_what_shares_memory_is_known_to_do_so():
    found = sharing()
    assert {"transpose", "einsum", "matrix_power", "real", "split"} <= found.keys()
    for name, (args, attrs) in found.items():
        kinds = [Array("float64", np.shape(arg)) for arg in args]
        operands = tuple(Var("", kind) for kind in kinds)
        op = Op((Var(),), name, operands, attrs)
        assert may_view(op), f"{name} {attrs} may be a view of its operand"
        assert name in NAMED, f"{name} {attrs} may be a view of what is written later"


def test_zeros_like_what_is_not_known_are_new():
    """Nothing is known of `np.hanning`, but its zeros are nobody else's."""

    def f(x):
        w = np.hanning(6)
        z = np.zeros_like(w)
        return x * w, z

    derived = tangent(f)
    (y, zeros), _ = derived(2.0, 1.0)
    assert np.array_equal(y, 2.0 * np.hanning(6)) and not zeros.any()
    assert "return (x * w, z)" in derived.source


def test_what_a_copied_list_holds_is_not_handed_out():
    """The copy of a list is a new list of the same arrays: here, of views of `x`."""

    def f(x, n):
        windows = []
        for i in range(n):
            windows.append(x[i : i + 2])
        more = windows.copy()
        more.append(x[:2] * 2.0)
        return more

    x, x_dot = np.arange(5.0), np.ones(5)
    y, y_dot = tangent(f, "x")(x, 3, x_dot)
    for value, expected in zip(y, f(x, 3), strict=True):
        assert np.array_equal(value, expected) and not np.shares_memory(value, x)
    for dot in y_dot[:3]:
        assert np.array_equal(dot, [1.0, 1.0]) and not np.shares_memory(dot, x_dot)


def test_what_changes_places_on_a_way_is_not_copied():
    """Both buffers are written on each trip, whichever is which."""

    def f(x, w, n):
        a, b = x.copy(), w.copy()
        for i in range(n):
            if a[0] > b[0]:
                a, b = b, a
            a[i % 3] += np.sin(b[0]) * b[i % 3]
            b[(i + 1) % 3] *= a[1]
        return np.sum(a * b)

    def groups(levels, cap):
        events, event = [], []
        for x in levels:
            if x > cap:
                event.append((x - cap) ** 2)
            elif event:
                events.append(event)
                event = []
        return sum(max(event) * sum(event) for event in events)

    x, w = np.array([0.4, 1.2, -0.3]), np.array([0.7, 0.5, 1.1])
    bar = adjoint(f)
    bar(x, w, 5)
    loops = bar.source.partition("for i in")[2].replace("bar = b.copy()", "")
    assert "copy()" not in loops.partition("# reverse")[0]
    assert "copy()" not in loops.rpartition("for i in")[2]
    dot = tangent(groups)
    dot(np.arange(6.0) % 4, 1.0, np.ones(6))
    assert "fresh(" not in dot.source
