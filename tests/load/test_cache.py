"""The disk cache: what it keeps, and everything that it must pass over."""

import errno
import json
import os
import re
import stat
import sys

import pytest

from s2sad import __version__
from s2sad.load import cache

TEXT = "def f_vjp(x):\n    return 2 * x  # μ\n"
KEY = cache.make_key({"source": "def f(x): return x * x"})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "home" / "cache"
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(folder))
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
    return folder


def store(text=TEXT, key=KEY, **header):
    return cache.store(key, "f_vjp", text, header)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_what_is_stored_is_found(folder):
    assert cache.lookup(KEY) is None
    entry = store(warnings=["x == 0"], kinds=("real", {"rank": 2}))
    assert cache.lookup(KEY) == entry
    assert entry.text == TEXT
    assert entry.header["warnings"] == ["x == 0"]
    assert entry.header["kinds"] == ["real", {"rank": 2}]
    assert entry.header["version"] == __version__ and entry.header["key"] == KEY
    assert entry.path == folder / KEY[:20] / "f_vjp.py"
    assert entry.module_name == f"s2sad_gen.f_vjp_{KEY[:20]}"
    assert entry.filename == str(entry.path)
    assert entry.path.read_text(encoding="utf-8") == entry.content
    assert entry.content.endswith(TEXT)
    assert cache.lookup(cache.make_key({})) is None


def test_folders_and_files_are_private(folder):
    entry = store()
    assert mode(folder) == mode(entry.path.parent) == 0o700
    assert mode(entry.path) == 0o600
    assert os.listdir(entry.path.parent) == ["f_vjp.py"]


def test_a_valid_entry_is_never_rewritten(folder):
    first = store()
    before = os.stat(first.path)
    second = store(text="def f_vjp(x):\n    return x + x\n")
    assert second == first
    after = os.stat(first.path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_first_of_two_writers_wins(folder, monkeypatch):
    first = store()
    # A second process looked before the first one wrote.
    monkeypatch.setattr(cache, "lookup", lambda key: None)
    assert store(text="def f_vjp(x):\n    return x + x\n") == first
    assert os.listdir(first.path.parent) == ["f_vjp.py"]


def test_file_systems_without_hard_links(folder, monkeypatch):
    def link(*args):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    assert store().path and cache.lookup(KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "def f():\n    return '\\r\\n'\r\n",
        "# coding: latin-1\ndef f():\n    return 'é'\n",
        "x = 1",
    ],
)
def test_any_text_comes_back_exactly(folder, text):
    store(text=text, note="coding: latin-1 \u2028 \n")
    assert cache.lookup(KEY).text == text


def test_the_encoding_of_an_entry_is_settled(folder):
    entry = store(note="coding: latin-1")
    import tokenize

    with tokenize.open(entry.path) as file:
        assert file.read() == entry.content


def test_names_are_words(folder):
    def name(given):
        return cache.store(cache.make_key({"n": given}), given, TEXT, {}).name

    assert name("<lambda>_vjp") == "lambda_vjp"
    assert name("../../etc/passwd") == "etc_passwd"
    assert name("") == "f_" and name("μ") == "f_"
    assert name("3d") == "f_3d"
    assert len(name("x" * 500)) == 80


# --- keys -------------------------------------------------------------------


def test_keys_tell_parts_apart(monkeypatch):
    parts = [
        {}, {"a": 1}, {"a": 1.0}, {"a": True}, {"a": "1"}, {"a": None}, {"a": [1]},
        {"a": {"b": 1}}, {"ab": 1}, {"a": 1, "b": 2}, {"a": -0.0}, {"a": 0.0},
        {"a": float("nan")}, {"a": "\ud800"},
    ]  # fmt: skip
    keys = [cache.make_key(part) for part in parts]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    assert cache.make_key({"a": 1, "b": (2,)}) == cache.make_key({"b": [2], "a": 1})
    monkeypatch.setattr(cache, "__version__", "0.0.0")
    assert cache.make_key({}) not in keys


@pytest.mark.parametrize("value", [object(), {1: 2}, {1, 2}, b"x", 1j])
def test_a_key_holds_plain_data_only(value):
    with pytest.raises(TypeError, match="cache key"):
        cache.make_key({"a": [value]})


# --- what is passed over --------------------------------------------------------


def garble(path, how):
    content = path.read_bytes()
    path.write_bytes(how(content))


FAULTS = {
    "empty": lambda c: b"",
    "half-written": lambda c: c[: len(c) // 2],
    "last byte missing": lambda c: c[:-1],
    "one byte more": lambda c: c + b"\n",
    "body changed": lambda c: c.replace(b"2 * x", b"3 * x"),
    "header changed": lambda c: c.replace(b'"warnings":[]', b'"warnings":[1]'),
    "warnings no list": lambda c: c.replace(b'"warnings":[]', b'"warnings":{}'),
    "of another version": lambda c: c.replace(__version__.encode(), b"0.0.9"),
    "no header": lambda c: TEXT.encode(),
    "header no object": lambda c: c.split(b"\n")[0] + b"\n# []\n" + TEXT.encode(),
    "header deep": lambda c: c.split(b"\n")[0] + b"\n# " + b"[" * 100_000 + b"\n",
    "binary": lambda c: bytes(range(256)) * 10,
    "not utf-8": lambda c: c + b"\xff",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_entry_is_passed_over_and_replaced(folder, fault):
    sound = store()
    garble(sound.path, FAULTS[fault])
    assert cache.lookup(KEY) is None
    assert store() == sound
    assert cache.lookup(KEY) == sound


def test_an_entry_under_another_key_is_passed_over(folder):
    entry = store()
    other = cache.make_key({"other": 1})
    planted = folder / other[:20] / "f_vjp.py"
    planted.parent.mkdir(mode=0o700)
    planted.write_bytes(entry.path.read_bytes())
    assert cache.lookup(other) is None
    renamed = entry.path.rename(entry.path.with_name("g_vjp.py"))
    assert cache.lookup(KEY) is None
    assert renamed.exists()


def test_links_pipes_and_folders_in_place_of_an_entry(folder, tmp_path):
    entry = store()
    kept = tmp_path / "kept.py"
    entry.path.rename(kept)  # sound in itself, and not ours to follow
    before = kept.read_bytes()
    entry.path.symlink_to(kept)
    assert cache.lookup(KEY) is None
    assert store().path and not entry.path.is_symlink()
    assert kept.read_bytes() == before
    entry.path.unlink()
    os.mkfifo(entry.path, 0o600)
    assert cache.lookup(KEY) is None
    assert store() == entry
    entry.path.unlink()
    entry.path.mkdir()
    assert cache.lookup(KEY) is None
    assert store().path is None
    assert os.listdir(entry.path.parent) == ["f_vjp.py"]  # nothing left lying


@pytest.mark.parametrize("which", ["folder", "place", "file"])
@pytest.mark.parametrize("bits", [stat.S_IWGRP, stat.S_IWOTH])
def test_what_others_may_write_is_passed_over(folder, which, bits):
    entry = store()
    path = {"folder": folder, "place": entry.path.parent, "file": entry.path}[which]
    os.chmod(path, mode(path) | bits)
    assert cache.lookup(KEY) is None
    again = store()
    assert (again.path is None) == (which != "file")
    assert again.text == TEXT


def test_what_belongs_to_another_user_is_passed_over(folder, monkeypatch):
    store()
    ours = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: ours + 1)
    assert cache.lookup(KEY) is None
    assert store().path is None
    assert cache.info()["why"] == "it belongs to another user"
    assert cache.clear() == 0
    monkeypatch.undo()


def test_a_linked_folder_is_passed_over(folder, tmp_path, monkeypatch):
    store()
    link = tmp_path / "link"
    link.symlink_to(folder)
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(link))
    assert cache.lookup(KEY) is None
    assert store().path is None
    assert cache.info()["why"] == "it is a symbolic link"
    assert cache.clear() == 0 and len(os.listdir(folder)) == 1


def test_a_file_in_place_of_the_folder(folder):
    folder.parent.mkdir()
    folder.write_text("not a folder")
    entry = store()
    assert entry.path is None and entry.text == TEXT
    assert entry.filename == f"<s2sad f_vjp_{entry.header['digest'][:20]}>"
    assert cache.lookup(KEY) is None
    assert cache.info()["why"] == "it is not a folder"
    assert folder.read_text() == "not a folder"


def test_a_file_in_place_of_a_parent(folder):
    folder.parent.write_text("not a folder")
    assert store().path is None and cache.lookup(KEY) is None
    assert not cache.info()["usable"] and cache.clear() == 0


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
@pytest.mark.parametrize("call", ["open", "mkdir", "replace+link"])
def test_a_disk_that_cannot_be_written(folder, monkeypatch, number, call):
    if call != "mkdir":
        folder.mkdir(parents=True, mode=0o700)
    for name in call.split("+"):
        real = getattr(os, name)

        def refuse(path, *args, real=real, name=name):
            if name == "open" and not args[0] & os.O_CREAT:
                return real(path, *args)
            raise OSError(number, os.strerror(number), str(path))

        monkeypatch.setattr(os, name, refuse)
    entry = store()
    assert entry.path is None and entry.text == TEXT
    assert cache.lookup(KEY) is None
    monkeypatch.undo()
    assert not list(folder.rglob("*.tmp"))


def test_a_disk_that_fills_up_while_writing(folder, monkeypatch):
    class Full:
        def __init__(self, descriptor, mode):
            self.descriptor = descriptor

        def __enter__(self):
            return self

        def __exit__(self, *problem):
            os.close(self.descriptor)

        def write(self, content):
            os.write(self.descriptor, content[:10])
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(cache, "open", Full, raising=False)
    assert store().path is None
    monkeypatch.undo()
    assert list(folder.rglob("*.*")) == []


def test_turned_off(folder, monkeypatch):
    store()
    monkeypatch.setenv("S2SAD_CACHE", "0")
    assert cache.lookup(KEY) is None
    assert store().path is None
    assert store().module_name != store(text="other").module_name
    assert cache.info()["why"] == "S2SAD_CACHE=0 turns it off"


# --- looking at it, and emptying it -------------------------------------------


def test_info_and_clear(folder):
    assert cache.info() == {
        "folder": str(folder), "entries": 0, "bytes": 0, "usable": True, "why": None,
    }  # fmt: skip
    assert not folder.exists() and cache.clear() == 0
    entry = store()
    other = cache.store(cache.make_key({"n": 2}), "g", "def g(): pass\n", {})
    size = entry.path.stat().st_size + other.path.stat().st_size
    assert cache.info()["entries"] == 2 and cache.info()["bytes"] == size
    assert json.dumps(cache.info())
    index = entry.path.parent / "__pycache__" / "f_vjp.f_vjp-3.py311.nbi"
    index.parent.mkdir()
    index.write_bytes(b"what Numba keeps")
    assert cache.clear() == 2
    assert os.listdir(folder) == []
    assert cache.lookup(KEY) is None


def test_clear_leaves_what_is_not_ours(folder, tmp_path):
    entry = store()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.py").write_text("print('years of work')")
    (folder / "thesis.py").write_text("mine")
    (folder / "notes").mkdir()
    (folder / "notes" / "thesis.py").write_text("mine")
    (folder / ("0" * 20)).symlink_to(precious)
    (entry.path.parent / "deeper").mkdir()
    (entry.path.parent / "link.py").symlink_to(precious / "thesis.py")
    (entry.path.parent / "__pycache__").symlink_to(precious)
    assert cache.clear() == 1
    assert (precious / "thesis.py").exists()
    assert (folder / "thesis.py").exists() and (folder / "notes/thesis.py").exists()


@pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="elsewhere another folder is meant"
)
def test_the_users_cache_folder(monkeypatch):
    monkeypatch.delenv("S2SAD_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    for value, expected in [
        ("/var/tmp/ada", "/var/tmp/ada/s2sad"),
        ("", "/home/ada/.cache/s2sad"),
        ("not/absolute", "/home/ada/.cache/s2sad"),
    ]:
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert str(cache.cache_folder()) == expected
    monkeypatch.setenv("S2SAD_CACHE_DIR", "~/elsewhere")
    assert str(cache.cache_folder()) == "/home/ada/elsewhere"
