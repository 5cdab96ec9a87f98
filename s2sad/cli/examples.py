"""`s2sad examples [NAME]`: what is bundled, or the text of one."""

from __future__ import annotations

import argparse
import ast
import difflib
import os
from pathlib import Path

from s2sad.cli.streams import Streams
from s2sad.cli.targets import TargetError, examples_folder


def run(args: argparse.Namespace, out: Streams) -> int:
    folder = examples_folder()
    if folder is None:
        raise TargetError(
            "the examples are not installed; they are in the source checkout"
        )
    files = sorted(each for each in folder.iterdir() if _is_example(each))
    if args.name is not None:
        return _print(find(args.name, files), out)
    rows = [
        {"name": file.name, "path": os.path.relpath(file), "title": title(file)}
        for file in files
    ]
    if out.as_json:
        out.data("examples", folder=str(folder), examples=rows)
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        out.text(f"{row['name'].ljust(width)}  {row['title']}")
    return 0


def _is_example(path: Path) -> bool:
    return path.suffix in (".md", ".py") and path.name not in (
        "conftest.py",
        "__init__.py",
    )


def find(name: str, files: list[Path]) -> Path:
    """An example by name, stem, number or the words after the number."""
    for file in files:
        words = {file.name, file.stem, file.stem.partition("_")[0], file.stem[3:]}
        if name in words:
            return file
    close = difflib.get_close_matches(name, [file.stem for file in files], 3, 0.4)
    hint = f"; near it: {', '.join(close)}" if close else ""
    raise TargetError(f"no example {name!r}{hint} (`s2sad examples` lists them)")


def title(file: Path) -> str:
    """A page's heading, or the first line of a module's docstring."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        lines = [line for line in text.splitlines() if line.startswith("# ")]
        return lines[0][2:] if lines else ""
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def _print(file: Path, out: Streams) -> int:
    text = file.read_text(encoding="utf-8")
    if out.as_json:
        out.data("examples", name=file.name, title=title(file), text=text)
    else:
        out.code(text, "markdown" if file.suffix == ".md" else "python")
    return 0
