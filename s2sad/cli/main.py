"""From `sys.argv` to an exit code.

0    done; for `check`: PROVED or AGREES
1    the answer is no: refused, check failed, stale
2    usage, target not found, or its import raised or exited
101  a bug of s2sad
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence

from s2sad.cli.config import ConfigError, settings
from s2sad.cli.parser import HANDLERS, make_parser
from s2sad.cli.streams import Streams
from s2sad.cli.targets import TargetError
from s2sad.errors import InternalError, Misuse, S2sadError

DONE, NO, USAGE, BUG = 0, 1, 2, 101


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    try:
        parser = make_parser(settings())
    except ConfigError as error:
        print(f"s2sad: {error}", file=sys.stderr)
        return USAGE
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has said why, or printed the help
        return _flushed(stop.code if isinstance(stop.code, int) else USAGE)
    if args.command is None:
        parser.print_help()
        return _flushed(USAGE)
    out = Streams(args.color, args.json)
    try:
        code = _run(args, out)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _closed_pipe()


def _run(args: object, out: Streams) -> int:
    command = args.command  # type: ignore[attr-defined]
    try:
        module = importlib.import_module(f"s2sad.cli.{HANDLERS[command]}")
        return module.run(args, out)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        out.say("interrupted")
        return 130
    except TargetError as error:
        out.problem("target", str(error), USAGE)
        return USAGE
    except InternalError as error:
        return _bug(out, str(error))
    except (Misuse, ConfigError) as error:
        out.problem("usage", str(error), USAGE)
        return USAGE
    except S2sadError as error:
        out.refused(error, NO)
        return NO
    except Exception:
        return _bug(out, traceback.format_exc().rstrip())


def _bug(out: Streams, text: str) -> int:
    out.problem("bug", text, BUG)
    out.say("s2sad: this is a bug of s2sad; the text above belongs in the report")
    return BUG


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _closed_pipe()
    return code


def _closed_pipe() -> int:
    """Whoever read our output has enough: end without a word."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass
    return DONE
