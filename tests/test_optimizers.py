"""Plain steps, weight decay, and gblearn2's inertia beside heavy ball."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import RecipeError


def descend(backend, layout, steps=20, **rates):
    """The bias of a machine after steps on E = ½ ‖b - 1‖², and the store."""
    bias = xn.Bias(3)
    store = xn.ParameterStore(bias, backend, layout=layout)
    rule = xn.Sgd(**rates)
    for _ in range(steps):
        bias.bias.accumulate(bias.bias.x - 1.0)
        rule.update(store)
    return np.asarray(backend.to_numpy(bias.bias.x), np.float64), store


def test_plain_steps_have_a_closed_form(numpy64, layout):
    found, _ = descend(numpy64, layout, learning_rate=0.1)
    np.testing.assert_allclose(found, 1 - 0.9**20, rtol=1e-12)


def test_weight_decay_moves_the_fixed_point(numpy64, layout):
    found, _ = descend(numpy64, layout, steps=500, learning_rate=0.1, weight_decay=0.25)
    np.testing.assert_allclose(found, 1 / 1.25, rtol=1e-12)


@pytest.mark.parametrize("inertia", [0.5, 0.9])
def test_inertia_is_heavy_ball_with_a_learning_rate_one_minus_inertia_as_long(numpy64, layout, torch, inertia):
    found, store = descend(numpy64, layout, learning_rate=0.2, weight_decay=0.1, inertia=inertia)
    leaf = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    heavy = torch.optim.SGD([leaf], lr=0.2 * (1 - inertia), momentum=inertia, weight_decay=0.1)
    for _ in range(20):
        leaf.grad = leaf.detach() - 1.0
        heavy.step()
    np.testing.assert_allclose(found, leaf.detach().numpy(), rtol=1e-12)
    buffer = heavy.state[leaf]["momentum_buffer"].numpy()  # torch starts its buffer at the first gradient, like v = g
    np.testing.assert_allclose(store.slots_dict()["deltas"]["bias"], (1 - inertia) * buffer, rtol=1e-12)


def test_every_backend_takes_the_same_steps(backend, close):
    wanted, mean = np.zeros(3), np.zeros(3)
    for _ in range(20):
        mean = 0.1 * (wanted - 1 + 0.01 * wanted) + 0.9 * mean
        wanted = wanted - 0.2 * mean
    found, _ = descend(backend, None, learning_rate=0.2, weight_decay=0.01, inertia=0.9)
    close(backend.asarray(found), wanted, factor=8)


def test_a_numpy_scalar_as_learning_rate_does_not_change_the_dtype(backend, layout, monkeypatch):
    _, store = descend(backend, layout, learning_rate=np.float64(0.1), inertia=np.float64(0.5))
    assert store["bias"].x.dtype == backend.dtype


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        ({"learning_rate": -0.1}, "learning_rate must be finite and at least 0; got -0.1"),
        ({"learning_rate": "0.1"}, "learning_rate must be finite and at least 0; got '0.1'"),
        ({"learning_rate": float("nan")}, "learning_rate must be finite and at least 0; got nan"),
        ({"learning_rate": 0.1, "weight_decay": float("inf")}, "weight_decay must be finite and at least 0; got inf"),
        ({"learning_rate": 0.1, "inertia": 1.0}, r"inertia must be in \[0, 1\); got 1.0"),
    ],
)
def test_impossible_rates_are_errors(rates, text):
    with pytest.raises(RecipeError, match=text):
        xn.Sgd(**rates)
