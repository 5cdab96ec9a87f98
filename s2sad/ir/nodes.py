"""The intermediate representation: functional, in SSA form, with nested control flow.

    program  = (main, {key: function})
    function = (name, params, body)                    # body.yields are the results
    block    = (stmts, yields, stop)                   # stop: only in loop bodies
    stmt     = Op(outs, prim, args, attrs)
             | If(outs, cond, then: block, orelse: block)
             | For(outs, index, start, stop, step, backward, params, inits, body: block)
             | While(outs, params, inits, test: block, body: block)
             | Call(outs, function, args)              # function: a key of the program
    atom     = Var(name, kind) | Lit(value)

There are values only. `a[i] = v` is `a.2 = setitem a.1, v, i`; a tape is a value that
`push` and `pop` take and return. What must happen in order (`print`, `raise`) is an op
whose primitive is marked as an effect. Control flow is `If`, `For` and `While`; every
other thing is a primitive in the table of `rules`.

A `Var` is itself: two are the same only if they are the same object. Its name is a hint
for whoever prints it; versions are the printer's. Nodes are immutable and nothing is
remembered on them: a pass takes a function and returns another.

Loops. `params` are the carried values inside the body, `inits` what they start from,
`body.yields` what the next trip gets, `outs` what they are after the loop. A body whose
`stop` is an atom ends the loop, with the values it yields, when that atom is true; the
test of a `While` is not run after a stop. The `test` block of a `While` sees `params`
and yields one atom. A `For` runs `index` over `range(start, stop, step)`, from its far
end if `backward`.

A name that a path leaves unassigned is `UNDEF` there: yielded, never read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeVar

from s2sad.ir.kinds import BOOL, COMPLEX, FLOAT, INT, UNKNOWN, Kind, Static

_T = TypeVar("_T")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform

    @dataclass_transform(frozen_default=True, eq_default=False)
    def node(*, init: bool = True) -> Callable[[type[_T]], type[_T]]: ...

else:

    def node(*, init: bool = True) -> Callable[[type], type]:
        """A class of nodes. Types say that these are frozen.

        Nothing holds that while a program runs, as it takes twice as long to make one.
        Slots are four times as fast to read as a dictionary is, and reading is what
        passes do.
        """
        return dataclass(eq=False, slots=True, init=init)


# ---- places --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SourceText:
    """The text of one user function. Lines count from its `def`, which is line 1."""

    name: str
    text: str
    filename: str = "<unknown>"
    first_line: int = 1  # of the file
    col_offset: int = 0  # what dedenting took away

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def line(self, number: int) -> str:
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""


@node()
class Span:
    """Where a statement stands in its function's text (lines from 1, columns from 0).

    `reverse` marks a statement of the reverse half, which undoes the one at this place,
    or with `again` is that one, computed again; `derived` one that differentiation set
    beside it, such as its tangent. The place is the same with or without these two.
    """

    source: SourceText
    line: int
    col: int = 0
    end_line: int = 0
    end_col: int = 0
    reverse: bool = False
    derived: bool = False
    again: bool = False

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Span)
            and self.source is other.source
            and (self.line, self.col, self.end_line, self.end_col, self.reverse)
            == (other.line, other.col, other.end_line, other.end_col, other.reverse)
        )

    def __hash__(self) -> int:
        return hash((id(self.source), self.line, self.col))


# ---- atoms ---------------------------------------------------------------------------


class Undef:
    """The value of a name that this path does not assign."""

    def __repr__(self) -> str:
        return "undef"

    def __reduce__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Undef()
_serials = count()


class Var:
    """A value, defined once. Equal only to itself.

    `of` says whose derivative it is, for whoever names it: another variable's `origin`,
    which is the variable or what it was copied from, and "_bar" or "_dot".
    """

    __slots__ = ("_origin", "kind", "name", "of", "serial")

    def __init__(self, name: str = "", kind: Kind = UNKNOWN) -> None:
        self.name = name
        self.kind = kind
        self.serial = next(_serials)  # tells lengths apart that have the same name
        self._origin: Var | None = None  # not itself: that would be a cycle
        self.of: tuple[Var, str] | None = None

    def __repr__(self) -> str:
        return f"<{self.name or '%'} {id(self) & 0xFFFF:x}>"

    def like(self, name: str | None = None, kind: Kind | None = None) -> Var:
        """A new variable of the same name and kind."""
        return Var(self.name if name is None else name, kind or self.kind)

    def copy(self, name: str | None = None) -> Var:
        """A new variable that stands for the same value."""
        made = self.like(name)
        made._origin, made.of = self.origin, self.of
        return made

    @property
    def origin(self) -> Var:
        return self._origin or self

    def derives(self, var: Var, mark: str) -> None:
        """Say that this is the adjoint ("_bar") or tangent ("_dot") of another."""
        self.of = var.origin, mark


_NUMBERS: dict[type, Kind] = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}


@dataclass(frozen=True)
class Lit:
    """A constant; `text` is how the user spelled it."""

    value: object
    text: str | None = field(default=None, compare=False)

    @property
    def kind(self) -> Kind:
        return _NUMBERS.get(type(self.value)) or Static(self.value)

    def __eq__(self, other: object) -> bool:
        # 1, 1.0 and True are three different literals, and so are 0.0 and -0.0
        if not isinstance(other, Lit):
            return False
        mine, others = self.value, other.value
        if mine is others:
            return True
        return type(mine) is type(others) and repr(mine) == repr(others)

    def __hash__(self) -> int:
        value = self.value
        if type(value) is int or type(value) is float:
            return hash(value) if value == value else 0  # each NaN has its own
        return hash((type(value), repr(value)))


Atom = Var | Lit
UNDEF = Lit(UNDEFINED)
TRUE = Lit(True)
FALSE = Lit(False)
NONE = Lit(None)

# ---- statements ----------------------------------------------------------------------

NO_ATTRS: Mapping[str, object] = MappingProxyType({})


# Each statement has `inner`, the blocks nested directly in it, `operands`, the atoms
# that it reads itself, and `prim`: its primitive, or else its own class's name.


@node(init=False)
class Op:
    inner: ClassVar[tuple[Block, ...]] = ()
    outs: tuple[Var, ...]
    prim: str
    args: tuple[Atom, ...]
    attrs: Mapping[str, object]
    span: Span | None

    def __init__(
        self,
        outs: tuple[Var, ...],
        prim: str,
        args: tuple[Atom, ...],
        attrs: Mapping[str, object] = NO_ATTRS,
        span: Span | None = None,
    ) -> None:
        self.outs = outs  # type: ignore[misc]
        self.prim = prim  # type: ignore[misc]
        self.args = args  # type: ignore[misc]
        self.attrs = attrs  # type: ignore[misc]
        self.span = span  # type: ignore[misc]

    if TYPE_CHECKING:

        @property
        def operands(self) -> tuple[Atom, ...]: ...

    else:
        operands = property(attrgetter("args"))  # asked so often that a call counts


@node()
class Block:
    stmts: tuple[Stmt, ...] = ()
    yields: tuple[Atom, ...] = ()
    stop: Atom | None = None


@node()
class If:
    """`form` tells what it was: "if", "expr" (`a if c else b`), "and", "or".

    Two forms find their way by running: "with", whose `cond` is a context manager
    (`None`: none) and whose `orelse` is never run; and "try", whose `orelse` is run if
    an exception of the types `cond` leaves `then`.
    """

    prim: ClassVar[str] = "If"
    outs: tuple[Var, ...]
    cond: Atom
    then: Block
    orelse: Block
    form: str = "if"
    span: Span | None = None

    @property
    def inner(self) -> tuple[Block, ...]:
        return (self.then, self.orelse)

    @property
    def operands(self) -> tuple[Atom, ...]:
        return (self.cond,)

    @property
    def tests(self) -> bool:
        """Does `cond` tell which branch is run?"""
        return self.form not in ("with", "try")


@node()
class For:
    """`form` tells what it was: "range", "each", "enumerate", "zip", "comp"; or
    "checkpoint": a range of which the reverse half keeps little.
    """

    prim: ClassVar[str] = "For"
    outs: tuple[Var, ...]
    index: Var
    start: Atom
    stop: Atom
    step: Atom
    params: tuple[Var, ...]
    inits: tuple[Atom, ...]
    body: Block
    backward: bool = False
    form: str = "range"
    span: Span | None = None

    @property
    def inner(self) -> tuple[Block, ...]:
        return (self.body,)

    @property
    def operands(self) -> tuple[Atom, ...]:
        return (self.start, self.stop, self.step, *self.inits)


@node()
class While:
    prim: ClassVar[str] = "While"
    outs: tuple[Var, ...]
    params: tuple[Var, ...]
    inits: tuple[Atom, ...]
    test: Block
    body: Block
    span: Span | None = None

    @property
    def inner(self) -> tuple[Block, ...]:
        return (self.test, self.body)

    @property
    def operands(self) -> tuple[Atom, ...]:
        return self.inits


@node()
class Call:
    prim: ClassVar[str] = "Call"
    inner: ClassVar[tuple[Block, ...]] = ()
    outs: tuple[Var, ...]
    function: str
    args: tuple[Atom, ...]
    span: Span | None = None

    @property
    def operands(self) -> tuple[Atom, ...]:
        return self.args


Stmt = Op | If | For | While | Call

# ---- functions -----------------------------------------------------------------------


@node()
class Param:
    """A parameter: how it is passed, and its default as an atom or free text.

    `style` is "positional" (only), "normal", "star", "keyword" (only) or "doublestar".
    `default` is a `Lit`, or a str: the user's text of a default that is not a literal
    (its value is taken from `__defaults__`), or None.
    """

    var: Var
    style: str = "normal"
    default: Lit | str | None = None


@node()
class Function:
    name: str
    params: tuple[Param, ...]
    body: Block
    source: SourceText | None = None
    doc: str | None = None
    checkpoint: bool = False  # the reverse half keeps its arguments alone
    # Of the forward half of a function: how many results are that function's. What
    # comes after them is kept for the reverse half.
    own: int | None = None

    @property
    def results(self) -> tuple[Atom, ...]:
        return self.body.yields


@node()
class Program:
    main: str
    functions: Mapping[str, Function]

    @property
    def entry(self) -> Function:
        return self.functions[self.main]
