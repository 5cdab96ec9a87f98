"""How fast the derivatives are, beside those written by hand.

    python -m tests.benchmarks [--only NAMES] [--quick] [--peers] [--out DIR]
    python -m tests.benchmarks --readme [--out DIR]
    python -m tests.benchmarks derivation | sweeps | checkpoints

Not tests: the figures depend on the machine. Processor time, one thread, medians, all
columns in one run and in turns; every gradient is checked against the one written by
hand before it is timed. With `--out` the samples, tables, pictures and the page of texts
side by side are written there; `--readme` puts what was written into the README.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from tests.benchmarks import threads  # before NumPy  # noqa: F401
from tests.benchmarks.fresh import fresh_cache

RESULTS = Path(__file__).parent / "results"
OTHERS = ("derivation", "sweeps", "checkpoints")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument(
        "what", nargs="?", default="gradients", help="or one of the rest"
    )
    parser.add_argument("--only", default="", help="rows whose name holds one of these")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--peers", action="store_true", help="autograd, JAX, PyTorch")
    parser.add_argument("--out", type=Path, help="where results are written, or read")
    parser.add_argument("--readme", action="store_true", help="results to the README")
    options = parser.parse_args()
    if options.what in OTHERS:
        import_module(f"tests.benchmarks.{options.what}").main()
    elif options.what != "gradients":
        parser.error(f"{options.what!r} is none of gradients, {', '.join(OTHERS)}")
    elif options.readme:
        from tests.benchmarks import report

        report.to_readme(options.out or RESULTS)
    else:
        names = [name.strip() for name in options.only.split(",") if name.strip()]
        gradients(names, options)


@fresh_cache()
def gradients(names: list[str], options: argparse.Namespace) -> None:
    from tests.benchmarks import report, results
    from tests.benchmarks.columns import OWN
    from tests.benchmarks.derivation import figures_by_themselves
    from tests.benchmarks.measure import QUICK, Effort
    from tests.benchmarks.peers import PEERS
    from tests.benchmarks.run import chosen, growth, rows

    if not chosen(names):
        raise SystemExit(f"no row's name holds one of {names}")
    effort = QUICK if options.quick else Effort()
    columns = {**OWN, **(PEERS if options.peers else {})}
    found = {
        "machine": results.machine(),
        "columns": list(columns),
        "rows": list(rows(chosen(names), columns, effort)),
        "growth": list(growth(names, QUICK)) if options.out else [],
    }
    if not names:
        found["deriving"] = figures_by_themselves()
    if options.out:
        results.save(options.out, found)
        report.to_folder(options.out, results.load(options.out))
    print(report.tables_of(found))


if __name__ == "__main__":
    main()
