"""Text to IR: the inverse of `printer`, for tests and for pages of cases.

    parse('''
    func f(x: float, A: float64[A.0, 3]):
        y = mul x, 2.0
        return y
    ''', infer)

Parameters may carry kinds, and so may every other definition. Where an op has none,
`infer(prim, args, attrs)` gives the kinds of its results (the rule table passes its
own); without it a guess is made, good enough to print and run. Line numbers become
spans in an empty source text.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from s2sad.ir.kinds import (
    BOOL,
    FLOAT,
    INT,
    UNKNOWN,
    Kind,
    List,
    Tape,
    Tuple,
)
from s2sad.ir.nodes import (
    NO_ATTRS,
    UNDEF,
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
    SourceText,
    Span,
    Stmt,
    Var,
    While,
)
from s2sad.ir.printer import PATH_BASES
from s2sad.ir.scanner import NAME, NOT_FINITE, WORD, ParseError, Scanner

Infer = Callable[[str, tuple[Atom, ...], Mapping[str, object]], Sequence[Kind]]


def parse(text: str, infer: Infer | None = None) -> Function | Program:
    """The function that a text holds, or the program if it holds several (the first is
    the main one).
    """
    program = parse_program(text, infer)
    return program.entry if len(program.functions) == 1 else program


def parse_function(text: str, infer: Infer | None = None) -> Function:
    return parse_program(text, infer).entry


def parse_program(text: str, infer: Infer | None = None) -> Program:
    rows = [row for row in textwrap.dedent(text).splitlines() if row.strip()]
    functions: dict[str, Function] = {}
    while rows:
        size = next((i for i, row in enumerate(rows) if i and row[0] != " "), len(rows))
        key, function = FunctionParser(rows[:size], infer).function()
        functions[key] = function
        rows = rows[size:]
    if not functions:
        raise ParseError("no function in the text")
    return Program(next(iter(functions)), functions)


# ---- one function --------------------------------------------------------------------

COMMENT = re.compile(r"\s+# ([~+]?)(\d+)$")
FIRST_WORD = re.compile(r"[^\W\d]\w*(?![\w.:,]|\s*[=,])")


class FunctionParser:
    """Rows of text with their depth, read by blocks."""

    def __init__(self, rows: Sequence[str], infer: Infer | None) -> None:
        self.infer = infer
        self.source = SourceText("text", "")
        self.rows: list[tuple[int, str, Span | None]] = []
        for row in rows:
            text = row.strip()
            if text.startswith("#"):
                continue
            comment = COMMENT.search(text)
            span = comment and Span(
                self.source,
                int(comment[2]),
                reverse=comment[1] == "~",
                derived=comment[1] == "+",
            )
            text = text[: comment.start()] if comment else text
            self.rows.append(((len(row) - len(row.lstrip())) // 4, text, span))
        self.next = 0
        self.user = False  # is it an op of the user's that is read?
        self.vars: dict[str, Var] = {}

    def function(self) -> tuple[str, Function]:
        scan = self.row()[0]
        if not scan.word("func"):
            scan.fail("expected `func`")
        name = scan.match(re.compile(r"[^\s(]+")) or ""
        params = self.params(scan)
        key = str(scan.value()) if scan.word("key") and scan.take("=") else name
        scan.need(":")
        body = self.block(1)
        if self.next < len(self.rows):
            self.row()[0].fail("unexpected indentation")
        self.source = SourceText(name, "")
        return key, Function(name, params, body)

    # -- rows

    def row(self) -> tuple[Scanner, Span | None]:
        _, text, span = self.rows[self.next]
        self.next += 1
        return Scanner(text), span

    def ahead(self, depth: int) -> str | None:
        """The text of the next row if it stands at this depth."""
        if self.next < len(self.rows) and self.rows[self.next][0] == depth:
            return self.rows[self.next][1]
        return None

    # -- names and atoms

    def define(self, scan: Scanner, kind: Kind | None = None) -> tuple[Var, bool]:
        """A new variable; also whether the text told its kind."""
        name = scan.match(NAME)
        if name is None:
            scan.fail("expected a name")
        assert name is not None
        if name in self.vars:
            scan.fail(f"`{name}` is defined a second time")
        hint = "" if name[0] == "%" else name.split(".")[0]
        told = scan.peek(":") and scan.text[scan.at :] != ":"
        if told:
            scan.need(":")
            kind = scan.kind()
        var = self.vars[name] = Var(hint, kind or UNKNOWN)
        return var, told

    def atom(self, scan: Scanner) -> Atom:
        scan.skip()
        start = scan.at
        found = scan.literal()
        if found is not None:
            value, text = found
            number = isinstance(value, (int, float, complex)) and text[0] != "<"
            if not number or NOT_FINITE.fullmatch(text):
                return Lit(value)
            # in an op that the user wrote, a number is of the user's spelling
            return Lit(value, text if self.user or text != repr(value) else None)
        name = scan.match(NAME)
        if name in self.vars:
            return self.vars[name]
        if name == "undef":
            return UNDEF
        scan.at = start
        scan.fail("expected something that is defined")
        raise AssertionError

    def atoms(self, scan: Scanner) -> tuple[Atom, ...]:
        atoms = [self.atom(scan)]
        while scan.take(","):
            atoms.append(self.atom(scan))
        return tuple(atoms)

    # -- the head of a function

    def params(self, scan: Scanner) -> tuple[Param, ...]:
        scan.need("(")
        params: list[Param] = []
        style = "normal"
        while not scan.take(")"):
            if scan.take("/"):
                params = [Param(p.var, "positional", p.default) for p in params]
            elif scan.take("**"):
                params.append(self.param(scan, "doublestar"))
            elif scan.take("*"):
                style = "keyword"
                if not (scan.peek(",") or scan.peek(")")):
                    params.append(self.param(scan, "star"))
            else:
                params.append(self.param(scan, style))
            scan.take(",")
        return tuple(params)

    def param(self, scan: Scanner, style: str) -> Param:
        var, told = self.define(scan, FLOAT)
        default: Lit | str | None = None
        if scan.take("="):
            if scan.take("`"):
                end = scan.text.index("`", scan.at)
                default, scan.at = scan.text[scan.at : end], end + 1
            else:
                lit = self.atom(scan)
                assert isinstance(lit, Lit)
                default = lit
        return Param(var, style, default)

    # -- blocks

    def block(self, depth: int) -> Block:
        stmts: list[Stmt] = []
        while (text := self.ahead(depth)) is not None and text != "else:":
            first = FIRST_WORD.match(text)
            if first is not None and first.group() in ("yield", "return"):
                scan, _ = self.row()
                scan.match(WORD)
                return self.ending(scan, stmts)
            stmts.append(self.stmt(depth))
        return Block(tuple(stmts))

    def ending(self, scan: Scanner, stmts: list[Stmt]) -> Block:
        yields: tuple[Atom, ...] = ()
        if not scan.done() and not re.match(r"\s*stop [^,]", scan.text[scan.at :]):
            yields = self.atoms(scan)
        stop = self.atom(scan) if scan.word("stop") else None
        if not scan.done():
            scan.fail("expected the end of the line")
        return Block(tuple(stmts), yields, stop)

    # -- statements

    def stmt(self, depth: int) -> Stmt:
        scan, span = self.row()
        targets = self.targets(scan)
        if scan.word("if"):
            return self.if_(scan, span, targets, depth)
        if scan.word("for"):
            return self.for_(scan, span, targets, depth)
        if scan.word("while"):
            return self.while_(scan, span, targets, depth)
        if scan.word("call"):
            key = str(scan.value()) if scan.peek("'") else scan.match(WORD) or ""
            args = () if scan.done() else self.atoms(scan)
            return Call(self.results(targets, [FLOAT] * len(targets)), key, args, span)
        op = self.op(scan, span)
        return Op(
            self.results(targets, self.op_kinds(op, targets)),
            op.prim,
            op.args,
            op.attrs,
            span,
        )

    def targets(self, scan: Scanner) -> list[tuple[str, Kind | None]]:
        """Names and kinds left of the `=`; they come to be after the statement's
        blocks.
        """
        start = scan.at
        targets: list[tuple[str, Kind | None]] = []
        while (name := scan.match(NAME)) is not None:
            kind = None
            if scan.take(":"):
                if scan.done():
                    break
                kind = scan.kind()
            targets.append((name, kind))
            if scan.take(","):
                continue
            if scan.take("="):
                return targets
            break
        scan.at = start
        return []

    def results(
        self, targets: list[tuple[str, Kind | None]], kinds: Sequence[Kind]
    ) -> tuple[Var, ...]:
        outs = []
        for (name, told), kind in zip(targets, kinds, strict=True):
            if name in self.vars:
                raise ParseError(f"`{name}` is defined a second time")
            hint = "" if name[0] == "%" else name.split(".")[0]
            outs.append(Var(hint, told or kind))
            self.vars[name] = outs[-1]
        return tuple(outs)

    def form(self, scan: Scanner, usual: str) -> str:
        form = str(scan.value()) if scan.word("form") and scan.take("=") else usual
        scan.need(":")
        return form

    def carried(self, scan: Scanner) -> tuple[tuple[Var, ...], tuple[Atom, ...]]:
        params: list[Var] = []
        inits: list[Atom] = []
        if scan.word("with"):
            while True:
                # the initial value is read before the parameter is there
                name_at = scan.at
                scan.match(NAME)
                told = scan.kind() if scan.take(":") else None
                scan.need("=")
                init = self.atom(scan)
                after, scan.at = scan.at, name_at
                params.append(self.define(scan, told or init.kind)[0])
                inits.append(init)
                scan.at = after
                if not scan.take(","):
                    break
        return tuple(params), tuple(inits)

    def if_(self, scan: Scanner, span: Span | None, targets: list, depth: int) -> If:
        cond = self.atom(scan)
        form = self.form(scan, "if")
        then = self.block(depth + 1)
        orelse = Block()
        if self.ahead(depth) == "else:":
            self.row()
            orelse = self.block(depth + 1)
        pairs = zip(then.yields, orelse.yields, strict=True)
        kinds = [b.kind if a == UNDEF else a.kind for a, b in pairs]
        return If(self.results(targets, kinds), cond, then, orelse, form, span)

    def for_(self, scan: Scanner, span: Span | None, targets: list, depth: int) -> For:
        index, _ = self.define_index(scan)
        if not scan.word("in"):
            scan.fail("expected `in`")
        backward = scan.word("backward")
        if not scan.word("range"):
            scan.fail("expected `range`")
        bounds = list(self.atoms(scan))
        start = bounds.pop(0) if len(bounds) > 1 else Lit(0)
        stop, step = (*bounds, Lit(1))[:2]
        params, inits = self.carried(scan)
        form = self.form(scan, "range")
        body = self.block(depth + 1)
        outs = self.results(targets, [param.kind for param in params])
        return For(
            outs, index, start, stop, step, params, inits, body, backward, form, span
        )

    def define_index(self, scan: Scanner) -> tuple[Var, bool]:
        return self.define(scan, INT)

    def while_(
        self, scan: Scanner, span: Span | None, targets: list, depth: int
    ) -> While:
        params, inits = self.carried(scan)
        scan.need(":")
        if self.ahead(depth + 1) != "test:":
            scan.fail("expected a block `test:`")
        self.row()
        test = self.block(depth + 2)
        body = self.block(depth + 1)
        outs = self.results(targets, [param.kind for param in params])
        return While(outs, params, inits, test, body, span)

    # -- ops

    def op(self, scan: Scanner, span: Span | None) -> Op:
        self.user = not (span is None or span.reverse or span.derived)
        prim = scan.match(WORD)
        if prim is None:
            scan.fail("expected the name of a primitive")
        assert prim is not None
        args: list[Atom] = []
        path: str | None = None
        attrs: dict[str, object] = {}
        first = True
        while not scan.done():
            start = scan.at
            key = scan.match(WORD)
            if key is not None and scan.text[scan.at : scan.at + 1] == "=":
                scan.at += 1
                attrs[key] = scan.value()
                continue
            scan.at = start
            if args and not first:
                scan.need(",")
            args.append(self.atom(scan))
            if (
                first
                and prim in PATH_BASES
                and scan.text[scan.at : scan.at + 1] in ("[", ".")
            ):
                path, operands = self.path(scan)
                args.extend(operands)
            first = False
        if path is not None:
            attrs["path"] = path
            bases = PATH_BASES[prim]  # the operands of the path come after the value
            tail = args[len(args) - bases + 1 :]
            args = [args[0], *tail, *args[1 : len(args) - bases + 1]]
        self.user = False
        frozen = MappingProxyType(attrs) if attrs else NO_ATTRS
        return Op((), prim, tuple(args), frozen, span)

    def path(self, scan: Scanner) -> tuple[str, list[Atom]]:
        """A filled-in path: its template and operands."""
        template = ""
        operands: list[Atom] = []
        depth = 0
        while scan.at < len(scan.text):
            char = scan.text[scan.at]
            if depth == 0 and char == ".":
                scan.at += 1
                template += f".{scan.match(WORD)}"
            elif char == "[" and depth == 0 or char == "]":
                depth += 1 if char == "[" else -1
                template += char
                scan.at += 1
            elif depth == 0:
                break
            elif char in ",: ":
                template += char
                scan.at += 1
            elif (
                found := re.compile(r"\.\.\.|None\b").match(scan.text, scan.at)
            ) is not None:
                template += found.group()
                scan.at = found.end()
            else:
                operands.append(self.atom(scan))
                template += "#"
        return template, operands

    def op_kinds(
        self, op: Op, targets: list[tuple[str, Kind | None]]
    ) -> Sequence[Kind]:
        if all(kind is not None for _, kind in targets):
            return [kind or UNKNOWN for _, kind in targets]
        if self.infer is not None:
            return self.infer(op.prim, op.args, op.attrs)
        return guess(op.prim, op.args, len(targets))


LIKE_FIRST = ("setitem", "additem", "append", "copy", "zeros_like", "neg")
COMPARISONS = (
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
    "is_",
    "is_not",
    "in_",
    "not_in_",
    "not_",
)


def guess(prim: str, args: Sequence[Atom], count: int) -> Sequence[Kind]:
    """Kinds where nobody says better: floats, but for what the structure tells."""
    kinds = [atom.kind for atom in args]
    if prim == "tape":
        return [Tape(FLOAT)]
    if prim == "push" and len(kinds) == 2:
        return [Tape(kinds[1])]
    if prim == "pop" and isinstance(kinds[0], Tape):
        return [kinds[0], kinds[0].elem]
    if prim in ("tuple", "list"):
        return [Tuple(tuple(kinds)) if prim == "tuple" else List(tuple(kinds))]
    if prim in LIKE_FIRST and kinds:
        return [kinds[0]]
    return [BOOL if prim in COMPARISONS else FLOAT] * count
