"""`lower`: from a function and the kinds of its arguments to a program of IR.

    lowered = lower(func, Signature((("x", FLOAT), ("n", INT))))
    lowered.program   {key: Function}; the user's function is `program.entry`
    lowered.guards    what was asked about the outside, for a call to check again
    lowered.warnings  diagnostics that are no refusals

All refusals of a function, and of the functions it calls, are raised together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import Any

from s2sad.analysis.numbers import starts_matter
from s2sad.errors import Diagnostic, raise_all, refuse
from s2sad.ir.kinds import FLOAT, Kind, Scalar
from s2sad.ir.nodes import Function, Program, Var
from s2sad.syntax.pins import Pins, Place, attempt
from s2sad.syntax.read import Reading, read
from s2sad.syntax.values import Storage


@dataclass(frozen=True)
class Signature:
    """The kind of every parameter, defaults filled in, in the order of the `def`.

    `*args` has a Tuple kind, `**kwargs` a Dict kind. `values`, where a call is at hand,
    answers what the kinds do not tell (attributes of objects). `bound` are those that
    the callable brings along, as a bound method its object.
    """

    params: tuple[tuple[str, Kind], ...]
    values: Mapping[str, object] | None = field(default=None, compare=False, repr=False)
    bound: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Guard:
    """Something outside that the program depends on.

    `path` is ("global", name), ("closure", name), ("arg", name) or
    ("attr", path, name); `what` is "kind", "type", "is", "code" or, for an int that had
    to be known, "value"; `value` is the kind, class, object, code object or int.
    `owner` is the function whose globals or cells are meant; None for the
    differentiated function.
    """

    path: tuple[Any, ...]
    what: str
    value: Any
    owner: FunctionType | None = None


@dataclass(frozen=True, eq=False)
class Lowered:
    program: Program
    guards: tuple[Guard, ...]
    warnings: tuple[Diagnostic, ...]
    source: Any
    reading: Reading
    written: Mapping[str, Any] = field(default_factory=dict)  # objects, and where
    functions: tuple[FunctionType, ...] = ()  # what else was read, or its defaults


@dataclass(frozen=True, eq=False)
class Text:
    """A function given by its text alone (see `source.Source`, which has more)."""

    text: str
    filename: str = "<unknown>"
    first_line: int = 1
    col_offset: int = 0
    name: str = "f"


class NeedsLengths(Exception):
    """Refused, but not if these dims were numbers."""

    def __init__(self, dims: set[str], found: list[Diagnostic]) -> None:
        super().__init__(f"the lengths {sorted(dims)} are needed")
        self.dims = dims
        self.found = found


class Session:
    """What all functions lowered for one program share."""

    def __init__(
        self,
        function: FunctionType | None,
        signature: Signature,
        pinned: dict[Place, int] | None = None,
    ) -> None:
        self.function = function
        self.signature = signature
        self.found: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.guards: dict[tuple[Any, ...], Guard] = {}
        self.functions: dict[str, Function] = {}
        self.escaped: dict[Storage, Any] = {}  # held by a container of the run
        self.gifts: list[Storage] = []  # these, each time that one was given it
        self.shared: Any = None  # where one was given what others hold, too
        self.lent: dict[Storage, Any] = {}  # an entry of which is held elsewhere
        self.given_on: set[Storage] = set()  # to which containers is not known
        self.moves: set[Any] = set()  # statements that exchange entries of a container
        self.bases: list[Any] = []  # what was before the loops that are lowered now
        self.from_zero: set[Any] = set()  # numbers of trips that are 0 or more
        self.wanted: set[str] = set()  # parameters to be taken apart, see `opened`
        self.opened: Mapping[str, Kind] = {}
        self.bound: dict[str, Var] = {}  # the parameters of the main function
        self.readings: dict[Any, Reading] = {}
        self.makers: dict[Any, None] = {}  # `__init__`s not read, but by their defaults
        self.summaries: dict[Any, list[Any]] = {}
        # arrays from outside that were read: name, path, value, owner
        self.captured: list[tuple[str, Any, Any, Any]] = []
        self.records: dict[tuple[str, str], Any] = {}  # written, read by nobody: where
        self.unread: list[Any] = []  # paths of lists and dicts that are only written
        # objects of which a cached property was read: which one, and where
        self.frozen: dict[Storage, tuple[str, Any]] = {}
        self.glances: list[Any] = []  # containers of which a fact was told
        self.kept_writes: list[Any] = []  # those to arguments, see `note_written`
        self.recorded: list[tuple[Any, Any]] = []  # and the containers themselves
        self.whole: set[Any] = set()  # arrays made, whose elements lie in a row
        self.strangers: dict[Any, Diagnostic] = {}  # results of calls kept as written
        self.local_classes: dict[type, Any] = {}  # that functions define, and where
        self.lookers: set[Any] = set()  # iterators of progress bars
        self.texts: dict[Any, Any] = {}  # f-strings made: their parts and operands
        self.here: Any = None  # the frame and statement that are being lowered
        self.depth = 0
        self.alone: Any = None  # a call by values that nobody else holds
        self.guarding = 0  # the bodies of `try` around the place
        self.acting: set[Any] = set()  # tests of loops that write
        self.active: list[Any] = []  # callees being lowered, outer first
        self.lengths: set[str] = set()  # dims that a number was wanted for
        self.calls: Any = None  # what knows calls of derivatives (see `api`)
        self.pins = Pins(pinned or {})
        self.written: dict[str, Any] = {}  # parameters that are objects, and where
        self.starts = False  # what starts as a constant and becomes an array is either
        self.main = ""  # the key of the function that is differentiated

    def guard(
        self,
        path: tuple[Any, ...],
        what: str,
        value: object,
        owner: FunctionType | None = None,
    ) -> None:
        owner = None if owner is self.function else owner
        self.guards.setdefault((path, what, id(owner)), Guard(path, what, value, owner))

    def key(self, name: str) -> str:
        """A key of the program for one more function called `name`."""
        key, count = name, 1
        while key in self.functions:
            count += 1
            key = f"{name}#{count}"
        return key

    def reading(self, function: FunctionType, source: Any = None) -> Reading:
        found = self.readings.get(function)
        if found is None:
            if source is None:
                from s2sad.syntax.source import find_source

                source = find_source(function)
            found = self.readings[function] = read_source(source)
        return found


def read_source(source: Any) -> Reading:
    try:
        return read(
            source.text,
            source.name,
            source.filename,
            source.first_line,
            source.col_offset,
            source,
        )
    except (SyntaxError, ValueError) as exc:
        raise_all([refuse("syntax", None, what=str(exc))])


def lower(
    func: Callable[..., object] | None,
    signature: Signature,
    *,
    source: Any = None,
    promote: Iterable[str] = (),
    calls: Any = None,
    lengths: bool = False,
) -> Lowered:
    """Lower `func` for these kinds; `promote` names int parameters taken as real.

    `calls` knows what calls of derivatives are (see `api`); `lengths`: somebody is
    there who can tell how long arrays are, where that is needed.
    """
    from s2sad.syntax.functions import lower_main  # the handlers import this file

    promoted = set(promote)
    params = tuple(
        (name, _real(kind) if name in promoted else kind)
        for name, kind in signature.params
    )
    signature = replace(signature, params=params)
    function = func if isinstance(func, FunctionType) else None
    if source is None and function is not None:
        from s2sad.syntax.source import find_source

        source = find_source(function)
    reading = read_source(source)

    def lowered(
        pinned: dict[Place, int], opened: Mapping[str, Kind], bound: frozenset[str]
    ) -> Session:
        session = Session(function, replace(signature, bound=bound), pinned)
        session.calls = calls
        session.opened = opened
        session.starts = starts
        if function is not None:
            session.readings[function] = reading
        session.main = lower_main(session, reading, function, session.signature)
        return session

    def lowered_with(bound: frozenset[str]) -> Session:
        return taking_apart(
            lambda opened: attempt(lambda pins: lowered(pins, opened, bound))
        )

    starts = False
    session = lowered_with(signature.bound)
    if not session.found and starts_matter(session.functions):
        starts = True
        session = lowered_with(signature.bound)
    if session.found and signature.bound:
        session = lowered_with(frozenset())  # what is written is a copy
    if session.found:
        from s2sad.syntax.unfollowed import unfollowed

        session.found += unfollowed(session.functions[session.main])
    if session.found and session.lengths and lengths:
        raise NeedsLengths(session.lengths, session.found)
    if session.found:
        raise_all(session.found)
    return Lowered(
        Program(session.main, session.functions),
        tuple(session.guards.values()),
        tuple(session.warnings),
        source,
        reading,
        session.written,
        tuple(f for f in {**session.readings, **session.makers} if f is not function),
    )


def taking_apart(lower: Callable[[Mapping[str, Kind]], Session]) -> Session:
    """Lower; again with parameters taken apart into their entries, if that helps."""
    first = session = lower({})
    while session.found:
        wanted = session.wanted & session.bound.keys() - session.opened.keys()
        if not wanted:
            return first
        opened = {name: session.bound[name].kind for name in wanted}
        session = lower({**session.opened, **opened})
    return session


def _real(kind: Kind) -> Kind:
    return FLOAT if isinstance(kind, Scalar) and kind.dtype in ("int", "bool") else kind
