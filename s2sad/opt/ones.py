"""The derivative of `x * log(x)` is `log(x) + 1`.

    y_bar = log(x) + x / x               ->      y_bar = log(x) + 1.0
    y_bar = log(p / q) + p / (p / q) / q ->      y_bar = log(p / q) + 1.0

`x / x` is one unless `x` is zero, infinite or not a number; a sum with its logarithm is
no finite number then either. The second rounds otherwise, to what is exact.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir.nodes import Atom, Op

Source = Callable[..., "Op | None"]  # the op that made an atom, if it is one of these

LOGARITHMS = ("log", "log2", "log10")
DEEP = 4  # operations between a sum and a logarithm in it


def is_one(atom: Atom, beside: Atom, source: Source) -> bool:
    """Is it 1, wherever a sum with `beside` is finite?"""
    div = source(atom, "div")
    if div is None:
        return False
    above, below = div.args
    if above == below:
        return holds_log(beside, below, source)
    inner = source(above, "div")
    if inner is None:
        return False
    ratio = source(inner.args[1], "div")
    if ratio is None or ratio.args != (inner.args[0], below):
        return False
    return holds_log(beside, inner.args[1], source)


def holds_log(atom: Atom, x: Atom, source: Source, deep: int = DEEP) -> bool:
    """Is a logarithm of `x` a summand of it, or a factor of one?"""
    op = source(atom, *LOGARITHMS, "neg", "add", "sub", "mul")
    if op is None or not deep:
        return False
    if op.prim in LOGARITHMS:
        return op.args[0] == x
    return any(holds_log(arg, x, source, deep - 1) for arg in op.args)
