"""With respect to what: places in the parameters, their seeds and their results.

A place is `(parameter number, keys)`: `(0, ())` is the first parameter, `(1, ("w",))`
the entry "w" of the second. A container as a place stands for every real number and
array in it, and its derivative is the same container.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from s2sad.ad.dtypes import doubtful_dtypes
from s2sad.ad.zeros import full, zero_of
from s2sad.analysis.activity import Key
from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    Array,
    Dict,
    Kind,
    List,
    Object,
    Scalar,
    Tape,
    Tuple,
    is_python_scalar,
    is_real,
    may_vary,
)
from s2sad.ir.nodes import NONE, Atom, Function, Lit, Op, Param, Var
from s2sad.rules import TABLE, structural

Place = tuple[int, Key]


def dots_name(name: str) -> str:
    return f"{name}_dot" if name else ""


def bars_name(name: str) -> str:
    return f"{name}_bar" if name else ""


@dataclass(frozen=True)
class Wrt:
    """The places asked for; `single` if the answer is one result and not a tuple."""

    places: tuple[Place, ...]
    single: bool = False

    def bind(self, primal: Function) -> Bound:
        return Bound(self, primal)


Seeds = Wrt


class Bound:
    """Places met with the parameters of one function."""

    def __init__(self, wrt: Wrt, primal: Function) -> None:
        self.wrt = wrt
        self.primal = primal
        self.roots: dict[Var, tuple[Key, ...]] = {}
        for number, key in wrt.places:
            var = primal.params[number].var
            if any(True for _ in leaves(kind_at(var.kind, key))):
                self.roots[var] = (*self.roots.get(var, ()), key)

    # ---- texts -----------------------------------------------------------------------

    def names(self) -> list[str]:
        """How a reader would write each place."""
        texts = []
        for number, key in self.wrt.places:
            var = self.primal.params[number].var
            texts.append(var.name + keys_text(var.kind, key))
        return texts

    def short_names(self) -> list[str]:
        """A name for each place: `x`, or `w` for `params["w"]`."""
        found: list[str] = []
        for number, key in self.wrt.places:
            base = self.primal.params[number].var.name
            last = key[-1] if key else base
            name = last if isinstance(last, str) and last.isidentifier() else None
            found.append(name or re.sub(r"\W", "_", "_".join(map(str, (base, *key)))))
        return found

    # ---- forward ---------------------------------------------------------------------

    def tangent_params(self) -> list[Var]:
        """A variable for the tangent of each place."""
        return [
            Var(dots_name(name), kind_at(self.primal.params[number].var.kind, key))
            for (number, key), name in zip(
                self.wrt.places, self.short_names(), strict=True
            )
        ]

    def tangents_of(self, b: Builder, tangents: Sequence[Var]) -> dict[Var, Atom]:
        """The tangent of each parameter, built from those of its places."""
        given: dict[Var, dict[Key, Atom]] = {}
        for (number, key), tangent in zip(self.wrt.places, tangents, strict=True):
            given.setdefault(self.primal.params[number].var, {})[key] = tangent
        return {
            var: assemble(b, var, var.kind, (), places)
            for var, places in given.items()
            if var in self.roots
        }

    # ---- parameters of the derivative ------------------------------------------------

    def join_params(
        self, params: Sequence[Param], seeds: Sequence[Var], default: Lit | None = None
    ) -> tuple[Param, ...]:
        """The primal's parameters, then the seeds, by keyword where they clash."""
        plain = all(
            p.style in ("normal", "positional") and (p.default is None or default)
            for p in params
        )
        style = "normal" if plain else "keyword"
        joined = [*params]
        new = [Param(seed, style, default) for seed in seeds]
        at = next(
            (k for k, p in enumerate(joined) if p.style == "doublestar"), len(joined)
        )
        return (*joined[:at], *new, *joined[at:])

    def tangent_doc(self, name: str, value: bool) -> str:
        result = "y, y_dot" if value else "y_dot"
        return (
            f"Tangent of `{name}` with respect to {listing(self.names())}.  "
            f"Returns {result}."
        )

    # ---- reverse ---------------------------------------------------------------------

    def results(self, b: Builder, bar_at: Callable[[Var, Key], Atom]) -> list[Atom]:
        """The derivative of each place: of its kind, or the same container of them."""
        found: list[Atom] = []
        for number, key in self.wrt.places:
            var = self.primal.params[number].var

            def leaf(path: Key, var: Var = var) -> Atom:
                return bar_at(var, path)

            found.append(gather(b, kind_at(var.kind, key), key, leaf))
        return found


# ---- kinds and keys ------------------------------------------------------------------


def kind_at(kind: Kind, key: Key) -> Kind:
    """The kind of what a key path leads to."""
    for entry in key:
        kind = dict(entries(kind))[entry]
    return kind


def entries(kind: Kind) -> list[tuple[object, Kind]]:
    """The keys and kinds of what a container of known structure holds."""
    if isinstance(kind, Tuple) or (isinstance(kind, List) and kind.items is not None):
        return list(enumerate(kind.items or ()))
    if isinstance(kind, Dict):
        return list(zip(kind.keys, kind.items, strict=True))
    if isinstance(kind, Object):
        return list(zip(kind.fields, kind.items, strict=True))
    return []


def is_structure(kind: Kind) -> bool:
    """A container whose entries are known one by one."""
    return isinstance(kind, (Tuple, Dict, Object)) or (
        isinstance(kind, List) and kind.items is not None
    )


def leaves(kind: Kind, key: Key = ()) -> Iterator[tuple[Key, Kind]]:
    """The real numbers and arrays of a kind, with the keys that lead to them."""
    if is_structure(kind):
        for entry, item in entries(kind):
            yield from leaves(item, (*key, entry))
    elif may_vary(kind):
        yield key, kind


def path_of(kind: Kind, key: Key) -> tuple[str, tuple[Atom, ...]]:
    """The path template and index atoms of a key path."""
    text, atoms = "", []
    for entry in key:
        if isinstance(kind, Object) or (
            isinstance(kind, Tuple) and isinstance(entry, str)
        ):
            text += f".{entry}"
        else:
            text += "[#]"
            atoms.append(Lit(entry))
        kind = dict(entries(kind)).get(entry, kind)
    return text, tuple(atoms)


def keys_text(kind: Kind, key: Key) -> str:
    from s2sad.ir.paths import fill

    template, atoms = path_of(kind, key)
    return fill(template, [repr(atom.value) for atom in atoms if isinstance(atom, Lit)])


def read(b: Builder, var: Atom, key: Key, name: str = "", absent: bool = False) -> Atom:
    """Read what a key path leads to; `absent`: there may be None."""
    if not key:
        return var
    path, atoms = path_of(var.kind, key)
    kind = kind_at(var.kind, key)
    attrs = {"path": path, "absent": True} if absent else {"path": path}
    return b.op("getitem", (var, *atoms), kind, name, attrs)


def assemble(
    b: Builder, var: Var, kind: Kind, key: Key, given: dict[Key, Atom]
) -> Atom:
    """A value shaped like `var`, with `given` at some places and zeros elsewhere."""
    if key in given:
        return given[key]
    if not any(place[: len(key)] == key for place in given):
        if not may_vary(kind):
            return NONE
        donor = read(b, var, key)
        # A tape that was handed in is full: its adjoint has as many entries.
        tape = isinstance(kind, Tape)
        return structural.zero_of(b, donor) if tape else zero_of(b, donor)
    items = [
        assemble(b, var, item, (*key, entry), given) for entry, item in entries(kind)
    ]
    return container(b, kind, items)


def gather(b: Builder, kind: Kind, key: Key, leaf: Callable[[Key], Atom]) -> Atom:
    """A value of the same structure as `kind`, its real leaves made by `leaf`."""
    if isinstance(kind, Object) and not kind.fields:
        return NONE  # a generator of random numbers, say
    if is_structure(kind):
        items = [gather(b, item, (*key, entry), leaf) for entry, item in entries(kind)]
        return container(b, kind, items)
    return leaf(key) if may_vary(kind) or is_real(kind) else NONE


def container(b: Builder, kind: Kind, items: Sequence[Atom]) -> Atom:
    """The container of this kind that holds `items`."""
    kinds = tuple(item.kind for item in items)
    if isinstance(kind, Tuple):
        attrs = {"cls": kind.cls} if kind.cls else None
        return b.op("tuple", items, Tuple(kinds, kind.cls), attrs=attrs)
    if isinstance(kind, List):
        return b.op("list", items, List(kinds))
    if isinstance(kind, Dict):
        return b.op("dict", items, Dict(kind.keys, kinds), attrs={"keys": kind.keys})
    assert isinstance(kind, Object)
    return b.op(
        "object",
        items,
        Object(kind.cls, kind.fields, kinds),
        attrs={"cls": kind.cls, "fields": kind.fields},
    )


def listing(names: Sequence[str]) -> str:
    return ", ".join(names)


ARRAYS = frozenset(
    "zeros_like full_like array where squeeze reshape".split()
)  # 0-d, too


def zero_d(b: Builder, value: Atom, kind: Array) -> Atom:
    """A number as a 0-d array: NumPy's arithmetic turns such an array into a scalar."""
    single = False
    for stmt in b.stmts:
        single = single or any(is_single(out.kind) for out in stmt.outs)
        if isinstance(stmt, Op) and value in stmt.outs and stmt.prim in ARRAYS:
            if TABLE[stmt.prim].infer(stmt.args, stmt.attrs) == (kind,):
                return value
    attrs = {"dtype": kind.dtype} if single or kind.dtype != "float64" else None
    return b.op("array", (value,), kind, attrs=attrs)


def is_single(kind: Kind) -> bool:
    """Of a NumPy dtype narrower than float64?"""
    return getattr(kind, "dtype", "float64") in ("float32", "float16")


def like_parameter(b: Builder, bar: Atom | None, donor: Atom) -> Atom:
    """An adjoint in the type of the argument: Python float, NumPy scalar or array."""
    kind = donor.kind
    if bar is None and isinstance(kind, Tape):
        return structural.zero_of(b, donor)  # as many entries as it was handed in with
    bar = full(b, bar, donor)
    if isinstance(kind, Scalar) and isinstance(bar.kind, (Scalar, Array)):
        wanted = "float" if kind.dtype == "int" else kind.dtype
        if isinstance(bar, Lit) and wanted == "float":
            return bar
        # idle ones go when the kinds of accumulators are known, last of all
        return b.op(wanted, (bar,), Scalar(wanted))
    if isinstance(kind, Array) and kind.dims == ():
        return zero_d(b, bar, kind)
    if isinstance(kind, Array) and isinstance(bar.kind, Array):
        mixed = kind.dtype != "float64" and bar in doubtful_dtypes(b.stmts)
        if mixed or bar.kind.dtype != kind.dtype:
            return b.op(
                "astype",
                (bar,),
                kind,
                attrs={"dtype": kind.dtype, "spelling": ".astype"},
            )
    return bar


def like_result(b: Builder, dot: Atom, kind: Kind) -> Atom:
    """The tangent of a result in its type, leaf by leaf; a literal zero, too."""
    if is_structure(kind) and any(_changes(leaf) for _, leaf in leaves(kind)):
        if not is_structure(dot.kind):
            return dot
        return gather(
            b,
            kind,
            (),
            lambda key: like_result(b, read(b, dot, key), kind_at(kind, key)),
        )
    if isinstance(kind, Array) and kind.dims == ():
        return zero_d(b, dot, kind)
    if _changes(kind) and (isinstance(dot, Lit) or is_python_scalar(dot.kind)):
        return b.op(kind.dtype, (dot,), kind)  # type: ignore[attr-defined]
    return dot


def _changes(kind: Kind) -> bool:
    """Has NumPy a type of its own for such a number?"""
    if isinstance(kind, Scalar):
        return not is_python_scalar(kind)
    return isinstance(kind, Array) and kind.dims == ()
