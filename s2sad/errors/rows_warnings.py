"""Warnings, S2S200-229: the derivative is right, and may not be what was meant."""

from .exceptions import Unsupported
from .table import code

ROWS = (
    code(
        "S2S200",
        "equality",
        Unsupported,
        "An equality test on an active number",
        """`{what}` tests an active number for equality; the derivative is that
        of the way taken""",
        severity="warning",
        label="tested here",
        help="if both ways should agree near the point, compare with `<`, or use "
        "a tolerance",
        why="""A single point says nothing about its neighbourhood: with `x == 0.0`
        the way taken at 0 may be a constant, whose derivative is 0, where the
        function has another slope.""",
        before="""
        import math

        def f(x):
            if x == 0.0:
                return 1.0
            return math.sin(x) / x
        """,
        after="""
        import math

        def f(x):
            if abs(x) < 1e-4:
                return 1.0 - x * x / 6.0
            return math.sin(x) / x
        """,
    ),
    code(
        "S2S201",
        "zero-derivative",
        Unsupported,
        "A derivative that is zero everywhere",
        "`{name}` does not depend on `{wrt}`, so this derivative is zero",
        severity="warning",
        label="returned here",
        help="if it should, look for `round`, `int`, `//` or comparisons on the way",
        why="""The result is computed through operations that are flat, or not from
        this argument at all.""",
        before="""
        def f(x):
            return float(int(x)) * 2.0
        """,
        after="""
        def f(x):
            return x * 2.0
        """,
    ),
    code(
        "S2S202",
        "fallback",
        Unsupported,
        "A slower way was taken",
        "{what}; the result is right, and computed in a slower way",
        severity="warning",
        label="here",
        help="{how}",
        why="""Something that would have made the derivative faster could not be
        used.""",
        before="""
        jacobian(f, mode="forward")(x)
        """,
        after="""
        jacobian(f)(x)
        """,
    ),
    code(
        "S2S203",
        "cache",
        Unsupported,
        "The cache could not be used",
        "the cache folder {folder} is not used: {reason}",
        severity="warning",
        label="here",
        help="set `S2SAD_CACHE_DIR` to a folder of your own, or `S2SAD_CACHE=0`",
        why="""Derivatives are kept as text between runs. Without the folder they
        are derived anew in each process: only time is lost.""",
        before="""
        # S2SAD_CACHE_DIR=/root/cache, owned by someone else
        grad(f)(1.0)
        """,
        after="""
        # S2SAD_CACHE_DIR=$HOME/.cache/s2sad
        grad(f)(1.0)
        """,
    ),
    code(
        "S2S204",
        "annotation",
        Unsupported,
        "An annotation that the call contradicts",
        "`{name}` is annotated {annotation} and {kind} was passed; the call counts",
        severity="warning",
        label="annotated here",
        help="correct the annotation",
        why="""Annotations are used only where nothing has been called yet.""",
        before="""
        def f(x: float):
            return x.sum()
        """,
        after="""
        import numpy as np

        def f(x: np.ndarray):
            return x.sum()
        """,
    ),
    code(
        "S2S205",
        "object-copied",
        Unsupported,
        "A method that reads back what it writes into its object",
        """`{name}` is written and read back, and the derivative writes into a copy of
        it: the object stays as it is""",
        severity="warning",
        label="written here",
        help="read a local variable instead, and only write the attribute",
        why="""What a method writes into its object and does not read in the same call
        (a counter, a history) is kept, once and in order. What it reads back is
        followed as a value: the derivative is right, and the write is gone after the
        call.""",
        before="""
        class Model:
            def loss(self, x):
                self.last = x * x
                return self.last

        grad(model.loss)(1.0)
        """,
        after="""
        class Model:
            def loss(self, x):
                y = x * x
                self.last = y
                return y

        grad(model.loss)(1.0)
        """,
    ),
    code(
        "S2S206",
        "not-compiled",
        Unsupported,
        "A derivative that Numba does not compile",
        "`{name}` runs as Python, not compiled by Numba: {reason}",
        severity="warning",
        label="this",
        help='write it with numbers, arrays and loops, or leave `target="numba"` out',
        why="""Numba compiles a part of Python and of NumPy. A derivative that uses
        more than that is right all the same, and as fast as Python is.""",
        before="""
        def f(x):
            print(f"x is {x:.2f}")
            return x * x

        grad(f, target="numba")(1.0)
        """,
        after="""
        def f(x):
            return x * x

        grad(f, target="numba")(1.0)
        """,
    ),
    code(
        "S2S207",
        "checkpoint-kept",
        Unsupported,
        "A checkpointed loop that keeps as any other",
        "`checkpoint` does not help this loop: {reason}",
        severity="warning",
        label="this loop",
        help="""go over a `range`, to its end, and carry numbers and arrays; or put a
        stretch of trips into a function and checkpoint its calls""",
        why="""What a checkpointed loop carries is kept now and then, and its trips are
        made again from there. That takes a number of trips that is known before the
        first one, and values that can be kept and made again; the derivative is right
        in any case.""",
        before="""
        def f(x, n):
            for i in checkpoint(range(n)):
                x = x * math.sin(x)
                if x < 0.1:
                    break
            return x
        """,
        after="""
        def f(x, n):
            for i in checkpoint(range(n)):
                x = x * math.sin(x)
            return x
        """,
    ),
)
