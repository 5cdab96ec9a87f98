"""A cache folder of the benchmark's own, empty at first.

What the user's holds may come of an older state, or of another level, of the machine: a
figure is of what is derived now.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory


@contextmanager
def fresh_cache() -> Iterator[str]:
    """Derivatives are kept there, by this process and those that it starts."""
    before = os.environ.get("S2SAD_CACHE_DIR")
    with TemporaryDirectory(prefix="s2sad-benchmarks-") as folder:
        os.environ["S2SAD_CACHE_DIR"] = folder
        try:
            yield folder
        finally:
            if before is None:
                del os.environ["S2SAD_CACHE_DIR"]
            else:
                os.environ["S2SAD_CACHE_DIR"] = before
