"""The table of codes: one row per thing that is refused or warned of, and everything
there is to say about it.

The rows stand in the files `rows_*.py`, by subject; `rows.py` puts them together. A
code never changes its meaning and is never used again; a new row takes the next free
number of its range:

    S2S001-029  names and stores    S2S030-069  statements and expressions
    S2S070-079  source              S2S080-109  inputs
    S2S110-139  calls and rules     S2S140-169  results and `wrt`
    S2S200-229  warnings
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from .exceptions import InternalError, S2sadError


@dataclass(frozen=True)
class Row:
    """One code. `message`, `label` and `help` are templates of `refuse`'s fields; the
    rest is for `s2sad explain`.
    """

    code: str  # S2S012
    name: str  # which-array: what the callers of `refuse` write
    kind: type[S2sadError]  # the class that is raised
    title: str  # a heading
    message: str  # the first line of the diagnostic
    help: str  # what to write instead
    why: str  # a paragraph: the reason
    before: str  # a program that is refused ...
    after: str  # ... and one that means the same and is not
    label: str = ""  # said under the primary caret
    severity: str = "error"


def row_of(code: str) -> Row:
    """The row of a code ("S2S012") or of a short name ("which-array")."""
    from .rows import CODES, NAMES  # many, and each is made with this file

    row = CODES.get(code) or NAMES.get(code.replace("_", "-"))
    if row is None:
        raise InternalError(f"no row for the code {code!r}")
    return row


def code(
    number: str,
    name: str,
    kind: type[S2sadError],
    title: str,
    message: str,
    *,
    severity: str = "error",
    **texts: str,
) -> Row:
    """A row written as source: sentences are joined, examples are dedented."""
    for key, text in texts.items():
        if key in ("before", "after"):
            texts[key] = textwrap.dedent(text).strip()
        else:
            texts[key] = " ".join(text.split())
    message = " ".join(message.split())
    return Row(number, name, kind, title, message, severity=severity, **texts)


def explain(code: str) -> str:
    """What `s2sad explain CODE` prints: Markdown with the reason, a program that is
    refused, and one that is not.
    """
    row = row_of(code)
    what = row.kind.__name__ if row.severity == "error" else "S2sadWarning"
    parts = [
        f"## {row.code}: {row.title}",
        f"`{what}`, `{row.name}`. {row.why}",
        f"Before:\n\n```python\n{row.before}\n```",
        f"After:\n\n```python\n{row.after}\n```",
    ]
    return "\n\n".join(parts) + "\n"
