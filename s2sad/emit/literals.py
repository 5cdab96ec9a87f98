"""Literals as text: numbers and strings in the one form that formatters leave alone."""

from __future__ import annotations

import math
import re

import numpy as np

NUMBER = re.compile(r"(\d[\d_]*)?\.?[\d_]*([eE][-+]?\d+)?[jJ]?")


def number_text(text: str) -> str:
    """As formatters have it: `1E5` -> `1e5`, `1.` -> `1.0`, `0XFF` -> `0xFF`."""
    if text[:2] in ("0x", "0X"):
        return "0x" + text[2:].upper()
    low = text.lower()
    if low[:2] in ("0b", "0o"):
        return low
    mantissa, mark, exponent = low.partition("e")
    tail = "j" if mantissa.endswith("j") else ""
    mantissa = mantissa.removesuffix("j")
    if mantissa.endswith("."):
        mantissa += "0"
    if mantissa.startswith("."):
        mantissa = "0" + mantissa
    return mantissa + tail + mark + exponent.replace("+", "")


def string_text(value: str | bytes) -> str:
    """In double quotes, unless that costs a backslash."""
    plain = repr(value)
    prefix = "b" if isinstance(value, bytes) else ""
    body = plain[len(prefix) :]
    if body[0] == '"' or '"' in body:
        return plain
    return prefix + '"' + body[1:-1] + '"'


def plain_text(value: object) -> str | None:
    """The text of a literal, or None if it has none of its own (inf, nan, objects)."""
    if value is None or value is Ellipsis:
        return "..." if value is Ellipsis else "None"
    if isinstance(value, (bool, int)) and type(value) in (bool, int):
        return repr(value)
    if type(value) is float:
        return number_text(repr(value)) if math.isfinite(value) else None
    if type(value) is complex:
        return (
            number_text(repr(value))
            if value.real == 0 and math.isfinite(value.imag)
            else None
        )
    if isinstance(value, (str, bytes)) and type(value) in (str, bytes):
        return string_text(value)
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        items = [plain_text(item) for item in value]
        if any(item is None for item in items):
            return None
        inner = ", ".join(item for item in items if item is not None)
        if type(value) is list:
            return f"[{inner}]"
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    if type(value) is slice:
        parts = [plain_text(p) for p in (value.start, value.stop, value.step)]
        return None if None in parts else f"slice({', '.join(p for p in parts if p)})"
    return None


def numpy_name(value: object) -> str | None:
    """`float32` for `np.float32` and `np.dtype("float32")`: what follows `np.`."""
    if isinstance(value, np.dtype):
        return str(value.type.__name__) if value.isbuiltin == 1 else None
    if isinstance(value, type) and issubclass(value, np.generic):
        name: str = value.__name__
        return name if getattr(np, name, None) is value else None
    return None
