"""Names, calls kept as written, and effects: no derivative, but they stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s2sad.ir.kinds import INT, UNKNOWN, Kind, Static
from s2sad.ir.nodes import Atom
from s2sad.rules import helpers
from s2sad.rules.infer import Attrs, always, like_first
from s2sad.rules.signature import as_atom
from s2sad.rules.verbs import flat

Options = Mapping[str, object]

# ---- names and effects: no derivative ------------------------------------------------


def _free_kind(args: Sequence[Atom], attrs: Attrs) -> tuple[Kind, ...]:
    return (UNKNOWN,)


def _no_value(*args: object, **attrs: object) -> object:
    raise NotImplementedError("only the emitted text can run this")


free = flat(
    "<free>",
    kind=_free_kind,
    run=_no_value,
    doc="a name outside the function, as written",
)

opaque = flat(
    "<opaque>", kind=_free_kind, run=_no_value, doc="an inactive call, as written"
)


def _print(*args: object, keywords: Sequence[str] = ()) -> None:
    count = len(args) - len(keywords)
    named = dict(zip(keywords, args[count:], strict=True))
    print(*args[:count], **named)  # type: ignore[call-overload]


def _with_keywords(args: Sequence[object], kwargs: Options):
    attrs = {"keywords": tuple(kwargs)} if kwargs else {}
    return tuple(map(as_atom, (*args, *kwargs.values()))), attrs


print_ = flat(
    "print",
    kind=always(Static(None)),
    run=_print,
    name="print",
    effect=True,
    binder=_with_keywords,
)


def _raise(exc: BaseException, cause: BaseException | None = None) -> None:
    raise exc from cause


raise_ = flat("<raise>", kind=always(), run=_raise, effect=True)


def _assert(condition: object, message: object = None) -> None:
    assert condition, message


assert_ = flat("<assert>", kind=always(), run=_assert, effect=True)


def _warn(*args: object, keywords: Sequence[str] = ()) -> None:
    import warnings

    count = len(args) - len(keywords)
    named = dict(zip(keywords, args[count:], strict=True))
    warnings.warn(*args[:count], **named)  # type: ignore[arg-type]


warn = flat(
    "warnings.warn",
    kind=always(Static(None)),
    run=_warn,
    effect=True,
    binder=_with_keywords,
)


# What a `with` and an `except` bind: the first statement of their blocks.
entered = flat("<entered>", kind=_free_kind, run=_no_value, effect=True)
caught = flat("<caught>", kind=_free_kind, run=_no_value, effect=True)

errstate = flat(
    "np.errstate",
    kind=_free_kind,
    signature="; all=None, divide=None, over=None, under=None, invalid=None, call!",
    doc="how NumPy takes errors; around the reverse statements, too",
)


# The schedule of a checkpointed loop.
snapshots = flat("<snapshots>", kind=always(INT), run=helpers.snapshots)
binomial_split = flat("<binomial_split>", kind=always(INT), run=helpers.binomial_split)


def _fstring(*args: object, parts: Sequence[object]) -> str:
    """`parts` are texts and holes `(operand, conversion, format)`."""
    convert = {"r": repr, "s": str, "a": ascii}
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        number, conversion, spec = part  # type: ignore[misc]
        value = args[number]
        if conversion:
            value = convert[conversion](value)
        text += format(value, spec or "")
    return text


fstring = flat("<fstring>", kind=always(UNKNOWN), run=_fstring)


# ---- stop_gradient -------------------------------------------------------------------

stop_gradient = flat("stop_gradient", kind=like_first, run=lambda x: x, signature="x")
