"""From the words of a command line to a function.

    package.module:func          file.py::func         file.py:func
    file.py::Class.method        file.py               textbook.py::f or textbook

Importing a file runs it; what it raises, or an exit, is the user's to see and no bug of
ours. A file is imported under its own module name, its folder first on the path, as
`python file.py` would have it, but not as `__main__`.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import io
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any


class TargetError(Exception):
    """No such target, or several, or its import failed: exit code 2."""


@dataclass(frozen=True)
class Found:
    """A target: the object, and how to name it in a command."""

    value: Any
    spelling: str
    module: ModuleType


def resolve(text: str, command: str = "show") -> Found:
    """The object that a target names."""
    place, name = split(text)
    module, place = load(place, text)
    if name is not None:
        return Found(
            attribute(module, name, place), f"{place}{joint(place)}{name}", module
        )
    names = candidates(module)
    if len(names) == 1:
        spelling = f"{place}{joint(place)}{names[0]}"
        return Found(attribute(module, names[0], place), spelling, module)
    if not names:
        raise TargetError(f"{place} defines no function")
    lines = [f"  s2sad {command} {place}{joint(place)}{each}" for each in names]
    raise TargetError(
        f"{place} holds {len(names)} functions; say which:\n" + "\n".join(lines)
    )


def joint(place: str) -> str:
    return "::" if place.endswith(".py") else ":"


def split(text: str) -> tuple[str, str | None]:
    """The file or module, and the name in it."""
    if "::" in text:
        place, _, name = text.rpartition("::")
        return place, name.replace("::", ".")
    drive, rest = os.path.splitdrive(text)
    if ":" in rest:
        place, _, name = rest.rpartition(":")
        return drive + place, name
    return text, None


def load(place: str, text: str) -> tuple[ModuleType, str]:
    """The module of a file, a dotted name, or a bundled example; and its name."""
    if not place:
        raise TargetError(f"{text!r}: a file or module stands before the colon")
    path = Path(place)
    if place.endswith(".py") or path.is_file():
        if not path.is_file():
            bundled = example_file(path.name) if path.name == place else None
            if bundled is None:
                raise TargetError(f"no file {place}{_similar_file(path)}")
            path, place = bundled, _relative(bundled)
        return import_file(path), place
    bundled = example_file(f"{place}.py") if place.isidentifier() else None
    found = _module_spec(place)
    if (
        found
        and bundled
        and not (found.origin and os.path.samefile(found.origin, bundled))
    ):
        raise TargetError(
            f"{place} is both a module and a bundled example; say which:\n"
            f"  {found.origin or place}\n  {_relative(bundled)}"
        )
    if bundled:
        return import_file(bundled), _relative(bundled)
    if found:
        with _user_code(f"importing {place}"):
            return importlib.import_module(place), place
    if path.is_dir():
        raise TargetError(f"{place} is a folder; a target is a function in a file")
    if path.with_suffix(".py").is_file():
        raise TargetError(f"no module {place}; did you mean {path.with_suffix('.py')}?")
    raise TargetError(f"no module or file {place!r}")


def _module_spec(name: str) -> Any:
    """The spec of a dotted module; the current folder counts, as for `python -m`."""
    if not all(part.isidentifier() for part in name.split(".")):
        return None
    _put_on_path(os.getcwd())
    with _user_code(f"importing {name.rpartition('.')[0] or name}"):
        try:
            return importlib.util.find_spec(name)
        except ModuleNotFoundError as error:
            if error.name and not name.startswith(error.name):
                raise  # a package on the way was found and needs what is missing
            return None
        except ValueError:  # a module made by hand, without a spec
            return None


def import_file(path: Path) -> ModuleType:
    """The file as a module of its own name, or of its package if it lies in one."""
    path = path.resolve()
    name, root = _module_name(path)
    known = sys.modules.get(name)
    if known is not None:
        if _same_file(known, path):
            return known
        # A file may be called like something of the library that is already loaded.
        name = f"_s2sad_target_{path.stem}"
    _put_on_path(str(root))
    with _user_code(f"importing {_relative(path)}"):
        if "." in name:
            found = importlib.import_module(name)
            if _same_file(found, path):
                return found
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(name, None)
            raise
        return module


def _module_name(path: Path) -> tuple[str, Path]:
    """Dotted name and the folder that must be on the path."""
    parts, folder = [path.stem], path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts), folder


def _same_file(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.exists(file) and os.path.samefile(file, path)


def _put_on_path(folder: str) -> None:
    """First, and for good: what the target imports when it runs must be found, too."""
    if folder not in sys.path:
        sys.path.insert(0, folder)


@contextlib.contextmanager
def _user_code(doing: str) -> Iterator[None]:
    """What the module prints goes to stderr; what it raises is a usage problem."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except TargetError:
        raise
    except KeyboardInterrupt:
        raise
    except SystemExit as stop:
        raise TargetError(f"{doing}: it exited ({stop.code})") from None
    except BaseException as error:
        raise TargetError(f"{doing} failed:\n{_user_traceback(error)}") from None


def _user_traceback(error: BaseException) -> str:
    """The traceback without our frames and the import machinery's."""
    ours = os.path.dirname(__file__)
    tb = error.__traceback__
    while tb is not None:
        filename = tb.tb_frame.f_code.co_filename
        if not (filename.startswith((ours, "<frozen")) or "importlib" in filename):
            break
        tb = tb.tb_next
    sink = io.StringIO()
    traceback.print_exception(type(error), error, tb, file=sink)
    return sink.getvalue().rstrip()


# ---- names in a module ---------------------------------------------------------------


def attribute(module: ModuleType, name: str, place: str) -> Any:
    """The object at a dotted name, or an error that knows what is near."""
    value: Any = module
    for part in name.split("."):
        try:
            value = (
                inspect.getattr_static(value, part)
                if inspect.isclass(value)
                else (getattr(value, part))
            )
        except AttributeError:
            names = [*candidates(module), *(n for n in vars(module) if n[0] != "_")]
            close = difflib.get_close_matches(name, dict.fromkeys(names), 3, 0.5)
            lines = "".join(f"\n  {place}{joint(place)}{each}" for each in close)
            hint = f"; near it:{lines}" if close else ""
            raise TargetError(f"{place} has no {name!r}{hint}") from None
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property) and value.fget is not None:
        value = value.fget
    if not callable(value) or inspect.isclass(value):
        what = "a class" if inspect.isclass(value) else f"a {type(value).__name__}"
        hint = ""
        if inspect.isclass(value):
            methods = [n for n, m in vars(value).items() if isinstance(m, FunctionType)]
            hint = "".join(f"\n  {place}{joint(place)}{name}.{m}" for m in methods)
            hint = f"; its methods are:{hint}" if hint else ""
        raise TargetError(
            f"{place}{joint(place)}{name} is {what}, not a function{hint}"
        )
    return value


def is_derived(value: Any) -> bool:
    """Was it made by an operator of ours?"""
    return hasattr(type(value), "specialized") and hasattr(type(value), "primal")


def candidates(module: ModuleType) -> list[str]:
    """Functions, methods and derived functions that the module defines, in order."""
    found: list[tuple[int, str]] = []
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if isinstance(value, FunctionType):
            found.append((value.__code__.co_firstlineno, name))
        elif is_derived(value):
            code = getattr(value.primal, "__code__", None)
            found.append((code.co_firstlineno if code else 0, name))
        elif inspect.isclass(value):
            for each, method in vars(value).items():
                if isinstance(method, FunctionType) and not each.startswith("__"):
                    found.append((method.__code__.co_firstlineno, f"{name}.{each}"))
    names = [name for _, name in sorted(found, key=lambda item: item[0])]
    public = [name for name in names if not name.rpartition(".")[2].startswith("_")]
    return public or names


# ---- bundled examples ----------------------------------------------------------------


def examples_folder() -> Path | None:
    """`examples/` of a checkout, or the copy in an installed package."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "examples", package.parent / "examples"):
        if (folder / "textbook.py").is_file():
            return folder
    return None


def example_file(name: str) -> Path | None:
    folder = examples_folder()
    path = folder / name if folder else None
    return path if path is not None and path.is_file() else None


def _relative(path: Path) -> str:
    """As one would type it from here."""
    try:
        text = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if text.startswith("..") else text


def _similar_file(path: Path) -> str:
    try:
        names = [each.name for each in (path.parent or Path()).glob("*.py")]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, 1)
    return f"; did you mean {path.parent / close[0]}?" if close else ""
