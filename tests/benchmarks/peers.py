"""The peers: HIPS/autograd, JAX compiled, PyTorch eager; each where it is installed.

A peer runs the workload's own program with `np` and `math` bound to its namespace, where
it can; else the version of `in_jax`, `in_torch` or `in_lists`, written as its users do:
functional updates, `lax` loops, lists of numbers in place of arrays that are written.
Arguments are the peer's own arrays before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from tests.benchmarks.columns import Column, NotThere, installed
from tests.benchmarks.workload import Program, Workload

TOO_LONG = {("Runge-Kutta", 100_000)}
"""Minutes for peers that record each operation."""


def rebound(f: Program, namespace: Any) -> Program:
    """The program, and the helpers beside it, with another `np` and `math`."""
    bound: dict[str, Any] = {}
    for name, value in f.__globals__.items():
        if isinstance(value, ModuleType) and name in ("np", "math"):
            value = namespace
        elif isinstance(value, FunctionType) and value.__module__ == f.__module__:
            value = FunctionType(value.__code__, bound, name, value.__defaults__)
        bound[name] = value
    return FunctionType(f.__code__, bound, f.__name__, f.__defaults__)


def recorded(workload: Workload, args: tuple) -> None:
    """Peers that record each operation do not take the longest loops."""
    if any((workload.name, a) in TOO_LONG for a in args if isinstance(a, int)):
        raise NotThere("too long")


def plain(found: Any, workload: Workload) -> Any:
    """What a peer gives, as NumPy's own."""
    found = tuple(np.asarray(part) for part in found)
    return found if isinstance(workload.wrt, tuple) else found[0]


class Peer:
    """A gradient with its arguments made ready: called with the workload's own, which
    it passes over, and comparable by `plain`."""

    def __init__(self, call: Callable[[], Any], workload: Workload) -> None:
        self.call = call
        self.workload = workload

    def __call__(self, *args: Any) -> Any:
        return self.call()

    def compared(self) -> Any:
        return plain(self.call(), self.workload)


# ---- the columns -------------------------------------------------------------------


def autograd(workload: Workload, args: tuple) -> Program:
    installed("autograd")
    recorded(workload, args)
    import autograd.numpy
    from autograd import grad, make_vjp

    from tests.benchmarks import in_lists

    f = in_lists.VERSIONS.get(workload.name, workload.primal)
    f = rebound(f, autograd.numpy)
    if workload.mode == "jacobian":
        pull = make_vjp(f, workload.positions)

        def rows() -> Any:
            back, y = pull(*args)
            return list(map(np.stack, zip(*map(back, np.eye(len(y))))))

        return Peer(rows, workload)
    gradient = grad(f, workload.positions)
    return Peer(lambda: gradient(*args), workload)


def jax(workload: Workload, args: tuple) -> Program:
    installed("jax")
    import jax
    import jax.numpy as jnp

    from tests.benchmarks import in_jax

    f = in_jax.VERSIONS.get(workload.name) or rebound(workload.primal, jnp)
    operator = jax.grad
    if workload.mode == "jacobian":
        operator = jax.jacrev
    if workload.name in in_jax.FORWARD:
        operator = jax.jacfwd
    static = tuple(i for i, a in enumerate(args) if isinstance(a, int))
    gradient = jax.jit(operator(f, argnums=workload.positions), static_argnums=static)
    ready = [a if i in static else jnp.asarray(a) for i, a in enumerate(args)]
    return Peer(lambda: jax.block_until_ready(gradient(*ready)), workload)


def torch(workload: Workload, args: tuple) -> Program:
    installed("torch")
    recorded(workload, args)
    import torch

    from tests.benchmarks import in_lists, in_torch

    torch.set_num_threads(1)
    f = in_lists.VERSIONS.get(workload.name, workload.primal)
    f = in_torch.VERSIONS.get(workload.name) or rebound(f, in_torch.Namespace())
    ready = [a if isinstance(a, int) else torch.as_tensor(a).double() for a in args]
    leaves = [ready[i].clone().requires_grad_() for i in workload.positions]
    for i, leaf in zip(workload.positions, leaves):
        ready[i] = leaf
    if workload.mode == "jacobian":

        def rows() -> Any:
            y = f(*ready)
            each = [torch.autograd.grad(part, leaves, retain_graph=True) for part in y]
            return list(map(torch.stack, zip(*each)))

        return Peer(rows, workload)
    return Peer(lambda: torch.autograd.grad(f(*ready), leaves), workload)


PEERS: dict[str, Column] = {"autograd": autograd, "JAX": jax, "PyTorch": torch}
