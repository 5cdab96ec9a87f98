"""Helpers on arrays. Each is whole in itself: it uses `np` and nothing of ours."""

from __future__ import annotations

import numpy as np


def unbroadcast(x_bar, x):
    """The adjoint `x_bar` of a broadcast `x`, summed to the shape of `x`."""
    shape = np.shape(x)
    if np.shape(x_bar) == shape:
        return x_bar
    extra = np.ndim(x_bar) - len(shape)
    if extra > 0:
        x_bar = np.sum(x_bar, axis=tuple(range(extra)))
    ones = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(x_bar)[i] != 1)
    if ones:
        x_bar = np.sum(x_bar, axis=ones, keepdims=True)
    return x_bar if np.shape(x_bar) == shape else np.broadcast_to(x_bar, shape).copy()


def fresh(value):
    """A copy that shares no array, list or dict with `value`."""
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(fresh, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value))
    return value.copy() if isinstance(value, np.ndarray) else value
