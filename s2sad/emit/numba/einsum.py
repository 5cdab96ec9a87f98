"""`np.einsum`, which Numba does not know, as the loops that it stands for.

    y = np.einsum("ij,j->i", A, x)          y = np.zeros(len(A))
                                            for i in range(len(A)):
                                                total = 0.0
                                                for j in range(A.shape[1]):
                                                    total += A[i, j] * x[j]
                                                y[i] = total

The axes that are summed over are inside those of the result, the one that lies last in
memory innermost. Lengths that have to be equal are compared first, as einsum does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from s2sad.emit.numba.equal import ask
from s2sad.emit.numba.lengths import as_shape, length_at
from s2sad.emit.numba.operations import REWRITES, Here, Misfitting
from s2sad.ir.kinds import FLOAT, INT, Array, Kind, Scalar
from s2sad.ir.nodes import NO_ATTRS, Atom, Block, For, Lit, Op, Stmt, Var
from s2sad.rules.einsum import parse_subscripts


def einsum(here: Here) -> None:
    """Loops in the place of the call; of a result of no axes they give a number."""
    op = here.op
    if set(op.attrs) - {"subscripts", "optimize", "spelling", "lib"}:
        raise Misfitting("`np.einsum` with options")
    ranks = [rank_of(arg.kind) for arg in op.args]
    inputs, output = parse_subscripts(op.attrs["subscripts"], ranks)
    lengths = lengths_of(here, inputs)
    index = {letter: Var(letter, INT) for letter in lengths}
    inside = [c for c in reversed("".join(inputs)) if c not in output]
    inside = list(dict.fromkeys(inside))[::-1]

    total = Var("total" if output else op.outs[0].name, FLOAT)
    body: list[Stmt] = []
    start = Var("", FLOAT)
    terms = [term(here, arg, subs, index, body) for arg, subs in zip(op.args, inputs)]
    value = terms[0]
    for other in terms[1:]:
        value = emitted(here, body, "mul", (value, other))
    if not inside:
        total = value
    else:
        done = emitted(here, body, "add", (start, value))
        body = nest(
            here, inside, index, lengths, [(total, Lit(0.0), start)], body, [done]
        )
    if not output:
        here.stmts += body
        here.last("float", (total,), spelling="float")
        return
    out = op.outs[0]
    size = as_shape([lengths[c] for c in output], here.stmts, op.span)
    zeros = here.new("zeros", (size,), out.kind)
    version, written = Var(out.name, out.kind), Var(out.name, out.kind)
    place = tuple(index[c] for c in output)
    path = MappingProxyType({"path": f"[{', '.join('#' * len(place))}]"})
    body.append(Op((written,), "setitem", (version, total, *place), path, op.span))
    here.stmts += nest(
        here, output, index, lengths, [(out, zeros, version)], body, [written]
    )


def rank_of(kind: Kind) -> int:
    if isinstance(kind, Scalar) and kind.dtype in ("float", "float64"):
        return 0
    if isinstance(kind, Array) and kind.dtype == "float64" and kind.rank is not None:
        return kind.rank
    raise Misfitting("`np.einsum` of other than arrays of float64")


def lengths_of(here: Here, inputs: Sequence[str]) -> dict[str, Atom]:
    """How far each letter counts; an axis of length 1 goes with any other."""
    found: dict[str, Atom] = {}
    names: dict[str, set[object]] = {}
    for arg, letters in zip(here.op.args, inputs):
        if not isinstance(arg, Var) or not isinstance(arg.kind, Array):
            continue
        dims = arg.kind.dims or ()
        for axis, (letter, dim) in enumerate(zip(letters, dims, strict=True)):
            if dim == 1:
                continue
            if dim is None or isinstance(dim, str) and dim.startswith("~"):
                raise Misfitting("`np.einsum` of axes that may be of length 1")
            known = names.setdefault(letter, set())
            if dim in known:
                continue
            length: Atom = Lit(dim)
            if isinstance(dim, str):
                length = length_at(arg, axis, here.stmts, here.op.span)
            if known:
                ask(found[letter], length, here.stmts)
            known.add(dim)
            found.setdefault(letter, length)
    for letter in "".join(inputs):
        found.setdefault(letter, Lit(1))
    return found


def term(
    here: Here, arg: Atom, letters: str, index: Mapping[str, Var], body: list[Stmt]
) -> Atom:
    """The element of an operand; of an axis of length 1 the only one."""
    if not isinstance(arg.kind, Array):
        return arg
    dims = arg.kind.dims or ()
    place: list[Atom] = [
        Lit(0) if dim == 1 else index[c] for c, dim in zip(letters, dims, strict=True)
    ]
    path = {"path": f"[{', '.join('#' * len(place))}]"}
    return emitted(here, body, "getitem", (arg, *place), path)


def emitted(
    here: Here,
    body: list[Stmt],
    prim: str,
    args: tuple[Atom, ...],
    attrs: Mapping[str, object] = NO_ATTRS,
) -> Var:
    out = Var("", Scalar("float64") if prim == "getitem" else FLOAT)
    body.append(Op((out,), prim, args, MappingProxyType(dict(attrs)), here.op.span))
    return out


Carried = tuple[Var, Atom, Var]  # after the loops, before them, inside


def nest(
    here: Here,
    letters: Sequence[str],
    index: Mapping[str, Var],
    lengths: Mapping[str, Atom],
    carried: Sequence[Carried],
    body: list[Stmt],
    news: Sequence[Atom],
) -> list[Stmt]:
    """One loop inside the other, the last letter innermost."""
    for depth, letter in reversed(list(enumerate(letters))):
        inner = [version for _, _, version in carried]
        first = depth == 0
        outs = [out if first else copy(out, out.kind) for out, _, _ in carried]
        begins: list[Atom] = [
            begin if first else copy(out, version.kind)
            for out, begin, version in carried
        ]
        loop = For(
            tuple(outs), index[letter], Lit(0), lengths[letter], Lit(1),
            tuple(inner), tuple(begins), Block(tuple(body), tuple(news)),
            span=here.op.span,
        )  # fmt: skip
        body, news = [loop], outs
        carried = [
            (out, begin, new if isinstance(new, Var) else version)
            for (out, begin, version), new in zip(carried, begins)
        ]
    return body


def copy(var: Var, kind: Kind) -> Var:
    return Var(var.name, kind)


REWRITES["einsum"] = einsum
