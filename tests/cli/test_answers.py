import csv
import json

import numpy as np
import pytest

from xpnet.cli.answers import print_answers
from xpnet.cli.rejection import Rejection
from xpnet.data.answers import Answered


def test_a_lone_label_has_no_margin_in_json(capsys):
    print_answers(Answered(np.array([0]), np.array([[0.5]])), ("only",), "json")
    told = {"sample": 0, "label": "only", "energy": 0.5, "margin": None, "probability": 1.0}
    assert json.loads(capsys.readouterr().out) == told


def test_csv_quotes_what_needs_it(capsys):
    print_answers(Answered(np.array([1]), np.array([[2.0, 2.0 - np.log(3)]])), ("a", 'b,"c"'), "csv")
    header, row = capsys.readouterr().out.splitlines()
    assert header == "sample,label,energy,margin,probability"
    assert row.startswith('0,"b,""c""",')
    assert [float(number) for number in row.split(",")[-3:]] == pytest.approx([2 - np.log(3), np.log(3), 0.75])


def test_probabilities_are_those_at_beta(capsys):
    answers = Answered(np.array([0]), np.array([[0.0, np.log(3)]]))
    print_answers(answers, ("a", "b"), "json", beta=2.0, top=2)
    told = json.loads(capsys.readouterr().out)
    assert told["probability"] == pytest.approx(0.9)
    assert [each["probability"] for each in told["top"]] == pytest.approx([0.9, 0.1])


def test_forbidden_labels_are_not_among_the_best(capsys):
    answers = Answered(np.array([1, -1]), np.array([[np.inf, 0.5], [np.inf, np.inf]]))
    print_answers(answers, ("a", "b"), "json", top=2)
    one, none = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert one["top"] == [{"label": "b", "energy": 0.5, "probability": 1.0}]
    assert (none["label"], none["energy"], none["probability"], none["top"]) == ("rejected", None, 0.0, [])
    print_answers(answers, ("a", "b"), "csv", top=2, rejection=Rejection(margin=0.0))
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["label"], row["best"], row["label_1"], row["label_2"]) for row in rows] == [
        ("b", "b", "b", ""),
        ("rejected", "none", "", ""),
    ]


def test_further_labels_stand_below_the_best_in_the_table(capsys):
    answers = Answered(np.array([1, 0]), np.array([[2.0, 0.5], [1.0, 1.25]]))
    print_answers(answers, ("a", "b"), "table", top=2, rejection=Rejection(margin=1.0))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[3:7] == [
        ["0", "b", "0.5000", "1.5000", "0.8176", "b"],
        ["2.0000", "0.1824", "a"],
        ["1", "rejected", "1.0000", "0.2500", "0.5622", "a"],
        ["1.2500", "0.4378", "b"],
    ]


def test_an_unknown_form_is_a_programming_error():
    with pytest.raises(KeyError):
        print_answers(Answered(np.array([0]), np.array([[0.5]])), ("only",), "xml")
