"""A Linear and its squashing function fused: the same as one after the other."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, RecipeError, ShapeError
from xpnet.modules.affine import FUNCTIONS, Affine

PLAIN = {"tanh": xn.Tanh, "scaled_tanh": xn.ScaledTanh, "sigmoid": xn.Sigmoid, "relu": xn.Relu}


def derived(machine, x, dy, store):
    input, output = xn.State(x), xn.State()
    machine.fprop(input, output)
    output.accumulate(dy)
    machine.bprop(input, output)
    output.accumulate_ddx(dy * dy)
    machine.bbprop(input, output)
    states = [input, *(store[name] for name in store)]
    return [output.x, *(state.dx for state in states), *(state.ddx for state in states)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_same_as_one_after_the_other(function, backend, rng, close):
    fused, plain = Affine(3, 4, function), xn.Cascade(xn.Linear(3, 4), PLAIN[function]())
    store, other = xn.ParameterStore(fused, backend), xn.ParameterStore(plain, backend)
    other.load_state_dict({f"0.{name}": value for name, value in store.state_dict().items()})
    x, dy = backend.asarray(rng.normal(size=(2, 5, 3))), backend.asarray(rng.normal(size=(2, 5, 4)))
    for got, wanted in zip(derived(fused, x, dy, store), derived(plain, x, dy, other), strict=True):
        close(got, backend.to_numpy(wanted), factor=4)


def test_the_first_weights_are_those_of_a_linear():
    assert xn.ParameterStore(Affine(3, 4)).state_dict()["weight"].std() == pytest.approx(3**-0.5, rel=0.6)
    np.testing.assert_array_equal(
        xn.ParameterStore(Affine(3, 4)).state_dict()["weight"],
        xn.ParameterStore(xn.Linear(3, 4)).state_dict()["weight"],
    )


def test_a_fixed_input_takes_no_gradient():
    affine, input, output = Affine(3, 2), xn.State(np.ones((2, 3), "float32"), fixed=True), xn.State()
    affine.fprop(input, output)
    output.accumulate(np.ones((2, 2), "float32"))
    affine.bprop(input, output)
    assert input.dx is None
    assert affine.weight.dx is not None


def test_errors_and_words():
    assert repr(Affine(3, 2, "relu")) == "Affine(3, 2, 'relu')"
    with pytest.raises(RecipeError, match="unknown function 'tahn' of Affine; did you mean 'tanh'"):
        Affine(3, 2, "tahn")
    with pytest.raises(ShapeError, match="Affine expects input.x with last axis 3"):  # noqa: RUF043
        Affine(3, 2).fprop(xn.State(np.ones((2, 2), "float32")), xn.State())
    with pytest.raises(PlacementError):
        Affine(3, 2).fprop(xn.State(np.ones((2, 3))), xn.State())
