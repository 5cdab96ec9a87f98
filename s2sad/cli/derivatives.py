"""Which derivative a command line asks for: `--mode`, `--wrt`, `--at` and the target."""

from __future__ import annotations

import argparse
import inspect
from dataclasses import dataclass
from typing import Any

import s2sad
from s2sad.cli.points import Point, given, wrt_of
from s2sad.cli.targets import Found, TargetError, is_derived, resolve

OPERATORS = {"grad": "grad", "vjp": "adjoint", "jvp": "tangent", "split": "split"}


@dataclass
class Asked:
    """A derived function and what is known of its arguments."""

    found: Found
    derived: Any
    mode: str
    point: Point | None

    @property
    def about(self) -> dict[str, Any]:
        """For JSON."""
        return {"target": self.found.spelling, "mode": self.mode}


def asked(args: argparse.Namespace, command: str) -> Asked:
    """Resolve the target and apply the operator. Nothing is derived yet."""
    found = resolve(args.target, command)
    wrt = wrt_of(args.wrt)
    if is_derived(found.value):
        if wrt is not None or args.mode is not None:
            raise TargetError(
                f"{found.spelling} is a derived function: it has its mode and wrt already"
            )
        return Asked(found, found.value, "derived", given(args.at, found))
    point = given(args.at, found)
    mode = args.mode or "vjp"
    options = {} if args.optimize is None else {"optimize": args.optimize}
    derived = _operator(mode)(found.value, _wrt(found.value, wrt, mode, point), **options)
    return Asked(found, derived, mode, point)


def _operator(mode: str) -> Any:
    name = OPERATORS[mode]
    if name == "split":
        from s2sad.api import operators

        return operators.split
    return getattr(s2sad, name)


def _wrt(f: Any, wrt: tuple | None, mode: str, point: Point | None) -> Any:
    """What to differentiate by; all parameters that are real if nothing is said."""
    if wrt is not None:
        return wrt[0] if len(wrt) == 1 and mode == "grad" else wrt
    names = real_parameters(f, point)
    if not names:
        raise TargetError("no parameter is a real number: say which with --wrt")
    return names[0] if len(names) == 1 and mode == "grad" else names


def real_parameters(f: Any, point: Point | None) -> tuple[str, ...]:
    """Parameters that hold real numbers at the point, or may."""
    signature = inspect.signature(f)
    if point is not None:
        from s2sad.proof.leaves import bind, parameters

        return tuple(parameters(bind(f, point.args, point.kwargs)))
    return tuple(
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and not isinstance(parameter.default, (str, bool, type(None)))
        and type(parameter.default) is not int
        and _may_be_real(parameter.annotation)
    )


def _may_be_real(annotation: Any) -> bool:
    word = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return word not in ("int", "str", "bool", "None")


def prepared(ask: Asked) -> str:
    """The generated text, for the point if there is one."""
    if ask.point is not None:
        ask.derived.prepare(*ask.point.args, *_seeds(ask), **ask.point.kwargs)
    return ask.derived.source


def _seeds(ask: Asked) -> tuple[Any, ...]:
    return ()
