"""How often each construct, IR node and primitive occurred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import s2sad.api.lowering as lowering
from s2sad.ir.nodes import Op, Program
from s2sad.ir.walk import statements
from tests.properties.writer import ARRAYS, NUMBERS, STATEMENTS

NODES = ("Op", "If", "For", "While", "Call")
# What arithmetic, arrays, containers and writes are made of; others come as they come.
PRIMITIVES = """
    add sub mul div neg pow sin cos tanh exp sqrt abs maximum minimum where clip
    sum mean matmul cumsum array copy zeros full transpose reshape concatenate
    getitem setitem additem list tuple append len
""".split()


class Census:
    """Of the programs that were judged: what they are made of, and how they ended."""

    def __init__(self) -> None:
        self.constructs: Counter[str] = Counter()
        self.nodes: Counter[str] = Counter()
        self.primitives: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self._lowered: list[Program] = []

    def count(self, used: Counter[str]) -> None:
        """One program that was judged, made of these constructs."""
        self.constructs += used
        for program in self._lowered[:1]:  # later ones are its derivatives
            for function in program.functions.values():
                for stmt in statements(function.body):
                    self.nodes[type(stmt).__name__] += 1
                    if isinstance(stmt, Op):
                        self.primitives[stmt.prim] += 1

    @contextmanager
    def watching(self) -> Iterator[None]:
        """What is lowered in here is seen."""
        before, self._lowered = lowering.lower, []

        def lower(*args, **kwargs):
            found = before(*args, **kwargs)
            self._lowered.append(found.program)
            return found

        lowering.lower = lower
        try:
            yield
        finally:
            lowering.lower = before

    def rare(self, least: float) -> dict[str, int]:
        """What occurred less often: of all forms there are, nodes and primitives met."""
        forms = {**NUMBERS, **ARRAYS, **STATEMENTS}
        counts = {name: self.constructs[name] for name in forms}
        counts.update({name: self.nodes[name] for name in NODES})
        counts.update({name: self.primitives[name] for name in PRIMITIVES})
        return {name: count for name, count in counts.items() if count < least}

    def told(self) -> str:
        lines = [f"{what}: {dict(found)}" for what, found in self.tables().items()]
        return "\n".join(lines)

    def tables(self) -> dict[str, dict[str, int]]:
        named = {
            "ends": self.ends,
            "refusals": self.codes,
            "IR nodes": self.nodes,
            "primitives": self.primitives,
            "constructs": self.constructs,
        }
        return {what: dict(found.most_common()) for what, found in named.items()}
