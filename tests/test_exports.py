"""The public names: all there, and the same for people, programs and type checkers."""

import ast
from pathlib import Path

import pytest

import s2sad


@pytest.mark.parametrize("name", s2sad.__all__)
def test_each_name_is_there_and_documented(name):
    value = getattr(s2sad, name)
    assert name == "__version__" or value.__doc__


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(s2sad.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name for statement in block.body for alias in statement.names}
    assert seen | {"__version__"} == set(s2sad.__all__)
    assert set(dir(s2sad)) >= seen


def test_a_wrong_name_is_an_attribute_error():
    assert not hasattr(s2sad, "gradient_of_something")
