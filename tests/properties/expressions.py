"""Ways to write a number or an array."""

from __future__ import annotations

from tests.properties.templates import arrays, numbers
from tests.properties.writer import Scope, Shape, Writer, array, number

# ---- numbers -------------------------------------------------------------------------

numbers(
    {
        "sum of two": ("(<n> + <n>)", "(<n> - <n>)"),
        "product": ("(0.5 * <n> * <n>)",),
        "quotient": ("(<n> / (1.5 + <n> ** 2))",),
        "minus": ("(-<n>)",),
        "power": ("(<n> ** 2)", "((1.1 + <n> ** 2) ** 0.5)", "(1.5 + <n> ** 2) ** <l>"),
        "exponential": ("math.exp(-(<n> ** 2))", "np.exp(-(<n> ** 2))"),
        "root": ("math.sqrt(1.0 + <n> ** 2)", "np.sqrt(1.0 + <n> ** 2)"),
        "logarithm": ("math.log(2.0 + <n> ** 2)", "np.log1p(<n> ** 2)"),
        "angle": ("math.atan2(<n>, 2.0 + <n> ** 2)", "math.hypot(1.5, <n>)"),
        "conditional expression": ("(<n> if <t> else <n>)",),
        "absolute value": ("abs(<n>)", "math.fabs(<n>)", "np.abs(<n>)"),
        "builtin max and min": (
            "max(<n>, <n>)",
            "min(<n>, <n>)",
            "max(<n>, <l>, <k>)",
        ),
        "kept a float": ("float(<n>)",),
        "bounded function": (
            "math.sin(<n>)",
            "math.cos(<n>)",
            "math.tanh(<n>)",
            "math.atan(<n>)",
            "np.sin(<n>)",
            "np.tanh(<n>)",
        ),
        "reduction": (
            "np.sum(<a>)",
            "np.mean(<a>)",
            "np.max(<a>)",
            "np.min(<a>)",
            "np.linalg.norm(<a> + 3.0)",
            "np.prod(0.5 * <a>)",
            "np.var(<a>)",
            "np.median(<f>)",
        ),
        # the reverse half computes these again, and asks which element it was
        "largest of a formula": (
            "np.max((<f> + <g>) + <f> * <g>)",
            "np.min(0.7 * <f> * <g> + <g> * <k>)",
            "np.max(<f>**2 * 0.3 - <f> * <g>)",
        ),
        "method of a part": ("<z>.sum()", "<z>.mean()", "<z>.max()", "<z>.min()"),
        "dot product": (
            "0.5 * (<f> @ <f>)",
            "0.5 * np.dot(<f>, <f>)",
            "0.5 * <g>.dot(<f>)",
            "0.5 * np.vdot(<f>, <g>)",
            "0.3 * np.inner(<g>, <g>)",
        ),
        "item": ("<g>.item(-1)", "<g>.item(0)", "float(<g>[0])"),
        "masked part summed": ("np.sum(<f>[<g> > <k>])", "<g>[<g> <= <k>].sum()"),
        "where it is largest": ("<g>[np.argmax(<g>)]", "<g>[np.argmin(<f>)]"),
        "sum over a list": (
            "math.fsum([<n>, <n>])",
            "sum([<n>, <l>], <l>)",
            "sorted([<l>, <n>])[0]",
        ),
    }
)


MOVING_PART_SUMMED = (":<i>", "<i>:", "<i>:<i> + 2", ":-1 - <i>", "<i> - 1:")


@number("moving part summed", MOVING_PART_SUMMED)
def _(w: Writer, s: Scope, depth: int):
    """A slice whose length depends on the trip."""
    fitting = [n for n, shape in s.arrays.items() if len(shape) == 1]
    if not fitting or not s.indices:
        return None
    i, name = w.pick(s.indices), w.pick(fitting)
    part = w.word(MOVING_PART_SUMMED)
    return f"np.sum({name}[{part.replace('<i>', i)}])"


@number("walrus")
def _(w: Writer, s: Scope, depth: int):
    name = w.new("s")
    return f"(({name} := {w.number(s, depth)}) * math.cos({name}))"


SUM_OF_A_GENERATOR = ("sum(<e>)", "max(<e>)", "sum([<e>])", "min([<e>])")


@number("sum of a generator", SUM_OF_A_GENERATOR)
def _(w: Writer, s: Scope, depth: int):
    shapes = [name for name, shape in s.arrays.items() if len(shape) == 1]
    if not shapes:
        return None
    v = w.new("v")
    within = s.inner(numbers=[*s.numbers, v])
    text = w.word(SUM_OF_A_GENERATOR)
    only = f" if {v} > {w.bound()}" if "sum" in text and w.chance(30) else ""
    each = f"0.3 * {w.number(within, min(depth, 1))} for {v} in {w.pick(shapes)}{only}"
    return text.replace("<e>", each)


@number("item of a list")
def _(w: Writer, s: Scope, depth: int):
    fitting = [name for name, size in s.lists.items() if size]
    if not fitting:
        return None
    name = w.pick(fitting)
    return f"{name}[{w.index(s, s.lists[name])}]"


SUM_OF_A_LIST = ("sum(<q>)", "(0.1 * len(<q>) + sum(<q>[1:]))", "math.fsum(<q>)")


@number("sum of a list", SUM_OF_A_LIST)
def _(w: Writer, s: Scope, depth: int):
    if not s.lists:
        return None
    text = w.word(SUM_OF_A_LIST)
    return text.replace("<q>", w.pick(s.lists))


ITEM_OF_A_DICT = ("<d>[<k>]", "<d>.get(<k>)")


@number("item of a dict", ITEM_OF_A_DICT)
def _(w: Writer, s: Scope, depth: int):
    for name, items in s.tables.items():
        plain = [key for key, shape in items.items() if shape is None]
        if plain:
            key = w.pick(plain)
            return (
                w.word(ITEM_OF_A_DICT).replace("<d>", name).replace("<k>", f'"{key}"')
            )
    return None


@number("element in a container")
def _(w: Writer, s: Scope, depth: int):
    places = container_places(w, s)
    if not places:
        return None
    text, shape = w.pick(places)
    return f"{text}[{', '.join(w.index(s, size) for size in shape)}]"


@number("attribute")
def _(w: Writer, s: Scope, depth: int):
    return f"{w.pick(s.objects)}.level" if s.objects else None


CALL_OF_A_HELPER = ("pure(<p>, <q>)", "pure(q=<q>, p=<p>)", "pure(*(<p>, <q>))")


@number("call of a helper", CALL_OF_A_HELPER)
def _(w: Writer, s: Scope, depth: int):
    if "pure" not in s.helpers:
        return None
    one, two = w.number(s, depth), w.number(s, depth)
    text = w.word(CALL_OF_A_HELPER)
    return text.replace("<p>", one).replace("<q>", two)


@number("call of a closure")
def _(w: Writer, s: Scope, depth: int):
    if not s.closures:
        return None
    return w.pick(s.closures.values()).format(w.number(s, depth))


def container_places(w: Writer, s: Scope) -> list[tuple[str, Shape]]:
    """The arrays that lists, dicts and objects hold."""
    found = [
        (f"{name}[{w.index(s, size)}]", shape) for name, (size, shape) in s.rows.items()
    ]
    for name, items in s.tables.items():
        found += [(f'{name}["{k}"]', shape) for k, shape in items.items() if shape]
    return found + [(f"{name}.cells", (4,)) for name in s.objects]


# ---- arrays --------------------------------------------------------------------------

arrays(
    0,
    {
        "arrays added": ("(<a> + <a>)", "(<a> - <a>)", "np.add(<a>, <a>)"),
        "arrays multiplied": ("(0.5 * <a> * <a>)", "(0.4 * np.square(<a>))"),
        "array and number": ("(<n> + <a>)", "(<n> - <a>)", "(<n> * <a>)", "(-<a>)"),
        "elementwise function": (
            "np.sin(<a>)",
            "np.tanh(<a>)",
            "np.cos(<a>)",
            "np.arctan(<a>)",
            "np.exp(-(<a> ** 2))",
            "np.sqrt(1.0 + <a> ** 2)",
            "np.abs(<a>)",
        ),
        "elementwise quotient": ("(<a> / (2.0 + <a> ** 2))",),
        "where": ("np.where(<m>, <a>, <a>)", "np.where(<m>, <n>, <a>)"),
        "elementwise choice": (
            "np.clip(<a>, -0.8, 0.9)",
            "np.maximum(<a>, <n>)",
            "np.minimum(<a>, <s>)",
        ),
        "array chosen": ("(<a> if <t> else <a>)", "(<s> if <t> else <s>)"),
        "running sum": (
            "(0.4 * np.cumsum(<a>, axis=0))",
            "(0.3 * <s>.cumsum(axis=-1))",
        ),
        "copy": ("<s>.copy()", "np.array(<s>)", "np.copy(<s>)"),
        "like another": (
            "(np.zeros_like(<s>) + <n>)",
            "(np.ones_like(<s>) * <n>)",
            "np.full_like(<s>, <n>)",
        ),
    },
)
arrays(
    1,
    {
        "moved round": ("np.roll(<a>, 1)", "np.flip(<a>)", "(<a>)[::-1]"),
        "sorted": ("np.sort(<a>)", "<s>[np.argsort(<s>)]"),
        "products of the elements": ("np.cumprod(0.7 * np.cos(<a>))",),
    },
)
arrays(
    2,
    {
        "moved round in a grid": (
            "np.roll(<a>, 1, axis=0)",
            "np.roll(<a>, -1, axis=1)",
            "np.flip(<a>, 0)",
        ),
        "a lower triangle": ("np.tril(<a>)",),
        "an upper triangle": ("np.triu(<a>)",),
    },
)


BROADCAST = (
    "(<a> + <r>)",
    "(<a> * <r>)",
    "(<c>[:, None] - <r>)",
    "(<c>[:, None] + <a>)",
    "np.broadcast_to(<r>, <d>)",
)


@array("broadcast", BROADCAST)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 2:
        return None
    rows, columns = shape
    text = w.word(BROADCAST)
    parts = {
        "<a>": lambda: w.array(s, shape, depth),
        "<r>": lambda: w.array(s, (columns,), 0),
        "<c>": lambda: w.array(s, (rows,), 0),
        "<d>": lambda: str(shape),
    }
    for place, part in parts.items():
        if place in text:
            text = text.replace(place, part())
    return text


@array("outer product")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 2:
        return None
    left, right = w.array(s, shape[:1], 0), w.array(s, shape[1:], 0)
    return f"(0.4 * np.outer({left}, {right}))"


@array("matrix product")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    fitting = [name for name, found in s.arrays.items() if len(found) == 2]
    if not fitting:
        return None
    name = w.pick(fitting)
    rows, columns = s.arrays[name]
    if shape == (rows,):
        return f"(0.3 * ({name} @ {w.array(s, (columns,), 0)}))"
    if shape == (columns,):
        return f"(0.3 * ({w.array(s, (rows,), 0)} @ {name}))"
    if shape == (rows, rows):
        return f"(0.3 * ({name} @ {name}.T))"
    return None


SUM_ALONG_AN_AXIS = ("np.sum", "np.mean", "np.max")


@array("sum along an axis", SUM_ALONG_AN_AXIS)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    for name, found in s.arrays.items():
        if len(found) == 2 and len(shape) == 1 and shape[0] in found:
            axis = w.pick([k for k in (0, 1) if found[1 - k] == shape[0]])
            function = w.word(SUM_ALONG_AN_AXIS)
            return f"{function}({name}, axis={w.pick([axis, axis - 2])})"
    return None


FROM_THE_LARGEST = ("max", "min")


@array("distance from the largest", FROM_THE_LARGEST)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 2:
        return None
    m, v = w.array(s, shape, 0), w.array(s, shape[1:], 0)
    kept = f"axis={w.pick((0, 1))}, keepdims=True"
    return f"({m} - np.{w.word(FROM_THE_LARGEST)}(({m} + {v}) + {m} * {v}, {kept}))"


@array("array of numbers")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1:
        return None
    return f"np.array([{', '.join(w.number(s, 1) for _ in range(shape[0]))}])"


STACKED = ("np.stack", "np.vstack", "np.array")
JOINED = ("np.concatenate", "np.hstack")


@array("rows stacked", STACKED)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 2 or shape[0] > 4:
        return None
    rows = ", ".join(w.array(s, shape[1:], 0) for _ in range(shape[0]))
    return f"{w.word(STACKED)}([{rows}])"


@array("arrays joined", JOINED)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1 or shape[0] < 2:
        return None
    head = w.pick(range(1, shape[0]))
    left, right = w.array(s, (head,), 0), w.array(s, (shape[0] - head,), 0)
    return f"{w.word(JOINED)}(({left}, {right}))"


@array("differences")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1 or shape[0] > 4:
        return None
    return f"np.diff({w.array(s, (shape[0] + 1,), depth)})"


FANCY_READ = ("<x>[[<j>]]", "<x>[np.array([<j>])]", "np.take(<x>, [<j>])")


@array("fancy read", FANCY_READ)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1:
        return None
    sources = [(name, found[0]) for name, found in s.arrays.items() if len(found) == 1]
    if not sources:
        return None
    name, size = w.pick(sources)
    at = ", ".join(str(w.random.randrange(-1, size)) for _ in range(shape[0]))
    text = w.word(FANCY_READ)
    return text.replace("<x>", name).replace("<j>", at)


RESHAPED = ("<x>.reshape(-1)", "<x>.ravel()", "<x>.flatten()")


@array("reshaped", RESHAPED)
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    """Of any other rank with as many elements, in scope or made for it."""
    size = shape[0] if len(shape) == 1 else shape[0] * shape[1]
    fitting = [
        name
        for name, found in s.arrays.items()
        if len(found) != len(shape) and found[0] * (found[1:] or (1,))[0] == size
    ]
    if len(shape) == 2:
        flat = w.pick(fitting) if fitting else w.filled((size,), w.number(s, 0))
        return f"{flat}.reshape({shape[0]}, -1)"
    grid = w.pick(fitting) if fitting else ""
    if not grid:
        if size % 2 or not size:
            return None
        grid = w.array(s, (2, size // 2), 0)
    return w.word(RESHAPED).replace("<x>", grid)


@array("array in a container")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    fitting = [text for text, found in container_places(w, s) if found == shape]
    return w.pick(fitting) if fitting else None


@array("comprehension")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1:
        return None
    v = w.new("v")
    source = w.array(s, shape, 0)
    within = s.inner(numbers=[*s.numbers, v])
    return f"np.array([{w.number(within, 1)} for {v} in {source}])"


@array("array from a helper")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if "blend" not in s.helpers:
        return None
    return f"blend({w.array(s, shape, depth)}, {w.number(s, 1)})"
