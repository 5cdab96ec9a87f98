"""Diagnostics: their text, their exceptions, their data."""

import json
import linecache
import os
import pickle
import subprocess
import sys
import textwrap
import warnings

import pytest

from s2sad.errors import (
    Diagnostic,
    InternalError,
    Label,
    Misuse,
    NoRule,
    NotScalar,
    Place,
    S2sadError,
    S2sadWarning,
    StaleSource,
    Unsupported,
    raise_all,
    refuse,
    render,
    to_json,
    warn_all,
)

MODEL = """import numpy as np









def f(a, b, flag):
    y = a if flag else b

    y[0] = 1.0
    return a.sum() + \\
        b.sum()
\tz = [x\tfor x in y]
    é日 = f(é日, x) + ü
"""


@pytest.fixture(autouse=True)
def model():
    for name, text in ("model.py", MODEL), ("other.py", "def g(x):\n    return x\n"):
        lines = text.splitlines(keepends=True)
        linecache.cache[name] = (len(text), None, lines, name)
    yield
    for name in ("model.py", "other.py"):
        linecache.cache.pop(name, None)


def shown(text):
    return textwrap.dedent(text).strip("\n")


def which_array():
    also = [(Place("model.py", 12, 4, 12, 5), "`y` is `a` or `b` here")]
    place = Place("model.py", 14, 4, 14, 14)
    return refuse("which-array", place, also, name="y", choice="a if flag else b")


def test_the_shape():
    assert render(which_array()) == shown(
        """
        error[S2S012]: which array `y` names depends on the run, so this write cannot be followed
          --> model.py:14:5
           |
        12 |     y = a if flag else b
           |     - `y` is `a` or `b` here
        14 |     y[0] = 1.0
           |     ^^^^^^^^^^ written here
           |
           = help: write inside each branch, or copy: `y = (a if flag else b).copy()`
           = more: s2sad explain S2S012
        """
    )


def custom(*labels, help=""):
    return Diagnostic("S2S037", "told", tuple(Label(*each) for each in labels), help)


def test_several_labels_on_one_line():
    text = render(
        custom(
            (Place("model.py", 12, 13, 12, 17), "tested"),
            (Place("model.py", 12, 8, 12, 9), "this"),
            (Place("model.py", 12, 23, 12, 24), "or that"),
        )
    )
    assert text == shown(
        """
        error[S2S037]: told
          --> model.py:12:14
           |
        12 |     y = a if flag else b
           |         - this
           |              ^^^^ tested
           |                        - or that
           |
           = more: s2sad explain S2S037
        """
    )


def test_a_span_of_several_lines():
    text = render(custom((Place("model.py", 15, 11, 16, 15), "added up")))
    assert text == shown(
        """
        error[S2S037]: told
          --> model.py:15:12
           |
        15 |     return a.sum() + \\
           |            ^^^^^^^^^^^
        16 |         b.sum()
           |         ^^^^^^^ added up
           |
           = more: s2sad explain S2S037
        """
    )


def test_a_long_span_is_shortened():
    text = render(custom((Place("model.py", 1, 0, 16, 15), "all")))
    rows = [row for row in text.split("\n") if row[:2].strip().isdigit()]
    assert [row.split(" |")[0].strip() for row in rows] == ["1", "16"]


def test_tabs_and_wide_characters():
    text = render(custom((Place("model.py", 17, 8, 17, 11), "tab")))
    assert "17 |     z = [x  for x in y]\n   |             ^^^ tab" in text
    text = render(custom((Place("model.py", 18, 4, 18, 6), "wide")))
    assert "   |     ^^^ wide" in text
    text = render(custom((Place("model.py", 18, 18, 18, 19), "after")))
    row, mark = text.split("\n")[3:5]
    assert row[5 : 5 + 14] == "    é日 = f(é日," and mark.index("^") == 5 + 20


def test_a_very_long_line():
    line = "    y = " + " + ".join(f"x{i}" for i in range(500)) + "\n"
    linecache.cache["model.py"] = (len(line), None, [line], "model.py")
    col = line.index("x400")
    text = render(custom((Place("model.py", 1, col, 1, col + 4), "this one")))
    row, mark = text.split("\n")[3:5]
    assert len(row) < 180 and "..." in row
    assert row[mark.index("^") :].startswith("x400")


def test_labels_in_two_files():
    text = render(
        custom(
            (Place("model.py", 12, 4, 12, 5), "here"),
            (Place("other.py", 2, 11, 2, 12), "and there"),
            help="one\ntwo",
        )
    )
    assert text == shown(
        """
        error[S2S037]: told
          --> model.py:12:5
           |
        12 |     y = a if flag else b
           |     ^ here
          ::: other.py:2:12
           |
         2 |     return x
           |            - and there
           |
           = help: one
                   two
           = more: s2sad explain S2S037
        """
    )


def test_without_source_lines_and_without_a_place():
    text = render(custom((Place("nowhere.py", 3, 1), "here"), help="do"))
    assert text == shown(
        """
        error[S2S037]: told
         --> nowhere.py:3:2
          = note: line 3: here
          = help: do
          = more: s2sad explain S2S037
        """
    )
    assert render(custom()) == "error[S2S037]: told\n  = more: s2sad explain S2S037"


def test_files_below_the_current_folder_are_shown_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = os.path.join(str(tmp_path), "package", "file.py")
    assert "--> package" in render(custom((Place(path, 3, 1), "")))
    monkeypatch.chdir("/")
    assert "/file.py:3:2" in render(custom((Place(path, 3, 1), "")))


def test_a_forgotten_field_is_a_gap():
    assert refuse("which-array").message.startswith("which array `...` names")
    assert refuse("try", label="x", help="y {name}", name="{z}").help == "y {z}"


@pytest.mark.parametrize(
    "code, kind, builtin",
    [
        ("try", Unsupported, NotImplementedError),
        ("no-rule", NoRule, NotImplementedError),
        ("not-scalar", NotScalar, TypeError),
        ("wrt-and-argnums", Misuse, TypeError),
        ("stale-source", StaleSource, NotImplementedError),
    ],
)
def test_classes(code, kind, builtin):
    with pytest.raises(kind) as caught:
        raise_all([refuse(code)])
    assert isinstance(caught.value, (S2sadError, builtin))
    assert isinstance(caught.value, builtin)
    assert caught.value.filename is None


def test_all_are_told_at_once_and_the_first_decides():
    first, second = which_array(), refuse("no-rule", function="np.i0")
    with pytest.raises(Unsupported) as caught:
        raise_all([first, second, first])
    error = caught.value
    assert (error.code, error.filename) == ("S2S012", "model.py")
    assert (error.lineno, error.col_offset) == (14, 4)
    assert error.hint == first.help
    assert error.diagnostics == (first, second)
    assert "error[S2S012]" in str(error) and "error[S2S110]" in str(error)
    assert str(error).endswith("2 problems in all")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is Unsupported and str(again) == str(error)
    assert vars(again) == vars(error)


def test_internal_errors_carry_the_ir():
    error = InternalError("a name is defined twice", ir="func f(x):\n    return x")
    assert str(error).startswith("this is a bug of s2sad, not of your program: a name")
    assert str(error).endswith("func f(x):\n    return x")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.ir) == (str(error), error.ir)
    assert pickle.loads(pickle.dumps(InternalError("x"))).ir is None
    with pytest.raises(InternalError):
        raise_all([])


def test_json():
    data = json.loads(json.dumps(to_json(which_array())))
    assert data["code"] == "S2S012" and data["severity"] == "error"
    assert [label["primary"] for label in data["labels"]] == [True, False]
    assert data["labels"][0]["line"] == 14 and data["labels"][0]["col"] == 4


def test_warnings_stand_at_the_user_s_line():
    place = Place("model.py", 14, 4, 14, 14)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_all([refuse("equality", place, what="x == 0"), refuse("cache")])
    assert all(each.category is S2sadWarning for each in caught)
    assert (caught[0].filename, caught[0].lineno) == ("model.py", 14)
    assert str(caught[0].message).startswith("warning[S2S200]: `x == 0`")


def test_only_the_standard_library_is_loaded():
    code = "import sys, s2sad.errors, s2sad.syntax.source; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "s2sad.errors" in loaded
    assert not loaded & {"numpy", "libcst", "sympy", "rich"}
