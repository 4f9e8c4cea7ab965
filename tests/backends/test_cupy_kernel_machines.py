"""Whole machines on NumPy arrays with CuPy's overrides and kernels, against NumPy in float64."""

import numpy as np
import pytest
from cuda_shim import ShimBackend, compiler
from label_cases import trainer_of

import xpnet as xn
from xpnet.losses import NegativeLogLikelihood
from xpnet.second_order import DiagLm, measure

pytestmark = pytest.mark.skipif(compiler() is None, reason="g++ is not installed: kernels cannot be run on the CPU")


def on(backend, play):
    with xn.use_backend(backend):
        return play()


def require_equal(play, *kernels, tolerance=1e-12):
    """The same numbers in float64 as NumPy gives, and these kernels took part."""
    shim = ShimBackend(dtype="float64")
    found, wanted = on(shim, play), on(xn.get_backend("numpy", dtype="float64"), play)
    assert set(kernels) <= set(shim.launch.launched)
    assert found.keys() == wanted.keys()
    scale = max(np.max(np.abs(value)) for value in wanted.values())  # some gradients are 0 but for rounding
    for name, value in wanted.items():
        error = np.max(np.abs(np.asarray(found[name]) - np.asarray(value))) / scale
        assert error <= tolerance, f"{name}: relative error {error:.1e}"


def samples(n, width, seed=0):
    return np.random.default_rng(seed).normal(size=(n, width))


@pytest.mark.parametrize("squash", [xn.Tanh, xn.Sigmoid, xn.Relu, xn.ScaledTanh])
def test_a_net_with_inertia(squash):
    def play():
        machine = xn.Cascade(xn.Linear(5, 7), squash(), xn.Linear(7, 3))
        store = xn.ParameterStore(machine, seed=1)
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
        codes, x = np.eye(3), samples(6, 5)
        asarray, indices = store.backend.asarray, store.backend.indices
        for step in range(5):
            trainer.learn_sample(
                asarray(x), indices(np.arange(6) % 3), asarray(codes), learning_rate=0.1, weight_decay=0.01,
                inertia=0.5 * (step % 2),
            )  # fmt: skip
        _, energies = trainer.run(asarray(x), asarray(codes))
        return store.state_dict() | {"energies": energies}

    require_equal(play, "bias_identity", "sgd", "distances")


@pytest.mark.parametrize("memory", ["1 GiB", 1000])
@pytest.mark.parametrize("kind", ["euclidean", "inner", "joint"])
def test_learning_from_a_label_set_whole_and_in_tiles(kind, memory):
    def play():
        trainer = trainer_of(kind, memory, NegativeLogLikelihood(), learned=samples(23, 4, seed=2))
        backend = trainer.param.backend
        x, label = backend.asarray(samples(6, 5)), backend.indices(np.arange(6) * 3)
        for _ in range(4):
            trainer.learn_sample(x, label, learning_rate=0.1)
        index, energies = trainer.run(x)
        return trainer.param.state_dict() | {"index": index, "energies": energies}

    if memory != 1000:
        kernels = ("likelihood", "likelihood_vjp")
    else:
        kernels = ("logsum",) if kind == "joint" else ("label_weights", "label_pulls")
    require_equal(play, "sgd", *kernels)


def test_radial_basis_functions():
    def play():
        machine = xn.Cascade(xn.Rbf(4, 6, out_features=3), xn.Linear(3, 2))
        store = xn.ParameterStore(machine, seed=3)
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
        x, codes = store.backend.asarray(samples(8, 4)), store.backend.asarray(np.eye(2))
        for _ in range(4):
            trainer.learn_sample(x, store.backend.indices(np.arange(8) % 2), codes, learning_rate=0.05)
        return store.state_dict()

    require_equal(play, "bumps", "bumps_slopes", "distances", "distances_vjp")


def test_symbols_through_a_table():
    def play():
        machine = xn.Cascade(xn.Lookup(9, 4), xn.Linear(4, 2))
        store = xn.ParameterStore(machine, seed=4)
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
        ids = store.backend.indices(np.arange(24) % 5)
        for _ in range(3):
            labels = store.backend.indices(np.arange(24) % 2)
            trainer.learn_sample(ids, labels, store.backend.asarray(np.eye(2)), learning_rate=0.1)
        return store.state_dict()

    require_equal(play, "segment_sums")


def test_steps_of_a_rate_for_each_parameter():
    def play():
        machine = xn.Cascade(xn.Linear(5, 4), xn.Tanh(), xn.Linear(4, 3))
        store = xn.ParameterStore(machine, seed=5)
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
        asarray = store.backend.asarray
        x, labels, codes = asarray(samples(6, 5)), store.backend.indices(np.arange(6) % 3), asarray(np.eye(3))
        measure(store, x, asarray(np.eye(3)[np.arange(6) % 3]), xn.Euclidean())
        for _ in range(3):
            trainer.learn_sample(x, labels, codes, DiagLm(0.1, mu=0.02, weight_decay=0.01))
        return store.state_dict()

    require_equal(play, "diag_lm")
