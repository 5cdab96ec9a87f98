"""Paths: where in an array, list, dict or object a `getitem` or `setitem` goes.

A path is the attribute `path` of `getitem`, `setitem` and `additem`: the text of the
subscripts with `#` for each operand, whose atoms follow the base (and, for the two
writers, the value) in order. One op takes the whole path, however deep.

    A[i][1:n][0]        getitem A, i, 1, n, 0      path "[#][#:#][#]"
    x[..., None, ::2]   getitem x, 2               path "[..., None, ::#]"
    params["w"].bias    getitem params, "w"        path "[#].bias"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

HOLE = "#"


@dataclass(frozen=True)
class Slice:
    """A slice; each part is the number of an operand, or None."""

    start: int | None
    stop: int | None
    step: int | None


@dataclass(frozen=True)
class Attribute:
    name: str


@dataclass(frozen=True)
class Subscript:
    """One pair of brackets: operand numbers, `Slice`s, `...` or None, one per axis."""

    items: tuple[object, ...]
    is_tuple: bool


Step = Subscript | Attribute


@lru_cache(maxsize=4096)
def parse_path(template: str) -> tuple[Step, ...]:
    """The steps of a path template; operands are numbered from 0."""
    steps: list[Step] = []
    count = 0
    rest = template
    while rest:
        if rest[0] == ".":
            end = next((i for i, c in enumerate(rest) if i and c in ".["), len(rest))
            steps.append(Attribute(rest[1:end]))
            rest = rest[end:]
            continue
        end = rest.index("]")
        parts = [part.strip() for part in rest[1:end].split(",")]
        is_tuple = len(parts) > 1
        items: list[object] = []
        for part in parts:
            if part == "":
                continue
            if part == HOLE:
                items.append(count)
                count += 1
            elif part == "...":
                items.append(...)
            elif part == "None":
                items.append(None)
            else:
                bounds: list[int | None] = []
                for bound in part.split(":"):
                    bounds.append(count if bound.strip() else None)
                    count += bool(bound.strip())
                items.append(Slice(*(bounds + [None, None])[:3]))
        steps.append(Subscript(tuple(items), is_tuple))
        rest = rest[end + 1 :]
    return tuple(steps)


def path_texts(template: str) -> list[str]:
    """The texts of the steps of a path template, one by one."""
    return re.findall(r"\.\w+|\[[^\]]*\]", template)


def fill(template: str, texts: list[str]) -> str:
    """The path with each hole replaced by its text."""
    parts = template.split(HOLE)
    return "".join(a + b for a, b in zip(parts, [*texts, ""], strict=True))


def resolve(step: Step, operands: list[object]) -> object:
    """The Python index object of a `Subscript`, given operand values."""
    assert isinstance(step, Subscript)

    def value(item: object) -> object:
        if isinstance(item, Slice):
            parts = (item.start, item.stop, item.step)
            return slice(*(None if p is None else operands[p] for p in parts))
        return operands[item] if isinstance(item, int) else item

    items = tuple(value(item) for item in step.items)
    return items if step.is_tuple else items[0]


def read(base: object, template: str, operands: list[object]) -> object:
    """Follow a path from `base`, as Python would."""
    for step in parse_path(template):
        if isinstance(step, Attribute):
            base = getattr(base, step.name)
        else:
            base = base[resolve(step, operands)]  # type: ignore[index]
    return base
