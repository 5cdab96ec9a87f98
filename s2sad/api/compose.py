"""Operators on programs: the IR of `grad(f)` from the IR of `f`, recipe by recipe.

    grad             vjp, seeded with one            value_and_grad   the same, with y
    derivative       jvp, seeded with one            tangent          jvp
    hvp              jvp of the gradient             adjoint          vjp
    hessian          Jacobian of the gradient        jacobian         see `jacobians`

An inner operator is applied first and tidied; the outer one sees ordinary IR.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from inspect import Parameter

from s2sad import ad
from s2sad.ad.refuse import place_of
from s2sad.api import jacobians, programs
from s2sad.api.counts import is_count
from s2sad.api.elementwise import mixing_op
from s2sad.api.modes import Choice
from s2sad.api.places import described, kind_at, settle
from s2sad.api.recipe import WORDS, Recipe
from s2sad.errors import Diagnostic, raise_all, refuse
from s2sad.errors import Place as ErrorPlace
from s2sad.ir.build import Builder
from s2sad.ir.kinds import (
    Array,
    Kind,
    Maybe,
    Scalar,
    Static,
    Tuple,
    Unknown,
    is_float_dtype,
)
from s2sad.ir.nodes import Atom, Block, Function, Lit, Program, Var
from s2sad.ir.verify import verify_program
from s2sad.ir.walk import mapping, substitute_block
from s2sad.opt import optimise

ONE = Lit(1.0)


@dataclass
class Composer:
    """Applies the operators of a recipe, innermost first.

    `base` are the parameters of the user's function, `sizes` the lengths that dims such
    as "x.0" had in the call at hand; a choice made by sizes is noted in `choices`.
    """

    base: tuple[Parameter, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    second: Program | None = None  # what `split` and `linear` call later
    warnings: list[Diagnostic] = field(default_factory=list)
    thrifty: bool = True  # see `ad.vjp`

    def compose(self, recipe: Recipe, program: Program) -> Program:
        native = recipe.target == "numba"
        self.thrifty = not native
        if recipe.optimize:  # what is shared is kept only once
            program = optimise(program, 1, native=native)
        for step in recipe.chain():
            program = self.apply(step, program)
            if step is not recipe:
                program = optimise(program, 1)
        return program

    def apply(self, step: Recipe, program: Program) -> Program:
        """One operator."""
        params = step.inner.parameters(self.base) if step.inner else self.base
        entry = program.entry
        places = settle(
            step.places(params, entry.name),
            [p.var.kind for p in entry.params],
            [p.var.name for p in entry.params],
            entry.name,
            everything=step.wrt.lenient,
            counts=[i for i, p in enumerate(entry.params) if is_count(program, p.var)],
            where=defined_at(entry),
        )
        wrt = ad.Wrt(places, step.wrt.single)
        if step.inner is None:  # the user's own function
            self.warnings += ad.equality_tests(program, wrt)
            if step.operator != "tangent":
                self.warnings += ad.kept_whole(program)
        if not step.wrt.lenient:
            refuse_counts(program, wrt)
        if any(isinstance(result.kind, Unknown) for result in entry.results):
            ad.jvp(program, wrt)  # names the call without a rule, if that is why
        made = OPERATORS[step.operator](self, step, program, wrt)
        made = programs.distinct(made)
        return verify_program(made) if step.debug else made


def refuse_counts(program: Program, wrt: ad.Wrt) -> None:
    """A number that says how many trips, or which element, has no derivative."""
    for number, key in wrt.places:
        var = program.entry.params[number].var
        if not key and isinstance(var.kind, Scalar) and is_count(program, var):
            what = "used as a count, an index or a length"
            place = defined_at(program.entry)
            raise_all([refuse("wrt-not-numeric", place, wrt=var.name, what=what)])


def gradient(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    value = step.operator == "value_and_grad"
    need_scalar(step, program, wrt)
    made = ad.vjp(
        program, wrt, value=value, seed=False, aux=step.has_aux, thrifty=c.thrifty
    )
    return named(made, program, step)


def adjoint(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    result_kind(program)
    made = ad.vjp(program, wrt, thrifty=c.thrifty)
    return named(made, program, step)


def tangent(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    result_kind(program)
    return named(ad.jvp(program, wrt), program, step)


def product(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    """`(gradient, Hessian times tangents)`."""
    inner = gradient(c, replace(step, operator="grad"), program, wrt)
    return named(ad.jvp(optimise(inner, 1), wrt), program, step)


def derivative(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    """Seeded with one: of a number by forward mode, of an array if f is elementwise."""
    kinds = [kind_at(program.entry.params[n].var.kind, key) for n, key in wrt.places]
    y = result_kind(program)
    arrays = [kind for kind in kinds if not isinstance(kind, Scalar)]
    if arrays:
        mixed = mixing_op(optimise(program, 1), wrt)
        if mixed is not None:
            raise_all(
                [
                    refuse(
                        "not-elementwise", place_of(mixed.span), name=program.entry.name
                    )
                ]
            )
    if len(kinds) == 1 and wrt.single:
        made = seeded(ad.jvp(program, wrt, value=False), 1)
    elif arrays or isinstance(y, Scalar):
        made = seeded(ad.vjp(program, wrt, value=False), 1)
    else:
        made = jacobians.jacobian(c, replace(step, mode="auto"), program, wrt)
    doc = f"Derivative of `{program.entry.name}`."
    return named(made, program, step, doc)


def jacobian(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    result_kind(program)
    made = jacobians.jacobian(c, step, program, wrt)
    return named(made, program, step)


def hessian(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    y = result_kind(program)
    if isinstance(y, Scalar) or (isinstance(y, Array) and y.dims == ()):
        inner = gradient(c, replace(step, operator="grad"), program, wrt)
        step = replace(step, mode="fwd")
    else:
        inner = jacobian(c, replace(step, operator="jacobian"), program, wrt)
    made = jacobians.jacobian(c, step, optimise(inner, 1), wrt)
    return named(made, program, step)


def split(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    """The forward half; the reverse half waits in `second`."""
    result_kind(program)
    forward, second = ad.split(program, wrt)
    c.second = programs.distinct(second)
    return forward


def linear(c: Composer, step: Recipe, program: Program, wrt: ad.Wrt) -> Program:
    """The forward half; `second` is the transpose of the reverse half.

    The reverse half is linear in its seed, so its own adjoint with respect to the seed
    takes tangents of the arguments to the tangent of the result, and reads only what
    was kept.
    """
    result_kind(program)
    forward, reverse = ad.split(program, wrt)
    back = ad.vjp(optimise(reverse, 1), ad.Wrt(((1, ()),), single=True), value=False)
    c.second = programs.distinct(transposed(optimise(back, 1)))
    return forward


def transposed(program: Program) -> Program:
    """The transpose of a function that is linear in its seed.

    The seed stays a parameter, for its shape: the derivative of a linear function is
    the same everywhere, so that zeros are as good as any value.
    """
    entry = program.entry
    rest = entry.params[2:]
    params = (*entry.params[:2], *(replace(p, default=None) for p in rest))
    name = entry.name.removesuffix("_vjp").removesuffix("_rev") + "_linear"
    doc = f"Tangent of the result of `{name.removesuffix('_linear')}`."
    made = replace(entry, name=name, params=params, doc=doc)
    return Program(name, {**program.functions, name: made})


Operator = Callable[[Composer, Recipe, Program, ad.Wrt], Program]
OPERATORS: dict[str, Operator] = {
    "grad": gradient,
    "value_and_grad": gradient,
    "adjoint": adjoint,
    "tangent": tangent,
    "hvp": product,
    "derivative": derivative,
    "jacobian": jacobian,
    "hessian": hessian,
    "split": split,
    "linear": linear,
}


# ---- results -------------------------------------------------------------------------


def result_kind(program: Program) -> Kind:
    """The kind of what a program returns."""
    results = program.entry.results
    kind = (
        results[0].kind if len(results) == 1 else Tuple(tuple(r.kind for r in results))
    )
    if isinstance(kind, Static) and kind.value is None:
        where = ""
        name = program.entry.name
        raise_all(
            [
                refuse(
                    "missing-return",
                    defined_at(program.entry),
                    name=name,
                    where=where,
                    value="y",
                )
            ]
        )
    return kind


def need_scalar(step: Recipe, program: Program, wrt: ad.Wrt) -> None:
    """A gradient is of one real number."""
    name = program.entry.name
    place = returned_at(program.entry)
    kind = result_kind(program)
    if step.has_aux:
        if not (isinstance(kind, Tuple) and len(kind.items) == 2):
            raise_all([refuse("aux-shape", place, name=name, what=described(kind))])
        kind = kind.items[0]
    if isinstance(kind, Unknown):
        what = "a value of unknown kind"
        help = "say that it is a number: `return float(...)`"
        if isinstance(kind, Maybe):
            what = "None on some way"
            help = "return a number on every way, or raise an error where there is none"
        raise_all([refuse("not-real", place, name=name, what=what, help=help)])
    if isinstance(kind, (Scalar, Array)) and not is_float_dtype(kind.dtype):
        what = described(kind)
        raise_all([refuse("not-real", place, name=name, what=what)])
    one = isinstance(kind, Scalar) or (
        isinstance(kind, Array)
        and kind.dims is not None
        and all(dim == 1 for dim in kind.dims)
    )
    if not one:
        what = described(kind)
        operator = step.operator
        raise_all(
            [refuse("not-scalar", place, operator=operator, name=name, what=what)]
        )


def defined_at(entry: Function) -> ErrorPlace | None:
    """The line of the `def`."""
    source = entry.source
    if source is None:
        return None
    first = source.line(1)
    end = source.col_offset + len(first.rstrip())
    line = source.first_line
    return ErrorPlace(source.filename, line, source.col_offset, line, end)


def returned_at(entry: Function) -> ErrorPlace | None:
    """Where the result is computed, or the `def` if that is nowhere in particular."""
    for stmt in entry.body.stmts:
        if entry.results[0] in stmt.outs and stmt.span is not None:
            return place_of(stmt.span)
    return defined_at(entry)


# ---- seeds that are known ------------------------------------------------------------


def seeded(program: Program, count: int) -> Program:
    """The program with its last `count` parameters put to one."""
    entry = program.entry
    rest, seeds = entry.params[:-count], entry.params[-count:]
    if entry.params and entry.params[-1].style == "doublestar":
        at = len(entry.params) - 1
        rest = (*entry.params[: at - count], entry.params[-1])
        seeds = entry.params[at - count : at]
    b = Builder()
    table: dict[Var, Atom] = {}
    for param in seeds:
        var = param.var
        if isinstance(var.kind, Array):
            table[var] = b.op("ones_like", (donor(program, var),), var.kind, var.name)
        else:
            table[var] = ONE
    body = substitute_block(entry.body, mapping(table))
    stmts = (*b.stmts, *body.stmts)
    block = Block(stmts, body.yields, body.stop)
    made = replace(entry, params=tuple(rest), body=block)
    return Program(program.main, {**program.functions, program.main: made})


def donor(program: Program, seed: Var) -> Atom:
    """A parameter with the shape of a seed: of an elementwise function, each has."""
    for param in program.entry.params:
        if param.var is not seed and param.var.kind == seed.kind:
            return param.var
    raise AssertionError("no parameter has the shape of the seed")


# ---- names ---------------------------------------------------------------------------


def named(
    made: Program, primal: Program, step: Recipe, doc: str | None = None
) -> Program:
    """The program with its entry called after the function and the operator."""
    name = f"{primal.entry.name}_{WORDS[step.operator][1]}"
    entry = replace(made.entry, name=name, doc=doc or made.entry.doc)
    functions = dict(made.functions)
    del functions[made.main]
    key = name
    while key in functions:
        key += "_"
    return Program(key, {**functions, key: entry})
