"""Views that no path of subscripts spells: `x.T`, `x.reshape(2, 3)`, `x.flat`.

A view has a storage of its own, which holds nothing: it is read by looking through it
at its base, and written by writing its base. So the base sees what is written through
the view, and the view what is written into the base:

    t = x.T            t is seen as transpose(x)
    t[0] = v           x becomes transpose(setitem(transpose(x), v, 0))

`reshape` and `ravel` are views of what lies in one piece. That is known of arrays made
in the function, and looked up and guarded for arguments; of all else it is not known,
and the result may be a view (see `looking_into`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.rules import TABLE
from s2sad.rules.einsum import is_view, parse_subscripts
from s2sad.syntax.values import Poison, Ref, Storage, root

if TYPE_CHECKING:
    from s2sad.syntax.frame import Frame


@dataclass(frozen=True, eq=False)
class Lens:
    """How a view is had from its base, and the base from a changed view."""

    prim: str
    operands: tuple[Atom, ...]
    attrs: Mapping[str, object]
    node: ast.AST
    back: Callable[[Frame, Atom, Atom, Mapping[str, object], ast.AST], Any] | None


# ---- the base from a changed view ----------------------------------------------------


def untransposed(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
    axes = attrs.get("axes")
    if axes is None:
        return f.op("transpose", (new,), node, {"spelling": ".T"})
    inverse = tuple(int(i) for i in np.argsort([axis % len(axes) for axis in axes]))
    return f.op("transpose", (new,), node, {"axes": inverse})


def swapped(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
    axes = {key: attrs[key] for key in ("axis1", "axis2")}
    return f.op("swapaxes", (new,), node, axes)


def turned_back(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
    return f.op("matrix_transpose", (new,), node)


def moved(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
    there = {"source": attrs["destination"], "destination": attrs["source"]}
    return f.op("moveaxis", (new,), node, there)


def flipped(prim: str) -> Any:
    def again(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
        axes = {key: attrs[key] for key in ("axis",) if key in attrs}
        return f.op(prim, (new,), node, axes)

    return again


def reshaped(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
    dims = getattr(base.kind, "dims", None)
    shape: tuple[Any, ...] = ()
    if dims is not None and len(dims) == 1:
        shape = (Lit(-1),)
    elif dims is not None and all(isinstance(dim, int) for dim in dims):
        shape = tuple(map(Lit, dims))
    else:  # the shape alone is read, of what is overwritten
        shape = (f.op("shape", (base,), node, {"spelling": ".shape"}),)
    found = f.op("reshape", (new, *shape), node, {"spelling": ".reshape"})
    if isinstance(found, Var):
        found.kind = base.kind
    return found


def turned(f: Frame, new: Atom, base: Atom, attrs: Any, node: ast.AST) -> Any:
    """`np.einsum("ij->ji", x)` is had back by `np.einsum("ji->ij", y)`."""
    rank = getattr(base.kind, "rank", None)
    (letters,), output = parse_subscripts(attrs["subscripts"], [rank])
    if len(set(letters)) < len(letters):
        return f.refuse("write-to-write", node, name=f.text(node))
    return f.op("einsum", (new,), node, {"subscripts": f"{output}->{letters}"})


BACK: dict[str, Any] = {
    "einsum": turned,
    "transpose": untransposed,
    "swapaxes": swapped,
    "matrix_transpose": turned_back,
    "moveaxis": moved,
    "flip": flipped("flip"),
    "flipud": flipped("flipud"),
    "fliplr": flipped("fliplr"),
    "squeeze": reshaped,
    "expand_dims": reshaped,
    "atleast_1d": reshaped,
    "atleast_2d": reshaped,
    "atleast_3d": reshaped,
    "reshape": reshaped,
    "ravel": reshaped,
    "flatten": reshaped,
    "diagonal": None,
    "diag": None,
    "broadcast_to": None,
}
IN_ONE_PIECE = ("reshape", "ravel")
SAME = frozenset(("asarray", "real", "atleast_1d", "atleast_2d", "atleast_3d"))


# ---- making and using them -----------------------------------------------------------


def view_of(
    f: Frame,
    prim: str,
    operands: tuple[Atom, ...],
    attrs: Mapping[str, object],
    base: Any,
    result: Any,
    node: ast.AST,
) -> Ref | None:
    """The view that this call gives, where it surely is one."""
    if not isinstance(base, Ref) or not isinstance(result, Var):
        return None
    kind = f.kind(base)
    if not isinstance(kind, Array) or not isinstance(result.kind, Array):
        return None
    if prim in SAME and result.kind == kind and not attrs.keys() - {"spelling"}:
        strict = str(attrs.get("spelling", "")).endswith("ascontiguousarray")
        return base if not strict or in_one_piece(f, base) else None
    if prim not in BACK or prim == "diag" and result.kind.rank != 1:
        return None
    if prim == "einsum" and not is_view(operands, attrs):
        return None
    if prim == "flatten":
        return None  # a copy; only `x.flat` writes it back (see `flat_view`)
    if prim in IN_ONE_PIECE and not in_one_piece(f, base):
        return None
    return make_view(f, base, prim, operands[1:], attrs, result, node)


def make_view(
    f: Frame,
    base: Ref,
    prim: str,
    operands: tuple[Atom, ...],
    attrs: Mapping[str, object],
    result: Var,
    node: ast.AST,
) -> Ref:
    storage = Storage(result.name, root(base.storage).origin)
    storage.of = base
    storage.lens = Lens(prim, operands, attrs, node, BACK[prim])
    storage.maybe = root(base.storage).maybe
    atom = f.read(base, node)
    if isinstance(atom, Var):
        f.looks[(storage, atom)] = result, f.w.region
    return Ref(storage)


def flat_view(f: Frame, base: Ref, node: ast.AST, written: bool = False) -> Any:
    """`x.flat`: all elements in a row, in place wherever they lie.

    What is written goes back: into a copy, where a row may be a copy or a view.
    """
    if f.kind(base).rank == 1:  # type: ignore[attr-defined]
        return base
    attrs: dict[str, object] = {"spelling": ".ravel"}
    prim = "ravel"
    if not in_one_piece(f, base):
        prim = "flatten" if written and "flatten" in TABLE else prim
        attrs = {"spelling": f".{prim}", "strewn": True}
    result = f.op(prim, (f.atom(base, node),), node, attrs)
    if not isinstance(result, Var):
        return result
    return make_view(f, base, prim, (), attrs, result, node)


def look(f: Frame, storage: Storage) -> Any:
    """What is seen through a view now."""
    base, lens = storage.of, storage.lens
    assert base is not None and lens is not None
    content = f.content(base.storage)
    if isinstance(content, Poison):
        return content
    atom = f.read(base, lens.node)
    if not isinstance(atom, Var):
        return atom
    known = f.looks.get((storage, atom))
    if known is not None and f.w.is_open(known[1]):
        return known[0]
    result = f.op(
        lens.prim, (atom, *lens.operands), lens.node, lens.attrs, storage.name
    )
    f.looks[(storage, atom)] = result, f.w.region
    return result


def write_through(f: Frame, storage: Storage, content: Atom, node: ast.AST) -> None:
    """The base gets what was written through the view."""
    base, lens = storage.of, storage.lens
    assert base is not None and lens is not None
    if lens.back is None:  # NumPy does not let these be written
        f.refuse("write-to-write", node, name=storage.name or f.text(node))
        return
    before = f.read(base, node)
    new = lens.back(f, content, before, lens.attrs, node)
    if not isinstance(new, Var):
        return
    new.name = new.name or base.storage.name
    if base.path:
        whole = (f.content(base.storage), new, *base.operands)
        new = f.op("setitem", whole, node, {"path": base.path}, base.storage.name)
    f.write(base.storage, new, node, False)
    after = f.read(base, node)
    if isinstance(after, Var) and isinstance(content, Var):
        f.looks[(storage, after)] = content, f.w.region


# ---- what lies in one piece ----------------------------------------------------------

NEW = frozenset(
    """zeros empty ones full arange linspace eye identity copy flatten matmul outer
    concatenate stack vstack hstack""".split()
)
NOT_NEW = frozenset("getitem opaque free asarray real diagonal diag select".split())


def is_new_and_whole(f: Frame, prim: str, attrs: Any, args: Any, out: Var) -> bool:
    """Does this op give a new array whose elements lie one after the other?"""
    from s2sad.syntax.frame import VIEWS

    if not isinstance(out.kind, Array) or prim in VIEWS:
        return False
    if prim in NEW:
        copies = prim == "copy" and str((attrs or {}).get("spelling")) != ".copy"
        return not copies or args[0] in f.session.whole
    if prim in ("setitem", "additem", "np_copy"):
        return args[0] in f.session.whole
    if prim == "array" and "copy" in (attrs or {}):
        return False
    if TABLE[prim].verb == "smooth" and not set(attrs or {}) - {"spelling", "lib"}:
        arrays = [atom for atom in args if not isinstance(atom.kind, Scalar)]
        if all(a in f.session.whole and a.kind.rank == out.kind.rank for a in arrays):
            return True  # NumPy lays out the result as the operands are
    return out.kind.rank == 1 and prim not in NOT_NEW


def in_one_piece(f: Frame, base: Ref) -> bool:
    """Do the elements lie one after the other, in the order of their indices?"""
    storage = base.storage
    if base.path and not re.fullmatch(r"(\[#\])+", base.path):
        return False
    if any(not isinstance(atom.kind, Scalar) for atom in base.operands):
        return False
    if storage.of is not None:
        assert storage.lens is not None
        return storage.lens.prim in IN_ONE_PIECE and in_one_piece(f, storage.of)
    if storage.whole:
        return True
    name = f.params.get(storage)
    values = f.session.signature.values or {}
    if name is None:
        return False
    if not isinstance(values.get(name), np.ndarray):
        return False
    whole = bool(values[name].flags.c_contiguous)  # type: ignore[attr-defined]
    f.session.guard(("arg", name), "whole", whole)
    return whole
