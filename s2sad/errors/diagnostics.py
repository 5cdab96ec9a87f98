"""What a complaint is made of, and the two verbs that make one: `refuse` builds it,
`raise_all` raises several as one.

The words of a complaint are not here: they stand in the rows of `table.py`. A caller
gives the row's short name, the place, and the fields that the row's templates name:

    also = [(other_place, "`y` is `a` or `b` here")]
    found.append(refuse("which-array", place, also, name="y"))
    ...
    if found:
        raise_all(found)
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from .exceptions import InternalError, S2sadWarning
from .table import row_of


class Place(NamedTuple):
    """A stretch of the user's file: lines count from 1, columns from 0 and in
    characters; the end is exclusive.
    """

    filename: str
    line: int
    col: int = 0
    end_line: int | None = None
    end_col: int | None = None

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}:{self.col + 1}"


class Label(NamedTuple):
    """A place and what is to be said of it."""

    place: Place
    text: str = ""


@dataclass(frozen=True)
class Diagnostic:
    """One complaint. The first label is the primary one; a complaint about no place in
    particular has no labels.
    """

    code: str
    message: str
    labels: tuple[Label, ...] = ()
    help: str = ""

    @property
    def place(self) -> Place | None:
        return self.labels[0].place if self.labels else None

    @property
    def severity(self) -> str:
        from .rows import CODES

        row = CODES.get(self.code)
        return row.severity if row else "error"

    def __str__(self) -> str:
        from .render import render  # render imports this file

        return render(self)


def refuse(
    code: str,
    place: Place | None = None,
    also: Iterable[Label | tuple[Place, str]] = (),
    *,
    label: str | None = None,
    help: str | None = None,
    **fields: Any,
) -> Diagnostic:
    """The diagnostic of the row `code` (a number such as "S2S012" or a short name such
    as "which-array").

    `also` adds secondary labels; `fields` fill the row's templates; `label` and `help`
    replace the row's own words where a caller knows better ones for this very case.
    Nothing is raised.
    """
    from .filling import filled  # only who complains has templates to fill

    row = row_of(code)
    labels = (
        []
        if place is None
        else [Label(place, filled(row.label if label is None else label, fields))]
    )
    for extra in also:
        extra = extra if isinstance(extra, Label) else Label(*extra)
        if extra.place is not None:
            labels.append(extra)
    return Diagnostic(
        code=row.code,
        message=filled(row.message, fields),
        labels=tuple(labels),
        help=filled(row.help if help is None else help, fields),
    )


def raise_all(diagnostics: Iterable[Diagnostic]) -> NoReturn:
    """Raise one exception that tells every diagnostic once; its class is that of the
    first one's row.
    """
    from .render import render  # render imports this file

    several = tuple(dict.fromkeys(diagnostics))
    if not several:
        raise InternalError("raise_all was called without a diagnostic")
    text = "\n\n".join(render(each) for each in several)
    if len(several) > 1:
        text += f"\n\n{len(several)} problems in all"
    raise row_of(several[0].code).kind(text, several)


def warn_all(diagnostics: Iterable[Diagnostic]) -> None:
    """Warn once per diagnostic, at the user's own line (so that Python's filters by
    module and line work).
    """
    for each in dict.fromkeys(diagnostics):
        place = each.place
        if place is None:
            warnings.warn(S2sadWarning(str(each)), stacklevel=2)
        else:
            warnings.warn_explicit(
                S2sadWarning(str(each)), None, place.filename, place.line
            )


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as plain data; columns count from 0 and in characters, as in
    `Place`.
    """
    row = row_of(diagnostic.code)
    return {
        "code": diagnostic.code,
        "name": row.name,
        "severity": diagnostic.severity,
        "class": row.kind.__name__,
        "message": diagnostic.message,
        "labels": [
            {
                "filename": label.place.filename,
                "line": label.place.line,
                "col": label.place.col,
                "end_line": label.place.end_line,
                "end_col": label.place.end_col,
                "text": label.text,
                "primary": index == 0,
            }
            for index, label in enumerate(diagnostic.labels)
        ],
        "help": diagnostic.help,
        "more": f"s2sad explain {diagnostic.code}",
    }
