"""Programs that overwrite arrays, one for each form of write, view and alias.

Each is decorated with the arguments it is tried on; `test_writes.py` goes through them.
Programs return numbers in which what was lost, kept and shared all weigh differently.
"""

# ruff: noqa: E741, B007, E501

from __future__ import annotations

import numpy as np

PROGRAMS = {}


def program(*points, wrt=None):
    """Enter a function with the arguments it is tried on (arrays are copied)."""

    def enter(f):
        PROGRAMS[f.__name__] = (f, points, wrt)
        return f

    return enter


X = np.array([0.7, -1.2, 0.4, 1.9, -0.6])
V = np.array([1.3, 0.8, -0.5, 0.9, 1.1])
W = np.array([-0.4, 1.7, 0.6])
A = np.array([[1.1, -0.3, 0.5], [0.2, 0.9, -0.7], [0.6, 0.1, 1.4]])
B = np.array([[0.3, 1.2, -0.8], [-0.9, 0.4, 0.7], [1.5, -0.2, 0.1]])
R = np.array([[0.3, 1.2, -0.8, 0.5], [-0.9, 0.4, 0.7, 1.1], [1.5, -0.2, 0.1, 0.9]])


# ---- elements ------------------------------------------------------------------------


@program((X, 2, 0.7), (X, -1, 0.7))
def element(x, i, v):
    x[i] = v * x[0]
    return x * x * v


@program((X, V, 3))
def element_read_before_and_after(x, v, i):
    before = x[i] ** 2
    x[i] = np.sin(v[i])
    return before * x[i] + (x * v).sum()


@program((A, 0.7, 1, 2))
def matrix_element(a, v, i, j):
    a[i, j] += v * a[j, i]
    a[i][j] *= v
    a[0, -1] -= a[i, j] ** 2
    return a * a


@program((X, V))
def every_operator_on_elements(x, v):
    x[0] += v[0]
    x[1] -= v[1] * x[0]
    x[2] *= v[2] + x[1]
    x[3] /= v[3]
    x[4] **= 2
    x[0] **= 3
    return x * v


@program((X, V, 2))
def element_loop(x, v, n):
    for k in range(n):
        for i in range(1, 4):
            x[i] = x[i - 1] * v[i] + x[i + 1] * x[i]
    return (x**2).sum()


@program((X, 3))
def element_written_twice(x, i):
    x[i] = x[0] ** 2
    x[i] = x[i] * x[1]
    x[i] = x[i] + 1.0
    return x**3


@program((X, V))
def lost_write(x, v):
    x[1] = v[1] ** 3
    x[1] = v[2]
    return x * x


@program((X, V, 1, 1), (X, V, 1, 3))
def two_indices_maybe_equal(x, v, i, j):
    x[i] = v[0] * x[j]
    x[j] = x[i] * v[1]
    return x * v


@program((X, V, 1, 4), (X, V, 2, 2))
def swapped_elements(x, v, i, j):
    x[i], x[j] = x[j] * v[0], x[i]
    return x * v


@program((A, W, 0, 2), (A, W, 1, 1), (A, W, -1, 2), (A, W, 1, -3))
def rows_change_places(a, w, i, j):
    a[[i, j]] = a[[j, i]]
    a[i] *= w
    a[:, [j, i]] = a[:, [i, j]]
    return a * w[:, None] + a[i, j]


@program((A, W, 0, 2), (A, W, 1, 1))
def rows_change_places_and_are_read(a, w, i, j):
    both = a[[j, i]]
    a[[i, j]] = both
    a[0] += both[1] * both[0]
    w[[i, j]] = w[[j, i]] * 2.0
    return a * w


@program((A, W, 0, 2, 1), (A, W, 1, 1, 0), (A, W, 2, 0, 2))
def rows_go_round(a, w, i, j, k):
    a[[i, j, k]] = a[[j, k, i]]
    w[[i, j]] = w[[i, j]]
    w[[i, j]] = w[[j, k]]
    return a * w


@program((X,))
def rotated_elements(x):
    x[0], x[1], x[2] = x[2], x[0], x[1] ** 2
    return x * np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@program((X, V, 2))
def chained_write(x, v, i):
    x[i] = v[i] = x[0] * v[1]
    return x * v


@program((X, V))
def chained_to_name_and_element(x, v):
    y = x[1] = v[0] * x[2]
    v[3] = y * y
    return x * v * y


@program((X, V))
def chained_slices(x, v):
    x[:2] = v[1:3] = x[3:] * v[0]
    return x * v


@program((A, 0.5))
def chained_rows(a, s):
    a[0] = a[1] = a[2] * s
    return a * a


# ---- slices --------------------------------------------------------------------------


@program((X, V))
def slice_assigned(x, v):
    x[1:-1] = v[:3] * x[2:]
    return x * x


@program((X, V))
def slice_multiplied(x, v):
    x[1:-1] *= v[1:-1]
    x[::2] += v[::2] * x[::2]
    return x * x


@program((X, 0.3))
def slice_divided_powered(x, s):
    x[::2] /= s + 1.0
    x[1:3] **= 2
    x[-2:] -= s
    return x * x


@program((X, 0.3))
def slice_filled_with_number(x, s):
    x[1:3] = s * s
    return x * x * s


@program((A, W))
def slice_broadcast(a, w):
    a[1:] = w * a[0]
    a[:, 0] = w
    a[:, 1:] += w[:, None]
    return a * a


@program((X,))
def slice_reversed(x):
    x[:] = x[::-1] * x
    return x * np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@program((X,))
def slice_reversed_moved(x):
    x[:] = x[::-1]
    return x * x * np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@program((X, V))
def negative_step(x, v):
    x[::-1] = v * x
    x[3:0:-1] *= v[:3]
    return x * x


@program((X, V, 1, 4), (X, V, 2, 2), (X, V, 4, 1))
def slice_of_the_run(x, v, i, j):
    x[i:j] = x[i:j] * v[i:j]
    return x * x


@program((X, V, 3), (X, V, 0))
def shrinking_slices(x, v, n):
    for k in range(n):
        x[k + 1 :] -= x[k] * v[k + 1 :]
    return x * x


@program((A, W))
def ellipsis(a, w):
    a[..., 0] -= w
    a[0, ...] *= w
    a[...] = a * a
    return a * w


@program((A, B))
def everything(a, b):
    y = a
    a[:] = b * a
    return y * b


@program((X, V))
def everything_of_number(x, v):
    y = x
    x[:] = v[0] ** 2
    return y * v


# ---- whole arrays --------------------------------------------------------------------


@program((X, V))
def whole_added(x, v):
    y = x
    x += v * x
    return y * y


@program((X, V))
def whole_by_each_operator(x, v):
    y = x
    y += v
    y -= v * v
    y *= v
    y /= v + 3.0
    y **= 2
    return x * v


@program((X, V))
def whole_powered(x, v):
    y = x
    x *= x
    y **= 1.5
    return x * v


@program((A, B))
def whole_matmul(a, b):
    c = a
    a @= b
    return c * b


@program((A, B))
def whole_matmul_of_itself(a, b):
    c = a
    a @= a
    return c * b


@program((X, V))
def whole_by_itself(x, v):
    x += x
    x *= x
    x -= v[0] * x
    return x * v


@program((X, V, 3))
def whole_in_loop(x, v, n):
    y = x
    for _ in range(n):
        x *= v
        x += y * y
    return y


@program((A, W))
def whole_broadcast(a, w):
    a += w
    a *= w[:, None]
    a -= w[0]
    return a * a


@program((X, V))
def unary_then_in_place(x, v):
    y = -x
    z = +x
    y *= v
    z += y
    return x * y * z


# ---- masks and index arrays ----------------------------------------------------------


@program((X, V))
def mask_assigned(x, v):
    x[x < 0] = v[0]
    return x * x * v


@program((X, V))
def mask_assigned_array(x, v):
    m = x < 0.5
    x[m] = v[m] ** 2
    return x * x


@program((X, V))
def mask_augmented(x, v):
    m = v > 0
    x[m] *= v[m]
    x[~m] += x[0]
    x[x > 1] /= 2.0
    return x * x


@program((X, V))
def mask_power(x, v):
    m = x > 0
    x[m] **= 2.5
    return x * v


@program((A, W))
def mask_of_rows(a, w):
    m = w > 0
    a[m] = a[0] * w
    a[m, 1] += w[0]
    a[:, m] *= 2.0
    return a * a


@program((A,))
def mask_of_matrix(a):
    a[a < 0] *= a[a < 0]
    return a * a


@program((X, V, np.array([3, 0, 2])))
def gather(x, v, idx):
    y = x[idx]
    x[0] = v[0]
    y[1] *= 2.0
    return y * x[idx] * v[idx]


@program((X, V, np.array([3, 0, 3, 3])))
def gather_repeated(x, v, idx):
    return x[idx] * x[idx] * v[:4]


@program((X, W, np.array([3, 0, 2])))
def scatter(x, w, idx):
    x[idx] = w * x[idx]
    return x * x


@program((X, W, np.array([3, 0, 3])), (X, W, np.array([-2, 0, 3])))
def scatter_repeated(x, w, idx):
    x[idx] = w * w
    return x * x


@program((X, W, np.array([3, 0, 3])), (X, W, np.array([-2, 3, 3])))
def scatter_added_repeated(x, w, idx):
    x[idx] += w * w
    return x * x


@program((X, W, np.array([3, 0, 3])))
def scatter_multiplied_repeated(x, w, idx):
    x[idx] *= w
    return x * x


@program((X, W, np.array([3, 0, 3])))
def scatter_subtracted_repeated(x, w, idx):
    x[idx] -= w * x[idx]
    return x * x


@program((X, W))
def scatter_list(x, w):
    x[[4, 1, 4]] = w
    x[[0, 2]] += 1.5 * w[:2]
    return x * x


@program((X, 0.7, np.array([3, 0, 3])))
def scatter_number(x, s, idx):
    x[idx] = s * s
    return x * x


@program((A, W, np.array([0, 2, 0]), np.array([1, 1, 1])))
def scatter_pairs(a, w, i, j):
    a[i, j] = w * w
    a[j, i] *= w
    return a * a


@program((A, W, np.array([2, 0, 2])))
def scatter_rows(a, w, idx):
    a[idx] = w[:, None] * a[0]
    return a * a


@program((A, W, np.array([2, 0, 2])))
def scatter_columns(a, w, idx):
    a[:, idx] = w * a
    return a * a


@program((X, V, np.array([[0, 1], [3, 1]])))
def scatter_by_matrix(x, v, idx):
    x[idx] = v[:4].reshape(2, 2) ** 2
    return x * x


@program((X, W, np.array([2, 0, 2]), 3))
def scatter_in_loop(x, w, idx, n):
    for _ in range(n):
        x[idx] = x[idx] * w
    return x * x


@program((X, V))
def where_index(x, v):
    i = np.flatnonzero(x > 0)
    x[i] *= v[i]
    k = np.argmax(v)
    x[k] = v[k] ** 2
    return x * x


# ---- ufuncs that write ---------------------------------------------------------------


@program((X, V))
def ufunc_out(x, v):
    c = np.empty(5)
    np.multiply(x, v, out=c)
    np.add(c, x, out=c)
    return c * x


@program((X, V))
def ufunc_out_is_operand(x, v):
    y = x
    np.add(x, v, out=x)
    np.multiply(x, x, out=x)
    np.sin(x, out=x)
    return y * v


@program((X, V))
def ufunc_out_positional(x, v):
    np.subtract(x, v, x)
    np.exp(x, x)
    return x * v


@program((X, V))
def ufunc_out_tuple(x, v):
    np.add(x, v, out=(x,))
    return x * v


@program((X, V))
def ufunc_out_returned(x, v):
    y = np.multiply(x, v, out=x)
    y += 1.0
    return x * v


@program((A, W))
def ufunc_out_view(a, w):
    np.multiply(a[0], w, out=a[1])
    np.add(a[:, 0], w, out=a[:, 2])
    return a * a


@program((A, W))
def ufunc_out_broadcast(a, w):
    c = np.zeros((3, 3))
    np.add(w, w[0], out=c)
    np.multiply(a, w[:, None], out=a)
    return a * c


@program((X, V))
def ufunc_out_overlapping(x, v):
    np.multiply(x[1:], x[:-1], out=x[1:])
    np.add(x[:-1], v[1:], out=x[1:])
    return x * x


@program((X, V))
def ufunc_where(x, v):
    c = x * 2.0
    np.multiply(x, v, out=c, where=v > 0)
    return c * x


@program((X, V))
def ufunc_where_guards(x, v):
    c = np.zeros(5)
    np.log(x, out=c, where=x > 0)
    np.divide(v, x, out=c, where=x < 0)
    np.sqrt(x, where=x > 0, out=x)
    return c * v + x


@program((A, B))
def matmul_out(a, b):
    c = np.empty((3, 3))
    np.matmul(a, b, out=c)
    np.dot(c, a, out=b)
    return b * c


@program((A, W))
def reduction_out(a, w):
    np.sum(a, axis=0, out=w)
    a.mean(axis=1, out=a[0])
    np.cumsum(w, out=w)
    return a * w


@program((X, V))
def clip_out(x, v):
    np.clip(x, -1.0, v, out=x)
    np.maximum(x, v * 0.5, out=x)
    np.where(v > 0, x, v)
    return x * v


@program((X, W, np.array([3, 0, 3])))
def add_at(x, w, idx):
    np.add.at(x, idx, w * w)
    return x * x


@program((X, W, np.array([3, 0, 3])))
def subtract_at(x, w, idx):
    np.subtract.at(x, idx, w * w)
    return x * x


@program((X, W, np.array([3, 0, 3])))
def multiply_at(x, w, idx):
    np.multiply.at(x, idx, w)
    return x * x


@program((X, W, np.array([3, 0, 2])))
def divide_at_and_others(x, w, idx):
    np.divide.at(x, idx, w)
    np.maximum.at(x, idx, w)
    np.negative.at(x, idx)
    return x * x


@program((A, W, np.array([2, 0, 2])))
def add_at_rows(a, w, idx):
    np.add.at(a, idx, w * a)
    np.add.at(a, (idx, 1), w)
    np.add.at(a[0], [0, 0], 2.0 * w[:2])
    return a * a


@program((X, V, 2))
def add_at_element(x, v, i):
    np.add.at(x, i, v[i])
    np.add.at(x, slice(1, 3), v[0])
    return x * x


@program((X, V, np.array([2, 0, 2])))
def add_at_in_a_tuple_of_one(x, v, idx):
    np.add.at(x, (idx,), v[:3])
    return x[idx,] * x[0]


@program(({"a": 1.0 * X, "b": [0.5, 1.0 * V]}, W, np.array([2, 0, 2])))
def add_at_in_containers(p, w, idx):
    np.add.at(p["a"], idx, w * p["b"][0])
    np.add.at(p["b"][1], idx, w[0])
    return p["a"] * p["a"], p["b"][1] * w[1]


# ---- functions of NumPy that write ---------------------------------------------------


@program((X, V))
def copyto(x, v):
    np.copyto(x, v * v)
    return x * v


@program((X, V))
def copyto_where(x, v):
    np.copyto(x, v * v, where=x < 0.5)
    np.copyto(x[1:3], 2.0)
    return x * x * v


@program((A, W))
def copyto_broadcast(a, w):
    b = a.copy()
    np.copyto(a, w)
    np.copyto(b, w[:, None], where=b > 0)
    return a * b


@program((X, W))
def put(x, w):
    np.put(x, [0, 3], w[:2] * w[2])
    x.put([1, 4], w[0])
    return x * x


@program((A, W))
def put_in_matrix(a, w):
    np.put(a, [0, 4, 8], w * w)
    return a * a


@program((A, 0.7))
def turned_by_einsum(a, s):
    b = np.einsum("ij->ji", a)
    a[0, 1] = s
    b[2, 0] = s * s
    return a * a - b * a


@program((A, 0.7))
def diagonal_by_einsum(a, s):
    d = np.einsum("ii->i", a)
    a[1, 1] = s
    return a * a[0] + d * d


@program((A, 0.7))
def matrix_transpose_is_a_view(a, s):
    b = np.matrix_transpose(a)
    b[0, 1] = s
    a[2, 0] = s * s
    return a * a - b * a


@program((A, W, np.array([3, 0, 3])))
def put_repeated(a, w, idx):
    np.put(a, idx, w * w)
    return a * a


@program((A, 0.7))
def fill_diagonal(a, s):
    np.fill_diagonal(a, s * s)
    return a * a


@program((R, W))
def fill_diagonal_array(a, w):
    np.fill_diagonal(a, w * w)
    return a * a


@program((np.arange(27.0).reshape(3, 3, 3) / 9.0, W))
def fill_diagonal_of_a_cube(a, w):
    np.fill_diagonal(a, w * w)
    return a * a


@program((np.arange(14.0).reshape(7, 2) / 9.0, 0.7))
def fill_diagonal_again_and_again(a, s):
    np.fill_diagonal(a, s * s, wrap=True)
    return a * a


@program((np.arange(10.0).reshape(2, 5) / 9.0, 0.7))
def fill_diagonal_of_a_wide_matrix(a, s):
    np.fill_diagonal(a, s * s, wrap=True)
    return a * a


@program((A, W, np.array([0, 2, 0]), np.array([1, 1, 1])))
def multiply_at_pairs(a, w, rows, columns):
    np.multiply.at(a, (rows, columns), w)
    np.divide.at(a, ([0, 0], [1, 2]), w[0])
    np.negative.at(a, ([1, 1, 1], [0, 0, 0]))
    return a * a


@program((X, 0.7))
def fill(x, s):
    y = x[1:3]
    y.fill(s * x[0])
    return x * x


@program((X, 0.7))
def fill_whole(x, s):
    y = x
    x.fill(s)
    return y * s


@program((X, V))
def sort(x, v):
    y = x
    x.sort()
    return y * v


@program((A, B))
def sort_axis(a, b):
    a.sort(axis=0)
    b[0].sort()
    b.sort(axis=-1)
    return a * b


@program((A, W, np.array([[0], [2], [1]])))
def put_along_axis(a, w, idx):
    np.put_along_axis(a, idx, w[:, None] * w[0], axis=1)
    return a * a


@program((X, W))
def place_and_putmask(x, w):
    np.putmask(x, x > 0, x * x)
    return x * w[0]


@program((X, 4))
def empty_filled(x, n):
    y = np.empty(n)
    for i in range(n):
        y[i] = x[i] * x[i + 1]
    z = np.empty_like(x)
    z[:2] = y[:2]
    z[2:] = x[2:] * y[-1]
    return y.sum() * z


@program((A,))
def flat_read(a):
    a[0, 1] *= 2.0
    return a.flat[1] * a.flat[4] + a.flat[-1] ** 2


@program((A,))
def flat_loop(a):
    s = 0.0
    for v in a.flat:
        s += v * v * s + v
    return s


@program((A, W))
def flat_written(a, w):
    a.flat[1] = w[0] * w[1]
    a.flat[[3, 5]] = w[:2]
    a.flat = a.flat[2] * w[2]
    return a * a


# ---- views ---------------------------------------------------------------------------


@program((X, V))
def view_written(x, v):
    y = x[1:4]
    y[0] = v[0] * y[2]
    y *= v[:3]
    return x * x


@program((X, V))
def base_written(x, v):
    y = x[1:4]
    x[2] = v[0] * x[2]
    x += v
    return y * y


@program((X, V))
def view_kept_across_writes(x, v):
    y = x[1:4]
    a = y * y
    x[2] = v[0]
    b = y * v[:3]
    y[1] += x[4]
    x[1] = y[1]
    return a * b + y


@program((X, V))
def slice_of_slice(x, v):
    y = x[1:]
    z = y[:3]
    w = z[::2]
    w *= v[:2]
    z[1] = w[0] * w[1]
    y[-1] = z[2]
    return x * x


@program((A, W))
def transposed(a, w):
    t = a.T
    t[0] = w * t[1]
    t += w
    return a * a


@program((A, W))
def transposes_of_each_kind(a, w):
    b = a.transpose()
    b[0] *= w
    c = np.transpose(a)
    c[1, 0] = w[0]
    d = a.swapaxes(0, 1)
    d[:, 2] += w
    e = np.swapaxes(a, 0, 1)
    e[2] *= 2.0
    f = a.transpose(1, 0)
    f[0, 2] = w[2] ** 2
    g = np.moveaxis(a, 0, 1)
    g[1, 1] *= w[1]
    return a * a


@program((A, W))
def transposed_read_after(a, w):
    t = a.T
    a[0] = w
    a[1, 2] *= 3.0
    return t @ w * t


@program((A,))
def added_to_its_transpose(a):
    a += a.T
    return a * a


@program((A,))
def added_to_its_transpose_by_view(a):
    t = a.T
    t -= a * a
    return a * a


@program((X, V))
def newaxis(x, v):
    y = x[..., None]
    y *= v[:, None]
    z = x[None]
    z[0, 1] = v[0]
    w = x[:, np.newaxis]
    w[2] += v[3]
    return x * x


@program((A, W))
def diagonal_read(a, w):
    d = a.diagonal()
    a[1, 1] = w[0] * w[1]
    e = np.diag(a)
    a[2, 2] = w[2]
    return d * w + e


@program((W, V))
def reshaped_local(w, v):
    a = np.zeros(6)
    b = a.reshape(2, 3)
    b[0] = w
    b[1, :] += v[:3] * b[0]
    a[0] *= v[4]
    c = b.ravel()
    c[5] = w[0]
    d = b.reshape(-1)
    d[1:3] *= 2.0
    return a * a + b.sum()


@program((A, W))
def reshaped_copy(a, w):
    b = a.copy()
    r = b.ravel()
    r[::4] = w
    c = b.reshape(9)
    c[1] *= w[1]
    return b * a


@program((A, W))
def flattened(a, w):
    f = a.flatten()
    f[0] = w[0]
    a[0, 0] *= 2.0
    return f.reshape(3, 3) * a


@program((A, W))
def rows(a, w):
    for row in a:
        row[:] = row * w
        row[0] += 1.0
    return a * a


@program((A, W))
def rows_augmented(a, w):
    for i, row in enumerate(a):
        row *= w
        row += i
    return a * a


@program((A, B))
def rows_zipped(a, b):
    for p, q in zip(a, b):
        p[:] = q * p[0]
        q[1] = p[2]
    return a * b


@program((A, W))
def row_kept_after_loop(a, w):
    row = a[0]
    for row in a:
        row[0] *= w[0]
    row[1] = row[0] * w[1]
    return row * w


@program((A, W))
def unpacked_rows(a, w):
    p, q, r = a
    p[:] = w * q
    r[0] = p[1] * q[2]
    q *= r
    return a * a


@program((X, V))
def real_part(x, v):
    y = x.real
    y[0] = v[0] * v[1]
    return x * x


@program((X, V))
def as_array(x, v):
    y = np.asarray(x)
    y[0] = v[0] * v[1]
    z = np.array(x)
    z[1] = v[2]
    w = np.array(x, copy=True)
    w[2] = v[0]
    return x * z * w


@program((X, V))
def overlapping(x, v):
    x[1:] += x[:-1]
    return x * x


@program((X, V))
def overlapping_each_way(x, v):
    x[:-1] *= x[1:]
    x[1:] = x[:-1] * v[0]
    x[::2] -= x[2:]
    x[1:4] = x[:3]
    x[2:] = x[:3]
    return x * x


@program((X, 4), (X, 0))
def overlapping_in_loop(x, n):
    for k in range(n):
        x[1:] += 0.5 * x[:-1] * x[1:]
    return x


@program((X, V))
def overlapping_views(x, v):
    y, z = x[:3], x[2:]
    y += v[:3]
    z *= y
    y[0] = z[0]
    return x * x


# ---- names ---------------------------------------------------------------------------


@program((X, V, 3), (X, V, 2), (X, V, 0))
def double_buffering(x, v, n):
    a = x.copy()
    b = np.zeros(5)
    for k in range(n):
        b[1:-1] = a[2:] * a[:-2] + v[k]
        b[0] = a[-1]
        a, b = b, a
    return a * v + b


@program((X, V, 3), (X, V, 2))
def swapped_arguments(x, v, n):
    for k in range(n):
        x[k] = v[k] * x[k + 1]
        x, v = v, x
    return x * x + v


@program((X, V, 4))
def three_names(x, v, n):
    a, b, c = x.copy(), v.copy(), x * v
    for k in range(n):
        c[:] = a * b
        c[k] += 1.0
        a, b, c = b, c, a
    return a + 2.0 * b + 3.0 * c


@program((X, V, 3), (X, V, 2), (X, V, 0))
def written_after_swaps(x, v, n):
    a, b = x.copy(), v.copy()
    for _ in range(n):
        a[0] = b[1]
        a, b = b, a
    a[0] = x[0] * v[0]
    return a * b


@program((X, V))
def name_rebound(x, v):
    y = x
    x = x * 2.0
    x[0] = v[0]
    y[1] = x[1]
    x = y
    x += v
    return y * y


@program((X, V, True), (X, V, False))
def alias_in_branch(x, v, c):
    if c:
        x[1] = v[1] ** 2
        y = x[0] * 2.0
    else:
        x *= v
        y = x[1]
    return x * y


@program((X, V, 0.1), (X, V, 5.0))
def early_return(x, v, limit):
    for i in range(4):
        x[i + 1] *= x[i] + v[i]
        if x[i + 1] > limit:
            x[0] = v[0]
            return x * v
    return x


@program((X, V, 0.5))
def while_writing(x, v, limit):
    i = 0
    while x[0] < 5.0 and i < 4:
        x[0] += v[i] ** 2
        x[i] *= limit
        i += 1
    return x * v


# ---- containers ----------------------------------------------------------------------


@program((X, V))
def in_tuple(x, v):
    pair = (x, v)
    pair[0][1] = v[0] * v[1]
    a, b = pair
    b *= a
    return x * v


@program((X, V))
def in_list(x, v):
    both = [x, v, x]
    both[0][1] = v[0] * v[1]
    both[2] += v
    for each in both:
        each *= 2.0
    return x * v


@program((X, V))
def in_dict(x, v):
    d = {"x": x, "v": v}
    d["x"][1] = v[0] * v[1]
    d["v"] *= x
    d["x"] += d["v"]
    for key in d:
        d[key][0] *= 3.0
    return x * v


@program((X, V))
def in_dict_replaced(x, v):
    d = {"x": x}
    d["x"] = d["x"] * v
    d["x"][0] = 2.0
    return x * d["x"]


@program(([X, V], W))
def list_argument(both, w):
    both[0][0] = w[0] * both[1][1]
    both[1] += both[0]
    both[0] = both[0] * 2.0
    return both[0] * both[1]


@program(({"w": A, "b": W}, 0.3), wrt=("params",))
def dict_argument(params, s):
    params["w"] -= s * params["w"] ** 2
    params["b"][0] = params["w"][0, 0]
    params["b"] = params["b"] * 2.0
    return params["w"] @ params["b"]


@program((X, V, 3))
def list_of_rows(x, v, n):
    rows = [np.zeros(5) for _ in range(3)]
    for k in range(n):
        rows[k][k] = x[k] * v[k]
        rows[k] += v
    return rows[0] * rows[1] * rows[2]


@program((X, 3))
def history_of_copies(x, n):
    history = []
    for k in range(n):
        x[k] *= x[k + 1]
        history.append(x.copy())
    return sum(history) * x


# ---- functions -----------------------------------------------------------------------


def doubled(u):
    u *= 2.0


def step(u, v, k):
    u[k] = u[k] * v[k - 1]
    v += u[0]


def mixed(u, v):
    u[0] = v[1] * 2.0
    v[1] = u[0] * u[1]
    u += v


def first_of(u):
    return u[1:]


def normalised(u):
    u /= np.sqrt((u * u).sum())
    return u


@program((X, V))
def helper_writes(x, v):
    doubled(x)
    doubled(x[1:3])
    step(x, v, 1)
    return x * v


@program((X, V, 4))
def helper_in_loop(x, v, n):
    for k in range(1, n):
        step(x, v, k)
    return x * v


@program((X, V))
def helper_same_twice(x, v):
    mixed(x, x)
    return x * v


@program((X, V))
def helper_same_and_different(x, v):
    mixed(x, v)
    mixed(v, v)
    mixed(v, x)
    return x * v


@program((X, V))
def helper_same_twice_in_loop(x, v):
    for _ in range(2):
        mixed(x, x)
        mixed(x, v)
    return x * v


@program((X, V))
def helper_overlapping_views(x, v):
    mixed(x[:3], x[1:4])
    return x * v


@program((X, V))
def helper_view_and_base(x, v):
    mixed(x[::-1], x)
    return x * v


@program((X, V))
def helper_returns_view(x, v):
    y = first_of(x)
    z = y * v[0]
    return z * x[1:]


@program((X, V))
def helper_returns_argument(x, v):
    y = normalised(x)
    y[0] = v[0]
    return x * v


@program((A, W))
def helper_on_rows(a, w):
    for row in a:
        doubled(row)
        step(row, w, 2)
    doubled(a.T[0])
    return a * w


@program((X, V))
def helper_in_containers(x, v):
    def all_of(arrays, table):
        for each in arrays:
            each += table["v"]
        table["v"] *= arrays[0]

    all_of([x, v], {"v": v})
    return x * v


@program((X, V))
def nested_helper_captures(x, v):
    def bump(k):
        x[k] *= v[k]

    bump(0)
    bump(1)
    bump(0)
    return x * v


@program((X, V))
def function_as_argument(x, v):
    def apply(g, u):
        g(u)
        g(u[1:])

    apply(doubled, x)
    return x * v


def put_in(table, u):
    table["u"] = u


def item(arrays, i):
    return arrays[i]


def parts_of(u, i):
    return [u, u[i:]]


def doubled_all(*arrays, **named):
    for u in arrays:
        u *= 2.0
    named["w"] *= 3.0


def running_product(u, n):
    if n == 0:
        return
    u[n - 1] *= u[n]
    running_product(u, n - 1)


def clamped(u, i):
    if u[i] < 0.0:
        u[i] = -u[i] * u[0]
        return
    u[i] *= 2.0


@program((X, V))
def helper_puts_into_dict(x, v):
    table = {}
    put_in(table, x)
    table["u"][0] = v[0] * v[1]
    return x * v


@program((X, V))
def helper_returns_item(x, v):
    y = item([x, v], 0)
    y[0] = v[0] * v[1]
    return x * v


@program((X, V, 2))
def helper_returns_views(x, v, i):
    whole, rest = parts_of(x, i)
    whole[0] = v[0]
    rest *= v[i:]
    return x * v


@program((X, V))
def helper_takes_stars(x, v):
    doubled_all(x, v, w=x)
    doubled_all(*[x, v], **{"w": v[1:]})
    return x * v


@program((X, 3))
def helper_recurses(x, n):
    running_product(x, n)
    return x * x


@program((X, V))
def helper_leaves_early(x, v):
    for i in range(1, 4):
        clamped(x, i)
        clamped(v, i)
    return x * v


def scaled_rows(u, s):
    rows = u.reshape(2, 2)
    rows[1] *= s
    return rows


@program((X[:4].copy(), V))
def helper_reshapes(x, v):
    rows = scaled_rows(x, v[:2])
    rows[0, 1] = v[3]
    return x * v[:4]


@program((X, V, 3))
def masked_out_in_loop(x, v, n):
    for k in range(n):
        np.multiply(x, v, out=x, where=x > 0)
        np.add.at(x, [k, 0, k], v[k])
    return x * v


@program((np.arange(12.0).reshape(2, 2, 3) / 7 + 0.3, W))
def orders_of_axes(t, w):
    u = t.transpose(2, 0, 1)
    u[0] *= w[0]
    s = np.swapaxes(u, 0, 1)
    s[1, 2] = w[:2]
    m = np.moveaxis(t, 0, -1)
    m[0, 0, :] += w[1]
    return t * t


@program((A, W))
def rows_of_the_transpose(a, w):
    for i, row in enumerate(a.T):
        row *= w[i]
        np.cumsum(row, out=row)
    return a * a


@program((X, V))
def axes_added_and_removed(x, v):
    u = np.expand_dims(x, 0)
    u[0, 1] = v[0]
    s = np.squeeze(u)
    s[2] *= v[1]
    b = np.broadcast_to(x, (2, 5))
    x[3] = v[3] ** 2
    return b * v


@program((X, V))
def reversed_view(x, v):
    y = x[::-1]
    z = y[1:]
    z[...] = z * v[1:]
    x.sort()
    y[0] = v[0]
    return x * v * y
