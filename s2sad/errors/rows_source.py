"""Source, S2S070-079: not there, not current, or not to be told apart."""

from .exceptions import StaleSource, Unsupported
from .table import code

ROWS = (
    code(
        "S2S070",
        "no-source",
        Unsupported,
        "No source",
        "the source of `{name}` cannot be found: {reason}",
        label="defined here",
        help="put the function in a file or a notebook cell, or give the text: "
        "`grad({name}, source=...)`",
        why="""The derivative is made from the text of the function, not from its
        bytecode. Text is found in files, in notebook and IPython cells, in the
        prompt's history, in the argument of `python -c`, and wherever `linecache`
        has it.""",
        before="""
        exec("def f(x): return x * x")
        grad(f)
        """,
        after="""
        text = "def f(x): return x * x"
        exec(text)
        grad(f, source=text)
        """,
    ),
    code(
        "S2S071",
        "stale-source",
        StaleSource,
        "The source changed",
        "the text of `{name}` is not what the function was compiled from: {reason}",
        label="this is what stands there now",
        help="import the module again (`importlib.reload({module})`) or restart Python",
        why="""A derivative of the text that stands in the file now would be the
        derivative of another function than the one that is called.""",
        before="""
        import model  # and then model.py is edited

        grad(model.f)
        """,
        after="""
        import importlib
        import model

        importlib.reload(model)
        grad(model.f)
        """,
    ),
    code(
        "S2S072",
        "ambiguous-source",
        Unsupported,
        "Several functions that could be meant",
        "{count} texts could be the source of `{name}`",
        label="one of them",
        help="put each on a line of its own, or name it with `def`",
        why="""Python 3.10 does not record columns. Where several functions of one
        line have the same bytecode and differ in their defaults, nothing tells them
        apart.""",
        before="""
        def k(): ...

        pair = [lambda x, c=k(): x * c, lambda x, c=k() + 1: x * c]
        """,
        after="""
        def k(): ...

        def first(x, c=k()):
            return x * c

        def second(x, c=k() + 1):
            return x * c
        """,
    ),
    code(
        "S2S073",
        "not-a-function",
        Unsupported,
        "Not a function",
        "`{name}` is {what}, not a function written in Python",
        label="here",
        help="wrap it: `lambda x: {name}(x)`, or pass the function that does the work",
        why="""A derivative is made from the text of a Python function, method or
        lambda, or by a rule for a known library function.""",
        before="""
        grad(3.0)
        """,
        after="""
        grad(lambda x: 3.0 * x)
        """,
    ),
    code(
        "S2S074",
        "wrong-source",
        Unsupported,
        "The given text is not the function's",
        "the text given as `source=` is not that of `{name}`: {reason}",
        label="given here",
        help="give the text that the function was compiled from",
        why="""The text is compiled and compared with the function, so that the
        derivative is that of what is called.""",
        before="""
        exec("def f(x): return x * x")
        grad(f, source="def f(x): return x + x")
        """,
        after="""
        exec("def f(x): return x * x")
        grad(f, source="def f(x): return x * x")
        """,
    ),
)
