"""A trainer's step as a pure function of arrays."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.training.twin import inference, step, unread

X, LABEL, CODES = np.ones((2, 3)), np.asarray([1, 0]), np.eye(2)


@pytest.fixture
def trainer(backend):
    machine = xn.Cascade(xn.Linear(3, 2), xn.Tanh())
    return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend, seed=1))


def given(backend):
    return [backend.asarray(X), backend.indices(LABEL), backend.asarray(CODES)]


def test_the_backend_that_is_not_read(backend):
    other = unread(backend)
    assert not other.synchronous
    assert (other.name, other.device, other.ops) == (backend.name, backend.device, backend.ops)
    assert backend.synchronous == type(backend).synchronous


def test_a_step_changes_neither_trainer_nor_arguments(trainer, backend):
    rule, store = xn.Sgd(0.3, inertia=0.5), trainer.param
    before = store.state_dict()
    held = [backend.xp.asarray(x, copy=True) for x in store.arrays(rule.slots)]
    kept = [backend.to_numpy(x).copy() for x in held]
    program = step(trainer, rule, ["sample", "label", "label_set"], {})
    assert not program.traced
    rate = backend.asarray(0.1)
    first = program(*held, rate, *given(backend))
    again = program(*held, rate, *given(backend))
    assert program.traced
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(backend.to_numpy(one), backend.to_numpy(other))
    for x, old in zip(held, kept, strict=True):
        np.testing.assert_array_equal(backend.to_numpy(x), old)
    for name, value in store.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert trainer.energy.x is None
    loss = trainer.learn_sample(X, LABEL, CODES, learning_rate=0.1, inertia=0.5)
    np.testing.assert_allclose(backend.to_numpy(first[-1]), backend.to_numpy(loss), rtol=1e-6)
    for got, value in zip(first, store.arrays(rule.slots), strict=False):
        np.testing.assert_allclose(backend.to_numpy(got), backend.to_numpy(value), rtol=2e-6, atol=1e-7)


def test_a_loss_that_is_not_finite_gives_everything_back(trainer, backend):
    rule = xn.Sgd(0.3, inertia=0.5)
    held = trainer.param.arrays(rule.slots)
    program = step(trainer, rule, ["sample", "label", "label_set"], {})
    sample, label, codes = given(backend)
    *new, loss = program(*held, backend.asarray(0.1), sample * float("nan"), label, codes)
    assert np.isnan(float(backend.to_numpy(loss)))
    for got, old in zip(new, held, strict=True):
        np.testing.assert_array_equal(backend.to_numpy(got), backend.to_numpy(old))


def test_inference_with_options(trainer, backend):
    program = inference(trainer, {"top": 1, "mask": None}, ["sample", "label_set"])
    sample, _, codes = given(backend)
    labels, energies = program(*trainer.param.arrays(), sample, codes)
    wanted, exact = trainer.run(sample, codes, top=1)
    np.testing.assert_array_equal(backend.to_numpy(labels), backend.to_numpy(wanted))
    np.testing.assert_allclose(backend.to_numpy(energies), backend.to_numpy(exact))
