"""`with`: the context managers whose entry and exit do not touch the numbers."""

from __future__ import annotations

import ast
import contextlib
import warnings
from typing import Any

from s2sad.syntax.frame import Frame
from s2sad.syntax.run import Task
from s2sad.syntax.values import Known


def harmless() -> tuple[Any, ...]:
    import numpy as np

    return (
        np.errstate,
        warnings.catch_warnings,
        contextlib.nullcontext,
        np.printoptions,
    )


def enter(f: Frame, item: ast.withitem, node: ast.With) -> Task:
    """The entry of one context manager; refused unless it is known to be harmless."""
    made = item.context_expr
    if isinstance(made, ast.Call):
        callee = yield made.func
        if isinstance(callee, Known) and callee.value in harmless():
            if item.optional_vars is None:
                return
    f.refuse("with", made, what=f.text(made))
