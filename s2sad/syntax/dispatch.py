"""What lowers which node: a generator, or for a leaf a function."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from s2sad.syntax import (  # each enters its handlers
    attributes,
    calls,
    comprehensions,
    dataclass_calls,
    displays,
    expressions,
    folding,
    kind_questions,
    loops,
    patterns,
    sorting,
    statements,
    subscripts,
)
from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task

HANDLERS: dict[type, Callable[[Frame, Any], Any]] = {
    **expressions.EXPRESSIONS,
    **statements.STATEMENTS,
}


def refused(f: Frame, node: ast.AST) -> Task:
    f.refuse("construct", node, what=f"`{type(node).__name__}`")
    return None
    yield


__all__ = [
    "attributes", "calls", "comprehensions", "dataclass_calls", "displays", "folding",
    "kind_questions", "loops", "patterns", "sorting", "subscripts",
]  # fmt: skip
