"""Jacobians: a loop over basis directions, built as IR like everything else.

    reverse: a row at a time                 forward: a column at a time

    y = ...                                  y = f(x)
    J = zeros(y.shape[0], x.shape[0])        J = zeros(y.shape[0], x.shape[0])
    for i in range(y.shape[0]):              for i in range(x.shape[0]):
        y_bar = zeros_like(y)                    x_dot = zeros_like(x)
        y_bar[i] = 1.0                           x_dot[i] = 1.0
        ...  the reverse half                    J[:, i] = f_jvp(x, x_dot)
        J[i] = x_bar

Rows stand in `rows`. Results and arguments may be of any rank, or containers: then
there is a block for each pair of leaves. Being IR, a Jacobian is emitted, and
differentiated again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from s2sad import ad
from s2sad.ad.seeds import container
from s2sad.api import programs
from s2sad.api.modes import Choice, chooses
from s2sad.api.places import Key, described, entries, kind_at, leaves
from s2sad.api.recipe import Recipe
from s2sad.api.rows import rows
from s2sad.api.silent import can_silence, has_effects, silenced
from s2sad.errors import raise_all, refuse
from s2sad.ir.build import Builder
from s2sad.ir.kinds import INT, Array, Kind, Scalar, Tuple, is_float_dtype
from s2sad.ir.nodes import (
    NONE,
    Atom,
    Call,
    For,
    Function,
    Lit,
    Param,
    Program,
    Var,
)
from s2sad.rules import TABLE

if TYPE_CHECKING:
    from s2sad.api.compose import Composer

ZERO, ONE = Lit(0.0), Lit(1.0)


def jacobian(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    """The Jacobian of a program, by the mode that the recipe or the sizes say."""
    work = Work(program, wrt)
    mode = step.mode
    if mode == "auto":
        mode = _mode(c, work)
    if mode == "fwd" and has_effects(program) and not can_silence(program):
        mode = "rev"  # a random draw cannot be repeated
    return work.forward() if mode == "fwd" else rows(work)


def _mode(c: Composer, work: Work) -> str:
    """Columns if there are no more inputs than outputs, rows otherwise."""
    ins = [kind for _, _, kind in work.inputs]
    outs = [kind for _, kind in work.outputs]
    if all(isinstance(kind, Scalar) for kind in outs):
        return "rev"
    if all(isinstance(kind, Scalar) for kind in ins):
        return "fwd"
    dims_in, dims_out = tuple(map(_dims, ins)), tuple(map(_dims, outs))
    if None in dims_in or None in dims_out:
        return "fwd" if sum(map(_rank, ins)) <= sum(map(_rank, outs)) else "rev"
    if sorted(map(str, dims_in)) == sorted(map(str, dims_out)):
        return "fwd"
    inputs, outputs = [d or () for d in dims_in], [d or () for d in dims_out]
    forward = chooses(inputs, outputs, c.sizes)
    if forward is None:
        return "fwd" if sum(map(_rank, ins)) <= sum(map(_rank, outs)) else "rev"
    c.choices.append(Choice(tuple(inputs), tuple(outputs), forward))
    return "fwd" if forward else "rev"


def _dims(kind: Kind) -> tuple[int | str, ...] | None:
    if isinstance(kind, Scalar):
        return ()
    assert isinstance(kind, Array)
    if kind.dims is None or None in kind.dims:
        return None
    return kind.dims  # type: ignore[return-value]


def _rank(kind: Kind) -> int:
    return len(kind.dims or ()) if isinstance(kind, Array) else 0


class Work:
    """One Jacobian under construction."""

    def __init__(self, program: Program, wrt: ad.Wrt) -> None:
        self.program = program
        self.wrt = wrt
        self.functions: dict[str, Function] = {}
        entry = program.entry
        self.name = entry.name
        self.params = tuple(
            Param(p.var.like(), p.style, p.default) for p in entry.params
        )
        self.args = [p.var for p in self.params]
        self.b = Builder()
        self.result = entry.results[0].kind
        if len(entry.results) != 1:
            self.result = Tuple(tuple(r.kind for r in entry.results))
        self.outputs = [(k, kind) for k, kind in leaves(self.result) if _real(kind)]
        self.inputs = [
            (number, inner, kind)
            for number, key in wrt.places
            for inner, kind in leaves(kind_at(self.args[number].kind, key), key)
            if _real(kind)
        ]
        self._refuse_open_ranks()
        self.blocks: dict[tuple[Key, int, Key], Atom] = {}
        self.y = result_name(entry)
        self.letter = "H" if self.name.endswith("_grad") else "J"

    def _refuse_open_ranks(self) -> None:
        problems = []
        if not self.outputs:
            what = described(self.result)
            problems.append(refuse("not-real", name=self.name, what=what))
        for kind, name in [
            *((k, f"the result of {self.name}") for _, k in self.outputs),
            *((k, self.args[n].name) for n, _, k in self.inputs),
        ]:
            if isinstance(kind, Array) and kind.dims is None:
                problems.append(refuse("rank-unknown", name=name))
            elif not isinstance(kind, (Scalar, Array)):
                problems.append(refuse("not-real", name=name, what=described(kind)))
        if problems:
            raise_all(problems)

    # ---- small ops -------------------------------------------------------------------

    def op(
        self, prim: str, args: Sequence[Atom], name: str = "", **attrs: object
    ) -> Var:
        (kind,) = TABLE[prim].infer(tuple(args), attrs)
        return self.b.op(prim, tuple(args), kind, name, attrs)

    def item(self, atom: Atom, key: Key, name: str = "") -> Atom:
        """Read what keys lead to in a container."""
        from s2sad.ad.seeds import read

        return read(self.b, atom, key, name)

    def lengths(self, atom: Atom) -> list[Atom]:
        """The length of each axis."""
        kind = atom.kind
        if not isinstance(kind, Array):
            return []
        found: list[Atom] = []
        shape: Var | None = None
        for axis, dim in enumerate(kind.dims or ()):
            if isinstance(dim, int):
                found.append(Lit(dim))
                continue
            shape = shape or self.op("shape", (atom,), spelling=".shape")
            found.append(self.op("getitem", (shape, Lit(axis)), path="[#]"))
        return found

    @contextmanager
    def each_index(
        self, lengths: Sequence[Atom], carried: list[Var], letters: str = "ijklmn"
    ) -> Iterator[tuple[list[Var], list[Var]]]:
        """Nested loops over all indices, carrying arrays that the body updates.

        Yields the indices and the carried variables, which the body replaces by what
        they have become; afterwards `carried` holds the results.
        """
        if not lengths:
            inside = list(carried)
            yield [], inside
            carried[:] = inside
            return
        index = Var(letters[0], INT)
        params = [var.like() for var in carried]
        inits = tuple(carried)
        with self.b.block() as region:
            inner = list(params)
            with self.each_index(lengths[1:], inner, letters[1:]) as (rest, inside):
                yield [index, *rest], inside
        outs = tuple(var.like() for var in carried)
        body = region.close(tuple(inner))
        self.b.add(
            For(outs, index, Lit(0), lengths[0], Lit(1), tuple(params), inits, body,
                span=self.b.span)
        )  # fmt: skip
        carried[:] = outs

    def basis(self, atom: Atom, indices: Sequence[Var], name: str) -> Atom:
        """One at these indices, zero elsewhere, shaped like `atom`."""
        if isinstance(atom.kind, Scalar):
            return ONE
        if not indices:
            return self.op("ones_like", (atom,), name)
        zero = self.op("zeros_like", (atom,), name)
        path = f"[{', '.join('#' * len(indices))}]"
        return self.op("setitem", (zero, ONE, *indices), name, path=path)

    def seed(self, atom: Atom, kind: Kind, key: Key, at: Key, one: Atom) -> Atom:
        """A value structured like `atom`: `one` at the place `at`, zeros elsewhere."""
        if key == at:
            return one
        inner = entries(kind)
        if inner:
            items = [
                self.seed(atom, item, (*key, entry), at, one) for entry, item in inner
            ]
            return container(self.b, kind, items)
        if not _real(kind):
            return NONE
        if isinstance(kind, Scalar):
            return ZERO
        return self.op("zeros_like", (self.item(atom, key),))

    def blank(self, out: Atom, into: Atom) -> Var:
        """Zeros of the shape of a result followed by that of an argument."""
        lengths = [*self.lengths(out), *self.lengths(into)]
        dtype = _wider(out.kind, into.kind)
        attrs = {} if dtype == "float64" else {"dtype": dtype}
        shape = lengths[0] if len(lengths) == 1 else self.op("tuple", lengths)
        return self.op("zeros", (shape,), self.letter, **attrs)

    def put(self, J: Var, part: Atom, before: int, indices: Sequence[Atom]) -> Var:
        """Write a row (`before` is 0) or a column into the Jacobian."""
        texts = [*":" * before, *"#" * len(indices)]
        text = ", ".join(":" if t == ":" else "#" for t in texts)
        return self.op("setitem", (J, part, *indices), J.name, path=f"[{text}]")

    def argument(self, number: int, key: Key) -> Atom:
        return self.item(self.args[number], key)

    # ---- columns ---------------------------------------------------------------------

    def forward(self) -> Program:
        """A column for each element of the arguments; effects happen once."""
        y: Atom | None = None
        quiet = self.program
        shaped = any(_rank(kind) for _, _, kind in self.inputs)
        if shaped or (len(self.inputs) > 1 and has_effects(self.program)):
            y = self.primal()  # for its shape, and for the effects, once
            quiet = silenced(self.program)
        for number, inner, kind in self.inputs:
            place = ad.Wrt(((number, inner),), single=True)
            made = ad.jvp(quiet, place, value=False)
            main = self.adopt(made, f"_{self.args[number].name}")
            x = self.argument(number, inner)
            y_dot_kind = self.functions[main].results[0].kind
            flat = isinstance(kind, Scalar) or not kind.dims  # type: ignore[attr-defined]
            carried: list[Var] = []
            if not flat:
                assert y is not None
                carried = [self.blank(self.item(y, k), x) for k, _ in self.outputs]
            with self.each_index(self.lengths(x), carried) as (indices, inside):
                x_dot = self.basis(x, indices, f"{name_of(x)}_dot")
                y_dot = Var(f"{self.y}_dot", y_dot_kind)
                self.b.add(Call((y_dot,), main, (*self.args, x_dot), self.b.span))
                for position, (key, out_kind) in enumerate(self.outputs):
                    part = self.item(y_dot, key)
                    if flat:
                        self.blocks[(key, number, inner)] = part
                        continue
                    rank = _rank(out_kind)
                    inside[position] = self.put(inside[position], part, rank, indices)
            for (key, _), J in zip(self.outputs, carried):
                self.blocks[(key, number, inner)] = J
        return self.close()

    def primal(self) -> Var:
        """The result itself, for its shape, and for the effects."""
        table = self.functions
        table.update(self.program.functions)
        y = Var(self.y, self.result)
        table[self.program.main] = self.program.entry
        self.b.add(Call((y,), self.program.main, tuple(self.args), self.b.span))
        return y

    def adopt(self, made: Program, suffix: str) -> str:
        """Take functions over, under other names where theirs are taken."""
        names = {}
        for key in made.functions:
            name = key
            while (
                name in self.functions
                and self.functions[name] is not made.functions[key]
            ):
                name += suffix
            names[key] = name
        for key, function in made.functions.items():
            self.functions[names[key]] = programs.renamed(function, names)
        return names[made.main]

    # ---- the whole -------------------------------------------------------------------

    def close(self) -> Program:
        """The function that returns the blocks, structured as result, then argument."""

        def inner(out: Key) -> Atom:
            found = [
                self.gather(
                    kind_at(self.args[number].kind, key),
                    key,
                    lambda leaf, number=number: self.blocks[(out, number, leaf)],
                )
                for number, key in self.wrt.places
            ]
            if self.wrt.single:
                return found[0]
            return self.b.op("tuple", found, Tuple(tuple(a.kind for a in found)))

        result = self.gather(self.result, (), inner)
        entry = self.program.entry
        doc = f"Jacobian of `{self.name}`."
        main = f"{self.name}_jacobian"
        function = Function(
            main, self.params, self.b.close((result,)), entry.source, doc
        )
        called = {key: by_place(each) for key, each in self.functions.items()}
        return programs.reachable(Program(main, {**called, main: function}))

    def gather(self, kind: Kind, key: Key, leaf) -> Atom:  # type: ignore[no-untyped-def]
        inner = entries(kind)
        if inner:
            items = [self.gather(item, (*key, entry), leaf) for entry, item in inner]
            return container(self.b, kind, items)
        return leaf(key) if _real(kind) else NONE


# ---- functions -----------------------------------------------------------------------


def result_name(entry: Function) -> str:
    """How the function calls its result."""
    result = entry.results[0]
    return (result.name if isinstance(result, Var) else "") or "y"


def name_of(atom: Atom) -> str:
    return (atom.name if isinstance(atom, Var) else "") or "x"


def _real(kind: Kind) -> bool:
    if isinstance(kind, (Scalar, Array)):
        return is_float_dtype(kind.dtype)
    return bool(kind.__class__.__name__ in ("Unknown", "List"))


def _wider(out: Kind, into: Kind) -> str:
    """The dtype of a block: that of the argument, and no narrower than float32."""
    dtype = getattr(into, "dtype", "float64")
    if dtype == "float":
        dtype = getattr(out, "dtype", "float64")
    return "float64" if dtype == "float" else dtype


def by_place(function: Function) -> Function:
    """The function as it is called here: all arguments by their places."""
    return replace(function, params=tuple(Param(p.var) for p in function.params))
