"""How to complain: the one place that makes errors (a room of floor 0; it imports
nothing but the standard library).
"""

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
from .rows_calls import ROWS as _calls
from .rows_inputs import ROWS as _inputs
from .rows_results import ROWS as _results
from .rows_source import ROWS as _source
from .rows_statements import ROWS as _statements
from .rows_stores import ROWS as _stores
from .rows_warnings import ROWS as _warnings
from .table import CODES, NAMES, Row, add_rows, explain, row_of

for _rows in (_stores, _statements, _source, _inputs, _calls, _results, _warnings):
    add_rows(_rows)

from .diagnostics import Diagnostic, Label, Place, raise_all, refuse, to_json, warn_all  # noqa: E402
from .render import render  # noqa: E402

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
