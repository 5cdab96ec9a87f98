"""Where values reach the result, told from one trip to another and between functions.

    for i in range n with t = t: t = mul t, s    # s = log x
    y = where c, t, 0
    y = where c, (call log_of x), 0              # in log_of, too, log has its pole

`Reach` names tests of one region. A loop that carries what does not always count (`t`
above) carries an array of bool beside its adjoint, which tells where it does. The
reverse half of a callee gets, after the adjoints of its results, an array of bool for
each result that does not always count, and returns one for each argument, after their
adjoints: what the caller does with the argument before may have a pole as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from s2sad.ad.adjoints import Scope, flag_kind
from s2sad.ad.seeds import Key, is_structure, kind_at, leaves
from s2sad.ir.kinds import Array, Scalar
from s2sad.ir.nodes import UNDEF, Atom, For, Function, Var, While
from s2sad.rules.reach import EVER, Reach

Leaf = tuple[int, Key]  # the number of an argument or result, and a place in it


def flag_var(name: str, atom: Atom, key: Key) -> Var:
    """A variable for whether a place of a value counts."""
    known = not key or is_structure(atom.kind)  # not while a recursive callee is made
    kind = flag_kind(kind_at(atom.kind, key)) if known else Array("bool")
    return Var(f"{name}_counts" if name else "", kind)


def reaches_of(
    number: int, told: Sequence[Leaf], flags: Sequence[Var]
) -> dict[Key, Reach]:
    """What the flags say of the places in one argument or result."""
    return {
        key: Reach(((flag, True),))
        for (k, key), flag in zip(told, flags, strict=True)
        if k == number
    }


@dataclass
class Told:
    """What a mirrored loop carries beside the adjoints of some of its slots."""

    inits: dict[int, Atom] = field(default_factory=dict)  # slot -> whether it counts
    params: dict[int, Var] = field(default_factory=dict)
    outs: dict[int, Var] = field(default_factory=dict)

    @classmethod
    def by(cls, scope: Scope, stmt: For | While, slots: Sequence[int]) -> Told:
        """Before the adjoints of the loop's results are taken."""
        told = cls()
        if not scope.any_told((stmt.outs[k], ()) for k in slots):
            return told
        for k in slots:
            kind = stmt.params[k].kind
            if stmt.outs[k].kind != kind or not isinstance(kind, (Scalar, Array)):
                continue
            if stmt.inits[k] == UNDEF:
                continue
            flag = scope.told((stmt.outs[k], ()), kind)
            if flag is not None:
                told.inits[k] = flag
                told.params[k], told.outs[k] = Var("", flag.kind), Var("", flag.kind)
                scope.facts.flags.update((told.params[k], told.outs[k]))
        return told

    def inside(self, slot: int) -> Reach | None:
        return reach_by(self.params.get(slot))

    def after(self, slot: int) -> Reach | None:
        return reach_by(self.outs.get(slot))

    def ends(self, inner: Scope, stmt: For | While) -> list[Atom]:
        """What the next trip is told, as the adjoints of this one are done."""
        found = []
        for k in self.params:
            place = (stmt.params[k], ())
            always = inner.touches(place) and inner.outer_reach(place) is None
            found.append(inner.flag(place, EVER if always else None))
        return found


def reach_by(flag: Var | None) -> Reach | None:
    return None if flag is None else Reach(((flag, True),))


@dataclass
class Telling:
    """What a callee is told of its results, and tells of its arguments.

    What it tells is known when it is made. A callee that calls itself is made on the
    supposition that it can tell of all its arguments, and again where it can't.
    """

    chosen: Sequence[Leaf]
    flags: Sequence[Var]
    supposed: list[Leaf] = field(default_factory=list)
    reaching: list[Leaf] = field(default_factory=list)

    def suppose(self, primal: Function, args: Sequence[int]) -> None:
        """All arguments, if there is anything to pass on."""
        if self.chosen:
            kinds = [(k, primal.params[k].var.kind) for k in args]
            self.supposed = [(k, key) for k, kind in kinds for key, _ in leaves(kind)]

    def holds(self) -> bool:
        """Was all that was supposed told? Else less is supposed from now on."""
        held = [leaf for leaf in self.supposed if leaf in self.reaching]
        same, self.supposed = held == self.supposed, held
        return same

    def of(self, result: int) -> dict[Key, Reach]:
        return reaches_of(result, self.chosen, self.flags)

    def tell(
        self, scope: Scope, primal: Function, args: Sequence[int], recursive: bool
    ) -> list[Atom]:
        """Flags for the places in these arguments, as their adjoints are done."""
        found: dict[Leaf, Atom] = {}
        for k in args:
            var = primal.params[k].var
            for key, kind in leaves(var.kind):
                flag = scope.told((var, key), kind)
                if flag is not None and (not recursive or (k, key) in self.supposed):
                    found[k, key] = flag
        self.reaching = list(found)
        return list(found.values())
