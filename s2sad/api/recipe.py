"""What to do to a function: operators, innermost first, and the parameters that result.

`grad(grad(f))` is one recipe with another inside it, applied to the target `f`. Recipes
are values: equal ones share specialisations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from inspect import Parameter

from s2sad.api.wrt import ALL, Wrt, place_of

# How a derived function is called in prose and in its generated name.
WORDS = {
    "grad": ("gradient", "grad"),
    "value_and_grad": ("value and gradient", "value_and_grad"),
    "derivative": ("derivative", "derivative"),
    "jacobian": ("Jacobian", "jacobian"),
    "hessian": ("Hessian", "hessian"),
    "tangent": ("tangent function", "jvp"),
    "adjoint": ("adjoint function", "vjp"),
    "hvp": ("gradient and Hessian product", "hvp"),
    "split": ("adjoint in two halves", "fwd"),
    "linear": ("linear map", "fwd"),
}
SEEDED = {"tangent", "hvp"}  # a tangent parameter for each place of wrt
_PLAIN = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Recipe:
    """One operator, applied to `inner` or, if that is None, to the target itself.

    `hidden` leading parameters are not counted by positions in `wrt` (`self`, and what
    a partial presets); it is the same all the way in.
    """

    operator: str
    wrt: Wrt
    hidden: int = 0
    inner: Recipe | None = None
    has_aux: bool = False
    mode: str = "auto"  # of a Jacobian: "auto", "fwd" or "rev"
    target: str = "python"
    optimize: int = 1
    debug: bool = False
    source: str | None = None  # the text of the function, given by hand

    def __hash__(self) -> int:
        """Of the fields that are quick to hash; it is asked for often."""
        return hash((self.operator, self.hidden, self.mode, self.inner is None))

    def chain(self) -> Iterator[Recipe]:
        """The operators, innermost first."""
        if self.inner is not None:
            yield from self.inner.chain()
        yield self

    def hiding(self, hidden: int) -> Recipe:
        inner = self.inner and self.inner.hiding(hidden)
        return replace(self, hidden=hidden, inner=inner)

    def parameters(self, base: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        """The parameters of the derived function, given those of the target."""
        if self.inner is not None:
            base = self.inner.parameters(base)
        return with_seeds(base, self.seeds(base))

    def places(
        self, base: tuple[Parameter, ...], name: str
    ) -> tuple[tuple[int, tuple[object, ...]], ...]:
        """What `wrt` names among the parameters of what the operator is applied to."""
        if self.wrt is ALL or self.wrt.items is None:
            return tuple((i, ()) for i in range(self.hidden, len(base)))
        return tuple(place_of(i, base, self.hidden, name) for i in self.wrt.items)

    def seeds(self, base: tuple[Parameter, ...]) -> tuple[str, ...]:
        """The names of the parameters that this operator adds."""
        taken = {p.name for p in base}
        if self.operator == "adjoint":
            return (_free("y_bar", taken),)
        if self.operator not in SEEDED:
            return ()
        found = []
        for number, keys in self.places(base, "f"):
            last = keys[-1] if keys else base[number].name
            word = getattr(last, "name", last)
            if not (isinstance(word, str) and word.isidentifier()):
                steps = (getattr(key, "name", key) for key in keys)
                word = "_".join(map(str, (base[number].name, *steps)))
                word = re.sub(r"\W", "_", word)
            name = _free(f"{word}_dot", taken)
            taken.add(name)
            found.append(name)
        return tuple(found)

    def __str__(self) -> str:
        return WORDS[self.operator][0]


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def with_seeds(
    base: tuple[Parameter, ...], seeds: tuple[str, ...]
) -> tuple[Parameter, ...]:
    """Seeds come last: by keyword only where the function has more than plain ones."""
    if not seeds:
        return base
    plain = all(p.kind in _PLAIN and p.default is p.empty for p in base)
    kind = Parameter.POSITIONAL_OR_KEYWORD if plain else Parameter.KEYWORD_ONLY
    new = [Parameter(name, kind, default=_default(name)) for name in seeds]
    at = next((i for i, p in enumerate(base) if p.kind is p.VAR_KEYWORD), len(base))
    return (*base[:at], *new, *base[at:])


def _default(seed: str) -> object:
    """A cotangent may be left out: it is 1.0 then, which fits a scalar result only."""
    return 1.0 if seed.rstrip("_").endswith("_bar") else Parameter.empty
