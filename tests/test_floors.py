"""Each file imports its own room and rooms on floors below it, and nothing else.

The floors are those of `s2sad/ARCHITECTURE.md`.  Imports inside functions count:
they are about when a module is loaded, not about who may know of whom.  What only
a type checker sees (`if TYPE_CHECKING`) does not.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "s2sad"

FLOORS = {
    "api": 6, "cli": 6, "views": 6,
    "load": 5, "proof": 5,
    "syntax": 4, "emit": 4,
    "ad": 3, "opt": 3,
    "analysis": 2,
    "rules": 1,
    "ir": 0,
}  # fmt: skip

# The ground that every room stands on; it imports nothing of s2sad's.
GROUND = {"errors", "_version"}

# Doors may open on one another: the command line calls the operators, and these know
# nothing of it.
DOORS = {("cli", "api")}

# The front of the house: it points at the doors.
FRONT = {"__init__", "__main__"}

FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def may_import(room, other):
    if room == other or room in FRONT:
        return True
    if other in GROUND or room in GROUND:
        return other in GROUND and room not in GROUND
    if (room, other) in DOORS:
        return True
    return FLOORS[other] < FLOORS[room]


def imports(path):
    """(line, dotted name) of each import of something of s2sad's."""
    package = ("s2sad", *path.relative_to(PACKAGE).parts[:-1])
    waiting = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        waiting.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "s2sad":
                yield node.lineno, name


@pytest.mark.parametrize(
    "path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES]
)
def test_imports_go_down(path):
    room = room_of(path)
    assert room in {*FLOORS, *GROUND, *FRONT}, f"{room} has no floor"
    wrong = []
    for line, name in imports(path):
        other = (name.split(".") + [""])[1]
        if other == "__version__":
            other = "_version"
        if other not in {*FLOORS, *GROUND}:
            wrong.append(f"{path}:{line}: {name}: the package itself is above all")
        elif not may_import(room, other):
            wrong.append(f"{path}:{line}: {room} may not import {name}")
    assert not wrong, "\n".join(wrong)


def test_every_room_has_a_floor():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert rooms - {"__pycache__"} <= {*FLOORS, *GROUND}


def test_what_an_import_costs():
    """`import s2sad` loads no library that only some operations need."""
    code = "import s2sad, sys; print(*{m.split('.')[0] for m in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert not loaded & {"libcst", "sympy", "rich", "numpy", "scipy"}


def test_what_the_operators_cost():
    """Nor do the operators load what only a complaint or a call needs."""
    code = "from s2sad import grad; import sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    of_ours = {m.partition(".")[2] for m in run.stdout.split() if m[:6] == "s2sad."}
    assert not of_ours & {"errors.rows", "ir.kinds", "ir.nodes", "load.cache", "rules"}


def test_no_file_imports_the_slow_matchers():
    """`libcst.matchers` takes longer to load than all the rest of libcst."""
    slow = re.compile(r"^\s*(from|import)\b.*\blibcst\b.*\bmatchers\b", re.MULTILINE)
    assert not [p for p in FILES if slow.search(p.read_text(encoding="utf-8"))]
