"""Texts with places to fill in: most forms are nothing but a few of them.

    "quotient": ("(<n> / (1.5 + <n> ** 2))",)

    <n> a number      <l> a number without operators    <c> a constant    <k> a bound
    <t> a test        <i> an index below 3              <z> a part of an array, read
    <f> a flat array  <g> a flat array's name           (all of one length in a text)
    <a> an array      <s> an array without operators    (all of the form's own shape)
    <m> a mask of the form's own shape

Each text is a word of the vocabulary: it is counted, and rare ones are favoured.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.properties.writer import WORDS, Scope, Shape, Writer, array, number

PLACE = re.compile(r"<(\w)>")


def numbers(table: dict[str, tuple[str, ...]]) -> None:
    for name, texts in table.items():

        def form(w: Writer, s: Scope, depth: int, texts=texts):
            return filled(w, s, fitting(s, texts), None, depth)

        number(name, texts)(form)


def arrays(rank: int, table: dict[str, tuple[str, ...]]) -> None:
    """Forms for arrays of that rank, or of any for 0."""
    for name, texts in table.items():

        def form(w: Writer, s: Scope, shape: Shape, depth: int, texts=texts):
            if rank and len(shape) != rank:
                return None
            return filled(w, s, fitting(s, texts), shape, depth)

        array(name, texts)(form)


def fitting(s: Scope, texts: tuple[str, ...]) -> list[str]:
    """Those whose places can be filled in here."""
    flat = any(len(shape) == 1 for shape in s.arrays.values())
    lacking = ("<f>", "<g>", "<z>") if not s.arrays else () if flat else ("<f>", "<g>")
    return [text for text in texts if not any(place in text for place in lacking)]


def filled(
    w: Writer, s: Scope, texts: list[str], shape: Shape | None, depth: int
) -> str | None:
    if not texts:
        return None
    text = w.word(texts)
    if shape is None and "<a>" in text:
        shape = w.pick(s.arrays.values()) if s.arrays else (3,)
    flat = [v for v in s.arrays.values() if len(v) == 1]
    length = w.pick(flat) if flat else (3,)
    own = shape or length
    inner = depth if shape is None or "<n>" not in text else min(depth, 1)
    parts: dict[str, Callable[[], str]] = {
        "n": lambda: w.number(s, inner),
        "l": lambda: w.number(s, 0),
        "c": w.constant,
        "k": w.bound,
        "t": lambda: w.test(s),
        "i": lambda: w.index(s, 3),
        "z": lambda: w.place(s)[0],
        "f": lambda: w.array(s, length, min(depth, 1)),
        "g": lambda: w.pick([n for n, v in s.arrays.items() if v == length]),
        "a": lambda: w.array(s, own, depth),
        "s": lambda: w.seen_array(s, own),
        "m": lambda: mask(w, s, own),
    }
    return PLACE.sub(lambda found: parts[found[1]](), text)


MASKS = (
    "<s> > <k>",
    "<s> <= <k>",
    "(<s> > <k>) & (<s> < <k>)",
    "(<s> < <k>) | (<s> > <k>)",
    "~(<s> > <k>)",
    "<s> < <s>",
    "np.abs(<s>) < <k>",
)
WORDS.update(dict.fromkeys(MASKS))


def mask(w: Writer, s: Scope, shape: Shape) -> str:
    parts = {"s": lambda: w.seen_array(s, shape), "k": w.bound}
    return PLACE.sub(lambda found: parts[found[1]](), w.word(list(MASKS)))
