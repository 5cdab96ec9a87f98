"""Running a page of `examples/` as a reader would, and writing down what it prints."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import sys
from pathlib import Path

FENCE = re.compile(r"(^```python\n)(.*?)(^```$)", re.M | re.S)


def rerun(path: Path) -> str:
    """The page's text with each prompt's output as it is now."""
    scope: dict = {"__name__": "__page__"}
    sys.path.insert(0, str(path.parent))
    try:
        return FENCE.sub(
            lambda match: match[1] + _block(match[2], scope) + match[3],
            path.read_text(encoding="utf-8"),
        )
    finally:
        sys.path.remove(str(path.parent))


def _block(text: str, scope: dict) -> str:
    out = []
    for example in doctest.DocTestParser().get_examples(text):
        first, *rest = example.source.splitlines()
        out.append(f">>> {first}\n" + "".join(f"... {line}\n" for line in rest))
        sink = io.StringIO()
        code = compile(example.source, "<page>", "single")
        with contextlib.redirect_stdout(sink):
            exec(code, scope)
        # doctest ends an output at an empty line
        out.append(re.sub(r"^$\n", "<BLANKLINE>\n", sink.getvalue(), flags=re.M))
    return "".join(out)
