"""What is true of each primitive: kinds, values and derivatives, stated once.

TABLE["sin"]                 the primitive
lookup(np.sin)               the primitive of a library object, or None
method(kind, "sum")          the primitive of an array method
attribute(kind, "T")         the primitive of an array attribute
operator("a + b")            the primitive of an operator
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from s2sad.ir.kinds import Array, Kind, Scalar, is_python_scalar
from s2sad.rules import (  # noqa: F401 (each registers its primitives)
    appending,
    arithmetic,
    builtins,
    choices,
    compare,
    creation,
    curves,
    draws,
    effects,
    einsum,
    elementary,
    elements,
    factorisations,
    grids,
    joining,
    least_squares,
    linalg,
    making,
    more,
    order,
    parting,
    products,
    reductions,
    scans,
    sequences,
    shape,
    special,
    spectra,
    statistics,
    streams,
    structural,
    tables,
    tapes,
    updates,
)
from s2sad.rules.primitive import Adjoints, Primitive
from s2sad.rules.registry import (
    ATTRIBUTES,
    METHODS,
    OPERATORS,
    PRIMITIVES,
    BadArguments,
    known_by,
    objects,
)
from s2sad.rules.verbs import (
    bilinear,
    custom,
    flat,
    linear,
    smooth,
)

TABLE: Mapping[str, Primitive] = PRIMITIVES


def lookup(obj: object) -> Primitive | None:
    """The primitive that a library function is, if it is one."""
    found = objects().get(known_by(obj))
    if found is None:
        return None
    _, primitive, library = found
    return _spelled(primitive, library)


@lru_cache(maxsize=1024)
def _spelled(primitive: Primitive, library: str) -> Primitive:
    # spellings of one primitive differ in what they return: `math.sin` gives Python
    # floats and raises, `np.add` gives NumPy scalars where `+` does not
    own = {"builtins": "py", "operator": ""}.get(library, library)
    return primitive if own == primitive.library else primitive.spelled(lib=own)


def method(kind: Kind, name: str) -> Primitive | None:
    """The primitive that `x.name(...)` calls for an array or NumPy scalar `x`."""
    if name in ATTRIBUTES or not _is_numpy(kind):
        return None
    return METHODS.get(name)


def attribute(kind: Kind, name: str) -> Primitive | None:
    """The primitive that reads `x.name` of an array or NumPy scalar `x`."""
    if name not in ATTRIBUTES or not _is_numpy(kind):
        return None
    return METHODS.get(name)


def operator(spelling: str) -> Primitive | None:
    """The primitive of an operator: `"a + b"`, `"-a"`, `"not a"`."""
    return OPERATORS.get(spelling)


def _is_numpy(kind: Kind) -> bool:
    return isinstance(kind, Array) or (
        isinstance(kind, Scalar) and not is_python_scalar(kind)
    )


__all__ = [
    "TABLE",
    "Adjoints",
    "BadArguments",
    "Primitive",
    "attribute",
    "bilinear",
    "custom",
    "flat",
    "linear",
    "lookup",
    "method",
    "operator",
    "smooth",
]
