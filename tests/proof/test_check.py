"""`check` on derivatives written by hand, right ones and wrong ones."""

import numpy as np
import pytest

from s2sad.proof import check

from . import by_hand as hand

HAND = hand.operators


def test_the_textbook_function_is_proved():
    report = check(hand.f, (2.0, 5.0), **HAND(hand.f_jvp, hand.f_vjp))
    assert [(row.output, row.input, row.verdict) for row in report.rows] == [
        ("y", "x1", "PROVED"),
        ("y", "x2", "PROVED"),
    ]
    assert report and report.verdict == "PROVED"
    assert report.points == 12 and report.error < 1e-9 and report.dot_error < 1e-14
    assert "PROVED" in str(report)


@pytest.mark.parametrize("jvp, vjp", [(hand.f_jvp, hand.f_vjp_wrong),
                                      (hand.f_jvp_wrong, hand.f_vjp),
                                      (hand.f_jvp_wrong, hand.f_vjp_wrong)])  # fmt: skip
def test_a_wrong_derivative_fails_by_the_input_that_is_wrong(jvp, vjp):
    report = check(hand.f, (2.0, 5.0), **HAND(jvp, vjp))
    assert not report and report.verdict == "FAILS"
    assert {row.input: row.verdict for row in report.rows} == {
        "x1": "PROVED",
        "x2": "FAILS",
    }


@pytest.mark.parametrize("seconds", [0.0, 10.0])
def test_a_wrong_derivative_fails_without_sympy_too(seconds):
    wrong = HAND(hand.f_jvp_wrong, hand.f_vjp_wrong)
    report = check(hand.f, (2.0, 5.0), seconds=seconds, **wrong)
    assert not report
    assert "derivative" in report.failure and "difference" in report.failure


def test_without_sympy_a_right_derivative_agrees():
    report = check(hand.f, (2.0, 5.0), seconds=0.0, **HAND(hand.f_jvp, hand.f_vjp))
    assert report and report.verdict == "AGREES"


def test_matrices_of_symbols():
    A, B = np.arange(1.0, 7.0).reshape(2, 3), np.arange(6.0).reshape(3, 2)
    report = check(hand.product, (A, B), **HAND(hand.product_jvp, hand.product_vjp))
    assert report.verdict == "PROVED"
    assert [row.input for row in report.rows] == ["A", "B"]


def test_more_symbols_than_can_be_proved_agree():
    A = np.arange(100.0).reshape(10, 10)
    report = check(
        hand.product, (A, A), **HAND(hand.product_jvp, hand.product_vjp), points=2
    )
    assert report.verdict == "AGREES"
    assert "200 symbols" in report.notes[0]


@pytest.mark.parametrize("x, assumed", [(2.0, "x > 1"), (0.5, "x <= 1")])
def test_the_path_that_was_taken_is_stated(x, assumed):
    report = check(hand.branch, (x,), **HAND(hand.branch_jvp, hand.branch_vjp))
    assert report.verdict == "PROVED" and assumed in report.assumed


def test_loops_run_as_often_as_the_arguments_say():
    report = check(hand.loop, (2.0, 4), wrt="x", **HAND(hand.loop_jvp, hand.loop_vjp))
    assert report.verdict == "PROVED"


def test_sign_is_compared_away_from_its_kink():
    report = check(hand.size, (-2.0,), **HAND(hand.size_jvp, hand.size_vjp))
    assert report.verdict == "PROVED"


def test_at_a_kink_a_slope_between_both_is_right():
    report = check(
        hand.hinge, (0.0,), seconds=0, **HAND(hand.hinge_jvp, hand.hinge_vjp)
    )
    assert report, str(report)
    assert any("kink" in note for note in report.notes)


def test_the_report_is_data():
    report = check(hand.f, (2.0, 5.0), seconds=0, **HAND(hand.f_jvp, hand.f_vjp))
    data = report.as_json()
    assert data["verdict"] == "AGREES" and len(data["rows"]) == 2
    assert data["at"] == "x1 = 2.0, x2 = 5.0"


def test_nothing_to_differentiate_by():
    report = check(lambda s: len(s), ("abc",), **HAND(hand.f_jvp, hand.f_vjp))
    assert not report.rows and "no argument is a real number" in str(report)
