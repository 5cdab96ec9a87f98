"""From generated text to functions: compiled once, bound late, known to debuggers.

    codes = compile_function(entry.content, entry.filename, cells)
    register(entry)
    energy_vjp = bind(codes["energy_vjp"], f.__globals__, defaults, None, cells)

The generated function lives in the namespace of the user's: its global names are
looked up there when it runs, as the user's own are.  What s2sad adds (helpers,
modules that the user did not import, derived callees) must not appear in that
namespace, so those names are *free variables*, each in a closure cell.

A name is free when the function is compiled inside another that binds it.  So
that is how the text is compiled, without a change to its lines:

    before                          as compiled
    def f_vjp(x, y_bar):            def <cells>(unbroadcast, np):
        return unbroadcast(y_bar,       def f_vjp(x, y_bar):
                           x)               return unbroadcast(y_bar, x)

and the outer function, never run, gives up the code object of the inner one.
"""

from __future__ import annotations
import __future__

import ast
import importlib.machinery
import io
import linecache
import sys
import threading
import tokenize
from collections.abc import Collection, Iterable, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2sad.load.cache import Entry

_OUTER = "_s2sad_cells"

# --- compiling ----------------------------------------------------------------


def compile_function(
    text: str, filename: str, names: Iterable[str] = ()
) -> dict[str, CodeType]:
    """The code of each function at the top of `text`, by name.

    `names`, and the functions' own names among themselves, are free variables in
    it.  Statements other than definitions (imports, comments) are not run: what
    they would bind comes from `names` or from the globals given to `bind`.
    """
    given = {name for name in names if name in text}
    if not given:  # it may do as it stands
        plain = functions(compile(text, filename, "exec", dont_inherit=True))
        if not any(_mentions(code, plain.keys()) for code in plain.values()):
            return plain
    try:
        module = _compile_tree(text, filename, given)
        shift = 0
    except RecursionError:  # a chain of some thousand terms, before Python 3.13
        module = _compile_indented(text, filename, given)
        shift = -1
    outer = functions(module)[_OUTER]
    return {
        name: _rebase(code, f"{_OUTER}.<locals>.", shift)
        for name, code in functions(outer).items()
    }


def compile_lines(lines: list[str], filename: str, names: Iterable[str]) -> CodeType:
    """The code of one function given as lines that nobody will look at: no statement
    but the `def` on the first line goes over more than one.
    """
    head = f"def {_OUTER}({', '.join(names)}):"
    text = "\n".join([head, *(f" {line}" for line in lines), ""])
    outer = functions(compile(text, filename, "exec", dont_inherit=True))[_OUTER]
    (code,) = functions(outer).values()
    return code


def compile_after(
    lines: list[str], text: str, name: str, filename: str, names: Iterable[str]
) -> CodeType:
    """The code of one function of `text`, with these lines run before its own.

    They count as its first line, so that debuggers and tracebacks show what they show
    of the function itself.
    """
    tree = ast.parse(text, filename)
    (main,) = (
        s for s in tree.body if isinstance(s, ast.FunctionDef) and s.name == name
    )
    before = ast.parse("\n".join(lines)).body
    for statement in before:
        for node in ast.walk(statement):
            if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler, ast.keyword)):
                node.lineno = node.end_lineno = main.lineno
                node.col_offset, node.end_col_offset = main.col_offset, 0
    main.body = [*before, *main.body]
    outer = functions(_wrapped(tree, filename, sorted(names)))[_OUTER]
    return _rebase(functions(outer)[name], f"{_OUTER}.<locals>.", 0)


def functions(code: CodeType) -> dict[str, CodeType]:
    """The functions that a compiled module or function defines directly, by name."""
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    # Python 3.14 keeps annotations in functions of their own; lambdas and, before
    # 3.12, comprehensions have no name that could be called.
    return {
        c.co_name: c
        for c in inner
        if c.co_name.isidentifier() and c.co_name != "__annotate__"
    }


def _mentions(code: CodeType, names: Collection[str]) -> bool:
    """Whether the code, or any code inside it, may look one of the names up."""
    if any(name in names for name in code.co_names):
        return True
    return any(_mentions(c, names) for c in code.co_consts if isinstance(c, CodeType))


def _compile_tree(text: str, filename: str, names: set[str]) -> CodeType:
    tree = ast.parse(text, filename)
    body = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
    return _wrapped(tree, filename, sorted({*names, *(s.name for s in body)}))


def _wrapped(tree: ast.Module, filename: str, free: Iterable[str]) -> CodeType:
    """The functions of the tree inside one that binds these names."""
    outer = ast.parse(f"def {_OUTER}({', '.join(free)}): pass").body[0]
    assert isinstance(outer, ast.FunctionDef)
    outer.body = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
    tree.body = [*filter(_is_future, tree.body), outer]
    return compile(tree, filename, "exec", dont_inherit=True)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _compile_indented(text: str, filename: str, names: set[str]) -> CodeType:
    """The same by way of text, one line lower and one column to the right.

    Only the first line of a statement is moved: in brackets and in strings
    the margin is free.
    """
    lines = text.split("\n")
    flags = 0
    free = set(names)
    for statement in ast.parse(text, filename).body:
        if isinstance(statement, ast.FunctionDef):
            free.add(statement.name)
            continue
        if _is_future(statement):  # only flags may come before a definition
            flags |= _future_flags(statement)
        for number in range(statement.lineno, (statement.end_lineno or 0) + 1):
            lines[number - 1] = ""
    for number in _statement_starts("\n".join(lines)):
        lines[number - 1] = " " + lines[number - 1]
    text = "\n".join([f"def {_OUTER}({', '.join(sorted(free))}):", *lines])
    return compile(text, filename, "exec", flags=flags, dont_inherit=True)


def _future_flags(statement: ast.stmt) -> int:
    names = [alias.name for alias in getattr(statement, "names", ())]
    return sum(getattr(__future__, name).compiler_flag for name in names)


def _statement_starts(text: str) -> set[int]:
    """The numbers of the lines on which a logical line begins."""
    starts, begins = set(), True
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in layout:
            continue
        if begins:
            starts.add(token.start[0])
        begins = token.type == tokenize.NEWLINE
    return starts


def _rebase(code: CodeType, prefix: str, shift: int) -> CodeType:
    """The code as if it had been compiled where its text stands, at the top."""
    change: dict = {
        "co_firstlineno": code.co_firstlineno + shift,
        "co_consts": tuple(
            _rebase(const, prefix, shift) if isinstance(const, CodeType) else const
            for const in code.co_consts
        ),
    }
    if sys.version_info >= (3, 11):
        change["co_qualname"] = code.co_qualname.removeprefix(prefix)
    return code.replace(**change)


# --- binding ------------------------------------------------------------------


def bind(
    code: CodeType,
    globals_: dict,
    defaults: tuple | None = None,
    kwdefaults: Mapping[str, object] | None = None,
    cells: Mapping[str, object] | None = None,
) -> FunctionType:
    """A function with this code in that namespace.

    `cells` has a value for each free variable, or a cell that is to be shared:
    functions that call one another are bound first and put into their cells after.
    """
    cells = cells or {}
    try:
        values = [cells[name] for name in code.co_freevars]
    except KeyError:
        missing = [name for name in code.co_freevars if name not in cells]
        needed = ", ".join(missing)
        raise LookupError(f"{code.co_name} needs a value for: {needed}") from None
    closure = tuple([v if type(v) is CellType else CellType(v) for v in values])
    function = FunctionType(code, globals_, code.co_name, defaults, closure)
    if kwdefaults:
        function.__kwdefaults__ = dict(kwdefaults)
    return function


def bind_all(
    codes: Mapping[str, CodeType],
    globals_: dict,
    defaults: Mapping[str, tuple | None] | None = None,
    kwdefaults: Mapping[str, Mapping[str, object] | None] | None = None,
    cells: Mapping[str, object] | None = None,
) -> dict[str, FunctionType]:
    """Each of the functions, seeing one another through shared cells."""
    own = {name: CellType() for name in codes}
    shared = {**(cells or {}), **own}
    defaults, kwdefaults = defaults or {}, kwdefaults or {}
    bound = {}
    for name, code in codes.items():
        bound[name] = own[name].cell_contents = bind(
            code, globals_, defaults.get(name), kwdefaults.get(name), shared
        )
    return bound


# --- for tracebacks, debuggers, inspect and pickles ------------------------------

_PACKAGE = "s2sad_gen"
_registering = threading.Lock()


def register(
    entry: Entry, bound: Mapping[str, FunctionType] | None = None
) -> ModuleType:
    """The module of generated functions: `s2sad_gen.<name>_<digest>`, made at need.

    It is in `sys.modules` under its name, has `__file__` and `__spec__`, and holds
    the `bound` functions, which learn their `__module__` from it; no text is run.
    The text of an entry in memory is where `linecache` finds it.
    """
    name = entry.module_name
    with _registering:
        module = sys.modules.get(name) or _new_module(entry, name)
        if entry.path is None:
            lines = io.StringIO(entry.content).readlines()
            # No modification time: `linecache.checkcache` then keeps it.
            linecache.cache[entry.filename] = (
                len(entry.content),
                None,
                lines,
                entry.filename,
            )
    for function in (bound or {}).values():
        function.__module__ = name
        setattr(module, function.__name__, function)
    return module


def _new_module(entry: Entry, name: str) -> ModuleType:
    package = sys.modules.get(_PACKAGE)
    if package is None:
        package = ModuleType(_PACKAGE, "Functions written by s2sad; see `s2sad cache`.")
        package.__path__ = []  # a package, with nothing to be found on disk
        package.__spec__ = importlib.machinery.ModuleSpec(
            _PACKAGE, None, is_package=True
        )
        sys.modules[_PACKAGE] = package
    module = ModuleType(name)
    spec = importlib.machinery.ModuleSpec(
        name, _TextLoader(entry), origin=entry.filename
    )
    spec.has_location = entry.path is not None
    module.__spec__, module.__loader__ = spec, spec.loader
    module.__package__ = _PACKAGE
    module.__file__ = entry.filename
    sys.modules[name] = module
    setattr(package, name.rpartition(".")[2], module)
    return module


class _TextLoader:
    """Gives `inspect` and `linecache` the text; loads nothing.

    An `importlib.abc.InspectLoader` by what it can do: that module takes long to load.
    """

    def __init__(self, entry: Entry):
        self._entry = entry

    def get_source(self, fullname: str) -> str:
        return self._entry.content

    def create_module(self, spec):
        return None

    def exec_module(self, module) -> None:
        """The functions are put in by `register`; reloading changes nothing."""
