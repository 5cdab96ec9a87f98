"""How each primitive is spelled: operators with their precedence, calls by their names.

An op that the user wrote says so itself (attribute `spelling`); one that a derivative
added is spelled as its primitive is listed in the rule table.
"""

from __future__ import annotations

from functools import lru_cache

from s2sad.emit.helpers import HELPERS
from s2sad.ir.nodes import Op
from s2sad.rules import TABLE
from s2sad.rules.signature import REQUIRED, parse_signature

# ---- precedence, from loose to tight -------------------------------------------------

TUPLE, CHOICE, OR, AND, NOT, COMPARE = 0, 1, 2, 3, 4, 5
BITOR, BITXOR, BITAND, SHIFT, SUM, PRODUCT, UNARY, POWER, ATOM = (
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
)

BINARY = {
    "add": ("+", SUM),
    "joined": ("+", SUM),
    "sub": ("-", SUM),
    "mul": ("*", PRODUCT),
    "div": ("/", PRODUCT),
    "floordiv": ("//", PRODUCT),
    "mod": ("%", PRODUCT),
    "matmul": ("@", PRODUCT),
    "pow": ("**", POWER),
    "shl": ("<<", SHIFT),
    "shr": (">>", SHIFT),
    "and_": ("&", BITAND),
    "xor": ("^", BITXOR),
    "or_": ("|", BITOR),
    "lt": ("<", COMPARE),
    "le": ("<=", COMPARE),
    "gt": (">", COMPARE),
    "ge": (">=", COMPARE),
    "eq": ("==", COMPARE),
    "ne": ("!=", COMPARE),
    "is_": ("is", COMPARE),
    "is_not": ("is not", COMPARE),
    "in_": ("in", COMPARE),
    "not_in": ("not in", COMPARE),
}
PREFIX = {
    "neg": ("-", UNARY),
    "pos": ("+", UNARY),
    "invert": ("~", UNARY),
    "not_": ("not ", NOT),
}

ATTRIBUTES = frozenset("T mT shape ndim size dtype real imag itemsize nbytes".split())

# Attributes of an op that are no argument of the call.
HIDDEN = frozenset(
    "spelling lib path cls keywords callee effect keys guarded unique strewn".split()
)


def spelling_of(op: Op, *, users: bool = True) -> str:
    """The callee: "np.sin", ".sum", ".T", "abs"; "" for an operator.

    Without `users`, not as the user wrote it.
    """
    lib = None
    if op.attrs:
        told = op.attrs.get("spelling") if users else None
        if isinstance(told, str) and told:
            return "" if " " in told or told[0] in "-+~" else told
        lib = op.attrs.get("lib")
    if lib is None and (op.prim in BINARY or op.prim in PREFIX):
        return ""
    known = TABLE.get(op.prim)
    spellings = known.spellings if known is not None else ()
    if lib == "py":  # the builtin, where NumPy has one of that name, too
        plain = (s for s in spellings if "." not in s and " " not in s)
        return next(plain, op.prim.removeprefix("py_"))
    if lib:
        for spelling in spellings:
            if spelling.startswith(f"{lib}."):
                return spelling
        return f"{lib}.{op.prim}"
    if spellings:
        return spellings[0].strip("<>")
    return op.prim if op.prim in HELPERS else f"np.{op.prim}"


def has_effect(prim: str) -> bool:
    known = TABLE.get(prim)
    return prim == "opaque" or (known is not None and known.effect)


def is_flat(prim: str) -> bool:
    known = TABLE.get(prim)
    return known is not None and known.flat


@lru_cache(maxsize=1024)
def required_options(prim: str) -> tuple[str, ...]:
    """The options that follow the operands of a call and have no default."""
    known = TABLE.get(prim)
    if known is None or not known.signature or "*" in known.signature.partition(";")[0]:
        return ()
    found = []
    for name, default in parse_signature(known.signature).options:
        if default is not REQUIRED:
            break
        found.append(name)
    return tuple(found)
