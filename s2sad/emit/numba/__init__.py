"""The target `numba`: the program in the part of Python that `numba.njit` compiles.

    found = fitted(program)        rewritten, with a shell where one is needed
    found.misfits                  what Numba would not take, and where
    text = numba_text(found, names)

Nothing here imports Numba: what it takes is a table of ours (`operations`).
"""

from __future__ import annotations

from s2sad.emit.numba.fitting import Fitted, Misfit, fitted
from s2sad.emit.numba.operations import Misfitting
from s2sad.emit.numba.text import numba_text

__all__ = ["Fitted", "Misfit", "Misfitting", "fitted", "numba_text"]
