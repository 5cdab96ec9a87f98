"""Arguments that cannot be computed with: what they are, and what to pass instead.

Objects of other libraries compute in their own way; each kind is told with the
conversion to write. Nothing is imported to find out: a class says where it comes from.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

from s2sad.ir.kinds import Array, Kind, Object, Scalar, Static
from s2sad.syntax.frame import Frame
from s2sad.syntax.read import Reading
from s2sad.syntax.values import BAD

FRAMEWORKS = {
    "torch": "{name}.detach().cpu().numpy()",
    "tensorflow": "{name}.numpy()",
    "jax": "np.asarray({name})",
    "jaxlib": "np.asarray({name})",
    "cupy": "{name}.get()",
    "mxnet": "{name}.asnumpy()",
}
UNITS = {
    "pint": "{name}.magnitude",
    "astropy": "{name}.value",
    "unyt": "{name}.value",
    "quantities": "{name}.magnitude",
}
FRAMES = ("pandas", "polars", "modin")
NUMBERS = ("decimal", "fractions", "gmpy2", "mpmath")


def refuse_inputs(f: Frame, kinds: dict[str, Kind], reading: Reading) -> None:
    """Complain of parameters whose argument is nothing that can be computed with."""
    spec = reading.node.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    for arg in named:
        found = complaint(kinds.get(arg.arg), arg.arg)
        if found is not None:
            code, fields = found
            f.refuse(code, place_of(arg), name=arg.arg, **fields)
            f.state.env[arg.arg] = BAD


def place_of(arg: ast.arg) -> ast.AST:
    """The name of a parameter, without its annotation."""
    place = ast.copy_location(ast.Name(arg.arg, ast.Load()), arg)
    place.end_lineno = arg.lineno
    place.end_col_offset = arg.col_offset + len(arg.arg.encode())
    return place


def complaint(kind: Kind | None, name: str) -> tuple[str, dict[str, Any]] | None:
    """The row that refuses an argument of this kind, and its fields."""
    if isinstance(kind, (Scalar, Array)):
        if kind.dtype.startswith("complex"):
            return "complex", {}
        return ("object-dtype", {}) if kind.dtype == "object" else None
    if isinstance(kind, Static):
        cls = type(kind.value)
    elif isinstance(kind, Object):
        cls = kind.cls
    else:
        return None
    return of_class(cls, name)


def of_class(cls: type, name: str) -> tuple[str, dict[str, Any]] | None:
    for each in cls.__mro__:
        home = (getattr(each, "__module__", None) or "").split(".")
        shown = {"type": cls.__name__}
        if home[0] in FRAMES:
            return "pandas", shown
        if home[0] in UNITS:
            return "units", {**shown, "convert": UNITS[home[0]].format(name=name)}
        words = cls.__name__.lower()
        if home[0] in FRAMEWORKS and ("array" in words or "tensor" in words):
            convert = FRAMEWORKS[home[0]].format(name=name)
            return "torch", {**shown, "convert": convert}
        if home[:2] == ["scipy", "sparse"] or home[0] == "sparse":
            return "sparse", {}
        if home[:2] == ["numpy", "ma"] and "array" in words:
            return "masked", {}
        if home[0] in NUMBERS:
            return "number-type", shown
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(cls, numpy.ndarray):
        return "array-subclass", {"type": cls.__name__}
    return None
