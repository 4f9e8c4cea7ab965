"""Descent in U space and the equivalent algorithm in W space: ΔW = -η J Jᵀ g."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError
from xpnet.machines.reparameterized import Reparameterized
from xpnet.machines.weight_space import WeightSpace
from xpnet.modules import Circulant, LowRank, Softplus, Transpose, UnitRows
from xpnet.modules.linear_map import LinearMap, Masked, sharing

LINEAR = [
    sharing(np.asarray([[0, 1, 2], [1, 2, 0], [2, 0, 1]])),
    Circulant(),
    Transpose(),
    Masked(np.tri(3)),
    LinearMap(np.random.default_rng(0).normal(size=(9, 4)), (3, 3)),
]
CURVED = [Softplus(), UnitRows(), LowRank(2), xn.Cascade(Softplus(), UnitRows())]


def both(backend, transform, seed=0, layout=None):
    """The same machine in U space and in W space, from the same U."""
    machines = []
    for kind in (lambda m: m, WeightSpace):
        inner = xn.Cascade(xn.Linear(3, 3), xn.Tanh(), xn.Linear(3, 2))
        machine = kind(Reparameterized(inner, {"0.weight": transform}))
        store = xn.ParameterStore(machine, backend, seed=seed, layout=layout)
        machines.append((machine, store))
    (_, u_store), (w_machine, w_store) = machines
    for name in u_store:
        w_store[name].x = u_store[name].x
    w_machine.start()
    return machines


def learn(machine, store, rng, learning_rate, steps):
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), store)
    x, labels = rng.normal(size=(20, 3)), rng.integers(0, 2, size=20)
    for _ in range(steps):
        trainer.learn_sample(x, labels, np.eye(2), learning_rate=learning_rate)
    trainer.run(x, np.eye(2))


def weights(pair, learning_rate, steps=1):
    """W after some steps in U space and in W space, and before."""
    before = None
    found = []
    for machine, store in pair:
        learn(machine, store, np.random.default_rng(1), 0.0, 1)
        layer = machine.machine[0]
        before = store.backend.to_numpy(layer.weight.x).copy()
        learn(machine, store, np.random.default_rng(1), learning_rate, steps)
        found.append(store.backend.to_numpy(layer.weight.x).copy())
    return *found, before


@pytest.mark.parametrize("transform", LINEAR, ids=lambda g: type(g).__name__)
def test_for_a_linear_g_both_are_the_same_algorithm_at_any_rate(numpy64, layout, transform):
    in_u, in_w, before = weights(both(numpy64, transform, layout=layout), 0.7, steps=20)
    assert abs(in_u - before).max() > 0.1
    np.testing.assert_allclose(in_w, in_u, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("transform", CURVED, ids=repr)
def test_for_a_curved_g_they_agree_to_first_order(numpy64, transform):
    """The difference falls with the square of the rate, the step itself with the rate."""
    gaps, moves = [], []
    for rate in (1e-2, 1e-3):
        in_u, in_w, before = weights(both(numpy64, transform), rate)
        gaps.append(abs(in_u - in_w).max())
        moves.append(abs(in_w - before).max())
    assert moves[1] == pytest.approx(moves[0] / 10, rel=0.05)
    assert 0 < gaps[1] == pytest.approx(gaps[0] / 100, rel=0.2)
    assert gaps[1] < 1e-2 * moves[1]


def test_the_gradient_of_w_is_j_jt_g_by_explicit_matrices(numpy64, rng):
    """J from torch, g from the plain machine; several bprops add up."""
    torch = pytest.importorskip("torch")
    (_, _), (machine, store) = both(numpy64, UnitRows(), seed=2)
    plain = xn.Cascade(xn.Linear(3, 3), xn.Tanh(), xn.Linear(3, 2))
    plain_store = xn.ParameterStore(plain, numpy64)
    for name in plain_store:
        plain_store[name].x = store[name].x
    u = torch.tensor(store["0.weight.u"].x)
    jacobian = torch.autograd.functional.jacobian(lambda v: v / v.norm(dim=1, keepdim=True), u).reshape(9, 9).numpy()
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    for m, times in ((plain, 1), (machine, 2)):
        for _ in range(times):
            input, output = xn.State(x), xn.State()
            m.fprop(input, output)
            output.accumulate(dy)
            m.bprop(input, output)
    g = plain_store["0.weight"].dx.reshape(-1)
    np.testing.assert_allclose(store["0.weight"].dx.reshape(-1), 2 * jacobian @ jacobian.T @ g, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(store["0.weight.u"].dx.reshape(-1), 2 * jacobian.T @ g, rtol=1e-10, atol=1e-14)


def test_it_runs_on_every_backend(backend):
    in_u, in_w, before = weights(both(backend, LowRank(2)), 1e-3)
    assert abs(in_u - before).max() > 0
    np.testing.assert_allclose(in_w, in_u, atol=2e-5)


def test_a_tall_jacobian_is_made_in_tiles(numpy64, monkeypatch):
    from xpnet.machines import weight_space

    whole = weights(both(numpy64, UnitRows()), 0.1)[1]
    monkeypatch.setattr(weight_space, "TILE", 4)
    np.testing.assert_array_equal(weights(both(numpy64, UnitRows()), 0.1)[1], whole)


def test_a_g_with_parameters_of_its_own_has_no_w_space():
    machine = Reparameterized(xn.Linear(3, 3), {"weight": xn.Linear(3, 3)})
    with pytest.raises(ParameterError, match="has parameters of its own"):
        WeightSpace(machine)


def test_second_derivatives_are_those_of_the_machine(numpy64, rng):
    x, dy, ddy = rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    found = []
    for machine, _ in both(numpy64, UnitRows()):
        input, output = xn.State(x), xn.State()
        machine.fprop(input, output)
        output.accumulate(dy)
        output.accumulate_ddx(ddy)
        machine.bprop(input, output)
        machine.bbprop(input, output)
        found.append(input.ddx)
    np.testing.assert_allclose(*found, rtol=1e-12)
