"""Asking sympy, in a process of its own that is stopped when its time is up."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from s2sad.proof.exact import Num
from s2sad.proof.exact_text import as_graph

# The same modules as here, whatever the folder it starts in.
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from s2sad.proof.worker import main; main()"
)


@dataclass(frozen=True)
class Claim:
    """d left / d seed == d right / d by; with `seeds`: left is 0 where they are."""

    left: Num
    seed: str | None = None
    right: Num | None = None
    by: str | None = None
    seeds: tuple[str, ...] = ()


def ask(
    claims: Sequence[Claim],
    values: Mapping[str, float],
    signs: Mapping[str, str],
    seconds: float,
) -> list[str]:
    """A verdict per claim: "proved", "differs" or "undecided"."""
    verdicts = ["undecided"] * len(claims)
    roots = []
    for claim in claims:
        right = claim.left if claim.right is None else claim.right
        roots += [claim.left, right]
    nodes, numbers = as_graph(roots)
    request = {"nodes": nodes, "values": dict(values), "signs": dict(signs)}
    request["claims"] = [
        {"left": numbers[2 * i], "seeds": list(claim.seeds)}
        if claim.right is None
        else {
            "left": numbers[2 * i],
            "seed": claim.seed,
            "right": numbers[2 * i + 1],
            "by": claim.by,
        }
        for i, claim in enumerate(claims)
    ]
    deadline = time.monotonic() + seconds
    process = subprocess.Popen(
        [sys.executable, "-c", START, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    lines: queue.Queue[str | None] = queue.Queue()

    def talk() -> None:
        assert process.stdin and process.stdout
        try:
            with process.stdin as stdin:
                json.dump(request, stdin)
            for line in process.stdout:
                lines.put(line)
        except (OSError, ValueError):
            pass  # it was stopped
        lines.put(None)

    talker = threading.Thread(target=talk, daemon=True)
    talker.start()
    try:
        while True:
            left = deadline - time.monotonic()
            line = lines.get(timeout=max(left, 0.001))
            if line is None:
                break
            answer = json.loads(line)
            verdicts[answer["claim"]] = answer["verdict"]
    except queue.Empty:
        pass  # its time is up
    finally:
        process.kill()
        process.wait()
        talker.join(timeout=1)
        if process.stdout:
            process.stdout.close()
    return verdicts
