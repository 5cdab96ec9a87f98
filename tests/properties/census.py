"""How often each construct, IR node and primitive occurred."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from s2sad.ir.nodes import Op, Program
from s2sad.ir.walk import statements
from tests.properties.writer import ARRAYS, NUMBERS, STATEMENTS, WORDS

NODES = ("Op", "If", "For", "While", "Call")
TABLES = ("ends", "refusals", "nodes", "primitives", "constructs")


class Census:
    """Of the programs that were judged: what they are made of, and how they ended."""

    def __init__(self) -> None:
        self.constructs: Counter[str] = Counter()
        self.nodes: Counter[str] = Counter()
        self.primitives: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.seconds = 0.0

    def count(self, used: Counter[str], lowered: list[Program]) -> None:
        """One program that was judged, made of these constructs."""
        self.constructs += used
        for program in lowered[:1]:  # later ones are for other kinds of arguments
            for function in program.functions.values():
                for stmt in statements(function.body):
                    self.nodes[type(stmt).__name__] += 1
                    if isinstance(stmt, Op):
                        self.primitives[stmt.prim] += 1

    def rare(self, least: float) -> dict[str, int]:
        """What occurred less often: of all nodes, all forms and the texts they choose
        from, and all primitives that occurred at all.
        """
        words = [*NUMBERS, *ARRAYS, *STATEMENTS, *WORDS]
        counts = {name: self.constructs[name] for name in words}
        counts |= {name: self.nodes[name] for name in NODES}
        counts |= {f"primitive {k}": count for k, count in self.primitives.items()}
        rare = sorted((count, name) for name, count in counts.items() if count < least)
        return {name: count for count, name in rare}

    # ---- parts put together ----------------------------------------------------------

    def save(self, path: Path) -> None:
        found = {name: getattr(self, name) for name in TABLES}
        path.write_text(json.dumps({**found, "seconds": self.seconds}))

    @classmethod
    def together(cls, paths: Iterable[Path]) -> Census:
        total = cls()
        for path in paths:
            found = json.loads(path.read_text())
            total.seconds += found.pop("seconds")
            for name, counts in found.items():
                getattr(total, name).update(counts)
        return total

    def share(self, end: str) -> float:
        """Of all programs, the part that ended so."""
        return self.ends[end] / max(self.ends.total(), 1)

    def told(self) -> str:
        lines = [
            f"{name}: {dict(getattr(self, name).most_common())}" for name in TABLES
        ]
        return "\n".join([*lines, f"seconds: {self.seconds:.0f}"])

    def summary(self) -> list[str]:
        count = sum(self.ends.values())
        ends = ", ".join(f"{n} {end}" for end, n in self.ends.most_common())
        codes = ", ".join(f"{code} {n}" for code, n in self.refusals.most_common())
        rarest = list(self.rare(float("inf")).items())[:8]
        return [
            f"{count} programs in {self.seconds:.0f} s of processor time: {ends}",
            f"refused: {codes or 'none'}",
            f"IR nodes: {dict(self.nodes.most_common())}",
            f"{len(self.primitives)} primitives, {len(WORDS)} texts; the rarest: "
            + ", ".join(f"{name} {n}" for name, n in rarest),
        ]
