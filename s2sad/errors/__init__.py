"""How to complain: the one place that makes errors (a room of floor 0; it imports
nothing but the standard library).
"""

from typing import TYPE_CHECKING

from .diagnostics import Diagnostic, Label, Place, raise_all, refuse, to_json, warn_all
from .exceptions import (
    InternalError,
    Misuse,
    NoRule,
    NotScalar,
    S2sadError,
    S2sadWarning,
    StaleSource,
    Unsupported,
)
from .render import render
from .table import Row, explain, row_of

if TYPE_CHECKING:
    from .rows import CODES, NAMES

__all__ = [
    "CODES",
    "NAMES",
    "Diagnostic",
    "InternalError",
    "Label",
    "Misuse",
    "NoRule",
    "NotScalar",
    "Place",
    "Row",
    "S2sadError",
    "S2sadWarning",
    "StaleSource",
    "Unsupported",
    "explain",
    "raise_all",
    "refuse",
    "render",
    "row_of",
    "to_json",
    "warn_all",
]


def __getattr__(name: str) -> object:
    if name in ("CODES", "NAMES"):
        from . import rows

        return getattr(rows, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
