"""Commands that derive: show, emit, check, trace."""

import ast
import json
import subprocess
import sys

import pytest


@pytest.fixture
def model(project):
    project(
        "model_x.py",
        """
        import numpy as np
        from s2sad import grad


        def energy(x, k=2.0):
            return 0.5 * k * np.sum(x ** 2)


        def fast(x):
            return x * x


        slope = grad(fast)


        def refused(x):
            global K
            K = x
            return x
        """,
    )


def functions(text):
    return {each.name: each for each in ast.parse(text).body}


def test_show_prints_python_and_nothing_else(run):
    code, out, err = run("show", "textbook::f")
    assert code == 0
    (made,) = functions(out).values()
    assert [arg.arg for arg in made.args.args] == ["x1", "x2", "y_bar"]
    assert err == ""


@pytest.mark.parametrize(
    "mode, name", [("grad", "f_grad"), ("jvp", "f_jvp"), ("vjp", "f_vjp")]
)
def test_modes(run, mode, name):
    code, out, _ = run("show", "textbook::f", "--mode", mode, "--wrt", "x1,x2")
    assert code == 0 and name in functions(out)


def test_split_prints_both_halves(run):
    code, out, err = run("show", "textbook::f", "--mode", "split")
    assert code == 0, err
    assert len(functions(out)) == 2


def test_at_says_what_kinds_to_expect(run, model):
    code, out, _ = run("show", "model_x.py::energy", "--at", "np.ones(3)")
    assert code == 0 and "energy_vjp" in functions(out)


def test_a_derived_function_is_printed_as_it_is(run, model):
    code, out, _ = run("show", "model_x.py::slope")
    assert code == 0 and "fast_grad" in functions(out)
    code, _, err = run("show", "model_x.py::slope", "--wrt", "x")
    assert code == 2 and "derived function" in err


def test_stages(run):
    for stage, word in [("source", "def f(x1, x2):"), ("ir", "func f(x1, x2):")]:
        code, out, err = run("show", "textbook::f", "--stage", stage)
        assert code == 0 and word in out, err
    for stage in ("dual", "tidy"):
        code, out, err = run("show", "textbook::f", "--stage", stage)
        assert code == 0 and out.startswith("func "), err


def test_side_by_side(run):
    code, out, _ = run("show", "textbook::f", "--side")
    assert code == 0 and all(
        " | " in line or line.endswith(" |") for line in out.splitlines()
    )


def test_show_as_json(run):
    code, out, _ = run("show", "textbook::f", "--json", "--mode", "grad")
    answer = json.loads(out)
    assert answer["schema"] == 1 and answer["mode"] == "grad"
    assert functions(answer["text"])


def test_show_into_a_file(run, tmp_path):
    code, out, err = run("show", "textbook::f", "-o", tmp_path / "out.py")
    assert (code, out) == (0, "")
    assert functions((tmp_path / "out.py").read_text())


def test_a_refusal_is_one(run, model):
    code, out, err = run("show", "model_x.py::refused")
    assert code == 1 and out == "" and "error[S2S003]" in err
    code, out, err = run("show", "model_x.py::refused", "--json")
    answer = json.loads(out)
    assert code == 1 and answer["diagnostics"][0]["code"] == "S2S003"


def run_emitted(path, expression):
    """What an emitted file computes where s2sad cannot be imported."""
    probe = (
        f"import sys; sys.modules['s2sad'] = None; from {path.stem} import *; "
        f"print(*('%.6f' % d for d in {expression}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=path.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_emitted_files_need_no_s2sad(run, tmp_path):
    path = tmp_path / "emitted.py"
    command = ("emit", "textbook::f", "--mode", "grad", "--wrt", "x1,x2", "-o", path)
    assert run(*command)[0] == 0
    assert run_emitted(path, "f_grad(2.0, 5.0)") == "5.500000 1.716338\n"


def test_emitted_files_import_what_the_user_did(run, tmp_path):
    path = tmp_path / "emitted.py"
    command = ("emit", "textbook::quotient", "--mode", "grad", "-o", path)
    assert run(*command)[0] == 0
    assert run_emitted(path, "quotient_grad(3.0, -4.0)") == "2.059570 1.592233\n"


def test_a_stale_file_is_one(run, tmp_path, monkeypatch):
    path = tmp_path / "emitted.py"
    command = ("emit", "textbook::f", "--mode", "grad", "-o", path)
    assert run(*command, "--check")[0] == 1
    assert run(*command)[0] == 0
    assert run(*command, "--check")[0] == 0
    path.write_text(path.read_text() + "# changed\n")
    code, out, err = run(*command, "--check")
    assert code == 1 and "stale" in err and "-# changed" in err


def test_check_says_proved(run):
    code, out, _ = run("check", "textbook::f", "--at", "2.0, 5.0", "--prove")
    assert code == 0 and out.splitlines()[-1] == "PROVED"


def test_check_as_json(run):
    code, out, _ = run(
        "check", "textbook::f", "--at", "2.0, 5.0", "--seconds", "0", "--json"
    )
    answer = json.loads(out)
    assert code == 0 and answer["verdict"] == "AGREES" and answer["exit_code"] == 0
    assert (
        run("check", "textbook::f", "--at", "2.0, 5.0", "--seconds", "0", "--prove")[0]
        == 1
    )


def test_check_without_arguments_says_where_they_come_from(run, model):
    code, out, err = run("check", "model_x.py::fast")
    assert code == 0 and "--at gives others" in err and "PROVED" in out


def test_trace(run):
    code, out, _ = run("trace", "textbook::f", "--at", "2.0, 5.0", "--seed", "1, 0")
    assert code == 0
    for number in ("0.693", "10.693", "-0.959", "11.652", "0.5", "5.5", "1.716"):
        assert number in out.split()


def test_trace_as_markdown_and_json(run):
    code, out, _ = run("trace", "textbook::f", "--at", "2.0, 5.0", "--markdown")
    assert code == 0 and out.splitlines()[1] == "|---|--:|---|--:|---|--:|"
    code, out, _ = run("trace", "textbook::f", "--at", "2.0, 5.0", "--json")
    assert json.loads(out)["rows"][0]["adjoint"] == 5.5


def test_trace_refuses_a_wrong_number_of_seeds(run):
    code, _, err = run("trace", "textbook::f", "--at", "2.0, 5.0", "--seed", "1")
    assert code == 2 and "1 seeds for 2 arguments" in err


@pytest.mark.parametrize("command", ["check", "trace", "show"])
def test_what_the_function_raises_is_no_bug_of_ours(run, project, command):
    project("raises_x.py", "def f(x):\n    return {}['missing'] * x\n")
    code, _, err = run(command, "raises_x.py", "--at", "2.0")
    assert code == 2 and "f raises at these arguments: KeyError: 'missing'" in err


def test_the_header_says_for_which_kinds_and_why(run, project):
    project(
        "kinds_x.py",
        """
        from s2sad import grad

        def f(x, a: float, n=2, *, v):
            return x * a * n * v[0]

        def g(x):
            return x * x

        slope = grad(g)
        slope(2.0)
        fresh = grad(g, 0, optimize=0)
        """,
    )
    first = run("show", "kinds_x.py::f", "--wrt", "x")[1].splitlines()[0]
    assert first == (
        "# for x: float, a: float, n: int, v: float64[v.0] "
        "(from: real where nothing is said,"
    )
    first = run("show", "kinds_x.py::g", "--at", "np.float32(2)")[1].splitlines()[0]
    assert first == "# for x: float32 (from: --at)"
    assert "last call" in run("show", "kinds_x.py::slope")[1].splitlines()[0]
    assert "real" in run("show", "kinds_x.py::fresh")[1].splitlines()[0]
