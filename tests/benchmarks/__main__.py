"""How fast the derivatives are, beside those written by hand.

    python -m tests.benchmarks [--only NAMES] [--quick] [--peers] [--out DIR]

Not tests: the figures depend on the machine. Processor time, one thread, medians, all
columns in one run and in turns; every gradient is checked against the one written by
hand before it is timed.
"""

from __future__ import annotations

import argparse

from tests.benchmarks import threads  # before NumPy  # noqa: F401


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--only", default="", help="rows whose name holds one of these")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--peers", action="store_true", help="autograd, JAX, PyTorch")
    options = parser.parse_args()

    from tests.benchmarks import tables
    from tests.benchmarks.columns import OWN
    from tests.benchmarks.measure import QUICK, Effort
    from tests.benchmarks.peers import PEERS
    from tests.benchmarks.run import chosen, rows

    names = [name.strip() for name in options.only.split(",") if name.strip()]
    effort = QUICK if options.quick else Effort()
    peers = PEERS if options.peers else {}
    columns = {**OWN, **peers}
    found = list(rows(chosen(names), columns, effort))
    print(tables.of_times(found, list(columns)))
    print()
    print(tables.of_ratios(found, list(peers)))


if __name__ == "__main__":
    main()
