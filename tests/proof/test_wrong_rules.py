"""A rule that is wrong is found, and so is the statement in which it shows."""

from dataclasses import replace

import numpy as np
import pytest

from s2sad import check
from s2sad.cli import main
from s2sad.rules import TABLE
from s2sad.rules.handles import lift


@pytest.fixture
def wrong_tanh(monkeypatch):
    """tanh' = 1 - y, which is right at one point only, in both modes."""
    monkeypatch.setenv("S2SAD_CACHE", "0")
    right = TABLE["tanh"]

    def jvp(b, op, tangents):
        if tangents[0] is None:
            return (None,)
        return (((1 - lift(b, op.outs[0])) * lift(b, tangents[0])).atom,)

    def vjp(b, op, bars):
        bar = bars.take(op.outs[0])
        if bar is not None:
            bars.add(op.args[0], ((1 - lift(b, op.outs[0])) * lift(b, bar)).atom)

    monkeypatch.setitem(TABLE, "tanh", replace(right, jvp=jvp, vjp=vjp))


def test_it_fails_and_the_statement_is_named(wrong_tanh):
    def f(x):
        a = np.sin(x)
        b = np.tanh(a) * x
        return b + a

    report = check(f, 0.7)
    assert report.verdict == "FAILS"
    assert "first parting at" in report.failure
    assert "`b = np.tanh(a) * x`, operation tanh" in report.failure


def test_a_rule_that_is_wrong_both_ways_passes_the_identity_only(wrong_tanh):
    def f(x):
        return np.tanh(x) * 2.0

    report = check(f, 0.7, seconds=0)
    assert report.dot_error < 1e-12, "jvp and vjp agree with each other"
    assert report.verdict == "FAILS"


def test_the_command_exits_with_one(wrong_tanh, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "wrong_x.py"
    path.write_text("import numpy as np\n\n\ndef f(x):\n    return np.tanh(x)\n")
    assert main(["check", "wrong_x.py", "--at", "0.7"]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "FAILS"
    assert "wrong_x.py:5: `return np.tanh(x)`" in out
