"""Running the lowering without Python's own stack.

Everything that lowers a piece of syntax is a generator. It yields what it needs lowered
(a node, or another generator) and is sent the result. One loop here keeps the stack, so
a sum of 2,000 terms or brackets 150 deep never meet the recursion limit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import GeneratorType
from typing import Any

Task = Generator[Any, Any, Any]


def run(first: Task, start: Callable[[object], Task]) -> Any:
    """Run a task to its end; `start` makes the task of a node that a task yields."""
    stack: list[Task] = [first]
    sent: Any = None
    error: BaseException | None = None
    while stack:
        try:
            if error is None:
                wanted = stack[-1].send(sent)
            else:
                raised, error = error, None
                wanted = stack[-1].throw(raised)
        except StopIteration as stop:
            stack.pop()
            sent = stop.value
        except BaseException as exc:  # handed to whoever waits for the result
            stack.pop()
            if not stack:
                raise
            error, sent = exc, None
        else:
            stack.append(wanted if type(wanted) is GeneratorType else start(wanted))
            sent = None
    return sent
