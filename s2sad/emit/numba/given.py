"""Lists of numbers that a kernel is given are arrays.

    def cost(c, x):                                 c: [0.2, 0.4, 0.1]
        return cost_kernel(np.array(c, dtype=float), x)

Numba would copy a list that it is given, item by item, both ways, and warns that it
will stop to. What only looks up items of one reads them from the array; where more is
done with it, the kernel makes a list of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from s2sad.emit.numba.apart import Node, Tree
from s2sad.ir.kinds import Array, Kind, List, Scalar, children, elements
from s2sad.ir.nodes import Function, Op, Stmt, Var
from s2sad.ir.walk import mapping, statements, substitute_block, uses

DTYPES = {"float": "float64", "int": "int64", "bool": "bool"}
TYPES = {"float64": float, "int64": int, "bool": bool}


def with_arrays(
    function: Function, params: Sequence[Tree]
) -> tuple[Function, list[Tree], dict[Var, type]]:
    """The function on arrays; the trees of its parameters with them, and of what type
    the numbers of each are.
    """
    table = {
        param.var: Var(param.var.name, found)
        for param in function.params
        if (found := array_of(param.var.kind)) is not None
    }
    if not table:
        return function, list(params), {}
    lists = {var: new for var, new in table.items() if not is_looked_up(function, var)}
    arrays = {var: new for var, new in table.items() if var not in lists}
    body = substitute_block(function.body, mapping(arrays))
    made = [Op((var,), "rows", (new,)) for var, new in lists.items()]
    body = replace(body, stmts=(*made, *body.stmts))
    taken = tuple(replace(p, var=table.get(p.var, p.var)) for p in function.params)
    types = {new: TYPES[new.kind.dtype] for new in table.values()}  # type: ignore[union-attr]

    def again(tree: Tree) -> Tree:
        if isinstance(tree, Node):
            return Node(tree.kind, tuple(map(again, tree.items)))
        return table.get(tree, tree) if isinstance(tree, Var) else tree

    return replace(function, params=taken, body=body), [*map(again, params)], types


def array_of(kind: Kind) -> Array | None:
    """The array that has what a list of this kind has, all of one type."""
    if not isinstance(kind, List):
        return None
    items = children(kind) if kind.items is not None else elements(kind)
    found = {item.dtype if isinstance(item, Scalar) else "" for item in items}
    size = None if kind.items is None else len(kind.items)
    (dtype,) = found if len(found) == 1 else ("",)
    return Array(DTYPES[dtype], (size,)) if dtype in DTYPES else None


def is_looked_up(function: Function, var: Var) -> bool:
    """Is nothing asked of a list but its items, one by one, and its length?"""
    asked = sum(looks_up(stmt, var) for stmt in statements(function.body))
    return asked == uses(function.body).count(var)


def looks_up(stmt: Stmt, var: Var) -> bool:
    if not isinstance(stmt, Op) or not stmt.args or stmt.args[0] is not var:
        return False
    if stmt.prim == "getitem":
        index = stmt.args[1:]
        one = len(index) == 1 and isinstance(index[0].kind, Scalar)
        return one and index[0] is not var and stmt.attrs["path"] == "[#]"
    return stmt.prim == "len"
