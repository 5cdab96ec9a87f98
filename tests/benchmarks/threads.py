"""One thread for everything: import this before NumPy and the peers."""

from __future__ import annotations

import os
import sys

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = (
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

late = [name for name in ("numpy", "numba", "jax", "torch") if name in sys.modules]
"""What was loaded before, and may have started threads."""
