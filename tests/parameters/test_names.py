"""The names of a machine's parameters: places, shared once, tied ones among the aliases."""

import pytest

import xpnet as xn
from xpnet.errors import ParameterError
from xpnet.parameters.names import named
from xpnet.parameters.sharing import Tied


def test_box_names_of_a_graph_become_parameter_names(numpy64):
    graph = xn.Graph()
    x = graph.input("x")
    graph.output("y", graph(xn.Linear(2, 2), graph(xn.Linear(2, 2), x, name="encoder")))
    assert xn.ParameterStore(graph).names == ["encoder.weight", "encoder.bias", "linear1.weight", "linear1.bias"]


def test_one_module_in_two_places_has_its_parameters_once(numpy64):
    shared = xn.Linear(2, 2)
    store = xn.ParameterStore(xn.Cascade(shared, xn.Tanh(), shared))
    assert store.names == ["0.weight", "0.bias"]
    assert store.aliases() == {"2.weight": "0.weight", "2.bias": "0.bias"}


def test_a_tie_is_another_place_of_its_target_wherever_it_stands(numpy64):
    first, second = xn.Linear(2, 3), xn.Linear(3, 2)
    first.weight = Tied(second.weight, "transpose")
    parameters, aliases = named(xn.Cascade(first, second))
    assert list(parameters) == ["0.bias", "1.weight", "1.bias"]
    assert aliases == {"0.weight": "1.weight"}
    assert parameters["1.weight"] is second.weight
    assert second.weight.name == "1.weight"


def test_a_tie_to_a_parameter_outside_is_an_error(numpy64):
    inside = xn.Linear(2, 2)
    inside.weight = Tied(xn.Linear(2, 2).weight, "transpose")
    with pytest.raises(ParameterError, match=r"'0\.weight' is tied to a parameter outside this machine; make a store"):
        named(xn.Cascade(inside))
