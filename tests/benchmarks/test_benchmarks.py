"""The gradients that the benchmarks time agree, at small sizes; nothing is timed here."""

import numpy as np
import pytest

from tests.benchmarks.columns import GRADIENTS, OWN, NotThere
from tests.benchmarks.peers import PEERS
from tests.benchmarks.reasons import IN_NUMBA, IN_PYTHON
from tests.benchmarks.run import WORKLOADS
from tests.benchmarks.workload import same

PYTHON = sorted(GRADIENTS - {"hand", "hand Numba", "ours Numba"})
NUMBA = ["hand Numba", "ours Numba"]


def agree(workload, column):
    args = workload.arguments(workload.small)
    try:
        found = OWN[column](workload, args)(*args)
    except NotThere as why:
        if str(why) not in ("not there", "same text", "fell back", ""):
            raise
        pytest.skip(str(why) or "no other algorithm")
    assert same(found, workload.hand(*args))


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


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_by_hand_is_right(workload):
    args = workload.arguments(workload.small)
    assert same(workload.hand(*args), differences(workload, args), rtol=1e-5)


@pytest.mark.parametrize("column", PYTHON)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_gradients_agree(workload, column):
    agree(workload, column)


@pytest.mark.parametrize("column", NUMBA)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_compiled_gradients_agree(workload, column):
    pytest.importorskip("numba")
    agree(workload, column)


def test_reasons_are_of_workloads():
    assert {*IN_PYTHON, *IN_NUMBA} <= {workload.name for workload in WORKLOADS}


@pytest.mark.parametrize("peer", ["autograd", "PyTorch"])
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_peers_agree(workload, peer):
    """JAX compiles for minutes: each run of the benchmark compares it."""
    args = workload.arguments(workload.small)
    try:
        found = PEERS[peer](workload, args).compared()
    except NotThere as why:
        pytest.skip(str(why))
    assert same(found, workload.hand(*args))


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.name)
def test_arguments_stay(workload):
    """A gradient by hand leaves its arguments as they were, as ours do."""
    args = workload.arguments(workload.small)
    kept = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    workload.hand(*args)
    assert all(np.array_equal(a, b) for a, b in zip(args, kept))
