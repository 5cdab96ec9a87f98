"""A derivative of other sources of ours is not found: in a checkout they may change."""

import os

from s2sad import __version__, grad
from s2sad.load import cache, own_sources
from tests.benchmarks.derivation import written


def package(folder):
    """A small package in a folder."""
    made = folder / "s2sad"
    (made / "opt").mkdir(parents=True)
    for name in ("__init__.py", "opt/__init__.py", "opt/fold.py"):
        (made / name).write_text("ONE = 1\n")
    return made


def stamp(made):
    return own_sources.stamp(str(made))


def test_a_file_that_was_written_again_is_another_state(tmp_path):
    made = package(tmp_path)
    before = stamp(made)
    assert stamp(made) == before
    file = made / "opt" / "fold.py"
    about = os.stat(file)
    file.write_text("ONE = 2\n")  # as long as it was
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    assert stamp(made) != before


def test_so_is_one_that_came_or_went(tmp_path):
    made = package(tmp_path)
    before = stamp(made)
    (made / "opt" / "more.py").write_text("")
    assert stamp(made) != before
    (made / "opt" / "more.py").unlink()
    assert stamp(made) == before
    (made / "opt" / "fold.py").unlink()
    assert stamp(made) != before


def test_what_python_compiles_is_no_change(tmp_path):
    made = package(tmp_path)
    before = stamp(made)
    (made / "opt" / "__pycache__").mkdir()
    (made / "opt" / "__pycache__" / "fold.cpython-311.pyc").write_bytes(b"")
    assert stamp(made) == before


def test_the_version_stands_for_a_release(tmp_path):
    made = package(tmp_path)
    (tmp_path / f"s2sad-{__version__}.dist-info").mkdir()
    assert stamp(made) == ""
    assert stamp(tmp_path / "nowhere" / "s2sad") == ""


def test_the_keys_hold_it(monkeypatch):
    parts = {"source": "def f(x): return x * x"}
    before = cache.make_key(parts)
    assert cache.make_key(parts) == before
    monkeypatch.setattr(cache, "own_sources", lambda: "of another state")
    assert cache.make_key(parts) != before


def test_a_derivative_of_another_state_is_made_again(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(folder))
    monkeypatch.delenv("S2SAD_CACHE", raising=False)
    text = "def f(x):\n    return x * x\n"

    def kept_after(name):
        assert grad(written(text, tmp_path, name))(3.0) == 6.0
        return len(list(folder.iterdir()))

    first = kept_after("user")
    assert kept_after("user_again") == first
    monkeypatch.setattr(cache, "own_sources", lambda: "of another state")
    assert kept_after("user_later") == 2 * first
