"""What runs data as code is refused."""

import ast

import pytest


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", "import pickle"),
        ("from joblib import load", "from joblib import ..."),
        ("value = eval(text)", "eval(...)"),
        ("np.load(path, allow_pickle=True)", "allow_pickle=True"),
    ],
)
def test_each_way_of_running_data_is_found(source, found):
    from forbidden import offences

    assert list(offences(ast.parse(source))) == [(1, found)]


def test_what_only_looks_like_it_is_left_alone():
    from forbidden import offences

    assert not list(offences(ast.parse("machine.eval()\nnp.load(path, allow_pickle=False)\n'import pickle'")))
