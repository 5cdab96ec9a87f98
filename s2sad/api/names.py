"""Names in generated text: what the user calls things, and whose names they are.

The text runs in the namespace of the differentiated function. A name that belongs to a
helper from another module, or to a helper's closure, means something else there: it is
bound in a cell, and read again at each call.
"""

from __future__ import annotations

import builtins
import dis
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import CodeType, FunctionType, MappingProxyType, ModuleType

from s2sad.api.outside import Way, global_value, walk
from s2sad.emit import Names
from s2sad.emit.scope import USED_BUILTINS
from s2sad.ir.nodes import Block, Function, Op, Program, Stmt
from s2sad.ir.walk import blocks, primitives, statements, with_blocks

MODULES = ("numpy", "math")


def names_for(function: FunctionType, program: Program) -> Names:
    """What the user's function calls NumPy, math and their functions."""
    scope = function.__globals__
    # What functions and comprehensions inside capture of others inside is local here.
    said = {*_globals_read(function.__code__), *function.__code__.co_freevars}
    modules: dict[str, str] = {}
    direct: dict[str, str] = {}
    values: dict[str, object] = {}
    for name in sorted(said):
        value = value_of_name(function, name)
        if isinstance(value, ModuleType) and value.__name__ in MODULES:
            modules.setdefault(value.__name__, name)
        else:
            dotted = imported_from(value, name)
            if dotted:
                direct.setdefault(dotted, name)
            elif isinstance(value, type) and not hasattr(builtins, name):
                values[name] = value
    for op in _frees(program):
        said.add(str(op.attrs["name"]).partition(".")[0])
    local = set(function.__code__.co_varnames) | set(function.__code__.co_cellvars)
    return Names(
        numpy=modules.get("numpy"),
        math=modules.get("math"),
        taken=frozenset(said - local),
        direct=direct,
        values=values,
        shadowed=frozenset(
            name
            for name in USED_BUILTINS
            if name in function.__code__.co_freevars
            or scope.get(name, builtin := getattr(builtins, name)) is not builtin
        ),
    )


def _mentioned(code: CodeType) -> Iterator[str]:
    """Attributes as well."""
    yield from code.co_names
    yield from code.co_freevars
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _mentioned(const)


def value_of_name(function: FunctionType, name: str) -> object:
    if name in function.__code__.co_freevars:
        return walk(("closure", name, ()), function, {})
    return global_value(function, name)


def imported_from(value: object, name: str) -> str | None:
    """`math.sin` for a function imported by `from math import sin`."""
    if getattr(builtins, name, None) is value or value is None:
        return None
    real = getattr(value, "__name__", None)
    if not isinstance(real, str):
        return None
    for short, module in (("math", "math"), ("np", "numpy")):
        home = sys.modules.get(module)
        if home is not None and getattr(home, real, None) is value:
            return f"{short}.{real}"
    linalg = getattr(sys.modules.get("numpy"), "linalg", None)
    return f"np.linalg.{real}" if getattr(linalg, real, _NOTHING) is value else None


_NOTHING = object()  # what no namespace holds


def _frees(program: Program) -> Iterator[Op]:
    for function in program.functions.values():
        if "free" in primitives(function.body):
            for stmt in statements(function.body):
                if isinstance(stmt, Op) and stmt.prim == "free":
                    yield stmt


# ---- names of other functions --------------------------------------------------------


def settle_names(
    program: Program, function: FunctionType, way_to: Callable[[FunctionType], Way]
) -> tuple[Program, dict[str, Way]]:
    """The program with each free name meaning one thing, and those bound in cells."""
    late: dict[str, Way] = {}
    own = set(_mentioned(function.__code__)) | set(function.__code__.co_varnames)
    chosen: dict[tuple[int, str], str] = {}

    def rename(op: Op) -> Op:
        if op.prim != "free":
            return op
        owner = op.attrs.get("owner")
        if not isinstance(owner, FunctionType) or owner is function:
            return op
        head, dot, rest = str(op.attrs["name"]).partition(".")
        free = owner.__code__.co_freevars
        shared = owner.__globals__ is function.__globals__
        if shared and head not in free and head not in function.__code__.co_freevars:
            return op
        key = (id(owner), head)
        if key not in chosen:
            name = head
            if name in own or name in late or name in USED_BUILTINS:
                name = f"{_word(owner)}_{head}"
            while name in own or name in late:
                name += "_"
            chosen[key] = name
            root = "closure" if head in free else "global"
            late[name] = (root, head, way_to(owner))
        attrs = {**op.attrs, "name": chosen[key] + dot + rest}
        return replace(op, attrs=MappingProxyType(attrs))

    def block(old: Block) -> Block:
        return Block(tuple(map(stmt, old.stmts)), old.yields, old.stop)

    def stmt(old: Stmt) -> Stmt:
        if isinstance(old, Op):
            return rename(old)
        return with_blocks(old, tuple(map(block, blocks(old))))

    def whole(old: Function) -> Function:
        if "free" not in primitives(old.body):
            return old
        return replace(old, body=block(old.body))

    functions = {key: whole(f) for key, f in program.functions.items()}
    return Program(program.main, functions), late


def _word(function: FunctionType) -> str:
    return function.__name__ if function.__name__.isidentifier() else "lambda_"


def missing_names(
    codes: Sequence[CodeType], function: FunctionType, known: set[str],
    owners: Sequence[FunctionType], way_to: Callable[[FunctionType], Way],
) -> dict[str, Way]:  # fmt: skip
    """Names that the text reads, the user's module lacks, and a helper's module has."""
    found: dict[str, Way] = {}
    for code in codes:
        for name in _globals_read(code):
            here = (
                name in known or name in function.__globals__ or hasattr(builtins, name)
            )
            if here or name in found:
                continue
            for owner in owners:
                if name in owner.__globals__:
                    found[name] = ("global", name, way_to(owner))
                    break
    return found


# By how much the number of the name is shifted, for what reads a global name.
_LOADS = {
    dis.opmap["LOAD_GLOBAL"]: 1 if sys.version_info >= (3, 11) else 0,
    dis.opmap["LOAD_NAME"]: 0,
}
_EXTENDED = dis.EXTENDED_ARG


def _globals_read(code: CodeType) -> Iterator[str]:
    # `dis.get_instructions` takes thirty times as long
    words, lows = code.co_code[::2], code.co_code[1::2]
    for at, word in enumerate(words):
        if word in _LOADS:
            low, first = lows[at], at
            while first and words[first - 1] == _EXTENDED:
                first -= 1
                low |= lows[first] << 8 * (at - first)
            yield code.co_names[low >> _LOADS[word]]
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _globals_read(const)
