"""Which derivative is asked for: by the target, `--mode`, `--wrt` and `--at`."""

from __future__ import annotations

import argparse
import inspect
import textwrap
from dataclasses import dataclass, field
from typing import Any

from s2sad.cli import front
from s2sad.cli.points import Point, given, origins, tried, wrt_of
from s2sad.cli.targets import Found, TargetError, is_derived, resolve

OPERATORS = {"grad": "grad", "vjp": "adjoint", "jvp": "tangent"}


@dataclass
class Asked:
    """A derived function and what is known of its arguments."""

    found: Found
    derived: Any
    mode: str
    point: Point | None
    wrt: tuple[str, ...] = field(default_factory=tuple)

    @property
    def about(self) -> dict[str, Any]:
        """For JSON."""
        return {"target": self.found.spelling, "mode": self.mode}

    @property
    def primal(self) -> Any:
        return getattr(self.derived, "primal", self.found.value)

    def arguments(self) -> tuple[tuple, dict[str, Any]]:
        """What the derived function is called with: the point, and seeds."""
        if self.point is None:
            return (), {}
        return self.point.args, {**self.point.kwargs, **seeds(self)}

    def source(self) -> str:
        """The generated text, for the point if there is one."""
        args, kwargs = self.arguments()
        if args or kwargs:
            self.derived.prepare(*args, **kwargs)
        return self.derived.source

    def header(self) -> str:
        """A comment that says for which kinds the text is, and who said so."""
        origin = self.origin()
        if origin == "the last call":
            return "# for the kinds of the last call\n"
        known = front.kinds(self.derived, *self.arguments())
        words = ", ".join(f"{name}: {kind}" for name, kind in known.items())
        return (
            textwrap.fill(
                f"for {words} (from: {origin})",
                width=88,
                initial_indent="# ",
                subsequent_indent="# ",
                break_long_words=False,
            )
            + "\n"
        )

    def origin(self) -> str:
        """Where the kinds of the arguments come from."""
        if self.point is not None:
            return "--at"
        return "the last call" if front.called(self.derived) else origins(self.primal)

    def module(self) -> str:
        """The text of a file that stands alone."""
        return front.module(self.derived, *self.arguments())

    def stage(self, name: str) -> str:
        """The program at an earlier stage: the user's text, or IR."""
        args, kwargs = self.arguments()
        return front.stage(self.derived, name, args, kwargs)


def asked(args: argparse.Namespace, command: str) -> Asked:
    """Resolve the target and apply the operator. Nothing is derived yet."""
    found = resolve(args.target, command)
    wrt = wrt_of(args.wrt)
    if is_derived(found.value):
        if wrt is not None:
            raise TargetError(f"{found.spelling} is a derived function: it has its wrt")
        return Asked(found, found.value, "derived", given(args.at, found))
    point = given(args.at, found)
    mode = args.mode or "vjp"
    options: dict[str, Any] = {}
    if args.optimize is not None:
        options["optimize"] = args.optimize
    if getattr(args, "writer", "") == "numba" and mode != "split":
        options["target"] = "numba"
    chosen = wrt or real_parameters(found.value, point)
    if not chosen:
        raise TargetError("no parameter is a real number: say which with --wrt")
    single = len(chosen) == 1 and (mode == "grad" or wrt is None)
    by = chosen[0] if single else chosen
    if mode == "split":
        derived = front.split(found.value, by, **options)
    else:
        derived = front.operator(OPERATORS[mode])(found.value, by, **options)
    return Asked(found, derived, mode, point, tuple(map(str, chosen)))


def real_parameters(f: Any, point: Point | None) -> tuple[str, ...]:
    """Parameters that hold real numbers at the point, or may."""
    if point is not None:
        from s2sad.proof.leaves import bind, parameters

        return tuple(parameters(bind(f, point.args, point.kwargs)))
    return tuple(
        name
        for name, parameter in inspect.signature(f).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and name not in ("self", "cls")
        and type(parameter.default) not in (str, bool, int, type(None))
        and _may_be_real(parameter.annotation)
    )


def _may_be_real(annotation: Any) -> bool:
    name = (
        annotation
        if isinstance(annotation, str)
        else getattr(annotation, "__name__", "")
    )
    return name not in ("int", "str", "bool", "None")


def seeds(ask: Asked) -> dict[str, Any]:
    """A seed for each parameter that the derivative has and the function has not."""
    own = inspect.signature(ask.primal).parameters
    extra = [
        name for name in inspect.signature(ask.derived).parameters if name not in own
    ]
    if not extra or ask.point is None:
        return {}
    from s2sad.proof.leaves import bind, mapped

    one = lambda _, leaf: leaf * 0 + 1.0
    if len(extra) == 1 and extra[0].rstrip("_").endswith("_bar"):
        y = tried(ask.primal, ask.point)
        return {extra[0]: mapped(y, one, "y", ints=True, rest=None)}
    arguments = bind(ask.primal, ask.point.args, ask.point.kwargs)
    return {
        name: mapped(arguments.values[by], one, by, ints=True, rest=None)
        for name, by in zip(extra, ask.wrt)
        if by in arguments.values
    }
