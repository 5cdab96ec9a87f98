"""Putting a fault into modules that are loaded: the code of functions is exchanged.

What the import itself runs can't be exchanged afterwards; such a mutant has to be
imported in place of the module (`overlay.py`).
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Iterator
from types import CodeType, FunctionType

from tests.mutants.faults import ROOT, Fault, bytes_of, paths_of

Codes = dict[CodeType, CodeType]
Loaded = dict[CodeType, list[FunctionType]]
OPTIMIZED = 1  # the flag of the code of functions, which class bodies don't have


def exchanged(fault: Fault) -> Codes | None:
    """The code that the fault changes; None if that can't be exchanged."""
    before = list(functions(code_of(fault.path)))
    after = list(functions(compiled(fault.path, fault.text())))
    if len(before) != len(after):
        return None
    for old, new in zip(before, after):
        if covers(old, (fault.line, fault.column)):
            olds, news = list(below(old)), list(below(new))
            fits = [len(c.co_freevars) for c in olds] == [
                len(c.co_freevars) for c in news
            ]
            return dict(zip(olds, news)) if fits else None
    return None


def loaded_functions() -> Loaded:
    files = {str(ROOT / path) for path in paths_of()}
    found: Loaded = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in files:
            found.setdefault(thing.__code__, []).append(thing)
    return found


def put_in(codes: Codes, loaded: Loaded) -> int:
    """Change the functions that run this code; how many there are."""
    count = 0
    for old, new in codes.items():
        for function in loaded.get(old, ()):
            function.__code__ = new
            count += 1
    return count


@functools.lru_cache(None)
def code_of(path: str) -> CodeType:
    return compiled(path, bytes_of(path))


def compiled(path: str, text: str | bytes) -> CodeType:
    return compile(text, str(ROOT / path), "exec", dont_inherit=True)


def functions(code: CodeType) -> Iterator[CodeType]:
    """The outermost functions and lambdas of a module, in order."""
    for part in parts(code):
        if not part.co_flags & OPTIMIZED:
            yield from functions(part)
        elif part.co_name == "<lambda>" or part.co_name[0] != "<":
            yield part


def below(code: CodeType) -> Iterator[CodeType]:
    yield code
    for part in parts(code):
        yield from below(part)


def parts(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def covers(code: CodeType, place: tuple[int, int]) -> bool:
    """Does the text of a function, without its head, hold this place?"""
    if code.co_name != "<lambda>":
        lines = [line for part in below(code) for *_, line in part.co_lines() if line]
        return min(lines) <= place[0] <= max(lines)
    starts, ends = [], []
    for part in below(code):
        for line, last, column, end in part.co_positions():
            if None not in (line, last, column, end) and (column, end) != (0, 0):
                starts.append((line, column))
                ends.append((last, end))
    return min(starts) <= place < max(ends)
