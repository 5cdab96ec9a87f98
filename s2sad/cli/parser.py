"""What each command accepts. Every `--help` ends with two examples."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from s2sad._version import __version__

# Which file of this folder runs which command.
HANDLERS = {
    "show": "show",
    "emit": "emit",
    "check": "check",
    "trace": "trace",
    "rules": "rules",
    "list": "listing",
    "examples": "examples",
    "explain": "explain",
    "cache": "cache",
    "doctor": "doctor",
}

MODES = ("grad", "vjp", "jvp", "split")
STAGES = ("source", "ir", "dual", "tidy", "python")

TARGETS = """\
TARGET is package.module:func, file.py::func, file.py::Class.method, file.py alone if it
holds one candidate, or the name of a bundled example."""


def make_parser(settings: Mapping[str, object]) -> argparse.ArgumentParser:
    """The whole command line; `settings` are what options are without being given."""
    parser = argparse.ArgumentParser(
        prog="s2sad",
        description="Derivatives of plain Python functions, as readable Python source.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_examples(
            "s2sad show examples/textbook.py::f",
            's2sad check examples/textbook.py::f --at "2.0, 5.0"',
        ),
    )
    parser.add_argument("--version", action="version", version=f"s2sad {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands"
    )
    _show(commands)
    _emit(commands)
    _check(commands)
    _trace(commands)
    _rules(commands)
    _list(commands)
    _bundled(commands)
    _explain(commands)
    _cache(commands)
    _doctor(commands)
    for each in commands.choices.values():
        each.set_defaults(**settings)
    return parser


def _examples(*lines: str) -> str:
    return "examples:\n" + "\n".join(f"  {line}" for line in lines)


def _command(
    commands: argparse._SubParsersAction,
    name: str,
    what: str,
    more: str,
    *examples: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.\n\n{more}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_examples(*examples),
    )
    parser.add_argument(
        "--json", action="store_true", help='print one JSON object ("schema": 1)'
    )
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colour the output (default: if it goes to a terminal)",
    )
    return parser


def _target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="the function")


def _wrt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wrt",
        metavar="X,Y",
        help="differentiate by these parameters (names, positions or paths)",
    )


def _at(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--at", metavar="ARGS", help=what)


def _derivative(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mode",
        choices=MODES,
        help="grad: the gradient; vjp: reverse mode with a seed; jvp: forward mode; "
        "split: reverse mode in two halves (default: vjp)",
    )
    _wrt(parser)
    _at(parser, 'arguments that say what kinds to expect, such as "2.0, np.ones(3)"')
    parser.add_argument("--optimize", type=int, choices=(0, 1, 2), help="default: 1")


def _show(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "show",
        "print the derivative's source",
        TARGETS
        + "\nA derived function is printed as it is, a plain one by --mode and --wrt.",
        "s2sad show examples/textbook.py::f",
        's2sad show model.py::loss --mode grad --wrt w --at "np.ones(3), 0.5"',
    )
    _target(parser)
    _derivative(parser)
    parser.add_argument(
        "--stage",
        choices=STAGES,
        default="python",
        help="stop at this stage: the user's source, its IR, the derivative's before "
        "and after optimising, or the emitted Python (default)",
    )
    parser.add_argument(
        "--target",
        dest="writer",
        choices=("python", "numba", "module"),
        default="python",
        help="python: the function; numba: as Numba compiles it; module: a file that "
        "stands alone",
    )
    parser.add_argument(
        "--side",
        action="store_true",
        help="the user's source and the derivative side by side",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE")


def _emit(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "emit",
        "write the derivative to a file that needs NumPy, not s2sad",
        TARGETS,
        "s2sad emit examples/textbook.py::f --mode grad -o textbook_grad.py",
        "s2sad emit model.py::loss -o loss_vjp.py --check",
    )
    _target(parser)
    _derivative(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="the file"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 if FILE is not what would be written",
    )
    parser.add_argument(
        "--target",
        dest="writer",
        choices=("module", "numba"),
        default="module",
        help="module: for Python (default); numba: compiled by Numba",
    )


def _check(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "check",
        "prove or test the derivatives of a function",
        TARGETS
        + "\n\nPROVED: the generated code, run on symbols, equals sympy's derivative."
        + "\nAGREES: jvp, vjp and differences agree at many points."
        + "\nFAILS: they do not (exit code 1).",
        's2sad check examples/textbook.py::f --at "2.0, 5.0"',
        's2sad check model.py::loss --at "np.ones(3), 0.5" --prove',
    )
    _target(parser)
    _wrt(parser)
    _at(
        parser,
        'the arguments, such as "2.0, 5.0" (default: from annotations, defaults, 1.5)',
    )
    parser.add_argument("--prove", action="store_true", help="only PROVED passes")
    parser.add_argument(
        "--seconds",
        type=float,
        default=10.0,
        help="how long sympy may work (default: 10)",
    )
    parser.add_argument(
        "--points", type=int, default=12, help="points for differences (default: 12)"
    )


def _trace(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "trace",
        "print the evaluation tables: values, tangents and adjoints",
        TARGETS,
        's2sad trace examples/textbook.py::f --at "2.0, 5.0"',
        's2sad trace examples/textbook.py::f --at "2.0, 5.0" --seed "0, 1" --markdown',
    )
    _target(parser)
    _wrt(parser)
    _at(parser, 'the arguments, such as "2.0, 5.0"')
    parser.add_argument(
        "--seed",
        metavar="SEEDS",
        help='a tangent for each argument, such as "1, 0" (default: 1 for the first)',
    )
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")


def _rules(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "rules",
        "list the operations that have derivatives",
        "WORD selects rules whose name or spelling contains it.",
        "s2sad rules",
        "s2sad rules arcsin",
    )
    parser.add_argument("word", metavar="WORD", nargs="?", help="show only these")


def _list(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "list",
        "list the functions of a file or module that can be targets",
        "Each line is a TARGET for the other commands.",
        "s2sad list examples/textbook.py",
        "s2sad list package.module",
    )
    parser.add_argument("target", metavar="FILE", help="file.py, or package.module")


def _bundled(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "examples",
        "list the bundled examples, or print one",
        "Pages (NN_name.md) explain what they run; .py files are targets.",
        "s2sad examples",
        "s2sad examples 01_evaluation_trace",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="print this one")


def _explain(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "explain",
        "explain a code such as S2S012",
        "Without CODE: all codes, a line each.",
        "s2sad explain S2S012",
        "s2sad explain which-array",
    )
    parser.add_argument("code", metavar="CODE", nargs="?", help="the code, or its name")


def _cache(commands: argparse._SubParsersAction) -> None:
    parser = _command(
        commands,
        "cache",
        "look at the cache of generated code, or empty it",
        "S2SAD_CACHE_DIR names another folder, S2SAD_CACHE=0 turns the cache off.",
        "s2sad cache info",
        "s2sad cache clear",
    )
    parser.add_argument("action", choices=("info", "clear"), help="what to do")


def _doctor(commands: argparse._SubParsersAction) -> None:
    _command(
        commands,
        "doctor",
        "say what s2sad finds on this machine",
        "Exit code 1 if something that it needs is missing.",
        "s2sad doctor",
        "s2sad doctor --json",
    )
