"""Layout: breaking a line that is too long, as formatters would.

    value = np.concatenate(            one argument to a row,
        (first, second, third)         where they do not fit on one
    )

Most long expressions never come here: `statements` gives a part of them a line of its
own. What is left has nothing to take out: calls, tuples and heads with many names.
"""

from __future__ import annotations

from collections.abc import Iterator

from s2sad.emit.lines import INDENT, room

OPEN, CLOSE = "([{", ")]}"


def laid(head: str, body: str, tail: str, depth: int) -> str:
    """`head + body + tail`, over several rows if it does not fit at this depth."""
    if len(head) + len(body) + len(tail) <= room(depth):
        return head + body + tail
    items = split(body)
    if len(items) > 1:
        return f"{head}({rows(items, depth)}){tail}"
    at = last_bracket(body)
    if at is None or not body[at + 1 : -1].strip():
        if head.endswith(("= ", "return ", "if ", "elif ", "while ", "assert ")):
            return wrapped(head, body, tail, depth)
        return head + body + tail
    before, inner, after = body[:at], body[at + 1 : -1], body[-1]
    items = split(inner)
    literal = not before or before[-1] in "([{ "
    if not literal and len(inner) <= room(depth + 1) and not inner.endswith(","):
        opened = f"{head}{before}{body[at]}\n{pad(depth + 1)}{inner}\n"
        return f"{opened}{pad(depth)}{after}{tail}"
    return f"{head}{before}{body[at]}{rows(items, depth)}{after}{tail}"


def rows(items: list[str], depth: int) -> str:
    """One item to a row, each with a comma."""
    inner = "".join(
        f"{pad(depth + 1)}{laid(*named(item), ',', depth + 1)}\n" for item in items
    )
    return f"\n{inner}{pad(depth)}"


def named(item: str) -> tuple[str, str]:
    """`key=value` -> `key=`, `value`."""
    key, sign, value = item.partition("=")
    if sign and key.isidentifier() and value[:1] != "=":
        return key + sign, value
    return "", item


def wrapped(head: str, body: str, tail: str, depth: int) -> str:
    """The expression in brackets of its own, broken at `and`, `or`, `if`, `else`."""
    parts = [body]
    if len(body) > room(depth + 1):
        for words in ((" if ", " else "), (" or ",), (" and ",)):
            parts = cut(body, words)
            if len(parts) > 1:
                break
    inner = "".join(f"{pad(depth + 1)}{part}\n" for part in parts)
    return f"{head}(\n{inner}{pad(depth)}){tail}"


def pad(depth: int) -> str:
    return " " * (INDENT * depth)


def split(text: str) -> list[str]:
    """The parts between the commas that stand in no bracket or string."""
    parts, start = [], 0
    for i, char in outside(text):
        if char == ",":
            parts.append(text[start:i].strip())
            start = i + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def cut(text: str, words: tuple[str, ...]) -> list[str]:
    """The text cut before each of some words."""
    starts = [0]
    for i, char in outside(text):
        if char == " " and text.startswith(words, i):
            starts.append(i + 1)
    ends = [start - 1 for start in starts[1:]]
    return [text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True)]


def last_bracket(text: str) -> int | None:
    """Where the bracket opens that closes at the end of a plain call or display."""
    if not text or text[-1] not in CLOSE:
        return None
    at = None
    for i, char in outside(text):
        if char == " ":
            return None  # an operator outside of brackets
        if char in OPEN:
            at = i
    return at


def outside(text: str) -> Iterator[tuple[int, str]]:
    """The characters in no bracket and no string, with their places."""
    depth, quote, i = 0, "", 0
    while i < len(text):
        char = text[i]
        if quote:
            if char == "\\":
                i += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char in CLOSE:
            depth -= 1
        else:
            if depth == 0:
                yield i, char
            if char in OPEN:
                depth += 1
        i += 1
