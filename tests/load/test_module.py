"""Compiling generated text and binding it into the user's namespace."""

import inspect
import linecache
import math
import pickle
import sys
import textwrap
import traceback

import pytest

from s2sad.load import cache, module

TEXT = '''\
"""Generated."""

import numpy as np


def g_vjp(x, y_bar=1.0):
    """Adjoint."""
    s = sin(x)
    x_bar = unbroadcast(
        y_bar * cos(x), x
    )
    return s, f_rev(x_bar) + SCALE


def f_rev(x):
    label = """two
lines"""
    assert label == "two\\nlines"
    return [x * math.pi for _ in range(1)][0]
'''

CELLS = {"unbroadcast": lambda x_bar, x: x_bar, "math": math, "cos": math.cos}


def use(codes, globals_):
    return module.bind_all(codes, globals_, {"g_vjp": (1.0,)}, cells=CELLS)["g_vjp"]


@pytest.mark.parametrize(
    "compile_", [module._compile_tree, module._compile_indented], ids=["tree", "text"]
)
def test_both_ways_of_compiling_agree(monkeypatch, compile_):
    def otherwise(*args):
        raise RecursionError

    if compile_ is module._compile_indented:
        monkeypatch.setattr(module, "_compile_tree", otherwise)
    codes = module.compile_function(TEXT, "gen.py", CELLS)
    assert list(codes) == ["g_vjp", "f_rev"]
    assert codes["g_vjp"].co_firstlineno == 6
    assert codes["f_rev"].co_firstlineno == 15
    assert set(codes["g_vjp"].co_freevars) == {"cos", "f_rev", "unbroadcast"}
    assert codes["f_rev"].co_freevars == ("math",)
    theirs = {"sin": math.sin, "SCALE": 10.0}
    g_vjp = use(codes, theirs)
    assert g_vjp(2.0) == (math.sin(2.0), math.cos(2.0) * math.pi + 10.0)
    assert g_vjp.__qualname__ == "g_vjp" and g_vjp.__doc__ == "Adjoint."
    theirs["SCALE"] = 0.0  # globals are read when it runs
    assert g_vjp(2.0, 2.0)[1] == 2.0 * math.cos(2.0) * math.pi
    assert not {"np", "math", "unbroadcast", "f_rev"} & set(theirs)


def test_text_without_free_names_is_compiled_as_it_stands(monkeypatch):
    monkeypatch.setattr(module, "_compile_tree", None)
    codes = module.compile_function("def f(x):\n    return x * k\n", "gen.py", ["np"])
    assert module.bind(codes["f"], {"k": 3.0})(2.0) == 6.0


def test_a_cell_without_value_is_named():
    codes = module.compile_function("def f(x):\n    return np.sin(x)\n", "g", ["np"])
    with pytest.raises(LookupError, match="f needs a value for: np"):
        module.bind(codes["f"], {})


def test_keyword_defaults_and_annotations():
    text = """
        from __future__ import annotations

        def f(x: Nowhere, *, k: int = missing()) -> Nowhere:
            def inner(y: Nowhere = lambda: 0) -> Nowhere:
                return y * h(x) * k

            return inner(2.0)
    """
    codes = module.compile_function(textwrap.dedent(text), "gen.py", ["h"])
    f = module.bind(codes["f"], {}, None, {"k": 5}, {"h": lambda x: x})
    assert f(3.0) == 30.0 and f(3.0, k=1) == 6.0
    (inner,) = module.functions(f.__code__).values()
    if sys.version_info >= (3, 11):
        assert inner.co_qualname == "f.<locals>.inner"


@pytest.mark.parametrize(
    "body",
    [
        "    y = h(" + " + ".join(["x"] * 2000) + ")\n",
        "    y = x\n" + "    y = h(y) + x\n" * 1999,
        "    y = " + "h(" * 60 + "x" + " + x)" * 60 + "\n",
        "    if x < 0:\n        y = 0.0\n"
        + "".join(f"    elif x == {i}.5:\n        y = h({i})\n" for i in range(500))
        + "    else:\n        y = h(x)\n",
    ],
    ids=["chain", "statements", "brackets", "elifs"],
)
def test_large_functions(body):
    text = f"def f(x):\n{body}    return y\n"
    f = module.bind(
        module.compile_function(text, "gen.py", ["h"])["f"], {}, cells={"h": float}
    )
    plain = {"h": float}
    exec(text, plain)
    assert f(1.0) == plain["f"](1.0)
    assert f.__code__.co_firstlineno == 1


@pytest.fixture(params=["disk", "memory"])
def entry(request, tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    if request.param == "memory":
        monkeypatch.setenv("S2SAD_CACHE", "0")
    key = cache.make_key({"test": request.node.name})
    entry = cache.store(key, "boom_vjp", "def boom_vjp(x):\n    return h(1 / x)\n", {})
    assert (entry.path is None) == (request.param == "memory")
    yield entry
    sys.modules.pop(entry.module_name, None)
    linecache.cache.pop(entry.filename, None)


def test_tracebacks_inspect_and_pickle(entry):
    codes = module.compile_function(entry.content, entry.filename, ["h"])
    bound = module.bind_all(codes, {}, cells={"h": abs})
    home = module.register(entry, bound)
    assert module.register(entry) is home is sys.modules[entry.module_name]
    boom = bound["boom_vjp"]
    assert home.boom_vjp is boom and home.__file__ == entry.filename
    assert home.__spec__.name == entry.module_name
    linecache.checkcache()
    assert inspect.getsource(boom) == entry.text
    assert inspect.getmodule(boom) is home
    assert pickle.loads(pickle.dumps(boom)) is boom
    try:
        boom(0.0)
    except ZeroDivisionError as error:
        shown = "".join(traceback.format_exception(error))
    assert "    return h(1 / x)" in shown and "in boom_vjp" in shown
    assert f'"{entry.filename}", line 4' in shown
    if sys.version_info >= (3, 11):
        assert "             ~~^~~" in shown  # the caret stands under the division
