"""What a source of random numbers draws next, kept and given back.

    s = random_state rng              s = rng.bit_generator.state
        set_random_state rng, s       rng.bit_generator.state = s

The source is the first operand, or `callee` spells it: `np.random`. `cls` names its
class, which tells how it is asked.
"""

from __future__ import annotations

import importlib
from typing import Any

from s2sad.ir.kinds import Object
from s2sad.rules.infer import always
from s2sad.rules.verbs import flat


class State:
    """Stands for the class of a state, whichever that is: nobody writes into it."""


STATE = Object(State)


def _source(values: tuple[object, ...], callee: str | None) -> Any:
    """The source among the operands, or that of the library which `callee` names."""
    if callee is None:
        return values[0]
    legacy = "numpy.random" if callee.startswith(("np.", "numpy.")) else "random"
    return importlib.import_module(legacy)


def _state(*values: object, callee: str | None = None, cls: str) -> object:
    source = _source(values, callee)
    if cls == "Generator":
        return source.bit_generator.state
    if cls == "BitGenerator":
        return source.state
    return source.get_state() if cls == "RandomState" else source.getstate()


def _set(*values: object, callee: str | None = None, cls: str) -> None:
    source, state = _source(values, callee), values[-1]
    if cls == "Generator":
        source.bit_generator.state = state
    elif cls == "BitGenerator":
        source.state = state
    elif cls == "RandomState":
        source.set_state(state)
    else:
        source.setstate(state)


random_state = flat("<random_state>", kind=always(STATE), run=_state, effect=True)
set_random_state = flat("<set_random_state>", kind=always(), run=_set, effect=True)
