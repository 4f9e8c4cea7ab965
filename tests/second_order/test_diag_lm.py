"""Stochastic diagonal Levenberg-Marquardt: the formula, Newton's step where it is exact, and its use."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError, RecipeError
from xpnet.second_order import DiagLm, measure
from xpnet.training.trainer import Trainer


@pytest.fixture
def learned(backend, layout, rng):
    """A measured store with a gradient, and what stands in it."""
    machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
    store = xn.ParameterStore(machine, backend, layout=layout)
    measure(store, rng.normal(size=(9, 3)), rng.normal(size=(9, 2)), xn.Euclidean())
    for name in store:
        store[name].accumulate(backend.asarray(rng.normal(size=store[name].shape)))
    return store, store.state_dict(), store.gradients(), store.slots_dict()["curvature"]


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_each_parameter_moves_at_the_rate_of_its_curvature(learned, close, decay):
    store, x, dx, h = learned
    DiagLm(0.5, mu=0.02, weight_decay=decay).update(store)
    for name in store:
        old, g, curve = (value[name].astype("float64") for value in (x, dx, h))
        close(store[name].x, old - 0.5 / (curve + 0.02) * (g + decay * old), 5)
        assert store[name].dx is None
        np.testing.assert_array_equal(store.slots_dict()["curvature"][name], h[name])


def test_negative_curvature_counts_as_flat(backend, close):
    step = backend.ops.diag_lm(backend.zeros((2,)), backend.ones((2,)), backend.asarray([-5.0, 0.0]), 0.1, 0.5, 0.0)
    close(step, [-0.2, -0.2])


def test_one_step_is_newtons_where_the_curvature_is_exact_and_diagonal(numpy64, rng):
    x = np.diag([1.0, 10.0, 100.0])
    y = rng.normal(size=(3, 2))
    linear = xn.Linear(3, 2, bias=False)
    store = xn.ParameterStore(linear, numpy64)
    trainer = xn.SimpleTrainer(linear, xn.Euclidean(), store)
    found = measure(store, x, y, xn.Euclidean())
    for name in store:
        store[name].accumulate(found.gradient[name])
    DiagLm(1.0, mu=1e-12).update(store)
    assert trainer.run(x, y)[1].diagonal() == pytest.approx([0.0] * 3, abs=1e-10)


def test_badly_scaled_inputs_are_no_trouble(numpy64, rng):
    """Inputs from 0.01 to 100: at the best rate that gradient descent survives, it has learned far less."""
    scales = np.asarray([0.01, 1.0, 100.0])
    x = rng.normal(size=(200, 3)) * scales
    y = (x / scales) @ rng.normal(size=(3, 1))

    def energy(step):
        linear = xn.Linear(3, 1)
        store = xn.ParameterStore(linear, numpy64, seed=1)
        measure(store, x, y, xn.Euclidean())
        trainer = xn.SimpleTrainer(linear, xn.Euclidean(), store)
        return [trainer.learn_sample(x, np.arange(200), y, step) for _ in range(50)][-1]

    descent = min(energy(xn.Sgd(rate)) for rate in (1e-5, 5e-5, 1e-4, 1.5e-4))
    assert energy(DiagLm(0.5, mu=1e-6)) < 1e-6 < 1e-2 < descent


def test_without_a_measurement_it_says_so(numpy64):
    store = xn.ParameterStore(xn.Linear(2, 2), numpy64)
    with pytest.raises(ParameterError, match=r"call xpnet\.second_order\.measure"):
        DiagLm(0.1).update(store)


def test_after_a_move_it_goes_on(strict_devices, rng):
    first, second = strict_devices
    store = xn.ParameterStore(xn.Linear(3, 2), first)
    measure(store, rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), xn.Euclidean())
    store.to(second)
    before = store.state_dict()["weight"]
    store["weight"].accumulate(second.ones((2, 3)))
    DiagLm(0.1).update(store)
    assert (store.state_dict()["weight"] < before).all()


@pytest.mark.parametrize("wrong", [{"learning_rate": -1.0}, {"mu": 0.0}, {"weight_decay": -0.1}, {"mu": float("nan")}])
def test_rates_are_checked(wrong):
    with pytest.raises(RecipeError, match="at least 0 and mu above 0"):
        DiagLm(**{"learning_rate": 0.1, **wrong})


def test_both_trainers_take_it_in_place_of_their_arguments(numpy64, rng):
    x, labels = rng.normal(size=(30, 3)), rng.integers(0, 2, size=30)
    for kind in (xn.SimpleTrainer, Trainer):
        machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
        trainer = kind(machine, xn.Euclidean(), xn.ParameterStore(machine, numpy64))
        measure(trainer.param, x, np.eye(2)[labels], xn.Euclidean())
        losses = [float(trainer.learn_sample(x, labels, np.eye(2), DiagLm(0.2, mu=0.1))) for _ in range(20)]
        assert losses[-1] < losses[0]
        with pytest.raises(RecipeError, match="brings its own arguments"):
            trainer.learn_sample(x, labels, np.eye(2), DiagLm(0.2), learning_rate=0.1)
