"""The realistic programs of examples/: textbook NumPy that overwrites its arrays.

Each does what it says when it is run; its derivatives are those of differences, at
sizes at which that takes no time, and are right at second order, too.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from s2sad import adjoint, grad, jacobian, jvp, tangent, value_and_grad
from tests.harness.cases import Point
from tests.harness.numeric import check_point, seed_names
from tests.harness.values import direction, outcome

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))


def example(name):
    return importlib.import_module(name)


def printed(name: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def holds(f, arguments: tuple, wrt: tuple[str, ...], order: int = 2) -> None:
    """jvp, vjp, and the jvp and vjp of the vjp, as for the fixtures."""
    signature = inspect.signature(f)
    point = Point(signature, signature.bind(*arguments).arguments, wrt)
    rng = np.random.default_rng(1)
    first = adjoint(f, wrt)
    check_point(f, tangent(f, wrt), first, point, rng)
    if order == 1:
        return
    y = outcome(lambda: point.call(f)).value
    (seed,) = seed_names(first, signature, {})
    inner = point.holding(**{seed: direction(y, rng)})
    check_point(first, tangent(first, wrt), adjoint(first, wrt), inner, rng, rtol=1e-5)


# ---- heat in a plate -----------------------------------------------------------------


def test_the_conductivities_are_recovered():
    heat = example("heat_equation")
    layers, history = heat.recover(n=9)
    assert np.max(np.abs(layers - heat.TRUE)) < 1e-4
    assert history[-1] < 1e-6 * history[0]


def test_heat_against_differences():
    heat = example("heat_equation")
    u = RNG.normal(size=(6, 5))
    observed = RNG.normal(size=(2, 6, 5))
    layers = np.array([0.6, 1.5, 0.9])
    holds(heat.misfit, (layers, u, 0.1, 2, observed), ("layers", "u", "dt"))


def test_heat_says_how_far_it_got():
    assert "largest error" in printed("heat_equation")


# ---- flow in a cavity ----------------------------------------------------------------


def test_cavity_against_differences():
    cavity = example("cavity_flow")
    u = 0.1 * RNG.normal(size=(5, 6))
    holds(cavity.energy, (1.0, 0.1, u, 3, 3), ("lid", "nu", "u"), order=1)


def test_pressure_against_differences():
    cavity = example("cavity_flow")
    p, b = RNG.normal(size=(2, 5, 4))
    holds(cavity.pressure_poisson, (p, 0.5, 0.4, b, 3), ("p", "dx", "dy", "b"))


def test_cavity_agrees_with_its_differences():
    rows = dict(line.rsplit(maxsplit=1) for line in printed("cavity_flow").splitlines())
    rows = {key.strip(): value for key, value in rows.items()}
    assert rows["by the lid"] == rows["lid, differences"]
    assert rows["by the viscosity"] == rows["viscosity, diff."]


# ---- bodies --------------------------------------------------------------------------


def test_the_probe_arrives():
    bodies = example("n_body")
    aim, misses = bodies.shoot(np.array([-0.5, 0.8]))
    assert misses[-1] < 1e-10 and len(misses) <= 9


def test_bodies_against_differences():
    bodies = example("n_body")
    pos, vel = RNG.normal(size=(2, 3, 2))
    mass = np.array([1.0, 0.3, 0.2])
    arguments = (np.array([0.1, 0.9]), pos, vel, mass, 0.05, 2)
    holds(bodies.arrival, arguments, ("aim", "pos", "vel", "mass", "dt"))


def test_bodies_keep_their_momentum():
    """The sum of mass times velocity does not change, whatever the start."""
    bodies = example("n_body")

    def momentum(pos, vel, mass):
        bodies.leapfrog(pos, vel, mass, 0.05, 5)
        return mass @ vel

    pos, vel, mass = bodies.sky()
    pos_bar, vel_bar = jacobian(momentum, ("pos", "vel"))(pos, vel, mass)
    assert np.allclose(pos_bar, 0.0, atol=1e-12)
    assert np.allclose(vel_bar, np.einsum("ik,j->ijk", np.eye(2), mass))


def test_bodies_overwrite_their_arguments():
    """The caller of the primal sees the writes, the caller of a derivative none."""
    bodies = example("n_body")
    pos, vel, mass = bodies.sky()
    before = copy.deepcopy((pos, vel, mass))
    aim = np.array([0.0, 1.0])
    bodies.arrival_by_aim(aim, pos, vel, mass, 0.02, 5)
    assert all(map(np.array_equal, (pos, vel, mass), before))
    bodies.arrival(aim, pos, vel, mass, 0.02, 5)
    assert not np.array_equal(pos, before[0])


def test_a_shot_is_printed():
    assert printed("n_body").splitlines()[-1].startswith("start with velocity")


# ---- LU ------------------------------------------------------------------------------


def test_lu_gives_what_books_say():
    lu = example("lu_decomposition")
    A, b, c = lu.system(6)
    assert np.allclose(lu.by_matrix(A), np.linalg.inv(A).T, rtol=1e-12, atol=1e-14)
    by_A, by_b = lu.by_system(A, b, c)
    x, y = np.linalg.solve(A, b), np.linalg.solve(A.T, c)
    assert np.allclose(by_A, -np.outer(y, x), rtol=1e-12, atol=1e-14)
    assert np.allclose(by_b, y, rtol=1e-12, atol=1e-14)


def test_lu_twice():
    """d/dA of A^-T along E is -(A^-1 E A^-1)^T."""
    lu = example("lu_decomposition")
    A, _, _ = lu.system(4)
    E = RNG.normal(size=(4, 4))
    inverse = np.linalg.inv(A)
    _, twice = jvp(grad(lu.log_determinant), (A,), (E,))
    assert np.allclose(twice, -(inverse @ E @ inverse).T, rtol=1e-10)


def test_lu_against_differences():
    lu = example("lu_decomposition")
    holds(lu.weighted_solution, lu.system(3), ("A", "b", "c"))
    assert printed("lu_decomposition").count("e-1") == 3


# ---- a recurrent network -------------------------------------------------------------


def test_the_network_learns():
    network = example("recurrent_network")
    _, losses = network.train(count=8, length=5, hidden=4, trips=60)
    assert losses[-1] < 0.1 * losses[0]
    assert printed("recurrent_network").startswith("loss")


def test_network_against_differences():
    network = example("recurrent_network")
    x, y = network.data(2, 3)
    holds(network.loss, (network.start(3), x, y), ("params", "x"))


def test_the_gradient_is_a_dict():
    network = example("recurrent_network")
    x, y = network.data(2, 3)
    params = network.start(3)
    _, gradient = value_and_grad(network.loss)(params, x, y)
    shapes = {name: value.shape for name, value in params.items()}
    assert {name: value.shape for name, value in gradient.items()} == shapes
