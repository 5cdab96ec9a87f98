"""Lists and dicts: every form, as local state, argument, result."""

# ruff: noqa

import contextlib
import dataclasses
import functools
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.api.programs import collector

POINTS: list = []
case = collector(POINTS)

X = np.array([0.5, -1.5, 2.0])
Y = np.array([1.5, 0.5, -2.0])


# ---- lists
@case(X)
def l_append(x):
    l = []
    for v in x:
        l.append(v * v)
    return l[0] * l[2] + len(l)


@case(X)
def l_extend_list(x):
    l = [x[0]]
    l.extend([x[1] * 2, x[2]])
    l += [x[0] * x[1]]
    return l[0] * l[1] * l[2] * l[3]


@case(X)
def l_extend_array(x):
    l = [1.0]
    l.extend(x)
    return sum(v * v for v in l)


@case(X)
def l_extend_gen(x):
    l = [1.0]
    l.extend(v * v for v in x)
    return sum(v * v for v in l)


@case(X, 3)
def l_extend_dyn(x, n):
    l = []
    for i in range(n):
        l.extend([x[i], x[i] ** 2])
    return l[0] * l[1] * l[5]


@case(X)
def l_pop(x):
    l = [x[0], x[1], x[2]]
    a = l.pop()
    b = l.pop(0)
    return a * b + l[0] ** 2


@case(X, 4)
def l_stack(x, n):
    st = []
    for i in range(n):
        st.append(x[0] * (i + 1))
    s = 1.0
    while st:
        s = s * (1.0 + st.pop() * x[1])
    return s


@case(X, 4)
def l_queue(x, n):
    st = []
    for i in range(n):
        st.append(x[0] * (i + 1))
    s = 1.0
    while len(st) > 0:
        s = s * (1.0 + st.pop(0) * x[1])
    return s


@case(X)
def l_insert(x):
    l = [x[0], x[1]]
    l.insert(1, x[2])
    l.insert(0, x[2] ** 2)
    return l[0] * 2 + l[1] * 3 + l[2] * 4 + l[3] * l[0]


@case(X, 4)
def l_insert_dyn(x, n):
    l = []
    for i in range(n):
        l.insert(0, x[0] * (i + 1) ** 2)
    return l[0] * l[1] + l[3]


@case(X, 4)
def l_remove(x, n):
    l = [1, 2, 3]
    l.remove(2)
    return sum(x[i - 1] * i for i in l)


@case(X, 1)
def l_index_write(x, i):
    l = [x[0], x[1], x[2]]
    l[0] = l[1] * l[2]
    l[i] = l[0] ** 2
    l[-1] += 1.0
    return l[0] + l[1] * l[2]


@case(X, 4)
def l_write_loop(x, n):
    l = [0.0] * n
    for i in range(n):
        l[i] = x[i % 3] ** 2
    for i in range(1, n):
        l[i] = l[i] + l[i - 1] * x[0]
    return l[-1] + sum(l)


@case(X, 4)
def l_mult_dyn(x, n):
    l = [x[0]] * n
    l[1] = x[1]
    return sum(v * v for v in l)


@case(X)
def l_slices(x):
    l = [x[0], x[1], x[2], x[0] * x[1]]
    a = l[1:]
    b = l[::2]
    c = l[::-1]
    return a[0] * b[1] + c[0] * c[3]


@case(X)
def l_slice_write(x):
    l = [x[0], x[1], x[2], x[0] * x[1]]
    l[1:3] = [x[0] ** 2]
    l[:0] = [x[2]]
    l[::2] = [l[1], l[0]]
    return l[0] * l[1] + l[2] * 3 + l[3]


@case(X, 2)
def l_slice_dyn(x, k):
    l = [v * v for v in x]
    return sum(l[:k]) * sum(l[k:]) + sum(l[1:-1])


@case(X, 2)
def l_slice_write_dyn(x, k):
    l = [v * v for v in x]
    l[:k] = [x[0]] * k
    return sum(v**3 for v in l)


@case(X)
def l_del(x):
    l = [x[0], x[1], x[2]]
    del l[1]
    return l[0] * l[1]


@case(X, 1)
def l_del_dyn(x, i):
    l = [v * v for v in x]
    del l[i]
    return l[0] * l[1]


@case(X)
def l_del_slice(x):
    l = [x[0], x[1], x[2]]
    del l[1:]
    return l[0] * len(l)


@case(X)
def l_concat(x):
    l = [v * v for v in x]
    m = l + [x[0]]
    k = [x[1]] + l
    return m[-1] * m[0] + k[0] * k[1] + sum(l * 2)


@case(X)
def l_sort(x):
    l = [x[0] ** 2, x[1], x[2]]
    l.sort()
    return l[0] * l[1] + l[2] ** 2


@case(X)
def l_sort_dyn(x):
    l = [v * v for v in x]
    l.sort(reverse=True)
    return l[0] * l[1] + l[2] ** 2


@case(X)
def l_reverse(x):
    l = [v * v for v in x]
    l.reverse()
    return l[0] * l[1] + l[2] ** 2


@case(X)
def l_copy(x):
    l = [v * v for v in x]
    m = l.copy()
    k = list(l)
    q = l[:]
    m[0] = x[1]
    return l[0] * m[0] + k[0] * q[1]


@case(X)
def l_clear(x):
    l = [v * v for v in x]
    a = l[0]
    l.clear()
    l.append(x[0])
    return l[0] * a


@case(X)
def l_of_arrays(x):
    l = [x, np.sin(x), x * x]
    s = 0.0
    for a in l:
        s += np.sum(a**2)
    l[0] = l[1] * 2
    return s + l[0][0]


@case(X)
def l_of_arrays_write(x):
    l = [x.copy(), np.zeros(3)]
    l[1][0] = x[1]
    l[0] *= 2.0
    for a in l:
        a[2] = a[0] * x[2]
    return np.sum(l[0] * l[1]) + np.sum(l[0])


@case(X, 3)
def l_of_arrays_grow(x, n):
    l = [x]
    for i in range(n):
        l.append(np.sin(l[-1]) + l[0])
    return np.sum(l[-1] * l[1])


@case(X, 3)
def l_stack_grow(x, n):
    rows = []
    for i in range(n):
        rows.append(x * (i + 1))
    m = np.array(rows)
    return np.sum(m[0] * m[2])


@case(X)
def l_nested(x):
    m = [[x[0], x[1]], [x[2]]]
    m[0][0] = x[1] * x[2]
    m[1].append(x[0])
    m.append([x[0] ** 2])
    return m[0][0] * m[1][1] + m[2][0] + len(m)


@case(X, 3)
def l_nested_dyn(x, n):
    m = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(x[i] * x[j])
        m.append(row)
    return m[0][1] * m[2][2] + sum(m[1])


@case(X, 3)
def l_matrix_write(x, n):
    m = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            m[i][j] = x[i] * x[j] + (m[i][j - 1] if j else 0.0)
    return m[2][1] * m[1][2]


@case([1.0, 2.0, 3.0])
def l_arg(l):
    l.append(l[0] * l[1])
    l[0] = 5.0 * l[2]
    return l[0] * l[3]


@case([1.0, 2.0, 3.0])
def l_arg_loop(l):
    s = 0.0
    for i in range(len(l)):
        l[i] = l[i] ** 2
        s += l[i]
    return s


@case([X, Y])
def l_arg_arrays(l):
    l[0] *= 2.0
    l[1] = l[0] * l[1]
    return np.sum(l[1])


@case([[1.0, 2.0], [3.0, 4.0]])
def l_arg_nested(m):
    m[0][1] = m[1][0] * m[0][0]
    return m[0][1] * m[1][1]


@case(X)
def l_result(x):
    return [v * v for v in x], [x, [x[0]]]


@case(X)
def l_mean(x):
    l = list(x)
    mean = sum(l) / len(l)
    return sum((v - mean) ** 2 for v in l) / (len(l) - 1)


@case(X)
def l_in(x):
    names = ["a", "b"]
    return x[0] * (2.0 if "a" in names else 3.0) * names.index("b") * names.count("a")


@case(X)
def l_unpack_nested(x):
    pairs = [(x[0], x[1]), (x[1], x[2])]
    s = 0.0
    for a, b in pairs:
        s += a * b
    pairs.append((s, s))
    return sum(a * b for a, b in pairs)


@case(X, 3)
def l_pairs_grow(x, n):
    pairs = []
    for i in range(n):
        pairs.append((x[i], x[i] ** 2))
    s = 0.0
    for a, b in pairs:
        s += a * b
    return s


@case(X, 3)
def l_dicts_grow(x, n):
    rows = []
    for i in range(n):
        rows.append({"a": x[i], "b": x[i] ** 2})
    return sum(r["a"] * r["b"] for r in rows)


@case([{"w": X, "b": 1.0}, {"w": Y, "b": 2.0}], X)
def l_layers(layers, x):
    for layer in layers:
        x = np.tanh(layer["w"] * x + layer["b"])
    return np.sum(x)


@case([(X, 1.0), (Y, 2.0)], X)
def l_layers_tuple(layers, x):
    for w, b in layers:
        x = np.tanh(w * x + b)
    return np.sum(x)


@case([(X, 1.0), (Y, 2.0)], X)
def l_layers_star(layers, x):
    *hidden, (w, b) = layers
    for hw, hb in hidden:
        x = np.tanh(hw * x + hb)
    return np.sum(w * x + b)


@case([(X, 1.0), (Y, 2.0)], X)
def l_layers_slice(layers, x):
    for w, b in layers[:-1]:
        x = np.tanh(w * x + b)
    w, b = layers[-1]
    return np.sum(w * x + b)


# ---- dicts
@case(X)
def d_write(x):
    d = {}
    d["a"] = x[0]
    d["b"] = d["a"] * x[1]
    d["a"] = d["b"] ** 2
    d["b"] += 1.0
    return d["a"] * d["b"]


@case(X)
def d_del(x):
    d = {"a": x[0], "b": x[1]}
    del d["a"]
    return d["b"] * len(d)


@case(X)
def d_setdefault(x):
    d = {"a": x[0]}
    a = d.setdefault("a", 3.0)
    b = d.setdefault("b", x[1])
    d.setdefault("l", []).append(x[2])
    d.setdefault("l", []).append(x[1])
    return a * b * d["l"][0] * d["l"][1]


@case(X)
def d_update(x):
    d = {"a": x[0], "b": x[1]}
    d.update({"b": x[2], "c": 2.0})
    d.update(e=x[0] ** 2)
    d |= {"q": x[1]}
    return d["a"] * d["b"] * d["c"] + d["e"] * d["q"]


@case(X)
def d_merge(x):
    d = {"a": x[0]} | {"b": x[1]}
    e = {**d, "a": x[2]}
    return d["a"] * e["a"] * e["b"]


@case(X)
def d_get(x):
    d = {"a": x[0]}
    return (
        d.get("a", 1.0) * x[1]
        + d.get("b", x[2]) ** 2
        + (0.0 if d.get("q") is None else 1.0)
    )


@case(X)
def d_pop(x):
    d = {"a": x[0], "b": x[1]}
    a = d.pop("a")
    q = d.pop("q", 2.0)
    return a * d["b"] * q + len(d)


@case(X)
def d_in(x):
    d = {"a": x[0], "b": x[1]}
    s = 0.0
    for k in ("a", "q"):
        if k in d:
            s += d[k] ** 2
    return s if "q" not in d else 0.0


@case(X, 3)
def d_dyn_key(x, n):
    d = {}
    for i in range(n):
        d[i] = x[i] ** 2
    return d[0] * d[2]


@case(X)
def d_tuple_keys(x):
    d = {(0, 1): x[0], (1, 0): x[1]}
    return d[0, 1] * d[(1, 0)] ** 2


@case(X)
def d_nested(x):
    d = {"a": {"w": x, "b": x[0]}, "l": [x[1]]}
    d["a"]["w"] = d["a"]["w"] * 2
    d["l"].append(x[2])
    d["a"]["n"] = x[1]
    return np.sum(d["a"]["w"] ** 2) * d["l"][1] + d["a"]["n"] * d["a"]["b"]


@case({"w": X, "b": 2.0})
def d_arg(p):
    return np.sum(np.tanh(p["w"] * p["b"]))


@case({"w": X, "b": 2.0})
def d_arg_write(p):
    p["w"] = p["w"] * p["b"]
    p["c"] = p["b"] ** 2
    p["b"] += 1.0
    return np.sum(p["w"]) * p["c"] + p["b"]


@case({"w": X, "b": 2.0})
def d_arg_inner_write(p):
    p["w"][0] = p["b"] ** 2
    p["w"] *= 2.0
    return np.sum(p["w"] ** 2)


@case({"a": {"w": X, "l": [1.0, 2.0]}, "t": (3.0, Y)})
def d_arg_nested(p):
    return np.sum(p["a"]["w"] * p["t"][1]) * p["a"]["l"][0] + p["a"]["l"][1] * p["t"][0]


@case({"a": X, "b": Y})
def d_arg_items(p):
    s = 0.0
    for k, v in p.items():
        s += np.sum(v**2) * (2.0 if k == "a" else 1.0)
    return s


@case({"a": X, "b": Y})
def d_arg_values(p):
    return sum(np.sum(v**3) for v in p.values()) + len(p) + sum(np.sum(p[k]) for k in p)


@case({"a": X, "b": Y})
def d_arg_treemap(p):
    q = {k: v * 2 for k, v in p.items()}
    return q


@case({"a": X, "b": Y}, {"a": Y, "b": X})
def d_arg_update(p, g):
    return {k: p[k] - 0.1 * g[k] ** 2 for k in p}


@case(X)
def d_result(x):
    return {"a": x * 2, "b": {"c": x[0] ** 2, "l": [x[1]]}}


@case(X)
def d_from_pairs(x):
    d = dict([("a", x[0]), ("b", x[1])])
    e = dict(a=x[2], b=d["a"])
    return d["a"] * d["b"] * e["a"] * e["b"]


@case(X)
def d_fromkeys(x):
    d = dict.fromkeys(["a", "b"], 0.0)
    d["a"] += x[0]
    return d["a"] ** 2 + d["b"]


@case(X)
def d_count(x):
    d = {}
    for i, k in enumerate(["a", "b", "a"]):
        d[k] = d.get(k, 0.0) + x[i] ** 2
    return d["a"] * d["b"]


@case(X)
def d_branch(x):
    d = {"a": x[0], "b": x[1]}
    if x[2] > 0:
        d["a"] = d["b"] * 3
    else:
        d["b"] = d["a"] ** 2
    return d["a"] * d["b"]


@case(X)
def d_branch_new_key(x):
    d = {"a": x[0]}
    if x[2] > 0:
        d["b"] = x[1]
    return d["a"] ** 2


@case(X, 3)
def d_loop_state(x, n):
    st = {"pos": x[0], "vel": x[1]}
    for _ in range(n):
        st["pos"] = st["pos"] + 0.1 * st["vel"]
        st["vel"] = st["vel"] - 0.1 * math.sin(st["pos"])
    return st["pos"] * st["vel"]


@case(X, 3)
def d_loop_arrays(x, n):
    st = {"pos": x.copy(), "vel": np.sin(x)}
    for _ in range(n):
        st["pos"] += 0.1 * st["vel"]
        st["vel"] = st["vel"] - 0.1 * np.sin(st["pos"])
    return np.sum(st["pos"] * st["vel"])


@case(X, 3)
def d_helper(x, n):
    st = {"pos": x.copy(), "vel": np.sin(x)}
    for _ in range(n):
        d_step(st, 0.1)
    return np.sum(st["pos"] * st["vel"])


def d_step(st, h):
    st["pos"] += h * st["vel"]
    st["vel"] = st["vel"] - h * np.sin(st["pos"])


@case({"pos": X, "vel": Y}, 3)
def d_helper_new(st, n):
    for _ in range(n):
        st = d_step2(st, 0.1)
    return np.sum(st["pos"] * st["vel"])


def d_step2(st, h):
    pos = st["pos"] + h * st["vel"]
    return {"pos": pos, "vel": st["vel"] - h * np.sin(pos)}
