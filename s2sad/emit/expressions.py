"""Expressions: a tree of nested operations as text.

`Expressions.atom` gives a `Piece`: text, how tightly it binds, and whether formatters
take it for simple (`x**2`, but `x[0] ** 2`). The text has no line breaks; `layout` puts
them in where a line would be too long.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from s2sad.emit.helpers import HELPERS
from s2sad.emit.literals import number_text, numpy_name, plain_text, string_text
from s2sad.emit.nest import Nesting
from s2sad.emit.scope import Scope
from s2sad.emit.sharing import may_view
from s2sad.emit.spelling import (
    AND,
    ATOM,
    ATTRIBUTES,
    BINARY,
    CHOICE,
    COMPARE,
    HIDDEN,
    OR,
    POWER,
    PREFIX,
    PRODUCT,
    SUM,
    UNARY,
    required_options,
    spelling_of,
)
from s2sad.ir.kinds import (
    FLOAT,
    Array,
    List,
    Object,
    Scalar,
    Table,
    Tape,
    Tuple,
    Unknown,
)
from s2sad.ir.nodes import UNDEF, Atom, Call, If, Lit, Op, Stmt, Var
from s2sad.ir.paths import Attribute, Slice, Subscript, parse_path
from s2sad.opt.facts import is_derived

# Where a whole number and a float are a float.
REAL = frozenset({"add", "sub", "mul", "div"})

# What is not given a name of its own when a line is too wide: a display has rows.
UNNAMED = frozenset({"free", "tuple", "list", "dict"})


# How a source of random numbers is asked what it draws next.
ASKED = {
    "Generator": ".bit_generator.state",
    "BitGenerator": ".state",
    "RandomState": ".get_state()",
    "Random": ".getstate()",
}


@dataclass(slots=True)
class Piece:
    """Text; `bind` is its precedence, `simple` as formatters understand it."""

    text: str
    bind: int = ATOM
    simple: str = ""  # "name", "number", "sign" (before a simple one), "attribute"
    items: tuple[Piece, ...] = ()  # of a tuple: it may stand bare

    def within(self, bind: int) -> str:
        """The text where at least this precedence is needed."""
        return self.text if self.bind >= bind else f"({self.bracketed})"

    @property
    def bracketed(self) -> str:
        """The text inside brackets: a tuple of one needs its comma."""
        return self.text


@dataclass(slots=True)
class Found:
    """A nested operation inside what was printed last, and its width."""

    var: Var
    width: int


@dataclass
class Expressions:
    nesting: Nesting
    scope: Scope
    name_of: Callable[[Var], str]
    copied: Callable[..., str | None] = lambda stmt, *where: None
    found: list[Found] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    lazy: int = 0
    taken: dict[Var, str] = field(default_factory=dict)  # from a tape, where it is read
    absent: frozenset[Var] = frozenset()  # what may be None, or a number
    missing: frozenset[Var] = frozenset()  # of this, what some way does not assign
    lifted: Mapping[int, Var] = field(default_factory=dict)  # see `lift`

    def atom(self, atom: Atom) -> Piece:
        if isinstance(atom, Lit):
            if atom == UNDEF:  # of a choice: the way on which nobody reads it
                return Piece("None", simple="name")
            return self.literal(atom)
        if atom in self.taken:
            return Piece(self.taken[atom])
        stmt = self.nesting.inline.get(atom)
        if stmt is None:
            return Piece(self.name_of(atom), simple="name")
        piece = self.value(stmt)
        if id(stmt) in self.lifted:
            return piece
        if not self.lazy and not (isinstance(stmt, Op) and stmt.prim in UNNAMED):
            self.found.append(Found(atom, len(piece.text)))
        return piece

    def arg(self, atom: Atom) -> str:
        """As an argument of a call."""
        return self.atom(atom).within(CHOICE)

    def listed(self, atom: Atom) -> str:
        """An array as a list, its elements as Python floats."""
        return f"{self.atom(atom).within(ATOM)}.tolist()"

    def operand(self, stmt: Stmt, position: int) -> Piece:
        """An argument of an op, copied where sharing its memory would be wrong."""
        assert isinstance(stmt, (Op, Call))
        piece = self.atom(stmt.args[position])
        why = self.copied(stmt, position)
        if why is None:
            return piece
        if isinstance(stmt, Op) and looks_into(stmt) and stmt.prim not in MIRRORS:
            return piece  # the result is copied, see `value`
        return self.copy(piece, stmt.args[position], why)

    def copy(self, piece: Piece, atom: Atom, why: str) -> Piece:
        """A copy that shares no memory with the original."""
        kind = atom.kind
        self.reasons.append(why)
        if isinstance(kind, Tape):
            return Piece(f"{piece.within(ATOM)}.copy()")
        ranked = isinstance(kind, Array) and kind.dims is not None
        if ranked and atom not in self.absent:  # without a rank: a number, it may be
            return Piece(f"{piece.within(ATOM)}.copy()")
        grown = isinstance(kind, Table) or isinstance(kind, List) and kind.items is None
        if grown and isinstance(kind.elem, Scalar):  # type: ignore[union-attr]
            return Piece(f"{piece.within(ATOM)}.copy()")
        name = self.scope.helper("fresh")
        return Piece(f"{name}({piece.within(CHOICE)})")

    # ---- literals --------------------------------------------------------------------

    def literal(self, lit: Lit) -> Piece:
        value = lit.value
        if lit.text and type(value) in (int, float, complex):
            text = lit.text
            if text[0].isdigit() or text[0] == ".":
                return Piece(number_text(text), simple="number")
            if text.startswith(("math.", "np.")):
                return Piece(self.scope.dotted(text), simple="attribute")
        if type(value) is slice:
            return self.slice_of(value)
        text = plain_text(value) or ""
        if text:
            if text.startswith("-"):
                return Piece(text, UNARY, simple="sign")
            numeric = text[0].isdigit()
            return Piece(text, simple="number" if numeric else "name")
        return self.constant(value)

    def slice_of(self, value: slice) -> Piece:
        parts = [value.start, value.stop, value.step]
        return self.builtin("slice", [self.literal(Lit(p)).text for p in parts])

    def constant(self, value: object) -> Piece:
        """A literal that has to be named: `math.inf`, `np.float32`, `float`."""
        if type(value) is float:
            if value != value:
                return Piece(self.scope.dotted("math.nan"), simple="attribute")
            if value > 0:
                return Piece(self.scope.dotted("math.inf"), simple="attribute")
            return Piece("-" + self.scope.dotted("math.inf"), UNARY, simple="sign")
        if type(value) is complex:
            sign = "-" if value.imag < 0 else "+"
            imaginary = plain_text(complex(0, abs(value.imag)))
            return Piece(f"{plain_text(value.real)} {sign} {imaginary}", SUM)
        name = numpy_name(value)
        if name is not None:
            return Piece(self.scope.dotted(f"np.{name}"), simple="attribute")
        if isinstance(value, (tuple, list)):
            items = [self.constant_or_plain(item) for item in value]
            return self.display("[]" if type(value) is list else "()", items)
        if isinstance(value, type) and value.__module__ == "builtins":
            return Piece(self.scope.builtin(value.__name__), simple="name")
        return Piece(self.scope.constant(value), simple="name")

    def constant_or_plain(self, value: object) -> Piece:
        return self.literal(Lit(value))

    # ---- operations ------------------------------------------------------------------

    def value(self, stmt: Stmt) -> Piece:
        """The right side of the assignment that a statement is."""
        if isinstance(stmt, If):
            return self.choice(stmt)
        if isinstance(stmt, Call):
            args = [self.operand(stmt, i).within(CHOICE) for i in range(len(stmt.args))]
            return self.call(self.scope.function(stmt.function), args)
        assert isinstance(stmt, Op)
        piece = self.operation(stmt)
        why = self.copied(stmt, 0)
        if why is None or not looks_into(stmt) or stmt.prim in MIRRORS:
            return piece
        if stmt.prim in TURNS and stmt.outs[0] not in self.absent:
            # the way back from it is contiguous again, and may be looked into as a row
            self.reasons.append(why)
            return self.call(self.scope.dotted("np.copy"), [piece.within(CHOICE)])
        return self.copy(piece, stmt.outs[0], why)

    def operation(self, stmt: Op) -> Piece:
        special = getattr(self, f"_{stmt.prim}", None)
        if special is not None:
            return special(stmt)
        callee = spelling_of(stmt)
        if not callee and stmt.prim in BINARY and len(stmt.args) == 2:
            return self.binary(stmt)
        if not callee and stmt.prim in PREFIX and len(stmt.args) == 1:
            return self.prefix(stmt)
        return self.called(stmt, callee or f"np.{stmt.prim}")

    def binary(self, op: Op) -> Piece:
        sign, bind = BINARY[op.prim]
        left, right = self.operand(op, 0), self.operand(op, 1)
        if op.prim in REAL and is_derived(op):
            if isinstance(op.args[0], Lit):
                left = self.real(op, 0) or left
            elif isinstance(op.args[1], Lit):
                right = self.real(op, 1) or right
        if op.prim == "pow":
            space = "" if left.simple and right.simple else " "
            base = left.within(ATOM)
            if left.bind < ATOM:
                space = " "
            exponent = f"({right.text})" if right.bind == POWER else right.within(UNARY)
            return Piece(f"{base}{space}**{space}{exponent}", POWER)
        if bind == COMPARE:
            return Piece(
                f"{left.within(BITOR_)} {sign} {right.within(BITOR_)}", COMPARE
            )
        return Piece(f"{left.within(bind)} {sign} {right.within(bind + 1)}", bind)

    def real(self, op: Op, position: int) -> Piece | None:
        """A whole number of ours that meets a float of Python's, as a float: `1.0 - x`.

        The same number, in half the time.
        """
        atom, other = op.args[position], op.args[1 - position]
        if not isinstance(atom, Lit) or type(atom.value) is not int or atom.text:
            return None
        if other.kind != FLOAT or isinstance(other, Lit) or abs(atom.value) >= 2**53:
            return None
        return self.literal(Lit(float(atom.value)))

    def prefix(self, op: Op) -> Piece:
        sign, bind = PREFIX[op.prim]
        inner = self.operand(op, 0)
        if op.prim == "not_":
            return Piece(f"not {inner.within(bind)}", bind)
        simple = "sign" if inner.simple in ("name", "number", "attribute") else ""
        return Piece(f"{sign}{inner.within(ATOM)}", bind, simple)

    def called(self, op: Op, callee: str) -> Piece:
        rest = range(len(op.args))
        if callee.startswith("."):
            base = self.operand(op, 0).within(ATOM)
            base = f"({base})" if base[:1].isdigit() else base
            if callee[1:] in ATTRIBUTES and len(op.args) == 1:
                simple = "attribute" if base.isidentifier() else ""
                return Piece(base + callee, simple=simple)
            callee, rest = base + callee, range(1, len(op.args))
        elif callee in HELPERS and not op.attrs.get("spelling"):
            callee = self.scope.helper(callee)
        else:
            if not self.scope.knows(callee):  # imported inside the function, say
                callee = spelling_of(op, users=False) or callee
            users = callee == op.attrs.get("spelling")
            callee = self.scope.dotted(callee, users=users)
        args = [self.operand(op, i).within(CHOICE) for i in rest]
        options = self.options(op) if op.attrs else []
        args = options + args if op.prim == "einsum" else args + options
        return self.call(callee, args)

    def options(self, op: Op) -> list[str]:
        if HIDDEN.issuperset(op.attrs):
            return []
        spelled = spelling_of(op)
        required = required_options(op.prim)
        texts: list[str] = []
        for key, value in op.attrs.items():
            if key in HIDDEN:
                continue
            text = self.constant_or_plain(value).within(CHOICE)
            # methods take these without their names
            bare = spelled in (".transpose", ".reshape") or key == "subscripts"
            bare = bare or required[len(texts) : len(texts) + 1] == (key,)
            texts.append(text if bare else f"{key}={text}")
        return texts

    def call(self, callee: str, args: Sequence[str]) -> Piece:
        return Piece(f"{callee}({', '.join(args)})")

    def choice(self, stmt: If) -> Piece:
        """`a if c else b`, `a and b`, `a or b`, with copies where sharing is wrong."""
        cond = self.atom(stmt.cond)
        (then,), (orelse,) = stmt.then.yields, stmt.orelse.yields
        whys = [self.copied(stmt, word, 0) for word in ("then", "else")]
        self.lazy += 1
        try:
            piece = None
            if stmt.form == "and" and (orelse == stmt.cond or orelse == Lit(False)):
                piece = Piece(
                    f"{cond.within(AND)} and {self.atom(then).within(AND + 1)}", AND
                )
            if stmt.form == "or" and (then == stmt.cond or then == Lit(True)):
                piece = Piece(
                    f"{cond.within(OR)} or {self.atom(orelse).within(OR + 1)}", OR
                )
            if piece is not None:  # the condition is a value, too: both are copied
                reasons = [why for why in whys if why is not None]
                return self.copy(piece, stmt.outs[0], reasons[0]) if reasons else piece
            yes, no = (
                self.atom(atom)
                if why is None
                else self.copy(self.atom(atom), atom, why)
                for atom, why in zip((then, orelse), whys, strict=True)
            )
            return Piece(
                f"{yes.within(OR)} if {cond.within(OR)} else {no.within(CHOICE)}",
                CHOICE,
            )
        finally:
            self.lazy -= 1

    # ---- the structural primitives ---------------------------------------------------

    def _free(self, op: Op) -> Piece:
        text = str(op.attrs["name"])
        return Piece(text, simple="name" if text.isidentifier() else "attribute")

    def _getitem(self, op: Op) -> Piece:
        if id(op) in self.lifted:
            return Piece(self.name_of(self.lifted[id(op)]), simple="name")
        base = self.operand(op, 0)
        steps = self.path(str(op.attrs["path"]), op.args[1:])
        simple = (
            "attribute"
            if base.simple in ("name", "attribute") and "[" not in steps
            else ""
        )
        text = base.within(ATOM)
        return Piece(
            (f"({text})" if text[:1].isdigit() else text) + steps, simple=simple
        )

    def path(self, template: str, operands: Sequence[Atom]) -> str:
        """The text of a path with its operands."""
        text = ""
        for step in parse_path(template):
            if isinstance(step, Attribute):
                text += f".{step.name}"
            else:
                text += f"[{self.subscript(step, operands)}]"
        return text

    def subscript(self, step: Subscript, operands: Sequence[Atom]) -> str:
        parts = []
        for item in step.items:
            if item is None or item is ...:
                parts.append("None" if item is None else "...")
            elif isinstance(item, Slice):
                parts.append(self.slice(item, operands))
            else:
                assert isinstance(item, int)
                piece = self.atom(operands[item])
                parts.append(piece.within(CHOICE))
        return ", ".join(parts) + ("," if step.is_tuple and len(parts) == 1 else "")

    def slice(self, item: Slice, operands: Sequence[Atom]) -> str:
        bounds = [
            None if part is None else self.atom(operands[part])
            for part in (item.start, item.stop, item.step)
        ]
        texts = ["" if b is None else b.within(CHOICE) for b in bounds]
        plain = ("name", "number", "sign")
        space = "" if all(b is None or b.simple in plain for b in bounds) else " "
        start, stop, step = texts
        text = (start + space if start else "") + ":"
        if stop:
            text += space + stop
        if step:
            text += (space if stop else "") + ":" + space + step
        return text

    def _tuple(self, op: Op) -> Piece:
        items = [self.operand(op, i) for i in range(len(op.args))]
        cls = op.attrs.get("cls")
        if cls is not None:
            name = self.scope.constant(cls)
            return self.call(name, [item.within(CHOICE) for item in items])
        return self.display("()", items)

    def _list(self, op: Op) -> Piece:
        return self.display("[]", [self.operand(op, i) for i in range(len(op.args))])

    def display(self, brackets: str, items: Sequence[Piece]) -> Piece:
        inner = ", ".join(item.within(CHOICE) for item in items)
        if brackets == "[]":
            return Piece(f"[{inner}]")
        if len(items) == 1:
            inner += ","
        return Piece(f"({inner})", items=tuple(items))

    def _helper(self, op: Op) -> Piece:
        """A function of ours that is compiled with the text."""
        args = [self.operand(op, i).within(CHOICE) for i in range(len(op.args))]
        return self.call(self.scope.helper(str(op.attrs["helper"])), args)

    def _dict(self, op: Op) -> Piece:
        keys: Sequence[object] = op.attrs.get("keys", ())  # type: ignore[assignment]
        pairs = []
        for i, key in enumerate(keys):
            item = self.operand(op, i).within(CHOICE)
            pairs.append(f"{self.constant_or_plain(key).within(CHOICE)}: {item}")
        return Piece("{" + ", ".join(pairs) + "}")

    def _object(self, op: Op) -> Piece:
        cls = op.attrs["cls"]
        fields: Sequence[str] = op.attrs.get("fields", ())  # type: ignore[assignment]
        args = [
            f"{name}={self.operand(op, i).within(CHOICE)}"
            for i, name in enumerate(fields)
        ]
        name = self.scope.constant(cls)
        if by_constructor(cls, fields):
            return self.call(name, args)
        return self.call(self.scope.helper("made"), [name, *args])

    def _tape(self, op: Op) -> Piece:
        return Piece("[]")

    def _zeros_like(self, op: Op) -> Piece:
        callee = spelling_of(op)
        like = self.operand(op, 0).within(ATOM)
        missing = op.args[0] in self.missing and is_derived(op)
        if missing and "dtype" not in op.attrs:
            return self.call(self.scope.helper("zeros_of"), [like, "0.0"])
        if callee != "np.zeros":
            return self.called(op, callee)
        return self.call(self.scope.dotted(callee), [f"{like}.shape"])

    def builtin(self, name: str, args: list[str]) -> Piece:
        return self.call(self.scope.builtin(name), args)

    def _rows(self, op: Op) -> Piece:
        return self.builtin("list", [self.operand(op, 0).within(CHOICE)])

    def _repeated(self, op: Op) -> Piece:
        items, value = self.operand(op, 0), self.operand(op, 1)
        length = self.builtin("len", [items.within(CHOICE)]).text
        return Piece(f"[{value.within(CHOICE)}] * {length}", PRODUCT)

    def _zero_entries(self, op: Op) -> Piece:
        callee = f"{self.scope.builtin('dict')}.fromkeys"
        return self.call(callee, [self.operand(op, 0).within(CHOICE), "0.0"])

    def _keys(self, op: Op) -> Piece:
        return self.builtin("list", [self.operand(op, 0).within(CHOICE)])

    def _values(self, op: Op) -> Piece:
        return self.builtin("list", [f"{self.operand(op, 0).within(ATOM)}.values()"])

    def _keyed(self, op: Op) -> Piece:
        values, keys = (self.operand(op, i).within(CHOICE) for i in (0, 1))
        return self.builtin("dict", [self.builtin("zip", [keys, values]).text])

    def _last_write(self, op: Op) -> Piece:
        args = [self.operand(op, i).within(CHOICE) for i in range(len(op.args))]
        path = string_text(str(op.attrs["path"]))
        return self.call(self.scope.helper("last_write"), [*args, f"path={path}"])

    def _copy(self, op: Op) -> Piece:
        piece = self.atom(op.args[0])
        kind = op.args[0].kind
        held = isinstance(kind, (Tuple, Unknown, Object))
        if isinstance(kind, Array) and kind.dims is None and "spelling" not in op.attrs:
            held = True  # a number, it may be
        if held or op.args[0] in self.absent:
            return self.copy(piece, op.args[0], "")
        return Piece(f"{piece.within(ATOM)}.copy()")

    def _opaque(self, op: Op) -> Piece:
        callee = op.attrs.get("callee")
        args = list(range(len(op.args)))
        if str(callee).endswith("="):
            return self.recorded(op, str(callee))
        if callee is None:
            text = self.operand(op, args.pop(0)).within(ATOM)
        elif str(callee).startswith("."):
            text = self.operand(op, args.pop(0)).within(ATOM) + str(callee)
        else:
            text = str(callee)
        return self.call(text, self.with_keywords(op, args))

    _draw = _opaque

    def _random_state(self, op: Op) -> Piece:
        return Piece(self.source_text(op) + ASKED[str(op.attrs["cls"])])

    def source_text(self, op: Op) -> str:
        """A source of random numbers: a value, or how the user's module spells it."""
        callee = op.attrs.get("callee")
        return str(callee) if callee else self.operand(op, 0).within(ATOM)

    def recorded(self, op: Op, write: str) -> Piece:
        """A write to what outlives the call: a statement, not an expression.

        `.name+=` and `.[]+=` are what lowering calls them (`syntax/records.py`).
        """
        base = self.operand(op, 0).within(ATOM)
        value = self.operand(op, 2).within(CHOICE)
        if write.startswith(".name"):
            assert isinstance(op.args[1], Lit)
            place, sign = f"{base}.{op.args[1].value}", write.removeprefix(".name")
        else:
            place = f"{base}[{self.operand(op, 1).within(CHOICE)}]"
            sign = write.removeprefix(".[]")
        return Piece(f"{place} {sign} {value}")

    def with_keywords(self, op: Op, positions: Sequence[int]) -> list[str]:
        """Arguments as written; the last ones are passed by the names in `keywords`."""
        told: Any = op.attrs.get("keywords") or ()
        names: tuple[str, ...] = tuple(told)
        texts = [self.operand(op, i).within(CHOICE) for i in positions]
        first = len(texts) - len(names)
        return texts[:first] + [
            f"{name}={text}" for name, text in zip(names, texts[first:], strict=True)
        ]

    def _fstring(self, op: Op) -> Piece:
        text = ""
        for part in op.attrs["parts"]:  # type: ignore[attr-defined]
            if isinstance(part, str):
                body = string_text(part)
                body = body[1:-1] if body[0] == '"' else body[1:-1].replace('"', '\\"')
                text += body.replace("{", "{{").replace("}", "}}")
                continue
            index, conversion, form = (*part, None, None)[:3]
            inner = self.operand(op, index).within(CHOICE).replace('"', "'")
            text += "{" + (" " if inner.startswith("{") else "") + inner
            text += f"!{conversion}" if conversion else ""
            text += f":{form}" if form else ""
            text += "}"
        return Piece(f'f"{text}"')


def looks_into(op: Op) -> bool:
    """Does the result share memory with the first operand?"""
    return op.prim == "getitem" or may_view(op)


BITOR_ = COMPARE + 1

# Views with the axes in another order. Their `.copy()` would lay them out anew, where
# `np.copy` keeps the order in memory.
TURNS = frozenset(
    "transpose swapaxes moveaxis rollaxis matrix_transpose permute_dims".split()
)

# Views that run backwards: their operand is copied, so that the way back runs forwards
# and may be looked into as a row.
MIRRORS = frozenset("flip flipud fliplr rot90".split())


def by_constructor(cls: object, fields: Sequence[str]) -> bool:
    """Does calling the class with its fields just set them?"""
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        return False
    known = dataclasses.fields(cls)
    return (
        all(each.init for each in known)
        and {each.name for each in known} == set(fields)
        and not hasattr(cls, "__post_init__")
    )
