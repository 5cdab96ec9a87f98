"""Statements on lists, dicts, tuples and objects."""

from __future__ import annotations

from tests.properties.writer import Scope, Writer, statement
from tests.properties.writes import assignable, flats


@statement("new list")
def _(w: Writer, s: Scope, depth: int):
    name = w.new("l")
    size = w.pick([1, 2, 3])
    items = ", ".join(w.number(s, 1) for _ in range(size))
    w.line(depth, f"{name} = [{items}]")
    s.lists[name] = size
    return True


@statement("list comprehension")
def _(w: Writer, s: Scope, depth: int):
    if not flats(s):
        return None
    source = w.pick(flats(s))
    v, name = w.new("v"), w.new("l")
    within = s.inner(numbers=[*s.numbers, v])
    w.line(depth, f"{name} = [{w.number(within, 2)} for {v} in {source}]")
    s.lists[name] = s.arrays[source][0]
    return True


@statement("list grows")
def _(w: Writer, s: Scope, depth: int):
    if not s.lists:
        return None
    name = w.pick(s.lists)
    w.line(depth, f"{name}.append({w.number(s)})")
    if s.grows:
        s.lists[name] += 1
    return True


@statement("list changed")
def _(w: Writer, s: Scope, depth: int):
    """pop, insert, extend; only where its length stays known."""
    fitting = [name for name, size in s.lists.items() if size > 1]
    if not fitting or not s.grows:
        return None
    name = w.pick(fitting)
    roll = w.random.randrange(3)
    if roll == 0:
        number = w.new("s")
        w.line(depth, f"{number} = {name}.pop()")
        s.numbers.append(number)
        s.lists[name] -= 1
    elif roll == 1:
        w.line(depth, f"{name}.insert({w.pick([0, 1])}, {w.number(s, 1)})")
        s.lists[name] += 1
    else:
        w.line(depth, f"{name}.extend([{w.number(s, 1)}, {w.number(s, 1)}])")
        s.lists[name] += 2
    return True


@statement("insert in the run")
def _(w: Writer, s: Scope, depth: int):
    """At an index that only the run knows."""
    if not s.lists or not s.grows:
        return None
    name = w.pick(s.lists)
    at = w.pick([f"{s.count} % 2", f"{s.count} - 1"])
    w.line(depth, f"{name}.insert({at}, {w.number(s, 1)})")
    s.lists[name] += 1
    return True


@statement("item of a list written")
def _(w: Writer, s: Scope, depth: int):
    fitting = [name for name, size in s.lists.items() if size]
    if not fitting:
        return None
    name = w.pick(fitting)
    at = w.index(s, s.lists[name])
    w.line(depth, f"{name}[{at}] {w.pick(['=', '+=', '-='])} {w.number(s)}")
    return True


LIST_OF_ARRAYS = ("<x>", "<x>.copy()", "<x>[:]", "<x> * 0.5")


@statement("list of arrays", LIST_OF_ARRAYS)
def _(w: Writer, s: Scope, depth: int):
    if not flats(s):
        return None
    first = w.pick(flats(s))
    shape = s.arrays[first]
    name, second = w.new("r"), w.array(s, shape, 1)
    held = w.word(LIST_OF_ARRAYS)
    if "*" not in held and ".copy" not in held:
        s.kept.add(s.roots[first])
    w.line(depth, f"{name} = [{held.replace('<x>', first)}, {second} + 0.0]")
    s.rows[name] = (2, shape)
    return True


ARRAYS_APPENDED = ("<x>.copy()", "<x> + 0.0", "np.sin(<x>)")


@statement("arrays appended", ARRAYS_APPENDED)
def _(w: Writer, s: Scope, depth: int):
    """A history: copies of one array, then read."""
    if not flats(s) or s.loops > 1:
        return None
    name, source, i = w.new("r"), w.pick(flats(s)), w.new("i")
    shape = s.arrays[source]
    w.line(depth, f"{name} = []")
    w.line(depth, f"for {i} in range(2):")
    inner = s.inner(loops=s.loops + 1)
    inner.indices[i] = 2
    w.line(depth + 1, f"{source}[{i}] *= math.cos({w.number(inner, 1)})")
    text = w.word(ARRAYS_APPENDED).replace("<x>", source)
    w.line(depth + 1, f"{name}.append({text})")
    s.rows[name] = (2, shape)
    return True


LIST_OF_ARRAYS_COMPREHENDED = ("<x> * <k>", "np.cos(<x>) + <k>")


@statement("list of arrays comprehended", LIST_OF_ARRAYS_COMPREHENDED)
def _(w: Writer, s: Scope, depth: int):
    if not flats(s):
        return None
    source, k, name = w.pick(flats(s)), w.new("v"), w.new("r")
    text = w.word(LIST_OF_ARRAYS_COMPREHENDED)
    text = text.replace("<x>", source).replace("<k>", k)
    w.line(depth, f"{name} = [{text} for {k} in (0.5, {w.number(s, 0)})]")
    s.rows[name] = (2, s.arrays[source])
    return True


SHARED_ENTRIES = ("<r>[1:]", "<r>[:]", "<r>[1:] + <r>[:1]", "<r>.copy()")


@statement("entries of two lists", SHARED_ENTRIES)
def _(w: Writer, s: Scope, depth: int):
    """As many as the run makes; one is written by one list, and read by that or the
    other.
    """
    if not flats(s):
        return None
    source, k, rows, part = w.pick(flats(s)), w.new("k"), w.new("r"), w.new("r")
    w.line(depth, f"{rows} = [{source} * ({k} + 0.5) for {k} in range({s.count} + 2)]")
    w.line(depth, f"{part} = {w.word(SHARED_ENTRIES).replace('<r>', rows)}")
    by, read = w.pick([(part, part)] * 6 + [(rows, rows)] * 6 + [(part, rows)])
    w.line(depth, f"{by}[0][0] += {w.number(s, 1)}")
    number, v = w.new("s"), w.new("v")
    w.line(depth, f"{number} = 0.1 * sum(np.sum({v}) for {v} in {read})")
    s.numbers.append(number)
    return True


@statement("array in a list replaced")
def _(w: Writer, s: Scope, depth: int):
    if not s.rows or not s.rebinds:
        return None
    name = w.pick(s.rows)
    size, shape = s.rows[name]
    w.line(depth, f"{name}[{w.random.randrange(size)}] = {w.array(s, shape, 1)} * 0.7")
    return True


@statement("array in a dict replaced")
def _(w: Writer, s: Scope, depth: int):
    fitting = [n for n, items in s.tables.items() if items.get("w")]
    if not fitting or not s.rebinds:
        return None
    name = w.pick(fitting)
    w.line(depth, f'{name}["w"] = {w.array(s, s.tables[name]["w"], 1)} * 0.7')
    return True


@statement("array of an object replaced")
def _(w: Writer, s: Scope, depth: int):
    if not s.objects or not s.rebinds:
        return None
    w.line(depth, f"{w.pick(s.objects)}.cells = {w.array(s, (4,), 1)} * 0.7")
    return True


DICT_OF_NUMBERS = ('{"s": <p>, "t": <q>}', "dict(s=<p>, t=<q>)")


@statement("dict of numbers", DICT_OF_NUMBERS)
def _(w: Writer, s: Scope, depth: int):
    name = w.new("d")
    one, two = w.number(s, 1), w.number(s, 1)
    text = w.word(DICT_OF_NUMBERS)
    w.line(depth, f"{name} = {text.replace('<p>', one).replace('<q>', two)}")
    s.tables[name] = {"s": None, "t": None}
    return True


LIST_OF_A_LOOP = (
    "sorted(<l>)[0] * <l>[-1]",
    "<l>.pop() + sum(<l>)",
    "<l>.pop(0) * len(<l>)",
    "sum(sorted(<l>)[1:])",
    "sum(<l>[::-1] + [<n>])",
    "(<l> + <l>)[-2] * <l>[0]",
)


@statement("list of a loop", LIST_OF_A_LOOP)
def _(w: Writer, s: Scope, depth: int):
    """Its length is that of the run."""
    if not flats(s):
        return None
    name, v, number = w.new("l"), w.new("v"), w.new("s")
    w.line(depth, f"{name} = []")
    w.line(depth, f"for {v} in {w.pick(flats(s))}:")
    inner = s.inner(numbers=[*s.numbers, v], loops=s.loops + 1)
    w.line(depth + 1, f"{name}.append({v} * {w.number(inner, 1)})")
    text = w.word(LIST_OF_A_LOOP).replace("<l>", name)
    w.line(depth, f"{number} = {text.replace('<n>', w.number(s, 1))}")
    s.numbers.append(number)
    return True


@statement("nested list")
def _(w: Writer, s: Scope, depth: int):
    """A list in a list, written through the inner name."""
    inner, outer, number = w.new("l"), w.new("l"), w.new("s")
    w.line(depth, f"{inner} = [{w.number(s, 1)}, {w.number(s, 1)}]")
    w.line(depth, f"{outer} = [{inner}, {w.number(s, 1)}]")
    w.line(depth, f"{inner}[0] += {w.number(s, 1)}")
    w.line(depth, f"{number} = {outer}[0][0] * {outer}[1]")
    s.numbers.append(number)
    return True


SORTED_LIST = ("sorted(<q>)", "<q>[::-1]", "list(<q>)", "<q> + [0.3]", "<q>.copy()")


@statement("sorted list", SORTED_LIST)
def _(w: Writer, s: Scope, depth: int):
    if not s.lists:
        return None
    name, source = w.new("l"), w.pick(s.lists)
    text = w.word(SORTED_LIST)
    w.line(depth, f"{name} = {text.replace('<q>', source)}")
    s.lists[name] = s.lists[source]
    return True


@statement("new dict")
def _(w: Writer, s: Scope, depth: int):
    if not s.arrays:
        return None
    name, held = w.new("d"), w.pick(s.arrays)
    w.line(depth, f'{name} = {{"s": {w.number(s)}, "w": {held}}}')
    s.tables[name] = {"s": None, "w": s.arrays[held]}
    s.kept.add(s.roots[held])
    return True


@statement("item of a dict written")
def _(w: Writer, s: Scope, depth: int):
    for name, items in s.tables.items():
        plain = [key for key, shape in items.items() if shape is None]
        if plain:
            sign = w.pick(["=", "+=", "-="])
            w.line(depth, f'{name}["{w.pick(plain)}"] {sign} {w.number(s)}')
            return True
    return None


@statement("tuple packed and unpacked")
def _(w: Writer, s: Scope, depth: int):
    pair, one, two = w.new("t"), w.new("s"), w.new("s")
    w.line(depth, f"{pair} = ({w.number(s)}, {w.number(s)})")
    w.line(
        depth,
        w.pick([f"{one}, {two} = {pair}", f"({one}, *_), {two} = {pair}, {pair}[1]"]),
    )
    s.numbers += [one, two]
    return True


@statement("array unpacked")
def _(w: Writer, s: Scope, depth: int):
    fitting = [name for name in flats(s) if s.arrays[name] == (4,)]
    if not fitting:
        return None
    names = [w.new("s") for _ in range(4)]
    w.line(depth, f"{', '.join(names)} = {w.pick(fitting)}")
    s.numbers += names
    return True


@statement("new object")
def _(w: Writer, s: Scope, depth: int):
    if "State" not in s.helpers or not any(v == (4,) for v in s.arrays.values()):
        return None
    name = w.new("o")
    cells = w.pick([n for n, shape in s.arrays.items() if shape == (4,)])
    w.line(depth, f"{name} = State({cells}, {w.number(s)})")
    s.objects.append(name)
    s.kept.add(s.roots[cells])
    return True


@statement("attribute written")
def _(w: Writer, s: Scope, depth: int):
    if not s.objects:
        return None
    name = w.pick(s.objects)
    sign = w.pick(["=", "+=", "-="])
    w.line(depth, f"{name}.level {sign} {w.number(s)}")
    return True


@statement("method called")
def _(w: Writer, s: Scope, depth: int):
    if not s.objects:
        return None
    w.line(depth, f"{w.pick(s.objects)}.shift({w.number(s)})")
    return True


@statement("object summed")
def _(w: Writer, s: Scope, depth: int):
    if not s.objects or not assignable(s):
        return None
    w.line(depth, f"{w.pick(assignable(s))} = {w.pick(s.objects)}.total()")
    return True
