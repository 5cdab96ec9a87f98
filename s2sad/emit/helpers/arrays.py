"""A helper of the emitter's own; it uses `np` and nothing of ours."""

from __future__ import annotations

import numpy as np


def fresh(value):
    """A copy that shares no array, list, dict or object with `value`."""
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(fresh, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value))
    if isinstance(value, np.ndarray):
        return value.copy()
    if hasattr(value, "__dict__") and not callable(value):
        made = object.__new__(type(value))
        made.__dict__.update({key: fresh(item) for key, item in vars(value).items()})
        return made
    return value
