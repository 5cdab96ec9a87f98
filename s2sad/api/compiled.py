"""The target `numba`: a text that Numba compiles, or the reason why it cannot be.

What does not fit is found beforehand, by a table of ours; what Numba refuses all the
same is found by compiling for the very arguments of the call. Either way a warning
names the statement, and the derivative is the one that Python runs.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from s2sad.api.generated import Made, bind_made
from s2sad.api.places import realise
from s2sad.emit import Names
from s2sad.emit.emitter import Text
from s2sad.emit.numba import Misfit, Misfitting, fitted, numba_text
from s2sad.errors import Diagnostic, Place, refuse
from s2sad.ir.kinds import Array, Dict, Kind, List, Scalar, Tuple
from s2sad.ir.nodes import Program, Span
from s2sad.ir.walk import statements
from s2sad.load.dispatch import Signature

if TYPE_CHECKING:
    from s2sad.api.cases import Situation


def kernel_text(
    program: Program, names: Names, main: str, checked: bool
) -> tuple[Text | None, list[str], list[Diagnostic]]:
    """The text, the names of what is compiled in it, and what did not fit."""
    found = fitted(program)
    if not found.misfits:
        try:
            text = numba_text(found, names, checked)
        except Misfitting as misfit:
            found.misfits.append(Misfit(str(misfit), misfit.span))
        else:
            return text, sorted(text.functions[key] for key in found.compiled), []
    return None, [], [fallback(misfit, main) for misfit in found.misfits[:1]]


def fallback(misfit: Misfit, main: str) -> Diagnostic:
    place = None if misfit.span is None else place_of(misfit.span)
    return refuse("not-compiled", place, name=main, reason=misfit.reason)


def too_large(main: str) -> Diagnostic:
    return fallback(Misfit("a whole number in this call is 2**31 or more", None), main)


def place_of(span: Span) -> Place:
    source = span.source
    line = source.first_line + span.line - 1
    shift = source.col_offset
    end_line = source.first_line + span.end_line - 1 if span.end_line else None
    end_col = span.end_col + shift if span.end_line else None
    return Place(source.filename, line, span.col + shift, end_line, end_col)


# ---- by trying -----------------------------------------------------------------------


class _Called(Exception):
    """The arguments that a kernel would have been called with."""


def refusal(made: Made, situation: Situation, program: Program) -> Misfit | None:
    """Compile for the arguments of this call; what Numba says where it cannot."""
    arguments = kernel_arguments(made, situation)
    if arguments is None:
        return None
    name, values = arguments
    import numba
    from numba.core.errors import NumbaError

    from s2sad.load.kernels import FAULTS, plain_copy

    kernel = made.kernels[name]
    plain = tuple(map(plain_copy, values))  # what other layouts come to, too
    try:
        kernel.compile(tuple(map(numba.typeof, plain)))
    except (NumbaError, LookupError, *FAULTS) as error:
        return located(made, program, str(error) or type(error).__name__)
    return None


def located(made: Made, program: Program, message: str) -> Misfit:
    """What Numba said, with the statement of the text that it said it of."""
    reason = reason_of(message)
    file = re.escape(made.entry.filename.rpartition(os.sep)[2])  # it shortens the way
    found = re.findall(rf'File "[^"]*{file}", line (\d+)', message)
    if not found:
        return Misfit(reason, None)
    number = int(found[-1])
    rows = made.entry.content.splitlines()
    statement, _, comment = rows[number - 1].strip().partition("  # ")
    return Misfit(f"{reason}, of `{statement}`", span_of(program, comment))


def span_of(program: Program, comment: str) -> Span | None:
    """The user's line that a comment of the text names: `12: y = math.fsum(x)`."""
    line = re.match(r"(\d+): ", comment)
    if line is None:
        return None
    for stmt in statements(program.entry.body):
        if stmt.span is not None and stmt.span.line == int(line[1]):
            return stmt.span
    return None


def kernel_arguments(made: Made, situation: Situation) -> tuple[str, tuple] | None:
    """The kernel that a call comes to, and what it is handed; nothing is computed."""
    function, parameters = situation.function, situation.parameters
    values: dict[str, Any] = {
        p.name: realise(situation.arguments[p.name], situation.real.get(p.name, ()))
        for p in parameters
    }
    signature = situation.recipe.parameters(parameters)
    seeds = [p.name for p in signature if p not in parameters]
    for name, kind in zip(seeds, made.seeds):
        values[name] = example(kind)
    if any(value is None for name, value in values.items() if name in seeds):
        return None
    args: list[Any] = []
    words: dict[str, Any] = {}
    names = dict(zip(seeds, made.seed_names(parameters)))
    for p in signature:
        if p.kind is p.VAR_POSITIONAL:
            args += values[p.name]
        elif p.kind is p.VAR_KEYWORD:
            words |= values[p.name]
        elif p.kind is p.KEYWORD_ONLY:
            words[names.get(p.name, p.name)] = values[p.name]
        else:
            args.append(values[p.name])
    if made.main in made.compiled:
        return made.main, (*args, *words.values())
    kernels = {name: recorder(name) for name in made.compiled}
    before = made.__dict__.get("kernels")
    made.__dict__["kernels"] = kernels
    try:
        bind_made(made, function, Signature(signature))(*args, **words)
    except _Called as call:
        name, passed = call.args
        return name, passed
    finally:
        made.__dict__.pop("kernels")
        if before is not None:
            made.__dict__["kernels"] = before
    return None


def recorder(name: str) -> Any:
    def record(*args: Any) -> None:
        raise _Called(name, args)

    return record


def example(kind: Kind) -> Any:
    """A value of a kind; None where it takes more than that to make one."""
    if isinstance(kind, Scalar):
        return 1.0 if kind.dtype == "float" else np.dtype(kind.dtype).type(1)
    if isinstance(kind, Array) and kind.rank is not None:
        return np.zeros((1,) * kind.rank, kind.dtype)
    if isinstance(kind, List) and kind.items is None:
        items = [] if kind.elem is None else [example(kind.elem)]
        return None if any(item is None for item in items) else items
    if isinstance(kind, (Tuple, List, Dict)):
        parts = [example(item) for item in kind.items or ()]
        if any(part is None for part in parts):
            return None
        if isinstance(kind, Dict):
            return dict(zip(kind.keys, parts))
        if isinstance(kind, List):
            return parts
        cls = kind.cls or tuple
        return cls(parts) if cls is tuple else cls(*parts)
    return None


def reason_of(message: str) -> str:
    """The first line of Numba's own words that says something."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", message)
    for row in plain.splitlines():
        row = row.strip(" -|")
        if row and not row.startswith(("Failed in", "Resolution failure", ">>>")):
            return f"Numba says: {row.rstrip('.')}"
    return "Numba says no more than that it cannot"
