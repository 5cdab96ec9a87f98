"""Inputs, S2S080-109: values that are not numbers or arrays of numbers."""

from .exceptions import Unsupported
from .table import code

ROWS = (
    code(
        "S2S080",
        "integer-array",
        Unsupported,
        "An integer array where a real one is needed",
        "`{name}` is an array of {dtype}, which has no derivative",
        label="differentiated here",
        help="convert it: `{name}.astype(float)`",
        why="""A derivative says what a small change does, and an integer array
        cannot hold one: the gradient, which has the dtype of the argument, would be
        rounded to whole numbers. A Python int is taken as a real number.""",
        before="""
        import numpy as np

        grad(lambda x: np.sum(x * x))(np.array([1, 2, 3]))
        """,
        after="""
        import numpy as np

        grad(lambda x: np.sum(x * x))(np.array([1.0, 2.0, 3.0]))
        """,
    ),
    code(
        "S2S081",
        "complex",
        Unsupported,
        "Complex values",
        "`{name}` is complex",
        label="here",
        help="compute with `{name}.real` and `{name}.imag` outside, and pass them as "
        "two real arguments",
        why="""A complex function has a derivative in the usual sense only where it
        is holomorphic. Complex values are refused until their rules come.""",
        before="""
        def f(z):
            return abs(z * z)

        grad(f)(1.0 + 2.0j)
        """,
        after="""
        def f(a, b):
            return (a * a - b * b) ** 2 + (2.0 * a * b) ** 2

        grad(f, wrt=(0, 1))(1.0, 2.0)
        """,
    ),
    code(
        "S2S082",
        "pandas",
        Unsupported,
        "A pandas object",
        "`{name}` is a pandas {type}",
        label="here",
        help="pass its numbers: `{name}.to_numpy(dtype=float)`",
        why="""pandas aligns by labels before it computes, and skips missing values;
        both would have to be differentiated with the numbers.""",
        before="""
        grad(loss)(frame["price"])
        """,
        after="""
        grad(loss)(frame["price"].to_numpy(dtype=float))
        """,
    ),
    code(
        "S2S083",
        "torch",
        Unsupported,
        "A tensor of another framework",
        "`{name}` is a {type}, which belongs to another framework",
        label="here",
        help="pass a NumPy array: `{convert}`",
        why="""Tensors of torch, JAX, TensorFlow or CuPy compute with their own
        libraries and keep their own derivatives.""",
        before="""
        grad(loss)(tensor)
        """,
        after="""
        grad(loss)(tensor.detach().cpu().numpy())
        """,
    ),
    code(
        "S2S084",
        "sparse",
        Unsupported,
        "A sparse matrix",
        "`{name}` is a sparse matrix",
        label="here",
        help="pass a dense array: `{name}.toarray()`, or differentiate with respect to "
        "the stored values: `{name}.data`",
        why="""The gradient of a sparse matrix is dense in general; which entries
        are meant must be said.""",
        before="""
        grad(energy)(matrix)
        """,
        after="""
        grad(energy)(matrix.toarray())
        """,
    ),
    code(
        "S2S085",
        "masked",
        Unsupported,
        "A masked array",
        "`{name}` is a masked array",
        label="here",
        help="fill it: `{name}.filled(0.0)`, and pass the mask beside it",
        why="""Operations on masked arrays leave elements out and combine masks; the
        derivative of what is left out is not defined.""",
        before="""
        grad(loss)(data)
        """,
        after="""
        import numpy as np

        def loss(x, keep):
            return np.sum(np.where(keep, x * x, 0.0))

        grad(loss)(data.filled(0.0), ~data.mask)
        """,
    ),
    code(
        "S2S086",
        "units",
        Unsupported,
        "A quantity with a unit",
        "`{name}` carries a unit ({type})",
        label="here",
        help="pass its number: `{convert}`",
        why="""The derivative has the unit of the result divided by that of the
        argument, so the numbers are differentiated and the unit is put on by the
        caller.""",
        before="""
        grad(energy)(length)
        """,
        after="""
        grad(energy)(length.to("m").magnitude) * joule / metre
        """,
    ),
    code(
        "S2S087",
        "object-dtype",
        Unsupported,
        "An array of Python objects",
        "`{name}` is an array of Python objects (dtype object)",
        label="here",
        help="convert it: `{name}.astype(float)`, or pass a list",
        why="""What the operations of its elements do is not known, and the elements
        need not be of one kind.""",
        before="""
        import numpy as np

        grad(np.sum)(np.array([1.0, None], dtype=object))
        """,
        after="""
        import numpy as np

        grad(np.sum)(np.array([1.0, np.nan]))
        """,
    ),
    code(
        "S2S088",
        "string-dtype",
        Unsupported,
        "An array without numbers",
        "`{name}` is an array of {dtype}, which holds no numbers",
        label="here",
        help="pass the numbers that are meant; strings, dates and records may be used "
        "where nothing is differentiated",
        why="""Strings, bytes, dates and records have no derivative.""",
        before="""
        import numpy as np

        grad(np.sum)(np.array(["1.0", "2.0"]))
        """,
        after="""
        import numpy as np

        grad(np.sum)(np.array(["1.0", "2.0"]).astype(float))
        """,
    ),
    code(
        "S2S089",
        "array-subclass",
        Unsupported,
        "A subclass of ndarray",
        "`{name}` is a {type}, a subclass of ndarray whose operations may differ",
        label="here",
        help="pass a plain array: `np.asarray({name})`",
        why="""`np.matrix` means another thing by `*`, and other subclasses may
        override any operation.""",
        before="""
        import numpy as np

        grad(lambda a: np.sum(a * a))(np.matrix([[1.0, 2.0], [3.0, 4.0]]))
        """,
        after="""
        import numpy as np

        grad(lambda a: np.sum(a @ a))(np.array([[1.0, 2.0], [3.0, 4.0]]))
        """,
    ),
    code(
        "S2S090",
        "dtype",
        Unsupported,
        "A dtype that is not supported",
        "`{name}` has the dtype {dtype}, which is not supported",
        label="here",
        help="convert it: `{name}.astype(float)`",
        why="""float16, float32, float64 and the platform's long double are computed
        in their own precision; other number types have no rules.""",
        before="""
        grad(loss)(weights.astype("bfloat16"))
        """,
        after="""
        grad(loss)(weights.astype("float32"))
        """,
    ),
    code(
        "S2S091",
        "rank-unknown",
        Unsupported,
        "An array of unknown rank",
        "how many axes `{name}` has is not known here",
        label="used here",
        help='annotate it, or give an example: `--at "np.ones((3, 3))"`',
        why="""The derivative of this operation differs with the number of axes. A
        call always says it; without a call the text must.""",
        before="""
        def f(x, axis):
            return x.sum(axis).sum()
        """,
        after="""
        import numpy as np

        def f(x: np.ndarray, axis=0):
            return np.atleast_2d(x).sum(axis).sum()
        """,
    ),
    code(
        "S2S092",
        "number-type",
        Unsupported,
        "A number type that is not supported",
        "`{name}` is a {type}",
        label="here",
        help="pass a float: `float({name})`",
        why="""`Decimal`, `Fraction` and numbers of other libraries have arithmetic
        of their own, and their derivatives would have to be computed in it.""",
        before="""
        from decimal import Decimal

        grad(lambda x: x * x)(Decimal("1.5"))
        """,
        after="""
        grad(lambda x: x * x)(1.5)
        """,
    ),
    code(
        "S2S093",
        "unknown-object",
        Unsupported,
        "An object of an unknown class",
        "`{name}` is a {type}, and what its operations do is not known",
        label="used here",
        help="pass the numbers that it holds, or make it a dataclass or NamedTuple",
        why="""Objects of user classes are followed through their attributes and
        methods; a class with operators, properties or `__getattr__` written in C
        cannot be read.""",
        before="""
        grad(lambda s: s * s)(sensor)
        """,
        after="""
        grad(lambda s: s * s)(sensor.value)
        """,
    ),
    code(
        "S2S094",
        "unhashable-static",
        Unsupported,
        "An argument that chooses the derivative and cannot be compared",
        "`{name}` decides which derivative is used, and a {type} cannot be a key",
        label="here",
        help="pass a string, a bool, a tuple or a function",
        why="""Strings, functions, types and the like are part of the signature of a
        call: a derivative is made for each value and found again by it, so the
        value must be hashable.""",
        before="""
        grad(f)(1.0, options=bytearray(b"fast"))
        """,
        after="""
        grad(f)(1.0, options="fast")
        """,
    ),
    code(
        "S2S095",
        "container-shared",
        Unsupported,
        "An argument that contains itself or one array twice",
        "`{name}` holds {what}",
        label="here",
        help="pass a copy: each array once, and no container inside itself",
        why="""The gradient has the structure of the argument, which must be a tree.""",
        before="""
        layers = [1.0]
        layers.append(layers)
        grad(f)(layers)
        """,
        after="""
        layers = [1.0, [1.0]]
        grad(f)(layers)
        """,
    ),
    code(
        "S2S096",
        "text-array",
        Unsupported,
        "An array of strings",
        "`{name}` is an array of strings, which has no derivative",
        label="differentiated here",
        help="""pass the numbers: `{name}.astype(float)` if the strings are digits; or
        leave `{name}` out of `wrt`""",
        why="""Strings do not vary: there is nothing that a small change of one could
        be.""",
        before="""
        import numpy as np

        grad(lambda words: float(len(words)))(np.array(["a", "b"]))
        """,
        after="""
        import numpy as np

        grad(lambda x: np.sum(x * x))(np.array(["1.5", "2.5"]).astype(float))
        """,
    ),
)
