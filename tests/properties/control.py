"""Statements that hold others: branches and loops; and the ways out of them."""

from __future__ import annotations

from tests.properties.writer import (
    DICT_LOOPS,
    LEADS,
    STATEMENTS,
    WORDS,
    Scope,
    Texts,
    Writer,
    statement,
)
from tests.properties.writes import flats, grids

NESTED = set[str]()  # the names of the forms below


def nested(name: str, texts: Texts = ()):
    NESTED.add(name)
    return statement(name, texts)


def block(w: Writer, s: Scope, depth: int, most: int = 3, jumps: bool = False) -> None:
    """A few statements, at least one."""
    for _ in range(w.random.randint(1, most)):
        one_statement(w, s, depth)
    if jumps and w.chance(30):
        jump(w, s, depth)


def one_statement(w: Writer, s: Scope, depth: int) -> None:
    w.budget -= 1
    deep = w.budget <= 0 or depth >= 4 or (depth >= 3 and w.chance(60))
    if not deep and w.chance(30):
        forms = {name: STATEMENTS[name] for name in NESTED}
    else:
        forms = {n: form for n, form in STATEMENTS.items() if n not in NESTED}
    w.tried(dict(sorted(forms.items())), s, depth)
    if w.chance(50):
        follow(w, s, depth, w.last)


def follow(w: Writer, s: Scope, depth: int, name: str) -> None:
    """What can only be written after that form: the rarest statement, if it fits."""
    forms = [lead for lead in LEADS.get(name, ()) if lead in STATEMENTS]
    if forms:
        rarest = min(forms, key=w.count)
        if STATEMENTS[rarest](w, s, depth):
            w.used[rarest] += 1


def rarest(w: Writer, s: Scope, depth: int) -> None:
    """The array and the statement that were written least so far, in a loop if need be."""
    STATEMENTS["new array"](w, s, depth)
    for name in sorted((n for n in STATEMENTS if n not in NESTED), key=w.count)[:12]:
        if STATEMENTS[name](w, s, depth) or in_a_loop(w, s, depth, name):
            w.used[name] += 1
            return


def in_a_loop(w: Writer, s: Scope, depth: int, name: str) -> bool:
    i, start = w.new("i"), len(w.lines)
    inner = s.inner(loops=s.loops + 1)
    inner.indices[i] = 3
    w.line(depth, f"for {i} in range({w.pick([s.count, '3'])}):")
    if STATEMENTS[name](w, inner, depth + 1):
        return True
    del w.lines[start:]
    return False


def jump(w: Writer, s: Scope, depth: int) -> None:
    words = ["break", "continue"] if s.loops else []
    if s.result != "none":
        words.append("return")
    if not words:
        return
    word = min(w.random.sample(words, len(words)), key=lambda name: w.seen[name])
    w.used[word] += 1
    w.line(depth, f"if {w.test(s)}:")
    if word == "return" and s.result == "number":
        word = f"return {w.number(s)}"
    w.line(depth + 1, word)


# ---- branches ------------------------------------------------------------------------


@nested("if")
def _(w: Writer, s: Scope, depth: int):
    w.line(depth, f"if {w.test(s)}:")
    block(w, s.inner(), depth + 1, jumps=True)
    return True


@nested("if and else")
def _(w: Writer, s: Scope, depth: int):
    w.line(depth, f"if {w.test(s)}:")
    block(w, s.inner(), depth + 1, jumps=True)
    if w.chance(30):
        w.line(depth, f"elif {w.test(s)}:")
        block(w, s.inner(), depth + 1)
    w.line(depth, "else:")
    block(w, s.inner(), depth + 1, jumps=True)
    return True


@nested("name defined by both branches")
def _(w: Writer, s: Scope, depth: int):
    name, grid = w.new("s"), w.new("w")
    w.line(depth, f"if {w.test(s)}:")
    w.line(depth + 1, f"{name} = {w.number(s)}")
    w.line(depth + 1, f"{grid} = {w.array(s, (4,), 1)} + 0.0")
    w.line(depth, "else:")
    w.line(depth + 1, f"{grid} = {w.filled((4,), w.number(s, 1))}")
    w.line(depth + 1, f"{name} = {w.number(s)}")
    s.numbers.append(name)
    s.bind(grid, (4,), w.root())
    return True


@nested("branch that jumps")
def _(w: Writer, s: Scope, depth: int):
    before = len(w.lines)
    jump(w, s, depth)
    return True if len(w.lines) > before else None


# ---- loops ---------------------------------------------------------------------------


def loop(w: Writer, s: Scope, depth: int, head: str, orelse: bool = True, **more):
    inner = s.inner(loops=s.loops + 1)
    inner.indices.update(more.get("indices", {}))
    inner.numbers += more.get("numbers", ())
    inner.fixed |= frozenset(more.get("numbers", ()))
    for name, shape, root in more.get("arrays", ()):
        inner.bind(name, shape, root)
    w.line(depth, head)
    block(w, inner, depth + 1, jumps=True)
    if orelse and w.chance(15):
        w.used["else of a loop"] += 1
        w.line(depth, "else:")
        block(w, s.inner(), depth + 1, most=1)
    return True


def shallow(s: Scope) -> bool:
    return s.loops < 2


@nested("for over a range")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    i = w.new("i")
    head, bound = w.pick(
        [(s.count, 3), (s.count, 3), (f"1, {s.count}", 3), ("4", 4), ("0, 4, 2", 3)]
    )
    return loop(w, s, depth, f"for {i} in range({head}):", indices={i: bound})


@nested("for over a range backwards")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    i = w.new("i")
    n = s.count
    head = w.pick(
        ["range(2, -1, -1)", f"reversed(range({n}))", f"range({n} - 1, -1, -1)"]
    )
    return loop(w, s, depth, f"for {i} in {head}:", indices={i: 3})


@nested("for over an array")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s) or not flats(s):
        return None
    source, v = w.pick(flats(s)), w.new("v")
    part = w.pick(["", "", "[1:]", "[::-1]"])
    return loop(w, s, depth, f"for {v} in {source}{part}:", numbers=(v,))


@nested("for with enumerate")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s) or not flats(s):
        return None
    source, v, i = w.pick(flats(s)), w.new("v"), w.new("i")
    bound = s.arrays[source][0]
    head = f"for {i}, {v} in enumerate({source}):"
    return loop(w, s, depth, head, numbers=(v,), indices={i: bound})


@nested("for with zip")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s) or not flats(s):
        return None
    one, two = w.pick(flats(s)), w.pick(flats(s))
    v, u = w.new("v"), w.new("u")
    two = w.pick([two, f"reversed({two})"])
    return loop(w, s, depth, f"for {v}, {u} in zip({one}, {two}):", numbers=(v, u))


@nested("for over rows")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s) or not grids(s):
        return None
    base, row = w.pick(grids(s)), w.new("w")
    turned = w.pick(["", "", ".T"])
    shape = s.arrays[base][::-1] if turned else s.arrays[base]
    view = (row, shape[1:], s.roots[base])
    return loop(w, s, depth, f"for {row} in {base}{turned}:", arrays=(view,))


@nested("for over a list or tuple")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    v = w.new("v")
    source = w.pick(["(0.5, -1.0)", *s.lists])
    if source in s.lists:
        source = f"list({source})" if w.chance(20) else f"{source}[:]"
    return loop(w, s, depth, f"for {v} in {source}:", numbers=(v,))


@nested("for over arrays in a list")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s) or not s.rows:
        return None
    name, row = w.pick(s.rows), w.new("w")
    view = (row, s.rows[name][1], 0)
    return loop(w, s, depth, f"for {row} in {name}:", arrays=(view,))


@nested("for over a dict", DICT_LOOPS)
def _(w: Writer, s: Scope, depth: int):
    fitting = [n for n, items in s.tables.items() if set(items.values()) == {None}]
    if not shallow(s) or not fitting:
        return None
    v = w.new("v")
    source = w.pick(fitting)
    text = w.word(DICT_LOOPS)
    more = (v,) if "<v>" in text else ()
    return loop(
        w, s, depth, text.replace("<v>", v).replace("<d>", source), numbers=more
    )


@nested("while with a count")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    k = w.new("k")
    w.line(depth, f"{k} = 0")
    w.line(depth, f"while {k} < 3 and ({w.test(s)}):")
    inner = s.inner(loops=s.loops + 1)
    inner.indices[k] = 3
    if w.chance(50):
        block(w, inner.inner(loops=0), depth + 1)  # without `continue`
        w.line(depth + 1, f"{k} += 1")
    else:
        w.line(depth + 1, f"{k} += 1")
        del inner.indices[k]
        block(w, inner, depth + 1, jumps=True)
    return True


@nested("while true")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    k = w.new("k")
    w.line(depth, f"{k} = 0")
    w.line(depth, "while True:")
    inner = s.inner(loops=s.loops + 1)
    inner.indices[k] = 3
    w.line(depth + 1, f"if {k} >= 2 or {w.test(inner)}:")
    w.line(depth + 2, "break")
    w.line(depth + 1, f"{k} += 1")  # at most 2 below
    block(w, inner, depth + 1, jumps=True)
    return True


@nested("with")
def _(w: Writer, s: Scope, depth: int):
    w.line(depth, 'with np.errstate(all="ignore"):')
    block(w, s.inner(), depth + 1, jumps=True)
    return True


@nested("try")
def _(w: Writer, s: Scope, depth: int):
    """What may raise is a division."""
    name = w.new("s")
    w.line(depth, "try:")
    w.line(depth + 1, f"{name} = 0.2 / math.floor(2.0 * {w.number(s, 0)})")
    w.line(depth, "except ZeroDivisionError:")
    w.line(depth + 1, f"{name} = {w.number(s, 1)}")
    s.numbers.append(name)
    return True


@nested("double buffering")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    old, new, i = w.new("w"), w.new("w"), w.new("i")
    w.line(depth, f"{old} = {w.array(s, (5,), 1)} + 0.0")
    w.line(depth, f"{new} = {w.pick([f'{old}.copy()', f'np.zeros_like({old})'])}")
    w.line(depth, f"for {i} in range({s.count}):")
    w.line(
        depth + 1,
        f"{new}[1:-1] = 0.5 * {old}[1:-1] + 0.2 * {old}[2:] * {old}[:-2]"
        f" + {w.number(s, 1)}",
    )
    inner = s.inner(loops=s.loops + 1)
    inner.bind(old, (5,), w.root())
    inner.bind(new, (5,), w.root())
    inner.indices[i] = 3
    if w.chance(60):  # a `continue` leaves the names as they are
        block(w, inner, depth + 1, most=1, jumps=True)
    w.line(depth + 1, f"{old}, {new} = {new}, {old}")
    s.bind(old, (5,), w.root())
    s.bind(new, (5,), w.root())
    return True


FILLED = ("np.zeros(4)", "np.ones((4,))", "np.empty(4)")
WORDS.update(dict.fromkeys(FILLED))
LEADS["empty array filled"] = FILLED


@nested("empty array filled")
def _(w: Writer, s: Scope, depth: int):
    if not shallow(s):
        return None
    name, i = w.new("w"), w.new("i")
    make = w.word(FILLED)
    # which may leave the trip, and an element unwritten
    more = "empty" not in make and w.chance(60)
    w.line(depth, f"{name} = {make}")
    w.line(depth, f"for {i} in range({name}.shape[0]):")
    inner = s.inner(loops=s.loops + 1, result="none")
    inner.indices[i] = 4
    if more:
        block(w, inner, depth + 1, most=1)
    w.line(depth + 1, f"{name}[{i}] = {w.number(inner)}")
    s.bind(name, (4,), w.root())
    return True
