import json

import numpy as np
import pytest

from xpnet.cli.answers import print_answers
from xpnet.data.answers import Answers


def test_a_lone_label_has_no_margin_in_json(capsys):
    print_answers(Answers(np.array([0]), np.array([[0.5]])), ("only",), "json")
    assert json.loads(capsys.readouterr().out) == {"sample": 0, "label": "only", "energy": 0.5, "margin": None}


def test_csv_quotes_what_needs_it(capsys):
    print_answers(Answers(np.array([1]), np.array([[2.0, 0.5]])), ("a", 'b,"c"'), "csv")
    assert capsys.readouterr().out == 'sample,label,energy,margin\n0,"b,""c""",0.5,1.5\n'


def test_an_unknown_form_is_a_programming_error():
    with pytest.raises(KeyError):
        print_answers(Answers(np.array([0]), np.array([[0.5]])), ("only",), "xml")
