"""Statements and expressions, S2S030-069: constructs of the language."""

from .exceptions import Unsupported
from .table import code

ROWS = (
    code(
        "S2S030",
        "async",
        Unsupported,
        "async",
        "`{what}` waits for other tasks, and a derivative cannot wait with it",
        label="asynchronous here",
        help="compute in a plain function and await what it needs beforehand",
        why="""`async def`, `async for`, `async with`, `await` and asynchronous
        comprehensions hand control to an event loop in the middle of the
        computation; the reverse half would have to run the loop backwards.""",
        before="""
        async def f(x):
            y = await fetch(x)
            return x * y
        """,
        after="""
        def f(x, y):
            return x * y

        async def main(x):
            return f(x, await fetch(x))
        """,
    ),
    code(
        "S2S031",
        "yield",
        Unsupported,
        "Generator functions",
        "`{what}` makes this function a generator, which runs in pieces",
        label="yields here",
        help="collect the values in a list and return it, or use a generator "
        "expression where the values are used",
        why="""Between two values of a generator its caller runs, and may stop it,
        so the order in which the reverse half should undo the pieces is not in the
        text.""",
        before="""
        def powers(x, n):
            for k in range(n):
                yield x**k

        def f(x):
            return sum(powers(x, 4))
        """,
        after="""
        def powers(x, n):
            return [x**k for k in range(n)]

        def f(x):
            return sum(powers(x, 4))
        """,
    ),
    code(
        "S2S032",
        "try",
        Unsupported,
        "try, where it can't be followed",
        "this `try` is not differentiated: {why}",
        label="tried here",
        help="put what is tried into a function and call it in the `try`, or test "
        "the condition beforehand with `if`",
        why="""The reverse half has to know which statements were run. A body that goes
        through, or raises and leaves what it has done behind, is known; what is kept
        piece by piece in a loop that an exception may leave is not.""",
        before="""
        import math

        def f(x):
            try:
                y = math.log(x)
            finally:
                return 0.0
        """,
        after="""
        import math

        def f(x):
            try:
                y = math.log(x)
            except ValueError:
                y = 0.0
            return y
        """,
    ),
    code(
        "S2S033",
        "class",
        Unsupported,
        "A class defined inside that does more than hold values",
        "the class `{name}` is defined inside the function",
        label="defined here",
        help="define `{name}` at the top level of the module",
        why="""Methods, fields and constants of a class inside a function are
        followed. A metaclass, a decorator or other code in its body may do anything;
        and the text of the derivative has no such class, so that its objects cannot go
        where the run says which object is meant: into a list that grows, say.""",
        before="""
        def f(x):
            class Point(metaclass=Registered):
                def __init__(self, value):
                    self.value = value
            return Point(x).value * x
        """,
        after="""
        from typing import NamedTuple

        class Point(NamedTuple):
            value: float

        def f(x):
            return Point(x).value * x
        """,
    ),
    code(
        "S2S034",
        "with",
        Unsupported,
        "with and an unknown context manager",
        "what the context manager `{what}` does on entry and exit is not known",
        label="entered here",
        help="enter it around the call of the derivative",
        why="""A context manager may swallow an exception, and then nobody knows which
        statements of the block were run. Files, locks, `np.errstate`, `warnings` and
        those of the user's that let exceptions through are kept as they are.""",
        before="""
        def f(x):
            with session():
                return x * x
        """,
        after="""
        def f(x):
            return x * x

        with session():
            f(2.0)
        """,
    ),
    code(
        "S2S035",
        "del-element",
        Unsupported,
        "Deleting an element or an attribute",
        "`del` of an element is not differentiated",
        label="deleted here",
        help="make a new container without it, by slicing or a comprehension",
        why="""`del` of a name is followed. Deleting an element moves all those
        after it, and deleting an attribute may run code of the object.""",
        before="""
        def f(values):
            del values[0]
            return sum(values)
        """,
        after="""
        def f(values):
            return sum(values[1:])
        """,
    ),
    code(
        "S2S036",
        "import-star",
        Unsupported,
        "import *",
        "`from {module} import *` brings in names that the text does not show",
        label="imported here",
        help="import the names that are used: `from {module} import sin, exp`",
        why="""Names are resolved to objects when the function is read; after a star
        import any name may be another one. Python allows it at the top of a module
        only.""",
        before="""
        from math import *

        def f(x):
            return sin(x)
        """,
        after="""
        from math import sin

        def f(x):
            return sin(x)
        """,
    ),
    code(
        "S2S037",
        "construct",
        Unsupported,
        "A construct that is not supported",
        "{what} is not supported in a differentiated function",
        label="here",
        help="write it with assignments, `if`, `for`, `while` and calls",
        why="""Only constructs whose derivative is known are let through; everything
        else is refused rather than guessed at.""",
        before="""
        def f(x):
            y = ...
            return x * (y is ...)
        """,
        after="""
        def f(x):
            y = None
            return x * (y is None)
        """,
    ),
    code(
        "S2S038",
        "dynamic-code",
        Unsupported,
        "Code made at run time",
        "`{what}` makes or inspects code at run time",
        label="called here",
        help="write the expression out, or choose between functions with a dict",
        why="""`eval`, `exec`, `compile`, `locals`, `globals`, `vars()` and
        `__import__` read or write names that the text does not show.""",
        before="""
        def f(x, text):
            return eval(text) * x
        """,
        after="""
        def f(x, function):
            return function(x) * x
        """,
    ),
    code(
        "S2S039",
        "dynamic-attribute",
        Unsupported,
        "An attribute whose name is computed",
        "the name of the attribute is computed: `{what}`",
        label="computed here",
        help="write the attribute's name, pass it as a string argument, or use a dict",
        why="""Which value is read or written must be known when the derivative is
        made. A string argument is: each string gets its own derivative.""",
        before="""
        def f(x, model, i):
            return getattr(model, "w" + str(i)) * x
        """,
        after="""
        def f(x, weights, i):
            return weights[i] * x
        """,
    ),
    code(
        "S2S040",
        "unordered",
        Unsupported,
        "Going through a set",
        "the order in which a set is gone through may differ from run to run",
        label="gone through here",
        help="sort it: `for item in sorted({name}):`",
        why="""Strings hash differently in every process. The reverse half goes
        through the same elements backwards, and must find the same order.""",
        before="""
        def f(x, keys):
            total = 0.0
            for k in set(keys):
                total = total * x + k
            return total
        """,
        after="""
        def f(x, keys):
            total = 0.0
            for k in sorted(set(keys)):
                total = total * x + k
            return total
        """,
    ),
    code(
        "S2S041",
        "unknown-iterable",
        Unsupported,
        "Going through something of unknown kind",
        "what `{what}` yields is not known",
        label="gone through here",
        help="go through a range, list, tuple, dict, array, zip or enumerate; "
        "`list(...)` outside the function makes one",
        why="""An iterator may be used up after one pass and may compute as it goes;
        the reverse half needs the same elements again.""",
        before="""
        def f(x, stream):
            total = 0.0
            for v in stream:
                total += v * x
            return total
        """,
        after="""
        def f(x, values):
            total = 0.0
            for v in values:
                total += v * x
            return total

        f(2.0, list(map(float, open("numbers.txt"))))
        """,
    ),
    code(
        "S2S042",
        "starred-length",
        Unsupported,
        "Unpacking something of unknown length",
        "how many values `{what}` has is not known, so they cannot be unpacked here",
        label="unpacked here",
        help="index it: `{what}[0]`, `{what}[1:]`",
        why="""Names are given to values when the derivative is made, so their
        number must be known then. It is for tuples, for lists that are written out,
        and for `x.shape`.""",
        before="""
        def f(values):
            first, *rest = values
            return first * sum(rest)
        """,
        after="""
        def f(values):
            return values[0] * sum(values[1:])
        """,
    ),
    code(
        "S2S043",
        "unpack-count",
        Unsupported,
        "Unpacking the wrong number of values",
        "{count} values cannot be unpacked into {names} names",
        label="unpacked here",
        help="name as many as there are; `*rest` takes what remains",
        why="""Python would raise ValueError here at every call.""",
        before="""
        def f(x):
            a, b = (x, x, x)
            return a * b
        """,
        after="""
        def f(x):
            a, b, c = (x, x, x)
            return a * b
        """,
    ),
    code(
        "S2S044",
        "unknown-structure",
        Unsupported,
        "A container of unknown structure",
        "what `{what}` holds is not known",
        label="used here",
        help="build it in the function with its entries written out, or pass it as an "
        "argument",
        why="""Derivatives flow to entries one by one, so the entries and their
        kinds must be known: they are for arguments and for containers whose text
        builds them.""",
        before="""
        def f(x, keys):
            d = {}
            for k in keys:
                d[k] = x
            return d["a"]
        """,
        after="""
        def f(x):
            d = {"a": x, "b": x}
            return d["a"]
        """,
    ),
    code(
        "S2S045",
        "dynamic-key",
        Unsupported,
        "An entry chosen by a key that is not known",
        "which entry of `{what}` is meant depends on a value",
        label="looked up here",
        help="use entries of one kind, or a constant key",
        why="""Entries of a tuple or dict may have different kinds; which one is
        read must then be known when the derivative is made. A list, dict or array whose
        entries are of one kind may be asked for any of them.""",
        before="""
        def f(x, k):
            params = {"w0": x, "w1": x * x, "name": "linear"}
            return params["w" + str(k)] * 2.0
        """,
        after="""
        def f(weights, k):
            return weights[k] * 2.0
        """,
    ),
    code(
        "S2S046",
        "missing-key",
        Unsupported,
        "A key or position that is not there",
        "`{what}` has no entry {key}",
        label="looked up here",
        help="it has {have}",
        why="""The container's entries are known, and this one is not among them:
        Python would raise KeyError or IndexError at every call.""",
        before="""
        def f(x):
            params = {"w": x}
            return params["v"]
        """,
        after="""
        def f(x):
            params = {"w": x, "v": 1.0}
            return params["v"]
        """,
    ),
    code(
        "S2S047",
        "match-pattern",
        Unsupported,
        "A pattern that cannot be decided",
        "this pattern of `match` is not supported",
        label="matched here",
        help="write it as `if isinstance(...)`, or compare the values",
        why="""Literals, names, sequences of known length, mappings with constant
        keys, alternatives and guards are supported; a class pattern may run code of
        the class.""",
        before="""
        def f(x, p):
            match p:
                case Point(a, b):
                    return a * x
        """,
        after="""
        def f(x, p):
            if isinstance(p, Point):
                return p.a * x
            return x
        """,
    ),
    code(
        "S2S048",
        "recursion-kinds",
        Unsupported,
        "Recursion whose arguments keep changing kind",
        "`{name}` calls itself with arguments of ever new kinds",
        label="called here",
        help="keep the kinds of the arguments: pass an index along with the whole "
        "container rather than a part of it",
        why="""Every combination of kinds gets its own derivative; here there would
        be no end of them. Recursion with arguments of the same kinds is supported.""",
        before="""
        def total(values):
            if not values:
                return 0.0
            return values[0] + total(values[1:])
        """,
        after="""
        def total(values, i=0):
            if i == len(values):
                return 0.0
            return values[i] + total(values, i + 1)
        """,
    ),
    code(
        "S2S049",
        "ambiguous-truth",
        Unsupported,
        "The truth of an array",
        "whether an array of several elements is true is ambiguous",
        label="tested here",
        help="use `.any()`, `.all()` or `np.where`",
        why="""NumPy raises ValueError here as soon as the array has more than one
        element.""",
        before="""
        def f(x):
            if x > 0.0:
                return x
            return -x
        """,
        after="""
        import numpy as np

        def f(x):
            return np.where(x > 0.0, x, -x)
        """,
    ),
    code(
        "S2S050",
        "raise-active",
        Unsupported,
        "An exception that carries the computation",
        "the value in this exception is needed by the derivative",
        label="raised here",
        help="return the value instead of raising it",
        why="""An exception ends the function and no derivative flows through it.""",
        before="""
        def f(x):
            raise StopIteration(x * x)
        """,
        after="""
        def f(x):
            return x * x
        """,
    ),
    code(
        "S2S051",
        "too-deep",
        Unsupported,
        "An expression nested too deep",
        "this expression is nested {depth} deep",
        label="here",
        help="name a part of it: `part = ...`",
        why="""Python itself does not compile expressions nested beyond its own
        limit.""",
        before="""
        def f(x):
            return ((((((x + 1) * x + 2) * x + 3) * x + 4) * x + 5) * x + 6)
        """,
        after="""
        def f(x):
            y = ((x + 1) * x + 2) * x + 3
            return ((y * x + 4) * x + 5) * x + 6
        """,
    ),
    code(
        "S2S052",
        "generator-place",
        Unsupported,
        "A generator expression away from its use",
        "a generator expression is kept for later instead of being used here",
        label="here",
        help="make it a list: `[...]`",
        why="""A generator runs when it is asked, not where it is written, and only
        once. It is supported directly inside `sum`, `max`, `min`, `any`, `all`,
        `list`, `tuple`, `dict`, `zip`, `sorted` and `np.array`.""",
        before="""
        def f(x):
            squares = (x * k for k in range(3))
            return sum(squares)
        """,
        after="""
        def f(x):
            squares = [x * k for k in range(3)]
            return sum(squares)
        """,
    ),
    code(
        "S2S053",
        "list-length",
        Unsupported,
        "A list whose length the derivative cannot follow",
        "`{name}` changes its length in a way that is not supported",
        label="changed here",
        help="use `append`, or build the list with a comprehension",
        why="""`append` in a loop is followed; `insert`, `remove`, `pop(0)` and
        slices of another length move elements about by amounts that only the run
        knows.""",
        before="""
        def f(x, n):
            values = []
            for i in range(n):
                values.insert(i // 2, x * i)
            return values[0]
        """,
        after="""
        def f(x, n):
            values = []
            for i in range(n):
                values.append(x * i)
            return values[0]
        """,
    ),
    code(
        "S2S054",
        "decorator-inside",
        Unsupported,
        "A decorated function inside",
        "the decorator `{what}` of a function defined inside is not known",
        label="decorated here",
        help="define the decorated function at the top level of the module",
        why="""A decorator may return anything at all, and here it is called anew at
        every call of the function.""",
        before="""
        def f(x):
            @trace_calls
            def square(v):
                return v * v
            return square(x)
        """,
        after="""
        @trace_calls
        def square(v):
            return v * v

        def f(x):
            return square(x)
        """,
    ),
    code(
        "S2S055",
        "syntax",
        Unsupported,
        "Source that cannot be read",
        "the source cannot be read: {what}",
        label="here",
        help="the function was found, but its text is not what this Python accepts",
        why="""The text of a function comes from the file, notebook or history in
        which it was defined; a text that no parser accepts is not differentiated.""",
        before="""
        grad(f, source="def f(x) return x")
        """,
        after="""
        grad(f, source="def f(x): return x")
        """,
    ),
    code(
        "S2S060",
        "try-unsettled",
        Unsupported,
        "A value that depends on where an exception came from",
        """what `{name}` is after the exception depends on the statement that raised
        it""",
        label="tried here",
        help="set `{name}` in the handler, or try only the statement that may raise",
        why="""The body assigns the name between two operations that may raise, so
        behind the exception it has the one value or the other.""",
        before="""
        import math

        def f(x):
            y = 1.0
            try:
                y = math.sqrt(x)
                z = math.log(y)
            except ValueError:
                z = y
            return z
        """,
        after="""
        import math

        def f(x):
            y = 1.0
            try:
                y = math.sqrt(x)
                z = math.log(y)
            except ValueError:
                z = 1.0
            return z
        """,
    ),
    code(
        "S2S061",
        "bounded-queue",
        Unsupported,
        "A queue with a bound that is handed on",
        "where this queue grows past its bound cannot be followed",
        label="bounded here",
        help="drop the oldest item where it grows: `if len(q) > n: q.popleft()`",
        why="""A queue with `maxlen` forgets items by itself. That is followed where the
        function keeps the queue to itself, and reads it, asks for its length, appends
        to it and takes from it; not where others may append to it.""",
        before="""
        from collections import deque

        def f(x):
            last = deque([0.0], maxlen=2)
            more = last
            for v in x:
                more.append(v)
            return sum(last)
        """,
        after="""
        from collections import deque

        def f(x):
            last = deque([0.0])
            for v in x:
                last.append(v)
                if len(last) > 2:
                    last.popleft()
            return sum(last)
        """,
    ),
)
