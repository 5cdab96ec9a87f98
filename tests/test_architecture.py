"""The map of the project lists every file, with the first sentence of the file itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "s2sad"
MAP = PACKAGE / "ARCHITECTURE.md"
LISTING = re.compile(r"(<!-- files: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def sentence(path: Path) -> str:
    """The first sentence of a file's docstring, on one line."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first = " ".join(doc.split("\n\n")[0].split())
    end = re.search(r"[.:](?= [A-Z`]|$)", first)
    return (first[: end.start()] if end else first).rstrip(".:") + "."


def listing(room: str) -> str:
    files = sorted((PACKAGE / room).rglob("*.py"))
    return "".join(
        f"- `{path.relative_to(PACKAGE).as_posix()}`: {sentence(path)}\n"
        for path in files
    )


def test_every_file_is_on_the_map(bless):
    written = LISTING.sub(
        lambda found: found[1] + listing(found[2]) + found[3],
        MAP.read_text(encoding="utf-8"),
    )
    bless(MAP, written)


def test_every_room_is_on_the_map():
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == {room for _, room, _ in LISTING.findall(MAP.read_text())}
