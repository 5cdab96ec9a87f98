"""The package as its users have it: the one place where commands meet the operators.

`cli` and `api` are two doors of one house, and neither is built on the other: what a
command calls is what `import s2sad` gives to anybody, looked up when the command runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def operator(name: str) -> Any:
    """`s2sad.grad` and its like."""
    return getattr(import_module("s2sad"), name)


def split(f: Any, wrt: Any, **options: Any) -> Any:
    """Reverse mode in two halves, which is what `s2sad.vjp` runs."""
    apply = import_module("s2sad.api.derived").apply
    recipe = import_module("s2sad.api.recipe").Recipe
    parse = import_module("s2sad.api.wrt").parse_wrt
    return apply(f, recipe("split", parse(wrt), **options))
