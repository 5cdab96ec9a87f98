"""Results and `wrt`, S2S140-169: what is differentiated, with respect to what."""

from .exceptions import Misuse, NotScalar, Unsupported
from .table import code

ROWS = (
    code(
        "S2S140",
        "not-scalar",
        NotScalar,
        "The gradient of several numbers",
        "`{operator}` needs one real number, and `{name}` returns {what}",
        label="returned here",
        help="""use `jacobian` for all derivatives of an array, `derivative` for a
        function of one number; if the first result is the one meant and the others
        go along: `has_aux=True`""",
        why="""A gradient is the derivative of one real number. Summing the results,
        as some tools do, would answer another question.""",
        before="""
        def f(x):
            return x * x

        grad(f)(np.ones(3))
        """,
        after="""
        def f(x):
            return x * x

        jacobian(f)(np.ones(3))
        """,
    ),
    code(
        "S2S141",
        "not-real",
        NotScalar,
        "A result that is not a real number",
        "`{name}` returns {what}, which is no real number and has no derivative",
        label="returned here",
        help="""return a float; for a complex result, its real part or its
        modulus squared""",
        why="""Integers, booleans, strings and None carry no derivative. `jacobian`
        and `has_aux` help where several things are returned.""",
        before="""
        def f(x):
            return round(x)
        """,
        after="""
        def f(x):
            return x
        """,
    ),
    code(
        "S2S142",
        "missing-return",
        NotScalar,
        "A missing return",
        "`{name}` returns None{where}",
        label="no `return` on this way",
        help="return the value: `return {value}`",
        why="""A function that ends without `return` gives None, of which there is
        no derivative.""",
        before="""
        def f(x):
            y = x * x
        """,
        after="""
        def f(x):
            y = x * x
            return y
        """,
    ),
    code(
        "S2S143",
        "wrt-unknown",
        Misuse,
        "wrt names no parameter",
        "`wrt={wrt}` names no parameter of `{name}`{suggestion}",
        label="defined here",
        help="its parameters are {parameters}",
        why="""`wrt` is the position or the name of a parameter, a path such as
        `"params['w']"` or `"self.W"`, or a tuple of them. Positions do not count
        `self`.""",
        before="""
        def f(x, y):
            return x * y

        grad(f, wrt="z")
        """,
        after="""
        def f(x, y):
            return x * y

        grad(f, wrt="y")
        """,
    ),
    code(
        "S2S144",
        "wrt-not-numeric",
        Unsupported,
        "wrt names something that is no number",
        "`{wrt}` is {what}, so nothing can be differentiated with respect to it",
        label="here",
        help="""name a parameter that is a real number, a real array or a
        container of them""",
        why="""Strings, functions, None and booleans do not vary by small amounts.""",
        before="""
        def f(x, mode):
            return x * x if mode == "square" else x

        grad(f, wrt="mode")(2.0, "square")
        """,
        after="""
        def f(x, mode):
            return x * x if mode == "square" else x

        grad(f, wrt="x")(2.0, "square")
        """,
    ),
    code(
        "S2S145",
        "wrt-and-argnums",
        Misuse,
        "Both wrt and argnums",
        "`wrt` and `argnums` are two names of one option; both were given",
        label="here",
        help="give `wrt` alone",
        why="""`argnums` is there for those who come from JAX.""",
        before="""
        grad(f, wrt=0, argnums=1)
        """,
        after="""
        grad(f, wrt=1)
        """,
    ),
    code(
        "S2S146",
        "wrt-twice",
        Misuse,
        "wrt names a parameter twice",
        "`wrt` names `{wrt}` twice",
        label="here",
        help="""name each parameter once; a path and the whole that holds it are
        the same""",
        why="""The derivative with respect to it would be shared out in no
        particular way.""",
        before="""
        grad(f, wrt=("x", 0))
        """,
        after="""
        grad(f, wrt=("x",))
        """,
    ),
    code(
        "S2S147",
        "wrt-empty",
        Misuse,
        "Nothing to differentiate with respect to",
        "`{name}` has no parameter that is a real number or holds one",
        label="defined here",
        help="pass a float or a float array",
        why="""Integers used as counts or indices, strings and None have no
        derivative, and nothing else was passed.""",
        before="""
        def f(n):
            return len("x" * n)

        vjp(f, 3)
        """,
        after="""
        def f(n):
            return n * 1.0

        vjp(f, 3.0)
        """,
    ),
    code(
        "S2S148",
        "not-elementwise",
        NotScalar,
        "derivative of a function that mixes elements",
        """`derivative` of an array needs an elementwise function, and `{name}`
        is not one""",
        label="elements are mixed here",
        help="use `jacobian`, or `grad` if the result is one number",
        why="""One number per element describes the derivative only where each
        element of the result depends on the same element of the argument alone.""",
        before="""
        import numpy as np

        derivative(np.cumsum)(np.ones(3))
        """,
        after="""
        import numpy as np

        jacobian(np.cumsum)(np.ones(3))
        """,
    ),
    code(
        "S2S149",
        "aux-shape",
        Misuse,
        "has_aux without a pair",
        "`has_aux=True` needs a pair `(value, aux)`, and `{name}` returns {what}",
        label="returned here",
        help="`return value, aux`",
        why="""With `has_aux` the first of two results is differentiated and the
        second goes along.""",
        before="""
        grad(lambda x: x * x, has_aux=True)
        """,
        after="""
        grad(lambda x: (x * x, x), has_aux=True)
        """,
    ),
    code(
        "S2S150",
        "seed-shape",
        Misuse,
        "A seed that does not fit",
        "the {what} `{name}` has {have} where {want} is needed",
        label="here",
        help="a tangent has the shape of its argument, a cotangent that of the result",
        why="""A seed of another shape would be broadcast silently and answer
        another question.""",
        before="""
        jvp(f, (np.ones(3),), (np.ones(1),))
        """,
        after="""
        jvp(f, (np.ones(3),), (np.ones(3),))
        """,
    ),
    code(
        "S2S151",
        "signature",
        Misuse,
        "Arguments that do not fit the function",
        "{reason}",
        label="defined here",
        help="the function is `{signature}`",
        why="""A derived function takes the same arguments as the function itself.""",
        before="""
        grad(lambda x, y: x * y)(1.0)
        """,
        after="""
        grad(lambda x, y: x * y)(1.0, 2.0)
        """,
    ),
    code(
        "S2S152",
        "no-kinds",
        Unsupported,
        "Kinds that are not known without a call",
        "what `{name}` is cannot be told without a call",
        label="used here",
        help="annotate it (`{name}: float`, `{name}: np.ndarray`) or give an example: "
        '`--at "..."`',
        why="""Whether a parameter is a number, an array or a container decides the
        text of the derivative. A call always says it.""",
        before="""
        def f(x, model):
            return model.w * x
        """,
        after="""
        def f(x, model: "Model"):
            return model.w * x
        """,
    ),
    code(
        "S2S153",
        "option-unknown",
        Misuse,
        "An option that does not exist",
        "`{operator}` has no option `{option}`{suggestion}",
        label="here",
        help="its options are {options}",
        why="""An option that is not known is a mistake more often than not.""",
        before="""
        grad(f, optimise=2)
        """,
        after="""
        grad(f, optimize=2)
        """,
    ),
)
