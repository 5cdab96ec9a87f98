"""A pytest plugin: one module is imported from another text (see `S2SAD_MUTANT`)."""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path


class Loader(SourceFileLoader):
    """Compiles the mutant's text, under the name of the file that it is a mutant of."""

    def get_code(self, fullname: str):
        mutant = Path(os.environ["S2SAD_MUTANT"]).read_text(encoding="utf-8")
        return compile(mutant, self.path, "exec", dont_inherit=True)


class Finder:
    def __init__(self, name: str, path: str) -> None:
        self.name, self.path = name, path

    def find_spec(self, name: str, path=None, target=None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return spec_from_file_location(name, self.path, loader=Loader(name, self.path))


try:
    import resource
except ImportError:  # not a Unix
    pass
else:
    seconds = int(os.environ["S2SAD_MUTANT_SECONDS"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 10))

name, path = os.environ["S2SAD_MUTANT_OF"].split("=", 1)
assert name not in sys.modules, f"{name} was imported before the mutant could be"
sys.meta_path.insert(0, Finder(name, path))
