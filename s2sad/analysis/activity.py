"""Activity: which values vary with the inputs *and* matter to the results.

Only these get a tangent or an adjoint, and only these are mentioned in a derivative.
A value is *varied* if it depends on an active input through primitives that have a
derivative; it is *useful* if a result depends on it in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from s2sad.ir.kinds import may_vary
from s2sad.ir.nodes import Atom, Block, Call, For, Function, If, Lit, Op, Program, Var
from s2sad.ir.paths import Attribute, Subscript, parse_path
from s2sad.rules import TABLE

# Their results may vary, in ways that nobody can follow: a call without a rule, and a
# number that goes through text and may be read from it again.
UNFOLLOWED = frozenset({"opaque", "fstring"})

Key = tuple[object, ...]  # the entries that lead from a parameter to a leaf
Roots = Mapping[Var, tuple[Key, ...]]  # parameter -> the active places in it


@dataclass(frozen=True)
class Activity:
    varied: frozenset[Var]
    active: frozenset[Var]  # varied and useful

    def __contains__(self, atom: object) -> bool:
        return atom in self.active


class Analyser:
    """Answers for one program; remembers what it found of each callee."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._passes: dict[tuple[str, int], tuple[bool, ...]] = {}
        self._open: list[tuple[str, int]] = []  # asked about, not yet settled
        self._settling = False

    def activity(
        self, function: Function, roots: Roots, results: Sequence[Atom] | None = None
    ) -> Activity:
        """The varied and active variables of `function` when `roots` vary.

        What matters is what `results` depend on: all that it returns, if not given.
        """
        varied = self.varied(function.body, roots)
        given = function.results if results is None else results
        useful = self._useful(function.body, given)
        return Activity(frozenset(varied), frozenset(varied & useful))

    # ---- forward: what varies --------------------------------------------------------

    def varied(self, body: Block, roots: Roots) -> set[Var]:
        found = set(roots)
        self._vary(body, found, roots)
        return found

    def _vary(self, block: Block, found: set[Var], roots: Roots) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Op):
                if self._op_varies(stmt, found, roots):
                    found.update(out for out in stmt.outs if may_vary(out.kind))
            elif isinstance(stmt, If):
                self._vary(stmt.then, found, roots)
                self._vary(stmt.orelse, found, roots)
                yields = zip(
                    stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True
                )
                for out, a, b in yields:
                    if (a in found or b in found) and may_vary(out.kind):
                        found.add(out)
            elif isinstance(stmt, Call):
                mask = sum(1 << k for k, arg in enumerate(stmt.args) if arg in found)
                passes = self.passes(stmt.function, mask)
                pairs = zip(stmt.outs, passes, strict=True)
                found.update(out for out, hit in pairs if hit and may_vary(out.kind))
            else:
                self._vary_loop(stmt, found, roots)

    def _vary_loop(self, stmt, found: set[Var], roots: Roots) -> None:
        for param, init in zip(stmt.params, stmt.inits, strict=True):
            if init in found and may_vary(param.kind):
                found.add(param)
        while True:
            self._vary(stmt.body, found, roots)
            new = [
                param
                for param, atom in zip(stmt.params, stmt.body.yields, strict=True)
                if atom in found and param not in found and may_vary(param.kind)
            ]
            if not new:
                break
            found.update(new)
        if not isinstance(stmt, For):
            self._vary(stmt.test, found, roots)
        for out, param, atom in zip(
            stmt.outs, stmt.params, stmt.body.yields, strict=True
        ):
            if (param in found or atom in found) and may_vary(out.kind):
                found.add(out)

    def _op_varies(self, op: Op, found: set[Var], roots: Roots) -> bool:
        if stops(op) or not any(arg in found for arg in op.args):
            return False
        if op.prim == "getitem" and op.args[0] in roots:
            place = literal_prefix(op)
            return any(overlap(place, key) for key in roots[op.args[0]])  # type: ignore[index]
        return True

    def passes(self, key: str, mask: int) -> tuple[bool, ...]:
        """Which results of a callee vary when the arguments in `mask` do."""
        if (key, mask) not in self._passes:
            self._passes[key, mask] = (False,) * len(
                self.program.functions[key].results
            )
            self._open.append((key, mask))
            self._settle()
        return self._passes[key, mask]

    def _settle(self) -> None:
        """From "none varies" up to a fixed point of all callees that are open.

        Functions that call one another are settled together: what one of them answers
        before the others are known may be too little, and must not be kept.
        """
        if self._settling:
            return
        self._settling = True
        changed = True
        while changed:
            changed = False
            for key, mask in self._open:  # grows while it is gone through
                new = self._passes_now(key, mask)
                changed |= new != self._passes[key, mask]
                self._passes[key, mask] = new
        self._open.clear()
        self._settling = False

    def _passes_now(self, key: str, mask: int) -> tuple[bool, ...]:
        """The same, as far as is known now of the callees."""
        function = self.program.functions[key]
        roots = {
            param.var: ((),)
            for k, param in enumerate(function.params)
            if mask >> k & 1 and may_vary(param.var.kind)
        }
        varied = self.varied(function.body, roots)
        return tuple(atom in varied for atom in function.results)

    # ---- backward: what matters ------------------------------------------------------

    def _useful(self, body: Block, results: Sequence[Atom]) -> set[Var]:
        found = set(variables(results))
        self._matter(body, found)
        return found

    def _matter(self, block: Block, found: set[Var]) -> None:
        for stmt in reversed(block.stmts):
            if isinstance(stmt, (Op, Call)):
                flat = isinstance(stmt, Op) and stops(stmt)
                if not flat and any(out in found for out in stmt.outs):
                    found.update(variables(stmt.args))
            elif isinstance(stmt, If):
                for k, out in enumerate(stmt.outs):
                    if out in found:
                        pair = (stmt.then.yields[k], stmt.orelse.yields[k])
                        found.update(variables(pair))
                self._matter(stmt.then, found)
                self._matter(stmt.orelse, found)
            else:
                self._matter_loop(stmt, found)

    def _matter_loop(self, stmt, found: set[Var]) -> None:
        slots = list(
            zip(stmt.outs, stmt.params, stmt.inits, stmt.body.yields, strict=True)
        )
        wanted = {k for k, slot in enumerate(slots) if slot[0] in found}
        while True:
            found.update(variables(slots[k][3] for k in wanted))
            self._matter(stmt.body, found)
            grown = {k for k, slot in enumerate(slots) if slot[1] in found} | wanted
            if grown == wanted:
                break
            wanted = grown
        found.update(variables(slots[k][2] for k in wanted))


def stops(op: Op) -> bool:
    """Does no derivative go through? Of a call kept as written nobody can say so."""
    return TABLE[op.prim].flat and op.prim not in UNFOLLOWED


def variables(atoms: Iterable[Atom]) -> Iterable[Var]:
    return (atom for atom in atoms if isinstance(atom, Var))


def literal_prefix(op: Op) -> Key:
    """The entries of a container that the path of a `getitem` names by literals."""
    first = 1 if op.prim == "getitem" else 2
    keys: list[object] = []
    for step in parse_path(str(op.attrs["path"])):
        if isinstance(step, Attribute):
            keys.append(step.name)
            continue
        assert isinstance(step, Subscript)
        if step.is_tuple or not isinstance(step.items[0], int):
            break
        atom = op.args[first + step.items[0]]
        if not isinstance(atom, Lit):
            break
        keys.append(atom.value)
    return tuple(keys)


def overlap(a: Key, b: Key) -> bool:
    """Is one place inside the other?"""
    return all(x == y for x, y in zip(a, b, strict=False))
