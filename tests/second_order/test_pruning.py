"""Optimal brain damage: saliencies against what removal really costs, and masks that last."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import RecipeError
from xpnet.second_order import DiagLm, measure, prune, saliencies


@pytest.fixture
def data(rng):
    x = rng.normal(size=(40, 5)) * np.asarray([1.0, 2.0, 0.5, 1.0, 3.0])
    return x, x @ np.asarray([[2.0, 0.0, 1.0, -0.02, 0.3]]).T + 0.01 * rng.normal(size=(40, 1))


def energy(linear, x, y):
    return 0.5 * ((x @ linear.weight.x.T + linear.bias.x - y) ** 2).sum(-1).mean()


def costs_of_removal(linear, x, y):
    """How much the energy grows when each weight alone is set to zero."""
    whole, costs = energy(linear, x, y), []
    for k in range(5):
        kept = linear.weight.x.copy()
        linear.weight.x[:, k] = 0.0
        costs.append(energy(linear, x, y) - whole)
        linear.weight.x[...] = kept
    return np.asarray([costs])


def test_with_the_gradient_term_saliency_is_the_cost_of_removal_anywhere(numpy64, data):
    """The energy of a linear machine is quadratic in each weight, so Taylor's series ends after two terms."""
    linear = xn.Linear(5, 1)
    store = xn.ParameterStore(linear, numpy64)
    found = saliencies(store, measure(store, *data, xn.Euclidean()), first_order=True)
    np.testing.assert_allclose(found["weight"], costs_of_removal(linear, *data), rtol=1e-9)


def test_at_a_minimum_the_curvature_alone_tells(numpy64, data):
    """gblearn2's `saliencies` averaged before its bprop, so that all of them came out as zeros; these do not."""
    x, y = data
    linear = xn.Linear(5, 1)
    store = xn.ParameterStore(linear, numpy64)
    best = np.linalg.lstsq(np.column_stack([x, np.ones(40)]), y, rcond=None)[0]
    linear.weight.x, linear.bias.x = best[:5].T, best[5]
    found = saliencies(store, measure(store, x, y, xn.Euclidean()))
    assert (found["weight"] > 0).all()
    np.testing.assert_allclose(found["weight"], costs_of_removal(linear, x, y), rtol=1e-6)


def test_the_formula_on_every_backend(backend, close, data):
    store = xn.ParameterStore(xn.Linear(5, 1), backend)
    measured = measure(store, *data, xn.Euclidean())
    w, h, g = (
        backend.to_numpy(value).astype("float64")
        for value in (store["weight"].x, measured.curvature["weight"], measured.gradient["weight"])
    )
    close(saliencies(store, measured)["weight"], 0.5 * h * w**2, 5)
    close(saliencies(store, measured, first_order=True)["weight"], 0.5 * h * w**2 - g * w, 5)


@pytest.fixture
def pruned(backend, layout, data):
    machine = xn.Cascade(xn.Linear(5, 4), xn.Tanh(), xn.Linear(4, 1))
    store = xn.ParameterStore(machine, backend, layout=layout)
    found = saliencies(store, measure(store, *data, xn.Euclidean()))
    values, slots = store.state_dict(), store.slots_dict()
    weights = {name: found[name] for name in ("0.weight", "2.weight")}
    machine, after = prune(store, weights, 0.25)
    return machine, after, values, slots, {name: backend.to_numpy(value) for name, value in weights.items()}


def test_the_least_salient_go_and_everything_else_stays(pruned):
    _, store, values, slots, salience = pruned
    everything = np.sort(np.concatenate([value.ravel() for value in salience.values()]))
    after, curvature = store.state_dict(), store.slots_dict()["curvature"]
    assert sorted(after) == ["0.bias", "0.weight.u", "2.bias", "2.weight.u"]
    for name, value in salience.items():
        gone = value < everything[6]  # a quarter of 24
        np.testing.assert_array_equal(after[f"{name}.u"], np.where(gone, 0.0, values[name]))
        np.testing.assert_array_equal(curvature[f"{name}.u"], slots["curvature"][name])
    np.testing.assert_array_equal(after["0.bias"], values["0.bias"])


def zeros(store):
    return {name: value == 0 for name, value in store.state_dict().items() if name.endswith(".u")}


def test_no_update_brings_a_pruned_weight_back(pruned, data):
    x, y = data
    machine, store, *_ = pruned
    before = zeros(store)
    assert sum(gone.sum() for gone in before.values()) == 6
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
    for _ in range(5):
        trainer.learn_sample(x, np.arange(40), y, learning_rate=0.05, weight_decay=0.01, inertia=0.5)
    measure(store, x, y, xn.Euclidean())
    for name in store:
        store[name].accumulate(store.backend.zeros(store[name].shape))
    DiagLm(0.1).update(store)
    for name, gone in zeros(store).items():
        np.testing.assert_array_equal(gone, before[name])


def test_pruning_again_prunes_more(pruned, data):
    machine, store, *_ = pruned
    found = saliencies(store, measure(store, *data, xn.Euclidean()))
    again, after = prune(store, {name: found[name] for name in found if name.endswith(".u")}, 0.5)
    gone = zeros(after)
    assert sum(value.sum() for value in gone.values()) == 12
    xn.SimpleTrainer(again, xn.Euclidean(), after).run(data[0], data[1])
    weight = store.backend.to_numpy(machine.machine[0].weight.x)
    np.testing.assert_array_equal(weight == 0, gone["0.weight.u.u"])


@pytest.mark.parametrize(("fraction", "left"), [(0.0, 5), (1.0, 0), (0.5, 3)])
def test_any_fraction(numpy64, data, fraction, left):
    store = xn.ParameterStore(xn.Linear(5, 1), numpy64)
    found = saliencies(store, measure(store, *data, xn.Euclidean()))
    _, after = prune(store, {"weight": found["weight"]}, fraction)
    assert (after["weight.u"].x != 0).sum() == left


def test_of_equal_saliencies_the_first_go(numpy64):
    store = xn.ParameterStore(xn.Linear(4, 1), numpy64)
    _, after = prune(store, {"weight": np.ones((1, 4))}, 0.5)
    assert (after["weight.u"].x == 0).tolist() == [[True, True, False, False]]


def test_saliencies_choose_better_than_sizes(numpy64, data):
    """A small weight on a large input matters more than a larger one on a small input."""
    x, y = data
    linear = xn.Linear(5, 1)
    store = xn.ParameterStore(linear, numpy64)
    best = np.linalg.lstsq(np.column_stack([x, np.ones(40)]), y, rcond=None)[0]
    linear.weight.x, linear.bias.x = best[:5].T, best[5]
    found = saliencies(store, measure(store, x, y, xn.Euclidean()))["weight"]
    costs = costs_of_removal(linear, x, y)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(costs))


def test_a_fraction_is_a_fraction(numpy64):
    store = xn.ParameterStore(xn.Linear(4, 1), numpy64)
    with pytest.raises(RecipeError, match=r"must be in \[0, 1\]; got 25"):
        prune(store, {"weight": np.ones((1, 4))}, 25)
