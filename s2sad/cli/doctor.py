"""`s2sad doctor`: what s2sad finds on this machine, and what that means."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import sys
from typing import Any

from s2sad._version import __version__
from s2sad.cli.streams import Streams
from s2sad.cli.targets import examples_folder

NEEDED = {"libcst": "1.5", "numpy": "1.26", "sympy": "1.12", "rich": "13"}
OPTIONAL = {
    "numba": "compiled derivatives",
    "scipy": "rules for scipy.special",
    "matplotlib": "plots",
}


def run(args: argparse.Namespace, out: Streams) -> int:
    rows = [
        _python(),
        *map(_needed, NEEDED),
        *map(_optional, OPTIONAL),
        _cache(),
        _examples(),
    ]
    wrong = [row for row in rows if row["state"] == "wrong"]
    if out.as_json:
        out.data("doctor", ok=not wrong, checks=rows)
        return 1 if wrong else 0
    width = max(len(row["what"]) for row in rows)
    for row in rows:
        mark = {"ok": "ok   ", "wrong": "WRONG", "note": "note "}[row["state"]]
        out.text(f"{mark}  {row['what'].ljust(width)}  {row['found']}")
    return 1 if wrong else 0


def _row(what: str, state: str, found: str) -> dict[str, Any]:
    return {"what": what, "state": state, "found": found}


def _python() -> dict[str, Any]:
    found = f"{platform.python_implementation()} {platform.python_version()}"
    state = "ok" if sys.version_info >= (3, 10) else "wrong"
    return _row("python", state, f"{found} ({sys.executable}), s2sad {__version__}")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _needed(name: str) -> dict[str, Any]:
    version, least = _version(name), NEEDED[name]
    if version is None:
        return _row(name, "wrong", f"missing: pip install '{name}>={least}'")
    if _numbers(version) < _numbers(least):
        return _row(name, "wrong", f"{version}, but {least} or newer is needed")
    return _row(name, "ok", version)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in parts)


def _optional(name: str) -> dict[str, Any]:
    version = _version(name)
    if version is None:
        return _row(name, "note", f"not installed; it serves {OPTIONAL[name]}")
    return _row(name, "ok", version)


def _cache() -> dict[str, Any]:
    from s2sad.load import cache

    found = cache.info()
    if found["usable"]:
        return _row("cache", "ok", f"{found['folder']}, {found['entries']} entries")
    return _row("cache", "note", f"not used: {found['why']}; each process derives anew")


def _examples() -> dict[str, Any]:
    folder = examples_folder()
    if folder is None:
        return _row(
            "examples", "note", "not installed; they are in the source checkout"
        )
    return _row("examples", "ok", str(folder))
