"""Arguments on the command line: `--at "2.0, np.ones(3), k=1"`, `--wrt x,y`, `--seed`.

What is written there is Python, with `np`, `math` and the names of the target's module.
Without `--at`, values come from defaults, annotations, how a parameter is used, or else
are the number 1.5; which of them is said.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from s2sad.cli.targets import Found, TargetError


@dataclass
class Point:
    """The arguments of one call, and where they came from."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    origin: str = "--at"


def evaluate(text: str, option: str, names: Mapping[str, Any]) -> Point:
    """Positional and keyword arguments, written as in a call."""
    try:
        tree = ast.parse(f"_({text}\n)", mode="eval").body
    except SyntaxError as error:
        raise TargetError(f"{option} {text!r}: {error.msg}") from None
    assert isinstance(tree, ast.Call)
    source = f"(lambda *args, **kwargs: (args, kwargs))({text}\n)"
    import numpy as np

    scope = {"np": np, "numpy": np, "math": math, "pi": math.pi, **names}
    try:
        args, kwargs = eval(compile(source, f"<{option}>", "eval"), scope)
    except Exception as error:
        raise TargetError(
            f"{option} {text!r}: {type(error).__name__}: {error}"
        ) from None
    return Point(args, kwargs, option)


def given(text: str | None, found: Found) -> Point | None:
    """The arguments of `--at`, or None without it; they must fit the signature."""
    if text is None:
        return None
    point = evaluate(text, "--at", vars(found.module))
    signature = _signature(found.value)
    if signature is not None:
        try:
            signature.bind(*point.args, **point.kwargs)
        except TypeError as error:
            raise TargetError(
                f"--at {text!r}: {error}; the signature is {found.spelling}{signature}"
            ) from None
    return point


def _signature(f: Callable) -> inspect.Signature | None:
    try:
        return inspect.signature(f)
    except (TypeError, ValueError):
        return None


def wrt_of(text: str | None) -> tuple[Any, ...] | None:
    """`x,y` or `0,1` or `params['a, b'],self.W` as `wrt` takes it."""
    if text is None:
        return None
    parts, depth, word, quote = [], 0, "", ""
    for char in text + ",":
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        depth += (char in "[(") - (char in "])") if not quote else 0
        if char == "," and not depth and not quote:
            parts.append(word.strip())
            word = ""
        else:
            word += char
    parts = [part for part in parts if part]
    if not parts:
        raise TargetError("--wrt names no parameter")
    return tuple(int(part) if part.lstrip("-").isdigit() else part for part in parts)


def tried(f: Callable, point: Point) -> Any:
    """The value of `f` there; what it raises is for the user, and no bug of ours."""
    from s2sad.proof.leaves import bind
    from s2sad.proof.numeric import fresh, quiet

    try:
        arguments = bind(f, point.args, point.kwargs)
        with quiet():
            return arguments.call(f, fresh(arguments.values))
    except Exception as error:
        name = getattr(f, "__name__", "the function")
        words = f"{type(error).__name__}: {error}"
        raise TargetError(f"{name} raises at these arguments: {words}") from None


# ---- without --at --------------------------------------------------------------------

NUMBER = 1.5


def guessed(found: Found) -> Point:
    """Arguments for a function that was given none."""
    signature = _signature(found.value)
    if signature is None:
        return Point((NUMBER,), {}, "a number")
    used = _uses(found.value)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    origins: dict[str, None] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        value, origin = _value(parameter, used.get(name, ""))
        if value is parameter.empty:
            raise TargetError(
                f"say what `{name}` is with --at: {parameter.annotation!r} may be many"
            )
        origins[origin] = None
        if parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[name] = value
        else:
            args.append(value)
    return Point(tuple(args), kwargs, ", ".join(origins))


def origins(f: Any) -> str:
    """What the kinds of parameters come from when no arguments are given."""
    signature = _signature(f)
    used = _uses(f)
    found: dict[str, None] = {}
    parameters = signature.parameters if signature else {}
    for name, parameter in parameters.items():
        if parameter.annotation is not parameter.empty:
            found["annotations"] = None
        elif parameter.default is not parameter.empty:
            found["defaults"] = None
        elif used.get(name) in ("array", "matrix"):
            found["use"] = None
        else:
            found["real where nothing is said"] = None
    return ", ".join(found)


def _value(parameter: inspect.Parameter, use: str) -> tuple[Any, str]:
    import numpy as np

    if parameter.default is not parameter.empty:
        return parameter.default, "defaults"
    annotation = parameter.annotation
    word = (
        annotation
        if isinstance(annotation, str)
        else getattr(annotation, "__name__", str(annotation))
    )
    word = word.lower().replace(" ", "")
    if annotation is not parameter.empty:
        if word in ("float", "float64", "np.float64"):
            return NUMBER, "annotations"
        if word == "int":
            return 3, "annotations"
        if word == "bool":
            return True, "annotations"
        if "ndarray" in word or "arraylike" in word:
            return np.array([0.5, 1.5, 2.5]), "annotations"
        if word not in ("any", "object"):
            return parameter.empty, ""
    if use == "matrix":
        return np.array([[2.0, 0.5], [0.25, 1.5]]), "use"
    if use == "array":
        return np.array([0.5, 1.5, 2.5]), "use"
    if use == "int":
        return 3, "use"
    return NUMBER, "numbers"


def _uses(f: Any) -> dict[str, str]:
    """How each parameter is used: subscripted ones are arrays, counts are integers."""
    import textwrap

    f = getattr(f, "primal", f)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(f)))
    except (OSError, TypeError, SyntaxError):
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            pair = isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2
            found[node.value.id] = (
                "matrix" if pair else found.get(node.value.id, "array")
            )
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            for side in (node.left, node.right):
                if isinstance(side, ast.Name):
                    found[side.id] = "matrix"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in (
                "shape",
                "T",
                "ndim",
                "size",
                "sum",
                "mean",
                "dot",
                "reshape",
            ):
                found.setdefault(node.value.id, "array")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for arg in node.args:
                if node.func.id in ("range", "len") and isinstance(arg, ast.Name):
                    found[arg.id] = "int" if node.func.id == "range" else "array"
    return found
