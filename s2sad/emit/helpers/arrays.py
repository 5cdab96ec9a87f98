"""A helper of the emitter's own; it uses `np` and nothing of ours."""

from __future__ import annotations

import numpy as np


def fresh(value):
    """A copy that shares no array, list or dict with `value`."""
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(fresh, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value))
    return value.copy() if isinstance(value, np.ndarray) else value
