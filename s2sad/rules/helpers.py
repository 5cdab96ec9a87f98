"""Functions of our own that a derivative may call; NumPy and `math` have none for them.

Each stands alone (it needs `np` and `math` only, and others of this file by name):
the text of a function is copied into a generated module that uses it.
"""

from __future__ import annotations

import math

import numpy as np


def unbroadcast(x_bar, x):
    """Sum `x_bar` over the axes along which `x` was broadcast."""
    if isinstance(x, float):
        return float(np.sum(x_bar))
    shape = getattr(x, "shape", None)
    if shape and getattr(x_bar, "shape", None) == shape:
        return x_bar
    shape, x_bar = np.shape(x), np.asarray(x_bar)
    x_bar = x_bar.reshape((1,) * (len(shape) - x_bar.ndim) + x_bar.shape)
    x_bar = x_bar.sum(axis=tuple(range(x_bar.ndim - len(shape))))
    ones = tuple(i for i, n in enumerate(shape) if n == 1 and x_bar.shape[i] != 1)
    return x_bar.sum(axis=ones, keepdims=True) if shape else x_bar[()]


def shift(x, axis=-1, by=1, fill=0.0):
    """`x` moved along an axis by one place; `fill` comes in at the end that is free."""
    if x.shape[axis] == 0:
        return x.copy()
    x = np.roll(x, by, axis)
    x[(slice(None),) * (axis % x.ndim) + (0 if by > 0 else -1,)] = fill
    return x


def recurrence(a, b, axis=-1):
    """s[i] = a[i] * s[i - 1] + b[i] along an axis, from s[-1] = 0."""
    a, b = np.broadcast_arrays(a, b)
    s = np.empty(b.shape, np.result_type(a, b))
    rows = np.moveaxis(s, axis, 0)
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    last = 0.0
    for i in range(len(rows)):
        last = a[i] * last + b[i]
        rows[i] = last
    return s


def exclusive_prod(x, axis=None):
    """The product of all other elements along an axis (None: of the whole array)."""
    if axis is None:
        return exclusive_prod(np.ravel(x), 0).reshape(np.shape(x))[()]
    before = shift(np.cumprod(x, axis), axis, 1, 1.0)
    after = shift(np.cumprod(np.flip(x, axis), axis), axis, 1, 1.0)
    return before * np.flip(after, axis)


def polygamma(x, n=0):
    """The n-th derivative of digamma, by recurrence and Euler and Maclaurin's formula.

    For negative x by reflection, differentiated for n up to 4.
    """
    if isinstance(x, np.ndarray):
        return np.array([polygamma(float(xi), n) for xi in x.ravel()]).reshape(x.shape)
    if x <= 0 and x == math.floor(x):
        return math.nan
    if x < 0:
        s, c = math.sin(math.pi * x), math.cos(math.pi * x)
        cot = c / s
        csc2 = 1 + cot * cot
        # d^n/dx^n of pi cot(pi x)
        reflected = (
            cot,
            -csc2,
            2 * cot * csc2,
            -csc2 * (4 * cot * cot + 2 * csc2),
            csc2 * (8 * cot**3 + 16 * cot * csc2),
        )[n]
        return (-1) ** n * polygamma(1 - x, n) - math.pi ** (n + 1) * reflected
    total = 0.0
    while x < 16 + n:  # psi_n(x) = psi_n(x + 1) - (-1)^n n! / x^(n + 1)
        total -= (-1) ** n * math.factorial(n) / x ** (n + 1)
        x += 1
    even = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # Bernoulli
    r = 1 / x  # powers of x may be too large for a float
    if n == 0:
        total += math.log(x) - 0.5 * r
        return total - sum(b / (2 * k) * r ** (2 * k) for k, b in enumerate(even, 1))
    series = math.factorial(n - 1) * r**n + math.factorial(n) / 2 * r ** (n + 1)
    for k, b in enumerate(even, 1):
        rising = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        series += b * rising * r ** (2 * k + n)
    return total - (-1) ** n * series


def repeated(items, value):
    """A list as long as `items` of one value."""
    return [value] * len(items)


def order_of(x, reverse=False):
    """Where each item of `sorted(x)` stands in `x`."""
    return sorted(range(len(x)), key=x.__getitem__, reverse=reverse)


def picked(x, order):
    """The items of `x` in this order."""
    return [x[k] for k in order]


def put_back(x, order):
    """Items in this order, each back at its place."""
    found = [None] * len(x)
    for item, k in zip(x, order):
        found[k] = item
    return found


def inserted(items, at, value):
    """A list with `value` put before item number `at`."""
    return [*items[:at], value, *items[at:]]


def place_inserted(items, at):
    """Where `insert(at, ...)` has put an item of what is `items` now."""
    others = len(items) - 1
    return min(at, others) if at >= 0 else max(at + others, 0)


def taken_out(items, at):
    """A list without its item number `at`."""
    rest = items.copy()
    del rest[at]
    return rest


def place_taken_out(items, at):
    """Where item number `at` was before it was taken out of what is `items` now."""
    return at if at >= 0 else at + len(items) + 1


def cofactors(x):
    """det(x) * inv(x).T without dividing, so that singular matrices are no trouble."""
    u, s, vt = np.linalg.svd(x)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    others = np.ones(s.shape, s.dtype)  # products of the other singular values
    for i in range(s.shape[-1]):
        others[..., i] = np.delete(s, i, -1).prod(-1)
    return sign[..., None, None] * (u * others[..., None, :]) @ vt


def cofactors_slope(x, dot):
    """How the cofactors of x change along `dot`, for singular matrices, too."""
    u, s, vt = np.linalg.svd(x)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    n = s.shape[-1]
    others = np.zeros(s.shape + (n,), s.dtype)  # products of all but two values
    for i in range(n):
        for j in range(i):
            rest = np.delete(s, [i, j], -1).prod(-1)
            others[..., i, j] = others[..., j, i] = rest
    turned = np.swapaxes(u, -1, -2) @ dot @ np.swapaxes(vt, -1, -2)
    inside = -others * np.swapaxes(turned, -1, -2)
    steps = np.arange(n)
    inside[..., steps, steps] = (others @ turned[..., steps, steps, None])[..., 0]
    return sign[..., None, None] * u @ inside @ vt


def summed_axes(product, a, b, axes):
    """The axes of `a` and `b` that `dot`, `inner` or `tensordot` sums, in pairs."""
    p, q = np.ndim(a), np.ndim(b)
    if product != "tensordot":
        return (p - 1,), (q - 1 if product == "inner" else max(q - 2, 0),)
    if isinstance(axes, int):
        return tuple(range(p - axes, p)), tuple(range(axes))
    one, two = ((part,) if isinstance(part, int) else part for part in axes)
    return tuple(axis % p for axis in one), tuple(axis % q for axis in two)


def left_bar(y_bar, a, b, product="matmul", axes=2):
    """The adjoint of `a` in a product of `a` and `b`, whatever their ranks."""
    y_bar, b, shape = np.asarray(y_bar), np.asarray(b), np.shape(a)
    if product == "matmul":
        if b.ndim == 1:
            y_bar, b = y_bar[..., None], b[:, None]
        b = np.swapaxes(b, -1, -2)
        if len(shape) == 1:
            return unbroadcast((y_bar[..., None, :] @ b)[..., 0, :], a)
        return unbroadcast(y_bar @ b, a)
    if product == "outer":
        return (y_bar @ b.ravel()).reshape(shape)[()]
    if product == "vdot" or not shape or b.ndim == 0:
        return unbroadcast(y_bar * (b.reshape(shape) if product == "vdot" else b), a)
    one, two = summed_axes(product, a, b, axes)
    free = [axis for axis in range(len(shape)) if axis not in one]
    others = [axis for axis in range(b.ndim) if axis not in two]
    tail = range(len(free), y_bar.ndim)
    found = np.tensordot(y_bar, b, (tail, others))
    places = free + [one[i] for i in np.argsort(two)]
    return np.transpose(found, np.argsort(places).astype(int))


def right_bar(y_bar, a, b, product="matmul", axes=2):
    """The adjoint of `b` in a product of `a` and `b`, whatever their ranks."""
    y_bar, a, shape = np.asarray(y_bar), np.asarray(a), np.shape(b)
    if product == "matmul":
        if a.ndim == 1:
            y_bar, a = np.expand_dims(y_bar, y_bar.ndim - (len(shape) > 1)), a[None]
        a = np.swapaxes(a, -1, -2)
        if len(shape) == 1:
            return unbroadcast((a @ y_bar[..., None])[..., 0], b)
        return unbroadcast(a @ y_bar, b)
    if product == "outer":
        return (a.ravel() @ y_bar).reshape(shape)[()]
    if product == "vdot" or not shape or a.ndim == 0:
        return unbroadcast(y_bar * (a.reshape(shape) if product == "vdot" else a), b)
    one, two = summed_axes(product, a, b, axes)
    others = [axis for axis in range(a.ndim) if axis not in one]
    free = [axis for axis in range(len(shape)) if axis not in two]
    found = np.tensordot(a, y_bar, (others, range(len(others))))
    places = [two[i] for i in np.argsort(one)] + free
    return np.transpose(found, np.argsort(places).astype(int))


def add_along_axis(x, indices, values, axis):
    """Zeros like `x` with `values` added where `np.take_along_axis` would read."""
    result = np.zeros_like(x)
    places = list(np.ogrid[tuple(slice(n) for n in values.shape)])
    places[axis] = indices
    np.add.at(result, tuple(places), values)
    return result


def zeros_of(x, none=None):
    """Zeros in the shape of numbers, arrays and containers of them; of None, `none`."""
    if isinstance(x, (int, float, np.floating)):
        return type(x)(0) if isinstance(x, np.generic) else 0.0
    if isinstance(x, np.ndarray):
        return np.zeros_like(x)
    if isinstance(x, list):
        return [zeros_of(item, none) for item in x]
    if isinstance(x, tuple):
        items = [zeros_of(item, none) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, dict):
        return {key: zeros_of(item, none) for key, item in x.items()}
    kind = type(x)
    plain = kind.__new__ is object.__new__ and kind.__reduce__ is object.__reduce__
    if hasattr(x, "__dict__") and plain:
        made = object.__new__(type(x))
        fields = {key: zeros_of(item, none) for key, item in vars(x).items()}
        made.__dict__.update(fields)
        return made
    return none if x is None else None


def split_like(arrays, y, axis=0):
    """`y` cut along an axis into pieces as long as `arrays`."""
    ends = np.cumsum([x.shape[axis] for x in arrays])
    return np.split(y, ends[:-1], axis)


def add_items(x, y):
    """The sums of two containers, item by item; None is nothing."""
    if x is None or y is None:
        return y if x is None else x
    if isinstance(x, list):
        return [add_items(a, b) for a, b in zip(x, y)]
    if isinstance(x, tuple):
        items = [add_items(a, b) for a, b in zip(x, y)]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, dict):
        return {key: add_items(x.get(key), y.get(key)) for key in {**x, **y}}
    if hasattr(x, "__dict__"):
        made = object.__new__(type(x))
        there = vars(y)
        for key, item in vars(x).items():
            made.__dict__[key] = add_items(item, there[key])
        return made
    return x + y


def entries(table, keys):
    """What these keys of a dict lead to, as a list."""
    return [table[key] for key in keys]


def without(table, key):
    """A dict but for one of its keys, which it must have."""
    rest = table.copy()
    del rest[key]
    return rest


def add_entry(x, value, key, *keys):
    """A copy of an array or container with `value` added to one of its entries."""
    if isinstance(x, np.ndarray):
        x = x.copy()
        part = x
        for inner in keys:
            part, key = part[key], inner
        np.add.at(part, key, value)
        return x
    new = add_entry(x[key], value, *keys) if keys else add_items(x[key], value)
    if isinstance(x, dict):
        return {**x, key: new}
    items = list(x)
    items[key] = new
    if isinstance(x, list):
        return items
    return type(x)(*items) if hasattr(x, "_fields") else tuple(items)


def snapshots(trips):
    """How many values to keep of a loop, so that no trip is made more than four times:
    with c of them C(c + 3, c) trips can be gone back over.
    """
    count = 1
    while math.comb(count + 3, count) < trips:
        count += 1
    return count


def binomial_split(trips, snapshots):
    """After how many of the trips the next value is kept, if so many more may be.

    The binomial schedule of Griewank and Walther (Algorithm 799, "revolve").
    """
    if snapshots < 1:
        return trips - 1
    repeats = 1
    while math.comb(snapshots + repeats, snapshots) < trips:
        repeats += 1
    fewest = trips - math.comb(snapshots - 1 + repeats, snapshots - 1)
    return max(1, fewest, math.comb(snapshots + repeats - 2, snapshots))


def fresh(value):
    """A copy that shares no array, list, dict or object with `value`."""
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(fresh, value))
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value))
    if isinstance(value, np.ndarray):
        return value.copy()
    kind = type(value)
    plain = kind.__new__ is object.__new__ and kind.__reduce__ is object.__reduce__
    if hasattr(value, "__dict__") and plain:
        made = object.__new__(type(value))
        made.__dict__.update({key: fresh(item) for key, item in vars(value).items()})
        return made
    return value


def made(cls, **fields):
    """An object of a class with these attributes, without its `__init__`."""
    new = object.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(new, name, value)
    return new
