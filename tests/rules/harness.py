"""Running one primitive's rules on values: the derivative of a program of one op."""

from __future__ import annotations

import numpy as np

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.build import Builder
from s2sad.ir.interp import interpret
from s2sad.ir.kinds import Array, Scalar, Unknown, may_vary
from s2sad.ir.nodes import Function, If, Lit, Op, Param, Var
from s2sad.rules import TABLE
from s2sad.rules.handles import build, is_lazy, lift
from s2sad.rules.lazy import full
from s2sad.rules.structural import zero_of

run = lambda prim: TABLE[prim].run


class Bars:
    """The adjoints of a program of one op."""

    def __init__(self, b, seeds, wanted, entries=None):
        self.b, self.seeds, self.wanted = b, dict(seeds), wanted
        self.entries = entries  # of a result, with a number if lazy; None: all, full
        self.found = {}

    def take(self, out):
        return self.seeds.pop(out, None)

    def pass_on(self, out, base, path, index):
        return None

    def exchanges(self, out):
        return None

    def item(self, out, key):
        if self.entries is not None:
            if key not in self.entries:
                return None
            if self.entries[key] is not None:
                return lift(self.b, self.entries[key]).atom
        return build("getitem", lift(self.b, self.seeds[out]), key, path="[#]").atom

    def wants(self, arg):
        return arg in self.wanted

    def reach(self, out, *key):
        return None

    def add(self, arg, value, reach=None):
        assert arg in self.wanted
        value = lift(self.b, value)
        ours, theirs = (getattr(k, "dims", None) for k in (value.kind, arg.kind))
        assert ours is None or theirs is None or len(ours) <= len(theirs), (
            ours,
            theirs,
        )
        value = full(value, arg)
        before = self.found.get(arg)
        if before is not None:
            value = lift(self.b, before) + value
        self.found[arg] = value.atom

    def add_at(self, arg, path, index, value, reach=None):
        before = self.found.get(arg)
        if before is None:
            before = zero_of(self.b, arg)
        atoms = [lift(self.b, i) for i in index]
        value = lift(self.b, value)
        self.found[arg] = build(
            "additem", lift(self.b, before), value, *atoms, path=path
        ).atom


def forget(kind):
    """The kind with its lengths, or its rank, forgotten."""
    if isinstance(kind, Array):
        return Array(kind.dtype, tuple(None for _ in kind.dims))
    return kind


def one_op(name, args, attrs, kinds):
    variables = [Var(f"x{i}", k) for i, k in enumerate(kinds)]
    prim = TABLE[name]
    atoms = [arg if isinstance(arg, Lit) else var for arg, var in zip(args, variables)]
    outs = tuple(Var("y", k) for k in prim.infer(atoms, attrs))
    return prim, variables, Op(outs, name, tuple(atoms), attrs)


def function(params, b, results):
    return Function("f", tuple(Param(v) for v in params), b.close(tuple(results)))


def jvp_of(name, args, attrs=(), kinds=None, active=None, lazy=None):
    """-> (y, y_dot) of the rules for tangents given for the operands in `active`.

    `lazy` is the kind of those tangents, if they are smaller than their operands.
    """
    attrs = dict(attrs)
    kinds = kinds or [kind_of(a, f"x{i}") for i, a in enumerate(args)]
    prim, xs, op = one_op(name, args, attrs, kinds)
    if active is None:
        varies = [may_vary(k) and not isinstance(a, Lit) for a, k in zip(args, kinds)]
        active = [i for i, yes in enumerate(varies) if yes]
    dots = [
        Var(f"x{i}_dot", lazy or kinds[i]) if i in active else None
        for i in range(len(args))
    ]
    b = Builder()
    b.add(op)
    y_dots = prim.jvp(b, op, dots)
    results = [
        full(lift(b, d), o).atom if d is not None else Lit(None)
        for d, o in zip(y_dots, op.outs)
    ]
    f = function([*xs, *(d for d in dots if d is not None)], b, [*op.outs, *results])
    return f, active, len(op.outs)


def lazy_kinds(kind, y):
    """Adjoints smaller than an array: a number, one row for all, one column for all."""
    yield Scalar("float64"), 0.7
    if len(getattr(kind, "dims", None) or ()) > 1 and y.size:
        rows = np.linspace(-0.6, 0.9, y[0].size).reshape(y.shape[1:])
        yield Array(kind.dtype, kind.dims[1:]), rows
        columns = np.linspace(-0.6, 0.9, y[..., :1].size).reshape(y[..., :1].shape)
        yield Array(kind.dtype, (*kind.dims[:-1], 1)), columns


def vjp_of(name, args, attrs=(), kinds=None, active=None, lazy=None, entries=None):
    """-> (y, x_bars) of the rules; `entries` are those of a tuple with an adjoint."""
    attrs = dict(attrs)
    kinds = kinds or [kind_of(a, f"x{i}") for i, a in enumerate(args)]
    prim, xs, op = one_op(name, args, attrs, kinds)
    if active is None:
        varies = [may_vary(k) and not isinstance(a, Lit) for a, k in zip(args, kinds)]
        active = [i for i, yes in enumerate(varies) if yes]
    b = Builder()
    b.add(op)
    seeds = {}
    for out in op.outs:
        kind = out.kind
        if lazy is not None and isinstance(kind, (Array, Unknown)):
            kind = lazy
        if may_vary(out.kind):
            seeds[out] = Var("y_bar", kind)
    bars = Bars(b, seeds, [xs[i] for i in active], entries)
    prim.vjp(b, op, bars)
    assert not bars.seeds, f"{name} leaves the adjoint of its result"
    results = [bars.found.get(xs[i], Lit(None)) for i in active]
    f = function([*xs, *seeds.values()], b, [*op.outs, *results])
    return f, active, len(op.outs)


def flat_floats(value):
    """All float leaves of a value as one vector."""
    if isinstance(value, (list, tuple)):
        # an int beside floats: its tangent is 0.0, its adjoint None
        items = [0.0 if v is None else v for v in value]
        return np.concatenate([flat_floats(v) for v in items]) if items else np.zeros(0)
    if isinstance(value, dict):
        return flat_floats(list(value.values()))
    if isinstance(value, (float, np.floating)) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ):
        return np.ravel(np.asarray(value, float))
    return np.zeros(0)


def only_real(dot, value):
    """A tangent without the zeros that stand for integers beside arrays."""
    if isinstance(value, tuple) and any(isinstance(v, np.ndarray) for v in value):
        pairs = zip(dot, value)
        return [only_real(d, v) for d, v in pairs if not isinstance(v, np.integer)]
    return dot


def nudged(value, direction, h):
    """value + h * direction, leaf by leaf; integers stay."""
    if isinstance(value, (list, tuple)):
        return type(value)(nudged(v, d, h) for v, d in zip(value, direction))
    if isinstance(value, float):
        return value + h * direction
    if isinstance(value, (np.floating, np.ndarray)) and value.dtype.kind == "f":
        return (
            (np.asarray(value) + np.asarray(h * np.asarray(direction), value.dtype))[()]
            if isinstance(value, np.floating)
            else value + np.asarray(h * np.asarray(direction), value.dtype)
        )
    return value


def random_like(value, rng):
    if isinstance(value, (list, tuple)):
        return type(value)(random_like(v, rng) for v in value)
    if isinstance(value, float):
        return float(rng.normal())
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.asarray(rng.normal(size=value.shape), value.dtype)
    if isinstance(value, np.floating):
        return value.dtype.type(rng.normal())
    if isinstance(value, np.ndarray):
        return np.zeros_like(value)
    return 0.0 if isinstance(value, int) else None


def steady(value):
    """A direction in which nothing moves."""
    return (
        type(value)(steady(v) for v in value)
        if isinstance(value, (list, tuple))
        else 0.0
    )


def evaluate(name, args, attrs):
    return TABLE[name].run(*args, **attrs)


def differences(name, args, attrs, dots, h=1e-3):
    """The directional derivative by central differences, extrapolated twice."""

    def central(step):
        up = evaluate(name, [nudged(a, d, step) for a, d in zip(args, dots)], attrs)
        down = evaluate(name, [nudged(a, d, -step) for a, d in zip(args, dots)], attrs)
        return (flat_floats(up) - flat_floats(down)) / (2 * step)

    a, b, c = central(h), central(h / 2), central(h / 4)
    first, second = (4 * b - a) / 3, (4 * c - b) / 3
    return (16 * second - first) / 15


def same_shapes(value, like):
    if isinstance(like, (list, tuple)):
        assert isinstance(value, (list, tuple)) and len(value) == len(like)
        for v, x in zip(value, like):
            same_shapes(v, x)
    elif isinstance(like, np.ndarray) and like.dtype.kind == "f":
        assert np.shape(value) == like.shape, (np.shape(value), like.shape)
        assert np.asarray(value).dtype == like.dtype, (
            np.asarray(value).dtype,
            like.dtype,
        )
    elif isinstance(like, float):
        assert np.shape(value) == (), value


def check(
    name, *args, rtol=1e-6, atol=1e-8, seed=0, unknown=True, numeric=True, **attrs
):
    """Forward and reverse rules against differences and against one another."""
    rng = np.random.default_rng(seed)
    exact = [
        kind_of(a.value if isinstance(a, Lit) else a, f"x{i}")
        for i, a in enumerate(args)
    ]
    choices = [exact]
    if unknown and any(isinstance(k, Array) for k in exact):
        choices.append([forget(k) for k in exact])
    values = [a.value if isinstance(a, Lit) else a for a in args]
    for kinds in choices:
        f, active, count = jvp_of(name, args, attrs, kinds)
        all_dots = [
            random_like(a, rng) if i in active else None for i, a in enumerate(values)
        ]
        dots = [d for d in all_dots if d is not None]
        found = interpret(f, [*values, *dots], run)
        y, y_dot = found[:count], found[count:]
        plain = [d if d is not None else steady(v) for d, v in zip(all_dots, values)]
        float32 = any(getattr(v, "dtype", None) == np.float32 for v in values)
        tolerance = (
            dict(rtol=1e-2, atol=1e-2) if float32 else dict(rtol=rtol, atol=atol)
        )
        forward = flat_floats(
            [only_real(d, out) for d, out in zip(y_dot, y) if d is not None]
        )
        if numeric and forward.size and not float32:
            expected = differences(name, values, attrs, plain)
            np.testing.assert_allclose(
                forward, expected, **tolerance, err_msg=f"jvp of {name}"
            )
        for out, dot in zip(y, y_dot):
            if dot is not None:
                same_shapes(dot, out)
        g, active, count = vjp_of(name, args, attrs, kinds)
        y_bars = [
            random_like(out, rng)
            for out, v in zip(y, g.body.yields)
            if may_vary(v.kind)
        ]
        found = interpret(g, [*values, *y_bars], run)
        bars = found[count:]
        left = sum(
            float(np.dot(flat_floats(b), flat_floats(d)))
            for b, d in zip(y_bars, [d for d in y_dot if d is not None])
        )
        right = 0.0
        for i, bar in zip(active, bars):
            if bar is None:
                continue
            same_shapes(bar, values[i])
            right += float(np.dot(flat_floats(bar), flat_floats(all_dots[i])))
        np.testing.assert_allclose(
            left,
            right,
            rtol=1e-4 if float32 else 1e-9,
            atol=1e-4 if float32 else 1e-10,
            err_msg=f"vjp of {name}",
        )
        # a lazy adjoint means the same as the full one
        out = g.body.yields[0]
        if count == 1 and is_lazy(Scalar("float64"), out.kind) and not float32:
            for kind, small in lazy_kinds(out.kind, np.asarray(y[0])):
                if not is_lazy(kind, out.kind):
                    continue
                lazy, *_ = vjp_of(name, args, attrs, kinds, lazy=kind)
                seed = np.zeros_like(y[0]) + small
                whole = interpret(g, [*values, seed], run)[1:]
                short = interpret(lazy, [*values, small], run)[1:]
                for one, other, i in zip(whole, short, active):
                    if one is None:
                        assert other is None or not np.any(flat_floats(other))
                        continue
                    same_shapes(other, values[i])
                    np.testing.assert_allclose(
                        flat_floats(one), flat_floats(other), rtol=1e-9, atol=1e-12
                    )
    return True


PIECES = ("split", "array_split", "hsplit", "vsplit", "dsplit")  # lists of results
WHOLE = ("tuple", "fresh", "add_items", "add_entry")  # one container


# ---- one operand at a time -----------------------------------------------------------


def check_alone(name, *args, seed=0, **attrs):
    """With one operand active, the rules give that operand's part of what all give.

    And so with one result that has an adjoint, and with tangents that are smaller than
    the operand.
    """
    for option in ("rtol", "atol", "numeric", "unknown"):
        attrs.pop(option, None)  # of `check` with differences
    rng = np.random.default_rng(seed)
    values = [a.value if isinstance(a, Lit) else a for a in args]
    f, active, count = jvp_of(name, args, attrs)
    dots = {i: random_like(values[i], rng) for i in active}

    def forward(f, *dots):
        found = interpret(f, [*values, *dots], run)
        made = [
            only_real(dot, out)
            for out, dot in zip(found, found[count:])
            if dot is not None
        ]
        for out, dot in zip(found, made):
            same_shapes(dot, only_real(out, out))
        return flat_floats(made) if made else 0.0

    def agree(found, expected):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11, err_msg=name)

    whole = forward(f, *dots.values())
    parts = [forward(jvp_of(name, args, attrs, active=[i])[0], dots[i]) for i in active]
    agree(sum(parts) + 0 * whole, whole)

    g, _, _ = vjp_of(name, args, attrs)
    ys = interpret(f, [*values, *dots.values()], run)[:count]
    made = zip(ys, g.body.yields)
    bars = [random_like(y, rng) for y, v in made if may_vary(v.kind)]
    expected = interpret(g, [*values, *bars], run)[count:]
    for i, bar in zip(active, expected):
        alone, _, _ = vjp_of(name, args, attrs, active=[i])
        (found,) = interpret(alone, [*values, *bars], run)[count:]
        assert (found is None) == (bar is None), name
        if bar is not None:
            agree(flat_floats(found), flat_floats(bar))

    several = isinstance(ys[0], tuple) and name not in WHOLE or name in PIECES
    if count == 1 and several:  # one result at a time
        sums = [0.0 for _ in active]
        for entry in range(len(ys[0])):
            alone, _, _ = vjp_of(name, args, attrs, entries={entry: None})
            for k, bar in enumerate(interpret(alone, [*values, *bars], run)[count:]):
                sums[k] = sums[k] + (0.0 if bar is None else flat_floats(bar))
            lazy, _, _ = vjp_of(name, args, attrs, entries={entry: 0.7})
            seed = [np.zeros_like(part) + 0.7 for part in ys[0]]
            short = interpret(lazy, [*values, *bars], run)[count:]
            long = interpret(alone, [*values, type(ys[0])(seed)], run)[count:]
            for one, other in zip(short, long):
                agree(flat_floats(one), flat_floats(other))
        for found, bar in zip(sums, expected):
            if bar is not None:
                agree(found, flat_floats(bar))

    for i in active:
        kind = kind_of(values[i], f"x{i}")
        if not is_lazy(Scalar("float64"), kind):
            continue
        for small, dot in lazy_kinds(kind, values[i]):
            if is_lazy(small, kind):
                full_dot = np.zeros_like(values[i]) + dot
                one, _, _ = jvp_of(name, args, attrs, active=[i])
                lazy, _, _ = jvp_of(name, args, attrs, active=[i], lazy=small)
                agree(forward(lazy, dot), forward(one, full_dot))


# ---- second order --------------------------------------------------------------------


def pushed(b, block, dots):
    """Append a block's statements, each with its tangents; `dots` grows."""
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            b.add(stmt)
            given = [dots.get(a) if isinstance(a, Var) else None for a in stmt.args]
            found = TABLE[stmt.prim].jvp(b, stmt, given)
            dots.update((o, d) for o, d in zip(stmt.outs, found) if d is not None)
        else:
            branches = []
            for inner in (stmt.then, stmt.orelse):
                here = dict(dots)
                with b.block() as region:
                    pushed(b, inner, here)
                    outs = [
                        here.get(a) if isinstance(a, Var) else None
                        for a in inner.yields
                    ]
                    exits = [
                        *inner.yields,
                        *(
                            d if d is not None else zero_of(b, a)
                            for a, d in zip(inner.yields, outs)
                        ),
                    ]
                branches.append(region.close(exits))
            doubles = [Var("", out.kind) for out in stmt.outs]
            b.add(If((*stmt.outs, *doubles), stmt.cond, *branches, form="if"))
            dots.update(zip(stmt.outs, doubles))


def tangent_of(f, active):
    """The forward derivative of a straight function with respect to some parameters."""
    b = Builder()
    dots = {f.params[i].var: Var("dot", f.params[i].var.kind) for i in active}
    seeds = list(dots.values())
    pushed(b, f.body, dots)
    results = []
    for atom in f.body.yields:
        dot = dots.get(atom) if isinstance(atom, Var) else None
        results.append(full(lift(b, dot), atom).atom if dot is not None else Lit(None))
    return function([*(p.var for p in f.params), *seeds], b, results)


def check_second(name, *args, seed=0, rtol=1e-5, atol=1e-7, numeric=True, **attrs):
    """The tangent of the adjoint against differences of the adjoint."""
    rng = np.random.default_rng(seed)
    values = [a.value if isinstance(a, Lit) else a for a in args]
    g, active, count = vjp_of(name, args, attrs)
    y = evaluate(name, values, attrs)
    bars = [random_like(y, rng)] if len(g.params) > len(values) else []
    h = tangent_of(g, active)
    dots = [random_like(values[i], rng) for i in active]
    found = interpret(h, [*values, *bars, *dots], run)[count:]

    def first(step):
        moved = list(values)
        for i, dot in zip(active, dots):
            moved[i] = nudged(values[i], dot, step)
        return [
            flat_floats(v) if v is not None else v
            for v in interpret(g, [*moved, *bars], run)[count:]
        ]

    step = 1e-3
    rounds = []
    for k in (1, 2, 4):
        up, down = first(step / k), first(-step / k)
        rounds.append(
            [None if u is None else (u - d) / (2 * step / k) for u, d in zip(up, down)]
        )
    for one, a, b, c in zip(found, *rounds):
        if a is None:
            continue
        left, right = (4 * b - a) / 3, (4 * c - b) / 3
        expected = (16 * right - left) / 15
        one = np.zeros_like(expected) if one is None else flat_floats(one)
        np.testing.assert_allclose(one, expected, rtol=rtol, atol=atol, err_msg=name)
