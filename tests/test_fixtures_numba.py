"""The programs under fixtures/, for Numba: the same numbers as in Python.

Every text is run by Python, which tells whether the program is still the same; to
compile takes about a second for each function, so some are compiled here and all of
them with `--campaign`.
"""

from __future__ import annotations

import ast
import copy
import random

import numpy as np
import pytest

from s2sad import adjoint, tangent
from s2sad.api import compiled
from s2sad.load import kernels as loading
from tests.harness.cases import arguments, case, names, tangents
from tests.harness.numeric import seed_names
from tests.harness.values import Outcome, direction, leaves, outcome

pytest.importorskip("numba")

# What is not compiled, and why.
FALLS_BACK = {
    "buckets_by_key": "a dict or an object is used as a whole",
    "checked_log": "an f-string",
    "checkpoint_draws": "a dict or an object is used as a whole",
    "checkpoint_loop": "a schedule of checkpoints",
    "einsums": "`np.einsum`",
    "errstate_block": ("`np.errstate`", "`with` is not compiled"),
    "gaussian_likelihood": "the derivative of a determinant",
    "growing_list": "a list of an array",
    "leaky_relu": "a write under a mask of several axes",
    "linear_algebra": "the derivative of a determinant",
    "logged": "`log.debug`",
    "math_steps": "Unknown attribute 'dist'",
    "methods": "a product along an axis of an array of several axes",
    "mixed_precision": "is float32",
    "mutual": "No implementation of function",
    "nearest_hit": "a question about what an object is",
    "nested_params": "a write to an entry that the run decides on",
    "numpy_scalar": "is float32",
    "parting": "a container that comes out of an operation",
    "power_recursive": "Return type of recursive function does not converge",
    "products": "a product of arrays of more than two axes",
    "progress_bar": "`range`",
    "put_and_fill": "No definition for lowering",
    "random_draws_generator": "a dict or an object is used as a whole",
    "random_legacy": "`np.random.seed`",
    "random_module": "`random.seed`",
    "reductions": "`std` along an axis, or with `ddof`",
    "report": "an f-string",
    "single_precision": "is float32",
    "sort_in_place": ("an index along an axis", "No implementation of function"),
    "sorted_insertion": "a helper that is not compiled",
    "stack_of_rows": "arrays joined from a list that grows",
    "tally_by_key": "a dict or an object is used as a whole",
    "timed": "`time.perf_counter`",
    "tree_recursion": "Return type of recursive function does not converge",
    "try_cholesky": "`try` is not compiled",
    "try_finally": "`try` is not compiled",
    "try_in_loop": "`try` is not compiled",
    "try_log": "`try` is not compiled",
    "visited_nodes": "No implementation of function",
    "walrus_step": "have imprecise type: list(undefined)",
    "watched_method": "a dict or an object is used as a whole",
}

CROSS_SECTION = """
    textbook energy rk4 black_scholes cholesky_loops heat_step mlp_dict rosenbrock
    named_tuple data_class tuple_of_buffers global_rate method_of_object
    scalar_becomes_array overlapping_slices thomas gauss_seidel binomial_tree
    newton_root early_exit_sum moving_window power_in_place keyword_weights
    same_array_twice math_functions cumulative closure_scale triangular_sum
    fancy_reads upwind wave_equation
""".split()


@pytest.mark.parametrize("name", names())
def test_texts_are_right(name, monkeypatch):
    monkeypatch.setattr(compiled, "refusal", lambda *told: None)
    monkeypatch.setattr(loading, "kernels", run_by_python)
    monkeypatch.setattr(loading, "native", lambda *told: None)
    same_numbers(name, adjoint)


@pytest.mark.parametrize("name", CROSS_SECTION)
def test_compiled(name):
    same_numbers(name, adjoint)


@pytest.mark.campaign
@pytest.mark.parametrize("operator", [adjoint, tangent])
@pytest.mark.parametrize("name", names())
def test_all_compiled(name, operator):
    same_numbers(name, operator)


def run_by_python(entry, names):
    """The kernels of a text as plain functions."""
    tree = ast.parse(entry.content)
    tree.body = [s for s in tree.body if not loading.is_shell(s)]
    tree.body = [s for s in tree.body if not isinstance(s, ast.ImportFrom)]
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            statement.decorator_list = []
    space: dict = {}
    exec(compile(tree, entry.filename, "exec"), space)
    return {name: space[name] for name in names}


def same_numbers(name, operator):
    program = case(name)
    point = program.points[0]
    usual = operator(program.function, point.wrt)
    ours = operator(program.function, point.wrt, target="numba")
    args, kwargs = arguments(point)
    seeds = {**point.seeds, **tangents(usual, point)}
    primal = outcome(lambda: point.call(program.function))
    if operator is adjoint and not primal.raised:
        (word,) = seed_names(usual, point.signature, point.seeds)
        seeds[word] = direction(primal.value, np.random.default_rng(0))
    expected = performed(usual, args, kwargs, seeds)
    found = performed(ours, args, kwargs, seeds)
    told = [t for t in ours._latest().about.warnings if "S2S206" in t]
    if name in FALLS_BACK:
        why = FALLS_BACK[name]
        reasons = (why,) if isinstance(why, str) else why
        assert not told or any(reason in told[0] for reason in reasons), told[0]
    else:
        assert not told, told[0]
    if expected.raised or found.raised:
        assert expected.raised and found.raised
        assert expected.raised[0] == found.raised[0], found.raised
        return
    left, right = leaves(expected.value), leaves(found.value)
    assert left.keys() == right.keys()
    for place, value in left.items():
        single = np.asarray(value).dtype == np.float32
        tolerance = 1e-4 if single else 1e-9
        np.testing.assert_allclose(
            right[place], value, rtol=tolerance, atol=1e-12, err_msg=place
        )


def performed(derived, args, kwargs, seeds) -> Outcome:
    """A call with arguments of its own, from the same state of random numbers."""
    args, kwargs, seeds = copy.deepcopy((args, kwargs, seeds))
    numpys, pythons = np.random.get_state(), random.getstate()
    try:
        return outcome(lambda: derived(*args, **kwargs, **seeds))
    finally:
        np.random.set_state(numpys)
        random.setstate(pythons)
