"""Operators inside a differentiated function: what lowering asks of them.

Lowering meets objects, and asks them by attribute, so that it need not know this room:

    derived.__s2sad_plan__()          a derived function: Plan with `function` to lower
    grad.__s2sad_operator__(wrt)      an operator: Plan of a function made inside
    jvp.__s2sad_product__             jvp, vjp, hvp, linearize: evaluated now

What does the lowering of such calls with these plans is in `inner`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from inspect import Parameter
from types import FunctionType
from typing import TYPE_CHECKING, Any

from s2sad.api.recipe import Recipe
from s2sad.api.wrt import UNSET, Item, Wrt, parse_wrt

if TYPE_CHECKING:
    from s2sad.ir.nodes import Param, Program

_STYLES = {
    "positional": Parameter.POSITIONAL_ONLY,
    "normal": Parameter.POSITIONAL_OR_KEYWORD,
    "star": Parameter.VAR_POSITIONAL,
    "keyword": Parameter.KEYWORD_ONLY,
    "doublestar": Parameter.VAR_KEYWORD,
}


@dataclass(frozen=True, eq=False)
class Plan:
    """What an operator does to a program.

    `function` is what it is applied to, if known; `prefix` and `keywords` are passed to
    it besides the arguments of the call.
    """

    recipe: Recipe
    function: FunctionType | None = None
    prefix: tuple[object, ...] = ()
    keywords: dict[str, object] = field(default_factory=dict)

    def then(self, recipe: Recipe) -> Plan:
        """Another operator applied to the result of this one."""
        hidden = self.recipe.hidden
        return replace(self, recipe=replace(recipe, inner=self.recipe, hidden=hidden))


def parameters_of(program: Program) -> tuple[Parameter, ...]:
    """The parameters of a program's entry as `inspect` has them."""
    return tuple(map(_parameter, program.entry.params))


def _parameter(param: Param) -> Parameter:
    default = Parameter.empty if param.default is None else param.default
    return Parameter(param.var.name or "_", _STYLES[param.style], default=default)


def operator_plan(operator: str, **fixed: Any) -> Callable[..., Plan]:
    """What lowering calls with the static arguments of `grad(f, wrt=...)`."""

    def plan(
        wrt: Any = UNSET,
        *,
        argnums: Any = None,
        inner: Plan | None = None,
        **options: Any,
    ) -> Plan:
        recipe = Recipe(operator, parse_wrt(wrt, argnums), **{**options, **fixed})
        return Plan(recipe) if inner is None else inner.then(recipe)

    return plan


def product_plan(operator: str, count: int, constant: tuple[bool, ...] = ()) -> Plan:
    """The plan of `jvp`, `hvp`, `vjp` or `linearize`, for `count` arguments; `constant`
    tells which tangents were None.
    """
    moving = [i for i in range(count) if not (constant and constant[i])]
    words = {"jvp": "tangent", "hvp": "hvp", "vjp": "split", "linearize": "linear"}
    lenient = operator in ("vjp", "linearize")
    wrt = Wrt(tuple(map(Item, moving)), lenient=lenient)
    return Plan(Recipe(words[operator], wrt))
