"""Small programs as users write them, every one that a grammar has, as source text.

    def program(v, x):
        w = v + 0.0
        w[1:] *= x
        return np.sum(w * 0.5)

A program is a number: each choice of the grammar takes one digit of it, to the base of
how many choices there are. So 0, 1, 2, ... are all programs of a family. There are too
many; numbers that are spread over them all give a sample that is the same every time.

`x`, `y` are numbers, `v`, `u` vectors of `n`, `m` is square, `t` tall, `c` a column and
`q` a list of floats. Which shapes they have in a call is said in `small_checks.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HEAD = "import math\n\nimport numpy as np\n\n\n"
PLACE = re.compile(r"<(\w+)>")

# what stands for <place> in the texts below; `X`, `Y` are the operands of the form
ATOMS = {
    "number": ("x", "v[0]", "m[0, 1]", "q[0]", "np.sum(v)", "v[-1]"),
    "vector": ("v", "u", "m[0]", "c[:, 0]", "m[:, 1]", "np.array(q)"),
    "matrix": ("m", "m.T", "v[:, None]", "c", "m * v"),
    "tall": ("t", "t[:, ::-1]", "t[1:]"),
}
CONSTANTS = ("0.0", "0.5", "1.0", "2", "-1.5", "1", "0", "-1", "3.0")
UNARY = (
    "X",
    "-X",
    "+X",
    "X + <k>",
    "X - <k>",
    "<k> - X",
    "X * <k>",
    "<k> * X",
    "X / <d>",
    "<k> / (X**2 + 1.0)",
    "X**<p>",
    "np.sin(X)",
    "np.exp(-X)",
    "np.tanh(X)",
    "np.sqrt(X**2 + 1.0)",
    "np.log(X * X + 0.5)",
    "np.abs(X)",
    "abs(X)",
    "np.square(X)",
    "np.maximum(X, 0.0)",
    "np.minimum(<k>, X)",
    "np.clip(X, -0.5, 0.5)",
    "np.where(X > 0.0, X, <k> * X)",
    "np.sign(X)",
    "np.floor(X)",
    "np.add(X, <k>)",
    "np.multiply(X, <k>)",
    "X * (X > 0.0)",
    "X * x",
    "x - X",
    "X / (x * x + 1.0)",
    "X * X",
    "X - X",
    "X / (X + 3.0)",
    "np.negative(X) + X",
)
SCALAR = (
    "math.sin(X)",
    "math.exp(X)",
    "X if X > 0.0 else <k>",
    "max(X, 0.0)",
    "min(X, y)",
    "float(X)",
    "np.float64(X)",
    "X * y",
    "X**2 - y",
    "abs(X - y)",
)
ARRAY = (
    "X.copy()",
    "np.copy(X)",
    "X[::-1]",
    "np.zeros_like(X)",
    "np.ones_like(X) * x",
    "np.full_like(X, x)",
    "X - X.mean()",
    "X / (1.0 + np.sum(X**2))",
    "X + np.zeros(X.shape)",
    "X - X[0]",
    "np.asarray(X)",
    "X.astype(float)",
)
VECTOR = (
    "m @ X",
    "X @ m",
    "np.dot(m, X)",
    "np.cumsum(X)",
    "X * v",
    "X + u",
    "v / (2.0 + X * X)",
    "m.T @ X",
    "t.T @ (t @ X)",
    "np.concatenate([X, v])",
    "X[1:] - X[:-1]",
    "X[[2, 0]]",
    "np.outer(X, v)[0]",
    "np.append(X, x)",
    "np.diff(X)",
    "np.array([x * e for e in X])",
    "np.sum(X) * v",
    "np.roll(X, 1)",
    "X[1:]",
    "X[:2]",
)
MATRIX = ("X + v", "X * u", "X.T", "X @ m", "m @ X", "X * c", "X - X.mean(axis=0)", "X / (1.0 + np.sum(X**2, axis=1, keepdims=True))", "np.outer(v, u) + X", "X + X.T", "X[:, :2]", "X @ X.T", "v[:, None] * X", "np.exp(X - X.max(axis=1, keepdims=True))")  # fmt: skip
TALL = (
    "X @ m",
    "X * v",
    "X + u",
    "X - X.mean(axis=0)",
    "X[:2]",
    "X * x",
    "np.tanh(X @ m + v)",
    "X.T @ X",
    "X[1:] - X[:-1]",
)
KINDS: dict[str, tuple[str, ...]] = {
    "number": UNARY + SCALAR,
    "vector": UNARY + ARRAY + VECTOR,
    "matrix": UNARY + ARRAY + MATRIX,
    "tall": UNARY + ARRAY + TALL,
}
TO_NUMBER = ("np.sum(X)", "X.sum()", "np.mean(X)", "X.mean()", "np.max(X)", "X.min()", "np.sum(X * 0.5)", "np.sum(X**2)", "np.linalg.norm(X)", "np.prod(X)", "np.var(X)", "X.std()", "x * np.sum(X)", "np.sum(X) / X.size", "np.sum(X) / len(X)", "float(np.sum(X))", "np.sum(np.abs(X))", "np.sqrt(np.sum(X * X) + 1.0)", "np.sum(X) ** 2", "np.sum(X.T)")  # fmt: skip
ENDS = {
    "number": (
        "X",
        "X * X",
        "X + 1.0",
        "0.5 * X",
        "x * X",
        "-X",
        "X * v",
        "np.array([X, x])",
        "[X, x]",
        "(X, x)",
        "float(X)",
        "X * 0.0",
    ),
    "vector": TO_NUMBER
    + (
        "X",
        "X",
        "X[0]",
        "X[-1] * x",
        "X @ v",
        "v @ X",
        "np.dot(X, X)",
        "X @ m @ X",
        "sum(X)",
        "X[1:]",
        "np.sum(X[1:])",
        "(X, x)",
        "(X, np.sum(X))",
        "np.max(np.abs(X))",
        "X.tolist()",
        "(X, X)",
        "np.sum(X, axis=0)",
        "np.sum(X, keepdims=True)",
        "np.linalg.norm(X) ** 2",
        "0.5 * np.sum((X - v) ** 2)",
        "len(X)",
        "X.size * x",
        "np.mean((X - u) ** 2)",
    ),  # fmt: skip
    "matrix": TO_NUMBER
    + (
        "X",
        "X.T",
        "X[0]",
        "X[0, 0]",
        "X @ v",
        "np.sum(X @ v)",
        "v @ X",
        "np.sum(X, axis=0)",
        "X.sum(axis=1)",
        "X.mean(axis=0)",
        "np.max(X, axis=1)",
        "X.sum(axis=-1, keepdims=True)",
        "np.trace(X)",
        "np.mean(X, axis=0) @ v",
        "X[:, 0]",
        "X.ravel()",
        "np.sum(X.mean(axis=1))",
        "np.diag(X)",
        "np.sum(X[1:] * 0.5)",
        "X.reshape(-1)",
        "(X, v)",
        "np.sum(X * X, axis=1)",
        "X.min(axis=0)",
    ),  # fmt: skip
}
ENDS["tall"] = ENDS["matrix"]
AUGMENTED = ("+=", "-=", "*=", "/=")
# a write into w, an array that is the program's own or an argument
WRITES = {
    "vector": (
        "w <o> <a>",
        "w[0] <o> <n>",
        "w[-1] <o> <n>",
        "w[1:] <o> <n>",
        "w[:] <o> <a>",
        "w[:2] <o> v[:2]",
        "w[::2] <o> <n>",
        "w[0] = <n>",
        "w[1] = w[0] * x",
        "w[1:] = v[1:] * u[1:]",
        "w[1:] = v[:-1]",
        "w[:] = <n>",
        "w[:] = <a>",
        "w[...] = u",
        "w[w > 0.0] = <n>",
        "w[w > 0.0] *= <n>",
        "w[[0, 2]] += <n>",
        "w[1:] += w[:-1]",
        "w = w <b> <a>",
        "w[:2] = 0.0",
        "w[1:-1] <o> v[2:]",
        "np.add(w, <a>, out=w)",
        "w[0], w[1] = w[1], w[0]",
        "w = w[::-1]",
        "w = w <b> <n>",
        "w **= 2",
    ),  # fmt: skip
    "matrix": (
        "w <o> <a>",
        "w[0] <o> <a>",
        "w[0, 1] <o> <n>",
        "w[:, 1] <o> <n>",
        "w[1:] <o> <n>",
        "w[:, :2] <o> x",
        "w[0] = v",
        "w[:, 0] = u",
        "w[:, 0] = <n>",
        "w[0, 0] = <n>",
        "w[1:] = 0.0",
        "w[:] = v",
        "w[1] = w[0] * x",
        "w[:, 1] = w[:, 0]",
        "w = w <b> <a>",
        "w[1:] += w[:-1]",
        "w.T[0] <o> <n>",
        "w[w > 0.0] = <n>",
        "w[-1] += v",
        "w = w.T",
        "w = w <b> <n>",
    ),  # fmt: skip
}
WRITES["tall"] = WRITES["matrix"]
TESTS = ("x > 0.0", "x < 0.0", "v[0] > x", "np.sum(v) > 0.0", "n > 1", "n", "len(v) == 3", "x", "x > 0.0 and y < 1.0", "v is None", "m[0, 0] >= 0.5", "not n")  # fmt: skip
HEADS = ("for i in range(n)", "for i in range(len(v))", "for i in range(1, n)", "for i in range(v.size)", "for i in range(v.shape[0])", "for i in range(n - 1, -1, -1)", "for i in range(0, n, 2)", "for i, e in enumerate(v)", "for i in reversed(range(n))", "for i, e in enumerate(q)")  # fmt: skip
OVER = ("for e in v", "for e in q", "for e, g in zip(v, u)", "for e in u[1:]", "for e in [x, y]", "for e in (x, 2.0, y)", "for e in v * x", "for e in m[0]", "for e in reversed(q)", "for e in list(v)", "for e in np.array(q)")  # fmt: skip
ROWS = (
    "for r in m",
    "for r in t",
    "for r in m.T",
    "for r, e in zip(m, v)",
    "for i, r in enumerate(t)",
    "for r in [v, u]",
)
STARTS = (
    "s = 0.0",
    "s = 0",
    "s = x",
    "s = v[0]",
    "s = 1.0",
    "s = 0.5 * y",
    "s = -1.0",
    "s = np.sum(u)",
)
ARRAYS = ("w = np.zeros(n)", "w = np.zeros(len(v))", "w = np.zeros_like(v)", "w = v.copy()", "w = np.ones(n)", "w = v", "w = u * x", "w = np.zeros(v.shape)", "w = 0.0", "w = 0", "w = 1.0", "w = x", "w = np.zeros(n + 1)", "w = np.full(n, x)", "w = np.zeros((n, n))[0]", "w = m[0]", "w = v + 0.0")  # fmt: skip
BY_NUMBER = ("s += v[i]", "s += v[i] * u[i]", "s = s * x + v[i]", "s += m[i, i]", "s += x", "s *= x", "s -= q[i] * v[i]", "s += i * x", "s = s + np.sin(v[i]) * <k>", "s = max(s, v[i])", "s += v[i] ** 2 / 2", "s += np.sum(m[i])", "s += m[i] @ v", "s += (v[i] - u[i - 1]) ** 2", "x = x * 0.5 + v[i]\n        s += x", "s = v[i]", "s += 1.0", "x *= v[i]", "s += math.exp(-v[i])", "if v[i] > 0.0:\n            s += v[i]", "s += v[i] * v[i - 1]", "s = s / 2 + x", "s += <k>", "if v[i] < 0.0:\n            break\n        s += v[i] * x", "if v[i] < 0.0:\n            continue\n        s += v[i]")  # fmt: skip
BY_ELEMENT = ("s += e", "s += e * x", "s += e**2", "s = s * e + x", "s = e", "s *= e", "s += np.exp(e) * <k>", "s -= math.sin(e)", "s = s + <k>", "s = max(s, e)", "if e > 0.0:\n            s += e * x", "s += abs(e - x)", "x = x + e\n        s += x * x", "s += e * <k>", "s /= e + 3.0")  # fmt: skip
BY_ROW = ("s += np.sum(r)", "s += np.sum(r * r)", "s += r @ v", "s = s + r.mean() * x", "s += r[0]", "s += np.sum((r - v) ** 2)", "s = s + r", "s += np.linalg.norm(r)", "s += r.max()", "s = np.sum(r)", "s += np.exp(r @ u)", "s = s + r * x", "s += np.sum(r) ** 2")  # fmt: skip
INTO = ("w[i] = v[i] * x", "w[i] += v[i]", "w[i] = v[i] * u[i]", "w[i] = m[i] @ v", "w[i] = i * x", "w = w + v", "w = w * x", "w = w + x", "w = np.maximum(w, x) + v", "x += np.mean(w * x)", "x += np.sum(w + x)", "w += u", "w = w + m[i]", "w = m @ w", "w[i] = x", "w[i] = np.sum(m[i])", "w[i] -= v[i] ** 2", "w += v * u[i]", "w *= x", "w[i] = w[i - 1] * x + v[i]", "w[i] *= v[i]", "w[i] = <k>", "w[0] += v[i]", "w = v * w[0]", "w = np.maximum(w, v[i])", "x = x * v[i]\n        w[i] = x", "w[i:] += x", "w = np.tanh(m @ w + v)", "w += m[:, i] * v[i]", "w -= 0.1 * (w - v)", "w[i] = math.sin(v[i])", "for j in range(n):\n            w[i] += m[i, j] * v[j]", "w = w - 0.5 * m @ w", "w[i] = 0.0", "w = v")  # fmt: skip
GROWN = ("out.append(v[i] * x)", "out.append(x)", "out.append(np.sum(m[i]))", "x = x * 0.5 + v[i]\n        out.append(x)", "out.append(v * v[i])", "out.append(m[i] * x)")  # fmt: skip
GROWN_ENDS = (
    "np.array(out)",
    "np.sum(np.array(out))",
    "sum(out)",
    "np.sum(out)",
    "np.array(out) * v",
    "np.mean(out)",
    "out",
)
HELPERS = (
    ("def helper(a, b):\n    return a * b + 0.5", "helper(<a>, x)"),
    ("def helper(a, b):\n    c = a * b\n    return c - a", "helper(v, <n>)"),
    ("def helper(a):\n    return np.sum(a**2)", "helper(v) * <n>"),
    ("def helper(a):\n    a *= 2.0\n    return a", "helper(v.copy())"),
    ("def helper(a):\n    a *= 2.0\n    return a", "helper(<a>)"),
    ("def helper(a, k=0.5):\n    return k * a", "helper(<a>) + helper(v, k=x)"),
    ("def helper(a):\n    return 1.0 / (1.0 + np.exp(-a))", "helper(helper(<a>))"),
    ("def helper(a, b):\n    if b > 0.0:\n        return a\n    return -a", "helper(<a>, x)"),
    ("def helper(a):\n    return a, 2 * a", "helper(x)[1] * helper(v)[0]"),
    ("def helper(a):\n    s = 0.0\n    for e in a:\n        s += e * e\n    return s", "helper(v) * <n>"),
    ("def helper(a):\n    return a", "helper(v) + helper(<n>)"),
    ("def helper(a, b):\n    a[0] = b\n    return np.sum(a)", "helper(<a>, x)"),
    ("helper = lambda a: a * a - 1.0", "helper(<a>) * helper(x)"),
    ("def helper(r):\n    return r - r.mean()", "np.array([helper(r) for r in m])"),
    ("def helper(a, b):\n    return a @ b", "helper(m, <a>)"),
    ("def helper():\n    return 2.0", "helper() * <a>"),
    ("def helper(a, b):\n    return a", "helper(<a>, <n>)"),
    ("def helper(a):\n    return np.zeros_like(a)", "helper(<a>) + x"),
)  # fmt: skip
MADE = ("sum(e * x for e in v)", "sum([e**2 for e in q])", "np.array([e * x for e in q])", "sum(v[i] * u[i] for i in range(n))", "max(q)", "sum(q) / len(q)", "[e * x for e in q]", "min(x, y)", "np.array([x, y, x * y])", "x if x > y else y", "np.stack([v, u])", "np.array([[x, y], [y, x]]) @ np.array([x, 1.0])", "np.vstack([v, u * x])", "np.sum([x, y])", "np.linspace(x, y, 4)", "np.arange(3) * x", "np.zeros(n)", "np.dot(v, u)", "np.full(n, x)", "np.full((n, n), x) @ v", "np.eye(n) * x", "np.ones(n) * x", "(v * u).sum()", "np.einsum('ij,j->i', m, v)", "np.vdot(v, u)", "np.inner(v, u)", "np.linalg.solve(m + 3.0 * np.eye(n), v)", "v.T @ v", "x * 2 + 1", "x", "v", "q", "m", "c", "1.0", "t", "0.0 * x", "np.diag(v)", "np.mean(t, axis=0)", "math.sqrt(x**2 + y**2)", "np.hypot(x, v)", "v @ m @ u", "np.trace(m)", "m[0] @ u", "(c * v).sum(axis=1)", "c @ c.T", "np.squeeze(c)", "t.sum(axis=0) / len(t)", "math.prod(q)", "np.interp(x, [0.0, 1.0], [1.0, 3.0])", "np.sort(v)", "v.dot(u)", "np.sum(t, axis=(0, 1))", "np.linalg.inv(m + 3.0 * np.eye(n))", "np.linalg.det(m)")  # fmt: skip
ENDS["any"] = (
    "X",
    "X * 1.0",
    "np.sum(X)",
    "X + x",
    "X * X",
    "np.sum(X) * 0.5",
    "(X, x)",
    "X * 0.0",
    "-np.sum(np.sin(X))",
    "np.mean(X)",
)


class Digits:
    """The choices that a number stands for."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.count = 1  # of all numbers that choose from the same alternatives

    def pick(self, options: Sequence[str]) -> str:
        self.left, digit = divmod(self.left, len(options))
        self.count *= len(options)
        return self.fill(options[digit])

    def fill(self, text: str) -> str:
        while (found := PLACE.search(text)) is not None:
            text = text[: found.start()] + self.place(found[1]) + text[found.end() :]
        return text

    def place(self, name: str) -> str:
        return self.pick(PLACES[name])

    def of(self, kind: str, operand: str) -> str:
        return applied(self.pick(KINDS[kind]), operand)

    def end(self, kind: str, operand: str) -> str:
        return applied(self.pick(ENDS[kind]), operand)


PLACES = {
    "k": CONSTANTS,
    "d": ("2.0", "-0.5", "3", "1.0"),
    "p": ("2", "3", "0", "1", "2.0", "1.0", "-1"),
    "o": AUGMENTED,
    "b": ("+", "-", "*", "/"),
    "n": ("x", "2.0", "0.5", "v[0]", "-1", "x * u[1]", "1.0", "y**2"),
    "a": ("v", "u", "x", "1.0", "v * x", "np.sin(u)", "w * w", "m[0]", "2", "v**2"),
}
NAMES = ("number", "vector", "matrix", "tall")


def applied(text: str, operand: str) -> str:
    """The operand in place of X, in brackets where that may be needed."""
    if text == "X":
        return operand
    simple = re.fullmatch(r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])*", operand)
    put = operand if simple else f"({operand})"
    return re.sub(r"\bX\b", lambda _: put, text)


# ---- the families: what the body of a program looks like -----------------------------

Family = Callable[[Digits], list[str]]


def one(d: Digits) -> list[str]:
    kind = d.pick(NAMES)
    return [f"return {d.end(kind, d.of(kind, d.pick(ATOMS[kind])))}"]


def two(d: Digits) -> list[str]:
    """`w = m + 0.0`, `return np.sum(w * 0.5)`."""
    kind = d.pick(NAMES)
    first = d.of(kind, d.pick(ATOMS[kind]))
    return [f"w = {first}", f"return {d.end(kind, d.of(kind, 'w'))}"]


def three(d: Digits) -> list[str]:
    kind = d.pick(NAMES)
    first = d.of(kind, d.pick(ATOMS[kind]))
    second = d.of(kind, d.pick(("w", "w", ATOMS[kind][0])))
    last = f"{d.of(kind, 'w')} {d.pick(('+', '-', '*'))} {d.of(kind, 'z')}"
    return [f"w = {first}", f"z = {second}", f"return {d.end(kind, last)}"]


def made(d: Digits) -> list[str]:
    return [f"return {d.end('any', d.pick(MADE))}"]


def written(d: Digits) -> list[str]:
    """Made, written into, returned."""
    kind = d.pick(NAMES[1:])
    first = d.of(kind, d.pick(ATOMS[kind]))
    return [f"w = {first}", d.pick(WRITES[kind]), f"return {d.end(kind, 'w')}"]


def written_twice(d: Digits) -> list[str]:
    kind = d.pick(NAMES[1:])
    first = d.pick(ATOMS[kind]) if d.pick("01") == "0" else d.of(kind, ATOMS[kind][0])
    writes = [d.pick(WRITES[kind]), d.pick(WRITES[kind])]
    return [f"w = {first}", *writes, f"return {d.end(kind, 'w')}"]


def argument_written(d: Digits) -> list[str]:
    kind = d.pick(NAMES[1:])
    name = {"vector": "v", "matrix": "m", "tall": "t"}[kind]
    write = re.sub(r"\bw\b", name, d.pick(WRITES[kind]))
    return [write, f"return {d.end(kind, name)}"]


def number_changed(d: Digits) -> list[str]:
    start = d.pick(STARTS)
    lines = [f"s {d.pick(AUGMENTED)} {d.pick(('x', 'v[0]', '2', 'x * y', 'np.sum(v)', 's'))}"]  # fmt: skip
    return [start, *lines, f"return {d.end('number', d.of('number', 's'))}"]


def summed_by_number(d: Digits) -> list[str]:
    head, start = d.pick(HEADS), d.pick(STARTS)
    return [start, f"{head}:", f"    {d.pick(BY_NUMBER)}", f"return {d.end('number', 's')}"]  # fmt: skip


def summed_by_element(d: Digits) -> list[str]:
    head, start = d.pick(OVER), d.pick(STARTS)
    return [start, f"{head}:", f"    {d.pick(BY_ELEMENT)}", f"return {d.end('number', 's')}"]  # fmt: skip


def summed_by_row(d: Digits) -> list[str]:
    head, start = d.pick(ROWS), d.pick(STARTS)
    return [start, f"{head}:", f"    {d.pick(BY_ROW)}", f"return {d.end('any', 's')}"]


def filled(d: Digits) -> list[str]:
    head, start = d.pick(HEADS), d.pick(ARRAYS)
    return [start, f"{head}:", f"    {d.pick(INTO)}", f"return {d.end('vector', 'w')}"]


def filled_twice(d: Digits) -> list[str]:
    head, start = d.pick(HEADS), d.pick(ARRAYS)
    body = [f"    {d.pick(INTO)}", f"    {d.pick(INTO)}"]
    return [start, f"{head}:", *body, f"return {d.end('vector', 'w')}"]


def grown(d: Digits) -> list[str]:
    head = d.pick(HEADS)
    return ["out = []", f"{head}:", f"    {d.pick(GROWN)}", f"return {d.pick(GROWN_ENDS)}"]  # fmt: skip


def branched(d: Digits) -> list[str]:
    kind = d.pick(NAMES[:2])
    first, second = (d.of(kind, d.pick(ATOMS[kind])) for _ in "12")
    shape = d.pick("012")
    test = d.pick(TESTS)
    if shape == "0":
        lines = [f"if {test}:", f"    w = {first}", "else:", f"    w = {second}"]
    elif shape == "1":
        lines = [f"w = {first}", f"if {test}:", f"    w = {d.of(kind, 'w')}"]
    else:
        lines = [f"if {test}:", f"    return {d.end('any', first)}", f"w = {second}"]
    return [*lines, f"return {d.end('any' if shape == '2' else kind, 'w')}"]


def branch_written(d: Digits) -> list[str]:
    first = d.pick(ARRAYS)
    lines = [first, f"if {d.pick(TESTS)}:", f"    {d.pick(WRITES['vector'])}"]
    if d.pick("01") == "1":
        lines += ["else:", f"    {d.pick(WRITES['vector'])}"]
    return [*lines, f"return {d.end('vector', 'w')}"]


def helped(d: Digits) -> list[str]:
    definition, call = HELPERS[int(d.pick([str(i) for i in range(len(HELPERS))]))]
    call = d.fill(call).replace("w * w", "u * u")
    return [f"@{definition}", f"w = {call}", f"return {d.end('any', 'w')}"]


def helped_in_loop(d: Digits) -> list[str]:
    definition, call = HELPERS[int(d.pick([str(i) for i in range(len(HELPERS))]))]
    call = d.fill(call).replace("w * w", "u * u")
    start, change = d.pick(ARRAYS), d.pick(("w = w + ", "w = ", "w += ", "w = w * "))
    lines = [start, f"for i in range({d.pick(('n', 'len(v)', '2'))}):"]
    return [f"@{definition}", *lines, f"    {change}{call}", f"return {d.end('vector', 'w')}"]  # fmt: skip


def counted(d: Digits) -> list[str]:
    body = d.pick(("s = s * x + 0.1", "s += v[k]", "x = x * 0.5", "s = np.sin(s) + x", "s += np.sum(v) * x"))  # fmt: skip
    lines = [d.pick(STARTS), "k = 0", f"while {d.pick(('k < n', 'k < len(v)', 'k < 2'))}:"]  # fmt: skip
    return [*lines, f"    {body}", "    k += 1", f"return {d.end('number', 's')}"]


FAMILIES: tuple[Family, ...] = (
    one, two, three, made, written, written_twice, argument_written, number_changed,
    summed_by_number, summed_by_element, summed_by_row, filled, filled_twice, grown,
    branched, branch_written, helped, helped_in_loop, counted,
)  # fmt: skip
ORDER = ("v", "x", "m", "t", "c", "u", "q", "y", "n")


@dataclass(frozen=True)
class Small:
    text: str
    arguments: tuple[str, ...]

    @property
    def wrt(self) -> tuple[str, ...]:
        return tuple(name for name in self.arguments if name != "n")


def program(family: Family, number: int) -> tuple[Small, int]:
    """The program of that number, and how many there are of its form."""
    digits = Digits(number)
    lines = family(digits)
    helper = ""
    if lines[0].startswith("@"):
        helper = lines.pop(0)[1:] + "\n\n\n"
    body = "\n".join("    " + line for line in lines)
    read = set(re.findall(r"(?<![\w.'])[a-z]\b(?!\()", body))
    more = digits.pick(("", "", "", "", "y", "u"))  # which nobody reads
    arguments = tuple(a for a in ORDER if a in read | {more}) or ("x",)
    if all(a == "n" for a in arguments):
        arguments = ("x", *arguments)
    head = f"def program({', '.join(arguments)}):\n"
    return Small(f"{HEAD}{helper}{head}{body}\n", arguments), digits.count


def every(family: Family, most: int, first: int = 0) -> Iterator[tuple[int, Small]]:
    """So many programs of a family with their numbers, spread over all there are."""
    seen: set[str] = set()
    for number in range(first, first + 4 * most):
        found, _ = program(family, spread(number))
        if found.text not in seen:
            seen.add(found.text)
            yield number, found
            if len(seen) == most:
                return


def spread(number: int) -> int:
    """Far from that of the number before it, in every digit."""
    digest = hashlib.blake2b(str(number).encode(), digest_size=24).digest()
    return int.from_bytes(digest, "big")
