"""Calls and rules, S2S110-139: callables, methods and options whose derivative is not
known.
"""

from .exceptions import NoRule, Unsupported
from .table import code

ROWS = (
    code(
        "S2S110",
        "no-rule",
        NoRule,
        "A library function without a rule",
        "`{function}` has no rule, so its derivative is not known",
        label="called here",
        help="""write it with functions that have one (`s2sad rules` lists them), or
        add the rule for `{function}`: `s2sad.rule({function}, ...)`; if its
        derivative is zero: `s2sad.flat({function})`""",
        why="""Library code is not read; its derivative comes from the rule table.
        Treating an unknown function as a constant would give wrong numbers, so that
        does not exist.""",
        before="""
        import numpy as np

        def f(x):
            return np.i0(x)
        """,
        after="""
        import numpy as np

        def f(x):
            return sum((x / 2.0) ** (2 * k) / float(np.prod(np.arange(1, k + 1)) ** 2)
                       for k in range(12))
        """,
    ),
    code(
        "S2S111",
        "no-method",
        NoRule,
        "A method without a rule",
        "the method `.{method}` of {kind} has no rule",
        label="called here",
        help="write it with operations that have one: `s2sad rules` lists them",
        why="""Methods of arrays and numbers have rules like functions; this one has
        none.""",
        before="""
        def f(x):
            return x.byteswap().sum()
        """,
        after="""
        def f(x):
            return x.sum()
        """,
    ),
    code(
        "S2S112",
        "no-attribute",
        Unsupported,
        "An attribute that is not known",
        "{kind} has no attribute `.{attribute}` that is known",
        label="read here",
        help="arrays have `.shape`, `.ndim`, `.size`, `.dtype`, `.T` and `.real`; read "
        "others outside and pass them as arguments",
        why="""Reading an attribute may run code. Those of arrays, modules, and of
        objects whose attributes are plain values are known.""",
        before="""
        def f(x):
            return x.strides[0] * x.sum()
        """,
        after="""
        def f(x, stride):
            return stride * x.sum()
        """,
    ),
    code(
        "S2S113",
        "unknown-callable",
        Unsupported,
        "A call of something that is not known",
        "what `{what}` does with an active value is not known",
        label="called here",
        help="""call a Python function, or a library function with a rule;
        `stop_gradient(x)` passes the value on without its derivative""",
        why="""Everything that touches a value that is differentiated must be known.
        Calls that touch none of them are kept as they are written.""",
        before="""
        def f(x, solver):
            return solver(x)

        grad(f)(1.0, c_library.solve)
        """,
        after="""
        def f(x, solver):
            return solver(x)

        grad(f)(1.0, lambda x: x / 3.0)
        """,
    ),
    code(
        "S2S114",
        "keyword",
        NoRule,
        "An option that the rule does not know",
        "the rule of `{function}` does not know the option `{keyword}`",
        label="given here",
        help="leave `{keyword}` out, or write what it does: for `where=`, "
        "`np.where(mask, x, 0.0)`",
        why="""An option changes what a function computes. One that the rule does
        not take into account would make a wrong derivative.""",
        before="""
        import numpy as np

        def f(x, mask):
            return np.sum(x * x, where=mask)
        """,
        after="""
        import numpy as np

        def f(x, mask):
            return np.sum(np.where(mask, x * x, 0.0))
        """,
    ),
    code(
        "S2S115",
        "option",
        NoRule,
        "An option's value that the rule does not know",
        "`{function}` with `{keyword}={value}` has no rule",
        label="given here",
        help="use {supported}",
        why="""The function has a rule for other values of this option only.""",
        before="""
        import numpy as np

        def f(x):
            return np.pad(x, 2, mode="empty").sum()
        """,
        after="""
        import numpy as np

        def f(x):
            return np.pad(x, 2, mode="constant").sum()
        """,
    ),
    code(
        "S2S116",
        "bad-arguments",
        Unsupported,
        "A call that does not fit",
        "`{function}` cannot be called like this: {reason}",
        label="called here",
        help="see `help({function})`",
        why="""Python or the library would raise TypeError here at every call.""",
        before="""
        import math

        def f(x):
            return math.sin(x, 2.0)
        """,
        after="""
        import math

        def f(x):
            return math.sin(x) * 2.0
        """,
    ),
    code(
        "S2S117",
        "out",
        NoRule,
        "Writing a result into a given array",
        "`{function}` writes its result into `{name}`, which is not known as an array",
        label="given here",
        help="assign instead: `{name}[...] = {function}(...)`",
        why="""A result that is written through `out=` is seen by every name of that
        array, so it must be known which array that is.""",
        before="""
        import numpy as np

        def f(x, rows, i):
            np.exp(x, out=(rows[i],) * 2)
            return rows[i].sum()
        """,
        after="""
        import numpy as np

        def f(x, rows, i):
            rows[i][...] = np.exp(x)
            return rows[i].sum()
        """,
    ),
    code(
        "S2S118",
        "static-needed",
        Unsupported,
        "An option that must be known beforehand",
        "`{keyword}` of `{function}` depends on the run",
        label="computed here",
        help="pass it as a constant, or as an argument of the function",
        why="""The derivative of this operation depends on the option; it must be a
        constant or an argument that nothing changes.""",
        before="""
        def f(x, y):
            return x.sum(axis=int(y > 0.0)).sum()
        """,
        after="""
        def f(x, axis):
            return x.sum(axis=axis).sum()
        """,
    ),
    code(
        "S2S119",
        "random-active",
        Unsupported,
        "Random numbers with active parameters",
        """`{function}` draws random numbers whose distribution depends on an
        active value""",
        label="drawn here",
        help="draw from a fixed distribution and transform: "
        "`mean + scale * rng.normal(size=n)`",
        why="""How a draw changes with its parameters depends on the method by which
        the library draws it; written as a transformation it is plain.""",
        before="""
        def f(mean, rng):
            return rng.normal(mean, 1.0) ** 2
        """,
        after="""
        def f(mean, rng):
            return (mean + rng.normal(0.0, 1.0)) ** 2
        """,
    ),
    code(
        "S2S120",
        "opaque-active",
        NoRule,
        "An opaque function in an active position",
        "`{function}` is marked opaque, and an active value reaches it",
        label="called here",
        help="give it a rule: `s2sad.rule({function}, ...)`, or, if its derivative is "
        "zero, mark it `s2sad.flat`",
        why="""`opaque` keeps a call as it is; without a rule its derivative is
        unknown.""",
        before="""
        table = s2sad.opaque(table)

        def f(x):
            return table(x) * x
        """,
        after="""
        table = s2sad.opaque(table)
        s2sad.rule(table, lambda y, x: table_slope(x))

        def f(x):
            return table(x) * x
        """,
    ),
    code(
        "S2S121",
        "higher-order",
        Unsupported,
        "A function that is passed into library code",
        "`{function}` calls `{what}` itself, out of sight",
        label="passed here",
        help="write the loop: `for` or a comprehension",
        why="""Library code that calls back a Python function may call it any number
        of times, at points that the text does not show.""",
        before="""
        import functools

        def f(xs):
            return functools.reduce(lambda a, b: a * b, xs)
        """,
        after="""
        def f(xs):
            product = 1.0
            for x in xs:
                product = product * x
            return product
        """,
    ),
    code(
        "S2S122",
        "operand-kinds",
        Unsupported,
        "An operation on kinds it is not made for",
        "`{operation}` is not defined for {kinds}",
        label="computed here",
        help="convert the operands to numbers or arrays first",
        why="""Python would raise TypeError here, or do something that has no
        derivative, such as repeating a list.""",
        before="""
        def f(x):
            return [x, x] * x
        """,
        after="""
        import numpy as np

        def f(x):
            return np.array([x, x]) * x
        """,
    ),
    code(
        "S2S123",
        "shape-mismatch",
        Unsupported,
        "Shapes that do not fit",
        "`{operation}` cannot combine arrays of {kinds}",
        label="computed here",
        help="check the number of axes, or reshape one operand",
        why="""The library would raise ValueError here at every call with arguments
        of this kind.""",
        before="""
        def f(a, b):
            return (a.reshape(2, 3) @ b.reshape(2, 3)).sum()
        """,
        after="""
        def f(a, b):
            return (a.reshape(2, 3) @ b.reshape(2, 3).T).sum()
        """,
    ),
    code(
        "S2S124",
        "to-python",
        Unsupported,
        "A value that leaves the world of numbers",
        "`{function}` turns an active value into {what}, and its derivative is lost",
        label="converted here",
        help="keep it a number; `stop_gradient(x)` says that the loss is meant",
        why="""Text, bytes, pickles and hashes have no derivative. A value that came
        back from one would silently have derivative zero.""",
        before="""
        def f(x):
            return float(f"{x:.3f}") * x
        """,
        after="""
        from s2sad import stop_gradient

        def f(x):
            return float(f"{stop_gradient(x):.3f}") * x
        """,
    ),
    code(
        "S2S125",
        "file-active",
        Unsupported,
        "Reading and writing files or the network",
        "`{what}` passes an active value through the outside world",
        label="here",
        help="keep the value in a variable",
        why="""What is read back is a constant to the program, although it depends
        on what was written.""",
        before="""
        import numpy as np

        def f(x):
            np.save("x.npy", x)
            return np.load("x.npy").sum()
        """,
        after="""
        def f(x):
            return x.sum()
        """,
    ),
    code(
        "S2S126",
        "spelling",
        Unsupported,
        "A name that the emitted text cannot refer to",
        "`{name}` cannot be named in a file of its own",
        label="used here",
        help="make it an argument, a module-level constant or an importable function",
        why="""A module that is written to a file names what it uses. A value of a
        notebook or of an enclosing function has no name there.""",
        before="""
        scale = np.load("scale.npy")  # in a notebook

        def f(x):
            return x * scale
        """,
        after="""
        def f(x, scale):
            return x * scale
        """,
    ),
    code(
        "S2S127",
        "primitive-option",
        NoRule,
        "A use of a function that its rule does not cover",
        "the rule of `{name}` does not cover this use: {why}",
        label="used here",
        help="write it with other operations, or in the form that the rule covers",
        why="""The function has a rule, but not for these operands with these
        options, or not in this direction.""",
        before="""
        import numpy as np

        def f(a):
            return np.linalg.norm(a, ord=3, axis=(0, 1))
        """,
        after="""
        import numpy as np

        def f(a):
            return np.sum(np.abs(a) ** 3) ** (1 / 3)
        """,
    ),
    code(
        "S2S130",
        "shuffle",
        Unsupported,
        "Shuffling in place",
        "`{function}` puts the items of `{name}` in an order that only the run knows",
        label="shuffled here",
        help="make a new array: `{name}[rng.permutation(len({name}))]`",
        why="""After the call every item stands elsewhere, and the order is not told;
        drawn as a permutation it is a value that the reverse half can keep.""",
        before="""
        def f(x, rng):
            rng.shuffle(x)
            return x[0] ** 2
        """,
        after="""
        def f(x, rng):
            x = x[rng.permutation(len(x))]
            return x[0] ** 2
        """,
    ),
    code(
        "S2S131",
        "number-as-text",
        Unsupported,
        "A number that goes through text",
        "a number that varies is made into text here, and the text is computed with",
        label="made into text here",
        help="compute with the number itself, and format it only to print it",
        why="""What is read back from the digits of a number is a step function of it:
        its derivative is zero almost everywhere, and not what was meant.""",
        before="""
        def f(x):
            return float(f"{x:.3f}") * x
        """,
        after="""
        def f(x):
            print(f"{x:.3f}")
            return x * x
        """,
    ),
)
