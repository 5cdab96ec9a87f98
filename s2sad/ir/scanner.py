"""Reading one line of printed IR from left to right: names, literals and kinds."""

from __future__ import annotations

import ast
import importlib
import math
import re

from s2sad.ir.kinds import (
    UNKNOWN,
    Array,
    Dict,
    Dim,
    Kind,
    List,
    Maybe,
    Scalar,
    Static,
    Table,
    Tape,
    Tuple,
)


class ParseError(ValueError):
    """The text is not IR."""


# ---- tokens --------------------------------------------------------------------------

SPACE = re.compile(r"\s*")
WORD = re.compile(r"[^\W\d]\w*")
NAME = re.compile(r"[^\W\d]\w*(\.\d+)?|%\d+")
NUMBER = re.compile(
    r"[+-]?(0[xXoObB][\da-fA-F_]+|(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)([eE][+-]?\d[\d_]*)?)[jJ]?"
)
NOT_FINITE = re.compile(r"[+-](inf|nan)\b")
STRING = re.compile(r"[bB]?('([^'\\]|\\.)*'|\"([^\"\\]|\\.)*\")")
OBJECT = re.compile(r"<[^>]*>")
WORDS = {"None": None, "True": True, "False": False}


class Named:
    """An object known by its printed name only."""

    def __init__(self, text: str) -> None:
        self.__qualname__ = text
        self.__module__ = "builtins"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and other.__qualname__ == self.__qualname__

    def __hash__(self) -> int:
        return hash(self.__qualname__)


def object_named(text: str) -> object:
    """The object that was printed as `<text>`, if it can be found by that name."""
    module, _, name = text.rpartition(".")
    try:
        found = importlib.import_module(module or "builtins")
        return getattr(found, name)
    except (ImportError, AttributeError, ValueError):
        return Named(text)


class Scanner:
    """Reads one line from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip(self) -> None:
        self.at = SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]

    def peek(self, literal: str) -> bool:
        self.skip()
        return self.text.startswith(literal, self.at)

    def take(self, literal: str) -> bool:
        if not self.peek(literal):
            return False
        self.at += len(literal)
        return True

    def need(self, literal: str) -> None:
        if not self.take(literal):
            self.fail(f"expected {literal!r}")

    def match(self, pattern: re.Pattern[str]) -> str | None:
        self.skip()
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def word(self, expected: str) -> bool:
        """Take `expected` if it is the next word."""
        start = self.at
        if self.match(WORD) == expected:
            return True
        self.at = start
        return False

    def done(self) -> bool:
        self.skip()
        return self.at >= len(self.text)

    def fail(self, why: str) -> None:
        raise ParseError(f"{why}:\n    {self.text}\n    {' ' * self.at}^")

    # -- values

    def literal(self) -> tuple[object, str] | None:
        """A value with its text, if there is one here."""
        self.skip()
        start = self.at
        value: object
        if (text := self.match(NOT_FINITE)) is not None:
            value = math.nan if "nan" in text else float(text)
        elif (text := self.match(NUMBER) or self.match(STRING)) is not None:
            value = ast.literal_eval(text)
        elif (text := self.match(OBJECT)) is not None:
            value = object_named(text[1:-1])
        elif self.take("..."):
            value = ...
        elif self.text[start : start + 1] in ("(", "[", "{"):
            value = self.container()
        else:
            text = self.match(WORD)
            if text not in WORDS:
                self.at = start
                return None
            value = WORDS[text]
        return value, self.text[start : self.at]

    def value(self) -> object:
        found = self.literal()
        if found is None:
            self.fail("expected a value")
        assert found is not None
        return found[0]

    def container(self) -> object:
        """A tuple, list, dict, or complex number in brackets."""
        opening = self.text[self.at]
        closing = {"(": ")", "[": "]", "{": "}"}[opening]
        plain = re.compile(r"\([^()'\"<>]*[jJ]\)").match(self.text, self.at)
        if plain is not None:
            self.at = plain.end()
            return ast.literal_eval(plain.group())
        self.at += 1
        items: list[object] = []
        keys: list[object] = []
        while not self.take(closing):
            items.append(self.value())
            if opening == "{":
                keys.append(items.pop())
                self.need(":")
                items.append(self.value())
            if not self.peek(closing):
                self.need(",")
        if opening == "{":
            return dict(zip(keys, items))
        return tuple(items) if opening == "(" else items

    # -- kinds

    def kind(self) -> Kind:
        if self.take("?"):
            return UNKNOWN
        if self.word("maybe"):
            return Maybe(self.kind())
        if self.word("tape"):
            self.word("of")
            return Tape(self.kind())
        if self.word("list"):
            self.word("of")
            return List(None, self.kind())
        if self.word("table"):
            self.word("of")
            key = self.kind()
            self.word("to")
            return Table(key, self.kind())
        if self.take("("):
            return Tuple(self.kinds(")"))
        if self.take("["):
            return List(self.kinds("]"))
        if self.take("{"):
            keys: list[object] = []
            items: list[Kind] = []
            while not self.take("}"):
                keys.append(self.value())
                self.need(":")
                items.append(self.kind())
                self.take(",")
            return Dict(tuple(keys), tuple(items))
        found = self.literal()
        if found is not None:
            return Static(found[0])
        word = self.match(re.compile(r"[^\W\d][\w.]*"))
        if word is None:
            self.fail("expected a kind")
        assert word is not None
        touching = self.text[
            self.at : self.at + 1
        ]  # `int=x.0` is a size, `int = 3` a default
        if touching == "[":
            return self.array(word)
        if self.take("("):  # an object's class is not in the text
            while not self.take(")"):
                self.match(WORD)
                self.need(":")
                self.kind()
                self.take(",")
            return UNKNOWN
        if word in ("float", "int", "bool", "complex") or re.fullmatch(
            r"[a-z]+\d+", word
        ):
            return Scalar(
                word, self.dim() if touching == "=" and self.take("=") else None
            )
        return Static(object_named(word))

    def kinds(self, closing: str) -> tuple[Kind, ...]:
        items: list[Kind] = []
        while not self.take(closing):
            items.append(self.kind())
            self.take(",")
        return tuple(items)

    def array(self, dtype: str) -> Kind:
        self.need("[")
        if self.take("..."):
            self.need("]")
            return Array(dtype, None)
        dims: list[Dim] = []
        while not self.take("]"):
            dims.append(self.dim())
            self.take(",")
        return Array(dtype, tuple(dims))

    def dim(self) -> Dim:
        text = self.match(re.compile(r"\?|-?\d+(?![\w.])|[~\w][\w.]*"))
        if text is None:
            self.fail("expected the length of an axis")
        assert text is not None
        return (
            None if text == "?" else int(text) if text.lstrip("-").isdigit() else text
        )
