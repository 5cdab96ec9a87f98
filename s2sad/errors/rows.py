"""All rows, by code and by name: loaded by the first complaint, since a program that
nobody complains of needs none of them.
"""

from __future__ import annotations

from . import (
    rows_calls,
    rows_inputs,
    rows_results,
    rows_source,
    rows_statements,
    rows_stores,
    rows_warnings,
)
from .exceptions import InternalError
from .table import Row

ROWS: tuple[Row, ...] = (
    *rows_stores.ROWS,
    *rows_statements.ROWS,
    *rows_source.ROWS,
    *rows_inputs.ROWS,
    *rows_calls.ROWS,
    *rows_results.ROWS,
    *rows_warnings.ROWS,
)
CODES: dict[str, Row] = {}
NAMES: dict[str, Row] = {}

for _row in ROWS:  # a code or name given twice is a mistake of ours
    if _row.code in CODES or _row.name in NAMES:
        raise InternalError(f"two rows for {_row.code} {_row.name}")
    CODES[_row.code] = NAMES[_row.name] = _row
