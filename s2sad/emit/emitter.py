"""The door of the room: a program in, text out.

text = emit(program, Names(numpy="np", math=None, taken=frozenset({"np", "SCALE"})))
text.text         the functions, callees first
text.cells        what has to be bound for it: {"math": ("module", "math"), ...}
text.functions    {key of the program: name in the text}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from s2sad.emit.module import module_text
from s2sad.emit.names import free_names
from s2sad.emit.python import function_text
from s2sad.emit.scope import NEVER, Names, Scope
from s2sad.ir.nodes import Call, Program
from s2sad.ir.walk import statements

TARGETS = ("python", "module")


@dataclass(frozen=True)
class Text:
    """Emitted text. A cell is tagged ("module", name), ("helper", name), ("builtin",
    name), ("function", key) or ("value", object).
    """

    text: str
    cells: dict[str, tuple[str, object]]
    functions: dict[str, str]


def emit(
    program: Program,
    names: Names | None = None,
    target: str = "python",
    *,
    fresh_results: bool = True,
    reuse: bool = False,
    plain: bool = False,
    imports: Sequence[str] = (),
    constants: Mapping[str, object] | None = None,
    doc: str = "",
) -> Text:
    """Print a program for a target: "python" or "module".

    With `fresh_results`, what a function returns shares memory with nothing else; a
    primal that is only shown needs no such copies. With `reuse`, large arrays are
    written over where they end; `plain` leaves views in the loops. The rest is for
    `module`: lines that import what the text takes from elsewhere, values of globals to
    be written into the file, and its docstring.
    """
    names = names or Names()
    if target not in TARGETS:
        raise ValueError(f"no target named {target!r}; there are {', '.join(TARGETS)}")
    functions = function_names(program, names)
    scope = Scope(names, functions, params=parameters(program))
    order = in_order(program)
    texts = [
        function_text(
            program.functions[key],
            functions[key],
            scope,
            fresh_results,
            reuse,
            lifts=fresh_results and not plain,
        )
        for key in order
    ]
    if target == "module":
        text = module_text(
            texts, scope, names, imports=imports, constants=constants, doc=doc
        )
        return Text(text, scope.cells, functions)
    return Text("\n\n".join(texts), scope.cells, functions)


def in_order(program: Program) -> list[str]:
    """Callees first, as they are called: forward halves before reverse ones."""
    found: dict[str, None] = {}
    on_the_way: set[str] = set()

    def visit(key: str) -> None:
        on_the_way.add(key)
        for stmt in statements(program.functions[key].body):
            if isinstance(stmt, Call) and stmt.function in program.functions:
                if stmt.function not in on_the_way:
                    visit(stmt.function)
        found[key] = None

    for key in (program.main, *program.functions):
        if key not in on_the_way:
            visit(key)
    return [*(key for key in found if key != program.main), program.main]


def parameters(program: Program) -> set[str]:
    """What the parameters of all functions are called."""
    functions = program.functions.values()
    return {param.var.name for function in functions for param in function.params}


def function_names(program: Program, names: Names) -> dict[str, str]:
    """A name for each function; the main one keeps its own.

    A helper of the user's may be called in the text what the user calls it, where the
    text does not mean the user's own by that.
    """
    found: dict[str, str] = {}
    own = {function.name for function in program.functions.values()}
    used = set(NEVER) | (names.taken - own)
    for function in program.functions.values():
        used |= free_names(function)
    used.discard(program.functions[program.main].name)
    for key in [program.main, *program.functions]:
        if key in found:
            continue
        name = "".join(
            c if c.isalnum() or c == "_" else "_" for c in program.functions[key].name
        )
        if not name.isidentifier():
            name = f"f_{name}".rstrip("_")
        stem, number = name, 1
        while name in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name)
        found[key] = name
    return found


__all__ = ["Names", "Text", "emit"]
