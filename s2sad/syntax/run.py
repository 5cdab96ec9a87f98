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


def run(first: Task, start: Callable[[object], Any]) -> Any:
    """Run a task to its end; `start` makes the task of a node that a task yields, or
    gives the value of a node that needs nothing else lowered.
    """
    task, waiting = first, list[Task]()
    sent: Any = None
    error: BaseException | None = None
    while True:
        try:
            wanted = task.send(sent) if error is None else task.throw(error)
        except StopIteration as stop:
            if not waiting:
                return stop.value
            task, sent, error = waiting.pop(), stop.value, None
        except BaseException as exc:  # handed to whoever waits for the result
            if not waiting:
                raise
            task, error = waiting.pop(), exc
        else:
            error = None
            if type(wanted) is not GeneratorType:
                try:
                    wanted = start(wanted)
                except BaseException as exc:  # handed to the task that asked
                    error = exc
                    continue
            if type(wanted) is GeneratorType:
                waiting.append(task)
                task, sent = wanted, None
            else:
                sent = wanted
