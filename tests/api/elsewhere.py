"""A module of helpers, with names of its own, for tests of what is looked up where."""

import math as m

RATE = 2.0


class Settings:
    k = 3.0


settings = Settings()


def scale(x):
    return m.sin(x) * RATE * settings.k


def make(a):
    def h(x):
        return a * x * x

    return h
