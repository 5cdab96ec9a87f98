"""Statements on names and arrays: assignments, writes in place, views."""

from __future__ import annotations

from tests.properties.expressions import container_places
from tests.properties.templates import PLACE, mask
from tests.properties.writer import ARRAYS, Scope, Shape, Writer, statement

SHAPES: tuple[Shape, ...] = ((4,), (5,), (3, 4), (4, 4))


def flats(s: Scope, least: int = 1) -> list[str]:
    return [n for n, shape in s.arrays.items() if len(shape) == 1 and shape[0] >= least]


def grids(s: Scope) -> list[str]:
    return [name for name, shape in s.arrays.items() if len(shape) == 2]


def assignable(s: Scope) -> list[str]:
    return [name for name in s.numbers if name not in s.fixed]


def define(
    w: Writer, s: Scope, depth: int, value: str, shape: Shape, root: int
) -> None:
    """A new name of an array."""
    name = w.new("w")
    w.line(depth, f"{name} = {value}")
    s.bind(name, shape, root)


# ---- numbers -------------------------------------------------------------------------


@statement("assignment")
def _(w: Writer, s: Scope, depth: int):
    value = w.number(s, 3)
    if w.chance(40) or not assignable(s):
        name = w.new("s")
        s.numbers.append(name)
    else:
        name = w.pick(assignable(s))
    note = ": float" if w.chance(10) else ""
    w.line(depth, f"{name}{note} = {value}")
    return True


@statement("augmented assignment")
def _(w: Writer, s: Scope, depth: int):
    if not assignable(s):
        return None
    name, value = w.pick(assignable(s)), w.number(s, 2)
    sign = w.pick("+-*/")
    value = {"*": f"math.cos({value})", "/": f"(1.2 + {value} ** 2)"}.get(sign, value)
    w.line(depth, f"{name} {sign}= {value}")
    return True


@statement("assignment of several")
def _(w: Writer, s: Scope, depth: int):
    if len(assignable(s)) < 2:
        return None
    left, right = w.random.sample(assignable(s), 2)
    w.line(
        depth, f"{left}, {right} = {w.pick([right, w.number(s, 1)])}, {w.number(s, 1)}"
    )
    return True


@statement("chained assignment")
def _(w: Writer, s: Scope, depth: int):
    name, other = w.new("s"), w.new("s")
    w.line(depth, f"{name} = {other} = {w.number(s)}")
    s.numbers += [name, other]
    return True


# ---- names of arrays -----------------------------------------------------------------


@statement("new array")
def _(w: Writer, s: Scope, depth: int):
    """By the form that was written least so far, of a shape that it can give."""
    name, *_ = w.order(ARRAYS)
    shapes = [*s.arrays.values(), *SHAPES]
    for shape in w.random.sample(shapes, len(shapes)):
        value = ARRAYS[name](w, s, shape, 1)
        if value is not None:
            w.used[name] += 1
            define(w, s, depth, f"{value} + 0.0", shape, w.root())
            return True
    return None


@statement("array bound anew")
def _(w: Writer, s: Scope, depth: int):
    fitting = [name for name in s.arrays if s.rebinds or s.alone(name)]
    if not fitting:
        return None
    name = w.pick(fitting)
    shape = s.arrays[name]
    w.line(depth, f"{name} = {w.array(s, shape, 1)} * {w.constant()}")
    s.bind(name, shape, w.root())
    return True


@statement("alias")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    other = w.pick(s.arrays)
    define(w, s, depth, other, s.arrays[other], s.roots[other])
    return True


@statement("view")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    base = w.pick(s.arrays)
    text, shape = w.place(s, base)
    define(w, s, depth, text, shape, s.roots[base])
    return True


TURNED = ("<x>.reshape(-1)", "<x>.ravel()", "np.swapaxes(<x>, 0, 1)", "<x>.transpose()")
SPREAD = ("<x>.reshape(2, 2)", "<x>[:, None]", "<x>[np.newaxis]")


@statement("view of another rank", (*TURNED, *SPREAD))
def _(w: Writer, s: Scope, depth: int):
    """Of arrays that are surely contiguous."""
    flat = [name for name in flats(s) if s.arrays[name] == (4,) and name[0] in "ab"]
    grid = [name for name in grids(s) if name[0] in "m"]
    if grid and (not flat or w.chance(50)):
        base = w.pick(grid)
        rows, columns = s.arrays[base]
        text = w.word(TURNED)
        flattened = text in TURNED[:2]
        shape = (rows * columns,) if flattened else (columns, rows)
    elif flat:
        base, text = w.pick(flat), w.word(SPREAD)
        shape = dict(zip(SPREAD, ((2, 2), (4, 1), (1, 4)), strict=True))[text]
    else:
        return None
    define(w, s, depth, text.replace("<x>", base), shape, s.roots[base])
    return True


@statement("copy kept across a write")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    base = w.pick(s.arrays)
    define(w, s, depth, f"{base}.copy()", s.arrays[base], w.root())
    place, shape = w.written(s, base)
    w.line(depth, f"{place} *= {w.array(s, shape, 1)}")
    return True


@statement("names swapped on one path")
def _(w: Writer, s: Scope, depth: int):
    pairs = [
        (n, o)
        for n in s.arrays
        for o in s.arrays
        if n < o and s.arrays[n] == s.arrays[o] and s.alone(n) and s.alone(o)
    ]
    if not pairs:
        return None
    n, o = w.pick(pairs)
    w.line(depth, f"if {w.test(s)}:")
    w.line(depth + 1, f"{n}, {o} = {o}, {n}")
    return True


@statement("names swapped")
def _(w: Writer, s: Scope, depth: int):
    pairs = [
        (n, o)
        for n in s.arrays
        for o in s.arrays
        if n < o and s.arrays[n] == s.arrays[o] and s.roots[n] != s.roots[o]
    ]
    if not pairs or not s.rebinds:  # elsewhere it depends on the run which is which
        return None
    n, o = w.pick(pairs)
    w.line(depth, f"{n}, {o} = {o}, {n}")
    s.roots[n], s.roots[o] = s.roots[o], s.roots[n]
    return True


# ---- elements ------------------------------------------------------------------------


def target(w: Writer, s: Scope) -> str | None:
    """An element to be written, in one of its spellings."""
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    shape = s.arrays[name]
    at = [w.index(s, size) for size in shape]
    if len(at) == 2 and w.chance(40):
        return w.pick([f"{name}[{at[0]}][{at[1]}]", f"{name}.T[{at[1]}, {at[0]}]"])
    if len(at) == 1 and w.chance(20):
        part, left = w.part(shape[0])
        return f"{name}[{part}][{w.index(s, left)}]"
    return f"{name}[{', '.join(at)}]"


@statement("element set")
def _(w: Writer, s: Scope, depth: int):
    at = target(w, s)
    return at and (w.line(depth, f"{at} = {w.number(s)}") or True)


@statement("element augmented")
def _(w: Writer, s: Scope, depth: int):
    at = target(w, s)
    if at is None:
        return None
    sign, value = w.pick("+-*/"), w.number(s, 2)
    value = {"*": f"math.cos({value})", "/": f"(1.2 + {value} ** 2)"}.get(sign, value)
    w.line(depth, f"{at} {sign}= {value}")
    return True


@statement("element from its neighbour")
def _(w: Writer, s: Scope, depth: int):
    """A recurrence: what was written on the trip before is read."""
    fitting = [(i, n) for i, b in s.indices.items() for n in flats(s, b)]
    if not fitting:
        return None
    i, name = w.pick(fitting)
    w.line(
        depth,
        f"{name}[{i}] = 0.6 * {name}[{i} - 1] * {name}[{i}] + {w.number(s, 1)}",
    )
    return True


@statement("elements swapped")
def _(w: Writer, s: Scope, depth: int):
    if not flats(s):
        return None
    name = w.pick(flats(s))
    size = s.arrays[name][0]
    i, j = w.index(s, size), w.index(s, size)
    w.line(depth, f"{name}[{i}], {name}[{j}] = {name}[{j}], {name}[{i}]")
    return True


@statement("chained writes")
def _(w: Writer, s: Scope, depth: int):
    one, two = target(w, s), target(w, s)
    if one is None or two is None:
        return None
    w.line(depth, f"{one} = {two} = {w.number(s)}")
    return True


# ---- parts ---------------------------------------------------------------------------


@statement("part set")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    place, shape = w.written(s)
    value = w.array(s, shape, 2) if w.chance(75) else w.number(s, 1)
    w.line(depth, f"{place} = {value}")
    return True


@statement("part augmented")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    place, shape = w.written(s)
    value = w.array(s, shape, 1) if w.chance(65) else w.number(s, 1)
    sign = w.pick("++-*/")
    value = {"*": f"np.cos({value})", "/": f"(1.2 + {value} ** 2)"}.get(sign, value)
    w.line(depth, f"{place} {sign}= {value}")
    return True


@statement("part from an overlapping part")
def _(w: Writer, s: Scope, depth: int):
    if not flats(s, 2):
        return None
    name = w.pick(flats(s, 2))
    w.line(
        depth,
        w.pick(
            [
                f"{name}[1:] += 0.5 * {name}[:-1]",
                f"{name}[1:] += {name}[:-1]",
                f"{name}[:-1] = {name}[1:]",
                f"{name}[1:] = 0.7 * {name}[1:] * {name}[:-1]",
                f"{name}[:] = {name}[::-1]",
                f"{name}[1:] *= np.cos({name}[:-1])",
            ]
        ),
    )
    return True


@statement("whole array set")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    shape = s.arrays[name]
    value = w.array(s, shape, 2) if w.chance(70) else w.number(s, 1)
    w.line(depth, f"{name}[{w.pick([':', '...'])}] = {value}")
    return True


@statement("whole array augmented")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    shape = s.arrays[name]
    value = w.array(s, shape, 1) if w.chance(60) else w.number(s, 1)
    sign = w.pick(["+", "-", "*", "/", "**"])
    value = {"*": f"np.cos({value})", "/": f"(1.2 + {value} ** 2)"}.get(sign, value)
    w.line(depth, f"{name} {sign}= {'2' if sign == '**' else value}")
    if sign == "**":
        w.line(depth, f"{name} *= 0.5")
    return True


@statement("masked set")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    w.line(depth, f"{name}[{mask(w, s, s.arrays[name])}] = {w.number(s, 1)}")
    return True


MOVING_PART_WRITTEN = (
    "<x>[<p>] = <n>",
    "<x>[<p>] += <n>",
    "<x>[<p>] *= math.cos(<n>)",
    "<x>[<p>] -= 0.3 * <x>[<p>]",
    "<x>[<p>] = np.sin(<x>[<p>]) + <n>",
)


@statement("moving part written", MOVING_PART_WRITTEN)
def _(w: Writer, s: Scope, depth: int):
    """A slice whose length depends on the trip."""
    if not flats(s) or not s.indices:
        return None
    i, name = w.pick(s.indices), w.pick(flats(s))
    part = w.pick(["<i>:", ":<i>", "<i>:<i> + 1", "<i> + 1:"]).replace("<i>", i)
    text = w.word(MOVING_PART_WRITTEN)
    text = text.replace("<x>", name).replace("<p>", part)
    w.line(depth, text.replace("<n>", w.number(s, 1)) if "<n>" in text else text)
    return True


@statement("masked augmented")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    mask = w.new("k")
    w.line(depth, f"{mask} = {name} {w.pick('<>')} {w.bound()}")
    value = w.pick([w.number(s, 1), f"{w.array(s, s.arrays[name], 0)}[{mask}]"])
    w.line(depth, f"{name}[{mask}] {w.pick(['+=', '-=', '*='])} np.cos({value})")
    return True


@statement("fancy set")
def _(w: Writer, s: Scope, depth: int):
    if not flats(s, 3):
        return None
    name = w.pick(flats(s, 3))
    at = w.random.sample(range(s.arrays[name][0]), 2)
    if w.chance(25):  # the last of two writes to one place is the one that stays
        at[0] = at[1]
    value = w.array(s, (2,), 1) if w.chance(60) else w.number(s, 1)
    w.line(depth, f"{name}[{at}] {w.pick(['=', '=', '+=', '*='])} {value}")
    return True


# ---- functions that write ------------------------------------------------------------


UFUNC_WITH_OUT = (
    "np.add(<u>, <a>, out=<x>)",
    "np.multiply(<u>, <n>, out=<x>)",
    "np.subtract(<a>, <u>, out=<x>)",
    "np.maximum(<u>, <n>, out=<x>)",
    "np.sin(<u>, out=<x>)",
    "np.cos(<x>, out=<x>)",
    "np.tanh(<a>, <x>)",
    "np.add(<u>, <n>, out=<x>, where=<m>)",
    "np.multiply(<x>, <u>, out=<x>, where=<m>)",
)


@statement("ufunc with out", UFUNC_WITH_OUT)
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    shape = s.arrays[name]
    text = w.word(UFUNC_WITH_OUT)
    fill(w, s, depth, text, name, shape)
    return True


def fill(w: Writer, s: Scope, depth: int, text: str, name: str, shape: Shape) -> None:
    """A statement on an array and others of its shape."""
    parts = {
        "x": lambda: name,
        "u": lambda: w.pick([n for n in s.arrays if s.arrays[n] == shape]),
        "a": lambda: w.array(s, shape, 1),
        "n": lambda: w.number(s, 1),
        "m": lambda: mask(w, s, shape),
    }
    w.line(depth, PLACE.sub(lambda found: parts[found[1]](), text))


AT_ONCE = ("np.add.at", "np.subtract.at")


@statement("add.at", AT_ONCE)
def _(w: Writer, s: Scope, depth: int):
    if not flats(s):
        return None
    name = w.pick(flats(s))
    at = [w.random.randrange(s.arrays[name][0]) for _ in range(3)]
    value = w.array(s, (3,), 1) if w.chance(60) else w.number(s, 1)
    ufunc = w.word(AT_ONCE)
    w.line(depth, f"{ufunc}({name}, {at}, {value})")
    return True


FILLED = ("np.copyto(<x>, <a>)", "<x>.fill(<n>)", "np.copyto(<x>, <u>, where=<m>)")
FILLED_FLAT = ("np.put(<x>, [0, -1], <n>)", "np.put(<x>, [0], <x>[-1])")
FILLED_GRID = ("np.fill_diagonal(<x>, <n>)",)


@statement("copyto, fill and put", (*FILLED, *FILLED_FLAT, *FILLED_GRID))
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name = w.pick(s.arrays)
    shape = s.arrays[name]
    more = FILLED_FLAT if len(shape) == 1 else FILLED_GRID
    fill(w, s, depth, w.word((*FILLED, *more)), name, shape)
    return True


@statement("sort in place")
def _(w: Writer, s: Scope, depth: int):
    if not flats(s):
        return None
    w.line(depth, f"{w.pick(flats(s))}.sort()")
    return True


@statement("write into a container's array")
def _(w: Writer, s: Scope, depth: int):
    places = container_places(w, s)
    if not places:
        return None
    text, shape = w.pick(places)
    roll = w.random.randrange(4)
    if roll == 0:
        w.line(depth, f"{text} += {w.array(s, shape, 1)}")
    elif roll == 1:
        w.line(depth, f"{text} *= np.cos({w.number(s, 1)})")
    else:
        at = ", ".join(w.index(s, size) for size in shape)
        w.line(depth, f"{text}[{at}] {w.pick(['=', '+=', '-='])} {w.number(s, 1)}")
    return True
