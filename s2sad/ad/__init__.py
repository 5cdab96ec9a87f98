"""Differentiation: IR in, IR of the tangent or the adjoint out."""

from s2sad.ad.checkpoints import kept_whole
from s2sad.ad.equality import equality_tests
from s2sad.ad.jvp import jvp
from s2sad.ad.seeds import Wrt
from s2sad.ad.sweeps import Sweeps, numbers, sweeps
from s2sad.ad.vjp import split, vjp

__all__ = [
    "Sweeps", "Wrt", "equality_tests", "jvp", "kept_whole", "numbers", "split",
    "sweeps", "vjp",
]  # fmt: skip
