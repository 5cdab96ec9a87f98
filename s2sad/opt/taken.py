"""Read what may be None under the name it has.

    best.2 = present best.1         ->     %1 = mul 2, best.1
    %1 = mul 2, best.2

Only the kind differs, which passes want to know and Python does not ask for. The last
step before a program is printed.
"""

from __future__ import annotations

from s2sad.ir.nodes import Function, Op
from s2sad.ir.walk import primitives
from s2sad.opt.rewrite import Rewriter


class Taken(Rewriter):
    def op(self, op: Op) -> None:
        if op.prim == "present":
            self.use(op.outs[0], op.args[0])
        else:
            self.emit(op)


def as_named(function: Function) -> Function:
    if "present" not in primitives(function.body):
        return function
    return Taken().run(function)
