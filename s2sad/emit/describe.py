"""Descriptions: names for values without one, after what they are.

    t1 = np.sqrt(years)          sqrt_years
    t2 = 1.0 - p                 one_minus_p
    t3 = params["W1"]            W1
    t4 = x * y                   xy, or rate_times_years
    t5 = A[i, j]                 A_ij
    t6 = u[1:-1]                 u_inner

A name says what is on the right of its line or it is not given: what would be long is
left to be `t1`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from s2sad.emit.spelling import spelling_of
from s2sad.ir.nodes import Atom, Lit, Op, Var
from s2sad.ir.paths import Attribute, Slice, Subscript, parse_path

LONGEST = 16  # letters
DERIVED = re.compile(r"_(bar|dot|tape)(_|$)")  # no name for a product of such

# The name of an operand, or a number; "" for none. An index may be `im1` for `i - 1`.
Called = Callable[[Atom], str]

WORDS = {"add": "plus", "sub": "minus", "mul": "times", "div": "over", "matmul": "at"}
TESTS = ("lt", "le", "gt", "ge", "eq", "ne")
NUMBERS = {1: "one", 2: "two"}
POWERS = {2: "squared", 3: "cubed"}
FIELDS = {"shape": "shape", "size": "size", "len": "len", "ndim": "ndim"}
READS = ("getitem", "item")  # of a place; the second as a Python float
NAMELESS = ("tuple", "list", "dict", "object", "free", "pop")


def descriptions(op: Op, called: Called, within: str = "") -> Iterator[str]:
    """What a value may be called, the best first.

    `within`: as an operand that is called so in the name of another value, where only
    what can't be misread will do: `sin_x` is no word in `sin_x_over_y`.
    """
    if within == "binary" and not is_word(op, called):
        return
    if within == "call" and is_call(op):
        return
    for name in _descriptions(op, called):
        if name.isidentifier() and len(name) <= LONGEST:
            yield name


def is_word(op: Op, called: Called) -> bool:
    """Is its name one word: `A_ij`, `xy`, `x_T`, `x_squared`?"""
    if op.prim in (*READS, "transpose", *FIELDS):
        return True
    if op.prim != "mul" or len(op.args) != 2:
        return False
    return len("".join([called(atom) for atom in op.args])) == 2


def is_call(op: Op) -> bool:
    """Is its name that of a function, and of what it is called on?"""
    if op.prim in (*READS, "transpose", "neg", "pow", *FIELDS):
        return False
    return op.prim not in WORDS and op.prim not in TESTS


def _descriptions(op: Op, called: Called) -> Iterator[str]:
    if op.prim in READS:
        yield from _read(op, called)
    elif op.prim in FIELDS:
        yield _joined(called(op.args[0]), FIELDS[op.prim])
    elif op.prim == "transpose" and op.attrs.get("axes") is None:
        yield _joined(called(op.args[0]), "T")
    elif any(DERIVED.search(called(atom)) for atom in op.args):
        return
    elif op.prim in WORDS or op.prim in TESTS:
        yield from _binary(op, called)
    elif op.prim == "neg":
        yield _joined("minus", called(op.args[0]))
    elif op.prim == "pow":
        yield from _power(op, called)
    elif op.prim not in NAMELESS:
        yield from _call(op, called)


def _joined(*words: str) -> str:
    """The words in one; nothing if one of them is missing."""
    return "_".join(word.rstrip("_") for word in words) if all(words) else ""


def _binary(op: Op, called: Called) -> Iterator[str]:
    if len(op.args) != 2:
        return
    left, right = map(called, op.args)
    if op.prim in TESTS:
        yield _joined(left, op.prim, right)
        return
    if op.prim == "mul" and left == right and left:
        yield _joined(left, "squared")
        return
    if op.prim == "mul" and left.isalpha() and right.isalpha():
        if len(left) == len(right) == 1:
            yield left + right
    if left.isdigit():
        left = NUMBERS.get(int(left), "")
    if op.prim in ("mul", "div") and left and isinstance(op.args[0], Lit):
        if op.prim == "mul":
            yield _joined(left, right)
        return
    yield _joined(left, WORDS[op.prim], right)


def _power(op: Op, called: Called) -> Iterator[str]:
    base, exponent = op.args
    if isinstance(exponent, Lit) and exponent.value in POWERS:
        yield _joined(called(base), POWERS[exponent.value])
    else:
        yield _joined(called(base), "to", called(exponent))


def _call(op: Op, called: Called) -> Iterator[str]:
    """`norm_x` for `np.linalg.norm(x)`."""
    operands = [atom for atom in op.args if not isinstance(atom, Lit)]
    if len(operands) == 1 and operands[0] is op.args[0]:
        yield _joined(spelling_of(op).rpartition(".")[2], called(operands[0]))


def _read(op: Op, called: Called) -> Iterator[str]:
    """`A_ij` for `A[i, j]`, `W1` for `params["W1"]`, `depth` for `self.depth`."""
    base, *indices = op.args
    if op.prim == "item":
        yield _element(base, [mark_of(index, called) for index in indices], called)
        return
    steps = parse_path(str(op.attrs["path"]))
    step = steps[-1]
    if isinstance(step, Attribute):
        yield step.name
        if len(steps) == 1:
            yield _joined(called(base), step.name)
        return
    if not isinstance(base, Var) or len(steps) != 1 or not isinstance(step, Subscript):
        return
    key = indices[0] if step.items == (0,) else None
    if isinstance(key, Lit) and isinstance(key.value, str):
        yield key.value
        yield _joined(called(base), key.value)
        return
    if all(is_inner(item, indices) for item in step.items):
        yield _joined(called(base), "inner")
        return
    marks = [
        mark_of(indices[item], called) if isinstance(item, int) else ""
        for item in step.items
    ]
    yield _element(base, marks, called)


def _element(base: Atom, marks: Sequence[str], called: Called) -> str:
    if not all(marks):
        return ""
    glue = "" if all(len(mark) == 1 for mark in marks) else "_"
    return _joined(called(base), glue.join(marks))


def is_inner(item: object, indices: Sequence[Atom]) -> bool:
    """Is it `1:-1`, all but the first and the last?"""
    if not isinstance(item, Slice) or item.step is not None:
        return False
    bounds = [None if at is None else indices[at] for at in (item.start, item.stop)]
    return bounds == [Lit(1), Lit(-1)]


def slice_name(op: Op, called: Called) -> str:
    """`u_from_2` for `u[2:]`, `u_but_2` for `u[:-2]`, `u_inner_to_k`."""
    base, *indices = op.args
    (step,) = parse_path(str(op.attrs["path"]))
    assert isinstance(step, Subscript)
    if all(is_inner(item, indices) for item in step.items):
        return _joined(called(base), "inner")
    return _joined(
        called(base), *(_slice(item, indices, called) for item in step.items)
    )


def _slice(item: object, indices: Sequence[Atom], called: Called) -> str:
    if not isinstance(item, Slice) or item.step is not None:
        return ""
    start, stop = (
        None if at is None else indices[at] for at in (item.start, item.stop)
    )
    if is_inner(item, indices):
        return "inner"
    if start is None and stop is None:
        return "all"
    words = [] if start is None else [_joined("from", called(start))]
    if isinstance(stop, Lit) and is_negative(stop):
        words.append(f"but_{-stop.value}")  # type: ignore[operator]
    elif stop is not None:
        words.append(_joined("to", called(stop)))
    return _joined(*words)


def is_negative(lit: Lit) -> bool:
    return type(lit.value) is int and lit.value < 0


def mark_of(index: Atom, called: Called) -> str:
    """What an index is written as in a name: `i`, `3`, `last` for `-1`."""
    if isinstance(index, Lit) and index.value == -1:
        return "last"
    return (
        "" if isinstance(index, Lit) and type(index.value) is float else called(index)
    )


def number_word(lit: Lit) -> str:
    """`3` for `3` and `3.0`; nothing for what has a sign or a fraction."""
    value = lit.value
    if type(value) is float and value.is_integer():
        value = int(value)
    return str(value) if type(value) is int and 0 <= value < 1000 else ""


def shifted(op: Op, called: Called) -> str:
    """`im1` for the index `i - 1`."""
    if op.prim not in ("add", "sub") or len(op.args) != 2:
        return ""
    name, number = map(called, op.args)
    if len(name) != 1 or not name.isalpha() or not number.isdigit():
        return ""
    return f"{name}{'p' if op.prim == 'add' else 'm'}{number}"
