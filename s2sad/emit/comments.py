"""Comments: the user's own in the forward half, quotations in the reverse half.

    # reverse
    path_bar = 2 * path * e_bar  # 6: e = np.sum(path ** 2)

The user's comments and blank lines stay where the statement below them is printed. Each
group of statements that undoes one of the user's quotes it, by its line from the `def`.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from functools import lru_cache

from s2sad.emit.layout import pad
from s2sad.emit.lines import WIDTH, Line
from s2sad.ir.nodes import SourceText

SHORTEST = 16  # columns of a quotation that still says something


def commented(lines: Sequence[Line], source: SourceText | None) -> list[str]:
    """The rows of a function's body."""
    rows: list[str] = []
    first = next(
        (i for i, line in enumerate(lines) if line.reverse and line.depth == 1), None
    )
    forward = any(line.span is not None for line in lines[: first or 0])
    seen: set[tuple[int, int]] = set()
    quoted: tuple[int, int] | None = None
    heads: list[tuple[int, tuple[int, int]]] = []  # what this line stands inside
    depth = 1
    users = source is not None and bool(tokens_of(source).beside)
    for number, line in enumerate(lines):
        if number == first and forward and source is not None:
            rows += ["", f"{pad(line.depth)}# reverse"]
        row = pad(line.depth) + line.text
        place = (id(line.span.source), line.span.line) if line.span else None
        after = line.why
        if place is None or line.span is None:
            quoted = None
        elif line.reverse:
            while heads and heads[-1][0] >= line.depth:
                heads.pop()
            inside = any(place == head for _, head in heads)
            if place != quoted and not inside and not line.text.startswith("else:"):
                after = after or quotation(line, row, source)
            if not inside:
                quoted = place
            if line.text.endswith(":"):
                heads.append((line.depth, place))
        elif line.span.source is source and line.users and place not in seen:
            seen.add(place)
            above = comments_above(source, line.span.line)
            if line.depth > depth or not rows:
                while above and not above[0]:
                    above = above[1:]
            rows += [pad(line.depth) + text if text else "" for text in above]
        if users and not after and line.users and not line.reverse:
            after = beside(source, line, row) if last_of(lines, number) else ""
        rows.append(f"{row}  # {after}" if after else row)
        depth = line.depth
    return rows


def last_of(lines: Sequence[Line], number: int) -> bool:
    """Is this the only line that is printed for its statement?"""
    following = lines[number + 1] if number + 1 < len(lines) else None
    return (
        following is None
        or following.span is None
        or following.span != lines[number].span
    )


def quotation(line: Line, row: str, source: SourceText | None) -> str:
    """What a line of the reverse half undoes, as wide as there is room for it."""
    assert line.span is not None
    text = statement_at(line.span.source, line.span.line)
    if not text or "\n" in row:
        return ""
    place = str(line.span.line)
    if source is not None and line.span.source is not source:
        place = f"{line.span.source.name}:{place}"
    whole = f"{place}: {text}"
    left = WIDTH - len(row) - len("  # ")
    if len(whole) <= left:
        return whole
    if left < SHORTEST:
        return ""
    return whole[: left - 3].rstrip() + "..."


def beside(source: SourceText | None, line: Line, row: str) -> str:
    """The user's comment at the end of the line, if there is room."""
    if line.span is None or source is None or line.span.source is not source:
        return ""
    text = tokens_of(source).beside.get(max(line.span.line, line.span.end_line), "")
    if not text or "\n" in row or len(row) + len("  # ") + len(text) > WIDTH:
        return ""
    return text


def statement_at(source: SourceText, line: int) -> str:
    """The user's statement at a line, without its comment and the colon of a head."""
    text = source.line(line)
    cut = tokens_of(source).starts.get(line)
    if cut is not None:
        text = text[:cut]
    text = text.strip()
    return text.removesuffix(":") if text.split(" ")[0] in HEADS else text


HEADS = ("for", "if", "elif", "while", "else:", "with", "else")


class Tokens:
    """Where the comments of a text stand."""

    def __init__(self, text: str) -> None:
        self.alone: dict[int, str] = {}  # line -> a comment with the line to itself
        self.beside: dict[
            int, str
        ] = {}  # line -> a comment after code, without its mark
        self.starts: dict[int, int] = {}
        self.blank: set[int] = set()
        lines = text.splitlines()
        self.blank = {n for n, line in enumerate(lines, 1) if not line.strip()}
        if "#" not in text:
            return
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type != tokenize.COMMENT:
                    continue
                row, column = token.start
                comment = (
                    "# " + token.string[1:].strip() if token.string != "#" else "#"
                )
                if lines[row - 1][:column].strip():
                    self.beside[row] = token.string[1:].strip()
                    self.starts[row] = column
                else:
                    self.alone[row] = comment
        except (tokenize.TokenError, IndentationError, SyntaxError):
            pass


@lru_cache(maxsize=64)
def tokens_of(source: SourceText) -> Tokens:
    return Tokens(source.text)


def comments_above(source: SourceText, line: int) -> list[str]:
    """The comments and blank lines right above a line; no two blank lines together."""
    tokens = tokens_of(source)
    found: list[str] = []
    above = line - 1
    while above > 1 and (above in tokens.alone or above in tokens.blank):
        text = tokens.alone.get(above, "")
        if text or not found or found[-1]:
            found.append(text)
        above -= 1
    return found[::-1]
