"""The IR as text, in the form that `parser` reads.

    func energy(r, x.0, n):
        path.0 = zeros n                                                  # 2
        x.3, path.3 = for i in range n with x.1 = x.0, path.1 = path.0:   # 3
            %1 = mul r, x.1                                               # 4
            x.2 = sub 1.0, %1                                             # 4
            path.2 = setitem path.1[i], x.2                               # 5
            yield x.2, path.2
        e = sum path.3 axis=0                                             # 6
        return e

A name with one definition stands bare, one with several has a version, in the order of
the definitions; what has no name is `%1`, `%2`, ... The number at the end is the user's
line.

    yield a, b stop c               the loop ends, with a and b, if c is true
    for i in backward range 1, n    from the far end; start and step where not 0 and 1
    y = if c form='and':            the form of an `If` or `For`, if not the usual one
    x.2 = while with x.1 = x.0:     a block `test:` comes first
    y, z = call helper x, 2.0
    getitem A[i, 1:n].w             paths are filled in; setitem A[i], v likewise
    x_bar = mul y, 2.0   # ~3       a statement of the reverse half, which undoes line 3
    x_dot = mul y, 2.0   # +3       one that differentiation set beside line 3
    undef  +inf  +nan  <numpy.sin>  literals that have no spelling of their own
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from s2sad.ir import kinds as _kinds
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Lit,
    Op,
    Param,
    Program,
    Span,
    Stmt,
    Undef,
    Var,
    While,
)
from s2sad.ir.paths import HOLE, fill

# Words of the grammar: a variable of that name is always printed with its version.
RESERVED = frozenset(
    "undef with range backward form stop yield return test call func key".split()
)

# The operands before those of the path, and the only primitives whose path is shown
# filled in.
PATH_BASES = {"getitem": 1, "setitem": 2, "additem": 2}

# The usual forms, which are not shown.
PLAIN_FORMS = ("if", "range")

WIDEST = 88


def show(
    thing: Function | Program,
    *,
    kinds: bool | str = False,
    lines: bool = True,
    notes: Mapping[int, Sequence[str]] | None = None,
) -> str:
    """Print a function or a program.

    `kinds` is True for the kind of every variable (and the spelling of every op), or
    "params" for those of the parameters. `lines` tells whether to end with the lines of
    the user's text. `notes` maps the `id` of a statement, block or function to remarks
    printed under it.
    """
    if isinstance(thing, Function):
        return Printer(kinds, lines, notes or {}).function(thing, thing.name)
    order = [thing.main, *(key for key in thing.functions if key != thing.main)]
    texts = [
        Printer(kinds, lines, notes or {}).function(thing.functions[key], key)
        for key in order
    ]
    return "\n".join(texts)


# ---- values --------------------------------------------------------------------------


def spell(value: object) -> str:
    """A literal or the value of an attribute, in the form that `parser` reads."""
    if isinstance(value, Undef):
        return "undef"
    if type(value) is float and not math.isfinite(value):
        return "+nan" if math.isnan(value) else "+inf" if value > 0 else "-inf"
    if (
        value is None
        or value is ...
        or type(value) in (bool, int, float, complex, str, bytes)
    ):
        return "..." if value is ... else repr(value)
    if type(value) in (tuple, list):
        inner = ", ".join(map(spell, value))  # type: ignore[call-overload]
        if type(value) is list:
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"  # type: ignore[arg-type]
    if type(value) is dict:
        return (
            "{" + ", ".join(f"{spell(k)}: {spell(v)}" for k, v in value.items()) + "}"
        )
    return f"<{named(value)}>"


def named(value: object) -> str:
    """Text for an object: the same in every process, so never its address."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(name, str):
        text = repr(value)
        return (
            type(value).__qualname__
            if " at 0x" in text
            else text.replace(">", "").replace("<", "")
        )
    module = getattr(value, "__module__", None)
    name = name.replace("<", "").replace(">", "")
    return name if module in (None, "builtins") else f"{module}.{name}"


def mark(span: Span) -> str:
    """Whose statement it is, that at this line or one made from it."""
    return "~" if span.reverse else "+" if span.derived else ""


# ---- names ---------------------------------------------------------------------------


def defined(function: Function) -> list[Var]:
    """The variables of a function in the order in which they come to be: those of a
    body before its results.
    """
    found: list[Var] = [param.var for param in function.params]

    def go(block: Block) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, If):
                go(stmt.then)
                go(stmt.orelse)
            elif isinstance(stmt, For):
                found.append(stmt.index)
                found.extend(stmt.params)
                go(stmt.body)
            elif isinstance(stmt, While):
                found.extend(stmt.params)
                go(stmt.test)
                go(stmt.body)
            found.extend(stmt.outs)

    go(function.body)
    return list(dict.fromkeys(found))


def names_of(function: Function) -> dict[Var, str]:
    """How each variable is printed."""
    families: dict[str, list[Var]] = {}
    for var in defined(function):
        families.setdefault(re.sub(r"\W", "_", var.name), []).append(var)
    names: dict[Var, str] = {}
    for name, members in families.items():
        if not name:
            names.update((var, f"%{i}") for i, var in enumerate(members, 1))
        elif len(members) == 1 and name not in RESERVED:
            names[members[0]] = name
        else:
            names.update((var, f"{name}.{i}") for i, var in enumerate(members))
    return names


# ---- statements ----------------------------------------------------------------------


class Printer:
    """Collects the lines of one function, then sets the line numbers in a column."""

    def __init__(
        self, kinds: bool | str, lines: bool, notes: Mapping[int, Sequence[str]]
    ) -> None:
        self.kinds = kinds
        self.lines = lines
        self.notes = notes
        self.rows: list[tuple[str, Span | None]] = []
        self.depth = 0
        self.names: dict[Var, str] = {}

    def function(self, function: Function, key: str) -> str:
        self.names = names_of(function)
        suffix = "" if key == function.name else f" key={key!r}"
        self.line(f"func {function.name}({self.params(function.params)}){suffix}:")
        self.remark(function)
        self.block(function.body, "return")
        return self.text()

    def text(self) -> str:
        shown = [len(text) for text, span in self.rows if span is not None]
        width = max((w for w in shown if w <= WIDEST), default=0)
        rows = [
            text
            if span is None or not self.lines
            else f"{text:{width}}   # {mark(span)}{span.line}"
            for text, span in self.rows
        ]
        return "\n".join(rows) + "\n"

    def line(self, text: str, span: Span | None = None) -> None:
        self.rows.append(("    " * self.depth + text, span))

    def remark(self, thing: object) -> None:
        for note in self.notes.get(id(thing), ()):
            self.line(f"^ {note}")

    # -- pieces

    def params(self, params: Iterable[Param]) -> str:
        parts: list[str] = []
        styles = [param.style for param in params]
        starred = False
        for i, param in enumerate(params):
            if param.style == "keyword" and not starred:
                parts.append("*")
                starred = True
            starred = starred or param.style == "star"
            text = {"star": "*", "doublestar": "**"}.get(param.style, "") + self.atom(
                param.var
            )
            if self.kinds:
                text += f": {_kinds.show(param.var.kind)}"
            if isinstance(param.default, Lit):
                text += f" = {self.atom(param.default)}"
            elif param.default is not None:
                text += f" = `{param.default}`"
            parts.append(text)
            if param.style == "positional" and styles[i + 1 : i + 2] != ["positional"]:
                parts.append("/")
        return ", ".join(parts)

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, Lit):
            return atom.text or spell(atom.value)
        return self.names.get(atom) or f"{atom.name or '%'}?"

    def atoms(self, atoms: Iterable[Atom]) -> str:
        return ", ".join(map(self.atom, atoms))

    def outs(self, outs: Iterable[Var]) -> str:
        texts = [
            f"{self.atom(out)}: {_kinds.show(out.kind)}"
            if self.kinds is True
            else self.atom(out)
            for out in outs
        ]
        return f"{', '.join(texts)} = " if texts else ""

    def carried(self, params: Sequence[Var], inits: Sequence[Atom]) -> str:
        pairs = [
            f"{self.outs((p,))}{self.atom(i)}"
            for p, i in zip(params, inits, strict=False)
        ]
        # a loop with too few initial values is printed for the verifier's sake
        pairs += [self.atom(p) for p in params[len(inits) :]]
        return f" with {', '.join(pairs)}" if pairs else ""

    # -- statements

    def block(self, block: Block, end: str = "yield") -> None:
        self.depth += 1
        for stmt in block.stmts:
            self.stmt(stmt)
        stop = "" if block.stop is None else f"stop {self.atom(block.stop)}"
        words = [end, self.atoms(block.yields), stop]
        if any(words[1:]) or not block.stmts:
            self.line(" ".join(word for word in words if word))
        self.remark(block)
        self.depth -= 1

    def stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, Op):
            self.line(f"{self.outs(stmt.outs)}{self.op(stmt)}", stmt.span)
        elif isinstance(stmt, Call):
            key = (
                stmt.function
                if re.fullmatch(r"\w+", stmt.function)
                else repr(stmt.function)
            )
            text = f"{self.outs(stmt.outs)}call {key} {self.atoms(stmt.args)}"
            self.line(text.rstrip(), stmt.span)
        elif isinstance(stmt, If):
            head = f"if {self.atom(stmt.cond)}{self.form(stmt.form)}:"
            self.line(self.outs(stmt.outs) + head, stmt.span)
            self.block(stmt.then)
            if stmt.outs or stmt.orelse.stmts or stmt.orelse.yields or stmt.orelse.stop:
                self.line("else:")
                self.block(stmt.orelse)
        elif isinstance(stmt, For):
            self.line(self.for_head(stmt), stmt.span)
            self.block(stmt.body)
        else:
            head = (
                f"{self.outs(stmt.outs)}while{self.carried(stmt.params, stmt.inits)}:"
            )
            self.line(head, stmt.span)
            self.depth += 1
            self.line("test:")
            self.block(stmt.test)
            self.depth -= 1
            self.block(stmt.body)
        self.remark(stmt)

    def for_head(self, stmt: For) -> str:
        bounds: list[Atom] = [stmt.stop]
        if stmt.start != Lit(0) or stmt.step != Lit(1):
            bounds.insert(0, stmt.start)
        if stmt.step != Lit(1):
            bounds.append(stmt.step)
        way = "backward range" if stmt.backward else "range"
        index = self.outs((stmt.index,)).removesuffix(" = ")
        over = f"for {index} in {way} {self.atoms(bounds)}"
        with_ = self.carried(stmt.params, stmt.inits)
        return f"{self.outs(stmt.outs)}{over}{with_}{self.form(stmt.form)}:"

    def form(self, form: str) -> str:
        return "" if form in PLAIN_FORMS else f" form={form!r}"

    def op(self, op: Op) -> str:
        hidden = {"place", "refusal"}  # for complaints: they name the user's file
        if self.kinds is not True:
            hidden.add("spelling")
        bases = PATH_BASES.get(op.prim, 0)
        path = op.attrs.get("path")
        if bases and isinstance(path, str) and path.count(HOLE) == len(op.args) - bases:
            hidden.add("path")
            texts = [self.atom(atom) for atom in op.args]
            args = ", ".join([texts[0] + fill(path, texts[bases:]), *texts[1:bases]])
        else:
            args = self.atoms(op.args)
        attrs = [
            f"{key}={spell(value)}"
            for key, value in op.attrs.items()
            if key not in hidden
        ]
        return " ".join([op.prim, *([args] if args else []), *attrs])
