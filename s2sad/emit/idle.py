"""Leaving out moves of what is there already.

    y = x                      y = x
    for ...: push(y)     ->    for ...: push(y)
    x = y

The IR has no moves: a line such as `x = y` comes of names that are shared. Where the
two are the same value on every way that leads there, the line is left out. What is
known is that a name is another name, or a literal; it is forgotten where either is
assigned. Nor is anything printed that no way leads to.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from s2sad.emit.lines import Line

Known = frozenset[tuple[str, str]]  # (name, what it is)

NAME = re.compile(r"[^\W\d]\w*")
# a name or a number: what `-x` or `x.size` is changes with `x`
VALUE = re.compile(r"[^\W\d]\w*|-?\d[\d_.]*(e[+-]?\d+)?")
ASSIGNS = re.compile(r" [^\s\w(,]{0,3}= |:=")
LEAVES = re.compile(r"(return|raise|break|continue)\b")
# What there is where something is left out: a move, a jump before the end, a block.
MAY_IDLE = re.compile(
    rf"^({NAME.pattern} = )+({VALUE.pattern})$|^{LEAVES.pattern}.*\n|:$", re.MULTILINE
)
PLAIN = ("if ", "elif ", "else:", "for ", "while ")


def without_idle_moves(lines: list[Line], booleans: Collection[str]) -> list[Line]:
    """The lines without idle moves; `booleans` are names of nothing but booleans."""
    if not MAY_IDLE.search("\n".join([line.text for line in lines])):
        return lines
    heads = [a for a, b in zip(lines, lines[1:]) if b.depth > a.depth]
    if any(not head.text.startswith(PLAIN) for head in heads):
        return lines
    walk = _Walk(lines, booleans)
    walk.block(0, len(lines), frozenset())
    kept = walk.kept
    return [
        kept[i]
        for i in range(len(lines))
        if i in kept and not (lines[i].text == "else:" and i + 1 not in walk.opened)
    ]


class _Walk:
    def __init__(self, lines: list[Line], booleans: Collection[str]) -> None:
        self.lines = lines
        self.booleans = booleans
        self.kept = dict(enumerate(lines))
        self.opened: set[int] = set()  # first lines of blocks of which something stays

    def end(self, i: int, stop: int) -> int:
        """Where the block below a head ends."""
        depth, i = self.lines[i].depth, i + 1
        while i < stop and self.lines[i].depth > depth:
            i += 1
        return i

    def block(self, i: int, stop: int, known: Known) -> Known | None:
        """What is known after the lines; None if they are left by a jump."""
        first, ended = i, False
        while i < stop:
            line, end = self.lines[i], self.end(i, stop)
            if end == i + 1:
                known = self.simple(i, known)
                ended = LEAVES.match(line.text) is not None
                i = end
            elif line.text.startswith("if "):
                i, after = self.branches(i, stop, known)
                ended = after is None
                known = known if after is None else after
            else:
                known = forget(known, self.lines[i:end])
                self.block(i + 1, end, known)
                ended, i = self.is_endless(i, end), end
            if ended:  # nothing comes to what is below
                for k in range(i, stop):
                    self.kept.pop(k, None)
                break
        if any(k in self.kept for k in range(first, stop)):
            self.opened.add(first)
        elif first and self.lines[first - 1].text != "else:":
            self.kept[first] = self.lines[first]  # a block needs a statement
        return None if ended else known

    def is_endless(self, i: int, end: int) -> bool:
        """Does nothing but `return` and `raise` leave the loop?"""
        inside = self.lines[i + 1 : end]
        return self.lines[i].text == "while True:" and not any(
            line.text == "break" for line in inside
        )

    def branches(self, i: int, stop: int, known: Known) -> tuple[int, Known | None]:
        """`if` and its `elif` and `else`."""
        depth = self.lines[i].depth
        ends: list[Known | None] = []
        rest: Known | None = known
        while i < stop and rest is not None and self.lines[i].depth == depth:
            text = self.lines[i].text
            if ends and not text.startswith(("elif ", "else:")):
                break
            end = self.end(i, stop)
            known = forget(rest, self.lines[i : i + 1])
            true, false = self.tested(text)
            ends.append(self.block(i + 1, end, known | true))
            rest = None if text == "else:" else known | false
            i = end
        ends.append(rest)
        known_ends = [end for end in ends if end is not None]
        if not known_ends:
            return i, None
        return i, frozenset.intersection(*known_ends)

    def tested(self, head: str) -> tuple[Known, Known]:
        """What is known below `if name:`, and where it is not so."""
        _, _, test = head.rstrip(":").partition(" ")
        name = test.removeprefix("not ")
        if name not in self.booleans:
            return frozenset(), frozenset()
        sides = frozenset({(name, "True")}), frozenset({(name, "False")})
        return sides if name == test else sides[::-1]

    def simple(self, i: int, known: Known) -> Known:
        """A statement of one line."""
        *targets, value = self.lines[i].text.split(" = ")
        if not targets or not all(map(NAME.fullmatch, targets)):
            return forget(known, self.lines[i : i + 1])
        if not VALUE.fullmatch(value):
            return forget(known, self.lines[i : i + 1])
        needed = [t for t in targets if (t, value) not in known and t != value]
        if not needed:
            del self.kept[i]
            return known
        if len(needed) < len(targets):
            text = " = ".join([*needed, value])
            self.kept[i] = replace(self.lines[i], text=text)
        gone = set(needed)
        known = frozenset(pair for pair in known if gone.isdisjoint(pair))
        pairs = {(target, value) for target in needed}
        if NAME.fullmatch(value):
            pairs |= {(value, target) for target in needed}
        return known | pairs


def forget(known: Known, lines: list[Line]) -> Known:
    """What is still known after lines that may assign."""
    if not known:
        return known
    gone: set[str] = set()
    for line in lines:
        text = line.text
        if text.startswith("for "):
            gone.update(NAME.findall(text.partition(" in ")[0]))
        elif text.startswith(("del ", "global ", "nonlocal ", "import ", "from ")):
            return frozenset()
        if ":=" in text:
            gone.update(NAME.findall(text))
        found = list(ASSIGNS.finditer(text))
        if found:
            gone.update(NAME.findall(text[: found[-1].start()]))
    return frozenset(pair for pair in known if gone.isdisjoint(pair))
