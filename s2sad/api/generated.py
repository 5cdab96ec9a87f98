"""A generated text and what it takes to run it, fresh or from the cache."""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import CellType, CodeType, FunctionType
from typing import Any

from s2sad.api import outside
from s2sad.api.kindcode import kind_from, kind_to
from s2sad.api.modes import Choice
from s2sad.ir.kinds import Kind
from s2sad.ir.nodes import Program
from s2sad.load import cache
from s2sad.load.cache import Entry
from s2sad.load.dispatch import Native, Signature
from s2sad.load.module import bind, compile_function, register


@dataclass(frozen=True, eq=False)
class Made:
    """One derived text.

    `main` is its function; `cells` what is bound for it: (tag, value) by name; `late`
    the names that are read again at each call, each with the way to it; `seeds` the
    kinds of the parameters that the operators added.
    """

    entry: Entry
    main: str
    cells: dict[str, tuple[str, Any]]
    answers: Sequence[outside.Answer]
    late: dict[str, outside.Way]
    choices: Sequence[Choice]
    seeds: Sequence[Kind]
    other: str | None = None  # the function beside `main`, of `split` and `linear`
    warnings: Sequence[str] = field(default=())

    @property
    def compiled(self) -> Sequence[str]:
        """The functions that Numba compiles."""
        return self.entry.header.get("compiled", ())

    @property
    def text(self) -> str:
        """The functions as they are shown."""
        return self.entry.text

    @cached_property
    def codes(self) -> dict[str, CodeType]:
        free = self.entry.header.get("free", ())
        names = [*self.cells, *self.late, *free]
        return compile_function(self.entry.content, self.entry.filename, names)

    @cached_property
    def kernels(self) -> dict[str, Any]:
        """The functions that Numba compiles, each when it is first called."""
        if not self.compiled:
            return {}
        from s2sad.load.kernels import kernels

        return kernels(self.entry, self.compiled)

    def native(self, kinds: Sequence[Kind]) -> Native | None:
        """The main function as machine code, if it takes what the derived one does."""
        if self.main not in self.compiled:
            return None
        if "_native" not in self.__dict__:
            from s2sad.load.kernels import native

            self.__dict__["_native"] = native(self.kernels[self.main], kinds)
        found: Native | None = self.__dict__["_native"]
        return found

    @cached_property
    def closure(self) -> list[tuple[str, CellType | None]] | None:
        """The closure of the one function of this text, with gaps for what the user's
        function may have in its own; None if it takes more than that.
        """
        code, *others = self.codes.values()
        free = code.co_freevars
        if others or self.late or self.compiled or self.main in free:
            return None
        known = self.shared
        return [
            (name, CellType(known[name]) if name in known else None) for name in free
        ]

    @cached_property
    def shared(self) -> dict[str, object]:
        """The cells that are the same for every function with this code."""
        found: dict[str, object] = {}
        for name, (tag, value) in self.cells.items():
            if tag == "module":
                found[name] = importlib.import_module(str(value))
            elif tag == "helper":
                found[name] = helper(str(value))
            elif tag == "builtin":
                found[name] = getattr(builtins, str(value))
            elif tag != "function":
                found[name] = value
        return found

    def defaults(
        self, signature: Signature
    ) -> tuple[tuple | None, dict[str, object] | None]:
        """Defaults of the main function, found once as long as they stay the same."""
        known = self.__dict__.get("_defaults")
        if known is None or known[0] is not signature.parameters:
            found = _defaults(self.codes[self.main], signature)
            known = self.__dict__["_defaults"] = signature.parameters, found
        return known[1]

    def enter(self, *functions: FunctionType | None) -> None:
        """Functions learn their module; the first ones are what it shows."""
        found = [f for f in functions if type(f) is FunctionType]
        module = self.__dict__.get("_module")
        if module is None:
            module = register(self.entry, {f.__name__: f for f in found}).__name__
            self.__dict__["_module"] = module
        for function in found:
            function.__module__ = module

    def seed_names(self, parameters: Sequence[inspect.Parameter]) -> list[str]:
        """What the text calls the parameters after those of the user's function."""
        code = self.codes[self.main]
        count = code.co_argcount
        names = code.co_varnames[: count + code.co_kwonlyargcount]
        plain = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        before = sum(p.kind in plain for p in parameters)
        words = sum(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters)
        return [*names[before:count], *names[count + words :]]


def store(
    key: str | None,
    text: Any,
    program: Program,
    function: FunctionType,
    answers: Sequence[outside.Answer],
    late: dict[str, outside.Way],
    choices: Sequence[Choice],
    seeds: Sequence[Kind],
    warnings: Sequence[str],
    other: str | None = None,
    compiled: Sequence[str] = (),
) -> Made:
    """Keep a text; in memory only if something in it has no meaning elsewhere."""
    main = text.functions[program.main]
    cells = dict(text.cells)
    asked = [outside.described(answer) for answer in answers]
    plain_cells = {
        name: _plain_cell(tag, value) for name, (tag, value) in cells.items()
    }
    header = {
        "main": main,
        "other": other,
        "free": list(function.__code__.co_freevars),
        "asked": asked,
        "cells": plain_cells,
        "late": {name: outside.plain_way(way) for name, way in late.items()},
        "choices": [[c.inputs, c.outputs, c.forward] for c in choices],
        "seeds": [kind_to(kind) for kind in seeds],
        "warnings": list(warnings),
        "compiled": list(compiled),
    }
    parts = (*asked, *plain_cells.values(), *header["late"].values(), *header["seeds"])
    entry: Entry | None = None
    if key is not None and not any(part is None for part in parts):
        entry = cache.store(key, main, text.text, header)
        if entry.header["asked"] != asked:  # of a process that was first
            entry = None
    if entry is None:
        kept = ("main", "free", "warnings", "compiled")
        header = {name: header[name] for name in kept}
        number = next(_numbers)
        entry = in_memory(
            cache.make_key({"number": number, "text": text.text}),
            main,
            text.text,
            header,
        )
    return Made(entry, main, cells, answers, late, choices, seeds, other, warnings)


def _counter():  # type: ignore[no-untyped-def]
    import itertools
    import os

    return itertools.count(os.getpid() << 32)


_numbers = _counter()


def in_memory(key: str, name: str, text: str, header: dict[str, Any]) -> Entry:
    """An entry that only this process can use."""
    return Entry(None, text, {**header, "key": key, "name": name})


def from_entry(entry: Entry, answers: Sequence[outside.Answer]) -> Made | None:
    """What the cache holds, ready to be bound."""
    header = entry.header
    try:
        cells = {
            name: (tag, _value_from(tag, value))
            for name, (tag, value) in header["cells"].items()
        }
        choices = [
            Choice(tuple(map(tuple, a)), tuple(map(tuple, b)), c)
            for a, b, c in header["choices"]
        ]
        seeds = [kind_from(data) for data in header["seeds"]]
        late = {name: outside.way_from(way) for name, way in header["late"].items()}
        main = header["main"]
    except (KeyError, TypeError, ValueError, AttributeError, ImportError):
        return None
    return Made(
        entry, main, cells, answers, late, choices, seeds, header["other"],
        header["warnings"],
    )  # fmt: skip


# Cells that hold a name: what it means is the same in every process.
BY_NAME = ("module", "helper", "builtin", "function")


def _plain_cell(tag: str, value: object) -> list[str] | None:
    if tag in BY_NAME:
        return [tag, str(value)]
    text = outside.object_text(value)
    importable = text is not None and (text.startswith("module ") or ":" in text)
    return [tag, text] if importable and callable(value) else None  # type: ignore[list-item]


def _value_from(tag: str, value: str) -> object:
    return value if tag in BY_NAME else outside.object_from(value)


# ---- binding -------------------------------------------------------------------------


def bind_made(made: Made, function: FunctionType, signature: Signature) -> FunctionType:
    """The generated function, with the globals, cells and defaults of the user's."""
    return bind_functions(made, function, signature)[0]


def bind_functions(
    made: Made, function: FunctionType, signature: Signature
) -> tuple[FunctionType, FunctionType | None]:
    """The main function, and the one beside it if there is one."""
    code = function.__code__
    captured = dict(zip(code.co_freevars, function.__closure__ or ()))
    if made.closure is not None:
        return bind_sole(made, function, signature, captured), None
    shared = {**made.shared, **captured}
    for name, way in made.late.items():
        shared[name] = CellType(outside.walk(way, function, {}))
    own = {name: CellType() for name in made.codes}
    cells = {**shared, **own}
    for name, kernel in made.kernels.items():
        own[name].cell_contents = kernel
    for name, each in made.codes.items():
        if name in made.compiled:
            continue
        defaults = kwdefaults = None
        if name == made.main:
            defaults, kwdefaults = made.defaults(signature)
        bound = bind(each, function.__globals__, defaults, kwdefaults, cells)
        own[name].cell_contents = bound
    main = own[made.main].cell_contents
    second = own[made.other].cell_contents if made.other else None
    made.enter(main, second)
    if not made.late:
        return main, second
    late = [(name_cell(cells, name), way) for name, way in made.late.items()]
    return (
        _reading_late(main, late, function),
        second and _reading_late(second, late, function),
    )


def bind_sole(
    made: Made,
    function: FunctionType,
    signature: Signature,
    captured: Mapping[str, CellType],
) -> FunctionType:
    """The one function of a text: what a loop makes anew on every trip."""
    assert made.closure is not None
    code = made.codes[made.main]
    defaults, kwdefaults = made.defaults(signature)
    closure = tuple([captured.get(name, cell) for name, cell in made.closure])
    main = FunctionType(code, function.__globals__, code.co_name, defaults, closure)  # type: ignore[arg-type]
    if kwdefaults:
        main.__kwdefaults__ = dict(kwdefaults)
    made.enter(main)
    return main


def _defaults(
    code: CodeType, signature: Signature
) -> tuple[tuple | None, dict[str, object] | None]:
    """Defaults of the generated function: those of the derived one, by position."""
    positional = [
        p.default
        for p in signature.parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    keyword = [p.default for p in signature.parameters if p.kind is p.KEYWORD_ONLY]
    # A seed that is keyword-only for the caller may be a plain one in the text.
    moved = code.co_argcount - len(positional)
    if moved > 0:
        positional += keyword[len(keyword) - moved :]
        keyword = keyword[: len(keyword) - moved]
    first = len(positional)
    while first and positional[first - 1] is not inspect.Parameter.empty:
        first -= 1
    names = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    kwdefaults = {
        name: value
        for name, value in zip(names, keyword)
        if value is not inspect.Parameter.empty
    }
    return tuple(positional[first:]) or None, kwdefaults or None


def name_cell(cells: dict[str, object], name: str) -> CellType:
    cell = cells[name]
    assert isinstance(cell, CellType)
    return cell


def _reading_late(
    generated: FunctionType,
    late: Sequence[tuple[CellType, outside.Way]],
    function: FunctionType,
) -> FunctionType:
    """The function, after names that belong to other functions have been read again."""

    def run(*args: object, **kwargs: object) -> object:
        for cell, way in late:
            cell.cell_contents = outside.walk(way, function, {})
        return generated(*args, **kwargs)

    return functools.update_wrapper(run, generated)  # type: ignore[return-value]


def helper(name: str) -> object:
    """A function of ours that the text calls."""
    from s2sad.emit import helpers

    return getattr(helpers, name)
