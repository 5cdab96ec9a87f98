"""The target `python`: functions as `show` prints them and `load` runs them."""

from __future__ import annotations

from s2sad.emit.layout import laid, pad
from s2sad.emit.lines import Line
from s2sad.emit.names import Namer
from s2sad.emit.plan import plan
from s2sad.emit.scope import Scope
from s2sad.emit.statements import Writer
from s2sad.ir.nodes import Function, Param


def function_text(function: Function, name: str, scope: Scope) -> str:
    """One function, ending with a line break."""
    made = plan(function)
    function = made.function
    scope.locals = set()
    namer = Namer(function, made.classes, scope)
    writer = Writer(made, namer)
    lines = writer.function(function)
    head = laid(f"def {name}", f"({parameters(function.params, writer)})", ":", 0)
    rows = [head]
    if function.doc:
        rows.append(docstring(function.doc))
    rows += [text_of(line) for line in lines]
    return "\n".join(rows) + "\n"


def text_of(line: Line) -> str:
    text = pad(line.depth) + line.text
    return f"{text}  # {line.why}" if line.why else text


def docstring(doc: str) -> str:
    escaped = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    rows = [row.rstrip() for row in escaped.strip().splitlines()]
    prefix = "r" if False else ""
    if len(rows) == 1:
        return f'{pad(1)}{prefix}"""{rows[0]}"""'
    inner = "\n".join(f"{pad(1)}{row}" if row else "" for row in rows[1:])
    return f'{pad(1)}"""{rows[0]}\n{inner}\n{pad(1)}"""'


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
