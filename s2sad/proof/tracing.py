"""`trace(f, *args)`: the textbook's evaluation tables, as rows a program can read.

    for row in trace(f, 2.0, 5.0).rows:
        row.name, row.operation, row.inputs, row.value, row.tangent, row.adjoint

Inputs are v-1, v0 (counted so that the last is v0), intermediate results v1, v2, ... in
the order in which they are computed, as in the literature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from s2sad.ir.nodes import Atom, Lit, Op, Stmt, Var
from s2sad.ir.paths import fill
from s2sad.proof.leaves import bind, mapped, parameters
from s2sad.proof.numeric import quiet
from s2sad.proof.wengert import Share, Wengert, lowered

Seeds = Sequence[Any]


@dataclass
class TraceRow:
    """One line of the tables. `line` is that of the user's function, from its `def`."""

    name: str  # v3
    variable: str  # what the user calls it, or ""
    operation: str  # "sin"; "input" for an argument
    expression: str  # sin(v0)
    tangent_expression: str  # v0_dot * cos(v0)
    adjoint_expression: str  # -v5_bar
    inputs: tuple[str, ...]
    value: Any
    tangent: Any
    adjoint: Any
    line: int | None = None


@dataclass
class Trace:
    """The rows in the order of evaluation: inputs, then operations."""

    function: str
    rows: list[TraceRow] = field(default_factory=list)
    result: Any = None
    seed: tuple[Any, ...] = ()

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        from s2sad.proof.tables import trace_text

        return trace_text(self)

    __repr__ = __str__

    def markdown(self) -> str:
        from s2sad.proof.tables import trace_markdown

        return trace_markdown(self)

    def as_json(self) -> dict[str, Any]:
        return {
            "function": self.function,
            "seed": plain(self.seed),
            "result": plain(self.result),
            "rows": [
                {**vars(row), "inputs": list(row.inputs)}
                | {k: plain(getattr(row, k)) for k in ("value", "tangent", "adjoint")}
                for row in self.rows
            ],
        }


def trace(
    f: Callable,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    seed: Seeds | None = None,
    wrt: Any = None,
    lower: Callable[..., Any],
) -> Trace:
    """Run `f` at these arguments and differentiate every operation both ways.

    `seed` gives the tangent of each differentiated argument (1 for the first and 0 for
    the others unless told). The adjoint of the result is 1, or an array of ones.
    `lower(f, args, kwargs, wrt)` gives the primal as IR, alone or with argument values.
    """
    arguments = bind(f, args, kwargs or {})
    wanted = parameters(arguments, wrt)
    with quiet():
        run = lowered(lower, f, args, kwargs or {}, wanted)
        seeds = _seeds(run, wanted, seed)
        run.push(seeds)
        run.pull(_ones(run.value(run.results[0]), 1.0))
    made = Trace(
        getattr(f, "__name__", type(f).__name__),
        _rows(run),
        run.value(run.results[0]),
        tuple(s for s in seeds if s is not None),
    )
    return made


def _seeds(run: Wengert, wanted: list[str], seed: Seeds | None) -> list[Any]:
    if seed is not None and len(seed) != len(wanted):
        raise ValueError(
            f"{len(seed)} seeds for {len(wanted)} arguments ({', '.join(wanted)})"
        )
    given = dict(zip(wanted, seed)) if seed is not None else {}
    seeds: list[Any] = []
    for var in run.inputs:
        if var.name not in wanted:
            seeds.append(None)
        elif var.name in given:
            seeds.append(_ones(run.env[var], given[var.name]))
        else:
            seeds.append(_ones(run.env[var], 1.0 if var.name == wanted[0] else 0.0))
    return seeds


def _ones(value: Any, size: Any) -> Any:
    """`size` in the structure of the value; None for what is not real."""
    if not isinstance(size, (int, float)):
        return size

    def fill_in(_: str, leaf: Any) -> Any:
        return (
            np.full(leaf.shape, float(size))
            if isinstance(leaf, np.ndarray)
            else float(size)
        )

    return mapped(value, fill_in, "", ints=True, rest=None)


def _rows(run: Wengert) -> list[TraceRow]:
    names: dict[Var, str] = {}
    rows = []
    count = len(run.inputs)
    for number, var in enumerate(run.inputs):
        names[var] = f"v{number - count + 1}"
        dot = run.tangents.get(var)
        rows.append(
            TraceRow(
                names[var],
                var.name,
                "input",
                var.name,
                f"{var.name}_dot" if dot is not None else "",
                "",
                (),
                run.env[var],
                None if dot is None else run.env[dot],
                run.adjoint(var) if dot is not None else None,
            )
        )
    number = 0
    for line in run.lines:
        op = line.op
        if not op.outs or not _is_number(run.env[op.outs[0]]) and line.tangent is None:
            continue
        if op.prim == "free" or op.prim in ("shape", "dtype"):
            names[op.outs[0]] = str(op.attrs.get("name", op.prim))
            continue
        number += 1
        for place, out in enumerate(op.outs):
            names[out] = f"v{number}" if place == 0 else f"v{number}[{place}]"
        dot = run.tangents.get(op.outs[0])
        adjoint = line.adjoint
        if adjoint is None and dot is not None:
            adjoint = run.adjoint(op.outs[0])
        rows.append(
            TraceRow(
                f"v{number}",
                line.name,
                op.prim,
                expression(op, names),
                _tangent_text(run, line.tangent_ops, op.outs[0], names),
                "",
                tuple(names.get(a, "") for a in op.args if isinstance(a, Var)),
                run.env[op.outs[0]],
                line.tangent,
                adjoint,
                op.span.line if op.span else None,
            )
        )
    by_name = {name: var for var, name in names.items()}
    for row in rows:
        row.adjoint_expression = _adjoint_text(run, by_name[row.name], names)
    return rows


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number, np.ndarray)) and not isinstance(
        value, (bool, np.bool_)
    )


# ---- operations as text --------------------------------------------------------------

SIGNS = {
    "add": ("+", 1),
    "sub": ("-", 1),
    "mul": ("*", 2),
    "div": ("/", 2),
    "floordiv": ("//", 2),
    "mod": ("%", 2),
    "matmul": ("@", 2),
    "pow": ("**", 4),
    "lt": ("<", 0),
    "le": ("<=", 0),
    "gt": (">", 0),
    "ge": (">=", 0),
    "eq": ("==", 0),
    "ne": ("!=", 0),
}
Texts = Mapping[Var, tuple[str, int]]


def expression(op: Op, names: Mapping[Var, str]) -> str:
    """The operation with its operands by name."""
    return _text(op, {var: (name, 9) for var, name in names.items()})[0]


def _text(op: Op, texts: Texts) -> tuple[str, int]:
    parts = [_atom(arg, texts) for arg in op.args]
    if op.prim in SIGNS and len(parts) == 2:
        sign, level = SIGNS[op.prim]
        left, right = _at_least(parts[0], level), _at_least(parts[1], level + 1)
        return f"{left} {sign} {right}" if level < 4 else f"{left}{sign}{right}", level
    if op.prim == "neg":
        return f"-{_at_least(parts[0], 2)}", 2
    words = [part for part, _ in parts]
    if op.prim == "getitem":
        return words[0] + fill(str(op.attrs["path"]), words[1:]), 9
    if op.prim in ("setitem", "additem"):
        place = fill(str(op.attrs["path"]), words[2:])
        sign = "=" if op.prim == "setitem" else "+="
        return f"{words[0]} with {place} {sign} {words[1]}", 0
    if op.prim == "tuple":
        return f"({', '.join(words)})", 9
    options = [
        f"{key}={value!r}"
        for key, value in op.attrs.items()
        if key not in ("spelling", "lib")
        and isinstance(value, (int, float, str, tuple))
    ]
    return f"{op.prim}({', '.join([*words, *options])})", 9


def _at_least(part: tuple[str, int], level: int) -> str:
    return part[0] if part[1] >= level else f"({part[0]})"


def _atom(atom: Atom, texts: Texts) -> tuple[str, int]:
    if isinstance(atom, Lit):
        text = atom.text or repr(atom.value)
        return text, 1 if text.startswith("-") else 9
    return texts.get(atom, ("?", 9))


def _tangent_text(
    run: Wengert, stmts: list[Stmt], out: Var, names: Mapping[Var, str]
) -> str:
    """What the rule computed for the tangent, nested into one expression."""
    dot = run.tangents.get(out)
    if dot is None:
        return ""
    texts: dict[Var, tuple[str, int]] = {var: (name, 9) for var, name in names.items()}
    for var, tangent in run.tangents.items():
        if tangent is not None and var is not out and var in names:
            texts.setdefault(tangent, (f"{names[var]}_dot", 9))
    for stmt in stmts:
        if isinstance(stmt, Op) and stmt.outs:
            texts[stmt.outs[0]] = _text(stmt, texts)
    return texts.get(dot, ("", 9))[0]


def _adjoint_text(run: Wengert, var: Var, names: Mapping[Var, str]) -> str:
    """The sum of what each use of a variable gave to its adjoint."""
    texts: dict[Var, tuple[str, int]] = {v: (name, 9) for v, name in names.items()}
    for bar, owner in run.taken.items():
        if owner in names:
            texts[bar] = (f"{names[owner]}_bar", 9)
    for bar, (owner, key) in run.items.items():
        if owner in names:
            texts[bar] = (f"{names[owner]}_bar[{key!r}]", 9)
    total = ""
    for share in run.shares.get(var, ()):
        text = _share_text(share, dict(texts))
        total = (
            f"{total} - {text[1:]}"
            if total and text[0] == "-"
            else (f"{total} + {text}" if total else text)
        )
    return total


def _share_text(share: Share, texts: dict[Var, tuple[str, int]]) -> str:
    for stmt in share.stmts:
        if isinstance(stmt, Op) and stmt.outs and stmt.outs[0] not in texts:
            texts[stmt.outs[0]] = _text(stmt, texts)
    text = _atom(share.bar, texts)[0]
    if not share.path:
        return text
    place = fill(share.path, [_atom(atom, texts)[0] for atom in share.index])
    return f"{text} at {place}"


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return repr(value)
