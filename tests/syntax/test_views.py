"""Everything that may give a view of an array, and a write to either of the two.

NumPy decides what is a view. A program that writes through one, or reads one after its
base was written, computes what Python computes, or is refused; it is never followed as
if the two were apart.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from lowering import agrees

from s2sad.errors import S2sadError
from tests.properties.examine import defined

MADE = """
m.T | m.T.T | m.T[0] | m.T.reshape(-1) | m.transpose() | np.transpose(m)
m.swapaxes(0, 1) | np.swapaxes(m, 0, 1) | np.moveaxis(m, 0, 1) | np.rollaxis(m, 1)
m.reshape(-1) | m.reshape(3, 2) | np.reshape(m, (3, 2)) | m.ravel() | np.ravel(m)
m[...] | m[:] | m[1] | m[:, 1] | m[::-1] | m[:, ::2] | m[1:][0] | m[0].T[1:]
m[..., None] | m[..., None][..., 0] | m[None][0] | np.expand_dims(m, 0)
np.expand_dims(m, 0)[0] | np.squeeze(m[None]) | m.squeeze() | m.view() | m.real
np.asarray(m) | np.asarray(m)[0] | np.array(m, copy=False) | np.ascontiguousarray(m)
np.array(m, copy=None) | np.array(m, dtype=float, copy=None) | np.array(m, copy=None)[0]
np.ascontiguousarray(m.T) | np.ascontiguousarray(m[:, ::2]) | np.ascontiguousarray(m[1:])
np.atleast_1d(m) | np.atleast_2d(m) | np.atleast_3d(m) | m.astype(float, copy=False)
m.diagonal() | np.diagonal(m) | np.diag(m) | np.diag(m[0])
np.broadcast_to(m, (2, 2, 3)) | np.broadcast_to(m, (2, 2, 3))[0]
np.broadcast_arrays(m, m)[0] | np.flip(m) | np.flipud(m) | np.fliplr(m) | np.rot90(m)
np.split(m, 2)[0] | np.split(m, 2)[1][0] | np.array_split(m, 2)[0] | np.vsplit(m, 2)[1]
np.hsplit(m, 3)[1] | m.flat | np.nan_to_num(m, copy=False) | m.take([0, 1])
m[[0, 1]] | m[m > 0.1] | m.copy() | m.flatten() | np.array(m) | np.array(m, copy=True)
+m | np.positive(m) | np.tril(m) | np.stack([m, m])[0] | np.concatenate([m, m])
np.where(m > 0.1, m, m) | np.sort(m) | np.roll(m, 1) | np.squeeze(m)
next(iter(m)) | list(m)[0] | tuple(m)[1] | [r for r in m][1] | list(zip(m, m))[0][1]
list(enumerate(m))[0][1] | list(reversed(m))[0] | list(m.T)[0] | (m, m[0])[1]
{"a": m}["a"] | dict(a=m)["a"] | [m, m][0] | (lambda q: q)(m) | (lambda q: q[0])(m)
(lambda q: q.T)(m) | m if x > 1.0 else m.copy() | m or x | x and m | (w := m)
max(m[0], m[1], key=lambda r: r[0]) | m.item(0)
m[0, 0] | float(m[0, 0]) | m.tolist()[0]
"""

WRITTEN = {
    "base": "v = VIEW\nm[:] = m * x\nm[0, 0] += x\nreturn np.sum(v) * x",
    "element": "v = VIEW\nv[0] = x\nreturn m",
    "whole": "v = VIEW\nv *= x\nreturn m",
    "base in a loop": "s = 0.0\nfor w in VIEW:\n    m *= x\n    s += np.sum(w)\nreturn s",
    "item in a loop": "for w in VIEW:\n    w *= x\nreturn m",
    "in a container": 'd = {"v": VIEW}\nm[0] = x\nd["v"] += x\nreturn m',
}


VIEWS = [view for line in MADE.strip().split("\n") for view in line.split(" | ")]


@pytest.mark.parametrize("view", VIEWS)
def test_view(view):
    for body in WRITTEN.values():
        lines = body.replace("VIEW", view).split("\n")
        lines = [
            "import numpy as np",
            "def program(x, m):",
            *(f"    {line}" for line in lines),
        ]
        program = defined("\n".join(lines))
        arguments = 1.3, np.array([[0.31, -0.62, 0.85], [-0.43, 0.77, 0.28]])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                program(arguments[0], arguments[1].copy())
            except Exception:
                continue  # not a thing to write into, or not in this NumPy
            try:
                agrees(program, *(np.copy(a) if np.ndim(a) else a for a in arguments))
            except S2sadError:
                continue


ROWS_OF = """
np.outer(v, v) * 2.0 | np.sin(np.outer(v, v) + np.ones((3, 3))) | -np.outer(v, v)
np.outer(v, v).T * 2.0 | np.outer(v, v) + np.outer(v, v).T | np.zeros((3, 3)) + v
np.outer(v, v) * v[:, None] | np.ones((3, 1)) * np.ones((1, 3)) * x
np.ones((1, 3)).T * np.ones((3, 1)).T * x | np.add(np.outer(v, v), 1.0)
(np.outer(v, v) * 2.0)[::-1] * x | np.asfortranarray(np.outer(v, v)) * x
np.maximum(np.outer(v, v), x) | np.outer(v, v) ** 2 / np.outer(v, 1.0 + v * v)
"""
SPELT = [each for line in ROWS_OF.strip().split("\n") for each in line.split(" | ")]
FOLLOWED = {SPELT[k] for k in (0, 1, 2, 9, 12, 13)}


@pytest.mark.parametrize("made", SPELT)
@pytest.mark.parametrize("row", ["ravel()", "reshape(-1)", "reshape(9, 1)[:, 0]"])
def test_results_that_lie_in_one_piece(made, row):
    """What is computed element by element lies as its operands do."""
    lines = ["a = MADE", "r = a.ROW", "r[1] = r[0] * x", "a[2] += r[3]", "r *= a[0, 1]"]
    text = "\n    ".join(lines).replace("MADE", made).replace("ROW", row)
    program = defined(
        f"import numpy as np\ndef program(x, v):\n    {text}\n    return a * r[2]\n"
    )
    try:
        agrees(program, 1.3, np.array([0.31, -0.62, 0.85]))
    except S2sadError:
        assert made not in FOLLOWED


def carried_as_a_row(x, v):
    for i in range(2):
        v = (np.outer(v, v) @ v).ravel() * 1.0
        w = np.outer(v, v).reshape(-1)
        v = np.sin(v + x).reshape(-1)
    return v * w[1]


def carried_until(x, v):
    while v[0] < 2.0:
        v = (v + x * v).reshape(v.shape)
    return v


def carried_and_written(x, v):
    for i in range(2):
        v = (v * x + 1.0).ravel()
        v[1] *= x
    return v


def carried_in_a_branch(x, v):
    for i in range(3):
        if i > 0:
            v = np.cos(v).reshape(3)
    return v


@pytest.mark.parametrize(
    "f",
    [carried_as_a_row, carried_until, carried_and_written, carried_in_a_branch],
    ids=lambda f: f.__name__,
)
def test_views_of_what_a_trip_makes(f):
    """The next trip begins with a view: it is taken in the trip, not before the loop."""
    agrees(f, 1.3, np.array([0.31, -0.62, 0.85]))
