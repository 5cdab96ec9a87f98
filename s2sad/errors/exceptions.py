"""The classes a user can catch: one root, one class per way of saying no.

    S2sadError
        Unsupported      something that is not differentiated (NotImplementedError)
            StaleSource  the file changed since the function was imported
        NoRule           a library function without a rule (NotImplementedError)
        NotScalar        a gradient of what is not one real number (TypeError)
        Misuse           arguments of an operator that cannot be meant (TypeError)
        InternalError    a bug of s2sad's own, with the IR that shows it

The message of a refusal is the rendered text of all its diagnostics, made when it is
raised, so that it still reads well after the exception has travelled to another
process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic


class S2sadError(Exception):
    """Root of everything that s2sad raises. The attributes describe the first
    diagnostic, or are None without one.
    """

    def __init__(
        self, message: str = "", diagnostics: tuple[Diagnostic, ...] = ()
    ) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0] if self.diagnostics else None
        place = first.place if first else None
        self.code: str | None = first.code if first else None
        self.hint: str | None = first.help if first else None
        self.filename: str | None = place.filename if place else None
        self.lineno: int | None = place.line if place else None
        self.col_offset: int | None = place.col if place else None

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.diagnostics)


class Unsupported(S2sadError, NotImplementedError):
    """The program, or a value given to it, uses what is not differentiated."""


class StaleSource(Unsupported):
    """The text on disk is no longer the text that the function was compiled from."""


class NoRule(S2sadError, NotImplementedError):
    """A library function stands in the way of the derivative and no rule says what its
    derivative is.
    """


class NotScalar(S2sadError, TypeError):
    """A gradient was asked of a function whose result is not one real number."""


class Misuse(S2sadError, TypeError):
    """An operator such as `grad` was called with arguments that contradict each other
    or the function.
    """


class InternalError(S2sadError):
    """A bug of s2sad, not of the user's program. `ir` is the printed function in which
    it showed, if there was one.
    """

    def __init__(self, message: str = "", ir: str | None = None) -> None:
        self.reason = message
        self.ir = ir
        text = f"this is a bug of s2sad, not of your program: {message}"
        super().__init__(f"{text}\n\n{ir}" if ir else text)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.reason, self.ir)


class S2sadWarning(UserWarning):
    """Something that is right but may surprise: the text has the shape of a diagnostic,
    with its place.
    """


# Tracebacks print the module of a class: name the door that users import from.
for _class in (
    S2sadError,
    Unsupported,
    StaleSource,
    NoRule,
    NotScalar,
    Misuse,
    InternalError,
    S2sadWarning,
):
    _class.__module__ = "s2sad.errors"
del _class
