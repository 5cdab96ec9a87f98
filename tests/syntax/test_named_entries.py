"""What a list or dict of the run was given may still have a name.

    row = []                    as Python writes it: `grid[i][j] += v` shows in `row`,
    grid.append(row)            which nobody may read then; taken out, it is `row` alone

Right, or refused; what is in FOLLOWED is not refused.
"""

# ruff: noqa: E501, E702, E731, F841, UP031, E741, B007, B006

from collections import deque

import numpy as np
import pytest

from s2sad import S2sadError, value_and_grad

X = np.array([0.5, 1.2, 0.15, 0.2, 2.0, 0.13, 1.9, 0.8])
PROGRAMS = []


def program(f):
    PROGRAMS.append(f)
    return f


def lists(x, n):
    return [[x[i]] for i in range(n)]


def weighed_lists(*groups):
    return sum(
        (k + 1)
        * sum(
            (j + 1) * sum(v * v * (i + 1) for i, v in enumerate(g))
            for j, g in enumerate(rows)
        )
        for k, rows in enumerate(groups)
    )


@program
def array_popped(x, n):
    rows = []
    for i in range(n):
        rows.append(np.ones(2) * x[i])
    a = np.ones(2) * x[0]
    rows.append(a)
    b = rows.pop()
    b[0] = 5 * x[1]
    return np.sum(a) * np.sum(b)


@program
def list_popped(x, n):
    rows = []
    for i in range(n):
        rows.append([x[i]])
    a = [x[0], x[1]]
    rows.append(a)
    b = rows.pop()
    b.append(x[2])
    return sum(a) * sum(b)


@program
def array_of_the_last_trip_popped(x, n):
    rows = []
    for i in range(n):
        a = np.ones(2) * x[i]
        rows.append(a)
    b = rows.pop()
    b[0] = 5 * x[1]
    return np.sum(a) * np.sum(b)


@program
def list_of_the_last_trip_popped(x, n):
    rows = []
    for i in range(n):
        a = [x[i], x[0]]
        rows.append(a)
    b = rows.pop()
    b.append(5 * x[1])
    return np.sum(a) * np.sum(b)


@program
def popped_and_put_back_by_its_name(x, n):
    rows = []
    for i in range(n):
        a = [x[i], x[0]]
        rows.append(a)
        b = rows.pop()
        b.append(5 * x[1])
        rows.append(a)
    return sum(sum(r) ** 2 for r in rows)


@program
def first_popped_in_each_trip(x, n):
    rows = []
    for i in range(n):
        a = [x[i], x[0]]
        rows.append(a)
        b = rows.pop(0)
        b.append(5 * x[1])
        rows.append([sum(a), sum(b)])
    return sum(sum(r) ** 2 for r in rows)


@program
def dict_popped_in_each_trip(x, n):
    d = {}
    for i in range(n):
        a = [x[i], x[0]]
        d[i] = a
        b = d.pop(i)
        b.append(5 * x[1])
        d[i] = [sum(a), sum(b)]
    return sum(sum(r) ** 2 for r in d.values())


@program
def array_popped_from_a_dict(x, n):
    d = {}
    for i in range(n):
        a = np.ones(2) * x[i]
        d[i] = a
        b = d.pop(i)
        b[0] = 5 * x[1]
        d[i] = np.array([sum(a), sum(b)])
    return sum(sum(r) ** 2 for r in d.values())


@program
def added_by_augmented_sum(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows += [a]
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def added_by_extend(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows.extend([a])
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def spliced_in(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows[1:2] = [a]
    rows[1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def summed_anew(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows = rows + [a]
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def inserted(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows.insert(1, a)
    rows[1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def replaced(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows[2] = a
    rows[2][0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def updated_dict(x, n):
    d = {}
    for i in range(n):
        d[i] = [x[i]]
    a = [x[0]]
    d.update({2: a})
    d[2][0] = 5 * x[1]
    return weighed_lists(d.values()) + sum(a)


@program
def joined_dict(x, n):
    d = {}
    for i in range(n):
        d[i] = [x[i]]
    a = [x[0]]
    d |= {2: a}
    d[2][0] = 5 * x[1]
    return weighed_lists(d.values()) + sum(a)


@program
def set_by_default(x, n):
    d = {}
    for i in range(n):
        d[i] = [x[i]]
    a = [x[0]]
    d.setdefault(n, a)
    d[n][0] = 5 * x[1]
    return weighed_lists(d.values()) + sum(a)


@program
def put_first_in_a_deque(x, n):
    q = deque()
    for i in range(n):
        q.append([x[i]])
    a = [x[0]]
    q.appendleft(a)
    q[0][0] = 5 * x[1]
    return weighed_lists(q) + sum(a)


@program
def extended_deque(x, n):
    q = deque()
    for i in range(n):
        q.append([x[i]])
    a = [x[0]]
    q.extend([a])
    q[-1][0] = 5 * x[1]
    return weighed_lists(q) + sum(a)


@program
def summed_and_written_by_name(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows += [a]
    a[0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def spliced_and_written_by_name(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows[1:2] = [a]
    a[0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def updated_and_written_by_name(x, n):
    d = {}
    for i in range(n):
        d[i] = [x[i]]
    a = [x[0]]
    d.update({2: a})
    a[0] = 5 * x[1]
    return weighed_lists(d.values()) + sum(a)


@program
def sum_of_a_named_list(x, n):
    rows = lists(x, n)
    a = [x[0]]
    more = [a]
    rows += more
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(more[0])


@program
def sum_of_what_is_read(x, n):
    rows = lists(x, n)
    more = lists(x, n)
    rows += more
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(more[-1])


@program
def extended_and_written_there(x, n):
    rows = lists(x, n)
    more = lists(x, n)
    rows.extend(more)
    more[-1][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def extended_and_popped(x, n):
    rows = lists(x, n)
    more = lists(x, n)
    rows.extend(more)
    b = rows.pop()
    b[0] = 5 * x[1]
    return weighed_lists(more)


@program
def summed_in_front_and_popped(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows = [a] + rows
    b = rows.pop(0)
    b[0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def added_and_popped(x, n):
    rows = lists(x, n)
    a = [x[0]]
    rows += [a]
    b = rows.pop()
    b[0] = 5 * x[1]
    return weighed_lists(rows) + sum(a)


@program
def entry_given_on_some_trips(x, n):
    rows = lists(x, n)
    prev = [x[0]]
    st = {"p": prev}
    for i in range(n):
        rows.append(st["p"])
        if x[i] > 1:
            st["p"] = [x[i]]
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows)


class AddingO:
    pass


@program
def field_given_on_some_trips(x, n):
    o = AddingO()
    o.p = [x[0]]
    rows = lists(x, n)
    for i in range(n):
        rows.append(o.p)
        if x[i] > 1:
            o.p = [x[i]]
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def swapped_and_given(x, n):
    rows = lists(x, n)
    p, q = [x[0]], [x[1]]
    for i in range(n):
        rows.append(p)
        p, q = q, p
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def given_again_on_some_trips(x, n):
    rows = lists(x, n)
    p = [x[0]]
    for i in range(n):
        rows.append(p)
        if x[i] > 1:
            p = [x[i], x[0]]
    rows[n][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def given_and_kept_on_some_trips(x, n):
    rows = lists(x, n)
    p = [x[0]]
    for i in range(n):
        q = p
        rows.append(q)
        p = [x[i]]
        if x[i] > 1:
            p = q
    rows[n][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def given_on_some_trips_of_a_while(x, n):
    rows = lists(x, n)
    i = 0
    p = [x[0]]
    while i < n:
        if x[i] > 1:
            p = [x[i]]
            rows.append(p)
        i += 1
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows) + sum(p)


@program
def given_in_a_try(x, n):
    rows = lists(x, n)
    for i in range(n):
        try:
            p = [x[i]]
            rows.append(p)
            z = 1 / (x[i] - x[0])
        except ZeroDivisionError:
            rows.append(p)
    rows[-1][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def cells_of_rows_of_a_grid(x, n):
    grid = []
    for i in range(n):
        row = []
        for j in range(3):
            cell = [x[i] * j]
            row.append(cell)
        grid.append(row)
    for i in range(n):
        for j in range(3):
            grid[i][j][0] += x[j]
            grid[i][j].append(x[0])
    return sum(weighed_lists(g) for g in grid)


@program
def last_cell_of_a_grid(x, n):
    grid = []
    for i in range(n):
        row = []
        for j in range(3):
            cell = [x[i] * j]
            row.append(cell)
        grid.append(row)
    grid[-1][-1][0] += x[1]
    return sum(cell)


@program
def grid_written_while_it_grows(x, n):
    grid = []
    for i in range(n):
        row = []
        for j in range(3):
            cell = [x[i] * j]
            row.append(cell)
        grid.append(row)
        for k in range(len(grid)):
            grid[k][0][0] *= x[k]
        grid[-1].append([x[0]])
    return sum(weighed_lists(g) for g in grid)


@program
def list_added_to_itself(x, n):
    rows = lists(x, n)
    rows += rows
    rows[0][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def tail_added_to_its_list(x, n):
    rows = lists(x, n)
    rows += rows[1:]
    rows[1][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def list_added_to_its_tail(x, n):
    rows = lists(x, n)
    more = rows[1:]
    more += rows
    rows[1][0] = 5 * x[1]
    return weighed_lists(more)


@program
def list_added_to_another(x, n):
    rows = lists(x, n)
    more = lists(x, n)
    more += rows
    rows[1][0] = 5 * x[1]
    return weighed_lists(more)


@program
def spliced_list_written_there(x, n):
    rows = lists(x, n)
    more = lists(x, n)
    more[1:2] = rows
    rows[1][0] = 5 * x[1]
    return weighed_lists(more)


@program
def spliced_list_written_here(x, n):
    rows = lists(x, n)
    more = lists(x, n)
    more[1:2] = rows
    more[1][0] = 5 * x[1]
    return weighed_lists(rows)


@program
def spliced_list_of_new_rows(x, n):
    rows = lists(x, n)
    rows[1:2] = [[x[0]], [x[1]]]
    rows[1][0] = 5 * x[1]
    rows[n].append(x[2])
    return weighed_lists(rows)


@program
def tail_that_stays(x, n):
    rows = lists(x, n)
    del rows[:2]
    rows[1][0] = 5 * x[1]
    rows[0].append(x[2])
    return weighed_lists(rows)


@program
def sorted_then_reversed(x, n):
    rows = lists(x, n)
    rows.sort(key=lambda r: r[0])
    rows[1][0] = 5 * x[1]
    rows.reverse()
    rows[0].append(x[2])
    return weighed_lists(rows)


@program
def all_popped_and_kept(x, n):
    rows = lists(x, n)
    q = []
    while rows:
        b = rows.pop()
        b[0] *= 2
        q.append(b)
    q[1][0] *= x[1]
    return weighed_lists(q)


@program
def named_and_all_popped_and_kept(x, n):
    rows = []
    for i in range(n):
        r = [x[i]]
        rows.append(r)
    q = []
    while rows:
        b = rows.pop()
        b[0] *= 2
        q.append(b)
    q[1][0] *= x[1]
    return weighed_lists(q)


@program
def popped_beside_those_that_stay(x, n):
    rows = []
    for i in range(n):
        r = [x[i]]
        rows.append(r)
    tot = 0.0
    while rows:
        b = rows.pop(0)
        b[0] *= 2
        if rows:
            rows[-1][0] += b[0]
            rows[0].append(b[0])
        tot += sum(b)
    return tot


@program
def tree_on_a_stack(x, n):
    stack = []
    root = {"v": x[0], "d": 0}
    stack.append(root)
    tot = 0.0
    while stack:
        nd = stack.pop()
        nd["v"] *= 1.1
        tot += nd["v"] ** 2
        if nd["d"] < 3:
            for s in (0.5, 1.5):
                kid = {"v": nd["v"] * s * x[nd["d"]], "d": nd["d"] + 1}
                stack.append(kid)
    return tot


@program
def arrays_in_a_ring(x, n):
    q = deque()
    for i in range(n):
        r = np.ones(2) * x[i]
        q.append(r)
    for t in range(7):
        r = q.popleft()
        r *= x[1]
        q.append(r)
    return weighed_lists(q)


@program
def lists_in_a_ring(x, n):
    q = deque()
    for i in range(n):
        r = [x[i], x[0]]
        q.append(r)
    for t in range(7):
        r = q.popleft()
        r[0] *= x[1]
        q.append(r)
    return weighed_lists(q)


@program
def last_goes_first(x, n):
    q = []
    for i in range(n):
        r = [x[i], x[0]]
        q.append(r)
    for t in range(4):
        r = q.pop()
        s = q[-1]
        s[0] += r[0]
        r[1] = s[0]
        q.insert(0, r)
    return weighed_lists(q)


@program
def buffers_of_a_pool(x, n):
    pool = [np.zeros(2) for _ in range(3)]
    out = []
    for i in range(n):
        buf = pool.pop()
        buf[:] = x[i]
        out.append(buf.copy())
        pool.append(buf)
    return weighed_lists(out)


@program
def buffers_kept_and_back_in_a_pool(x, n):
    pool = [np.zeros(2) for _ in range(3)]
    out = []
    for i in range(n):
        buf = pool.pop()
        buf[:] = x[i]
        out.append(buf)
        pool.append(buf)
    return weighed_lists(out)


@program
def rows_of_an_array_popped(x, n):
    v = [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]
    m = x[:4].reshape(2, 2)
    rows = []
    for r in m:
        rows.append(r)
    b = rows.pop()
    b = b * 2
    c = rows.pop()
    return sum(b) * sum(c)


@program
def row_of_an_array_popped(x, n):
    m = np.outer(x, x)
    rows = []
    for r in m:
        rows.append(r)
    b = rows.pop()
    b[0] = x[0] ** 2
    return np.sum(m**2)


@program
def row_of_an_array_given(x, n):
    m = np.outer(x, x)
    v = m.T
    rows = []
    for i in range(n):
        rows.append(m[i])
    rows.append(v)
    m[0, 0] = 5 * x[1]
    return np.sum(rows[0] ** 2)


@program
def view_of_an_array_given(x, n):
    m = np.outer(x, x)
    v = m.T
    rows = []
    for i in range(n):
        rows.append(np.zeros((2, 2)))
    rows.append(v)
    m[0, 0] = 5 * x[1]
    return np.sum(rows[-1] ** 2)


def naming_build(x, n):
    grid = []
    for i in range(n):
        row = []
        for j in range(3):
            row.append(x[i] * j)
        grid.append(row)
    return grid


@program
def grid_of_a_helper(x, n):
    g = naming_build(x, n)
    for i in range(1, n):
        for j in range(3):
            g[i][j] += g[i - 1][j] * x[j]
    return weighed_lists(g)


def naming_build2(x, n):
    grid = []
    for i in range(n):
        row = [x[i]]
        grid.append(row)
    return grid, row


@program
def grid_and_its_last_row_here_the_grid(x, n):
    g, r = naming_build2(x, n)
    g[-1][0] *= x[1]
    return weighed_lists(g) + sum(r)


@program
def grid_and_its_last_row_here_the_row(x, n):
    g, r = naming_build2(x, n)
    r[0] *= x[1]
    return weighed_lists(g)


def naming_build4(x, n):
    grid = []
    d = {}
    for i in range(n):
        row = [x[i]]
        grid.append(row)
        d[i] = row
    return grid, d


@program
def list_and_dict_of_the_same(x, n):
    g, d = naming_build4(x, n)
    g[-1][0] *= x[1]
    return weighed_lists(g) + sum(d[n - 1])


@program
def list_and_dict_of_the_same_by_the_dict(x, n):
    g, d = naming_build4(x, n)
    d[0][0] *= x[1]
    return weighed_lists(g)


class NamingNet:
    def __init__(s):
        s.nodes = []
        s.edges = []

    def add(s, v):
        nd = [v]
        s.nodes.append(nd)
        return nd

    def link(s, a, b):
        s.edges.append((a, b))


@program
def graph_with_edges(x, n):
    g = NamingNet()
    prev = g.add(x[0])
    for i in range(1, n):
        nd = g.add(x[i])
        g.link(prev, nd)
        prev = nd
    g.nodes[-1][0] *= x[1]
    return weighed_lists(g.nodes) + sum(b[0] * a[0] for a, b in g.edges)


@program
def graph_without_edges(x, n):
    g = NamingNet()
    for i in range(n):
        g.add(x[i])
    for i in range(n):
        g.nodes[i][0] *= x[1]
    return weighed_lists(g.nodes)


@program
def graph_and_its_last_node(x, n):
    g = NamingNet()
    last = None
    for i in range(n):
        last = g.add(x[i])
    g.nodes[-1][0] *= x[1]
    return weighed_lists(g.nodes) + last[0]


@program
def left_by_break(x, n):
    rows = []
    for i in range(n):
        row = [x[i]]
        rows.append(row)
        if x[i] > 1.5:
            break
    rows[-1][0] *= x[1]
    return weighed_lists(rows) + row[0]


@program
def next_by_continue(x, n):
    rows = []
    for i in range(n):
        row = [x[i]]
        rows.append(row)
        if x[i] > 1.5:
            continue
        rows[-1][0] *= x[1]
    return weighed_lists(rows)


@program
def bound_anew_behind(x, n):
    rows = []
    for i in range(n):
        row = [x[i]]
        rows.append(row)
        rows[-1][0] *= x[1]
        row = [row[0]]
    return weighed_lists(rows)


@program
def given_before_it_is_bound(x, n):
    rows = []
    row = [x[0]]
    for i in range(n):
        rows.append(row)
        row = [x[i]]
    rows[-1][0] *= x[1]
    return weighed_lists(rows) + row[0]


@program
def given_behind_the_loop(x, n):
    rows = []
    row = [x[0]]
    for i in range(n):
        rows.append(row)
        row = [x[i]]
    rows[0][0] *= x[1]
    rows.append(row)
    rows[-1][0] *= x[1]
    return weighed_lists(rows)


@program
def one_list_or_the_other(x, n):
    rows = []
    others = []
    for i in range(n):
        row = [x[i]]
        if x[i] > 1:
            rows.append(row)
        else:
            others.append(row)
    rows[0][0] *= x[1]
    others[0][0] *= x[1]
    return weighed_lists(rows, others)


@program
def one_list_or_both(x, n):
    rows = []
    others = []
    for i in range(n):
        row = [x[i]]
        if x[i] > 1:
            rows.append(row)
        others.append(row)
    rows[0][0] *= x[1]
    return weighed_lists(rows, others)


@program
def both_lists_perhaps(x, n):
    rows = []
    others = []
    for i in range(n):
        row = [x[i]]
        if x[i] > 1:
            rows.append(row)
        if x[i] < 0.6:
            others.append(row)
    rows[0][0] *= x[1]
    return weighed_lists(rows, others)


@program
def cells_given_to_rows(x, n):
    rows = [[] for _ in range(3)]
    for i in range(n):
        cell = [x[i]]
        rows[i % 3].append(cell)
    rows[0][0][0] *= x[1]
    rows[1][0].append(x[1])
    return sum(weighed_lists(r) for r in rows)


@program
def cells_given_to_two_rows(x, n):
    rows = [[] for _ in range(3)]
    for i in range(n):
        cell = [x[i]]
        rows[i % 3].append(cell)
        rows[(i + 1) % 3].append(cell)
    rows[0][0][0] *= x[1]
    return sum(weighed_lists(r) for r in rows)


@program
def alias_given_and_read(x, n):
    rows = []
    for i in range(n):
        a = np.ones(2) * x[i]
        b = a
        rows.append(b)
        rows[-1][0] *= x[1]
    return weighed_lists(rows) + np.sum(a)


@program
def row_given_and_the_other_too(x, n):
    rows = []
    for i in range(n):
        a = np.ones((2, 2)) * x[i]
        rows.append(a[0])
        rows[-1][0] *= x[1]
        rows.append(a[1])
    return weighed_lists(rows)


@program
def row_given_and_the_array_read(x, n):
    rows = []
    for i in range(n):
        a = np.ones((2, 2)) * x[i]
        rows.append(a[0])
        rows[-1][0] *= x[1]
    return weighed_lists(rows) + np.sum(a)


@program
def arrays_of_each_trip(x, n):
    hist = []
    v = np.ones(3) * x[0]
    for i in range(n):
        v = v * x[i]
        hist.append(v)
    hist[0][0] += x[1]
    hist[-1][1] += x[2]
    return weighed_lists(hist)


@program
def array_given_then_written_by_name(x, n):
    hist = []
    v = np.ones(3) * x[0]
    for i in range(n):
        v = v * x[i]
        hist.append(v)
        v[0] = x[1]
    return weighed_lists(hist)


@program
def array_written_where_it_was_put(x, n):
    hist = []
    v = np.ones(3) * x[0]
    for i in range(n):
        v = v * x[i]
        hist.append(v)
        hist[-1][0] = x[1]
    return weighed_lists(hist)


def naming_addto(rows, v):
    row = [v]
    rows.append(row)
    return row


@program
def given_by_a_helper(x, n):
    rows = []
    for i in range(n):
        r = naming_addto(rows, x[i])
        rows[-1][0] *= 2
    return weighed_lists(rows)


@program
def given_by_a_helper_and_read(x, n):
    rows = []
    for i in range(n):
        r = naming_addto(rows, x[i])
        rows[-1][0] *= 2
    return weighed_lists(rows) + r[0]


@program
def given_by_a_closure(x, n):
    rows = []

    def put(r):
        rows.append(r)

    for i in range(n):
        r = [x[i]]
        put(r)
    rows[0][0] *= x[1]
    return weighed_lists(rows)


@program
def given_each_time_by_a_closure(x, n):
    rows = []

    def put(r):
        rows.append(r)

    r = [x[0]]
    for i in range(n):
        put(r)
    rows[0][0] *= x[1]
    return weighed_lists(rows)


@program
def given_until_a_break(x, n):
    rows = []
    i = 0
    while True:
        r = [x[i]]
        rows.append(r)
        i += 1
        if i >= n:
            break
    rows[0][0] *= x[1]
    return weighed_lists(rows) + r[0]


@program
def children_by_number(x, n):
    tree = []
    for i in range(n):
        node = {"v": x[i], "kids": []}
        tree.append(node)
        if i > 0:
            tree[(i - 1) // 2]["kids"].append(i)
    for i in range(n - 1, 0, -1):
        tree[(i - 1) // 2]["v"] += tree[i]["v"] * x[1]
    return sum((k + 1) * nd["v"] ** 2 for k, nd in enumerate(tree))


class InnerBox:
    def __init__(self, rows):
        self.rows = rows


def inner_G(x, n):
    return [[[x[i], x[j]] for j in range(n)] for i in range(n)]


def inner_SS(g):
    return sum((k + 1) * weighed_lists(q) for k, q in enumerate(g))


@program
def list_gone_through_grows(x, n):
    g = lists(x, n)
    for v in g[0]:
        if len(g[0]) < 10:
            g[0].append(v * 2)
    return weighed_lists(g)


@program
def last_entry_behind_append(x, n):
    g = inner_G(x, n)
    a = g[0][-1]
    g[0].append([x[0]])
    a[0] = x[1]
    return inner_SS(g)


@program
def last_entry_of_a_row_behind_append(x, n):
    g = inner_G(x, n)
    r = g[0]
    a = r[-1]
    r.append([x[0]])
    b = r[-1]
    b[0] = x[1]
    r.append([x[3]])
    return inner_SS(g) + sum(a)


@program
def entry_behind_pop(x, n):
    g = inner_G(x, n)
    r = g[0]
    a = r[1]
    g[0].pop(0)
    a[0] = x[1] ** 2
    return inner_SS(g)


@program
def entry_of_a_row_replaced(x, n):
    g = inner_G(x, n)
    r = g[0]
    a = r[1]
    g[0] = [[x[0]]]
    r[0][0] = x[1] ** 2
    return inner_SS(g)


@program
def entry_read_behind_its_place(x, n):
    g = inner_G(x, n)
    r = g[0]
    a = r[1]
    r[1] = [x[0]]
    return inner_SS(g) + sum(a)


@program
def entry_written_behind_its_place(x, n):
    g = inner_G(x, n)
    r = g[0]
    a = r[1]
    r[1] = [x[0]]
    a[0] = 5 * x[1]
    return inner_SS(g)


@program
def row_that_grows_and_is_written(x, n):
    g = inner_G(x, n)
    r = g[0]
    for i in range(n):
        r.append([x[i]])
        r[0].append(x[0])
        r[-1][0] *= r[0][0]
    return inner_SS(g)


@program
def row_behind_insert(x, n):
    g = inner_G(x, n)
    r = g[0]
    for i in range(n):
        r.append([x[i]])
        if i == 2:
            g.insert(0, [[x[1]]])
        r[0].append(x[0])
    return inner_SS(g)


@program
def rows_rotated_while_gone_through(x, n):
    g = inner_G(x, n)
    for r in g:
        for c in r:
            c.append(x[0])
            r[0][0] += c[0]
        r.append([x[1]])
        r.pop(0)
    return inner_SS(g)


@program
def row_gone_through_grows(x, n):
    g = inner_G(x, n)
    for r in g:
        for c in r:
            if len(r) < 8:
                r.append([x[0]])
    return inner_SS(g)


@program
def rows_grow_by_the_first(x, n):
    g = inner_G(x, n)
    for r in g[1:]:
        for c in g[0]:
            r.append([c[0]])
    return inner_SS(g)


@program
def dict_field_and_list(x, n):
    d = {}
    for i in range(n):
        d[i] = {"a": [x[i]], "b": x[i]}
    e = d[0]
    l = e["a"]
    e["b"] = x[1] ** 2
    l.append(e["b"])
    e["a"] = [x[0]]
    return sum(sum(v["a"]) ** 2 * v["b"] for v in d.values()) + sum(l)


@program
def list_of_a_field_replaced(x, n):
    d = {}
    for i in range(n):
        d[i] = {"a": [x[i]], "b": x[i]}
    e = d[0]
    l = e["a"]
    e["a"] = [x[0]]
    l.append(x[1])
    return sum(sum(v["a"]) ** 2 * v["b"] for v in d.values())


@program
def field_list_replaced(x, n):
    g = [InnerBox([x[i]]) for i in range(n)]
    b = g[0]
    r = b.rows
    b.rows = [x[1]]
    r.append(x[2])
    return weighed_lists([q.rows for q in g])


@program
def field_list_read_behind(x, n):
    g = [InnerBox([x[i]]) for i in range(n)]
    b = g[0]
    r = b.rows
    b.rows = [x[1]]
    b.rows.append(x[2])
    return weighed_lists([q.rows for q in g]) + sum(r)


@program
def object_replaced(x, n):
    g = [InnerBox([x[i]]) for i in range(n)]
    b = g[0]
    r = b.rows
    g[0] = InnerBox([x[3]])
    b.rows = [x[1]]
    return weighed_lists([q.rows for q in g]) + sum(r)


@program
def row_grows_in_a_while(x, n):
    g = inner_G(x, n)
    r = g[0]
    i = 0
    while i < n:
        c = r[i]
        r.append([c[0] * x[1]])
        c.append(x[2])
        i += 1
    return inner_SS(g)


@program
def row_turned(x, n):
    g = inner_G(x, n)
    r = g[0]
    for i in range(3):
        c = r.pop()
        c.append(x[2])
        r.insert(0, c)
    return inner_SS(g)


@program
def handed_from_row_to_row(x, n):
    g = inner_G(x, n)
    for i in range(3):
        r = g[i]
        c = r.pop()
        g[i + 1].append(c)
        c2 = g[i + 1][-1]
        c2[0] *= x[1]
    return inner_SS(g)


@program
def entry_of_another_row_replaced(x, n):
    g = inner_G(x, n)
    a = g[0][0]
    g[1][0] = [x[0]]
    a[0] = x[1] ** 2
    return inner_SS(g)


@program
def last_row_behind_append(x, n):
    g = [[x[i], x[i] ** 2] for i in range(n)]
    last = g[-1]
    g.append([x[0]])
    last.append(x[1])
    return weighed_lists(g)


@program
def neighbours_grow(x, n):
    g = [[x[i], x[i] ** 2] for i in range(n)]
    for r, q in zip(g, g[1:]):
        r.append(q[0])
    return weighed_lists(g)


@program
def copy_gone_through(x, n):
    g = [[x[i], x[i] ** 2] for i in range(n)]
    for i, r in enumerate(g):
        for v in list(r):
            r.append(v * x[0])
    return weighed_lists(g)


@program
def next_row_grows(x, n):
    g = [[x[i], x[i] ** 2] for i in range(n)]
    for i, r in enumerate(g):
        for v in r[:]:
            g[(i + 1) % n].append(v * x[0])
    return weighed_lists(g)


@program
def out_and_views(x, n):
    g = [np.array([x[i], x[i] ** 2]) for i in range(n)]
    a = g[0]
    np.add(a, x[0], out=a)
    a.T[0] = x[1]
    g[0] *= 2
    return weighed_lists(g) + sum(a)


@program
def views_of_entries(x, n):
    m = [np.outer(x, x) * i for i in range(n)]
    a = m[1].T
    m[1][0, 1] = x[0]
    m.append(m[0] * 2)
    a[2, 0] = x[1]
    return sum(np.sum(v[0] ** 2) for v in m) + np.sum(a)


@program
def triangle_by_an_alias(x, n):
    out = [[] for _ in range(n)]
    for i in range(n):
        dst = out[i]
        for j in range(i + 1):
            dst.append(x[j] * x[i])
            if j > 0:
                dst[j] += dst[j - 1]
    return weighed_lists(out)


@program
def pascal_triangle(x, n):
    tri = [[x[0]]]
    for i in range(1, n):
        prev = tri[-1]
        row = [x[i]]
        for j in range(1, i):
            row.append(prev[j - 1] + prev[j])
        row.append(x[1])
        tri.append(row)
    return weighed_lists(tri)


class GrowingBox2:
    def __init__(self, rows):
        self.rows = rows


@program
def rows_grow_twice(x, n):
    g = lists(x, n)
    for row in g:
        row.append(x[0])
        row.append(x[1])
        row[0] *= 2
    return weighed_lists(g)


@program
def rows_of_blocks_grow_twice(x, n):
    g = [lists(x, n) for _ in range(n)]
    for p in g:
        for row in p:
            row.append(x[0])
            row.append(x[1])
            row[0] *= 2
    return sum(weighed_lists(q) for q in g)


@program
def two_rows_grow(x, n):
    g = lists(x, n)
    for i in range(n):
        row = g[i]
        row.append(x[0])
        other = g[(i + 1) % n]
        row.append(other[0])
        other.append(row[-1])
        row[0] *= 2
    return weighed_lists(g)


@program
def fields_grow_in_two_loops(x, n):
    g = [GrowingBox2([x[i]]) for i in range(n)]
    for b in g:
        b.rows.append(x[0])
        for c in g:
            c.rows.append(b.rows[0] * x[1])
            b.rows[0] += 1
    return weighed_lists([b.rows for b in g])


@program
def fields_of_two_entries(x, n):
    g = [GrowingBox2([x[i]]) for i in range(n)]
    for i in range(n):
        a, b = g[i], g[(i + 2) % n]
        a.rows.append(x[0])
        b.rows[0] *= a.rows[1]
    return weighed_lists([b.rows for b in g])


@program
def adjacency(x, n):
    adj = [[] for _ in range(n)]
    for i in range(n):
        for j in range(i):
            adj[i].append(x[j])
            adj[j].append(x[i])
    for a in adj:
        for k in range(len(a)):
            a[k] *= 2
    return weighed_lists(adj)


@program
def tree_of_dicts(x, n):
    adj = {}
    for i in range(n):
        adj[i] = {"v": x[i], "kids": []}
    for i in range(n):
        nd = adj[i]
        for j in range(i):
            nd["kids"].append(j)
            adj[j]["v"] += nd["v"]
        nd["v"] *= len(nd["kids"]) + 1
    return sum(a["v"] ** 2 for a in adj.values())


@program
def divided_and_exchanged_in_a_try(x, n):
    rows = lists(x, n)
    i = 0
    while i < len(rows) - 1:
        try:
            rows[i][0] /= rows[i + 1][0]
        except ZeroDivisionError:
            rows[i][0] = 0.0
        rows[i], rows[i + 1] = rows[i + 1], rows[i]
        i += 1
    return weighed_lists(rows)


@program
def raised_while_it_grows(x, n):
    rows = []
    try:
        for i in range(n):
            r = [x[i]]
            rows.append(r)
            if x[i] > 1.5:
                raise ValueError
    except ValueError:
        rows.append([x[0]])
    rows[0][0] *= 2
    return weighed_lists(rows)


@program
def grown_under_errstate(x, n):
    rows = []
    with np.errstate(all="ignore"):
        for i in range(n):
            r = [x[i]]
            rows.append(r)
    rows[0][0] *= 2
    return weighed_lists(rows)


@program
def given_before_break(x, n):
    rows = []
    i = 0
    while True:
        r = [x[i]]
        if x[i] > 1.5:
            rows.append(r)
            break
        rows.append(r)
        i += 1
    rows[-1][0] *= 2
    return weighed_lists(rows)


@program
def given_or_written_then_dropped(x, n):
    rows = []
    for i in range(n):
        r = [x[i]]
        if i % 2:
            rows.append(r)
            continue
        rows.append([x[0]])
        r[0] = 5.0
        rows[-1][0] += r[0]
    return weighed_lists(rows)


@program
def given_on_two_ways_at_times(x, n):
    rows = []
    for i in range(n):
        r = [x[i]]
        if i % 2:
            rows.append(r)
        else:
            r[0] = 5.0
        if i % 3 == 0:
            rows.append(r)
    return weighed_lists(rows)


@program
def best_given_last(x, n):
    best = None
    rows = []
    for i in range(n):
        c = [x[i]]
        if best is None or c[0] > best[0]:
            best = c
        rows.append([x[0]])
    rows.append(best)
    rows[-1][0] *= 2
    return weighed_lists(rows)


@program
def best_is_one_of_the_rows(x, n):
    best = None
    rows = []
    for i in range(n):
        c = [x[i]]
        rows.append(c)
        if best is None or c[0] > best[0]:
            best = c
    rows[0][0] *= 2
    return weighed_lists(rows) + best[0]


@program
def given_in_the_last_of_inner_trips(x, n):
    rows = []
    for i in range(n):
        c = [x[i]]
        for j in range(2):
            c.append(x[j])
            if j == 1:
                rows.append(c)
    rows[0][0] *= 2
    return weighed_lists(rows)


@program
def given_in_some_inner_trips(x, n):
    rows = []
    for i in range(n):
        c = [x[i]]
        for j in range(2):
            if x[j] > 1:
                rows.append(c)
    rows[0][0] *= 2
    return weighed_lists(rows)


@program
def given_by_a_nested_function(x, n):
    rows = []

    def add(v):
        r = [v]
        rows.append(r)
        return r

    a = add(x[0])
    b = add(x[1])
    for i in range(n):
        add(x[i])
    rows[0][0] *= 2
    return weighed_lists(rows)


@program
def given_by_a_nested_function_and_read(x, n):
    rows = []

    def add(v):
        r = [v]
        rows.append(r)
        return r

    a = add(x[0])
    b = add(x[1])
    for i in range(n):
        c = add(x[i])
    rows[0][0] *= 2
    return weighed_lists(rows) + a[0]


@program
def groups_closed_by_a_test(x, n):
    out = []
    cur = [x[0]]
    for i in range(n):
        if x[i] > 1:
            out.append(cur)
            cur = []
        cur.append(x[i])
    out.append(cur)
    for g in out:
        g.append(x[7])
    return weighed_lists(out)


@program
def groups_closed_by_a_test_and_read(x, n):
    out = []
    cur = [x[0]]
    for i in range(n):
        cur.append(x[i])
        if x[i] > 1:
            out.append(cur)
            cur = [x[i]]
    out[-1][0] *= 2
    return weighed_lists(out) + sum(cur)


@program
def named_group_by_key(x, n):
    out = {}
    for i in range(n):
        key = i % 2
        if key not in out:
            g = [x[i]]
            out[key] = g
        else:
            out[key].append(x[i])
    out[0][0] *= 2
    return sum(sum(v) ** 2 for v in out.values())


@program
def group_by_key_that_get_gives(x, n):
    out = {}
    for i in range(n):
        key = i % 2
        g = out.get(key)
        if g is None:
            g = []
            out[key] = g
        g.append(x[i])
    return sum(sum(v) ** 2 for v in out.values())


@program
def first_named(x, n):
    a = [x[0]]
    rows = [a]
    for i in range(n):
        rows.append([x[i]])
    rows[0][0] *= 2
    return weighed_lists(rows)


@program
def first_named_and_read(x, n):
    a = [x[0]]
    rows = [a]
    for i in range(n):
        rows.append([x[i]])
    rows[0][0] *= 2
    return weighed_lists(rows) + a[0]


@program
def first_named_twice(x, n):
    a = [x[0]]
    rows = [a, a]
    for i in range(n):
        rows.append([x[i]])
    rows[0][0] *= 2
    return weighed_lists(rows)


# What must not be refused: nobody sees two where Python has one.
FOLLOWED = set(
    """
    adjacency all_popped_and_kept array_written_where_it_was_put arrays_in_a_ring
    arrays_of_each_trip buffers_of_a_pool cells_given_to_rows
    cells_given_to_two_rows cells_of_rows_of_a_grid children_by_number
    copy_gone_through divided_and_exchanged_in_a_try fields_grow_in_two_loops
    fields_of_two_entries first_named given_before_break given_before_it_is_bound
    given_behind_the_loop given_by_a_closure given_by_a_helper
    given_by_a_nested_function given_in_the_last_of_inner_trips
    given_on_two_ways_at_times given_or_written_then_dropped graph_without_edges
    grid_of_a_helper grid_written_while_it_grows group_by_key_that_get_gives
    groups_closed_by_a_test groups_closed_by_a_test_and_read grown_under_errstate
    handed_from_row_to_row last_goes_first lists_in_a_ring
    named_and_all_popped_and_kept named_group_by_key next_by_continue next_row_grows
    one_list_or_the_other out_and_views pascal_triangle
    popped_beside_those_that_stay row_that_grows_and_is_written row_turned
    rows_grow_twice rows_of_an_array_popped rows_of_blocks_grow_twice
    rows_rotated_while_gone_through sorted_then_reversed spliced_list_of_new_rows
    tail_that_stays tree_of_dicts tree_on_a_stack triangle_by_an_alias two_rows_grow
    """.split()
)


def slope(f, n, h=1e-6):
    steps = np.eye(len(X)) * h
    return np.array([(f(X + s, n) - f(X - s, n)) / (2 * h) for s in steps])


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_right_or_refused(f):
    n = 5
    try:
        value, bar = value_and_grad(f)(X, n)
    except S2sadError as refused:
        assert "is a bug of s2sad" not in str(refused)
        assert f.__name__ not in FOLLOWED, str(refused)
        return
    assert value == pytest.approx(f(X, n), rel=1e-12)
    assert bar == pytest.approx(slope(f, n), rel=1e-5, abs=1e-7)
    assert f.__name__ in FOLLOWED
