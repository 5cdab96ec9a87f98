"""Names and stores, S2S001-029: which array a name means, who else sees a write."""

from .exceptions import Unsupported
from .table import code

ROWS = (
    code(
        "S2S001",
        "maybe-undefined",
        Unsupported,
        "A name that may not be assigned",
        "`{name}` may not be assigned when it is used here",
        label="used here",
        help="assign `{name}` before the branch or loop that assigns it",
        why="""On one way through the program the name has no value, and Python
        would raise there. The derivative would have to raise in the same place, and
        cannot when the value only flows backwards.""",
        before="""
        def f(x, n):
            for i in range(n):
                y = x * i
            return y
        """,
        after="""
        def f(x, n):
            y = 0.0
            for i in range(n):
                y = x * i
            return y
        """,
    ),
    code(
        "S2S002",
        "undefined",
        Unsupported,
        "A name that is not defined",
        "`{name}` is not defined here",
        label="not defined",
        help="define `{name}`, or import it, before the function is called",
        why="""The name is neither a local, nor a variable of an enclosing function,
        nor a global of the module, nor a builtin at the time of the call.""",
        before="""
        def f(x):
            return x * scale
        """,
        after="""
        scale = 2.0

        def f(x):
            return x * scale
        """,
    ),
    code(
        "S2S003",
        "global-write",
        Unsupported,
        "Writing a global variable",
        "the global variable `{name}` is written",
        label="written here",
        help="return the new value of `{name}` and let the caller assign it",
        why="""A derivative may be evaluated more than once and in another order
        than the program, so a global that it writes would be left in a state that
        no call of the function explains.""",
        before="""
        count = 0

        def f(x):
            global count
            count = count + 1
            return x * count
        """,
        after="""
        def f(x, count):
            count = count + 1
            return x * count, count
        """,
    ),
    code(
        "S2S004",
        "nonlocal-write",
        Unsupported,
        "Writing a variable of an enclosing function",
        "`{name}` of the enclosing function is written",
        label="written here",
        help="return the new value of `{name}` and assign it in the enclosing function",
        why="""A write that outlives the call cannot be undone on the way back, and
        other functions that share the variable would see a state that no call
        explains.""",
        before="""
        def counter():
            total = 0.0
            def f(x):
                nonlocal total
                total = total + x
                return total * x
            return f
        """,
        after="""
        def f(x, total):
            total = total + x
            return total * x, total
        """,
    ),
    code(
        "S2S005",
        "captured-write",
        Unsupported,
        "Writing into a captured array",
        "`{name}` is not an argument of this function, and it is written into",
        label="written here",
        help="pass `{name}` as an argument, or write into a copy: "
        "`{name}_new = {name}.copy()`",
        why="""An array of the module or of an enclosing function lives on after the
        call. Writing into it would change what the next call computes, so neither
        the value nor its derivative would be a function of the arguments alone. What
        `lru_cache` and `cached_property` keep lives on, too.""",
        before="""
        import numpy as np

        buffer = np.zeros(3)

        def f(x):
            buffer[0] = x
            return buffer[0] * x
        """,
        after="""
        import numpy as np

        def f(x):
            buffer = np.zeros(3)
            buffer[0] = x
            return buffer[0] * x
        """,
    ),
    code(
        "S2S006",
        "captured-read-back",
        Unsupported,
        "Reading back what was written to a captured object",
        "`{name}` outlives the call, and what was written into it is read back here",
        label="read here",
        help="keep the value in a local variable and write `{name}` from it",
        why="""A write to `self` or to a captured list that the call never reads is
        a record, kept like `print`. One that is read back carries values from
        statement to statement behind the back of the arguments.""",
        before="""
        history = []

        def f(x):
            history.append(x * x)
            return history[-1] * 2.0
        """,
        after="""
        history = []

        def f(x):
            square = x * x
            history.append(square)
            return square * 2.0
        """,
    ),
    code(
        "S2S007",
        "attribute-write",
        Unsupported,
        "Writing an attribute of an object of unknown kind",
        "the attribute `{name}` of an object of unknown kind is written",
        label="written here",
        help="use a local variable, or a dataclass whose fields are known",
        why="""An object may compute on assignment, through `__setattr__` or a
        property; what it then holds is not what was assigned.""",
        before="""
        def f(x, model):
            model.state = x * x
            return model.state * x
        """,
        after="""
        def f(x, model):
            state = x * x
            return state * x
        """,
    ),
    code(
        "S2S012",
        "which-array",
        Unsupported,
        "Which array is written depends on the run",
        """which array `{name}` names depends on the run, so this write cannot be
        followed""",
        label="written here",
        help="""write inside each branch, or copy: `{name} = ({choice}).copy()`""",
        why="""The name stands for one of several arrays, and one of them has been
        written since. Which one it is cannot be known from the text, so neither can
        what this write leaves of it.""",
        before="""
        def f(a, b, flag):
            y = a if flag else b
            a[0] = 2.0
            y[1] = 1.0
            return y.sum()
        """,
        after="""
        def f(a, b, flag):
            a[0] = 2.0
            y = a if flag else b
            y[1] = 1.0
            return y.sum()
        """,
    ),
    code(
        "S2S013",
        "which-array-read",
        Unsupported,
        "Which array is read after a write depends on the run",
        """which array `{name}` names depends on the run, and one of them has been
        written since""",
        label="used here",
        help="""make two arrays of them before the write: `{choice} =
        {choice}.copy()`""",
        why="""After a write to one of the arrays that the name may stand for, the
        value that is read depends on which one it was.""",
        before="""
        def f(a, b, flag):
            y = a if flag else b
            y[0] = 1.0
            return a[0] * b[0]
        """,
        after="""
        def f(a, b, flag):
            if flag:
                a[0] = 1.0
            else:
                b[0] = 1.0
            return a[0] * b[0]
        """,
    ),
    code(
        "S2S014",
        "maybe-view",
        Unsupported,
        "Writing through what may or may not be a view",
        """`{name}` may be a view of `{base}` or a copy of it, so this write is
        ambiguous""",
        label="written here",
        help="copy: `{name} = {name}.copy()`, or write into `{base}` itself",
        why="""NumPy decides by the layout in memory whether `reshape`, `ravel` and
        `asarray` copy. Whether the base array sees the write is therefore not known
        from the text.""",
        before="""
        def f(a):
            v = a.T.reshape(-1)
            v[0] = 0.0
            return a.sum()
        """,
        after="""
        def f(a):
            v = a.T.reshape(-1).copy()
            v[0] = 0.0
            return a.sum()
        """,
    ),
    code(
        "S2S015",
        "aliased-arguments",
        Unsupported,
        "Arguments that share memory",
        "`{name}` is written into, and shares memory with `{other}` in this call",
        label="written here",
        help="pass a copy: `{other}.copy()`",
        why="""Both are windows on the same numbers: a write to one changes elements of
        the other, so the result is no function of the two. Views of one array that do
        not overlap are followed.""",
        before="""
        import numpy as np

        def f(a, b):
            a[0] = b[0] * 2.0
            return a[0] * b[1]

        x = np.ones(4)
        f(x[1:], x[:-1])
        """,
        after="""
        import numpy as np

        def f(a, b):
            a[0] = b[0] * 2.0
            return a[0] * b[1]

        x = np.ones(4)
        f(x[1:], x[:-1].copy())
        """,
    ),
    code(
        "S2S016",
        "augmented-unknown",
        Unsupported,
        "Augmented assignment to a value of unknown kind",
        """`{name} {operator}` writes in place if `{name}` is an array and makes a new
        value if it is a number, and which it is is not known""",
        label="assigned here",
        help="annotate the parameter (`{name}: np.ndarray` or `{name}: float`), give "
        'an example (`--at "..."`), or write `{name} = {name} ...`',
        why="""`+=` on an array changes it for every name that shares it; on a
        number it changes only the name. The two have different derivatives
        elsewhere.""",
        before="""
        def f(x, y):
            z = y
            z += x
            return z * y
        """,
        after="""
        def f(x, y):
            z = y + x
            return z * y
        """,
    ),
    code(
        "S2S017",
        "overlapping-write",
        Unsupported,
        "Writing an array from an overlapping part of itself",
        "`{name}` is written from a part of itself that overlaps",
        label="written here",
        help="copy what is read: `{name}[...].copy()`",
        why="""The elements that are read are among those being written; which value
        they have depends on the order inside the library. Elementwise functions, and
        sums along axes, compute as if there were no overlap, and are followed.""",
        before="""
        import numpy as np

        def f(a, b):
            np.dot(a, b, out=a)
            return a.sum()
        """,
        after="""
        import numpy as np

        def f(a, b):
            a[...] = np.dot(a, b)
            return a.sum()
        """,
    ),
    code(
        "S2S019",
        "write-to-write",
        Unsupported,
        "Writing in a way that is not followed",
        "writing into `{name}` in this way is not supported",
        label="written here",
        help="make a new value instead, with `np.where`, `np.concatenate` or a list",
        why="""The write has a form that is not followed, so the values that later
        reads see would not be known.""",
        before="""
        def f(x):
            y = x * 2.0
            y.resize(2)
            return y.sum()
        """,
        after="""
        def f(x):
            y = x * 2.0
            y = y[:2]
            return y.sum()
        """,
    ),
    code(
        "S2S020",
        "kind-changes",
        Unsupported,
        "A loop variable whose kind keeps changing",
        "`{name}` is {first} on one trip through the loop and {second} on the next",
        label="loop",
        help="give `{name}` its final kind before the loop: "
        "`{name} = np.zeros(shape)` or `{name} = 0.0`",
        why="""Values carried round a loop need one kind, so that one derivative
        serves every trip. A first trip that differs is unrolled; a kind that goes
        on changing is not.""",
        before="""
        def f(x, n):
            y = x
            for i in range(n):
                y = [y, y]
            return y
        """,
        after="""
        def f(x, n):
            y = []
            for i in range(n):
                y.append(x)
            return y
        """,
    ),
    code(
        "S2S021",
        "kinds-disagree",
        Unsupported,
        "Branches that leave values of different kinds",
        "`{name}` is {first} after one branch and {second} after the other",
        label="branch",
        help="give `{name}` the same kind in both branches",
        why="""What follows the branch has one derivative, which needs to know
        whether it works on a number, an array, or a container with certain entries.""",
        before="""
        def f(x, flag):
            if flag:
                y = x
            else:
                y = (x, x)
            return y
        """,
        after="""
        def f(x, flag):
            if flag:
                y = (x, 0.0)
            else:
                y = (x, x)
            return y
        """,
    ),
    code(
        "S2S022",
        "view-grows",
        Unsupported,
        "A list that grows while it is shared",
        "`{name}` grows while another name or a loop holds it",
        label="grown here",
        help="append to a new list, or copy first: `{name} = list({name})`",
        why="""Which elements the other holder sees depends on the moment at which
        it looks.""",
        before="""
        def f(x):
            values = [x]
            for v in values:
                if len(values) < 4:
                    values.append(v * x)
            return sum(values)
        """,
        after="""
        def f(x):
            values = [x]
            for i in range(3):
                values.append(values[i] * x)
            return sum(values)
        """,
    ),
    code(
        "S2S023",
        "recursion-shares",
        Unsupported,
        "A recursive function that shares arrays with its caller",
        """`{name}` calls itself, and shares an array with its caller that is written or
        returned""",
        label="called here",
        help="pass each array once, as an argument of its own, and return copies: "
        "`return x[1:].copy()`",
        why="""Where two arguments are one array, or a result is a window on an
        argument, the body is followed in the place of the call. A function that calls
        itself has no end that could be followed in this way.""",
        before="""
        def back(u, v, n):
            if n > 0:
                u[n] = 2.0 * v[n - 1]
                back(u, v, n - 1)

        def f(x, n):
            back(x, x, n)
            return x.sum()
        """,
        after="""
        def back(u, n):
            if n > 0:
                u[n] = 2.0 * u[n - 1]
                back(u, n - 1)

        def f(x, n):
            back(x, n)
            return x.sum()
        """,
    ),
    code(
        "S2S024",
        "held-array",
        Unsupported,
        "A write to what a container of the run holds",
        "`{name}` is written, and a list, dict or object of the run may hold it, too",
        label="written here",
        help="add `.copy()` to what is put into it, or make a new value here: "
        "`{name} = {name} + ...`",
        why="""Every entry that is this very array changes with the write. Which entries
        those are depends on the run. Often the copy is what was meant: without it, all
        entries end up the same.""",
        before="""
        def f(x, n):
            states = []
            for i in range(n):
                states.append(x)
                x *= 0.5
            return sum(s.sum() for s in states)
        """,
        after="""
        def f(x, n):
            states = []
            for i in range(n):
                states.append(x.copy())
                x *= 0.5
            return sum(s.sum() for s in states)
        """,
    ),
    code(
        "S2S025",
        "entry-replaced",
        Unsupported,
        "An entry of a container is used after another has taken its place",
        """`{name}` is an entry that `{holder}` no longer holds: another has been put in
        its place""",
        label="used here",
        help="copy it before the entry is replaced: `old = {holder}[...].copy()`",
        why="""An array or list that is read out of a container is the container's own.
        Once the entry has been replaced, and arrays in it have been written, what the
        old one holds is not followed any more.""",
        before="""
        def f(p):
            w = p["w"]
            p["w"] = 2.0 * w
            w[0] = 1.0
            return w @ p["w"]
        """,
        after="""
        def f(p):
            w = p["w"].copy()
            p["w"] = 2.0 * w
            w[0] = 1.0
            return w @ p["w"]
        """,
    ),
    code(
        "S2S026",
        "entries-shared",
        Unsupported,
        "What two lists hold is written through one of them",
        """`{name}` holds what another list or dict holds, too, and that has been
        written there""",
        label="used here",
        help="""copy what is written: `[row.copy() for row in rows]`, or reach it by
        one of the two alone: `rows[i]`""",
        why="""A slice, a sum or a copy of a list is a new list of the same arrays.
        Where one of these is written through the one list, the other changes, too;
        which of its entries that is depends on the run.""",
        before="""
        def f(x, n):
            rows = [np.ones(2) * x[i] for i in range(n)]
            inner = rows[1:-1]
            inner[0][0] = x[0]
            return sum(np.sum(row**2) for row in rows)
        """,
        after="""
        def f(x, n):
            rows = [np.ones(2) * x[i] for i in range(n)]
            rows[1][0] = x[0]
            return sum(np.sum(row**2) for row in rows)
        """,
    ),
    code(
        "S2S027",
        "unknown-identity",
        Unsupported,
        "Whether two things are one object",
        "it is not known whether these are one object",
        label="asked here",
        help="compare what they hold, or pass what this decides as an argument of its "
        "own",
        why="""Arguments, globals and what they hold may be one object or two that are
        equal. That is looked up in the call at hand; what a function is given by
        itself, deeper down, cannot be looked up.""",
        before="""
        start = [1.0, 2.0]

        def f(x, n, row=start):
            if n == 0:
                return x
            return f(x, n - 1, row) * (x if row is start else 2.0)
        """,
        after="""
        start = [1.0, 2.0]

        def f(x, n, row=start):
            if n == 0:
                return x
            return f(x, n - 1, row) * (x if row == start else 2.0)
        """,
    ),
)
