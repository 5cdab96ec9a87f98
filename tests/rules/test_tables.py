"""Rules of tables: dicts whose keys the run finds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from s2sad.ir.interp import interpret
from s2sad.ir.kinds import FLOAT, INT, List, Table


def load(name):
    """A module beside this file, also where tests are no packages."""
    full = f"rules_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            full, Path(__file__).with_name(f"{name}.py")
        )
        sys.modules[full] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[full]


harness = load("harness")

TABLE, KEYS, ITEMS = Table(INT, FLOAT), List(None, INT), List(None, FLOAT)
D, D_DOT = {3: 0.3, 1: 0.7, 2: 0.1}, {3: 1.0, 1: 2.0, 2: 4.0}


def both_ways(name, args, kinds, dot, bar):
    """-> the kind of the result, the result, its tangent; the adjoint of the first."""
    f, _, _ = harness.jvp_of(name, args, kinds=kinds, active=[0])
    y, y_dot = interpret(f, [*args, dot], harness.run)
    g, _, _ = harness.vjp_of(name, args, kinds=kinds, active=[0])
    _, x_bar = interpret(g, [*args, bar], harness.run)
    return f.body.yields[0].kind, y, y_dot, x_bar


def test_values():
    found = both_ways("values", [D], [TABLE], D_DOT, [5.0, 6.0, 7.0])
    expected = {3: 5.0, 1: 6.0, 2: 7.0}
    assert found == (ITEMS, [0.3, 0.7, 0.1], [1.0, 2.0, 4.0], expected)


def test_entries():
    found = both_ways("entries", [D, [1, 2, 3]], [TABLE, KEYS], D_DOT, [5.0, 6.0, 7.0])
    expected = {1: 5.0, 2: 6.0, 3: 7.0}
    assert found == (ITEMS, [0.7, 0.1, 0.3], [2.0, 4.0, 1.0], expected)


def test_keyed():
    args, kinds = [[0.3, 0.7], [4, 2]], [ITEMS, KEYS]
    found = both_ways("keyed", args, kinds, [1.0, 2.0], {4: 5.0, 2: 6.0})
    assert found == (TABLE, {4: 0.3, 2: 0.7}, {4: 1.0, 2: 2.0}, [5.0, 6.0])


def test_without():
    found = both_ways("without", [D, 1], [TABLE, INT], D_DOT, {3: 5.0, 2: 6.0})
    rest, dots = {3: 0.3, 2: 0.1}, {3: 1.0, 2: 4.0}
    assert found == (TABLE, rest, dots, {3: 5.0, 2: 6.0, 1: 0.0})


def test_keys():
    _, _, op = harness.one_op("keys", [D], {}, [TABLE])
    assert op.outs[0].kind == KEYS
    assert harness.run("keys")(D) == [3, 1, 2]


def test_nothing_varies():
    for name, args, kinds in (
        ("values", [D], [TABLE]),
        ("entries", [D, [1]], [TABLE, KEYS]),
        ("keyed", [[0.3], [4]], [ITEMS, KEYS]),
        ("without", [D, 1], [TABLE, INT]),
    ):
        f, *_ = harness.jvp_of(name, args, kinds=kinds, active=[])
        assert f.body.yields[1].value is None
