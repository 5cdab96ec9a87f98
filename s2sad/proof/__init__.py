"""Is it right? Exact proofs, numeric checks, and the textbook's evaluation tables.

    check        every output by every input: PROVED, AGREES or FAILS, and where
    check_grads  an AssertionError unless derivatives agree with differences
    memory       what a gradient keeps, and the bytes that it takes
    trace        every statement's value, tangent and adjoint

Looked up on first use: the process in which sympy works imports this package too, and
needs none of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2sad.proof.checking import check
    from s2sad.proof.gradients import check_grads
    from s2sad.proof.memory import MemoryReport, memory
    from s2sad.proof.report import CheckReport
    from s2sad.proof.tracing import Trace, trace

__all__ = [
    "CheckReport", "MemoryReport", "Trace", "check", "check_grads", "memory", "trace",
]  # fmt: skip

_HOME = {
    "check": "checking",
    "check_grads": "gradients",
    "CheckReport": "report",
    "MemoryReport": "memory",
    "memory": "memory",
    "Trace": "tracing",
    "trace": "tracing",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
