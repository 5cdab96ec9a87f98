"""Functions and classes that programs call, and the statements that call them."""

from __future__ import annotations

from tests.properties.control import block
from tests.properties.templates import PLACE
from tests.properties.writer import Scope, Writer, statement
from tests.properties.writes import assignable

STATE = """\
class State:
    def __init__(self, cells, level):
        self.cells = cells
        self.level = level

    def shift(self, amount):
        self.cells[1:] += amount * self.level
        self.level = 0.5 * self.level + self.cells[0]

    def total(self):
        return self.level + np.sum(self.cells**2)
"""


def write_helpers(w: Writer) -> tuple[str, ...]:
    """Some of the functions below, each with a body of its own."""
    count = w.pick([0, 1, 2, 2])
    names = [name.removeprefix("def ") for name in w.order(TITLES)[:count]]
    for name in names:
        w.used[f"def {name}"] += 1
        DEFINITIONS[name](w)
        w.lines += ["", ""]
    return tuple(names)


def _pure(w: Writer) -> None:
    """Of two numbers, with an early return."""
    s = Scope(numbers=["p", "q"], count="2")
    w.line(0, "def pure(p, q):")
    if w.chance(50):
        w.line(1, f"if p {w.pick('<>')} {w.bound()}:")
        w.line(2, f"return {w.number(s)}")
    w.line(1, f"return {w.number(s)}")


def _pair(w: Writer) -> None:
    s = Scope(numbers=["p", "q"], count="2", result="none")
    w.line(0, "def pair(p, q):")
    block(w, s, 1, most=1)
    w.line(1, f"return {w.number(s)}, {w.number(s)}")


def _blend(w: Writer) -> None:
    """Of any array and a number; a new array."""
    w.line(0, "def blend(u, p):")
    body = ["np.sin(u) * p", "u / (1.5 + p**2)", "np.where(u > p, u, 0.3 * p)"]
    if w.chance(40):
        w.line(1, "u = u.copy()")
        w.line(1, "u[0] *= p")
    w.line(1, f"return {w.pick(body)}")


def _step(w: Writer) -> None:
    """Writes into its first array and returns nothing."""
    s = Scope(numbers=["p"], result="nothing", count="3")
    s.bind("u", (4,), w.root())
    s.bind("v", (4,), w.root())
    s.kept.update(s.roots.values())  # the caller sees which is which
    w.line(0, "def step(u, v, p):")
    before = w.budget
    w.budget = 2
    block(w, s.inner(grows=True), 1, most=2, jumps=True)
    w.budget = before
    i = w.new("i")
    if w.chance(50):
        w.line(1, f"for {i} in range(1, len(u)):")
        w.line(2, f"u[{i}] {w.pick(['=', '+=', '-='])} 0.5 * u[{i} - 1] * v[{i}] + p")
    else:
        w.line(1, w.pick(["u += p * v", "u[1:] *= np.cos(v[:-1])", "u[:] = v * p"]))


def _relax(w: Writer) -> None:
    """Writes into views of what it was given, of any length, and returns nothing."""
    w.line(0, "def relax(u, p=0.3):")
    body = [
        ["for i in range(len(u) - 1):", "    u[i + 1] += p * u[i]"],
        ["w = u[1:]", "w *= p", "w -= u[:-1]"],
        ["for v in (u[:2], u[-2:]):", "    v += p * u[0]"],
        ["if u[0] > p:", "    return", "u[::2] = p", "u[1:] *= u[0]"],
    ]
    w.lines += ["    " + line for line in w.pick(body)]


def _nudge(w: Writer) -> None:
    """Writes into its array and returns a number."""
    w.line(0, "def nudge(u, p):")
    w.line(1, w.pick(["u[0] = u[-1] * p", "u *= math.cos(p)", "u[::2] += p"]))
    if w.chance(50):
        w.line(1, f"if u[1] > {w.bound()}:")
        w.line(2, "u[1] = p * u[0]")
        w.line(2, "return u[1] + p")
    w.line(1, w.pick(["return np.sum(u) * p", "return u[0] * u[1]", "return p + u[2]"]))


def _same(w: Writer) -> None:
    """Gives back what it was given, or a view of it."""
    w.line(0, "def same(u):")
    w.line(1, w.pick(["u[0] *= 0.5", "u += 0.1 * u[0]", "u[1] = math.sin(u[0])"]))
    w.line(1, w.pick(["return u", "return u", "return u[:]", "return u[::-1]"]))


def _again(w: Writer) -> None:
    """Calls itself."""
    w.line(0, "def again(u, k, p):")
    w.line(1, "if k <= 0:")
    w.line(2, w.pick(["return p", "return p * u[0]", "return math.sin(p) + u[1]"]))
    w.line(1, w.pick(["p = 0.5 * p + u[k]", "u[k] = p * u[k - 1]", "u[k] += p"]))
    w.line(
        1,
        w.pick(
            [
                "return again(u, k - 1, math.cos(p))",
                "return p * again(u, k - 1, 0.7 * p)",
                "return again(u, k - 1, p) + math.sin(again(u, k - 2, p * 0.5))",
            ]
        ),
    )


def _look(w: Writer) -> None:
    """Reads a container, in a loop, so that it stays a call."""
    w.line(0, "def look(d, u, p):")
    w.line(1, "for v in u:")
    w.line(2, w.pick(["p += 0.2 * v * d[0]", "p = math.cos(p * v) + d[1]"]))
    w.line(2, f"if p > {w.bound()}:")
    w.line(3, w.pick(["break", "return p * d[0]", "continue"]))
    w.line(1, "return p")


def _state(w: Writer) -> None:
    w.lines += STATE.rstrip("\n").split("\n")


DEFINITIONS = {
    "pure": _pure,
    "pair": _pair,
    "blend": _blend,
    "step": _step,
    "relax": _relax,
    "nudge": _nudge,
    "same": _same,
    "again": _again,
    "look": _look,
    "State": _state,
}
TITLES = [f"def {name}" for name in DEFINITIONS]


def fours(s: Scope) -> list[str]:
    return [name for name, shape in s.arrays.items() if shape == (4,)]


def argument(w: Writer, s: Scope) -> str:
    """Four numbers that a helper may write into: an array, or a view of one."""
    views = [f"{n}[{w.index(s, v[0])}]" for n, v in s.arrays.items() if v[1:] == (4,)]
    views += [f"{n}[1:]" for n, v in s.arrays.items() if v == (5,)]
    views += [f"{n}[::-1]" for n in fours(s)]
    return w.pick(fours(s) * 2 + views)


@statement("helper that writes")
def _(w: Writer, s: Scope, depth: int):
    if "step" not in s.helpers or not fours(s):
        return None
    w.line(depth, f"step({argument(w, s)}, {argument(w, s)}, {w.number(s, 1)})")
    return True


HELPER_THAT_WRITES_INTO_VIEWS = ("relax(<u>, <n>)", "relax(<u>)", "relax(p=<n>, u=<u>)")


@statement("helper that writes into views", HELPER_THAT_WRITES_INTO_VIEWS)
def _(w: Writer, s: Scope, depth: int):
    if "relax" not in s.helpers or not s.arrays:
        return None
    text, shape = w.place(s)
    while len(shape) != 1 or shape[0] < 2:
        text, shape = w.place(s)
    call = w.word(HELPER_THAT_WRITES_INTO_VIEWS)
    w.line(depth, call.replace("<u>", text).replace("<n>", w.number(s, 1)))
    return True


@statement("helper given one array twice")
def _(w: Writer, s: Scope, depth: int):
    if "step" not in s.helpers or not fours(s):
        return None
    name = w.pick(fours(s))
    w.line(depth, f"step({name}, {name}, {w.number(s, 1)})")
    return True


@statement("helper that writes and returns")
def _(w: Writer, s: Scope, depth: int):
    if "nudge" not in s.helpers or not fours(s):
        return None
    name = w.new("s")
    w.line(depth, f"{name} = nudge({argument(w, s)}, {w.number(s, 1)})")
    s.numbers.append(name)
    return True


@statement("helper that gives its argument back")
def _(w: Writer, s: Scope, depth: int):
    if "same" not in s.helpers or not fours(s):
        return None
    name, given = w.new("w"), w.pick(fours(s))
    w.line(depth, f"{name} = same({given})")
    s.bind(name, (4,), s.roots[given])
    return True


@statement("recursive helper")
def _(w: Writer, s: Scope, depth: int):
    if "again" not in s.helpers or not fours(s):
        return None
    name = w.new("s")
    count = w.pick([s.count, "2", "3", *s.indices])
    if s.indices.get(count, 0) > 4:
        count = s.count
    w.line(depth, f"{name} = again({argument(w, s)}, {count}, {w.number(s, 1)})")
    s.numbers.append(name)
    return True


HELPER_THAT_LOOKS = (
    "look([<n>, <l>], <u>, <l>)",
    "look((<n>, <l>), <u>, <l>)",
    "look({0: <n>, 1: <l>}, <u>, <l>)",
    "look(<u>, <u>, <n>)",
)


@statement("helper that looks into a container", HELPER_THAT_LOOKS)
def _(w: Writer, s: Scope, depth: int):
    if "look" not in s.helpers or not fours(s):
        return None
    name = w.new("s")
    parts = {
        "n": lambda: w.number(s, 1),
        "l": lambda: w.number(s, 0),
        "u": lambda: w.pick(fours(s)),
    }
    text = PLACE.sub(lambda found: parts[found[1]](), w.word(HELPER_THAT_LOOKS))
    w.line(depth, f"{name} = {text}")
    s.numbers.append(name)
    return True


@statement("helper that returns two")
def _(w: Writer, s: Scope, depth: int):
    if "pair" not in s.helpers or not assignable(s):
        return None
    one, two = w.pick(assignable(s)), w.new("s")
    w.line(depth, f"{one}, {two} = pair({w.number(s, 1)}, {w.number(s, 1)})")
    s.numbers.append(two)
    return True


@statement("closure")
def _(w: Writer, s: Scope, depth: int):
    """A function defined inside; it sees what its names are when it is called."""
    name, t = w.new("g"), w.new("t")
    within = s.inner(numbers=[*s.numbers, t], loops=0)
    head = t
    if w.chance(30):  # made once, for all calls
        k = w.new("t")
        head = f"{t}, {k}={w.number(s, 1)}"
        within.numbers.append(k)
        w.used["closure with a default"] += 1
    if w.chance(40):
        w.line(depth, f"{name} = lambda {head}: {w.number(within)}")
    else:
        w.line(depth, f"def {name}({head}):")
        if w.chance(40):
            w.line(depth + 1, f"if {w.test(within)}:")
            w.line(depth + 2, f"return {w.number(within)}")
        w.line(depth + 1, f"return {w.number(within)}")
    s.closures[name] = name + "({})"
    return True


@statement("closure that writes")
def _(w: Writer, s: Scope, depth: int):
    if not fours(s):
        return None
    name, t, held = w.new("h"), w.new("t"), w.pick(fours(s))
    within = s.inner(numbers=[*s.numbers, t])
    w.line(depth, f"def {name}({t}):")
    w.line(depth + 1, f"{held}[{w.index(within, 4)}] += {w.number(within, 1)}")
    w.line(depth, f"{name}({w.number(s, 1)})")
    if w.chance(50):
        w.line(depth, f"{name}({w.number(s, 1)})")
    return True


OBJECT_OF_A_CLOSURE = ("<o>.level", "<o>.cells[0]", "(<o>.level + <o>.cells[-1])")


@statement("closure that reads an object", OBJECT_OF_A_CLOSURE)
def _(w: Writer, s: Scope, depth: int):
    if not s.objects or not fours(s):
        return None
    name, t, held = w.new("h"), w.new("t"), w.pick(fours(s))
    text = w.word(OBJECT_OF_A_CLOSURE).replace("<o>", w.pick(s.objects))
    w.line(depth, f"def {name}({t}):")
    w.line(depth + 1, f"{held}[{w.index(s, 4)}] += 0.3 * {text} * {t}")
    w.line(depth, f"{name}({w.number(s, 1)})")
    w.line(depth, f"{name}({w.number(s, 1)})")
    return True
