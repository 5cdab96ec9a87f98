"""From a call to the specialisation that serves it.

For each derived function one dispatching function is generated, with the parameters of
the user's function and a condition for each specialisation made so far:

    def f_grad(x1, x2=...):
        if type(x1) is float and type(x2) is float:
            return _s2_run0(x1, x2)
        return _s2_miss(x1, x2)

Where one short specialisation is all there is, its own statements stand in the place of
that call, compiled from the same lines of the same file (`Body`): a call within a call
would cost as much as they do.

A call that no condition accepts derives another specialisation, under a lock, and the
function is generated anew. `derive` is handed in: this room knows nothing of it.

    Site        the specialisations of all functions that have one code object
    Dispatcher  a site bound to one function: its closure cells, globals and defaults

A loop that makes `grad(lambda w: loss(w, batch))` anew each time thus derives once: the
code object is the same, what the lambda captured is looked up through its cells.
"""

from __future__ import annotations

import builtins
import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import is_
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple

from s2sad.load.guards import MISSING, PREFIX, Checks
from s2sad.load.module import bind, compile_after, compile_lines

# Of what is no function and has no globals; what is called may ask for builtins.
NAMESPACE: dict[str, object] = {"__builtins__": builtins}

LIMIT = 32  # specialisations kept by a site; the oldest goes first


@dataclass(frozen=True)
class Bound:
    """What a check names that belongs to the function at hand, not to the code."""

    of: Callable[[object], object]


FUNCTION = Bound(lambda f: f)


class Body(NamedTuple):
    """A generated function that may be compiled again, with a condition in front."""

    text: str
    filename: str
    code: CodeType

    @property
    def names(self) -> set[str]:
        """What its names mean is its own affair."""
        code = self.code
        return {*code.co_varnames, *code.co_cellvars, *code.co_freevars}


class Native(NamedTuple):
    """Machine code that may be called in place of a generated function.

    `looks`: it looks at dtypes and ranks of arrays itself and raises `Unfit` where they
    are others; the condition in front then leaves them to it.
    """

    call: Callable[..., Any]
    looks: bool


class Unfit(TypeError):
    """What machine code was not made for."""


@dataclass(frozen=True, eq=False)
class Case:
    """One specialisation.

    `guard` writes the terms of its condition; `bind` makes it runnable for a function;
    `casts` has a converter for each parameter that is not passed on as it is,
    `keywords` the generated function's own names for keyword-only ones; `before` sees
    the arguments of a call, `after` its result and the arguments; `body` is there if
    the generated function is short and takes just what the dispatching one does;
    `native` if it is machine code alone; `about` is the deriver's.
    """

    guard: Callable[[Checks], None]
    bind: Callable[[Any, Signature], FunctionType]
    casts: Mapping[str, Callable[[object], object]] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)
    before: Callable[..., object] | None = None
    after: Callable[..., object] | None = None
    body: Callable[[], Body | None] = lambda: None  # asked for when it is needed
    native: Callable[[], Native | None] = lambda: None
    about: object = None


@dataclass(frozen=True, eq=False)
class Signature:
    """The parameters of a dispatching function, with the values of their defaults.

    `late` tells which defaults belong to the function at hand, and where it has them:
    they are read when it is called, for who changes `f.__defaults__` changes `f`.
    """

    parameters: tuple[inspect.Parameter, ...]
    late: tuple[tuple[str, str], ...] = ()

    def head(self) -> str:
        """The parameter list as text; each default is a placeholder."""
        parts: list[str] = []
        kinds = [p.kind for p in self.parameters]
        for i, p in enumerate(self.parameters):
            if p.kind is p.KEYWORD_ONLY and not (
                p.VAR_POSITIONAL in kinds[:i] or p.KEYWORD_ONLY in kinds[:i]
            ):
                parts.append("*")
            stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
            parts.append(f"{stars}{p.name}{'' if p.default is p.empty else '=None'}")
            last = i + 1 == len(kinds) or kinds[i + 1] is not p.POSITIONAL_ONLY
            if p.kind is p.POSITIONAL_ONLY and last:
                parts.append("/")
        return ", ".join(parts)

    def passed(
        self,
        casts: Mapping[str, str] = {},
        keywords: Mapping[str, str] = {},  # noqa: B006
    ) -> str:
        """The argument list that hands everything on; `casts` wraps some of them."""
        parts = []
        for p in self.parameters:
            value = f"{casts[p.name]}({p.name})" if p.name in casts else p.name
            before = {
                p.VAR_POSITIONAL: "*",
                p.VAR_KEYWORD: "**",
                p.KEYWORD_ONLY: f"{keywords.get(p.name, p.name)}=",
            }.get(p.kind, "")
            parts.append(before + value)
        return ", ".join(parts)

    def filled(self, checks: Checks) -> list[str]:
        """Lines that give each parameter left out the default of the moment."""
        if not self.late:
            return []
        absent, f = checks.name(MISSING, "missing"), checks.name(FUNCTION, "f")
        return [f"if {n} is {absent}: {n} = {f}.{where}" for n, where in self.late]

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(p.name for p in self.parameters)

    @cached_property
    def defaults(self) -> tuple | None:
        found = [
            p.default
            for p in self.parameters
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
            and p.default is not p.empty
        ]
        return tuple(found) or None

    @cached_property
    def kwdefaults(self) -> dict[str, object] | None:
        found = {
            p.name: p.default
            for p in self.parameters
            if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
        }
        return found or None

    def standing_in(self) -> tuple[tuple | None, dict[str, object] | None]:
        """Both, with something else for each default that is read at a call."""
        if not self.late:
            return self.defaults, self.kwdefaults
        names, named = dict(self.late), self.kwdefaults or {}
        # Seeds are by keyword only where the function has defaults.
        return (MISSING,) * len(self.defaults or ()) or None, {
            name: MISSING if name in names else value for name, value in named.items()
        }

    def arguments(self, args: tuple, kwargs: dict) -> dict[str, object]:
        """Every parameter's value in a call, defaults filled in."""
        call = inspect.Signature(self.parameters, __validate_parameters__=False).bind(
            *args, **kwargs
        )
        call.apply_defaults()
        return dict(call.arguments)


class Compiled(NamedTuple):
    """Dispatching code, and its closure as far as it is the same for all functions.

    What is not has a place in the closure: things of the function at hand, generated
    functions by the number of their case, cells of the only one's own closure, and what
    is done where no case serves.
    """

    code: CodeType
    cells: tuple[CellType | None, ...]
    bound: tuple[tuple[int, Bound], ...]
    runs: tuple[tuple[int, int], ...]
    own: tuple[tuple[int, int], ...] | None  # None: it is called, not stood in for
    miss: int


@dataclass(eq=False)
class Site:
    """What functions with one code object, derived in one way, have in common."""

    name: str
    cases: tuple[Case, ...] = ()
    version: int = 0
    served: bool = False  # a derived function has had it before
    signature: Signature | None = (
        None  # of functions without defaults: the same for all
    )
    lock: threading.RLock = field(default_factory=threading.RLock)
    _compiled: dict[object, Compiled] = field(default_factory=dict)

    def add(self, case: Case) -> None:
        """The newest case is tried first."""
        self.cases = (case, *self.cases)[:LIMIT]
        self.version += 1
        self._compiled.clear()

    def compiled(self, signature: Signature) -> Compiled:
        """The dispatching code for the present cases."""
        key = self.version, signature.late
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = self.compile(signature, self.cases)
        return found

    def compile(
        self, signature: Signature, cases: Sequence[Case], checked: bool = True
    ) -> Compiled:
        """Dispatching code for these cases; without `checked` the first one serves."""
        body = cases[0].body() if checked and len(cases) == 1 else None
        if body is not None:
            return self.guarded(signature, cases[0], body)
        checks = Checks(signature.names | {self.name})
        lines = [f"def {self.name}({signature.head()}):"]
        lines += [f"    {line}" for line in signature.filled(checks)]
        miss = f"{PREFIX}miss"
        runs: dict[str, int] = {}
        for number, case in enumerate(cases):
            native = case.native() if checked else None
            looks = native is not None and native.looks and len(cases) == 1
            checks.begin(signature.names if looks else ())
            if checked:
                case.guard(checks)
            casts = {
                name: checks.name(cast, cast.__name__)
                for name, cast in case.casts.items()
            }
            before, condition = checks.decided()
            lines += [f"    {line}" for line in before]
            lines.append(f"    if {condition}:")
            if case.before is not None:
                prepare = checks.name(case.before, "before")
                lines.append(f"        {prepare}({signature.passed()})")
            if native is not None:
                run = checks.name(native.call, "native")
            else:
                run = f"{PREFIX}run{number}"
                runs[run] = number
            call = f"{run}({signature.passed(casts, case.keywords)})"
            if case.after is not None:
                after = checks.name(case.after, "after")
                call = f"{after}({call}, {signature.passed()})"
            if looks:
                unfit = checks.name(Unfit, "Unfit")
                lines.append(f"        try: return {call}")
                lines.append(f"        except {unfit}: pass")
            else:
                lines.append(f"        return {call}")
        lines.append(f"    return {miss}({signature.passed()})")
        names = [miss, *runs, *checks.objects]
        code = compile_lines(lines, f"<dispatch of {self.name}>", names)
        return arranged(code, checks.objects, runs, miss)

    def guarded(self, signature: Signature, case: Case, body: Body) -> Compiled:
        """The generated function itself, with the condition in front."""
        checks = Checks(body.names | {self.name})
        case.guard(checks)
        before, condition = checks.decided()
        miss = f"{PREFIX}miss"
        refuse = [f"if not ({condition}):", f"    return {miss}({signature.passed()})"]
        free = body.code.co_freevars
        lines = [*signature.filled(checks), *before, *refuse]
        names = [miss, *checks.objects, *free]
        code = compile_after(lines, body.text, body.code.co_name, body.filename, names)
        return arranged(code, checks.objects, {}, miss, free)


def arranged(
    code: CodeType,
    objects: Mapping[str, object],
    runs: Mapping[str, int],
    miss: str,
    own: Sequence[str] | None = None,
) -> Compiled:
    """The closure of the code, with gaps for what belongs to the function at hand."""
    free = code.co_freevars
    shared = held(objects)
    cells = [shared.get(name) for name in free]
    return Compiled(
        code,
        tuple([cell if isinstance(cell, CellType) else None for cell in cells]),
        tuple([(k, c) for k, c in enumerate(cells) if isinstance(c, Bound)]),
        tuple([(k, runs[name]) for k, name in enumerate(free) if name in runs]),
        None
        if own is None
        else tuple([(k, own.index(n)) for k, n in enumerate(free) if n in own]),
        free.index(miss),
    )


def held(objects: Mapping[str, object]) -> dict[str, object]:
    """In cells, what does not depend on the function at hand: the same for all."""
    return {
        name: value if isinstance(value, Bound) else CellType(value)
        for name, value in objects.items()
    }


def defaults_of(function: object) -> tuple[object, ...]:
    """The values of all defaults, and which parameters have them."""
    positional = getattr(function, "__defaults__", None) or ()
    named = getattr(function, "__kwdefaults__", None) or {}
    return (len(positional), *positional, *named, *named.values())


def same_objects(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


class Dispatcher:
    """A site for one function. `call` is the dispatching function of the moment."""

    def __init__(
        self,
        home: Callable[[], Site],
        function: object,
        signature: Callable[[], Signature],
        derive: Callable[[object, dict[str, object]], Case],
        changed: Callable[[FunctionType], None],
    ) -> None:
        self.home = home
        self.site = home()
        self.function = function
        self._code = getattr(function, "__code__", None)
        self._signature = signature
        self._derive = derive
        self._changed = changed
        self._version = -1
        self._runs: dict[int, tuple[Case, FunctionType]] = {}
        self._defaults: tuple[object, ...] = ()
        self.latest: Case | None = None

    @property
    def signature(self) -> Signature:
        """With the defaults of the moment; the generated functions have them, too."""
        now = defaults_of(self.function)
        made = self.__dict__.get("_made")
        if made is None or not same_objects(now, self._defaults):
            made = self._made = self._signature()
            self._defaults = now
            self._runs = {}
        return made

    def refresh(self) -> FunctionType:
        """The dispatching function for the cases known by now."""
        self._move()
        with self.site.lock:
            cases = self.site.cases
            call = self._bind(self.site.compiled(self.signature), cases)
            self._version = self.site.version
            if len(self._runs) > len(cases):  # some are gone
                self._runs = {id(case): self._runs[id(case)] for case in cases}
        self._changed(call)
        return call

    def _call(self, cases: Sequence[Case], checked: bool) -> FunctionType:
        return self._bind(self.site.compile(self.signature, cases, checked), cases)

    def _bind(self, compiled: Compiled, cases: Sequence[Case]) -> FunctionType:
        closure = list(compiled.cells)
        for place, bound in compiled.bound:
            closure[place] = CellType(bound.of(self.function))
        for place, number in compiled.runs:
            closure[place] = CellType(self.run(cases[number]))
        if compiled.own is not None:  # tracebacks find its text once it is bound
            cells = self.run(cases[0]).__closure__ or ()
            for place, number in compiled.own:
                closure[place] = cells[number]
        closure[compiled.miss] = CellType(partial(self.miss, self.site.version))
        code = compiled.code
        defaults, named = self.signature.standing_in()
        call = FunctionType(
            code, self._namespace(), code.co_name, defaults, tuple(closure)
        )  # type: ignore[arg-type]
        call.__kwdefaults__ = named
        return call

    def _namespace(self) -> dict[str, object]:
        """The globals of the function at hand, which a condition reads by name."""
        found: dict[str, object] = getattr(self.function, "__globals__", NAMESPACE)
        return found

    def _cells(self, objects: Mapping[str, object]) -> dict[str, object]:
        """What the names of a condition stand for; a value may be a cell itself."""
        function = self.function
        return {
            name: CellType(value.of(function)) if isinstance(value, Bound) else value
            for name, value in objects.items()
        }

    def run(self, case: Case) -> FunctionType:
        """The generated function of a case, bound to this function."""
        found = self._runs.get(id(case))
        if found is None or found[0] is not case:
            made = case.bind(self.function, self.signature)
            found = self._runs[id(case)] = (case, made)
        return found[1]

    def miss(self, version: int, *args: object, **kwargs: object) -> object:
        """No condition of that version held: derive for this call, then do it."""
        self._move()
        with self.site.lock:
            if self.site.version != version or self._version != version:
                call = self.refresh()  # another thread, or another code
            else:
                case = self._make(args, kwargs)
                if case in self.site.cases:
                    call = self.refresh()
                else:  # once without its condition, which refuses this very call
                    call = self._call([case], checked=False)
        return call(*args, **kwargs)

    def _make(self, args: tuple, kwargs: dict) -> Case:
        """Derive for this call; what its own condition refuses is not kept."""
        case = self._derive(self.function, self.signature.arguments(args, kwargs))
        self.latest = case
        if self._accepts(case, args, kwargs):
            self.site.add(case)
        return case

    def _move(self) -> None:
        """Another site serves if the function's code has been replaced in place."""
        code = getattr(self.function, "__code__", None)
        if code is self._code:
            return
        site, self._code = self.home(), code
        if site is not self.site:
            self.site, self._version = site, -1
            self.latest = None
            self.__dict__.pop("_made", None)

    def case(self, args: tuple, kwargs: dict) -> Case:
        """The case that serves this call, derived if need be; nothing is run."""
        self._move()
        with self.site.lock:
            for known in self.site.cases:
                if self._accepts(known, args, kwargs):
                    return known
            return self._make(args, kwargs)

    def _accepts(self, case: Case, args: tuple, kwargs: dict) -> bool:
        signature = self.signature
        name = f"{PREFIX}accepts"
        checks = Checks(signature.names)
        case.guard(checks)
        before, condition = checks.decided()
        body = [f"    {line}" for line in (*before, f"return {condition}")]
        lines = [f"def {name}({signature.head()}):", *body]
        code = compile_lines(lines, "<check>", checks.objects)
        cells, scope = self._cells(held(checks.objects)), self._namespace()
        accepts = bind(code, scope, signature.defaults, signature.kwdefaults, cells)
        return bool(accepts(*args, **kwargs))
