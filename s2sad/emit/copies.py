"""Copies: what must be copied so that every write can be made in place.

A write is made in place if nothing that is read later may share memory with what it
changes: not the old version, no view of it, no tape it was pushed to, no argument of
the caller's. Otherwise the smallest piece is copied: the view, the pushed value, the
value a loop starts from, or at last the whole array before the write. What was found is
tried again until nothing is left to copy.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from s2sad.emit.classes import Classes
from s2sad.emit.nest import Nesting
from s2sad.emit.ranges import Ranges
from s2sad.emit.sharing import EXTERNAL, WRITES, Copies, Edge, Sharing, bits
from s2sad.ir.kinds import Array, Tape
from s2sad.ir.nodes import Atom, Function, Lit, Op, Var
from s2sad.ir.paths import parse_path


def find_copies(
    function: Function,
    nesting: Nesting,
    ranges: Ranges,
    classes: Classes,
    may_augment: Callable[[Op], bool],
    fresh_results: bool,
) -> Copies:
    def settled(copies: Copies) -> Copies:
        while True:
            run = _Copying(function, nesting, ranges, classes, copies, may_augment)
            run.function(function)
            if not run.settle(fresh_results):
                return copies

    found = settled(Copies())
    if not found.apart:
        return found
    # now that all is copied that must be, some of the sums may be made in place, too
    again = settled(Copies(dict(found.edges), dict(found.writes)))
    same = again.edges == found.edges and again.writes == found.writes
    return again if same else found


class _Copying(Sharing):
    asked: tuple[Var, dict[Var, None]] | None = None  # the last answer of `above`

    # ---- what conflicts --------------------------------------------------------------

    def settle(self, fresh_results: bool) -> bool:
        """Note what must be copied; True if anything was found.

        Sums that are not made in place come first and alone, as they make new arrays;
        then what tapes must copy, for all that shares with a tape seems to share with
        what else is on it; then one copy before a loop, which may save those in it.
        """
        before = self.state()
        edges, written, apart = self.copies.parts()
        left = [w for w in self.writes.values() if id(w[0]) not in self.copies.writes]
        writes = sorted(left, key=lambda write: self.ranges.at[id(write[0])])
        points = [self.ranges.at[id(op)] + 2 for op, _ in writes]
        for (op, position), live in zip(writes, self.live_at(points), strict=True):
            self.check(op, op.args[position], live)
        if self.copies.apart != apart:
            self.copies.edges, self.copies.writes = edges, written
            return True
        pushed = {e: why for e, why in self.copies.edges.items() if e in self.pushes}
        if not pushed.keys() <= edges.keys():
            self.copies.edges = edges | pushed
            self.copies.writes, self.copies.apart = written, apart
            return True
        if self.outside:
            self.copies.edges = edges | self.outside
            self.copies.writes, self.copies.apart = written, apart
            return True
        if self.state() == before:
            # what the chain of writes above did not settle
            for op, why in self.doubtful:
                self.refuse(op, why)
        if fresh_results and self.state() == before:
            self.check_results()
        return self.state() != before

    def state(self) -> tuple[int, int, int]:
        return len(self.copies.edges), len(self.copies.writes), len(self.copies.apart)

    def live_at(self, points: list[int]) -> Iterator[list[Var]]:
        """The variables with memory that are live at each of some rising points."""
        starts = sorted(
            (start, number, end, var)
            for number, var in enumerate(self.classes.of)
            if self.all_of(var)
            for start, end in self.ranges.of(var)
        )
        live: dict[tuple[int, int], Var] = {}
        ends: list[tuple[int, tuple[int, int]]] = []
        i = 0
        for point in points:
            while i < len(starts) and starts[i][0] <= point:
                start, number, end, var = starts[i]
                live[number, start] = var
                heapq.heappush(ends, (end, (number, start)))
                i += 1
            while ends and ends[0][0] < point:
                del live[heapq.heappop(ends)[1]]
            yield list(live.values())

    def check(self, op: Op, base: Atom, live: list[Var]) -> None:
        if isinstance(base, Lit):
            self.refuse(op, "")
            return
        mask = self.own.get(base, 0)
        if is_deep(op):
            mask |= self.inner.get(base, 0)
        reached = self.reach(mask)
        if reached & EXTERNAL:

            def known_outside(var: Var) -> bool:
                return bool(self.reach(self.all_of(var)) & EXTERNAL)

            why = f"the caller's `{base.name}` stays as it is"
            if op.prim not in WRITES or not any(
                known_outside(source) for source, _ in self.sources.get(base, {})
            ):
                self.refuse(op, why)
            elif not self.cut_above(base, known_outside, self.walked):
                self.doubtful.append((op, why))
            return
        for var in live:
            if self.all_of(var) & reached and var not in op.outs:
                if op.prim not in WRITES:
                    self.copies.apart.add(id(op))
                    return
                self.separate(op, base, var, mask)
        if self.entries and op.prim in WRITES:
            if is_deep(op) or isinstance(base.kind, Array):
                self.check_entries(op, base)

    def check_entries(self, op: Op, base: Var) -> None:
        """What is written may be two entries of one list: copy it where it is put in.

        Twice in the text, or in a loop that it was not made in.
        """
        seen = 0
        for holder in (base, *self.above(base)):
            for source, edge in self.sources.get(holder, {}):
                if edge not in self.entries or edge in self.copies.edges:
                    continue
                mask = self.own.get(source, 0)
                depth = len(self.entries[edge])
                often = any(len(self.born[number]) < depth for number in bits(mask))
                if not often and not self.reach(mask) & seen:
                    seen |= mask
                    continue
                why = f"`{base.name}` is written entry by entry" if base.name else ""
                self.copies.edges[edge] = why

    def refuse(self, op: Op, why: str) -> None:
        if op.prim in WRITES:
            self.copies.writes.setdefault(id(op), why)
        else:
            self.copies.apart.add(id(op))

    def separate(self, op: Op, base: Var, other: Var, mask: int) -> None:
        """`other` is read after `base` has been written: copy one of them in time."""
        if other is base:
            self.refuse(op, f"the old `{base.name}` is read again" if base.name else "")
            return
        if other in self.above(base):
            if not self.cut_from(other, base):
                self.doubtful.append((op, again(other)))
            return
        reached = self.reach(mask)
        found = isinstance(other.kind, Tape) and self.cut_pushes(other)
        found = found or self.cut_outside(base, other)
        for source, edge in () if found else list(self.sources.get(other, {})):
            if edge is not None and self.copy_parts(source, reached):
                name = source.name or base.name
                self.copies.edges.setdefault(
                    edge, f"`{name}` is overwritten" if name else ""
                )
                found = True
        if not found and not self.cut_between(other, reached):
            self.doubtful.append((op, again(other)))

    def cut_outside(self, base: Var, other: Var) -> bool:
        """Two carried values that start as one array: copy it for one, before the loop.

        That may save what would be copied in each trip.
        """
        starts = self.starts(base)
        for edge, source in self.starts(other).items():
            for mine, first in starts.items():
                twice = mine[0] == edge[0] and mine[2] != edge[2]
                if twice and self.all_of(source) & self.all_of(first):
                    if edge in self.copies.edges or mine in self.copies.edges:
                        continue
                    why = f"`{source.name}` is overwritten" if source.name else ""
                    self.copies.edges[edge] = why
                    self.outside = self.outside or {edge: why}
                    return True
        return False

    def starts(self, var: Var) -> dict[Edge, Var]:
        """What loops start with that a variable may come from."""
        return {
            edge: source
            for below in (var, *self.above(var))
            for source, edge in self.sources.get(below, {})
            if edge is not None and edge[1] == "init"
        }

    def cut_pushes(self, tape: Var) -> bool:
        """Push copies: what is pushed may be written under another name next round."""
        found = False
        for var in (tape, *self.above(tape)):
            if isinstance(var.kind, Tape):
                for source, edge in self.sources.get(var, {}):
                    if edge in self.pushes and not isinstance(source.kind, Tape):
                        why = f"`{source.name}` is overwritten" if source.name else ""
                        self.copies.edges.setdefault(edge, why)
                        found = True
        return found

    def copy_parts(self, source: Var, reached: int) -> bool:
        """Would a copy of this no longer share with what is written?

        The copy of a tape is shallow: what was pushed is to be copied instead.
        """
        if isinstance(source.kind, Tape) and self.inner.get(source, 0) & reached:
            return False
        return bool(self.all_of(source) & reached)

    def cut_between(self, var: Var, reached: int) -> bool:
        """Cut the nearest edges above `var` by which it shares."""
        for above in self.above(var):
            found = False
            for source, edge in self.sources.get(above, {}):
                if edge is not None and self.copy_parts(source, reached):
                    self.copies.edges.setdefault(edge, "")  # there: cut a moment ago
                    found = True
            if found:
                return True
        return False

    def above(self, var: Var, walked: set[Var] | None = None) -> dict[Var, None]:
        """The variables whose memory this one may have got, nearest first."""
        if walked is None and self.asked is not None and self.asked[0] is var:
            return self.asked[1]  # about each array that is live where it is written
        found: dict[Var, None] = {}
        todo = deque([var])
        while todo:
            for source, _ in self.sources.get(todo.popleft(), {}):
                if source not in found and (walked is None or source not in walked):
                    found[source] = None
                    todo.append(source)
        if walked is not None:
            walked.update(found)
        else:
            self.asked = var, found
        return found

    @cached_property
    def below(self) -> dict[Var, list[tuple[Var, Edge]]]:
        """The variables that may get the memory of each at once."""
        found: dict[Var, list[tuple[Var, Edge]]] = {}
        for var, sources in self.sources.items():
            for source, edge in sources:
                if edge is not None:
                    found.setdefault(source, []).append((var, edge))
        return found

    def cut_from(self, source: Var, var: Var) -> bool:
        """Cut the edges that lead down to `var` from this one above it."""
        found, above = False, self.above(var)
        for below, edge in self.below.get(source, ()):
            if (below is var or below in above) and edge not in self.copies.edges:
                self.cut(source, edge)
                found = True
        return found

    def cut(self, source: Var, edge: Edge) -> None:
        given = any(source is param.var for param in self.top.params)
        name = source.name
        why = f"the caller's `{name}` stays as it is" if given else again(source)
        self.copies.edges[edge] = why

    def cut_above(
        self, var: Var, bad: Callable[[Var], bool], walked: set[Var] | None = None
    ) -> bool:
        """Cut the edges that lead down to `var` from where the badness begins."""
        found = False
        for below in (var, *self.above(var, walked)):
            for source, edge in self.sources.get(below, {}):
                if not bad(source) or any(
                    bad(higher) and higher is not source
                    for higher, _ in self.sources.get(source, {})
                ):
                    continue
                if edge is not None and edge not in self.copies.edges:
                    self.cut(source, edge)
                    found = True
        return found

    # ---- results ---------------------------------------------------------------------

    def check_results(self) -> None:
        """Each result is memory of its own: no argument's, and no other result's."""
        seen = 0
        for var, edge in self.results():
            mask = self.all_of(var)
            if edge in self.copies.edges or not mask:
                continue
            if self.reach(mask) & (seen | EXTERNAL):
                self.copies.edges[edge] = ""
            else:
                seen |= mask

    def results(self) -> Iterable[tuple[Var, Edge]]:
        todo: list[tuple[Atom, Edge]] = []
        for k, atom in enumerate(self.top.body.yields):
            todo.insert(0, (atom, (id(self.top), "return", k)))
        while todo:
            atom, edge = todo.pop()
            if not isinstance(atom, Var):
                continue
            op = self.makers.get(atom)
            if (
                op is not None
                and op.prim == "tuple"
                and self.nesting.counts.get(atom) == 1
            ):
                for k, arg in reversed(list(enumerate(op.args))):
                    todo.append((arg, (id(op), k)))
            else:
                yield atom, edge


def again(var: Var) -> str:
    return f"`{var.name}` is read again" if var.name else ""


def is_deep(op: Op) -> bool:
    """Does a write change something that the base holds, and not only the base?"""
    if "path" not in op.attrs or isinstance(op.args[0].kind, Array):
        return False
    if op.prim != "setitem":
        return True
    return len(parse_path(str(op.attrs["path"]))) > 1
