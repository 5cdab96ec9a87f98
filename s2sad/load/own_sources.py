"""Our own sources as a part of the cache's keys, where somebody may be changing them.

The version stands for the sources of a release. In a checkout, or an editable install
of one, it says nothing: a derivative that was stored before a rule or a pass was
changed would be found again, and taken for what the new code gives. There the key holds
when the files were written last, which takes half a millisecond of a process, and
reading them twenty times that.
"""

from __future__ import annotations

import os
from functools import lru_cache

from s2sad._version import __version__

APART = ("cli", "proof", "__pycache__")  # what they say is in no text
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@lru_cache(maxsize=1)
def own_sources() -> str:
    """What tells the sources of this process from others of the same version."""
    return stamp(PACKAGE)


def stamp(package: str) -> str:
    """How many files a package has, when they were written and how long they are, each
    as a sum: no change leaves all three alone. "" for a release.
    """
    beside = f"{os.path.dirname(package)}/s2sad-{__version__}.dist-info"
    if os.path.isdir(beside):  # no installer puts that beside a checkout
        return ""
    count = times = lengths = 0
    folders = [package]
    try:
        for folder in folders:  # which grow
            for name in os.listdir(folder):
                if name.endswith(".py"):
                    about = os.stat(f"{folder}/{name}")
                    count += 1
                    times += about.st_mtime_ns
                    lengths += about.st_size
                elif "." not in name and name not in APART:
                    folders.append(f"{folder}/{name}")
    except OSError:  # in no folder: nobody changes it there
        return ""
    return f"{count} {times} {lengths}"
