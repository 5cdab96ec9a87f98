"""Kernels: functions of a generated text that Numba compiles.

The text is run as the module that it is, under its own name and from its own file,
which is what Numba's `cache=True` needs: the machine code is kept beside the text, and
another process loads it in milliseconds. Without a file nothing is kept.

A call of one costs less if Numba need not find out again what dispatch has made sure of
(`native`): for numbers, the machine code is called without asking; for arrays it is
Numba's look at them that counts, and what it does not know comes to `strict`.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from s2sad.errors import Misuse
from s2sad.ir.kinds import Array, Kind, Scalar
from s2sad.load.cache import Entry, is_ours
from s2sad.load.dispatch import Native, Unfit
from s2sad.load.module import register

_running = threading.Lock()

# Numbers that Numba makes one thing of by looking at their type alone. Of an int it
# depends on the value, too: beyond 63 bits it is an unsigned one.
NUMBERS = {"float": 1.0, "complex": 1j, "bool": True}


def kernels(entry: Entry, names: Sequence[str]) -> dict[str, Callable[..., Any]]:
    """The compiled functions of these names; nothing is compiled before a call."""
    require_numba()
    module = register(entry)
    with _running:
        if not all(hasattr(getattr(module, name, None), "py_func") for name in names):
            text = entry.content
            if not may_keep(entry):
                text = re.sub(r"^@njit\(cache=True(?:, )?", "@njit(", text, flags=re.M)
            tree = ast.parse(text, entry.filename)
            tree.body = [s for s in tree.body if not is_shell(s)]
            code = compile(tree, entry.filename, "exec", dont_inherit=True)
            exec(code, module.__dict__)
            for name in names:
                tolerate(getattr(module, name))
    return {name: getattr(module, name) for name in names}


def is_shell(statement: ast.stmt) -> bool:
    """A function that runs in the user's namespace, where its defaults have meaning."""
    return isinstance(statement, ast.FunctionDef) and not statement.decorator_list


def may_keep(entry: Entry) -> bool:
    """May machine code be kept beside the text, and believed when it is found there?"""
    if entry.path is None:
        return False
    folder = entry.path.parent / "__pycache__"
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except OSError:
        return False
    return is_ours(folder)


def native(kernel: Any, kinds: Sequence[Kind]) -> Native | None:
    """The machine code for arguments of these kinds, if it can be called directly."""
    if all(isinstance(k, Scalar) and k.dtype in NUMBERS for k in kinds):
        import numba

        examples = [NUMBERS[k.dtype] for k in kinds if isinstance(k, Scalar)]
        return Native(kernel.compile(tuple(map(numba.typeof, examples))), looks=False)
    if all(isinstance(kind, (Array, Scalar)) for kind in kinds):
        strict(kernel, kinds)
        return Native(kernel, looks=True)
    return None


# What Numba's own passes raise where they meet something that they did not expect.
FAULTS = (NotImplementedError, AssertionError, TypeError, ValueError, AttributeError)


def tolerate(kernel: Any) -> None:
    """Where Numba cannot compile for the layout of an array, it is given a copy."""
    from numba.core.errors import NumbaError

    compile_for = kernel._compile_for_args
    refused: set[tuple] = set()

    def call_with_copies(*args: object) -> object:
        return kernel(*map(plain_copy, args))

    def compile_or_copy(*args: object, **words: object) -> object:
        layouts = tuple(map(layout, args))
        if layouts in refused:
            return call_with_copies
        try:
            return compile_for(*args, **words)
        except (NumbaError, LookupError, *FAULTS):
            if all(map(is_plain, args)):
                raise
            refused.add(layouts)
            return call_with_copies

    kernel._compile_for_args = compile_or_copy


def layout(value: object) -> tuple | None:
    """How an array lies in memory, as far as it tells types of Numba's apart."""
    if not isinstance(value, sys.modules["numpy"].ndarray):
        return None
    flags = value.flags
    return flags.c_contiguous, flags.f_contiguous, flags.writeable, flags.aligned


def is_plain(value: object) -> bool:
    found = layout(value)
    return found is None or value.flags.carray  # type: ignore[attr-defined]


def plain_copy(value: Any) -> Any:
    """The same numbers one after the other, in memory of their own."""
    return value if is_plain(value) else value.copy(order="C")


def strict(kernel: Any, kinds: Sequence[Kind]) -> None:
    """Let Numba compile for other layouts of the arrays, but not for other arrays."""
    compile_for = kernel._compile_for_args  # what it calls where nothing fits

    def compile_if_fit(*args: object, **words: object) -> object:
        for value, kind in zip(args, kinds):
            if isinstance(kind, Array) and not is_array_of(value, kind):
                raise Unfit(f"compiled for arrays of {kind}, not for {value!r:.60}")
        return compile_for(*args, **words)

    kernel._compile_for_args = compile_if_fit


def is_array_of(value: object, kind: Array) -> bool:
    numpy = sys.modules["numpy"]
    return (
        type(value) is numpy.ndarray
        and value.dtype == kind.dtype
        and kind.rank in (None, value.ndim)
    )


def require_numba() -> None:
    try:
        import numba  # noqa: F401
    except ImportError:
        raise Misuse(
            "target='numba' needs Numba, which is the extra `numba`:"
            " pip install 's2sad[numba]'"
        ) from None
