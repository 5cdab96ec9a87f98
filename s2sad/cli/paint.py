"""Colours, by rich, which is loaded for this alone. Text is not wrapped or changed."""

from __future__ import annotations

import io


def painted(text: str, language: str) -> str:
    """The text with terminal colours; the same characters without them."""
    from rich.console import Console
    from rich.syntax import Syntax

    syntax = Syntax("", language, theme="ansi_dark", background_color="default")
    highlighted = syntax.highlight(text)
    highlighted.rstrip()
    sink = io.StringIO()
    console = Console(
        file=sink,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        soft_wrap=True,
        width=10_000,
        legacy_windows=False,
    )
    console.print(highlighted, soft_wrap=True, end="\n")
    return sink.getvalue()
