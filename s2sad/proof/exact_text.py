"""Expressions as text for readers, and as plain data for the process with sympy."""

from __future__ import annotations

from fractions import Fraction

from s2sad.proof.exact import Num

LIMIT = 60


def show(num: Num) -> str:
    """The expression as a reader would write it, cut where it gets long."""
    text, _ = _show(num, 12)
    return text if len(text) <= LIMIT else text[: LIMIT - 3] + "..."


def _show(num: Num, depth: int) -> tuple[str, int]:
    """Text and how tightly it binds: 4 atom, 3 power, 2 product, 1 sum."""
    if num.op == "const":
        value = num.args[0]
        text = str(value) if value.denominator == 1 else _decimal(value)
        return text, 4 if value >= 0 and "/" not in text else 1
    if num.op in ("symbol", "special"):
        return num.args[0], 4
    if depth == 0:
        return "...", 4

    def part(arg: Num, least: int) -> str:
        text, binds = _show(arg, depth - 1)
        return text if binds >= least else f"({text})"

    if num.op == "add":
        left, right = num.args
        if right.op == "neg":
            return f"{part(left, 1)} - {part(right.args[0], 2)}", 1
        if right.exact is not None and right.exact < 0:
            return f"{part(left, 1)} - {part(-right, 2)}", 1
        return f"{part(left, 1)} + {part(right, 1)}", 1
    if num.op == "mul":
        return f"{part(num.args[0], 2)}*{part(num.args[1], 3)}", 2
    if num.op == "div":
        return f"{part(num.args[0], 2)}/{part(num.args[1], 3)}", 2
    if num.op == "pow":
        return f"{part(num.args[0], 4)}**{part(num.args[1], 4)}", 3
    if num.op == "neg":
        return f"-{part(num.args[0], 2)}", 1
    return f"{num.op}({', '.join(part(arg, 0) for arg in num.args)})", 4


def _decimal(value: Fraction) -> str:
    approx = float(value)
    return repr(approx) if Fraction(repr(approx)) == value else str(value)


def as_graph(roots: list[Num]) -> tuple[list[list], list[int]]:
    """The graph as a list of nodes, arguments as numbers of earlier nodes."""
    numbers: dict[object, int] = {}
    by_id: dict[int, int] = {}
    nodes: list[list] = []
    for root in roots:
        stack = [root]
        while stack:
            num = stack[-1]
            if id(num) in by_id:
                stack.pop()
                continue
            leaf = num.op in ("const", "symbol", "special")
            if not leaf:
                missing = [arg for arg in num.args if id(arg) not in by_id]
                if missing:
                    stack.extend(missing)
                    continue
            args = [str(num.args[0])] if leaf else [by_id[id(arg)] for arg in num.args]
            key = (num.op, *args)
            if key not in numbers:
                numbers[key] = len(nodes)
                nodes.append([num.op, *args])
            by_id[id(num)] = numbers[key]
            stack.pop()
    return nodes, [by_id[id(root)] for root in roots]
