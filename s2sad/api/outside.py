"""What a derivative depends on outside its arguments: globals, cells, attributes, code.

Lowering says what it asked about (`Guard`). Here each becomes an `Ask`: a way to get
there that starts from the differentiated function, so that it can be asked again for
another closure with the same code, in the text of a condition or from another process.

    ("global", name, owner)    ("closure", name, owner)
    ("arg", name)              ("attr", way, name)
    ("both", way, way)         two things, of which it matters whether they share memory
                               or are one
    ("class", cls)             a class, which another process finds by its name

`owner` is the way to the function whose globals or cells are meant, () for the
differentiated function itself; ("object", x) is for one that cannot be reached.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import linecache
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from s2sad.analysis.kinds_of import kind_of
from s2sad.analysis.memory import are_apart, are_distinct, is_outside
from s2sad.ir.kinds import Dict, Kind, Object, Static, Tuple, children, show
from s2sad.load.dispatch import FUNCTION, Bound
from s2sad.load.guards import MISSING, Checks, read_cell

Way = tuple[object, ...]
PLAIN = (int, float, bool, complex, str, type(None))  # defaults that stand in the text


@dataclass(frozen=True)
class Ask:
    """A place outside, and what of it matters: its "kind", its "code", its "value" (an
    int), the "defaults" of a function, or itself."""

    way: Way
    what: str


@dataclass(frozen=True)
class Answer:
    """What was found there when the derivative was made."""

    ask: Ask
    value: object


# ---- going there ---------------------------------------------------------------------


def walk(way: Way, function: FunctionType, arguments: Mapping[str, object]) -> object:
    """The object at the end of a way; `MISSING` where it breaks off."""
    if way == ():
        return function
    root = way[0]
    if root in ("object", "class"):
        return way[1]
    if root == "arg":
        return arguments.get(str(way[1]), MISSING)
    if root == "both":
        first, second = way[1:]
        return walk(first, function, arguments), walk(second, function, arguments)  # type: ignore[arg-type]
    if root == "attr":
        base = walk(way[1], function, arguments)  # type: ignore[arg-type]
        return getattr(base, str(way[2]), MISSING)
    owner = walk(way[2], function, arguments)  # type: ignore[arg-type]
    if root == "closure":
        return cell_value(owner, str(way[1]))
    return global_value(owner, str(way[1]))


def global_value(owner: object, name: str) -> object:
    """A global of a function, or the builtin of that name."""
    found = getattr(owner, "__globals__", {}).get(name, MISSING)
    if found is MISSING:  # to ask for what no module has takes microseconds
        return getattr(builtins, name, MISSING)
    return found


def cell_value(owner: object, name: str) -> object:
    """A closure value of a function."""
    cell = cell_of(owner, name)
    return MISSING if cell is None else read_cell(cell)


def cell_of(owner: object, name: str) -> types.CellType | None:
    code = getattr(owner, "__code__", None)
    if code is None or name not in code.co_freevars:
        return None
    return owner.__closure__[code.co_freevars.index(name)]  # type: ignore[attr-defined]


# ---- as the text of a condition ------------------------------------------------------


def text_of(way: Way, checks: Checks) -> str:
    """An expression that goes there; it never raises."""
    root = way[0]
    if root in ("object", "class"):
        return checks.name(way[1], str(root))
    if root == "arg":
        return str(way[1])
    if root == "attr":
        return checks.attribute(text_of(way[1], checks), str(way[2]))  # type: ignore[arg-type]
    name, owner = str(way[1]), way[2]
    if owner != ():
        read = cell_value if root == "closure" else global_value
        reader = checks.name(read, read.__name__)
        return f"{reader}({text_of(owner, checks)}, {name!r})"  # type: ignore[arg-type]
    if root == "closure":
        cell = checks.name(_shared(_cell_of_function, name), f"cell_{name}")
        return f"{checks.name(read_cell, 'read_cell')}({cell})"
    return checks.outer(name, _GLOBALS)


_GLOBALS = Bound(lambda f: f.__globals__)  # type: ignore[attr-defined]
_CODE = Bound(lambda f: f.__code__)  # type: ignore[attr-defined]
_cells: dict[str, Bound] = {}


def _cell_of_function(name: str) -> Bound:
    return Bound(lambda f: cell_of(f, name) or types.CellType(MISSING))


def _shared(make, name: str) -> Bound:  # type: ignore[no-untyped-def]
    found = _cells.get(name)
    if found is None:
        found = _cells[name] = make(name)
    return found


def write(answer: Answer, checks: Checks) -> None:
    """The terms of a condition that hold while the answer is the same."""
    if answer.ask.what in ("apart", "outside"):
        _, first, second = answer.ask.way
        check = checks.apart if answer.ask.what == "apart" else checks.outside
        check(text_of(first, checks), text_of(second, checks))  # type: ignore[arg-type]
        return
    if answer.ask.what == "same":
        _, first, second = answer.ask.way
        checks.one(text_of(first, checks), text_of(second, checks), bool(answer.value))  # type: ignore[arg-type]
        return
    text = text_of(answer.ask.way, checks)
    if answer.ask.what == "whole":
        checks.whole(text, bool(answer.value))
    elif answer.ask.what == "distinct":
        checks.distinct(text)
    elif answer.ask.what in ("kind", "defaults"):
        checks.kind(text, answer.value)  # type: ignore[arg-type]
    elif answer.ask.what == "type":
        checks.type(text, answer.value)  # type: ignore[arg-type]
    elif answer.ask.what == "code":
        checks.code(text, answer.value)  # type: ignore[arg-type]
    elif answer.ask.what == "value":
        checks.equal(text, answer.value)
    else:
        checks.same(text, answer.value)


def write_code(checks: Checks) -> None:
    """The function's own code is what it was (reloaders replace it in place).

    It is bound with the function: what holds for every function with this code must
    not keep the code alive.
    """
    checks.add(f"{checks.name(FUNCTION, 'f')}.__code__ is {checks.name(_CODE, 'code')}")


# ---- from what lowering recorded -----------------------------------------------------


def answers_of(
    guards: Sequence[Any], function: FunctionType, arguments: Mapping[str, object]
) -> tuple[list[Answer], Callable[[FunctionType], Way]]:
    """The guards of a lowering as answers, and the way to any function they tell of."""
    ways: dict[int, Way] = {}

    def owner_way(owner: FunctionType | None, seen: tuple[int, ...] = ()) -> Way:
        if owner is None or owner is function:
            return ()
        if id(owner) in ways:
            return ways[id(owner)]
        found: Way = ("object", owner)
        for guard in guards:
            leads = guard.value is owner.__code__ or guard.value is owner
            if leads and guard.what != "kind" and id(owner) not in seen:
                found = whole(guard, (*seen, id(owner)))
                break
        ways[id(owner)] = found
        return found

    def whole(guard: Any, seen: tuple[int, ...] = ()) -> Way:
        return extended(guard.path, owner_way(guard.owner, seen))

    def extended(path: Way, owner: Way) -> Way:
        if path[0] == "owned":
            return extended(path[1], owner_way(path[2]))  # type: ignore[arg-type]
        if path[0] == "attr":
            return "attr", extended(path[1], owner), path[2]  # type: ignore[arg-type]
        if path[0] == "both":
            return "both", extended(path[1], owner), extended(path[2], owner)  # type: ignore[arg-type]
        rooted = path[0] in ("arg", "class")
        return path if rooted else (path[0], path[1], owner)

    def each(guard: Any) -> list[Answer]:
        """The answer; of an attribute, whose owner is not told, every one that fits."""
        if guard.path[0] != "attr" or guard.owner is not None:
            return [Answer(Ask(whole(guard), guard.what), guard.value)]
        found = []
        for owner in dict.fromkeys([None, *(g.owner for g in guards)]):
            ask = Ask(extended(guard.path, owner_way(owner)), guard.what)
            if same_answer(ask_again(ask, function, arguments), guard.value):
                found.append(Answer(ask, guard.value))
        return found or [Answer(Ask(whole(guard), guard.what), guard.value)]

    return [answer for guard in guards for answer in each(guard)], owner_way


def same_answer(answer: Answer, value: object) -> bool:
    if answer.ask.what in ("kind", "value"):
        return answer.value == value and type(answer.value) is type(value)
    return answer.value is value


def ask_again(
    ask: Ask, function: FunctionType, arguments: Mapping[str, object]
) -> Answer:
    """The answer as it is now."""
    value = walk(ask.way, function, arguments)
    if ask.what == "kind":
        return Answer(ask, kind_of(value, str(ask.way[1])))
    if ask.what == "defaults":
        return Answer(ask, kind_of_defaults(value))
    if ask.what == "apart":
        return Answer(ask, are_apart(*value))  # type: ignore[misc]
    if ask.what == "outside":
        return Answer(ask, is_outside(*value))  # type: ignore[misc]
    if ask.what == "same":
        return Answer(ask, value[0] is value[1])  # type: ignore[index]
    if ask.what == "whole":
        return Answer(ask, value.flags.c_contiguous)  # type: ignore[attr-defined]
    if ask.what == "distinct":
        return Answer(ask, are_distinct(value))
    if ask.what == "type":
        return Answer(ask, type(value))
    if ask.what == "code":
        return Answer(ask, getattr(value, "__code__", None))
    return Answer(ask, value)


def kind_of_defaults(value: object) -> Kind:
    """The kind of `__defaults__` or `__kwdefaults__`: numbers and words by value, for
    they stand in the text; all else is read at each call.
    """
    if isinstance(value, dict):
        return Dict(tuple(value), kinds_of_defaults(value.values()))
    return (
        Tuple(kinds_of_defaults(value)) if isinstance(value, tuple) else Static(value)
    )


def kinds_of_defaults(values: Iterable[object]) -> tuple[Kind, ...]:
    return tuple(
        Static(value) if type(value) in PLAIN else kind_of(value, f"default{number}")
        for number, value in enumerate(values)
    )


# ---- in words, for the key of the cache ----------------------------------------------


def described(answer: Answer) -> list[object] | None:
    """The answer as plain data that means the same in another process; None if there is
    no such thing.
    """
    value = answer.value
    if answer.ask.what in ("kind", "defaults"):
        text = kind_text(value)  # type: ignore[arg-type]
    elif isinstance(value, CodeType):
        text = code_text(value)
    else:
        text = object_text(value)
    way = plain_way(answer.ask.way)
    return None if text is None or way is None else [way, answer.ask.what, text]


def plain_way(way: object) -> object:
    if not isinstance(way, tuple):
        return way
    if way and way[0] == "object":
        return None
    if way and way[0] == "class":
        text = object_text(way[1])
        return None if text is None else ["class", text]
    parts = [plain_way(part) for part in way]
    return None if any(p is None for p in parts) else parts


def way_from(plain: object) -> Way:
    """The way back from its plain form."""
    if isinstance(plain, list) and plain[:1] == ["class"]:
        try:
            return "class", object_from(plain[1])
        except (ImportError, AttributeError):
            return "class", MISSING
    if isinstance(plain, list):
        return tuple(way_from(p) if isinstance(p, list) else p for p in plain)
    return plain  # type: ignore[return-value]


def object_text(value: object) -> str | None:
    """A name under which another process finds this very object."""
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if value is None or value is MISSING or isinstance(value, (bool, int, float, str)):
        return repr(value)
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(module, str):
        module = "numpy" if name else None
    if module is None or not isinstance(name, str) or "<" in name:
        return None
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is value else None


def object_from(text: str) -> object:
    """The object that `object_text` named: a module, or something found in one."""
    if text.startswith("module "):
        return importlib.import_module(text[7:])
    module, _, name = text.partition(":")
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def kind_text(kind: Kind) -> str | None:
    """The kind in words; None if it holds an object without a name."""
    for each in inner_kinds(kind):
        if isinstance(each, Static) and static_text(each.value) is None:
            return None
    inner = inner_kinds(kind)
    parts = [show(kind)]
    parts += [static_text(k.value) or "" for k in inner if isinstance(k, Static)]
    parts += [object_text(k.cls) or "" for k in inner if isinstance(k, Object)]
    return " ".join(parts)


def inner_kinds(kind: Kind) -> list[Kind]:
    """The kind and those in it."""
    found = [kind]
    for child in children(kind):
        found += inner_kinds(child)
    elem = getattr(kind, "elem", None)
    return found if elem is None else found + inner_kinds(elem)


def static_text(value: object) -> str | None:
    plain = (str, bytes, bool, int, float, complex, type(None), slice, type(...))
    if isinstance(value, plain):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, tuple):
        parts = [static_text(item) for item in value]
        return None if None in parts else f"({', '.join(map(str, parts))})"
    if isinstance(value, FunctionType):
        return code_text(value.__code__)
    dtype = type(value).__module__ == "numpy" or type(value).__name__.endswith("DType")
    return str(value) if dtype and hasattr(value, "kind") else object_text(value)


def code_text(code: CodeType) -> str:
    """A digest of what the code does and of the lines it was written in."""
    lines = linecache.getlines(code.co_filename)
    last = max((line or 0 for _, _, line in code.co_lines()), default=0)
    text = "".join(lines[max(code.co_firstlineno - 1, 0) : last])
    return hashlib.sha256((_code(code) + text).encode("utf-8", "replace")).hexdigest()


def _code(code: CodeType) -> str:
    consts = [
        _code(c) if isinstance(c, CodeType) else f"{type(c).__name__} {_const(c)}"
        for c in code.co_consts
    ]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    flags = (
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags,
    )
    return repr((code.co_code.hex(), names, flags, consts))


def _const(value: object) -> str:
    """A constant in words; a set in an order that does not depend on the process."""
    return (
        repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)
    )
