"""The disk cache: generated source kept as text between processes.

    key = make_key({"source": text, "signature": [...], "mode": "vjp"})
    entry = lookup(key) or store(key, "energy_vjp", derive(), {"warnings": [...]})

An entry is one Python file: two comment lines, then the generated source::

    <folder>/<first digits of the key>/energy_vjp.py

    # -*- coding: utf-8 -*-  written by s2sad
    # {"digest": "...", "key": "...", "name": "energy_vjp", "version": "0.1.0", ...}
    def energy_vjp(r, x, n, e_bar=1.0):

The rules it is built on:

- An entry is a function of its key alone, so writers need no lock: each writes a
  file of its own and gives it the entry's name in one step, and whoever comes
  second finds the first one's.  A valid entry is never written again.
- Nothing that is read is believed: owner and mode of folder and file, then a
  digest over header and body, then the key itself.  Whatever fails is passed over,
  as if it were not there.  Text only; nothing is unpickled or imported.
- Nothing here raises for the state of a disk.  Full, read-only, missing or hostile,
  it costs the time to derive again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from s2sad._version import __version__
from s2sad.load.own_sources import own_sources

# The first line also settles the encoding, so that no text in the second, which is
# where Python looks next, can be taken for a declaration of another one.
_MARK = "# -*- coding: utf-8 -*-  written by s2sad\n"
_HEADER_LINES = 2
_DIGITS = 20  # of the key, in names of folders and modules; the header has all 64

_OUR_FOLDER = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Entry:
    """A generated source; `path` is None where it lives in memory only.

    `header` holds `version`, `key`, `digest`, `name`, `warnings` (to be raised again)
    and whatever JSON data `store` was given.
    """

    path: Path | None
    text: str
    header: dict

    @property
    def name(self) -> str:
        return self.header["name"]

    @property
    def module_name(self) -> str:
        return f"s2sad_gen.{self.name}_{self.header['key'][:_DIGITS]}"

    @property
    def filename(self) -> str:
        """What tracebacks call the file."""
        return str(self.path) if self.path else f"<s2sad {self.module_name[10:]}>"

    @property
    def content(self) -> str:
        """The whole file; its line numbers are those of tracebacks."""
        return f"{_MARK}# {_json(self.header)}\n{self.text}"


# --- keys -------------------------------------------------------------------


def make_key(parts: Mapping) -> str:
    """A SHA-256 over `parts` and the versions of s2sad, NumPy and Python; in a checkout
    of s2sad, over the state of its files as well.

    Parts are strings, numbers, booleans, None, and lists, tuples and string-keyed
    mappings of them.  Anything else is a TypeError: a `repr` may hold an address.
    """
    versions = {"s2sad": __version__, "numpy": _numpy_version(), "python": sys.version}
    versions["sources"] = own_sources()
    return _sha256(_json([versions, _plain(parts)]))


def _plain(value):
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    raise TypeError(f"a cache key cannot hold a {type(value).__name__}: {value!r}")


def _numpy_version() -> str:
    numpy = sys.modules.get("numpy")
    return version_of("numpy") if numpy is None else numpy.__version__


def version_of(package: str) -> str:
    """The version of what is installed, "" if nothing is; nothing is imported."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _json(value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(header: Mapping, text: str) -> str:
    rest = {key: value for key, value in header.items() if key != "digest"}
    return _sha256(f"{_json(rest)}\n{text}")


# --- reading ----------------------------------------------------------------


def lookup(key: str) -> Entry | None:
    """The entry with this key, read and verified; None if there is none to trust."""
    folder = cache_folder()
    if folder is None or _why_not(folder):
        return None
    place = folder / key[:_DIGITS]
    if _why_not(place):
        return None
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return None
    for name in names:
        if name.endswith(".py"):
            entry = _read(place / name, key)
            if entry is not None:
                return entry
    return None


def _read(path: Path, key: str) -> Entry | None:
    content = _read_own_file(path)
    if content is None or not content.startswith(_MARK):
        return None
    try:
        _, comment, text = content.split("\n", _HEADER_LINES)
        header = json.loads(comment.removeprefix("# "))
        sound = (
            header["key"] == key
            and header["version"] == __version__
            and header["name"] == path.stem
            and isinstance(header["warnings"], list)
            and header["digest"] == _digest(header, text)
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Entry(path, text, header) if sound else None


def _read_own_file(path: Path) -> str | None:
    """The text of a regular file that only we can write; None for anything else."""
    # Opened first and examined through the descriptor, so that what was examined is
    # what is read.  O_NONBLOCK: opening a planted pipe must not wait for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or _foreign(about):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    finally:
        os.close(descriptor)


# --- writing ----------------------------------------------------------------


def store(key: str, name: str, text: str, header: Mapping) -> Entry:
    """Keep `text` under `key`; in memory only where the disk does not serve.

    `header` is JSON data to go with it; `warnings` in it is a list. In memory an entry
    goes by its content: on disk, what is there under a key leads on to the next one,
    but without it two texts may have the same.
    """
    header = {"warnings": [], **json.loads(_json(_plain(header)))}
    header |= {"version": __version__, "key": key, "name": _module_word(name)}
    header["digest"] = _digest(header, text)
    in_memory = Entry(None, text, {**header, "key": header["digest"]})
    folder = cache_folder()
    if folder is None:
        return in_memory
    place = folder / key[:_DIGITS]
    entry = Entry(place / f"{header['name']}.py", text, header)
    try:
        content = entry.content.encode("utf-8")
        _make_folder(folder)
        _make_folder(place)
        if _why_not(folder) or _why_not(place):
            return in_memory
        return lookup(key) or _write(entry, content) or in_memory
    except (OSError, UnicodeEncodeError):
        return in_memory


def _write(entry: Entry, content: bytes) -> Entry | None:
    path = entry.path
    assert path is not None
    fresh = path.with_name(f".{os.getpid()}-{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(fresh, flags, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        if not _take_free_name(fresh, path):
            theirs = _read(path, entry.header["key"])
            if theirs is not None:  # another process was first
                return theirs
            os.replace(fresh, path)
        return entry
    finally:
        try:
            os.unlink(fresh)
        except OSError:
            pass  # renamed


def _take_free_name(fresh: Path, path: Path) -> bool:
    """Give the file its name unless that is taken; False where it is, or may be."""
    try:
        os.link(fresh, path)
    except (OSError, AttributeError, NotImplementedError):
        return False
    return True


def remove(entry: Entry) -> None:
    """Take back what was stored just now and turned out not to serve."""
    if entry.path is not None:
        try:
            os.unlink(entry.path)
        except OSError:
            pass


def _make_folder(folder: Path) -> None:
    if not os.path.lexists(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass  # made by another process since; judged like any other


def _module_word(name: str) -> str:
    """`name` as a word fit for a module and a file name on any platform."""
    word = re.sub(r"[\W_]+", "_", name, flags=re.ASCII).strip("_")[:80]
    return f"f_{word}" if not word or word[0].isdigit() else word


# --- the folder -------------------------------------------------------------


def cache_folder() -> Path | None:
    """Where entries go; None if the user turned the cache off or has no home."""
    if os.environ.get("S2SAD_CACHE") == "0":
        return None
    chosen = os.environ.get("S2SAD_CACHE_DIR")
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))
    if sys.platform == "win32":
        base, below = os.environ.get("LOCALAPPDATA"), "~/AppData/Local"
    elif sys.platform == "darwin":
        base, below = None, "~/Library/Caches"
    else:
        base, below = os.environ.get("XDG_CACHE_HOME"), "~/.cache"
    # As XDG has it, a relative path is no answer.
    if not base or not os.path.isabs(base):
        base = os.path.expanduser(below)
    return Path(base, "s2sad") if os.path.isabs(base) else None


def _why_not(folder: Path) -> str | None:
    """Why this folder is not to be used; None if it may be."""
    try:
        about = os.lstat(folder)
    except FileNotFoundError:
        return "it does not exist yet"
    except (OSError, ValueError) as problem:
        return f"it cannot be looked at: {problem}"
    if stat.S_ISLNK(about.st_mode):
        return "it is a symbolic link"
    if not stat.S_ISDIR(about.st_mode):
        return "it is not a folder"
    return _foreign(about)


def is_ours(folder: Path) -> bool:
    """Is this a folder that only we can write to?"""
    return _why_not(folder) is None


def _foreign(about: os.stat_result) -> str | None:
    if sys.platform == "win32":  # has access lists instead, private by default
        return None
    if about.st_uid != os.geteuid():
        return "it belongs to another user"
    if about.st_mode & _OTHERS_MAY_WRITE:
        return "other users may write to it"
    return None


# --- looking at it, and emptying it -------------------------------------------


def info() -> dict:
    """`folder`, `entries`, `bytes`, `usable`, and `why` it is not usable, or None."""
    folder = cache_folder()
    if folder is None:
        off = os.environ.get("S2SAD_CACHE") == "0"
        reason = "S2SAD_CACHE=0 turns it off" if off else "no home folder is known"
        nothing = {"folder": None, "entries": 0, "bytes": 0}
        return {**nothing, "usable": False, "why": reason}
    why = _why_not(folder)
    entries = [] if why else _entries(folder)
    usable = _could_write(folder)
    return {
        "folder": str(folder),
        "entries": len(entries),
        "bytes": sum(map(_size, entries)),
        "usable": usable,
        "why": None if usable else why or "it cannot be written to",
    }


def clear() -> int:
    """Remove every entry and what Numba kept beside it; returns how many there were."""
    folder = cache_folder()
    if folder is None or _why_not(folder):
        return 0
    count = 0
    for place in _places(folder):
        for below in (place / "__pycache__", place):
            if _why_not(below):
                continue
            for path in _files(below):
                try:
                    os.unlink(path)
                except OSError:
                    continue
                count += below == place and path.suffix == ".py"
            try:
                os.rmdir(below)
            except OSError:
                pass  # something foreign is left in it
    return count


def _size(path: Path) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0  # removed by another process since


def _could_write(folder: Path) -> bool:
    """Whether `store` would find or make a place here (nothing is made)."""
    why = _why_not(folder)
    if why is None:
        return os.access(folder, os.W_OK | os.X_OK)
    if os.path.lexists(folder):
        return False
    above = next((path for path in folder.parents if path.exists()), None)
    return above is not None and above.is_dir() and os.access(above, os.W_OK | os.X_OK)


def _entries(folder: Path) -> list[Path]:
    places = _places(folder)
    return [path for place in places for path in _files(place) if path.suffix == ".py"]


def _places(folder: Path) -> list[Path]:
    """The folders of single entries."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    places = [folder / name for name in names if _OUR_FOLDER.fullmatch(name)]
    return [place for place in places if not _why_not(place)]


def _files(folder: Path) -> list[Path]:
    """The regular files directly in a folder, links not among them."""
    try:
        with os.scandir(folder) as found:
            return [Path(f.path) for f in found if f.is_file(follow_symlinks=False)]
    except OSError:
        return []
