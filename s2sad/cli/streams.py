"""stdout holds the result and nothing else; all other words go to stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from s2sad.errors import S2sadError, render, to_json


def wants_color(option: str, stream: TextIO) -> bool:
    """`--color` beats `NO_COLOR` beats `FORCE_COLOR` beats the terminal test."""
    if option != "auto":
        return option == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Streams:
    """Where a command puts what it has to say."""

    def __init__(self, color: str = "auto", as_json: bool = False) -> None:
        self.option = color
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            # Text of users may hold any character; a terminal may not.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    # ---- results ---------------------------------------------------------------------

    def text(self, text: str) -> None:
        """Plain text, as it is."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def code(self, text: str, language: str = "python") -> None:
        """Source or Markdown: coloured on a terminal, otherwise exactly as it is."""
        if wants_color(self.option, sys.stdout):
            from s2sad.cli.paint import painted

            text = painted(text, language)
        self.text(text)

    def data(self, kind: str, **fields: Any) -> None:
        """One JSON object."""
        answer = {"schema": 1, "command": kind, **fields}
        # Keys in the order in which they were given; NaN has no place in JSON.
        self.text(
            json.dumps(_plain(answer), indent=2, ensure_ascii=False, allow_nan=False)
        )

    # ---- everything else -------------------------------------------------------------

    def say(self, text: str) -> None:
        print(text, file=sys.stderr)

    def problem(self, kind: str, text: str, code: int) -> None:
        """Something that is not a diagnostic about the user's function."""
        if self.as_json:
            self.data("error", error={"kind": kind, "message": text}, exit_code=code)
        self.say(f"s2sad: {text}" if kind != "bug" else text)

    def refused(self, error: S2sadError, code: int) -> None:
        """Diagnostics, in the shape that they have everywhere."""
        if self.as_json:
            found = [to_json(each) for each in error.diagnostics]
            fields = {"kind": type(error).__name__, "message": str(error)}
            self.data("error", error=fields, diagnostics=found, exit_code=code)
        if error.diagnostics:
            color = wants_color(self.option, sys.stderr)
            self.say("\n\n".join(render(each, color) for each in error.diagnostics))
        else:
            self.say(f"s2sad: {error}")


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value - value != 0.0:
        return repr(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)
