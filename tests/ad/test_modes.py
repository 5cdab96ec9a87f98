"""Both modes on IR programs: against differences, each other, and a second time."""

import numpy as np
import pytest

from tests.ad.programs import compare

CASES = {
    "straight": (
        """
        func f(x: float, y: float):
            a = sin x
            b = mul a, y
            c = mul b, b
            d = exp a
            e = add c, d
            return e
        """,
        (0.7, -1.2),
    ),
    "branch at the top": (
        """
        func f(x: float, y: float):
            c = lt x, y
            a.2, b.2 = if c:
                a.0 = mul x, y
                t = sin a.0
                u = mul t, t
                yield u, a.0
            else:
                a.1 = mul x, x
                yield a.1, y
            r = mul a.2, b.2
            return r
        """,
        (0.7, 1.2),
    ),
    "branch in a loop": (
        """
        func f(x.0: float, n: int):
            x.4 = for i in range n with x.1 = x.0:
                %1 = mod i, 2
                c = eq %1, 0
                x.3 = if c:
                    %2 = sin x.1
                    x.2 = mul %2, x.1
                    yield x.2
                else:
                    %3 = cos x.1
                    yield %3
                yield x.3
            return x.4
        """,
        (0.7, 5),
    ),
    "nested loops": (
        """
        func f(x.0: float, y: float, n: int):
            x.4 = for i in range n with x.1 = x.0:
                s.3 = for j in range i with s.0 = x.1:
                    %1 = sin s.0
                    %2 = mul %1, y
                    s.1 = mul %2, x.1
                    yield s.1
                %3 = mul s.3, s.3
                x.3 = add %3, x.1
                yield x.3
            return x.4
        """,
        (0.7, 0.9, 4),
    ),
    "swap": (
        """
        func f(a.0: float, b.0: float, n: int):
            a.2, b.2 = for i in range n with a.1 = a.0, b.1 = b.0:
                t = mul a.1, b.1
                yield b.1, t
            r = add a.2, b.2
            return r
        """,
        (0.7, 0.9, 4),
    ),
    "while": (
        """
        func f(x.0: float, y: float):
            x.3 = while with x.1 = x.0:
                test:
                    c = lt x.1, 20.0
                    yield c
                %1 = mul x.1, x.1
                %2 = mul y, %1
                x.2 = add x.1, %2
                yield x.2
            return x.3
        """,
        (0.7, 0.9),
    ),
    "stop": (
        """
        func f(x.0: float, y: float, n: int):
            x.3 = for i in range n with x.1 = x.0:
                %1 = mul x.1, y
                %3 = sin i
                %2 = mul %1, %3
                x.2 = add x.1, %2
                c = gt x.2, 3.0
                yield x.2 stop c
            return x.3
        """,
        (0.7, 0.9, 40),
    ),
    "steps": (
        """
        func f(x.0: float, y: float, n: int):
            x.3 = for i in range 10, 1, -2 with x.1 = x.0:
                %1 = sin i
                %2 = mul x.1, %1
                x.2 = mul %2, y
                yield x.2
            return x.3
        """,
        (0.7, 0.9, 4),
    ),
    "zero trips": (
        """
        func f(x.0: float, y: float, n: int):
            x.3 = for i in range n with x.1 = x.0:
                x.2 = mul x.1, y
                yield x.2
            r = mul x.3, y
            return r
        """,
        (0.7, 0.9, 0),
    ),
    "array carried": (
        """
        func f(x.0: float64[x.0], w: float64[w.0, w.1], n: int):
            x.3 = for i in range n with x.1 = x.0:
                %1 = matmul w, x.1
                x.2 = tanh %1
                yield x.2
            r = getitem x.3[0]
            return r
        """,
        (np.array([0.7, 0.9]), np.array([[1.0, 2.0], [0.3, 0.4]]), 4),
    ),
    "array read in a loop": (
        """
        func f(x: float64[x.0], s.0: float, n: int):
            s.2 = for i in range n with s.1 = s.0:
                a = getitem x[i]
                %1 = mul a, s.1
                s.3 = sin %1
                yield s.3
            return s.2
        """,
        (np.array([0.7, 0.9, 1.1]), 0.5, 3),
    ),
    "broadcast": (
        """
        func f(a: float64[a.0], c: float64[c.0, c.1]):
            d = mul a, c
            e = getitem d[1, 2]
            g = mul e, e
            return g
        """,
        (np.arange(3.0) + 1, np.arange(9.0).reshape(3, 3)),
    ),
    "call": (
        """
        func f(x: float, y: float):
            a = call g x, y
            b = call g a, x
            c = mul a, b
            return c
        func g(u: float, v: float):
            %1 = sin u
            w = mul %1, v
            return w
        """,
        (0.7, 0.9),
    ),
    "recursion": (
        """
        func f(x: float, n: int):
            c = lt n, 1
            r = if c:
                yield x
            else:
                m = sub n, 1
                %1 = sin x
                %2 = mul %1, x
                s: float = call f %2, m
                t = mul s, x
                yield t
            return r
        """,
        (0.7, 3),
    ),
    "call in a loop": (
        """
        func f(x.0: float, y: float, n: int):
            x.3 = for i in range n with x.1 = x.0:
                x.2 = call g x.1, y
                yield x.2
            return x.3
        func g(u: float, v: float):
            %1 = sin u
            %2 = mul %1, v
            w.1 = for i in range 2 with w.0 = %2:
                w.2 = mul w.0, w.0
                yield w.2
            return w.1
        """,
        (0.7, 0.9, 3),
    ),
    "branch that keeps, at the top": (
        """
        func f(x: float, n: int):
            c = gt n, 2
            r = if c:
                s.1 = for i in range n with s.0 = x:
                    %1 = sin s.0
                    s.2 = mul %1, s.0
                    yield s.2
                t = exp s.1
                yield t
            else:
                yield x
            q = mul r, r
            return q
        """,
        (0.7, 3),
    ),
    "branch not taken": (
        """
        func f(x: float, n: int):
            c = gt n, 2
            r = if c:
                s.1 = for i in range n with s.0 = x:
                    %1 = sin s.0
                    s.2 = mul %1, s.0
                    yield s.2
                yield s.1
            else:
                yield x
            q = mul r, r
            return q
        """,
        (0.7, 1),
    ),
    "loop variable used after": (
        """
        func f(x: float, n: int):
            last.2 = for i in range n with last.0 = 0:
                yield i
            t = mul x, last.2
            q = mul t, x
            return q
        """,
        (0.7, 3),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_modes(name):
    text, args = CASES[name]
    import textwrap

    compare(textwrap.dedent(text), *args)
