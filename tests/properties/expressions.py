"""Ways to write a number or an array."""

from __future__ import annotations

from tests.properties.writer import Scope, Shape, Writer, array, number

BOUNDED = ("math.sin", "math.cos", "math.tanh", "math.atan", "np.sin", "np.tanh")
SPREAD = ("np.sin", "np.tanh", "np.cos", "np.arctan")

# ---- numbers -------------------------------------------------------------------------


@number("sum of two")
def _(w: Writer, s: Scope, depth: int):
    return f"({w.number(s, depth)} {w.pick('+-')} {w.number(s, depth)})"


@number("product")
def _(w: Writer, s: Scope, depth: int):
    return f"(0.5 * {w.number(s, depth)} * {w.number(s, depth)})"


@number("quotient")
def _(w: Writer, s: Scope, depth: int):
    return f"({w.number(s, depth)} / (1.5 + {w.number(s, depth)} ** 2))"


@number("bounded function")
def _(w: Writer, s: Scope, depth: int):
    return f"{w.pick(BOUNDED)}({w.number(s, depth)})"


@number("exponential")
def _(w: Writer, s: Scope, depth: int):
    return f"math.exp(-({w.number(s, depth)} ** 2))"


@number("root")
def _(w: Writer, s: Scope, depth: int):
    return f"math.sqrt(1.0 + {w.number(s, depth)} ** 2)"


@number("minus")
def _(w: Writer, s: Scope, depth: int):
    return f"(-{w.number(s, depth)})"


@number("conditional expression")
def _(w: Writer, s: Scope, depth: int):
    return f"({w.number(s, depth)} if {w.test(s)} else {w.number(s, depth)})"


@number("walrus")
def _(w: Writer, s: Scope, depth: int):
    name = w.new("s")
    text = f"(({name} := {w.number(s, depth)}) * math.cos({name}))"
    return text


@number("reduction")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    function = w.pick(["np.sum", "np.mean", "np.max", "np.min", "np.linalg.norm"])
    shape = w.pick(s.arrays.values())
    if function == "np.linalg.norm":
        return f"{function}({w.array(s, shape, depth)} + 3.0)"
    return f"{function}({w.array(s, shape, depth)})"


@number("method of a part")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    text, _ = w.place(s)
    return f"{text}.{w.pick(['sum', 'mean', 'max'])}()"


@number("dot product")
def _(w: Writer, s: Scope, depth: int):
    shapes = [shape for shape in s.arrays.values() if len(shape) == 1]
    if not shapes:
        return None
    shape = w.pick(shapes)
    left, right = w.seen_array(s, shape), w.array(s, shape, min(depth, 1))
    form = w.pick(["({} @ {})", "np.dot({}, {})", "({}).dot({})"])
    return "0.5 * " + form.format(left, right)


@number("builtin max and min")
def _(w: Writer, s: Scope, depth: int):
    return f"{w.pick(['max', 'min'])}({w.number(s, depth)}, {w.number(s, depth)})"


@number("absolute value")
def _(w: Writer, s: Scope, depth: int):
    return f"{w.pick(['abs', 'math.fabs', 'np.abs'])}({w.number(s, depth)})"


@number("sum of a generator")
def _(w: Writer, s: Scope, depth: int):
    shapes = [name for name, shape in s.arrays.items() if len(shape) == 1]
    if not shapes:
        return None
    v = w.new("v")
    within = s.inner(numbers=[*s.numbers, v])
    only = f" if {v} > {w.bound()}" if w.chance(30) else ""
    source = w.pick(shapes)
    return f"sum(0.3 * {w.number(within, min(depth, 1))} for {v} in {source}{only})"


@number("item of a list")
def _(w: Writer, s: Scope, depth: int):
    fitting = [name for name, size in s.lists.items() if size]
    if not fitting:
        return None
    name = w.pick(fitting)
    return f"{name}[{w.index(s, s.lists[name])}]"


@number("sum of a list")
def _(w: Writer, s: Scope, depth: int):
    if not s.lists:
        return None
    name = w.pick(s.lists)
    return w.pick([f"sum({name})", f"(0.1 * len({name}) + sum({name}[1:]))"])


@number("item of a dict")
def _(w: Writer, s: Scope, depth: int):
    for name, items in s.tables.items():
        plain = [key for key, shape in items.items() if shape is None]
        if plain:
            key = w.pick(plain)
            return w.pick([f'{name}["{key}"]', f'{name}.get("{key}")'])
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


@number("call of a helper")
def _(w: Writer, s: Scope, depth: int):
    if "pure" not in s.helpers:
        return None
    return f"pure({w.number(s, depth)}, {w.number(s, depth)})"


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


@array("arrays added")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"({w.array(s, shape, depth)} {w.pick('+-')} {w.array(s, shape, depth)})"


@array("arrays multiplied")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"(0.5 * {w.array(s, shape, depth)} * {w.array(s, shape, depth)})"


@array("array and number")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"({w.number(s, 1)} {w.pick('+-*')} {w.array(s, shape, depth)})"


@array("elementwise function")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"{w.pick(SPREAD)}({w.array(s, shape, depth)})"


@array("elementwise quotient")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"({w.array(s, shape, depth)} / (2.0 + {w.array(s, shape, depth)} ** 2))"


@array("where")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    test = f"{w.array(s, shape, 0)} > {w.bound()}"
    return f"np.where({test}, {w.array(s, shape, depth)}, {w.array(s, shape, depth)})"


@array("elementwise choice")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if w.chance(30):
        return f"np.clip({w.array(s, shape, depth)}, -0.8, {w.pick(['0.9', '1.2'])})"
    name = w.pick(["np.maximum", "np.minimum"])
    return f"{name}({w.array(s, shape, depth)}, {w.number(s, 1)})"


@array("broadcast")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 2:
        return None
    rows, columns = shape
    if w.chance(50):
        row = w.array(s, (columns,), 0)
        return f"({w.array(s, shape, depth)} {w.pick('+*')} {row})"
    column = w.array(s, (rows,), 0)
    return f"({column}[:, None] {w.pick('+-')} {w.array(s, (columns,), depth)})"


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


@array("sum along an axis")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    for name, found in s.arrays.items():
        if len(found) == 2 and len(shape) == 1 and shape[0] in found:
            axis = w.pick([k for k in (0, 1) if found[1 - k] == shape[0]])
            function = w.pick(["np.sum", "np.mean", "np.max"])
            return f"{function}({name}, axis={w.pick([axis, axis - 2])})"
    return None


@array("array of numbers")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1:
        return None
    return f"np.array([{', '.join(w.number(s, 1) for _ in range(shape[0]))}])"


@array("arrays joined")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) == 2:
        if shape[0] > 3:
            return None
        rows = ", ".join(w.array(s, shape[1:], 0) for _ in range(shape[0]))
        return f"np.stack([{rows}])"
    if shape[0] < 2:
        return None
    head = w.pick(range(1, shape[0]))
    left, right = w.array(s, (head,), 0), w.array(s, (shape[0] - head,), 0)
    return f"np.concatenate(({left}, {right}))"


@array("running sum")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    axis = ", axis=0" if len(shape) == 2 else ""
    return f"(0.4 * np.cumsum({w.array(s, shape, depth)}{axis}))"


@array("moved round")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    inner = w.array(s, shape, depth)
    if len(shape) == 2:
        return f"np.roll({inner}, 1, axis={w.pick([0, 1])})"
    return w.pick([f"np.roll({inner}, 1)", f"np.flip({inner})", f"({inner})[::-1]"])


@array("differences")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1 or shape[0] > 4:
        return None
    return f"np.diff({w.array(s, (shape[0] + 1,), depth)})"


@array("sorted")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"np.sort({w.array(s, shape, depth)})" if len(shape) == 1 else None


@array("fancy read")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    if len(shape) != 1:
        return None
    sources = [(name, found[0]) for name, found in s.arrays.items() if len(found) == 1]
    if not sources:
        return None
    name, size = w.pick(sources)
    at = ", ".join(str(w.random.randrange(-1, size)) for _ in range(shape[0]))
    return f"{name}[[{at}]]"


@array("copy")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    return f"{w.seen_array(s, shape)}.copy()"


@array("like another")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    name = w.pick(["np.zeros_like", "np.ones_like"])
    return f"({name}({w.seen_array(s, shape)}) + {w.number(s, 1)})"


@array("reshaped")
def _(w: Writer, s: Scope, shape: Shape, depth: int):
    size = shape[0] if len(shape) == 1 else shape[0] * shape[1]
    for name, found in s.arrays.items():
        if len(found) != len(shape) and found[0] * (found[1:] or (1,))[0] == size:
            if len(shape) == 1:
                return w.pick([f"{name}.reshape(-1)", f"{name}.ravel()"])
            return f"{name}.reshape({shape[0]}, -1)"
    return None


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
