"""NumPy's functions that write into an array, as statements.

Each is lowered in the place of its call (see `array_writes.py`), as if the user had
written its body there.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def fill_diagonal(a: Any, val: Any) -> None:
    i = np.arange(min(a.shape))
    a[i, i] = val


def fill_diagonal_of_cube(a: Any, val: Any) -> None:
    i = np.arange(a.shape[0])
    a[i, i, i] = val


def fill_diagonal_again(a: Any, val: Any) -> None:
    i = np.arange(0, a.size, a.shape[1] + 1)
    a[i // a.shape[1], i % a.shape[1]] = val


def put(a: Any, ind: Any, v: Any) -> None:
    a[ind] = v


def put_along_rows(arr: Any, indices: Any, values: Any) -> None:
    arr[np.arange(arr.shape[0])[:, None], indices] = values


def put_along_columns(arr: Any, indices: Any, values: Any) -> None:
    arr[indices, np.arange(arr.shape[1])] = values


def at_each(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    for k in range(len(indices)):
        a[indices[k]] = ufunc(a[indices[k]], b[k])


def at_each_same(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    for k in range(len(indices)):
        a[indices[k]] = ufunc(a[indices[k]], b)


def at_each_alone(ufunc: Any, a: Any, indices: Any) -> None:
    for k in range(len(indices)):
        a[indices[k]] = ufunc(a[indices[k]])


def at_pairs(ufunc: Any, a: Any, i: Any, j: Any, b: Any) -> None:
    for k in range(len(i)):
        a[i[k], j[k]] = ufunc(a[i[k], j[k]], b[k])


def at_pairs_same(ufunc: Any, a: Any, i: Any, j: Any, b: Any) -> None:
    for k in range(len(i)):
        a[i[k], j[k]] = ufunc(a[i[k], j[k]], b)


def at_pairs_alone(ufunc: Any, a: Any, i: Any, j: Any) -> None:
    for k in range(len(i)):
        a[i[k], j[k]] = ufunc(a[i[k], j[k]])
