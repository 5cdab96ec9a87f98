"""The text of a function is found wherever Python runs, and is refused when it changed."""

import ast
import functools
import importlib
import importlib.util
import linecache
import math
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from s2sad.errors import S2sadError, StaleSource, Unsupported
from s2sad.syntax.source import find_source

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).read_text(encoding="utf-8").split("\n")


def whole(source):
    """What stands in the file at the place of the source's first and last column."""
    rows = source.text.strip("\n").split("\n")
    place = source.place(1, 0, len(rows), len(rows[-1]))
    lines = HERE[place.line - 1 : place.end_line]
    return lines, place


# --- functions of this very file (which pytest has rewritten)


def plain(x):
    """A docstring."""
    return x * x


def asserting(x, y=1.0):
    assert x > 0, "positive"
    for k in range(3):
        assert k < 3
        x = x * k
    total = sum(v for v in [x, y])
    assert total == total
    return lambda z: z * total


def swap(function):
    @functools.wraps(function)
    def wrapper(*args):
        return 2.0 * function(*args)

    return wrapper


@swap
@swap
def decorated(x):
    return x


@functools.lru_cache(maxsize=64)
def remembered(x):
    return x + 1.0
    # a comment that closes the body


class Model:
    scale = 2.0

    def __init__(self):
        self.__hidden = 3.0

    def method(self, x):
        return self.__hidden * x * super().__hash__()

    @property
    def area(self):
        return self.__hidden

    @staticmethod
    def static(x):
        return x

    @classmethod
    def made(cls, x):
        return cls.scale * x

    def __call__(self, x):
        return x - 1.0


def enclosing(a):
    # fmt: off
    def inner(x):
        text = """kept
  as it is"""
        return a * x, text
    return inner, lambda x: a + x, [lambda x, k=k: x * k for k in (1, 2)]
    # fmt: on


# fmt: off
PAIR = [lambda x: x * 2.0, lambda x: x * 3.0]; NESTED = lambda x: lambda y: x + y  # noqa: E702
SAME = (lambda x, k=1: x * k, lambda x, k=2: x * k, lambda x: 1, lambda x: 2)
WIDE = ("é", lambda é: é * 2.0, "日本", lambda x: x + 2.0)
MULTI = (lambda x:
         x +
         1.0)
# fmt: on


def test_def():
    found = find_source(plain)
    assert found.text == 'def plain(x):\n    """A docstring."""\n    return x * x\n'
    assert (found.node, found.name, found.col_offset) == ("def", "plain", 0)
    assert HERE[found.first_line - 1] == "def plain(x):"
    assert found.func is plain


def test_asserts_that_pytest_rewrote():
    found = find_source(asserting)
    assert found.text.startswith("def asserting(x, y=1.0):\n    assert x > 0")
    assert find_source(asserting(1.0)).text == "lambda z: z * total"


def test_a_decorated_function_is_its_wrapper():
    found = find_source(decorated)
    assert found.text.startswith("def wrapper(*args):\n    return 2.0")
    assert found.decorators_text == "@functools.wraps(function)\n"
    assert found.name == "wrapper"


def test_lru_cache_is_looked_through_and_comments_are_kept():
    found = find_source(remembered)
    assert found.text.endswith("    # a comment that closes the body\n")
    assert found.decorators_text == "@functools.lru_cache(maxsize=64)\n"


@pytest.mark.parametrize(
    "func, first",
    [
        (Model().method, "def method(self, x):"),
        (Model.method, "def method(self, x):"),
        (Model.area, "def area(self):"),
        (Model.static, "def static(x):"),
        (Model.__dict__["static"], "def static(x):"),
        (Model.made, "def made(cls, x):"),
        (Model(), "def __call__(self, x):"),
    ],
)
def test_methods(func, first):
    found = find_source(func)
    assert found.text.split("\n")[0] == first
    assert found.col_offset == 4
    lines, place = whole(found)
    assert lines[0].strip() == first and place.col == 4


def test_dedent_leaves_strings_alone():
    found = find_source(enclosing(2.0)[0])
    assert found.text == (
        'def inner(x):\n    text = """kept\n  as it is"""\n    return a * x, text\n'
    )
    assert found.cuts == (4, 4, 0, 4)
    assert found.place(3, 2).col == 2 and found.place(4, 4).col == 8


def test_lambdas():
    _, one, many = enclosing(1.0)
    texts = {
        one: "lambda x: a + x",
        many[0]: "lambda x, k=k: x * k",
        many[1]: "lambda x, k=k: x * k",
        PAIR[0]: "lambda x: x * 2.0",
        PAIR[1]: "lambda x: x * 3.0",
        NESTED: "lambda x: lambda y: x + y",
        NESTED(1): "lambda y: x + y",
        SAME[0]: "lambda x, k=1: x * k",
        SAME[1]: "lambda x, k=2: x * k",
        SAME[2]: "lambda x: 1",
        SAME[3]: "lambda x: 2",
        WIDE[1]: "lambda é: é * 2.0",
        WIDE[3]: "lambda x: x + 2.0",
    }
    for func, text in texts.items():
        found = find_source(func)
        assert (found.text, found.node, found.name) == (text, "lambda", "<lambda>")
        lines, place = whole(found)
        assert lines[0][place.col : place.end_col] == text


def test_a_lambda_of_several_lines_is_bracketed():
    found = find_source(MULTI)
    assert found.text == "(lambda x:\n         x +\n         1.0)"
    assert found.place(1, 1).col == found.col_offset
    assert HERE[found.first_line - 1][found.col_offset :].startswith("lambda x:")
    assert compile(found.text, "", "eval")


# --- files that change


def write_module(folder, name, text):
    path = folder / f"{name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return path, module


def change(path, text):
    path.write_text(text)
    later = path.stat().st_mtime + 10
    os.utime(path, (later, later))


@pytest.mark.parametrize(
    "after",
    [
        "def f(x):\n    return x + 2\n",
        "def f(x):\n    return x * 2.0\n",
        "def f(x):\n    return x * 3\n",
        "def f(x):\n    return y * 2\n",
        "def f(x, y=1):\n    return x * 2\n",
        "# a line above\ndef f(x):\n    return x * 2\n",
        "def g(x):\n    return x * 2\n",
        "def f(x:\n",
        "",
    ],
)
def test_a_file_that_changed_is_refused(tmp_path, after):
    path, module = write_module(tmp_path, "stale", "def f(x):\n    return x * 2\n")
    change(path, after)
    with pytest.raises(StaleSource) as caught:
        find_source(module.f)
    assert caught.value.code == "S2S071"
    assert caught.value.lineno == 1


def test_a_file_that_was_read_before_it_changed_still_serves(tmp_path):
    path, module = write_module(tmp_path, "early", "def f(x):\n    return x * 2\n")
    linecache.getlines(str(path))
    change(path, "def f(x):\n    return x * 3\n")
    assert find_source(module.f).text == "def f(x):\n    return x * 2\n"


def test_a_reloaded_file_is_read_again(tmp_path):
    path, module = write_module(tmp_path, "again", "def f(x):\n    return x * 2\n")
    assert find_source(module.f).text.endswith("x * 2\n")
    change(path, "\n\ndef f(x):\n    return x * 3\n")
    module.__spec__.loader.exec_module(module)
    found = find_source(module.f)
    assert found.text.endswith("x * 3\n") and found.first_line == 3


def test_a_changed_line_between_asserts_is_seen(tmp_path):
    text = "def f(x):\n    assert x\n    y = x * 2\n    assert y\n    return y\n"
    path, module = write_module(tmp_path, "between", text)
    change(path, text.replace("*", "+"))
    with pytest.raises(StaleSource):
        find_source(module.f)


def test_names_of_private_attributes_and_super(tmp_path):
    text = """
        from __future__ import annotations
        class A:
            def outer(self, k):
                def f(x: NoSuchName) -> "Nor this":
                    nonlocal k
                    k = k + 1
                    return self.__w * x * super().__hash__() * k
                return f
        """
    _, module = write_module(tmp_path, "private", textwrap.dedent(text))
    found = find_source(module.A().outer(1))
    assert found.text.startswith("def f(x: NoSuchName)") and found.col_offset == 8


def test_long_sums_and_deep_brackets(tmp_path):
    long = " + ".join(["x"] * 2500)
    deep = "(" * 150 + "x" + ")" * 150
    text = f"def f(x):\n    return {long}\ndef g(x):\n    return {deep}\n"
    _, module = write_module(tmp_path, "long", text)
    assert long in find_source(module.f).text
    assert deep in find_source(module.g).text


def test_tabs_form_feeds_and_windows_lines(tmp_path):
    text = "if True:\n\tdef f(x):\n\t\t# café\n\n\t\treturn x\n\x0c\nB = lambda x: x\n"
    path = tmp_path / "tabs.py"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    spec = importlib.util.spec_from_file_location("tabs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert find_source(module.f).text == "def f(x):\n\t# café\n\n\treturn x\n"
    assert find_source(module.B).text == "lambda x: x"


# --- text that is in no file


def run(text, filename, lines=True):
    names = {"__name__": "made"}
    exec(compile(text, filename, "exec"), names)
    if lines:
        kept = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, kept, filename)
    return names


def test_exec_with_linecache():
    names = run("def f(x):\n    return x * 5\n", "<ipython-input-7-abc>")
    found = find_source(names["f"])
    assert (found.filename, found.first_line) == ("<ipython-input-7-abc>", 1)


def test_exec_without_linecache_says_what_to_do():
    names = run("def f(x):\n    return x * 5\n", "<made>", lines=False)
    with pytest.raises(Unsupported) as caught:
        find_source(names["f"])
    assert caught.value.code == "S2S070"
    assert "`grad(f, source=...)`" in caught.value.hint
    assert "<made>" in str(caught.value)


def test_source_by_hand():
    text = "def f(x):\n    return x * 5\n"
    names = run(text, "<by hand>", lines=False)
    found = find_source(names["f"], source="\n" + text.replace("\n", "\r\n"))
    assert found.text == text
    assert found.place(2, 4).line == 3  # of the text that was given
    indented = textwrap.indent(text, "    ")
    assert find_source(names["f"], source=indented).text == text
    lambda_ = run("g = lambda x: x * 7", "<by hand>", lines=False)["g"]
    assert (
        find_source(lambda_, source="h = (lambda x: x * 7)").text == "lambda x: x * 7"
    )


def test_source_by_hand_of_a_closure():
    text = "def make(a):\n    def f(x):\n        return a * x\n    return f\n"
    func = run(text, "<closure>", lines=False)["make"](2.0)
    found = find_source(func, source="def f(x):\n    return a * x\n")
    assert found.text == "def f(x):\n    return a * x\n"
    assert find_source(func, source=text).col_offset == 4


def test_source_by_hand_must_be_the_function():
    func = run("def f(x):\n    return x * 5\n", "<by hand>", lines=False)["f"]
    for wrong in ("def f(x):\n    return x * 6\n", "def g(x):\n    return x * 5\n"):
        with pytest.raises(Unsupported) as caught:
            find_source(func, source=wrong)
        assert caught.value.code == "S2S074"
    with pytest.raises(Unsupported) as caught:
        find_source(func, source="def f(x) return x")
    assert caught.value.code == "S2S055"


@pytest.mark.parametrize("thing", [3.0, "f", len, Model, functools.partial(plain, 1.0)])
def test_what_is_no_function(thing):
    with pytest.raises(S2sadError) as caught:
        find_source(thing)
    assert caught.value.code == "S2S073"


def test_doctest():
    """The functions of doctests are found.

    >>> def twice(x):
    ...     return x + x
    >>> find_source(twice).text
    'def twice(x):\\n    return x + x\\n'
    """
    import doctest

    finder = doctest.DocTestFinder()
    (example,) = finder.find(test_doctest, "source", globs={"find_source": find_source})
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(example).failed == 0


# --- other processes, on every interpreter that is here


@pytest.fixture(scope="module")
def pythons(request):
    """This interpreter; with --interpreters every other one that can import us."""
    import shutil

    found = [sys.executable]
    if request.config.getoption("--interpreters", False):
        for minor in range(10, 16):
            path = shutil.which(f"python3.{minor}")
            if path and spawn(path, "-c", "import s2sad.syntax.source").returncode == 0:
                found.append(path)
    return found


def spawn(python, *words, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    return subprocess.run(
        [python, *words],
        env=environment,
        text=True,
        capture_output=True,
        timeout=60,
        **options,
    )


COMMAND = """
from s2sad.syntax.source import find_source
def f(x):
    return x * 9
g = lambda x: x * 8; h = lambda x: x * 7
for each in f, g, h:
    print(repr(find_source(each).text))
try:
    exec("def f(x): return x * 6")
    find_source(f)
except Exception as error:
    print(error.code)
"""
ANSWERS = [
    repr("def f(x):\n    return x * 9\n"),
    repr("lambda x: x * 8"),
    repr("lambda x: x * 7"),
    "S2S070",
]


def test_python_c(pythons):
    for python in pythons:
        done = spawn(python, "-W", "ignore", "-c", COMMAND, "an argument")
        assert done.stdout.split("\n")[:-1] == ANSWERS, done.stderr
        done = spawn(python, "-Bc", COMMAND)
        assert done.stdout.split("\n")[:-1] == ANSWERS, done.stderr


def test_a_script_run_by_a_relative_name(pythons, tmp_path):
    (tmp_path / "script.py").write_text("import os; os.chdir('/')\n" + COMMAND)
    for python in pythons:
        done = spawn(python, "script.py", cwd=tmp_path)
        assert done.stdout.split("\n")[:-1] == ANSWERS, done.stderr


def test_standard_input_has_no_source(pythons):
    text = COMMAND.split("for each")[0] + "find_source(f)\n"
    for python in pythons:
        done = spawn(python, "-", input=text)
        assert "error[S2S070]" in done.stderr and "standard input" in done.stderr


PROMPT = [
    "from s2sad.syntax.source import find_source",
    "def f(x):",
    "    y = x * 2",
    "    return y * 9",
    "",
    "g = lambda x: x * 8; h = lambda x: x * 7",
    "import functools",
    "@functools.lru_cache(None)",
    "def k(x):",
    "    return x * 6",
    "",
    "def f(x):",
    "    y = x * 2",
    "    return y * 5",
    "",
    "print('<' + '|'.join(find_source(e).text for e in (f, g, h, k)) + '>')",
    "find_source(k).decorators_text",
]
PROMPT_ANSWER = (
    "<def f(x):\n    y = x * 2\n    return y * 5\n|lambda x: x * 8|lambda x: x * 7|"
    "def k(x):\n    return x * 6\n>"
)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_plain_prompt(pythons):
    for python in pythons:
        shown = at_prompt(python, PROMPT)
        assert PROMPT_ANSWER in shown, (python, shown)
        assert "@functools.lru_cache(None)\\n" in shown.rpartition("decorators")[2]


def at_prompt(python, lines):
    """What an interactive Python shows, line after line, at a pseudo-terminal."""
    import pty
    import select
    import time

    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    environment |= {
        "PYTHONSTARTUP": "",
        "PYTHON_HISTORY": os.devnull,
        "HOME": "/nowhere",
    }
    child, terminal = pty.fork()
    if child == 0:
        os.execve(python, [python, "-q"], environment)
    shown = b""

    def read(until, seconds=20.0):
        nonlocal shown
        start, end = len(shown), time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    piece = os.read(terminal, 65536)
                except OSError:
                    return
                if not piece:
                    return
                shown += piece
            if any(shown[start:].endswith(each) for each in until):
                return

    try:
        read([b">>> "])
        for line in lines:
            os.write(terminal, line.encode() + b"\n")
            read([b">>> ", b"... "])
        os.write(terminal, b"raise SystemExit\n")
        read([b"\0"], seconds=2.0)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return shown.decode(errors="replace").replace("\r\n", "\n")


def test_a_generated_function_whose_modules_are_cells():
    """Derivatives are compiled inside a function that binds what they need."""
    text = "def made(x):\n    return np.sin(x)\n"
    filename = "<s2sad made_0123>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    tree = ast.parse("def _(np): pass")
    tree.body[0].body = [
        *ast.parse(text).body,
        ast.Return(ast.Name("made", ast.Load())),
    ]
    scope: dict = {}
    exec(compile(ast.fix_missing_locations(tree), filename, "exec"), scope)
    function = scope["_"](math)
    assert function.__code__.co_freevars == ("np",)
    assert find_source(function).text == text
