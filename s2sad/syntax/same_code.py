"""Is this the text that the function was compiled from?

The text is compiled again and the two code objects are compared: instructions, names,
constants and lines. Two things may differ and the function still be the same: pytest
rewrites `assert` statements (all that belongs to them is left out), and tools such as
profilers put in instructions that do nothing.
"""

from __future__ import annotations
import __future__ as features

import ast
import dis
from types import CodeType

# The flags of a code object that `compile` takes back: what the text itself imports
# from __future__, and what a prompt or a notebook passed on to it.
_FUTURE = 0
for _feature in features.all_feature_names[3:]:  # the first three are always on
    _FUTURE |= getattr(features, _feature).compiler_flag

# Instructions that differ without a difference in meaning.
_IDLE = {"NOP", "EXTENDED_ARG", "CACHE"}
# Instructions whose place is that of the function rather than of anything in it.
_PLACELESS = {"RESUME", "RETURN_GENERATOR", "POP_TOP", "RETURN_VALUE", "RETURN_CONST"}
_JUMPS = {*dis.hasjrel, *dis.hasjabs}


def same_code(
    real: CodeType,
    found: CodeType,
    asserts: frozenset[int] = frozenset(),
    lines: bool = True,
) -> bool:
    """Whether `found` is `real` compiled again; `asserts` are the lines of asserts.

    Without `lines` the text may have been moved, or its comments taken out.
    """
    if real == found and list(real.co_lines()) == list(found.co_lines()):
        return True
    pairs = [(real, found)]
    while pairs:
        left, right = pairs.pop()
        if _signature(left) != _signature(right):
            return False
        skip = asserts if _rewritten(left) else frozenset()
        left_steps, left_inner = _steps(left, skip, lines)
        right_steps, right_inner = _steps(right, skip, lines)
        if left_steps != right_steps or len(left_inner) != len(right_inner):
            return False
        if lines and not skip and not _columns_agree(left, right):
            return False
        pairs += zip(left_inner, right_inner)
    return True


def codes_in(text: str, filename: str, flags: int) -> list[CodeType]:
    """Every code object in the text, outermost first. Raises SyntaxError."""
    # 0x10 and the like mean other things in a code object: keep only the features.
    flags &= _FUTURE
    try:
        module = compile(text, filename, "exec", flags, True)
    except SyntaxError:
        await_too = flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # a notebook's cell
        module = compile(text, filename, "exec", await_too, True)
    return inner_codes(module)


def inner_codes(code: CodeType) -> list[CodeType]:
    """The code object and all those inside it."""
    found = [code]
    for each in found:  # grows as it goes
        found += [const for const in each.co_consts if isinstance(const, CodeType)]
    return found


def last_line(code: CodeType) -> int:
    """The last line that any instruction belongs to."""
    numbers = [code.co_firstlineno]
    for each in inner_codes(code):
        numbers += [line for _, _, line in each.co_lines() if line]
    return max(numbers)


def positions(code: CodeType) -> list[tuple[int, int, int, int]] | None:
    """(line, end line, column, end column) per instruction, columns in bytes.

    None where they are not recorded: before Python 3.11, or switched off. Returns are
    left out, for their place may be that of the whole function.
    """
    if not hasattr(code, "co_positions"):
        return None
    found = []
    for instruction, where in zip(dis.get_instructions(code), _unit_positions(code)):
        if instruction.opname in _PLACELESS:
            continue
        line, end_line, col, end_col = where
        if line is None or end_line is None:
            continue
        if col is None or end_col is None:
            return None
        found.append((line, end_line, col, end_col))
    return found


def _unit_positions(code: CodeType):  # type: ignore[no-untyped-def]
    """Positions of the instructions that `dis` lists (it leaves out the caches)."""
    each = list(code.co_positions())  # type: ignore[attr-defined]
    for instruction in dis.get_instructions(code):
        yield each[instruction.offset // 2]


def _columns_agree(left: CodeType, right: CodeType) -> bool:
    a, b = positions(left), positions(right)
    return a is None or b is None or set(a) == set(b)


def _rewritten(code: CodeType) -> bool:
    """Whether pytest rewrote the asserts: its own variables have an @ in front."""
    return any(
        name.startswith("@") for name in (*code.co_varnames, *code.co_names)
    ) or any(
        isinstance(const, CodeType) and _rewritten(const) for const in code.co_consts
    )


def _signature(code: CodeType) -> tuple[object, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)  # *args, **kwargs
    return (
        code.co_name,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags & 0x2AC,  # *args, **kwargs, generator, coroutine, async generator
        code.co_varnames[:count],
        code.co_freevars,
    )


def _steps(
    code: CodeType, skip: frozenset[int], lines: bool
) -> tuple[list[tuple[object, ...]], list[CodeType]]:
    """The instructions as comparable values, and the code objects that they load."""
    numbers = {}
    for start, end, line in code.co_lines():
        for offset in range(start, end, 2):
            numbers[offset] = line
    steps: list[tuple[object, ...]] = []
    inner: list[CodeType] = []
    for instruction in dis.get_instructions(code):
        line = numbers.get(instruction.offset)
        if instruction.opname in _IDLE or line in skip:
            continue
        value = instruction.argval
        if instruction.opcode in _JUMPS:
            value = None  # its target follows from the instructions
        elif isinstance(value, CodeType):
            inner.append(value)
            value = value.co_name
        elif not lines and isinstance(value, str) and ".<locals>." in value:
            value = value.rpartition(".")[2]  # 3.10 names what it makes in full
        where = line - code.co_firstlineno if lines and line is not None else None
        steps.append((instruction.opname, _key(value), where))
    return steps, inner


def _key(value: object) -> object:
    """A constant so that == tells 1 from 1.0 and True, and 0.0 from -0.0."""
    if isinstance(value, tuple):
        return tuple(_key(item) for item in value)
    if isinstance(value, frozenset):
        return frozenset(_key(item) for item in value)
    if isinstance(value, (float, complex)):
        return (type(value), repr(value))
    return (type(value), value)
