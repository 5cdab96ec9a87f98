"""The programs under fixtures/: a folder for each, with the goldens beside it.

fixtures/energy/energy.py       the function `energy`; its first line says why
                                POINTS   arguments of calls that share one text
                                OTHERS   arguments of calls that have other texts
                                KEYWORDS keywords for each point, if any
                                WRT      what to differentiate by, if not all reals
                                DIFFERENCES  False at a kink (for each point, if a
                                tuple): the derivative is no limit of differences
                                IDLE     lines of goldens that do nothing at any point,
                                and why they stay
fixtures/energy/energy.ir       what it is lowered to
fixtures/energy/energy_jvp.py   its tangent function
fixtures/energy/energy_vjp.py   its adjoint function
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from functools import cache, cached_property, partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from tests.harness.numeric import Point, seed_names
from tests.harness.values import direction, leaves

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def names() -> list[str]:
    """Every folder that holds a program of its own name."""
    found = (path.name for path in FIXTURES.iterdir() if path.is_dir())
    return sorted(name for name in found if (FIXTURES / name / f"{name}.py").exists())


class Case:
    """One program."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = FIXTURES / name

    @cached_property
    def module(self) -> ModuleType:
        return load(self.folder / f"{self.name}.py", f"fixture_{self.name}")

    @property
    def function(self) -> Callable:
        return getattr(self.module, self.name)

    @cached_property
    def points(self) -> list[Point]:
        return self._points("POINTS", getattr(self.module, "KEYWORDS", None))

    @cached_property
    def others(self) -> list[Point]:
        return self._points("OTHERS", None)

    def _points(self, listed: str, keywords: list[dict] | None) -> list[Point]:
        calls = getattr(self.module, listed, [])
        keywords = keywords or [{}] * len(calls)
        signature = inspect.signature(self.function)
        made = []
        for args, kwargs in zip(calls, keywords, strict=True):
            bound = signature.bind(*args, **kwargs).arguments
            wrt = getattr(self.module, "WRT", None)
            reals = tuple(name for name, value in bound.items() if leaves(value))
            smooth = getattr(self.module, "DIFFERENCES", True)
            smooth = smooth if isinstance(smooth, bool) else smooth[len(made)]
            made.append(Point(signature, bound, tuple(wrt or reals), smooth))
        return made

    # ---- derivatives, by the public names --------------------------------------------

    def tangent(self, wrt: tuple[str, ...]) -> Any:
        from s2sad import tangent

        return tangent(self.function, wrt)

    def adjoint(self, wrt: tuple[str, ...]) -> Any:
        from s2sad import adjoint

        return adjoint(self.function, wrt)

    # ---- texts -----------------------------------------------------------------------

    def path(self, suffix: str) -> Path:
        return self.folder / f"{self.name}{suffix}"

    def texts(self) -> dict[str, str]:
        """The goldens as they are made now, by the end of their file's name."""
        point = self.points[0]
        return {
            ".ir": self.ir(),
            "_jvp.py": specialized(self.tangent(point.wrt), point)[0],
            "_vjp.py": specialized(self.adjoint(point.wrt), point)[0],
        }

    def ir(self) -> str:
        from s2sad.api.derive import lower_call
        from s2sad.ir.printer import show

        args, kwargs = arguments(self.points[0])
        return show(lower_call(self.function, args, kwargs)).rstrip() + "\n"

    def derived(self, suffix: str) -> Any:
        operator = self.tangent if suffix == "_jvp.py" else self.adjoint
        return operator(self.points[0].wrt)

    def golden(self, suffix: str) -> str:
        return self.path(suffix).read_text(encoding="utf-8")

    def run(self, text: str, loaded: FunctionType, filename: str) -> Callable:
        """The function that `text` defines, bound to what the program is bound to."""
        function = executed(text, loaded, filename)
        owner = self.function
        if isinstance(owner, partial):
            return partial(function, *owner.args, **owner.keywords)
        if isinstance(owner, MethodType):
            return partial(function, owner.__self__)
        return function if isinstance(owner, FunctionType) else partial(function, owner)


def arguments(point: Point) -> tuple[tuple, dict]:
    bound = inspect.BoundArguments(point.signature, dict(point.arguments))  # type: ignore[arg-type]
    return bound.args, bound.kwargs


def specialized(derived: Any, point: Point) -> tuple[str, FunctionType]:
    """The text for this call, and the function that was loaded from it."""
    args, kwargs = arguments(point)
    seeds = {**point.seeds, **tangents(derived, point)}
    function = derived.specialized(*args, **kwargs, **seeds)
    derived.prepare(*args, **kwargs, **seeds)
    return derived.source, function


def tangents(derived: Any, point: Point) -> dict[str, Any]:
    """What a tangent function takes beside the arguments; an adjoint's seed is left out."""
    wanted = [
        name
        for name in seed_names(derived, point.signature, point.seeds)
        if not name.rstrip("_").endswith("_bar")
    ]
    rng = np.random.default_rng(0)
    values = [direction(float(x) if type(x) is int else x, rng) for x in point.varied()]
    return dict(zip(wanted, values))


def executed(text: str, function: FunctionType, filename: str) -> FunctionType:
    """The function of that name in `text`, with the bindings of the loaded one."""
    own = set()
    space = dict(function.__globals__)
    waiting = [function]
    while waiting:  # callees have cells of their own
        each = waiting.pop()
        own.add(each.__name__)
        for name, cell in zip(each.__code__.co_freevars, each.__closure__ or ()):
            if name in own:
                continue
            space[name] = value = cell.cell_contents
            file = function.__code__.co_filename
            if isinstance(value, FunctionType) and value.__code__.co_filename == file:
                waiting.append(value)
    exec(compile(text, filename, "exec"), space)
    made = space[function.__name__]
    if made.__defaults__ is None and function.__defaults__:
        made.__defaults__ = function.__defaults__
    return made


@cache
def load(path: Path, name: str) -> ModuleType:
    """The module in that file; what lies beside it can be imported by it."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


@cache
def case(name: str) -> Case:
    return Case(name)
