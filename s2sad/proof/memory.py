"""`memory(f, *args)`: what a gradient keeps for its reverse half, and what that costs.

The docstring of a gradient says what its loops keep: `Keeps u (len(u) floats) once per
iteration of line 3: n times.` Here this is worked out for one call, counted in a run,
and set beside the most memory that the gradient and `f` itself take.
"""

from __future__ import annotations

import ast
import copy
import gc
import inspect
import re
import sys
import tracemalloc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from s2sad.proof.checking import describe, shown_values
from s2sad.proof.leaves import mapped

SENTENCE = re.compile(
    r"Keeps (?P<names>[^.]*?(?:\.\w[^.]*?)*) once per iteration of line (?P<line>\d+)"
    r"(?:: (?P<most>at most )?(?P<times>[^:]+?) times)?\.(?=\s|$)"
)
PART = re.compile(
    r"(?P<name>\w+)(?: \((?P<size>.+) (?P<word>[a-z]+\d*(?: numbers)?)\))?"
)
SIZES = {"float": 8, "int": 8, "bool": 1}
SLOT = 8  # of a list


@dataclass
class Kept:
    """One value that a loop keeps on every trip."""

    name: str
    line: int  # of the loop, counted from the `def`
    times: int = 0  # in this call
    shape: tuple[int, ...] | None = None  # None: they differ
    dtype: str = ""
    data: int = 0  # bytes: times, shape and item size multiplied
    bytes: int = 0  # with the objects that hold them, and the list
    stated: str = ""  # what the docstring says of times and size
    predicted: int | None = None  # the data that this makes with these arguments


@dataclass
class MemoryReport:
    """What one call of a gradient keeps; peaks are of what it allocates itself."""

    function: str
    at: str
    rows: list[Kept] = field(default_factory=list)
    primal: int = 0  # bytes: the most that `f` has at a time
    gradient: int = 0  # bytes: the most that the gradient has at a time

    @property
    def kept(self) -> int:
        """Bytes on all tapes, with the objects and lists that hold them."""
        return sum(row.bytes for row in self.rows)

    @property
    def predicted(self) -> int | None:
        """The data that the docstring says is kept; None where it does not say all."""
        found = [row.predicted for row in self.rows]
        return None if None in found else sum(p for p in found if p is not None)

    def __str__(self) -> str:
        lines = [f"{self.function} at {self.at}" if self.at else self.function, ""]
        if self.rows:
            head = ("kept", "line", "times", "each", "data", "in memory", "stated")
            table = [head, *map(_cells, self.rows)]
            widths = [max(map(len, column)) for column in zip(*table, strict=True)]
            for cells in table:
                row = "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True))
                lines.append("  " + row.rstrip())
        else:
            lines.append("  no loop keeps anything")
        lines.append("")
        if self.predicted is not None and self.rows:
            lines.append(f"the docstring tells: {amount(self.predicted)} of data")
        lines.append(f"kept on tapes:       {amount(self.kept)}")
        lines.append(f"peak of the function: {amount(self.primal)}")
        lines.append(f"peak of the gradient: {amount(self.gradient)}")
        return "\n".join(lines)

    __repr__ = __str__

    def as_json(self) -> dict[str, Any]:
        return {
            "function": self.function,
            "at": self.at,
            "rows": [vars(row) for row in self.rows],
            "kept": self.kept,
            "predicted": self.predicted,
            "primal": self.primal,
            "gradient": self.gradient,
        }


def _cells(row: Kept) -> tuple[str, ...]:
    shape = "of several shapes" if row.shape is None else ", ".join(map(str, row.shape))
    each = f"{row.dtype}[{shape}]" if shape else row.dtype
    times = str(row.times)
    sizes = amount(row.data), amount(row.bytes)
    return row.name, str(row.line), times, each, *sizes, row.stated or "not known"


def amount(count: int) -> str:
    """`760 B`, `12.3 kB`, `4.0 MB`."""
    if count < 1000:
        return f"{count} B"
    for unit, size in (("kB", 1e3), ("MB", 1e6)):
        if count < 1000 * size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e9:.1f} GB"


# ---- one call ------------------------------------------------------------------------


def memory(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    primal: Callable[..., Any],
    gradient: Any,
    seeds: Collection[str] = (),
) -> MemoryReport:
    """What `gradient`, which is derived from `primal`, keeps in one call; `primal` is
    called without the `seeds` among the keywords.
    """
    values, words = copy.deepcopy((list(args), dict(kwargs or {})))
    serving = gradient.specialized(*values, **words)
    plain = {name: value for name, value in words.items() if name not in seeds}
    arguments = bound(serving, values, plain)
    report = MemoryReport(describe(f), shown_values(arguments))
    tapes = Tapes(serving)
    with tapes:
        serving(*values, **seeded(serving, plain, words))  # itself: dispatch copies it
    gradient(*values, **words)  # what the first call loads is loaded
    said = [*sentences(serving.__doc__ or "")]
    own = {id(whole(leaf)) for leaf in _leaves([values, words])}
    rows = [(tape, row_of(tape, items, said, own)) for tape, items in tapes.found]
    report.rows = [row for tape, row in rows if row.line or not tape.endswith("_rows")]
    for row in report.rows:
        predict(row, said, arguments)
    peak(primal, values, plain)  # what the first call loads
    report.primal = peak(primal, values, plain)
    report.gradient = peak(gradient, values, words)
    return report


def ones(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A cotangent that fits the result of a call."""
    y = f(*copy.deepcopy(list(args)), **copy.deepcopy(dict(kwargs)))
    return mapped(y, lambda _, leaf: leaf * 0 + 1.0, "y", ints=True, rest=None)


def seeded(
    function: FunctionType, plain: Mapping[str, Any], words: Mapping[str, Any]
) -> dict[str, Any]:
    """The keywords by the names of the generated function; seeds are its last ones."""
    seeds = [value for name, value in words.items() if name not in plain]
    names = list(inspect.signature(function).parameters)[-len(seeds) :] if seeds else []
    return {**plain, **dict(zip(names, seeds, strict=True))}


def bound(
    function: FunctionType, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    return dict(inspect.signature(function).bind_partial(*args, **kwargs).arguments)


def peak(call: Callable[..., Any], args: Sequence[Any], kwargs: Any) -> int:
    """The most bytes that a call on copies of the arguments has allocated at a time."""
    args, kwargs = copy.deepcopy((list(args), kwargs))
    was_on = tracemalloc.is_tracing()
    gc.collect()
    if not was_on:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call(*args, **kwargs)
        return max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        if not was_on:
            tracemalloc.stop()


# ---- what is on the tapes ------------------------------------------------------------


class Tapes:
    """The tapes of a generated function where its reverse half begins."""

    def __init__(self, function: FunctionType) -> None:
        self.code = function.__code__
        self.found: list[tuple[str, list[Any]]] = []
        lines, first = inspect.getsourcelines(function)
        marks = [n for n, line in enumerate(lines) if line.strip() == "# reverse"]
        self.reverse = first + marks[0] if marks else None
        made = re.compile(r"^\s+(\w+) = (?:\[\]|\w+\.empty\(.*\))$", re.MULTILINE)
        text = "".join(lines)
        taken = re.compile(r"(\w+)\.pop\(\)|reversed\((\w+)\)|(\w+_rows)\b")
        read = {name for names in taken.findall(text) for name in names}
        before = "".join(lines[: marks[0]] if marks else lines)
        self.names = [n for n in made.findall(before) if n in read]

    def __enter__(self) -> None:
        self.before = sys.gettrace()
        if self.reverse is not None and self.names:
            sys.settrace(self.enter)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)

    def enter(self, frame: FrameType, event: str, arg: object) -> Any:
        return self.line if frame.f_code is self.code else None

    def line(self, frame: FrameType, event: str, arg: object) -> Any:
        assert self.reverse is not None
        if frame.f_lineno > self.reverse and not self.found:
            held = frame.f_locals
            self.found = [(n, list(held[n])) for n in self.names if n in held]
        return None if self.found else self.line


def row_of(
    tape: str, items: list[Any], said: Sequence[Sentence], own: set[int]
) -> Kept:
    name = re.sub(r"_(tape|rows)_*\d*$", "", tape)
    line = next((s.line for s in said if name in s.parts), 0)
    row = Kept(name, line, len(items))
    shapes = {np.shape(item) for item in items if not isinstance(item, (tuple, list))}
    row.shape = shapes.pop() if len(shapes) == 1 else () if not items else None
    kinds = {_dtype(item) for item in items}
    if kinds == {"float", "float64"}:
        kinds = {"float64"}  # a number that starts as Python's and goes on as NumPy's
    row.dtype = kinds.pop() if len(kinds) == 1 else "mixed" if items else ""
    row.data = sum(map(_data, items))
    seen = set(own)
    row.bytes = sys.getsizeof([]) + sum(SLOT + held(item, seen) for item in items)
    return row


def _dtype(item: object) -> str:
    return str(item.dtype) if hasattr(item, "dtype") else type(item).__name__


def _data(item: Any) -> int:
    if isinstance(item, (np.ndarray, np.generic)):
        return item.nbytes
    if isinstance(item, (tuple, list)):
        return sum(map(_data, item))
    return SIZES.get(type(item).__name__, 0)


def held(value: Any, seen: set[int]) -> int:
    """Bytes of a value and of what it holds, each object once."""
    if id(value) in seen or value is None or isinstance(value, bool):
        return 0
    seen.add(id(value))
    size = sys.getsizeof(value)
    if isinstance(value, np.ndarray):
        return size + (held(value.base, seen) if value.base is not None else 0)
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, (tuple, list, dict)):
        size += sum(held(item, seen) for item in inner)
    return size


def whole(array: Any) -> Any:
    """The array whose memory it shows."""
    while getattr(array, "base", None) is not None:
        array = array.base
    return array


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()))
    elif hasattr(value, "__dict__"):
        yield from _leaves(list(vars(value).values()))
    else:
        yield value


# ---- what the docstring says ---------------------------------------------------------


@dataclass
class Sentence:
    """`Keeps u (len(u) floats) once per iteration of line 3: n times.`"""

    line: int
    parts: dict[str, tuple[str, str]]  # by name: how many of what
    times: str
    most: bool  # at most so many


def sentences(doc: str) -> Iterator[Sentence]:
    for found in SENTENCE.finditer(" ".join(doc.split())):
        parts: dict[str, tuple[str, str]] = {}
        for text in re.split(r", (?![^()]*\))", found["names"]):
            part = PART.fullmatch(text)
            if part is not None:
                parts[part["name"]] = part["size"] or "", part["word"] or ""
        times = found["times"] or ""
        yield Sentence(int(found["line"]), parts, times, bool(found["most"]))


def predict(row: Kept, said: Sequence[Sentence], arguments: Mapping[str, Any]) -> None:
    """What the docstring says of this value, and what it comes to."""
    here = [s for s in said if row.name in s.parts]
    if len(here) != 1:
        return
    (sentence,) = here
    size, word = sentence.parts[row.name]
    each = f"{size} {word}, " if size else ""
    most = "at most " if sentence.most else ""
    if not sentence.times:
        return
    row.stated = f"{each}{most}{sentence.times} times"
    if not size and row.shape != ():
        return  # an array whose size is not said
    times, items = worth(sentence.times, arguments), worth(size or "1", arguments)
    if row.times and row.dtype not in SIZES and row.dtype not in np.sctypeDict:
        return
    item = SIZES.get(row.dtype) or np.dtype(row.dtype or float).itemsize
    if times is not None and items is not None and not sentence.most:
        row.predicted = times * items * item


def worth(text: str, arguments: Mapping[str, Any]) -> int | None:
    """The value of such a text as `(len(u) - 1) * A.shape[1]`."""

    def of(node: ast.AST) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return arguments[node.id]
        if isinstance(node, ast.UnaryOp):
            return -of(node.operand)
        if isinstance(node, ast.BinOp):
            a, b = of(node.left), of(node.right)
            if isinstance(node.op, ast.Mult):
                return a * b
            return a + b if isinstance(node.op, ast.Add) else a - b
        if isinstance(node, ast.Call):
            return len(of(node.args[0]))
        if isinstance(node, ast.Subscript):
            return of(node.value)[of(node.slice)]
        assert isinstance(node, ast.Attribute)
        return getattr(of(node.value), node.attr)

    try:
        return int(of(ast.parse(text, mode="eval").body))
    except (LookupError, TypeError, AttributeError, SyntaxError, AssertionError):
        return None


__all__ = ["Kept", "MemoryReport", "memory"]
