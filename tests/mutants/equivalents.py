"""Mutants that compute the same as the product, and why: nobody can kill them."""

from __future__ import annotations

from tests.mutants.faults import Fault, bytes_of

# (file, what the line says, the kind of fault) -> why it makes no difference
SAME: dict[tuple[str, str, str], str] = {}


def reason(fault: Fault) -> str | None:
    line = bytes_of(fault.path).splitlines()[fault.line - 1].decode()
    file = fault.path.removeprefix("s2sad/")
    for (path, says, kind), why in SAME.items():
        if path == file and kind == fault.kind and says in line:
            return why
    return None
