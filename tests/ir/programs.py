"""Random IR programs, to be run before and after what a pass does to them.

    program = random_program(seed)
    args = random_args(seed)

They have floats, arrays of four elements, indices, branches, loops that stop, writes and
additions in place, tapes, tuples, calls and prints; some ops are the user's and some are
derived. Nothing in them raises.
"""

from __future__ import annotations

import random

import numpy as np

from s2sad.ir.build import Builder
from s2sad.ir.kinds import FLOAT, FLOAT64, INT, Array, Tape
from s2sad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Param,
    Program,
    SourceText,
    Span,
    Var,
    While,
)
from s2sad.ir.walk import clone_stmt
from s2sad.rules import TABLE

SIZE = 4
ARRAY = Array("float64", (SIZE,))
SOURCE = SourceText("f", "")


class Scope(dict):
    """The visible variables by sort: "f" floats, "a" arrays, "i" indices below SIZE."""

    def inner(self) -> Scope:
        return Scope({sort: list(found) for sort, found in self.items()})


class Maker:
    def __init__(self, seed: int, calls: bool = True) -> None:
        self.random = random.Random(seed)
        self.b = Builder()
        self.calls = calls
        self.left = self.random.randint(4, 30)

    # -- atoms

    def literal(self):
        value = self.random.choice([0, 1, -1, 2, 3, 0.0, 1.0, 2.0, 0.5, -0.5, 1.5])
        if self.random.random() < 0.5:
            return Lit(float(value), str(float(value)))
        return Lit(value)

    def float(self, scope):
        if self.random.random() < 0.25:
            return self.literal()
        return self.random.choice(scope["f"])

    def array(self, scope):
        return self.random.choice(scope["a"][-4:])

    def index(self, scope):
        if not scope["i"] or self.random.random() < 0.4:
            return Lit(self.random.randrange(-2, SIZE))
        return self.random.choice(scope["i"])

    def place(self):
        """A place of the user's, one of the reverse half, or none."""
        line = self.random.randint(2, 9)
        reverse = self.random.random() < 0.5
        return self.random.choice([None, Span(SOURCE, line, reverse=reverse)])

    def op(self, prim, *args, name="", **attrs):
        kinds = TABLE[prim].infer(args, attrs)
        with self.b.at(self.place()):
            outs = self.b.ops(prim, args, kinds, [name] * len(kinds), attrs)
        return outs[0] if len(outs) == 1 else outs

    # -- statements

    def statements(self, scope, depth):
        for _ in range(self.random.randint(1, 6)):
            self.left -= 1
            if self.left < 0:
                return
            self.random.choice(self.choices(depth))(scope, depth)

    def choices(self, depth):
        plain = [self.sum, self.sum, self.product, self.product, self.sign]
        plain += [
            self.read,
            self.read,
            self.write,
            self.write,
            self.add_at,
            self.vector,
        ]
        plain += [self.say, self.pack, self.zeros, self.again, self.again]
        if depth < 3:
            plain += [self.branch, self.count, self.count, self.search, self.taped]
            plain += [self.mirror, self.mirror]
        return plain + [self.call] * self.calls

    def sum(self, scope, depth):
        prim = self.random.choice(["add", "sub"])
        scope["f"].append(self.op(prim, self.float(scope), self.float(scope), name="s"))

    def product(self, scope, depth):
        scope["f"].append(self.op("mul", self.float(scope), self.float(scope)))

    def sign(self, scope, depth):
        scope["f"].append(self.op("neg", self.random.choice(scope["f"])))

    def vector(self, scope, depth):
        prim = self.random.choice(["add", "sub", "mul"])
        args = [self.array(scope), self.random.choice([self.array, self.float])(scope)]
        self.random.shuffle(args)
        scope["a"].append(self.op(prim, *args, name="v"))

    def zeros(self, scope, depth):
        scope["a"].append(self.op("zeros_like", self.array(scope)))

    def read(self, scope, depth):
        args = self.array(scope), self.index(scope)
        scope["f"].append(self.op("getitem", *args, path="[#]"))

    def write(self, scope, depth):
        args = self.array(scope), self.float(scope), self.index(scope)
        if self.random.random() < 0.2:
            args = (*args[:2], Lit(1))
            new = self.op("setitem", *args, path="[#:]", name="a")
        else:
            new = self.op("setitem", *args, path="[#]", name="a")
        scope["a"].append(new)

    def add_at(self, scope, depth):
        args = self.array(scope), self.float(scope), self.index(scope)
        scope["a"].append(self.op("additem", *args, path="[#]", name="a"))

    def say(self, scope, depth):
        self.b.ops("print", (self.float(scope),), ())

    def pack(self, scope, depth):
        items = self.float(scope), self.array(scope)
        packed = self.op("tuple", *items, cls=None)
        key = self.random.randrange(2)
        if key == 1 and self.random.random() < 0.5:
            args = packed, Lit(1), self.index(scope)
            scope["f"].append(self.op("getitem", *args, path="[#][#]"))
        else:
            found = self.op("getitem", packed, Lit(key), path="[#]")
            scope["fa"[key]].append(found)

    def again(self, scope, depth):
        """What was computed in this block once before."""
        plain = [s for s in self.b.stmts if isinstance(s, (Op, If)) and s.outs]
        plain = [s for s in plain if getattr(s, "prim", "") not in ("push", "pop")]
        if not plain:
            return
        copied = clone_stmt(self.random.choice(plain[-6:]), {})
        self.b.add(copied)
        for out in copied.outs:
            if out.kind in (FLOAT, FLOAT64, ARRAY) and out.name != "undef":
                scope["a" if out.kind == ARRAY else "f"].append(out)

    def call(self, scope, depth):
        outs = Var("c", FLOAT), Var("d", ARRAY)
        callee = self.random.choice(["helper", "loud"])
        args = self.float(scope), self.array(scope), self.float(scope)
        self.b.add(Call(outs, callee, args))
        scope["f"].append(outs[0])
        scope["a"].append(outs[1])

    def truth(self, scope):
        if self.random.random() < 0.1:
            return Lit(self.random.random() < 0.5)
        return self.op("lt", self.float(scope), self.float(scope))

    def carried(self, scope):
        """Initial values of a loop, and the parameters that stand for them."""
        sorts = self.random.choices("fa", k=self.random.randint(0, 3))
        inits = [self.random.choice(scope[sort]) for sort in sorts]
        params = [Var(init.name or "p", init.kind) for init in inits]
        return sorts, tuple(inits), tuple(params)

    def ends(self, scope, sorts, params):
        """What a body gives on: something new, its parameter, or a neighbour's."""
        found = []
        for sort, param in zip(sorts, params, strict=True):
            same = [v for v in scope[sort] if v.kind == param.kind]
            choices = [param, *same[-3:], *[p for p in params if p.kind == param.kind]]
            found.append(self.random.choice(choices))
        return tuple(found)

    def branch(self, scope, depth):
        cond = self.truth(scope)
        sorts = self.random.choices("fa", k=self.random.randint(0, 3))
        blocks = []
        shared = {s: self.random.choice(scope[s]) for s in "fa"}
        for _ in range(2):
            inner = scope.inner()
            with self.b.block() as region:
                self.statements(inner, depth + 1)
                ends = [
                    shared[s]
                    if self.random.random() < 0.3
                    else self.random.choice(inner[s])
                    for s in sorts
                ]
            blocks.append(region.close(ends))
        side = self.random.choice([0, 1, None])
        if side is not None:  # a value that is there after one branch only
            kept = [UNDEF, UNDEF]
            same = [a for a in blocks[side].yields if a.kind == FLOAT]
            kept[side] = self.random.choice([*same, scope["f"][-1]])
            for k in range(2):
                ends = (*blocks[k].yields, kept[k])
                blocks[k] = Block(blocks[k].stmts, ends)
        outs = [Var("b", atom.kind) for atom in blocks[side or 0].yields]
        if side is not None:
            outs[-1].name = "undef"
        form = self.random.choice(["if", "expr"])
        self.b.add(If(tuple(outs), cond, *blocks, form))
        if side is not None:
            kept_out = outs.pop()
            if isinstance(cond, Var):
                scope["u"].append((cond, side, kept_out))
        for sort, out in zip(sorts, outs, strict=True):
            scope[sort].append(out)

    def mirror(self, scope, depth):
        """Another statement on a condition, which reads what was kept for it."""
        if not scope["u"]:
            return
        cond, side, kept = self.random.choice(scope["u"])
        blocks = []
        for k in range(2):
            inner = scope.inner()
            inner["u"] = []
            if k == side:
                inner["f"].append(kept)
            with self.b.block() as region:
                self.statements(inner, depth + 1)
            blocks.append(region.close((self.random.choice(inner["f"][-4:]),)))
        out = Var("m", FLOAT)
        self.b.add(If((out,), cond, *blocks))
        scope["f"].append(out)

    def stop(self, scope):
        return self.truth(scope) if self.random.random() < 0.3 else None

    def count(self, scope, depth):
        sorts, inits, params = self.carried(scope)
        inner = scope.inner()
        index = Var("i", INT)
        inner["i"].append(index)
        for sort, param in zip(sorts, params, strict=True):
            inner[sort].append(param)
        with self.b.block() as region:
            self.statements(inner, depth + 1)
            stop = self.stop(inner)
        body = region.close(self.ends(inner, sorts, params), stop)
        outs = tuple(param.like() for param in params)
        start, end = self.random.choice([(0, SIZE), (0, 2), (1, 1), (-1, 2), (0, 0)])
        backward = self.random.random() < 0.5
        loop = For(
            outs, index, Lit(start), Lit(end), Lit(1), params, inits, body, backward
        )
        self.b.add(loop)
        for sort, out in zip(sorts, outs, strict=True):
            scope[sort].append(out)

    def search(self, scope, depth):
        sorts, inits, params = self.carried(scope)
        inner = scope.inner()
        counter = Var("k", INT)
        for sort, param in zip(sorts, params, strict=True):
            inner[sort].append(param)
        with self.b.block() as region:
            test = self.op("lt", counter, Lit(self.random.randrange(SIZE)))
        test_block = region.close((test,))
        inner["i"].append(counter)
        with self.b.block() as region:
            self.statements(inner, depth + 1)
            stop = self.stop(inner)
            after = self.b.op("add", (counter, Lit(1)), INT)
        ends = (*self.ends(inner, sorts, params), after)
        body = region.close(ends, stop)
        outs = tuple(param.like() for param in (*params, counter))
        self.b.add(While(outs, (*params, counter), (*inits, Lit(0)), test_block, body))
        for sort, out in zip(sorts, outs, strict=False):
            scope[sort].append(out)

    def taped(self, scope, depth):
        """A loop that keeps a value of each trip, and one that takes them back."""
        tape = self.b.op("tape", (), Tape(FLOAT), "tape")
        x = Var("x", FLOAT)
        start = self.random.choice(scope["f"])
        t, index = Var("tape", Tape(FLOAT)), Var("i", INT)
        inner = scope.inner()
        inner["f"].append(x)
        inner["i"].append(index)
        with self.b.block() as region:
            kept = self.b.op("push", (t, x), Tape(FLOAT), "tape")
            self.statements(inner, depth + 1)
        end = self.random.choice(inner["f"])
        body = region.close((kept, end))
        outs = Var("tape", Tape(FLOAT)), Var("x", FLOAT)
        head = Lit(0), Lit(SIZE), Lit(1)
        self.b.add(For(outs, index, *head, (t, x), (tape, start), body))
        scope["f"].append(outs[1])
        if self.random.random() < 0.3:
            return
        inner = scope.inner()
        t, index, total = Var("tape", Tape(FLOAT)), Var("i", INT), Var("sum", FLOAT)
        bar = Var("x_bar", ARRAY)
        base = self.array(scope)
        inner["i"].append(index)
        with self.b.block() as region:
            kinds = Tape(FLOAT), FLOAT
            t2, x = self.b.ops("pop", (t,), kinds, ("tape", "x"))
            g = self.op("getitem", bar, index, path="[#]")
            cleared = self.op("setitem", bar, Lit(0.0), index, path="[#]")
            if self.random.random() < 0.3:
                at = self.random.choice([index, Lit(-1), Lit(0)])
                cleared = self.op("additem", cleared, x, at, path="[#]")
            inner["f"] += [x, g]
            self.statements(inner, depth + 1)
            new = self.op("add", total, self.random.choice([x, g, inner["f"][-1]]))
        body = region.close((t2, cleared, new))
        outs = Var("tape", Tape(FLOAT)), Var("x_bar", ARRAY), Var("sum", FLOAT)
        params, inits = (t, bar, total), (self.tape_of(scope), base, Lit(0.0))
        self.b.add(For(outs, index, *head, params, inits, body, backward=True))
        scope["f"].append(outs[2])
        if self.random.random() < 0.5:
            scope["a"].append(outs[1])

    def tape_of(self, scope):
        """The tape of the loop that was made last in this block."""
        loop = next(s for s in reversed(self.b.stmts) if isinstance(s, For))
        return loop.outs[0]

    # -- functions

    def function(self, name):
        x, y, a = Var("x", FLOAT), Var("y", FLOAT), Var("a", ARRAY)
        scope = Scope(f=[x, y], a=[a], i=[], u=[])
        for _ in range(4):
            self.statements(scope, 0)
        chosen = [
            self.random.choice(scope["f"][-3:]),
            self.random.choice(scope["a"][-2:]),
        ]
        return Function(name, (Param(x), Param(a), Param(y)), self.b.close(chosen))


def random_program(seed: int) -> Program:
    main = Maker(seed).function("main")
    helper = Maker(seed + 1, calls=False)
    helper.left = 4
    loud = Maker(seed + 2, calls=False)
    loud.left = 6
    functions = {
        "main": main,
        "helper": helper.function("helper"),
        "loud": loud.function("loud"),
    }
    return Program("main", functions)


def random_args(seed: int) -> tuple:
    values = random.Random(seed)
    floats = [values.uniform(-2, 2) for _ in range(SIZE + 2)]
    return floats[0], np.array(floats[2:]), floats[1]


def outcome(program: Program, args: tuple) -> tuple[list, list]:
    """The results of a program and what it prints."""
    from s2sad.ir.interp import interpret

    said: list = []

    def run(prim):
        return said.append if prim == "print" else TABLE[prim].run

    with np.errstate(all="ignore"):
        return list(interpret(program, args, run)), said


def same(a, b) -> bool:
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)
