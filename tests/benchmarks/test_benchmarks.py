"""The gradients that the benchmarks time agree, at small sizes; nothing is timed here."""

import os
from importlib.util import find_spec

import numpy as np
import pytest

from tests.benchmarks.columns import derived, jitted, ours_numba
from tests.benchmarks.fresh import fresh_cache
from tests.benchmarks.peers import PEERS
from tests.benchmarks.reasons import IN_NUMBA, IN_PYTHON
from tests.benchmarks.run import WORKLOADS
from tests.benchmarks.workload import same

PEERS_HERE = [
    name
    for name, package in (("autograd", "autograd"), ("PyTorch", "torch"))
    if find_spec(package)
]
each_workload = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)


def agree(workload, gradient):
    args = workload.arguments(workload.small)
    assert same(gradient(*args), workload.hand(*args))


def differences(workload, args):
    """The gradient by central differences."""
    found = []
    for position in workload.positions:
        base = np.asarray(args[position], dtype=float)
        slopes = []
        for place in np.ndindex(base.shape):
            values = []
            for step in (1e-6, -1e-6):
                moved = base.copy()
                moved[place] += step
                varied = list(args)
                varied[position] = moved if base.ndim else moved.item()
                values.append(np.asarray(workload.primal(*varied)))
            slopes.append((values[0] - values[1]) / 2e-6)
        stacked = np.array(slopes).reshape(base.shape + values[0].shape)
        back = range(base.ndim, stacked.ndim)
        found.append(stacked.transpose(*back, *range(base.ndim)))
    return tuple(found) if isinstance(workload.wrt, tuple) else found[0]


@each_workload
def test_by_hand_is_right(workload):
    args = workload.arguments(workload.small)
    assert same(workload.hand(*args), differences(workload, args), rtol=1e-5)


@pytest.mark.parametrize("level", [0, 1, 2])
@each_workload
def test_ours_agree(workload, level):
    args = workload.arguments(workload.small)
    agree(workload, derived(workload, args, optimize=level))


@pytest.mark.parametrize(
    "workload", [w for w in WORKLOADS if w.changed], ids=lambda w: w.name
)
def test_another_algorithm_agrees(workload):
    agree(workload, workload.changed)


@each_workload
def test_by_hand_for_numba_agrees(workload):
    pytest.importorskip("numba")
    agree(workload, jitted(workload.loops or workload.hand))


@each_workload
def test_ours_for_numba_agree(workload):
    """None of these programs falls back to Python."""
    pytest.importorskip("numba")
    args = workload.arguments(workload.small)
    agree(workload, ours_numba(workload, args))


def test_reasons_are_of_workloads():
    assert {*IN_PYTHON, *IN_NUMBA} <= {workload.name for workload in WORKLOADS}


@pytest.mark.parametrize("peer", PEERS_HERE)
@each_workload
def test_peers_agree(workload, peer):
    """JAX compiles for minutes: each run of the benchmark compares it."""
    args = workload.arguments(workload.small)
    found = PEERS[peer](workload, args).compared()
    assert same(found, workload.hand(*args))


@each_workload
def test_arguments_stay(workload):
    """A gradient by hand leaves its arguments as they were, as ours do."""
    args = workload.arguments(workload.small)
    kept = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    workload.hand(*args)
    assert all(np.array_equal(a, b) for a, b in zip(args, kept))


def test_nothing_is_read_from_the_users_cache(monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", "the user's")
    with fresh_cache() as folder:
        assert os.environ["S2SAD_CACHE_DIR"] == folder
        assert not os.listdir(folder)
    assert os.environ["S2SAD_CACHE_DIR"] == "the user's"
    assert not os.path.exists(folder)
