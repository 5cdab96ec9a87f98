"""Programs that random ones were cut down to, and small ones: each was once wrong.

Each is called at the points of `examine.py`, its real parameters differentiated.
"""

# ruff: noqa: B006, F821, F841

import math  # noqa: F401

import numpy as np


def tangent_smaller_than_its_result(x, m, n):
    """The tangent of a result is of the result's shape."""
    return np.zeros_like(m) + x


def tangent_smaller_in_a_branch(x, y, b, m, n):
    """Both ways give a tangent of the shape that the name has after them."""
    if x > 0.0:
        w = m + b
    else:
        w = m * y
    return np.sum(w, axis=0) @ b


def array_in_a_dict_across_a_loop(x, b, n):
    """What a dict holds stays the array that is written by its own name."""
    d = {"s": x, "w": b}
    for _ in range(n):
        b[...] = b[-1] * 2.0
        d["s"] -= x
    return d["w"][0] + d["s"]


def array_in_a_list_across_a_loop(x, b, n):
    """Lists in lists, and numbers beside them that change."""
    d = [[b, x], x]
    for _ in range(n):
        d[1] = d[1] * x
        d[0][1] += x
        b[0] *= x
    b[0] += x * 3.0
    return d[0][0][0] * x + d[1] + d[0][1]


def items_of_a_list_with_arrays(x, b, n):
    """Gradients that go through lists of Python floats are Python floats."""
    numbers = [x * 2.0 for _ in b]
    s = numbers.pop()
    b[0] += numbers[0]
    return b * s


def list_that_grows_by_an_element(x, b, n, q):
    """So is the gradient of a list of Python floats."""
    q.append(b[0])
    return b + x * sum(q[1:])


def shape_of_a_value_of_one_branch(x, a, m, n):
    """A length is not asked of what only one branch defines."""
    for _ in a:
        _less(m[-1], a)
    if x < 0.5:
        return m[0, :].mean()
    return 0.5


def _less(u, v):
    for i in range(1, len(u)):
        u[i] -= v[i]


def length_of_what_was_not_read(x, a, m, n):
    """Nor of what the branch that is not taken would have read."""
    for _ in a:
        _less(m[-1], a)
    if x > 0.5:
        return m[0, :].mean()
    return 0.5


def copy_of_a_value_of_an_inner_branch(x, y, a, b, m, n):
    """What a branch inside another defines is copied there, not behind both."""
    for _ in range(n):
        k = m < 0.15
        m[k] -= np.cos(m[k])
    if np.sin(y) < -1.1 and m[2, -1] > -0.35:
        w = b
    elif math.fabs(y) > 0.5:
        a[...] = x
    else:
        m[:, -1] = np.array([0.3, math.exp(-(y**2)), 0.5 * x * b[-1]])
    return y / (1.5 + (-m[0, 3]) ** 2) + np.sum(m * 1.1)


def gradient_of_a_list_without_its_last(a, m, n, q):
    """Python floats, though an array's sum is put between them."""
    s = q.pop()
    return q[-1] + m * s


def gradient_of_a_number_in_a_list_that_is_summed(y, a, n):
    numbers = [0.5 for _ in a]
    numbers[-1] -= y
    a[:] = sum(numbers)
    return a


def gradient_of_a_number_that_is_appended(x, a, n, q):
    q.append(x)
    for _ in range(1, n):
        a[:2][1] = a[0] = sum(q)
    return a


def what_a_recursive_helper_keeps_in_one_branch(x, a, b, n):
    """What a call keeps has no adjoint where the call was not made."""
    if x <= 0.3:
        return x
    return np.sum(a * _again(b, 2, np.abs(b[-1])))


def _again(u, k, p):
    if k <= 0:
        return math.sin(p) + u[1]
    u[k] += p
    return _again(u, k - 1, math.cos(p))


def function_with_a_default_that_the_last_trip_made(x, a, n):
    for i in range(4):

        def g(t, k=a[i]):
            return t * k

    return g(x)


def function_of_the_trip_before(x, a, n):
    """It sees what the names around it are when it is called."""
    i = 0
    while i < 3:
        if i > 0:
            a[i] = g(a[i])

        def g(t):
            return t * x * (i + 1)

        i += 1
    return np.sum(a) + g(x)


def functions_that_call_one_another(x, a, n):
    i = 0
    while i < 3:
        g = lambda t: t * a[i] * x  # noqa: E731
        h = lambda t, q=a[i]: g(t) * q  # noqa: B023, E731
        a[i] = h(a[i])
        i += 1
    return np.sum(a)


def functions_that_write(x, a, n):
    def bump(k):
        a[k] += x

    i = 0
    while i < n:
        bump(i)

        def twice(k):
            bump(k)
            bump(k)

        twice(0)
        i += 1
    return np.sum(a * a)


def function_with_an_array_for_a_default(x, a, n):
    b = a
    for i in range(3):

        def put(v, w=b):
            w[i] = v * x  # noqa: B023

        put(a[i])
        b = b * 1.5
    return np.sum(a) + np.sum(b)


def function_with_a_keyword_default(x, a, n):
    for i in range(n + 1):

        def g(t, *, k=a[i] * 2.0):
            return t * k

        a[i] = g(x, k=a[0]) + g(x)
    return np.sum(a) * g(x)


def gradient_of_a_number_in_a_slice_of_a_list(x, a, n, q):
    q.append(x)
    longer = q + [0.3]
    return sum(longer[1:]) + np.sum(a * 0.7)


def functions_of_two_branches(x, a, n):
    """The defaults are those of the branch that was taken."""
    if a[0] > 0:
        g = lambda t, k=x * 2: t * k  # noqa: E731
    else:
        g = lambda t, k=x * 3: t * k * k  # noqa: E731
    return g(a[1])


def function_of_some_trips(x, a, n):
    i = 0
    while i < 3:
        if a[i] > 0:

            def g(t, k=a[i] * x):
                return t * k

            a[i] = g(x)
        else:
            a[i] = x
        i += 1
    return np.sum(a)


def function_that_calls_the_one_of_the_trip_before(x, a, n):
    def g(t, k=x):
        return t * k

    for i in range(n):
        h = g

        def g(t, k=a[i]):
            return t * k + x

        a[i] = h(a[i])
    return np.sum(a) * g(x)


def copy_of_a_list(x, a, n, q):
    """The tangent of a list is a list."""
    copies = q.copy()
    back = copies[::-1]
    back[0] = x
    return [q.copy() + back, copies]


def array_of_a_list(x, a, n, q):
    """`np.copy` makes an array, which is added and not joined."""
    return (np.copy(q) + np.copy(q)) * x


def loop_that_is_unrolled_after_all(x, a, b, n):
    """What the first attempt has read is read again."""
    for w in [a[:], a + 0.0]:
        np.cos(w, out=w)
    return a * b.max()


def gradient_through_a_recursive_helper(x, a, n):
    """A Python float, whatever the seed is."""
    return _halves(x, n) * a[0]


def _halves(p, k):
    if k <= 0:
        return p * p
    return _halves(0.5 * p, k - 1) + p


def rows_times_an_array(x, a, b, m, n):
    """The adjoint of the rows is one row for all, and not the rows themselves."""
    rows = np.vstack([a, a, b]) * a
    more = np.array([a, b]) * a
    few = np.array([[x, 2.0], [x * x, 0.5]]) * a[:2]
    joined = np.concatenate([m, m * x]) * b
    return np.sum(rows * x) + np.sum(more) + np.sum(few) + np.sum(joined)


def growing_rows_times_an_array(x, a, b, n):
    rows = []
    for i in range(n):
        rows.append(a * b[i] * x)
    rows.append(b)
    return np.sum(np.array(rows) * a) + np.sum(np.vstack([a, rows[-1]]) * b)


def names_swapped_on_one_path(x, a, b, n):
    """Whichever is which, they are two arrays."""
    if x > 0:
        a, b = b, a
        b[1] *= x
    if a[0] > 0:
        a, b = b, a
    a[0] = x
    b[1] += a[0]
    return np.sum(a * b * b)


def names_swapped_in_some_trips(x, a, b, n):
    for i in range(n):
        if b[i] > 0:
            a, b = b, a
            continue
        a[i] = x * b[i]
        if a[i] > 0.3:
            break
        b, a = a, b
    return np.sum(a * b * b)


def buffers_swapped_in_some_trips(x, a, b, n):
    u, v = a * 2.0, b * 1.0
    i = 0
    while i < n:
        i += 1
        if a[0] > 0.1:
            u[1:] = v[:-1] * x
            u, v = v, u
        else:
            u[0] += x
    return np.sum(u * v * v)


def entries_swapped_on_one_path(x, a, b, n):
    d = [a, b]
    if x > 0:
        d[0], d[1] = d[1], d[0]
    d[0][0] = x
    return np.sum(d[0] * d[1] ** 2)


def array_chosen_in_an_expression(x, a, b, n):
    """What a conditional expression gives is copied where it is overwritten later."""
    a[::2] += 0.5
    a[:] = (x if x > 0.9 else a) ** 2
    b *= 0.5
    b[1:] = np.sin(a if x > 0.9 else b)[:-1]
    return a + b


def unrolled_loop_over_an_array_that_is_written(x, a, n):
    """An item is read when its trip comes, in a loop that is unrolled, too."""
    t = ()
    for v in a:
        t = t + (v,)
        a[2:] += x * v
    for i, (v, u) in enumerate(zip(a, reversed(a))):
        t = t + (v * u,)
        a[1:3] = t[i]
    return t[3] * a + t[-1]


def list_of_floats_that_gets_sums_of_arrays(a, n, q):
    """Its gradient holds Python floats, whatever the seed holds."""
    for i in range(n):
        q[i] += np.sum(a)
    return q


def constant_array_put_into_a_dict(x, n, p):
    """The tangent of an entry that is replaced by a constant array is an array."""
    p["w"] = np.arange(4.0)
    for i in range(n):
        p["s"] += x * i
        p["w"][i] *= 2.0
    return p["w"] * x + p["s"]


def generator_that_a_loop_asks_late(x, a, n):
    """An item is worked out when its trip comes."""
    s, y = 0.0, x
    for i, v in enumerate(u * y for u in a):
        a[2:] += v * x
        s += v * i
        y = y * 1.5
    return a * s


def _relax(u, p):
    if u[0] > p:
        return
    u[::2] = p
    u[1:] *= u[0]


def number_that_an_array_is_added_to(a, b, m):
    """It makes a new array, of which views are taken that are written into."""
    _relax(m[:, 0], np.prod(0.5 * a))
    w = 0.3 * (b[:-1] @ m)
    return w[0] + np.sum(m * 1.3)


def row_of_what_was_turned(m, x):
    """A copy of the turned array keeps its order in memory: a row looks into it."""
    m.T[0] *= np.cos(x)
    row = m.reshape(-1)
    for i in range(2):
        row[i] *= math.cos(x * i)
    return m


def row_of_what_was_mirrored(m, x):
    """What is mirrored is copied forwards: a row looks into it."""
    f = np.flip(m, axis=0)
    f[0] *= np.cos(x)
    row = m.reshape(-1)
    row[0] *= math.cos(x)
    return m


def choice_of_none(a, n):
    """An entry of what may be None, in a conditional expression."""
    worst = None
    for i in range(n):
        if a[i] > 0.1 and (worst is None or a[i] > worst[1]):
            worst = (i, a[i] * a[0])
    return a[0] + (0.0 if worst is None else worst[1] ** 2)


# ---- by small programs ---------------------------------------------------------------


def sum_while_it_is_a_number(x, a, n):
    """In the first trip `w + x` is one number, and its sum no sum over an array."""
    w = 0.0
    s = 0.0
    for _ in range(n):
        s += np.sum(w + x)
        w = w + a
    return s


def sum_of_what_may_have_stayed_a_number(x, a, n):
    """Where no trip was made, too."""
    w = 0.0
    for _ in range(n):
        w = w + a
    return np.sum(w * x + x)


def mean_of_a_multiple_of_a_number(x, a, n):
    w = 1.0
    for _ in range(n):
        w = w * a
    return np.mean(w * x)


def multiple_of_a_number_that_is_carried(x, a, n):
    """After one trip `s` is a number still."""
    w = 1.0
    s = 0.0
    for _ in range(n):
        s = s + w * x
        w = w + a
    return np.sum(s)


def tangent_that_starts_from_a_number(x, a, n):
    """The array that `w` becomes does not vary: its tangent must become one as well."""
    w = 0.0
    for _ in range(n):
        w = w + (np.floor(a) + x)
    return np.sum(w)


def diagonal_of_a_vector(a, n):
    """NumPy gives a diagonal to be read only; a gradient may be written to."""
    return np.sum(np.diag(a) * 0.5)


PROGRAMS = [
    value
    for value in list(globals().values())
    if getattr(value, "__module__", None) == __name__
    and callable(value)
    and value.__name__[0] != "_"
]
