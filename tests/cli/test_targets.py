"""Targets: every way to name a function, and what is said if there is none, or two."""

import sys

import pytest

from s2sad.cli.targets import TargetError, candidates, resolve, split


@pytest.fixture(autouse=True)
def forget():
    """Modules of one test are not those of the next."""
    sys.modules.pop("textbook", None)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    "text, parts",
    [
        ("a.py::f", ("a.py", "f")),
        ("a.py:f", ("a.py", "f")),
        ("pkg.mod:f", ("pkg.mod", "f")),
        ("a.py::C.m", ("a.py", "C.m")),
        ("a.py::C::m", ("a.py::C", "m")),
        ("a.py", ("a.py", None)),
        ("dir/a.py::f", ("dir/a.py", "f")),
    ],
)
def test_split(text, parts):
    assert split(text) == parts


def test_every_spelling_finds_the_function(project):
    project(
        "model_a.py", "def f(x): return x\nclass C:\n    def m(self, x): return x\n"
    )
    project("pkg_a/__init__.py", "")
    project("pkg_a/mod.py", "from . import other\ndef g(x): return other.K * x\n")
    project("pkg_a/other.py", "K = 2\n")
    for text in ("model_a.py::f", "model_a.py:f", "model_a:f"):
        assert resolve(text).value.__name__ == "f"
    assert resolve("model_a.py::C.m").value.__qualname__ == "C.m"
    assert resolve("pkg_a.mod:g").value(2) == 4
    # a file in a package is that package's module: its relative imports work
    assert resolve("pkg_a/mod.py").value is resolve("pkg_a.mod:g").value


def test_a_file_alone_must_hold_one_candidate(project):
    project(
        "one_b.py",
        "from math import sin\ndef f(x): return sin(x)\ndef _g(x): return x\n",
    )
    project("two_b.py", "def f(x): return x\ndef g(x): return x\n")
    project("none_b.py", "x = 1\n")
    assert resolve("one_b.py").spelling == "one_b.py::f"
    with pytest.raises(
        TargetError, match=r"s2sad check two_b.py::f\n  s2sad check two_b.py::g"
    ):
        resolve("two_b.py", "check")
    with pytest.raises(TargetError, match="defines no function"):
        resolve("none_b.py")


def test_near_names_are_offered(project):
    project("model_c.py", "def energy(x): return x\n")
    with pytest.raises(
        TargetError, match=r"no 'enrgy'; near it:\n  model_c.py::energy$"
    ):
        resolve("model_c.py::enrgy")
    with pytest.raises(
        TargetError, match=r"no file modle_c.py; did you mean model_c.py\?"
    ):
        resolve("modle_c.py::energy")
    with pytest.raises(TargetError, match="no module or file 'nothing_here'"):
        resolve("nothing_here:f")


def test_what_is_no_function(project):
    project("model_d.py", "K = 2\nclass C:\n    def m(self): pass\n")
    with pytest.raises(TargetError, match="K is a int, not a function"):
        resolve("model_d.py::K")
    with pytest.raises(
        TargetError, match=r"C is a class.*methods are:\n  model_d.py::C.m"
    ):
        resolve("model_d.py::C")


@pytest.mark.parametrize(
    "text, words",
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("import sys; sys.exit(3)", r"it exited \(3\)"),
        ("def f(:", "SyntaxError"),
        ("import no_such_module_at_all", "no_such_module_at_all"),
    ],
)
def test_an_import_that_fails_is_told_without_our_frames(project, text, words):
    project("bad.py", text + "\n")
    with pytest.raises(TargetError, match=words) as found:
        resolve("bad.py::f")
    assert "targets.py" not in str(found.value)


def test_what_an_import_prints_goes_to_stderr(project, capsys):
    project("loud.py", "print('loading')\ndef f(x): return x\n")
    resolve("loud.py")
    out, err = capsys.readouterr()
    assert out == "" and "loading" in err


def test_a_file_named_like_a_loaded_module(project):
    project("json.py", "def f(x): return x\n")
    assert resolve("json.py::f").value(3) == 3
    assert sys.modules["json"].loads("1") == 1


def test_bundled_examples_have_bare_names(project):
    assert resolve("textbook::f").value(2.0, 5.0) == pytest.approx(11.652071455)
    assert resolve("textbook:f").value.__name__ == "f"
    with pytest.raises(TargetError, match="holds"):
        resolve("textbook")


def test_a_name_that_is_both_is_listed_twice(project):
    project("textbook/__init__.py", "def f(x): return x\n")
    with pytest.raises(TargetError, match="both a module and a bundled example"):
        resolve("textbook:f")


def test_candidates_are_in_order_of_the_file(project):
    project(
        "many.py",
        "class C:\n    def b(self): pass\ndef a(): pass\nfrom math import sin\n",
    )
    assert candidates(resolve("many.py::a").module) == ["C.b", "a"]
