"""Filling the templates of the rows with what a caller of `refuse` knows."""

from __future__ import annotations

from string import Formatter
from typing import Any

# Fields that name the thing complained of: where one is missing another will do.
SUBJECTS = ("name", "what", "function")


class _Lenient(Formatter):
    """A field that a caller forgot reads "...".

    A complaint with a gap is better than a KeyError about the complaint.
    """

    def get_value(self, key: Any, args: Any, kwargs: Any) -> Any:
        if key in kwargs:
            return kwargs[key]
        others = SUBJECTS if key in SUBJECTS else ()
        return next((kwargs[each] for each in others if each in kwargs), "...")


def filled(template: str, fields: dict[str, Any]) -> str:
    return _Lenient().vformat(template, (), fields) if template else ""
