"""Objects: attributes, methods and constructors of the user's classes.

A NamedTuple is a tuple whose items have names. An object of a user's class is a
reference of kind Object: its fields are read by name. Which fields it has, and of what
kinds, is asked of the argument of the call at hand, and guarded.
"""

from __future__ import annotations

import ast
import dataclasses
from types import FunctionType
from typing import Any

from s2sad.analysis.kinds_of import kind_of
from s2sad.ir.kinds import Array, Kind, Object, Scalar, Static, Tuple, Unknown
from s2sad.ir.nodes import Lit, Var
from s2sad.syntax.draws import sets_state, source_attribute
from s2sad.syntax.frame import Frame
from s2sad.syntax.given import hold
from s2sad.syntax.iterate import LAZY
from s2sad.syntax.kinds import describe, is_reference
from s2sad.syntax.records import is_recorded, record
from s2sad.syntax.resolve import MISSING, is_library
from s2sad.syntax.run import Task
from s2sad.syntax.subscripts import step_into, writable
from s2sad.syntax.values import (
    BAD,
    Entries,
    Fields,
    Inside,
    Known,
    Method,
    Pack,
    Partial,
    Ref,
    Super,
)


def object_attribute(
    f: Frame, base: Any, kind: Kind, name: str, node: ast.Attribute
) -> Any:
    """`base.name` of a value of the run."""
    if isinstance(kind, Tuple) and kind.cls is not None:
        fields = getattr(kind.cls, "_fields", ())
        if name in fields:
            from s2sad.syntax.subscripts import child

            return child(f, base, fields.index(name), node)
    from s2sad.syntax.kind_questions import class_of

    if isinstance(kind, Object):
        found = source_attribute(f, base, kind, name, node)
        return field_of(f, base, kind, name, node) if found is None else found
    if isinstance(kind, Unknown):
        from s2sad.syntax.kept_calls import opaque

        return opaque(f, "getattr", [base, Lit(name)], {}, node)
    if isinstance(kind, Static):
        from s2sad.syntax.resolve import attribute_of_known

        return attribute_of_known(f, Known(kind.value), name, node)
    if isinstance(kind, Scalar) and name in ("real", "imag"):
        return base if name == "real" else Lit(0.0)
    cls = class_of(kind)
    if cls is not None and callable(getattr(cls, name, None)):
        return Method(base, name)  # handed on, to be called later: `key=d.get`
    return f.refuse("no-attribute", node, kind=describe(kind), attribute=name)


def field_named(f: Frame, base: Any, name: str, node: ast.AST) -> Any:
    """The field `name` of an object."""
    from s2sad.syntax.attributes import get_attribute

    made = ast.Attribute(ast.Constant(None), name, ast.Load())
    return get_attribute(f, base, ast.copy_location(made, node))


def field_of(f: Frame, base: Any, kind: Object, name: str, node: ast.Attribute) -> Any:
    """A field of an object."""
    content = f.content(base.storage) if isinstance(base, Ref) else None
    if isinstance(content, Fields) and not base.path:
        if name in content.entries:
            return content.entries[name]
        return class_constant(f, kind.cls, name, node)
    if name in kind.fields:
        found = kind.items[kind.fields.index(name)]
        if isinstance(found, Static):
            return Known(found.value)
        return step_into(f, base, f".{name}", (), node)
    static = class_attribute(kind.cls, name)
    if isinstance(static, property) and static.fget is not None:
        f.refuse("construct", node, what=f"the property `{name}`")
        return BAD
    value = value_of(f, base)
    if value is not MISSING:
        value = getattr(value, name, MISSING)
    if value is MISSING:
        if static is not MISSING and not callable(static):
            ask_for_constant(f, kind.cls, name, static)
            return Known(static)
        return f.refuse("no-attribute", node, kind=describe(kind), attribute=name)
    path = path_of(f, base)
    found = kind_of(value, f.text(node))
    f.session.guard(("attr", path, name), "kind", found)
    if isinstance(found, Static):
        return Known(value)
    add_field(f, base, kind, name, found)
    return step_into(f, base, f".{name}", (), node)


def class_constant(f: Frame, cls: type, name: str, node: ast.Attribute) -> Any:
    """A constant that stands in the class of an object made here."""
    found = class_attribute(cls, name)
    ask_for_constant(f, cls, name, found)
    if type(found) in (int, float, complex):
        return Lit(found)
    if type(found) in CONSTANTS:
        return Known(found)
    shown = f"an object of `{cls.__name__}`"
    return f.refuse("no-attribute", node, kind=shown, attribute=name)


CONSTANTS = (int, float, complex, str, bytes, bool, type(None))


def ask_for_constant(f: Frame, cls: type, name: str, found: Any) -> None:
    """What stands in a class by its value; one that the function defines is its own."""
    if cls in f.session.local_classes:
        cls = next(each for each in cls.__mro__ if name in vars(each))
    if type(found) in CONSTANTS and cls not in f.session.local_classes:
        f.session.guard(("attr", ("class", cls), name), "value", found)


def add_field(f: Frame, base: Any, kind: Object, name: str, found: Kind) -> None:
    """The kind of the object now knows of this field."""
    content = f.content(base.storage) if isinstance(base, Ref) else base
    if not isinstance(content, Var):
        return
    new = Object(kind.cls, (*kind.fields, name), (*kind.items, found))
    if not base.path:
        content.kind = new


def class_attribute(cls: type, name: str) -> Any:
    for each in cls.__mro__:
        if name in vars(each):
            return vars(each)[name]
    return MISSING


def has_field(f: Frame, base: Any, kind: Object, name: str) -> bool:
    if name in kind.fields or hasattr(kind.cls, name):
        return True
    value = value_of(f, base)
    return value is not MISSING and hasattr(value, name)


def value_of(f: Frame, base: Any) -> Any:
    """The object at hand that a reference stands for, if there is a call at hand."""
    if not isinstance(base, Ref) or base.operands:
        return MISSING
    storage = base.storage
    value: Any = MISSING
    if storage in f.outside:
        value = f.outside[storage][1]
    elif storage in f.params and f.caller is None:
        value = (f.session.signature.values or {}).get(f.params[storage], MISSING)
    elif (
        f.summary is not None and storage in f.summary.sources and f.caller is not None
    ):
        source = f.summary.sources[storage]
        given = f.summary.args.get(source) if isinstance(source, str) else None
        value = value_of(f.caller, given)
    elif f.host is not None:  # lowered in place: the storages are those of its host
        return value_of(f.host, base)
    for name in base.path.split(".")[1:]:
        value = getattr(value, name, MISSING)
    return value


def path_of(f: Frame, base: Any) -> tuple[Any, ...]:
    """The guard path of a reference."""
    storage = base.storage
    if storage in f.outside:
        path = f.outside[storage][0]
    elif storage in f.params and f.caller is None:
        path = ("arg", f.params[storage])
    elif f.caller is not None and f.summary is not None:
        source = f.summary.sources.get(storage)
        given = f.summary.args.get(source) if isinstance(source, str) else None
        path = path_of(f.caller, given) if isinstance(given, Ref) else ("arg", "?")
    elif f.host is not None:
        return path_of(f.host, base)
    else:
        path = ("arg", "?")
    for name in base.path.split(".")[1:]:
        path = ("attr", path, name)
    return path


def super_of(f: Frame, node: ast.AST) -> Any:
    """`super()` in a method: the object, and the class to look after."""
    function = f.owner()
    code = getattr(function, "__code__", None)
    if code is None or "__class__" not in code.co_freevars or not code.co_argcount:
        return None
    cell = function.__closure__[code.co_freevars.index("__class__")]  # type: ignore[attr-defined,index]
    me = f.state.env.get(code.co_varnames[0])
    cls = getattr(f.kind(me), "cls", None)
    return None if cls is None else Super(cell.cell_contents, cls, me)


def method_after(f: Frame, base: Super, name: str, node: ast.AST) -> Any:
    """A method of the classes that come after this one."""
    mro = base.of.__mro__
    for each in mro[mro.index(base.cls) + 1 :]:
        found = vars(each).get(name)
        if isinstance(found, FunctionType):
            return Partial(Known(found, name), (base.me,))
        if isinstance(found, Inside):
            return Partial(found.closure, (base.me,))
        if found is object.__init__:
            return Partial(Known(type(None)), ())
        if found is not None:
            break
    return f.refuse("no-attribute", node, kind="`super()`", attribute=name)


def method_of(f: Frame, base: Any, node: ast.Attribute) -> Any:
    """`self.forward`: the user's function with the object as its first argument."""
    kind = f.kind(base)
    cls = kind.cls if isinstance(kind, (Object, Tuple)) else None
    if isinstance(kind, Object) and (
        node.attr in kind.fields or is_its_own(f, base, node.attr)
    ):
        return object_attribute(f, base, kind, node.attr, node)
    if cls is None:
        return None
    found = class_attribute(cls, node.attr)
    if isinstance(found, Inside):
        first = {"plain": (base,), "static": (), "class": (Known(cls),)}
        return Partial(found.closure, first[found.how])
    if isinstance(found, FunctionType) and not is_library(found):
        text = f"type({f.text(node.value)}).{node.attr}"
        ask_for_method(f, base, node.attr, found)
        return Partial(Known(found, text), (base,))
    if isinstance(found, staticmethod):
        return Known(found.__func__, f.text(node))
    if isinstance(found, classmethod):
        return Partial(Known(found.__func__, f.text(node)), (Known(cls, cls.__name__),))
    if isinstance(kind, Object) and found is MISSING:
        return object_attribute(f, base, kind, node.attr, node)
    return None


def is_its_own(f: Frame, base: Any, name: str) -> bool:
    """Has the object that is at hand a method of this name that its class has not?"""
    me = MISSING if "[" in getattr(base, "path", "") else value_of(f, base)
    return name in getattr(me, "__dict__", ())


def ask_for_method(f: Frame, base: Any, name: str, found: FunctionType) -> None:
    """An object that is at hand may get a method of its own, or its class another."""
    me = value_of(f, base)
    if me is MISSING or "[" in base.path:
        return
    if getattr(getattr(me, name, None), "__func__", None) is found:
        path = ("attr", path_of(f, base), name)
        f.session.guard(path, "code", found.__code__)


def write_attribute(f: Frame, base: Any, node: ast.Attribute, value: Any) -> None:
    """`base.name = value`."""
    if base is BAD or value is BAD:
        return
    kind = f.kind(base)
    if is_recorded(f, base):
        record(f, base, "name=", [Lit(node.attr), value], node)
        return
    if isinstance(base, Ref) and isinstance(kind, Array) and node.attr == "flat":
        from s2sad.syntax.array_writes import fill_flat

        fill_flat(f, base, value, node)
        return
    if sets_state(f, base, node.attr, value, node):
        return
    if not isinstance(base, Ref) or not isinstance(kind, Object):
        f.refuse("attribute-write", node, name=node.attr)
        return
    content = f.content(base.storage)
    if isinstance(content, Fields) and not base.path:
        if not isinstance(class_attribute(kind.cls, node.attr), property):
            entries = {**content.entries, node.attr: f.entry(node.attr, value)}
            f.write(base.storage, Fields(content.cls, entries), node)
            return
        f.refuse("attribute-write", node, name=node.attr)
        return
    atom = f.atom(value, node)
    if atom is BAD or not isinstance(content, Var) or not writable(f, base, node):
        return
    path = f"{base.path}.{node.attr}"
    old = f.kind_at(content, path, base.operands)
    replaces = not base.path or is_reference(atom.kind) or is_reference(old)
    new = f.op(
        "setitem",
        (content, atom, *base.operands),
        node,
        {"path": path},
        base.storage.name,
    )
    if new is not BAD:
        if is_reference(atom.kind):
            hold(f, value, node, base.storage)
        f.write(base.storage, new, node, replaces, bool(base.path), level=base.depth)


# ---- constructors --------------------------------------------------------------------


def construct(
    f: Frame, callee: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """A call of a class."""
    from s2sad.syntax.kept_calls import opaque
    from s2sad.syntax.spelling import spelling_of

    cls = callee.value
    if issubclass(cls, BaseException):
        return opaque(f, spelling_of(f, callee, node), args, kwargs, node, cls)
    fields = getattr(cls, "_fields", None)
    if issubclass(cls, tuple) and fields is not None:
        defaults = getattr(cls, "_field_defaults", {})
        ask_for_defaults(f, cls, cls.__new__)
        values = fill(f, fields, args, kwargs, defaults, node, cls.__name__)
        return BAD if values is None else Pack(tuple(map(f.refer, values)), cls)
    if dataclasses.is_dataclass(cls) and not is_library(cls):
        return (yield made_dataclass(f, cls, args, kwargs, node))
    if cls.__module__ in ("builtins",) or is_library(cls):
        return opaque(f, spelling_of(f, callee, node), args, kwargs, node, cls)
    if made_by_init(cls) and not unvaried(f, args, kwargs):
        return (yield made_object(f, cls, args, kwargs, node))
    if not unvaried(f, args, kwargs):
        return f.refuse("construct", node, what=f"making a `{cls.__name__}`")
    if made_by_init(cls):
        found = len(f.session.found)
        made = yield made_object(f, cls, args, kwargs, node)
        if len(f.session.found) == found:
            return made
        del f.session.found[found:]
    return opaque(f, spelling_of(f, callee, node), args, kwargs, node, cls)


# What makes an object more than its fields: it is kept as it is, from outside.
MAGIC = """__getattr__ __getattribute__ __setattr__ __new__
__del__ __set_name__ __init_subclass__""".split()


def made_by_init(cls: type) -> bool:
    """Are the objects of this class just the fields that `__init__` gives them?"""
    if type(cls) is not type:
        return False
    users = [each for each in cls.__mro__ if each is not object]
    if any(is_library(each) for each in users):
        return False
    if any(name in vars(each) for each in users for name in MAGIC):
        return False
    init = class_attribute(cls, "__init__")
    return init is object.__init__ or isinstance(init, (FunctionType, Inside))


def unvaried(f: Frame, args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Are these arguments such as no derivative goes through?"""
    for value in (*args, *kwargs.values()):
        kind = f.kind(value)
        if isinstance(value, (Lit, Known)) or isinstance(kind, Static):
            continue
        if isinstance(kind, Scalar) and kind.dtype[:3] in ("int", "boo"):
            continue
        if not isinstance(value, LAZY):
            return False
    return True


def made_object(
    f: Frame, cls: type, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """An object as the values of its fields: its `__init__` is lowered in place."""
    from s2sad.syntax.calls import call_user

    me = f.refer(Fields(cls, {}))
    init = class_attribute(cls, "__init__")
    if isinstance(init, (FunctionType, Inside)):
        returned = yield call_user(f, init, [me, *args], kwargs, node)
        if returned is BAD:
            return BAD
    elif args or kwargs:
        name = cls.__name__
        return f.refuse("bad-arguments", node, function=name, reason="it takes none")
    return me


def made_dataclass(
    f: Frame, cls: type, args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Task:
    """An object as its generated `__init__` makes it, and then `__post_init__`."""
    from s2sad.syntax.calls import call_known, call_user

    fields = dataclasses.fields(cls)
    names = [x.name for x in fields if x.init]
    words = [x.name for x in fields if x.init and x.kw_only]
    plain = [name for name in names if name not in words]
    if len(args) > len(plain) or class_attribute(cls, "__init__") is MISSING:
        f.refuse("bad-arguments", node, function=cls.__name__, reason=FIELDS)
        return BAD
    given = {**dict(zip(plain, args)), **kwargs}
    values: dict[str, Any] = {}
    ask_for_defaults(f, cls, cls.__init__)
    for x in fields:
        if x.name in given and x.init:
            values[x.name] = given.pop(x.name)
        elif x.default is not dataclasses.MISSING:
            values[x.name] = default_of(x.default)
        elif x.default_factory is not dataclasses.MISSING:
            factory = Known(x.default_factory, "")
            made = yield call_known(f, factory, [], {}, node)
            if made is BAD:
                return BAD
            values[x.name] = f.refer(made)
        elif x.init:
            return f.refuse("bad-arguments", node, function=cls.__name__, reason=FIELDS)
    if given:
        return f.refuse("bad-arguments", node, function=cls.__name__, reason=FIELDS)
    after = class_attribute(cls, "__post_init__")
    me = f.refer(Fields(cls, {k: f.entry(k, v) for k, v in values.items()}))
    if isinstance(after, (FunctionType, Inside)):
        returned = yield call_user(f, after, [me], {}, node)
        if returned is BAD:
            return BAD
    return me


def ask_for_defaults(f: Frame, cls: type, maker: Any) -> None:
    """What a class fills in is what the function that makes it has for defaults."""
    if isinstance(maker, FunctionType) and cls not in f.session.local_classes:
        f.session.makers[maker] = None


FIELDS = "the fields do not fit"


def default_of(value: Any) -> Any:
    plain = type(value) in (int, float, bool, str, type(None))
    return Lit(value) if plain else Known(value)


def fill(
    f: Frame,
    names: Any,
    args: list[Any],
    kwargs: dict[str, Any],
    defaults: Any,
    node: ast.AST,
    name: str,
) -> list[Any] | None:
    values = dict(zip(names, args))
    values.update(kwargs)
    for key, default in defaults.items():
        if key not in values:
            values[key] = default_of(default)
    if len(args) > len(names) or set(values) != set(names):
        f.refuse("bad-arguments", node, function=name, reason="the fields do not fit")
        return None
    return [values[key] for key in names]


def named_tuple_method(
    f: Frame,
    base: Any,
    name: str,
    args: list[Any],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> Any:
    cls = base.cls if isinstance(base, Pack) else f.kind(base).cls
    fields = cls._fields
    if name == "_replace" and not args and set(kwargs) <= set(fields):
        from s2sad.syntax.subscripts import child

        items = [kwargs.get(k) or child(f, base, i, node) for i, k in enumerate(fields)]
        return Pack(tuple(map(f.refer, items)), cls)
    if name == "_asdict" and not args and not kwargs:
        from s2sad.syntax.subscripts import child

        items = [child(f, base, i, node) for i in range(len(fields))]
        return Entries(dict(zip(fields, map(f.refer, items))))
    return f.refuse("no-method", node, method=name, kind="a NamedTuple")
