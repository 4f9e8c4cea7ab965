import pytest

from xpnet.backend import get_backend
from xpnet.cli.checked import check_named
from xpnet.cli.kinds import default_draws, parse_draw
from xpnet.errors import RecipeError
from xpnet.modules import Tanh
from xpnet.streams import stream
from xpnet.testing.draws import normal

ARGUMENTS = {"Lookup": ("n_symbols=3", "n_features=2"), "Unstack": ("n_outputs=3",)}


@pytest.mark.parametrize(
    "name",
    [
        "Switch",
        "LogLoss",
        "KullbackLeibler",
        "Clamp",
        "WeightedSum",
        "Select",
        "Hold",
        "Blank",
        "Lookup",
        "Unstack",
        "CrossEntropy",
        "Tanh",
    ],
)
def test_shipped_modules_keep_their_contract_on_what_they_get_by_default(name, capsys):
    check_named(name, ARGUMENTS.get(name, ()), (), get_backend("numpy"))
    assert "keeps its contract" in capsys.readouterr().out


def test_given_shapes_decide_where_labels_point(capsys):
    check_named("Select", (), ("1", "scalar"), get_backend("numpy"))
    check_named("Switch", (), ("2", "2", "2", "scalar"), get_backend("numpy"))
    assert capsys.readouterr().out.count("keeps its contract") == 2


def test_any_other_module_gets_normal_numbers():
    assert default_draws(Tanh(), [(3,)]) == [normal]


def test_draws_as_text():
    assert parse_draw("normal") is normal
    assert set(parse_draw("integers:2")(stream(0), (50,)).tolist()) == {0, 1}
    for text in ("integers", "integers:0", "integers:x", "gaussian", ""):
        with pytest.raises(RecipeError, match=r"--draw .* is unknown; .*known: distribution, integers:K, normal"):
            parse_draw(text)
