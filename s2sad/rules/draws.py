"""Random draws: effects, whose results may vary with the parameters of a distribution.

    y = draw rng, loc, scale  distribution=normal

One primitive, `draw`, and a table of distributions: the parameters in order, what a
call returns, and how the draw moves with each parameter while the numbers behind it
stay: `loc + scale * z` has the slope `(y - loc) / scale` with respect to scale. A
parameter without such a formula is refused where it varies.

At a scale of 0 the number behind the draw is lost, and with it the slope: NaN.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from s2sad.ir.build import Builder
from s2sad.ir.kinds import FLOAT, INT, UNKNOWN, Array, Kind, List, Scalar, Unknown
from s2sad.ir.nodes import Atom, Op
from s2sad.rules import infer
from s2sad.rules.containers import as_array_kind
from s2sad.rules.creation import dtype_name
from s2sad.rules.dims import dims_from, size_of
from s2sad.rules.elementary import log, log1p
from s2sad.rules.handles import lift
from s2sad.rules.lazy import full, settled, unbroadcast
from s2sad.rules.primitive import Adjoints, Tangents, taken, total, wanted
from s2sad.rules.registry import BadArguments, find_object
from s2sad.rules.selecting import pole
from s2sad.rules.signature import NOT_STATIC, static
from s2sad.rules.verbs import custom, times

Given = Mapping[str, Atom]  # the arguments of a draw by the names of the parameters


@dataclass(frozen=True)
class Distribution:
    """`params` are the names in order, `defaults` what a formula takes for absent ones,
    `moves` the slope of the draw y with respect to a parameter, `kind` what it is.
    """

    params: tuple[str, ...]
    kind: Callable[[Given], Kind]
    defaults: Mapping[str, float] = field(default_factory=dict)
    moves: Mapping[str, Callable[..., object]] = field(default_factory=dict)


DISTRIBUTIONS: dict[str, Distribution] = {}


def drawn(names: str, params: str, kind: Callable[..., Kind], **moves: object) -> None:
    """Enter distributions: `params` is "loc=0.0, scale=1.0, size"."""
    order, defaults = [], {}
    for part in params.split(", ") if params else ():
        name, _, default = part.partition("=")
        order.append(name)
        if default:
            defaults[name] = float(default)
    for name in names.split():
        DISTRIBUTIONS[name] = Distribution(tuple(order), kind, defaults, moves)  # type: ignore[arg-type]


# ---- what a draw returns -------------------------------------------------------------


def present(given: Given, name: str) -> Atom | None:
    """An argument that is given and is not None."""
    atom = given.get(name)
    return None if atom is None or static(atom) is None else atom


def sized(dtype: str, single: Kind, *params: str) -> Callable[[Given], Kind]:
    """Of shape `size`, or of the shape of its parameters; `single` where that is ()."""

    def kind(given: Given) -> Kind:
        made = given.get("dtype")
        wanted = NOT_STATIC if made is None else static(made)
        if made is not None and wanted is NOT_STATIC:
            return UNKNOWN
        name = dtype if made is None else dtype_name(wanted, dtype)
        size = present(given, "size")
        if size is not None:
            if isinstance(size.kind, Unknown):
                return UNKNOWN  # it may be None
            return Array(name, dims_from([size]))
        kinds = [as_array_kind(given[p].kind) for p in params if p in given]
        dims = infer.broadcast([infer.dims_of(each) for each in kinds])
        if dims is None:
            return UNKNOWN
        if dims != ():
            return Array(name, dims)
        return single if made is None or single is FLOAT else Scalar(name)

    return kind


def like_rows(dtype: str, param: str) -> Callable[[Given], Kind]:
    """Vectors as long as `param`, one for each place of `size`."""

    def kind(given: Given) -> Kind:
        dims = infer.dims_of(as_array_kind(given[param].kind))
        size = present(given, "size")
        lead = () if size is None else dims_from([size])
        if dims is None or lead is None or len(dims) != 1:
            return UNKNOWN
        return Array(dtype, (*lead, *dims))

    return kind


def chosen(given: Given) -> Kind:
    """`choice`: numbers below `a`, or entries of `a`."""
    source = as_array_kind(given["a"].kind)
    axes = infer.dims_of(source)
    size = present(given, "size")
    if axes is None or len(axes) > 1 or size is not None and size.kind == UNKNOWN:
        return UNKNOWN
    dtype = "int64" if axes == () else infer.promote([source])
    if size is not None:
        return Array(dtype, dims_from([size]))
    return INT if axes == () else Scalar(dtype)


def permuted(given: Given) -> Kind:
    """Numbers below x, or x in another order."""
    atom = given["x"]
    kind = as_array_kind(atom.kind)
    if isinstance(kind, Scalar):
        return Array("int64", (size_of(atom),))
    return kind if isinstance(kind, Array) else UNKNOWN


def picked(given: Given) -> Kind:
    """`random.choice`: an item of a sequence."""
    kind = given["seq"].kind
    if isinstance(kind, Array) and kind.dims is not None and len(kind.dims) == 1:
        return Scalar(kind.dtype)
    if isinstance(kind, List):
        items = {kind.elem} if kind.items is None else set(kind.items)
        if len(items) == 1 and isinstance(*items, Scalar):
            return Scalar(items.pop().dtype)  # type: ignore[union-attr]
    return UNKNOWN


def counted(given: Given) -> Kind:
    """`rand`, `randn`: lengths one by one."""
    return Array("float64", dims_from(list(given.values()))) if given else FLOAT


REAL = functools.partial(sized, "float64", FLOAT)
WHOLE = functools.partial(sized, "int64", INT)
PLAIN = lambda given: FLOAT
COUNT = lambda given: INT

# ---- how a draw moves with a parameter -----------------------------------------------


def slope(numerator: object, denominator: object) -> object:
    return pole(numerator, denominator, math.nan)


def standard(y, loc, scale):
    return slope(y - loc, scale)


def share(y, low, high):
    """How far a uniform draw lies between its ends."""
    return slope(y - low, high - low)


# ---- NumPy: methods of a Generator and of RandomState, and `np.random` ---------------
# The numbers behind a draw from `standard_normal` and the like depend on nothing.

drawn("standard_normal standard_exponential random standard_cauchy", "size, dtype",
      REAL())  # fmt: skip
drawn("random_sample ranf sample", "size", REAL())
drawn("rand randn", "", counted)

drawn("normal laplace gumbel logistic", "loc=0, scale=1, size", REAL("loc", "scale"),
      loc=lambda y, loc, scale: 1, scale=standard)  # fmt: skip
drawn("uniform", "low=0, high=1, size", REAL("low", "high"),
      low=lambda y, low, high: 1 - share(y, low, high), high=share)  # fmt: skip
drawn("exponential rayleigh", "scale=1, size", REAL("scale"),
      scale=lambda y, scale: slope(y, scale))  # fmt: skip
drawn("lognormal", "mean=0, sigma=1, size", REAL("mean", "sigma"),
      mean=lambda y, mean, sigma: y,
      sigma=lambda y, mean, sigma: slope(y * (log(y) - mean), sigma))  # fmt: skip
drawn("weibull power", "a, size", REAL("a"),
      a=lambda y, a: -y * log(y) / a)  # fmt: skip
drawn("pareto", "a, size", REAL("a"),
      a=lambda y, a: -(1 + y) * log1p(y) / a)  # fmt: skip
drawn("gamma", "shape, scale=1, size", REAL("shape", "scale"),
      scale=lambda y, shape, scale: slope(y, scale))  # fmt: skip

drawn("beta", "a, b, size", REAL("a", "b"))
drawn("chisquare standard_t", "df, size", REAL("df"))
drawn("f", "dfnum, dfden, size", REAL("dfnum", "dfden"))
drawn("noncentral_chisquare", "df, nonc, size", REAL("df", "nonc"))
drawn("noncentral_f", "dfnum, dfden, nonc, size", REAL("dfnum", "dfden", "nonc"))
drawn("standard_gamma", "shape, size, dtype", REAL("shape"))
drawn("triangular", "left, mode, right, size", REAL("left", "mode", "right"))
drawn("vonmises", "mu, kappa, size", REAL("mu", "kappa"))
drawn("wald", "mean, scale, size", REAL("mean", "scale"))
drawn("multivariate_normal", "mean, cov, size, check_valid, tol",
      like_rows("float64", "mean"))  # fmt: skip
drawn("dirichlet", "alpha, size", like_rows("float64", "alpha"))

drawn("poisson", "lam, size", WHOLE("lam"))
drawn("binomial negative_binomial", "n, p, size", WHOLE("n", "p"))
drawn("geometric logseries", "p, size", WHOLE("p"))
drawn("zipf", "a, size", WHOLE("a"))
drawn("hypergeometric", "ngood, nbad, nsample, size",
      WHOLE("ngood", "nbad", "nsample"))  # fmt: skip
drawn("multinomial", "n, pvals, size", like_rows("int64", "pvals"))
drawn("integers", "low, high, size, dtype, endpoint",
      sized("int64", Scalar("int64"), "low", "high"))  # fmt: skip
drawn("randint", "low, high, size, dtype", WHOLE("low", "high"))
drawn("choice", "a, size, replace, p, axis, shuffle", chosen)
drawn("permutation", "x, axis", permuted)
drawn("permuted", "x, *, axis", permuted)

# ---- Python: functions of `random`, methods of a Random ------------------------------

drawn("random.random", "", PLAIN)
drawn("random.uniform", "a=0, b=1", PLAIN,
      a=lambda y, a, b: 1 - share(y, a, b), b=share)  # fmt: skip
drawn("random.gauss random.normalvariate", "mu=0, sigma=1", PLAIN,
      mu=lambda y, mu, sigma: 1, sigma=standard)  # fmt: skip
drawn("random.lognormvariate", "mu=0, sigma=1", PLAIN,
      mu=lambda y, mu, sigma: y,
      sigma=lambda y, mu, sigma: slope(y * (log(y) - mu), sigma))  # fmt: skip
drawn("random.expovariate", "lambd=1", PLAIN, lambd=lambda y, lambd: -y / lambd)
drawn("random.gammavariate", "alpha, beta", PLAIN,
      beta=lambda y, alpha, beta: slope(y, beta))  # fmt: skip
drawn("random.weibullvariate", "alpha, beta", PLAIN,
      alpha=lambda y, alpha, beta: slope(y, alpha),
      beta=lambda y, alpha, beta: -y * log(y / alpha) / beta)  # fmt: skip
drawn("random.paretovariate", "alpha", PLAIN,
      alpha=lambda y, alpha: -y * log(y) / alpha)  # fmt: skip
drawn("random.betavariate", "alpha, beta", PLAIN)
drawn("random.vonmisesvariate", "mu, kappa", PLAIN)
drawn("random.triangular", "low=0, high=1, mode", PLAIN)
drawn("random.randint", "a, b", COUNT)
drawn("random.randrange", "start, stop, step", COUNT)
drawn("random.getrandbits", "k", COUNT)
drawn("random.choice", "seq", picked)

# ---- the primitive -------------------------------------------------------------------


def parameters(op: Op) -> list[str]:
    """The names of the parameters that the operands of a draw are; "" for its source.

    The last operands are passed by the names in `keywords`.
    """
    return _names(len(op.args), op.attrs)


def _names(count: int, attrs: Mapping[str, object]) -> list[str]:
    words: tuple[str, ...] = tuple(attrs.get("keywords") or ())  # type: ignore[arg-type]
    callee = attrs.get("callee")
    sources = [""] if callee is None or str(callee).startswith(".") else []
    known = DISTRIBUTIONS[str(attrs["distribution"])].params
    first = count - len(words) - len(sources)
    if not known:  # lengths, one by one
        return [*sources, *(f"d{i}" for i in range(first)), *words]
    if first > len(known) or not set(words) <= {*known, "out", "method"}:
        raise BadArguments("its arguments do not fit")
    return [*sources, *known[:first], *words]


def _kind(args: Sequence[Atom], attrs: infer.Attrs) -> tuple[Kind, ...]:
    given = dict(zip(_names(len(args), attrs), args, strict=True))
    given.pop("", None)
    try:
        return (DISTRIBUTIONS[str(attrs["distribution"])].kind(given),)
    except KeyError as missing:
        raise BadArguments(f"the argument {missing} is missing") from None


def unmoved(op: Op) -> list[int]:
    """The operands of a draw that have no formula for how it moves with them."""
    moves = DISTRIBUTIONS[str(op.attrs["distribution"])].moves
    return [
        i
        for i, name in enumerate(parameters(op))
        if name not in moves or not isinstance(op.args[i].kind, (Scalar, Array))
    ]


def _move(b: Builder, op: Op, position: int) -> object:
    """The slope of the draw with respect to an operand."""
    found = DISTRIBUTIONS[str(op.attrs["distribution"])]
    names = parameters(op)
    values: dict[str, object] = dict(found.defaults)
    values.update((name, lift(b, arg)) for name, arg in zip(names, op.args))
    operands = (values[p] for p in found.params if p not in ("size", "dtype"))
    move = found.moves.get(names[position])
    # what has no formula has been refused: the rules go on to find what else is
    return 0 if move is None else move(lift(b, op.outs[0]), *operands)


def _forward(b: Builder, op: Op, tangents: Tangents) -> tuple[Atom | None, ...]:
    terms = [
        times(_move(b, op, i), lift(b, dot))
        for i, dot in enumerate(tangents)
        if dot is not None
    ]
    result = total([term for term in terms if term is not None])
    if result is None:
        return (None,)
    return (settled(result, lift(b, op.outs[0]), op.args).atom,)


def _backward(b: Builder, op: Op, bars: Adjoints) -> None:
    y_bar = taken(b, op, bars)
    if y_bar is None:
        return
    y = lift(b, op.outs[0])
    for i in wanted(op, bars):
        bar = times(_move(b, op, i), full(y_bar, y))
        if bar is not None:
            bars.add(op.args[i], unbroadcast(bar, lift(b, op.args[i]), y).atom)


def _run(*values: object, distribution: str, **attrs: object) -> object:
    """The call as it is written; of the library's own source where it names that."""
    words: tuple[str, ...] = tuple(attrs.get("keywords") or ())  # type: ignore[arg-type]
    args = list(values)
    callee = attrs.get("callee")
    if callee is None:
        function = args.pop(0)
    elif str(callee).startswith("."):
        function = getattr(args.pop(0), str(callee)[1:])
    else:
        home = "" if "." in distribution else "np.random."
        function = find_object(home + distribution)
    first = len(args) - len(words)
    return function(*args[:first], **dict(zip(words, args[first:], strict=True)))  # type: ignore[operator]


draw = custom(
    "<draw>",
    _forward,
    _backward,
    kind=_kind,
    run=_run,
    effect=True,
    doc="the slope of the draw by each parameter, the numbers behind it as they are",
)


def distribution(cls: type, name: str) -> str | None:
    """The distribution that a method of a source draws from, if the table has it."""
    import random

    key = f"random.{name}" if issubclass(cls, random.Random) else name
    return key if key in DISTRIBUTIONS else None
