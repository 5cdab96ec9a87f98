"""The last pass: element reads of the derivative as Python floats, and what follows.

    x_bar.1 = getitem path_bar[i]   ->   x_bar.1 = item path_bar, i
    r = float x_bar.2                    (gone where x_bar.2 is a Python float)

A NumPy scalar that leaks into a loop of Python floats makes every operation after it
three times slower: an element that the reverse half reads is taken as a Python float.
Adjoints of loops were given the kinds of what they are adjoints of; here they get the
kinds of what is really in them, from the first trip on. Conversions that change nothing
go, and guards that NumPy's own numbers do not need. Last of all, statements are put in
the order that needs the fewest names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import reduce

from s2sad.analysis.lineage import WRITES
from s2sad.ir.kinds import (
    FLOAT,
    UNKNOWN,
    Array,
    Kind,
    List,
    Scalar,
    Tape,
    is_float_dtype,
    is_python_scalar,
)
from s2sad.ir.nodes import (
    UNDEF,
    Atom,
    Block,
    Call,
    For,
    Function,
    If,
    Op,
    Program,
    Stmt,
    Var,
    While,
)
from s2sad.ir.paths import parse_path
from s2sad.ir.walk import blocks, primitives, statements, with_blocks, with_stmts
from s2sad.opt.absorb import absorb
from s2sad.opt.brackets import brackets
from s2sad.opt.contract import contract
from s2sad.opt.dce import dce
from s2sad.opt.distinct import distinct
from s2sad.opt.drain import drain
from s2sad.opt.entries import entries
from s2sad.opt.floats import ITEM, floats, guarded, is_element, unbound
from s2sad.opt.indices import indices
from s2sad.opt.inrows import in_rows
from s2sad.opt.inward import inward
from s2sad.opt.latest import latest
from s2sad.opt.leaves import is_record, joined, refined, weakened
from s2sad.opt.newest import newest
from s2sad.opt.pipeline import tidy
from s2sad.opt.plain import plain
from s2sad.opt.powers import powers
from s2sad.opt.pushed import pushed
from s2sad.opt.regroup import regroup
from s2sad.opt.rescale import rescale
from s2sad.opt.rewrite import Rewriter
from s2sad.opt.rows import rows
from s2sad.opt.sink import sink
from s2sad.opt.spell import spell
from s2sad.opt.stack import stack
from s2sad.opt.starts import starts
from s2sad.opt.straighten import straighten
from s2sad.opt.unguard import unguard
from s2sad.opt.whole import whole
from s2sad.rules import TABLE, BadArguments

# Of Python floats, these make a Python float.
OF_FLOATS = frozenset("add sub mul neg".split())


def refine(
    program: Program, level: int = 1, native: bool = False, contracts: bool = False
) -> Program:
    """The program with element reads as Python floats, and no idle conversions.

    In `native` code a float is a float, whoever made it. `contracts`: may sums of
    products be written in other words, see `contract`?
    """
    functions = dict(program.functions)
    if level > 0:
        functions = {key: _inward(function) for key, function in functions.items()}
        if not native:  # machine code does all additions of an element at once
            functions = {key: _rescaled(f) for key, f in functions.items()}
        functions = {
            key: _in_other_words(function, contracts, native)
            for key, function in functions.items()
        }
    if level > 0 and not native:
        functions = {key: powers(function) for key, function in functions.items()}
    if level > 0 and not native:
        functions = {key: distinct(function) for key, function in functions.items()}
    functions = {
        key: with_items(rows(starts(brackets(function))))
        for key, function in functions.items()
    }
    if level > 0 and not native:
        functions = {key: entries(function) for key, function in functions.items()}
    _settle(functions)
    guards: Mapping[str, set[Var]] = {}
    if level > 0 and not native:
        functions, guards = _with_floats(functions)
    elif not native:
        functions = _plain(functions)
    if level > 0 and not native:
        drained = {key: drain(function) for key, function in functions.items()}
        functions = {
            key: dce(made) if made is not functions[key] else made
            for key, made in drained.items()
        }
    done = {
        key: newest(
            sink(indices(whole(_tidied(function, level, guards.get(key)), native)))
        )
        for key, function in functions.items()
    }
    return spell(Program(program.main, done))


def _with_floats(
    functions: Mapping[str, Function],
) -> tuple[dict[str, Function], dict[str, set[Var]]]:
    """With elements read as Python floats, and the quotients that need a guard for it.

    Only when all numbers are known does it show which ones do. If more do than was
    thought, less is gained, and what is read is chosen again.
    """
    at_risk: set[Var] = set()
    while True:
        read = {key: floats(made, at_risk) for key, made in functions.items()}
        done = {key: made for key, (made, _) in read.items()}
        if any(made is not functions[key] for key, made in done.items()):
            _settle(done)
            while any([_tapes(made) for made in done.values()]):
                _settle(done)
        done = _plain(done)
        guards = {key: unbound(done[key], found) for key, (_, found) in read.items()}
        found = set().union(*guards.values())
        if found <= at_risk:
            break
        at_risk |= found
        _settle(functions)  # as it was
    done = {key: guarded(made, guards[key]) for key, made in done.items()}
    return done, guards


def _tidied(function: Function, level: int, guards: Collection[Var] | None) -> Function:
    """Without guards and conversions that nothing needs: a guarded quotient counts as
    a Python float, and is NumPy's number where there is a zero."""
    free = _unguarded(function, level)
    return free if guards else _converted(free)


def _plain(functions: Mapping[str, Function]) -> dict[str, Function]:
    done = {key: plain(function) for key, function in functions.items()}
    if any(done[key] is not function for key, function in functions.items()):
        _settle(done)
    return done


def _in_other_words(function: Function, contracts: bool, native: bool) -> Function:
    """With products of arrays joined; where that has changed nothing, sums of products
    are as good as they get."""
    stacked = stack(function)
    if stacked is not function and not native:
        stacked = in_rows(stacked)
    if not contracts:
        return stacked
    absorbed = absorb(stacked)
    if absorbed is not stacked:
        stacked = dce(absorbed)
    made = contract(stacked)
    return made if made is function else regroup(made)


def _inward(function: Function) -> Function:
    """With additions in branches, where they may meet what is done there."""
    made = inward(straighten(latest(function)))
    return made if made is function else tidy(made)


def _rescaled(function: Function) -> Function:
    """With parts of arrays multiplied where they lie."""
    made = rescale(function)
    return made if made is function else dce(made)


def _unguarded(function: Function, level: int) -> Function:
    """Without guards that nothing needs; a formula may then take in what they held."""
    free = unguard(function)
    return free if level == 0 or free is function else regroup(free)


def _settle(functions: Mapping[str, Function]) -> None:
    """Give all real scalars their kinds, in all functions."""
    news = True
    while news:  # callees may come after their callers, and call themselves
        for function in functions.values():
            _kinds(function.body, functions)
        news = any(
            [_given(function.body, functions) for function in functions.values()]
        )
        news |= any(
            [_taken(function.body, functions) for function in functions.values()]
        )


def _tapes(function: Function) -> bool:
    """Let tapes be of what is put on them; is that less than they were made for?"""
    news = False
    for tape, values in pushed(function).items():
        if is_floats(tape.kind) and all(value.kind == FLOAT for value in values):
            news |= _set(tape, Tape(FLOAT))
    return news


def is_floats(kind: Kind) -> bool:
    return isinstance(kind, Tape) and _is_float(kind.elem)


# ---- element reads -------------------------------------------------------------------


def with_items(function: Function) -> Function:
    if "getitem" not in primitives(function.body):
        return function
    return replace(function, body=_items(function.body))


def _items(block: Block) -> Block:
    return with_stmts(block, list(map(_item, block.stmts)))


def _item(stmt: Stmt) -> Stmt:
    if not isinstance(stmt, Op):
        return with_blocks(stmt, tuple(map(_items, blocks(stmt))))
    derived = stmt.span is not None and stmt.span.reverse
    if stmt.prim != "getitem" or not derived or not is_element(stmt):
        return stmt
    return replace(stmt, prim="item", attrs=ITEM)


# ---- kinds ---------------------------------------------------------------------------


def _kinds(block: Block, functions: Mapping[str, Function]) -> None:
    """Give every real scalar the kind that its definition gives it."""
    for stmt in block.stmts:
        if isinstance(stmt, Op):
            _op_kinds(stmt)
        elif isinstance(stmt, If):
            _kinds(stmt.then, functions)
            _kinds(stmt.orelse, functions)
            for k, out in enumerate(stmt.outs):
                _set(out, _join(stmt.then.yields[k], stmt.orelse.yields[k]))
        elif isinstance(stmt, (For, While)):
            _loop_kinds(stmt, functions)


def _given(block: Block, functions: Mapping[str, Function]) -> bool:
    """Let the parameters of callees be of all kinds they are given; is that news?"""
    news = False
    for stmt in statements(block) if "Call" in primitives(block) else ():
        if isinstance(stmt, Call) and stmt.function in functions:
            params = functions[stmt.function].params
            for param, arg in zip(params, stmt.args, strict=False):
                news |= _set(param.var, _join(param.var, arg))
    return news


def _taken(block: Block, functions: Mapping[str, Function]) -> bool:
    """Let the results of calls be of the kinds that the callees give; is that news?"""
    news = False
    for stmt in statements(block) if "Call" in primitives(block) else ():
        if isinstance(stmt, Call) and stmt.function in functions:
            results = functions[stmt.function].results
            for out, result in zip(stmt.outs, results, strict=False):
                news |= _set(out, result.kind)
    return news


def _loop_kinds(stmt: For | While, functions: Mapping[str, Function]) -> None:
    for param, init in zip(stmt.params, stmt.inits, strict=True):
        _set(param, init.kind)
    changed = True
    while changed:
        _kinds(stmt.body, functions)
        changed = False
        for param, init, end in zip(
            stmt.params, stmt.inits, stmt.body.yields, strict=True
        ):
            changed |= _set(param, _join(init, end))
    if isinstance(stmt, While):
        _kinds(stmt.test, functions)
    for out, param in zip(stmt.outs, stmt.params, strict=True):
        _set(out, param.kind)


def _op_kinds(op: Op) -> None:
    if op.prim in OF_FLOATS and op.outs[0].kind is FLOAT and not op.attrs:
        for arg in op.args:
            if arg.kind is not FLOAT:
                break
        else:  # most of all: it is what it is known to be
            return
    if op.prim in ("push", "pop"):
        _tape_kinds(op)
        return
    if is_record(op.outs[0].kind if op.outs else UNKNOWN):
        _record_kinds(op)
        return
    if op.args and op.prim == "getitem" and is_record(op.args[0].kind):
        _inferred(op)
        return
    if op.args and (op.prim == "list" or isinstance(op.args[0].kind, List)):
        _list_kinds(op)
        return
    for out in op.outs:
        if _is_float(out.kind):
            break
    else:
        return
    for arg in op.args:
        if not isinstance(arg.kind, (Scalar, Array)):
            return
    _inferred(op)


def _inferred(op: Op) -> None:
    try:
        kinds = TABLE[op.prim].infer(op.args, op.attrs)
    except BadArguments:
        return
    for out, kind in zip(op.outs, kinds, strict=True):
        _set(out, kind)


def _record_kinds(op: Op) -> None:
    """A container holds what it is made of, and what is put into it."""
    out = op.outs[0]
    if op.prim not in WRITES:
        _inferred(op)
        return
    before, value = op.args[0].kind, op.args[1].kind
    _set(out, before)
    if op.prim == "setitem" and len(parse_path(str(op.attrs["path"]))) == 1:
        _inferred(op)
    else:
        _set(out, weakened(before, value))


def _tape_kinds(op: Op) -> None:
    """A tape or list of scalars holds what is pushed on it, and gives that back."""
    tape = op.args[0].kind
    if isinstance(tape, List):
        _list_kinds(op)
        return
    if not isinstance(tape, Tape):
        return
    if op.prim == "pop":
        _set(op.outs[0], tape)
        _set(op.outs[1], tape.elem)
        return
    elem = _joined(tape.elem, op.args[1].kind)
    _set(op.outs[0], None if elem is None else Tape(elem))


def _list_kinds(op: Op) -> None:
    """A list of scalars holds what is put there, and gives that back."""
    kind, path = op.args[0].kind, op.attrs.get("path")
    if op.prim == "list":
        _set(op.outs[0], List(tuple(arg.kind for arg in op.args)))
    elif op.prim in WRITES:
        _set(op.outs[0], _with(kind, _inside(op.args[1].kind)))
    elif op.prim == "getitem" and path == "[#]":
        _set(op.outs[0], _inside(kind))
    elif op.prim in ("push", "append"):
        _set(op.outs[0], _grown(kind, op.args[1].kind))
    elif op.prim == "repeated":
        _set(op.outs[0], List(None, op.args[1].kind))
    elif op.prim in ("add_items", "joined"):
        _set(op.outs[0], _with(kind, _inside(op.args[1].kind)))
    else:
        _inferred(op)


def _grown(kind: Kind, new: Kind) -> Kind | None:
    """A list with one item more."""
    if isinstance(kind, List) and kind.items is not None:
        return List((*kind.items, new))
    return _with(kind, new)


def _with(kind: Kind, value: Kind) -> Kind | None:
    """A list of scalars, any of which may have been replaced, or added to."""
    elem = _joined(_inside(kind), value)
    if elem is None or not isinstance(kind, List):
        return None
    if kind.items is None:
        return List(None, elem)
    return List((elem,) * len(kind.items))


def _set(var: Var, kind: Kind | None) -> bool:
    """Change the kind of a real scalar, or of a tape or list of them, to another.

    Tells whether that was news.
    """
    if kind is None or kind is var.kind:
        return False
    if isinstance(var.kind, Scalar) and isinstance(kind, Array):
        kind = Scalar(kind.dtype)  # of unknown rank: here it is a number
    if is_record(var.kind):
        before, var.kind = var.kind, refined(var.kind, kind)
        return var.kind != before
    if not _is_float(_inside(var.kind)) or not _is_float(_inside(kind)):
        return False
    if type(var.kind) is not type(kind):
        return False
    news = var.kind != kind
    var.kind = kind
    return news


def _join(a: Atom, b: Atom) -> Kind | None:
    """The kind of a value that is one or the other: NumPy's scalars are stronger."""
    if a == UNDEF or b == UNDEF:
        return b.kind if a == UNDEF else a.kind
    if is_record(a.kind):
        return joined(a.kind, b.kind)
    if isinstance(a.kind, Tape) and isinstance(b.kind, Tape):
        elem = _joined(a.kind.elem, b.kind.elem)
        return None if elem is None else Tape(elem)
    if isinstance(a.kind, List):
        return _with(a.kind, _inside(b.kind))
    return _joined(a.kind, b.kind)


def _joined(a: Kind, b: Kind) -> Kind | None:
    # what is known as an array, and joined with a number, may be NumPy's scalar
    a, b = (Scalar(k.dtype) if isinstance(k, Array) else k for k in (a, b))
    if not (_is_number(a) and _is_number(b)):
        return None
    return a if is_python_scalar(b) else b


def _inside(kind: Kind) -> Kind:
    """The kind of what a tape or list of scalars holds, or else the kind itself."""
    if isinstance(kind, Tape):
        return kind.elem
    if isinstance(kind, List) and kind.items and all(map(_is_number, kind.items)):
        return reduce(lambda a, b: _joined(a, b) or UNKNOWN, kind.items)
    return kind.elem or kind if isinstance(kind, List) else kind


def _is_float(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and is_float_dtype(kind.dtype)


def _is_double(kind: Kind) -> bool:
    return isinstance(kind, Scalar) and kind.dtype in ("float", "float64")


def _is_number(kind: Kind) -> bool:
    return isinstance(kind, Scalar)


# ---- conversions ---------------------------------------------------------------------


def _converted(function: Function) -> Function:
    """Without conversions of Python floats to Python floats, and of whole numbers that
    a float is computed with."""
    if "float" not in primitives(function.body):
        return function
    return Converted().run(function)


class Converted(Rewriter):
    def __init__(self) -> None:
        super().__init__()
        self.whole: dict[Atom, Atom] = {}  # what was converted from a whole number

    def op(self, op: Op) -> None:
        if op.prim == "float" and "spelling" not in op.attrs and op.args:
            (x,) = op.args
            if x.kind == FLOAT:
                self.use(op.outs[0], x, rename=False)
                return
            if isinstance(x.kind, Scalar) and x.kind.dtype == "int":
                self.whole[op.outs[0]] = x
        elif op.prim in ("add", "sub", "mul", "div") and not op.attrs:
            a, b = op.args
            first = self.whole.get(a, a) if _is_double(b.kind) else a
            second = self.whole.get(b, b) if _is_double(a.kind) and first is a else b
            if first is not a or second is not b:
                self.changed = True
                op = Op(op.outs, op.prim, (first, second), op.attrs, op.span)
        self.stmts.append(op)
