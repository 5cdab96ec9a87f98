"""s2sad: plain Python functions in, readable derivative source out.

    from s2sad import grad

    @grad
    def slope(x):
        return x * x

    slope(3.0)          # 6.0
    print(slope.source) # the function that computed it

Names are looked up on first use, so `import s2sad` costs next to nothing: the
transformation itself (libcst), the proofs (sympy) and the terminal output (rich)
are loaded by the first operation that needs them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from s2sad._version import __version__

if TYPE_CHECKING:
    from s2sad.api.operators import (
        adjoint,
        check,
        check_grads,
        check_rule,
        checkpoint,
        derivative,
        differentiable,
        flat,
        grad,
        hessian,
        hvp,
        jacfwd,
        jacobian,
        jacrev,
        jvp,
        linearize,
        memory,
        opaque,
        rule,
        stop_gradient,
        tangent,
        trace,
        value_and_grad,
        vjp,
    )
    from s2sad.errors import NoRule, NotScalar, S2sadError, Unsupported

__all__ = [
    # derivative functions: same arguments as f
    "grad",
    "value_and_grad",
    "derivative",
    "jacobian",
    "jacfwd",
    "jacrev",
    "hessian",
    # products: evaluate now
    "jvp",
    "vjp",
    "hvp",
    "linearize",
    # the generated functions themselves
    "tangent",
    "adjoint",
    "differentiable",
    # the user's words inside a differentiated function
    "stop_gradient",
    "checkpoint",
    "opaque",
    "flat",
    # looking closer
    "check",
    "check_grads",
    "trace",
    "memory",
    # users' rules
    "rule",
    "check_rule",
    # refusals
    "S2sadError",
    "Unsupported",
    "NoRule",
    "NotScalar",
    "__version__",
]

# Which module defines each public name.
_HOME = {
    **dict.fromkeys(__all__, "s2sad.api.operators"),
    **dict.fromkeys(
        ["S2sadError", "Unsupported", "NoRule", "NotScalar"], "s2sad.errors"
    ),
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 's2sad' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value  # found at once from now on
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
