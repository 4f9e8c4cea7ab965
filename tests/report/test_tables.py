import numpy as np
import pytest
from rich.console import Console

from xpnet.data.answers import Answered
from xpnet.report.tables import confusion_table, energy_table, error_table, percent, plain_table


@pytest.fixture
def show():
    def render(table, width=80):
        console = Console(width=width, markup=False, highlight=False)
        with console.capture() as capture:
            console.print(table)
        return capture.get()

    return render


def test_percent():
    assert (percent(0, 3), percent(1, 3), percent(3, 3)) == ("0.00 %", "33.33 %", "100.00 %")


def test_errors_as_counts_and_percent(show, evaluation):
    row = show(error_table({"held-out": evaluation})).splitlines()[3].split()
    assert row == ["held-out", "10", "1", "10.00", "%", "0.25000"]


def test_energies_of_all_labels_with_best_and_margin(show, answers):
    lines = [line.split() for line in show(energy_table(answers, np.array([1, 1]), ("no", "yes"))).splitlines()]
    assert ["desired", "yes", "yes"] in lines
    assert ["best", "yes", "no", "!"] in lines
    assert ["margin", "2.500", "0.500"] in lines
    assert ["E(no)", "3.000", "0.250"] in lines
    assert ["E(yes)", "0.500", "0.750"] in lines


def test_many_labels_show_the_lowest(show):
    energies = np.arange(100.0)[None, ::-1]
    text = show(energy_table(Answered(np.array([99]), energies), np.array([99]), [str(k) for k in range(100)], rows=3))
    assert [f"E({k})" in text for k in (96, 97, 98, 99)] == [False, True, True, True]


def test_ten_labels_and_five_samples_fit_a_terminal(show):
    answers = Answered(np.zeros(5, dtype=int), np.random.default_rng(0).random((5, 10)))
    assert "…" not in show(energy_table(answers, np.zeros(5, dtype=int), "0123456789"))


def test_confusion_counts(show, evaluation):
    lines = [line.split() for line in show(confusion_table(evaluation.confusion, ("a", "b"))).splitlines()]
    assert ["a", "4", "1"] in lines
    assert ["b", "·", "5"] in lines


def test_confusion_of_many_labels_lists_the_errors(show):
    confusion = np.diag(np.full(30, 9))
    confusion[3, 7], confusion[8, 2] = 1, 4
    lines = [line.split() for line in show(confusion_table(confusion, [str(k) for k in range(30)])).splitlines()]
    assert lines.index(["8", "2", "4"]) + 1 == lines.index(["3", "7", "1"])
    assert ["0", "0", "9"] not in lines


def test_names_are_printed_as_they_are(show):
    table = plain_table("[b]")
    table.add_row("[red]x[/red]")
    assert "[red]x[/red]" in show(table)
