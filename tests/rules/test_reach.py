"""What a rule says of where its operand matters: nowhere less than where it does.

Where a result reaches nothing (another was chosen), infinite slopes behind it must not
be met. A rule hands that on to its operands; were it to say too much, a derivative
would silently be lost.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.build import Builder
from s2sad.ir.interp import interpret
from s2sad.ir.kinds import Array, may_vary
from s2sad.ir.nodes import Lit, Var
from s2sad.rules.handles import lift
from s2sad.rules.reach import Reach, condition, either, placed


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


harness, cases = load("harness"), load("cases")


class Told(harness.Bars):
    """Bars that note what is said of each operand."""

    def __init__(self, b, seeds, wanted, reach):
        super().__init__(b, seeds, wanted)
        self.given, self.told = reach, {}

    def reach(self, out, *key):
        return self.given

    def note(self, arg, reach):
        if arg in self.told:
            reach = either(self.told[arg], reach)
        self.told[arg] = reach

    def add(self, arg, value, reach=None):
        self.note(arg, reach)
        super().add(arg, value)

    def add_at(self, arg, path, index, value, reach=None):
        x = lift(self.b, arg)
        self.note(arg, placed(self.b, reach, x, path, index))
        super().add_at(arg, path, index, value)


def told(name, args, attrs, rng):
    """For each operand its adjoint, and where it is said to matter (None: anywhere)."""
    kinds = [kind_of(a, f"x{i}") for i, a in enumerate(args)]
    prim, xs, op = harness.one_op(name, args, attrs, kinds)
    (out,) = op.outs
    if not isinstance(out.kind, Array) or not out.kind.dims or not may_vary(out.kind):
        return []
    values = [a.value if isinstance(a, Lit) else a for a in args]
    y = prim.run(*values, **attrs)
    chosen = rng.random(y.shape) < 0.4
    test = Var("chosen", Array("bool", out.kind.dims))
    y_bar = Var("y_bar", out.kind)
    active = [
        x
        for x, a in zip(xs, args)
        if isinstance(x.kind, Array) and may_vary(x.kind) and not isinstance(a, Lit)
    ]
    b = Builder()
    b.add(op)
    bars = Told(b, {out: y_bar}, active, Reach(((test, True),)))
    prim.vjp(b, op, bars)
    asked = [x for x in active if x in bars.found]
    results = [bars.found[x] for x in asked]
    for x in asked:
        reach = bars.told[x]
        results.append(Lit(None) if reach is None else condition(b, reach).atom)
    f = harness.function([*xs, test, y_bar], b, results)
    seed = np.where(chosen, rng.normal(size=y.shape) + 0.1, 0.0).astype(y.dtype)
    found = interpret(f, [*values, chosen, seed], harness.run)
    held = dict(zip(xs, values))
    return [
        (held[x], bar, where)
        for x, bar, where in zip(asked, found, found[len(asked) :])
    ]


NAMES = sorted({name for name, *_ in cases.CASES})
OF_THE_CHECK = ("numeric", "rtol", "atol", "unknown")
# An element of these matters exactly where a chosen element of the result is made of it.
EXACT = set(
    """
    abs add arccos arccosh arcsin arcsinh arctan arctan2 arctanh average
    broadcast_to cbrt conj copy copysign cos cosh degrees div exp exp2 expand_dims
    expm1 flatten flip fliplr flipud float_power hypot kron ldexp log log10 log1p
    log2 logaddexp logaddexp2 matrix_transpose mean moveaxis mul nan_to_num neg
    polyval pos radians ravel real reciprocal reshape roll select sin sinc sinh sqrt
    square squeeze sub sum swapaxes tan tanh transpose vecdot where
    """.split()
)
# And of these where anything is said. Elsewhere it may be said of more, or nothing at all.
EXACT_IF_SAID = set(
    """
    matrix_power percentile trapezoid vector_norm
    """.split()
)
WIDER = set(
    """
    clip fmax fmin fmod getitem interp maximum minimum mod nancumprod nancumsum nanmax
    nanmean nanmin nanprod nanstd nansum nanvar pow setitem vander
    """.split()
)


def judged(name):
    """What the rule says, in all cases together."""
    exact = set()
    for _, args, attrs in (case for case in cases.CASES if case[0] == name):
        attrs = {k: v for k, v in attrs.items() if k not in OF_THE_CHECK}
        single = any(getattr(a, "dtype", None) == np.float32 for a in args)
        empty = any(getattr(a, "size", 1) == 0 for a in args)
        if single or empty:
            continue
        for x, bar, where in told(name, args, attrs, np.random.default_rng(3)):
            if where is None:
                exact.add("nothing")
                continue
            where = np.broadcast_to(where, x.shape)
            assert not np.any(np.asarray(bar)[~where]), (name, attrs)
            exact.add("exact" if np.array_equal(where, bar != 0) else "wider")
    return exact


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_matters_is_left_out(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = judged(name)
    if name in EXACT or name in EXACT_IF_SAID:
        assert found - {"nothing"} == {"exact"}
        assert ("nothing" in found) == (name in EXACT_IF_SAID)
    else:
        assert ("wider" in found) == (name in WIDER)
        assert name in WIDER or found <= {"nothing"}
