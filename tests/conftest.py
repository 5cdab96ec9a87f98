"""What every test shares: options, a cache folder of its own.

Options::

    pytest --bless             rewrite goldens and print what changed
    pytest --campaign          long random campaigns
    pytest --programs 2000     so many random programs, the same every time
    pytest --interpreters      a smoke run on each Python found on this machine
    pytest --nothing-skipped   a skipped test is a failure (for CI, all extras in)
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    group = parser.getgroup("s2sad")
    group.addoption("--bless", action="store_true", help="rewrite goldens, print diffs")
    group.addoption("--campaign", action="store_true", help="long random campaigns")
    group.addoption(
        "--programs", type=int, default=80, help="how many random programs are judged"
    )
    group.addoption(
        "--interpreters",
        action="store_true",
        default=bool(os.environ.get("S2SAD_TEST_INTERPRETERS")),
        help="smoke run on each Python interpreter found on this machine",
    )
    group.addoption(
        "--nothing-skipped", action="store_true", help="a skipped test is a failure"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "campaign: runs with --campaign only")


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config):
    """No workers where their start would cost more than they save, or a diff is shown."""
    if config.getoption("--bless") or config.option.collectonly:
        return 0
    named = [str(arg).split("::")[0] for arg in config.args]
    if named and len(named) < 4 and all(name.endswith(".py") for name in named):
        return 0
    return None  # xdist counts the processors


def pytest_collection_modifyitems(config, items):
    """Without --campaign its tests are not there, rather than skipped."""
    if config.getoption("--campaign"):
        return
    out = [item for item in items if item.get_closest_marker("campaign")]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not item.get_closest_marker("campaign")]


def _refuse_skip(config, report):
    if config.getoption("--nothing-skipped") and report.skipped:
        if not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = f"skipped under --nothing-skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _refuse_skip(item.config, (yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _refuse_skip(collector.config, (yield))


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory):
    """No test reads or writes the user's own cache; child processes follow."""
    folder = tmp_path_factory.mktemp("cache", numbered=True)
    os.environ.pop("S2SAD_CACHE", None)  # tests say themselves where it is off
    before = os.environ.get("S2SAD_CACHE_DIR")
    os.environ["S2SAD_CACHE_DIR"] = str(folder)
    yield folder
    if before is None:
        os.environ.pop("S2SAD_CACHE_DIR", None)
    else:
        os.environ["S2SAD_CACHE_DIR"] = before


@pytest.fixture
def bless(request):
    """`bless(path, text)`: the file holds this text, or the test fails.

    Under --bless the file is rewritten instead and the difference printed.
    """
    rewrite = request.config.getoption("--bless")

    def compare(path, text: str) -> None:
        path = Path(path)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before == text:
            return
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        diff = "".join(
            difflib.unified_diff(
                before.splitlines(keepends=True),
                text.splitlines(keepends=True),
                f"{name} (golden)",
                f"{name} (now)",
            )
        )
        if not rewrite:
            pytest.fail(f"{diff}\n`pytest --bless` accepts this.", pytrace=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        with request.config.pluginmanager.getplugin(
            "capturemanager"
        ).global_and_fixture_disabled():
            print(f"\n{diff}" if before else f"\nnew golden: {name}")

    return compare
