"""One module is imported from another text, in its place and under its name."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location

from tests.mutants.faults import ROOT


class Loader(SourceFileLoader):
    """Compiles the text that it is given, not the file's."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self.text = text

    def get_code(self, fullname: str):
        return compile(self.text, self.path, "exec", dont_inherit=True)


class Finder:
    def __init__(self, name: str, path: str, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def find_spec(self, name: str, path=None, target=None) -> ModuleSpec | None:
        if name != self.name:
            return None
        loader = Loader(name, self.path, self.text)
        return spec_from_file_location(name, self.path, loader=loader)


def put_in_place(path: str, text: str) -> None:
    name = path.removesuffix(".py").replace("/", ".")
    assert name not in sys.modules, f"{name} was imported before the mutant could be"
    sys.meta_path.insert(0, Finder(name, str(ROOT / path), text))
