"""The command line: `s2sad show`, `check`, `trace`, `emit` and what helps to use them.

One file per command, found by its name when it runs; `parser.py` says what each
accepts, `main.py` turns whatever happens into an exit code.
"""

from s2sad.cli.main import main

__all__ = ["main"]
