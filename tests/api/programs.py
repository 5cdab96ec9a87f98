"""How the modules of programs list what they hold."""

from __future__ import annotations


def collector(points: list):
    """A decorator that enters a program with its arguments; `refused`: a code."""

    def case(*args, refused=None):
        def enter(program):
            points.append((program, args, refused))
            return program

        return enter

    return case
