"""Derived functions: objects that are called like the function they come from.

Looking at one (`repr`, `inspect.signature`, `hasattr`, pytest's collection) derives
nothing; calling it does, once per combination of argument kinds.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from types import FunctionType, MethodType
from typing import Any, Generic, ParamSpec, TypeVar

from s2sad.api.recipe import WORDS, Recipe
from s2sad.api.target import Target, find_target, parameters_of, places_of_defaults
from s2sad.api.wrt import Wrt
from s2sad.load.dispatch import Case, Dispatcher, Signature
from s2sad.load.sites import site_of

P = ParamSpec("P")
R = TypeVar("R")


def derive(recipe: Recipe, function: Any, arguments: Mapping[str, object]) -> Case:
    """Make a specialisation; the pipeline is not loaded before the first call."""
    from s2sad.api.derive import derive_case

    return derive_case(recipe, function, arguments)


def behind_presets(
    call: Callable[..., Any], before: int, seeds: list[str]
) -> Callable[..., Any]:
    """A call in which seeds by position follow what a partial leaves to be given so."""

    def seeded(*args: Any, **kwargs: Any) -> Any:
        given = args[before:]
        if len(given) > len(seeds):
            return call(*args, **kwargs)  # which complains
        return call(*args[:before], **dict(zip(seeds, given)), **kwargs)

    return seeded


class Derived(Generic[P, R]):
    """A function made by differentiating another one.

    source      the generated text of the latest specialisation
    show()      print it
    emit(path)  write it to a file that needs NumPy, not s2sad
    primal      the function that was differentiated
    prepare(*example)      derive for such arguments without calling
    specialized(*args)     the generated function that serves such arguments
    """

    __name__: str
    __qualname__: str

    def __init__(self, target: Target, recipe: Recipe) -> None:
        self._target = target
        self._recipe = recipe
        function = target.function
        name = getattr(target.owner, "__name__", function.__name__)
        self.__name__ = name
        self.__qualname__ = getattr(target.owner, "__qualname__", name)
        self.__module__ = function.__module__
        self.__doc__ = _doc(recipe, name, function.__doc__)
        self._dispatch = Dispatcher(
            self._home, function, self._signature, partial(derive, recipe), self._became
        )
        self._call: Callable[..., Any] = self._first

    # ---- calling ---------------------------------------------------------------------

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._call(*args, **kwargs)

    def _first(self, *args: Any, **kwargs: Any) -> Any:
        self._dispatch.refresh()
        return self._call(*args, **kwargs)

    def _home(self) -> Any:
        return site_of(self._target.function.__code__, self._recipe, self._site_name)

    def _site_name(self) -> str:
        return (
            f"{_word(self._target.function.__name__)}_{WORDS[self._recipe.operator][1]}"
        )

    def _signature(self) -> Signature:
        function, site = self._target.function, self._dispatch.site
        if function.__defaults__ or function.__kwdefaults__:
            parameters = self._recipe.parameters(parameters_of(function))
            return Signature(parameters, places_of_defaults(function))
        if site.signature is None:
            parameters = self._recipe.parameters(parameters_of(function))
            site.signature = Signature(parameters)
        return site.signature

    def _became(self, call: FunctionType) -> None:
        """The dispatching function has been made anew."""
        prefix, keywords = self._target.prefix, self._target.keywords
        seeds = self._seed_names() if keywords else []
        if seeds:
            call = partial(call, *prefix, **keywords)  # type: ignore[assignment]
            self._call = behind_presets(call, self._by_position(), seeds)
        elif keywords or len(prefix) > 1:
            self._call = partial(call, *prefix, **keywords)
        else:
            self._call = MethodType(call, prefix[0]) if prefix else call
        if type(self).__dict__.get("_own"):
            type(self).__call__ = staticmethod(self._call)  # type: ignore[method-assign]

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self._as_method(), instance)

    def _as_method(self) -> Derived[..., R]:
        """The same, with positions in `wrt` that do not count `self`."""
        method = self.__dict__.get("_method")
        if method is None:
            recipe = self._recipe.hiding(self._target.hidden + 1)
            method = self._method = make(self._target, recipe)
        return method

    # ---- looking ---------------------------------------------------------------------

    @property
    def primal(self) -> Callable[..., Any]:
        """The function that was differentiated, as it was given."""
        return self._target.owner  # type: ignore[return-value]

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The latest generated function, which `inspect` and `??` then show."""
        case = self._latest()
        if case is None:
            raise AttributeError("nothing has been derived yet: call it, or prepare it")
        return self._dispatch.run(case)

    @property
    def __signature__(self) -> inspect.Signature:
        parameters = self._recipe.parameters(parameters_of(self._target.function))
        rest = parameters[len(self._target.prefix) :]
        preset = self._target.keywords
        if preset:
            rest = tuple(inspect.signature(self._target.owner).parameters.values())  # type: ignore[arg-type]
            rest += tuple(p for p in parameters if p.name in self._seed_names())
        annotations = self._target.function.__annotations__
        shown = [
            p.replace(annotation=annotations.get(p.name, p.annotation)) for p in rest
        ]
        return inspect.Signature(shown, __validate_parameters__=False)

    def _seed_names(self) -> list[str]:
        base = parameters_of(self._target.function)
        known = {p.name for p in base}
        names = [p.name for p in self._recipe.parameters(base)]
        return [name for name in names if name not in known]

    def _by_position(self) -> int:
        """How many arguments come before the first that a partial presets."""
        target = self._target
        names = [p.name for p in parameters_of(target.function)]
        rest = names[len(target.prefix) :]
        return next((k for k, n in enumerate(rest) if n in target.keywords), len(rest))

    def _as_called(self, wrt: Wrt) -> Wrt:
        """Positions as a call counts them: seeds follow what a partial leaves open."""
        seeds = self._seed_names() if self._target.keywords else []
        if not seeds or wrt.items is None:
            return wrt
        first = self._by_position()
        named: dict[int | str, int | str] = dict(enumerate(seeds, first))
        items = (
            replace(item, root=named.get(item.root, item.root)) for item in wrt.items
        )
        return replace(wrt, items=tuple(items))

    def _latest(self) -> Case | None:
        site = self._dispatch.site
        return self._dispatch.latest or (site.cases[0] if site.cases else None)

    @property
    def source(self) -> str:
        """The generated text: of the latest call, else for what annotations say."""
        return self._text()

    def _made(self, args: tuple = (), kwargs: Mapping[str, Any] = {}) -> Any:  # noqa: B006
        case = self._case(args, kwargs) if args or kwargs else self._latest()
        if case is None:
            from s2sad.api.derive import derive_uncalled

            case = derive_uncalled(self._recipe, self._target)
            self._dispatch.latest = case
        return case.about

    def _case(self, args: tuple, kwargs: Mapping[str, Any]) -> Case:
        target = self._target
        return self._dispatch.case(
            (*target.prefix, *args), {**target.keywords, **kwargs}
        )

    def show(self, *args: Any, **kwargs: Any) -> None:
        """Print the generated text, for these arguments if some are given."""
        print(self._text(args, kwargs), end="")

    def emit(self, path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        """Write a file that stands alone: imports, helpers, the generated functions."""
        text = self._module(args, kwargs)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)

    def _text(self, args: tuple = (), kwargs: Mapping[str, Any] = {}) -> str:  # noqa: B006
        """What is shown, which is what runs."""
        if self._recipe.target == "module":
            return self._module(args, kwargs)
        text: str = self._made(args, kwargs).text
        return text

    def _module(self, args: tuple = (), kwargs: Mapping[str, Any] = {}) -> str:  # noqa: B006
        """The text of a file that stands alone."""
        from s2sad.api.standalone import standalone

        doc = f"{self._doc_line()}  Written by s2sad."
        return standalone(self._made(args, kwargs), self._target.function, doc)

    def _doc_line(self) -> str:
        return (self.__doc__ or "").partition("\n")[0]

    def prepare(self, *args: P.args, **kwargs: P.kwargs) -> Derived[P, R]:
        """Derive for such arguments now, so that the first call need not."""
        self._dispatch.latest = self._case(args, kwargs)
        return self

    def specialized(self, *args: P.args, **kwargs: P.kwargs) -> FunctionType:
        """The generated function that serves such arguments, without any check."""
        return self._dispatch.run(self._case(args, kwargs))

    def __repr__(self) -> str:
        places = self._recipe.wrt.spelled()
        count = len(self._dispatch.site.cases)
        many = f"{count} specialisation{'' if count == 1 else 's'}"
        name = f"{self.__module__}.{self.__qualname__}"
        words = " of the ".join(str(step) for step in reversed([*self._recipe.chain()]))
        return f"<{words} of {name}, wrt={places!r}, {many}>"

    def __s2sad_plan__(self) -> Any:
        """What lowering needs where this is called in a differentiated function."""
        from s2sad.api.nested import Plan

        target = self._target
        return Plan(self._recipe, target.function, target.prefix, dict(target.keywords))

    # ---- pickling --------------------------------------------------------------------

    def __reduce__(self) -> Any:
        from s2sad.api.pickling import reduce_derived

        return reduce_derived(self)

    def __copy__(self) -> Derived[P, R]:
        return self

    def __deepcopy__(self, memo: object) -> Derived[P, R]:
        return self


def make(target: Target, recipe: Recipe) -> Derived[..., Any]:
    """The derived function.

    The first one of a code object gets a class of its own, whose static `__call__` is
    the dispatching function itself; later ones (a lambda made anew in each step of a
    loop) share this class and are made in a few microseconds.
    """
    found: Derived[..., Any] = Derived(target, recipe)
    site = found._dispatch.site
    if not site.served:
        site.served = True
        own = type("Derived", (Derived,), {"_own": True, "__module__": __name__})
        found.__class__ = own
        # The class must not keep its instance alive longer than a cycle does.
        own.__call__ = staticmethod(found._first)  # type: ignore[method-assign]
    return found


def apply(callee: object, recipe: Recipe) -> Derived[..., Any]:
    """Apply one operator to a callable, which may be a derived function itself."""
    bound: tuple[object, ...] = ()
    if isinstance(callee, MethodType) and isinstance(callee.__func__, Derived):
        bound, callee = (callee.__self__,), callee.__func__
    plain = getattr(callee, "_s2sad_primal", None)
    if plain is not None:
        callee = plain
    if isinstance(callee, Derived):
        inner = callee._recipe
        target = callee._target
        if bound:
            target = replace(target, owner=callee, prefix=(*target.prefix, *bound))
        wrt = callee._as_called(recipe.wrt)
        return make(target, replace(recipe, wrt=wrt, inner=inner, hidden=inner.hidden))
    target = find_target(callee)
    if target.hidden:
        recipe = replace(recipe, hidden=target.hidden)
    return make(target, recipe)


@lru_cache(maxsize=256)
def _word(name: str) -> str:
    return name if name.isidentifier() else "lambda_"


@lru_cache(maxsize=256)
def _doc(recipe: Recipe, name: str, doc: str | None) -> str:
    places = recipe.wrt.spelled()
    what = " of the ".join(str(step) for step in reversed([*recipe.chain()]))
    first = f"{what[0].upper()}{what[1:]} of `{name}`, wrt={places!r}."
    return f"{first}\n\n{inspect.cleandoc(doc)}" if doc else first
