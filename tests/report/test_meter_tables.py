import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console

from xpnet.data.answers import Answered
from xpnet.report.meter_tables import (
    calibration_table,
    counts_table,
    gap_line,
    operating_table,
    rejection_table,
    share,
)
from xpnet.report.meters import Confusion, Counts, Gaps, error_reject
from xpnet.report.quality import quality


@pytest.fixture
def lines():
    def render(table, width=80):
        console = Console(width=width, markup=False, highlight=False)
        with console.capture() as capture:
            console.print(table)
        assert "…" not in capture.get()
        return [line.split() for line in capture.get().splitlines()]

    return render


def test_a_share_of_nothing_is_a_dash():
    assert [share(rate) for rate in (0.0, 1 / 3, 1.0, float("nan"))] == ["0.00 %", "33.33 %", "100.00 %", "-"]


def test_correct_error_and_rejected(lines):
    rows = lines(counts_table({"held-out": Counts(90, 6, 4), "[b]": Counts(0, 0, 2)}))
    assert rows[3] == ["held-out", "100", "90.00", "%", "6.00", "%", "4.00", "%", "6.25", "%"]
    assert rows[4] == ["[b]", "2", "0.00", "%", "0.00", "%", "100.00", "%", "-"]


def test_the_rejected_are_a_further_column(lines):
    rows = lines(rejection_table(Confusion(np.array([[4, 1, 5], [0, 5, 0]])), ("a", "b")))
    assert ["desired", "a", "b", "rejected", "error"] in rows
    assert ["a", "4", "1", "5", "10.00", "%"] in rows
    assert ["b", "·", "5", "·", "0.00", "%"] in rows


def test_of_many_labels_the_errors_that_are_not_rejected_are_told(lines):
    counts = np.concatenate([np.diag(np.full(30, 9)), np.full((30, 1), 7)], axis=1)
    counts[3, 8] = 2
    rows = lines(rejection_table(Confusion(counts), [str(k) for k in range(30)]))
    assert ["3", "8", "2"] in rows
    assert not any("7" in row for row in rows)


def test_what_must_be_rejected_for_half_the_error_and_where(lines):
    wrong = np.isin(np.arange(100), [0, 1, 2, 50])
    energy = error_reject(-np.arange(100, 0, -1.0), wrong)
    table = operating_table({"margin": error_reject(np.arange(100.0) / 100, wrong), "energy": energy})
    assert [row for row in lines(table) if "%" in row] == [
        ["4.00", "%", "0.00", "%", "0.00", "%"],
        ["2.00", "%", "3.00", "%", "(≥", "0.03)", "3.00", "%", "(≤", "97)"],
        ["1.00", "%", "51.00", "%", "(≥", "0.51)", "51.00", "%", "(≤", "49)"],
        ["0.40", "%", "51.00", "%", "(≥", "0.51)", "51.00", "%", "(≤", "49)"],
    ]


def test_bounds_have_as_few_digits_as_do_the_same(lines):
    curve = error_reject(np.array([0.123456, 0.123449, 7.0]), np.array([False, True, False]))
    assert ["16.67", "%", "33.33", "%", "(≥", "0.12345)"] in lines(operating_table({"margin": curve}))
    curve = error_reject(np.array([0.0, np.inf]), np.array([True, False]))
    assert ["25.00", "%", "50.00", "%", "(≥", "Infinity)"] in lines(operating_table({"margin": curve}))


def test_without_errors_nothing_need_be_rejected_and_some_cannot_be_avoided(lines):
    rows = lines(operating_table({"margin": error_reject(np.arange(3.0), np.zeros(3, bool))}))
    assert [row for row in rows if "%" in row] == [["0.00", "%", "0.00", "%"]]
    rows = lines(operating_table({"margin": error_reject(np.arange(2.0), np.array([False, True]))}))
    assert [row[2:] for row in rows if "%" in row] == [["0.00", "%"], ["all"], ["all"], ["all"]]
    rows = lines(operating_table({"margin": error_reject(np.array([]), np.array([], bool))}))
    assert not any("%" in row for row in rows)


def test_calibration_at_the_given_beta_and_at_the_fitted(lines):
    energies = np.array([[0.0, 2.0]] * 3 + [[2.0, 0.0]])
    found = quality(Answered(energies.argmin(axis=1), energies), np.zeros(4, int))
    given, fitted = lines(calibration_table(found))[3:5]
    p = 1 / (1 + np.exp(-2))
    brier = (3 * (1 - p) ** 2 + p**2) / 4
    nll = -(3 * np.log(p) + np.log(1 - p)) / 4
    error = f"{100 * (p - 0.75):.2f}"
    assert given == ["β", "=", "1,", "given", error, "%", error, "%", f"{brier:.4f}", f"{nll:.4f}"]
    assert fitted[:8] == ["β", "=", "0.5493,", "fitted", "0.00", "%", "0.00", "%"]


def test_gaps_are_one_line():
    assert gap_line(Gaps(np.array([-np.inf, -1.0, 0.0]))) == (
        "energy gaps: 2 of 3 below 0 (right), median -1, 95 % up to 0, largest 0"
    )


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_a_bound_that_is_told_does_what_the_threshold_does(one, other):
    beyond, threshold = sorted((one, other))
    assume(beyond < threshold)
    curve = error_reject(np.array([beyond, threshold]), np.array([True, False]))
    for name, sign in (("margin", 1), ("energy", -1)):
        table = operating_table({name: curve})
        told = sign * float(list(table.columns[1].cells)[1].rpartition(" ")[2][:-1])
        assert beyond < told <= threshold
