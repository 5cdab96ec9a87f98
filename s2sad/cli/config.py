"""`[tool.s2sad]` in the nearest `pyproject.toml`: defaults that the command line beats.

[tool.s2sad]
color = "never"
optimize = 1
seconds = 30
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import Any

# key -> type, and what it may be if not everything
KEYS: dict[str, tuple[type, tuple[object, ...]]] = {
    "color": (str, ("auto", "always", "never")),
    "mode": (str, ("grad", "vjp", "jvp", "split")),
    "optimize": (int, (0, 1, 2)),
    "points": (int, ()),
    "prove": (bool, ()),
    "seconds": (float, ()),
    "target": (str, ("python", "numba", "module")),
}
ATTRIBUTES = {"target": "writer"}  # what the parser calls it


class ConfigError(Exception):
    """`[tool.s2sad]` says something that is not understood."""


def settings(start: Path | None = None) -> dict[str, Any]:
    """Parsed names and their configured values."""
    path = find(start or Path.cwd())
    if path is None:
        return {}
    table = read(path)
    return {ATTRIBUTES.get(key, key): _checked(path, key, table[key]) for key in table}


def find(folder: Path) -> Path | None:
    """The nearest `pyproject.toml`, from this folder upwards."""
    for each in (folder, *folder.parents):
        path = each / "pyproject.toml"
        if path.is_file():
            return path
    return None


def read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if "s2sad" not in text:  # most projects say nothing: spare them the parser
        return {}
    try:
        table = tomllib.loads(text).get("tool", {}).get("s2sad", {})
    except (tomllib.TOMLDecodeError, AttributeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.s2sad] is a table, not {table!r}")
    return table


def _checked(path: Path, key: str, value: Any) -> Any:
    if key not in KEYS:
        close = difflib.get_close_matches(key, KEYS, 1)
        known = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(KEYS)}"
        raise ConfigError(f"{path}: [tool.s2sad] has no key `{key}`; {known}")
    kind, choices = KEYS[key]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ConfigError(
            f"{path}: [tool.s2sad] {key} is a {kind.__name__}, not {value!r}"
        )
    if choices and value not in choices:
        close = difflib.get_close_matches(str(value), map(str, choices), 1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        words = ", ".join(map(repr, choices))
        raise ConfigError(
            f"{path}: [tool.s2sad] {key} is one of {words}, not {value!r}{hint}"
        )
    return value
