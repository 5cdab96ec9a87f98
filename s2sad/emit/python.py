"""The target `python`: functions as `show` prints them and `load` runs them."""

from __future__ import annotations

import textwrap

from s2sad.emit.comments import commented
from s2sad.emit.free import deletions
from s2sad.emit.idle import without_idle_moves
from s2sad.emit.layout import laid, pad
from s2sad.emit.lift import lift
from s2sad.emit.lines import Line, room
from s2sad.emit.names import Namer
from s2sad.emit.peak import at_the_peak
from s2sad.emit.plan import NOTHING, planned, prepared
from s2sad.emit.reuse import may_reuse
from s2sad.emit.scope import Scope
from s2sad.emit.statements import Writer
from s2sad.ir.kinds import BOOL
from s2sad.ir.nodes import Function, Param, SourceText


def function_text(
    function: Function,
    name: str,
    scope: Scope,
    fresh_results: bool,
    reuse: bool = False,
    lifts: bool = False,
) -> str:
    """One function, ending with a line break."""
    function = prepared(function, scope.names.taken)
    if lifts and not reuse:
        made = at_the_peak(function, fresh_results)
    else:
        all_of_them = reuse and may_reuse(function)
        made = planned(function, fresh_results, None if all_of_them else NOTHING)
        if lifts:
            lift(made)
        if reuse:
            made.freed = deletions(made)
    function = made.function
    scope.locals = set()
    namer = Namer(function, made.classes, made.nesting, scope, made.views)
    namer.kept = scope.kept.get(name, [])
    writer = Writer(made, namer)
    lines = writer.function(function)
    scope.kept[name.replace("_fwd", "_rev")] = namer.handed_over(function)
    booleans = {
        name
        for cls, name in namer.names.items()
        if all(var.kind == BOOL for var in cls.members)
    }
    lines = without_idle_moves(lines, booleans)
    head = laid(f"def {name}", f"({parameters(function.params, writer)})", ":", 0)
    decorator = scope.decorator
    rows = [decorator, head] if decorator else [head]
    if function.doc:
        rows.append(docstring(function.doc))
    rows += commented(lines, function.source or source_of(lines))
    return "\n".join(rows) + "\n"


def source_of(lines: list[Line]) -> SourceText | None:
    """The text that the statements come from, where the function does not say."""
    return next((line.span.source for line in lines if line.span is not None), None)


def docstring(doc: str) -> str:
    escaped = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    rows = [row.rstrip() for row in escaped.strip().splitlines()]
    first, sign, second = rows[0].partition(".  Returns ")
    if sign and len(rows[0]) > room(1) - 6:
        rows[:1] = [f"{first}.", "", f"Returns {second}"]
    rows = [piece for row in rows for piece in wrapped(row)]
    if len(rows) == 1:
        return f'{pad(1)}"""{rows[0]}"""'
    inner = "\n".join(f"{pad(1)}{row}" if row else "" for row in rows[1:])
    return f'{pad(1)}"""{rows[0]}\n{inner}\n{pad(1)}"""'


def wrapped(row: str) -> list[str]:
    """A row of a docstring in rows that fit."""
    indent = row[: len(row) - len(row.lstrip())]
    found = textwrap.wrap(
        row,
        room(1),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return found or [row]


def parameters(params: tuple[Param, ...], writer: Writer) -> str:
    """The parameters of a `def`, with `/` and `*` where they are needed."""
    parts: list[str] = []
    star = False
    for number, param in enumerate(params):
        if param.style == "keyword" and not star:
            star = True
            if not any(p.style == "star" for p in params):
                parts.append("*")
        sign = {"star": "*", "doublestar": "**"}.get(param.style, "")
        default = ""
        if isinstance(param.default, str):
            default = f"={param.default}"
        elif param.default is not None:
            default = f"={writer.exprs.literal(param.default).text}"
        parts.append(sign + writer.namer.of(param.var) + default)
        following = params[number + 1] if number + 1 < len(params) else None
        if param.style == "positional" and (
            following is None or following.style != "positional"
        ):
            parts.append("/")
    return ", ".join(parts)
