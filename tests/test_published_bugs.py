"""Bugs that earlier systems of this kind shipped with (gblearn2, EBLearn and eblearn-python, read in their sources).

Each test would fail if xpnet had the same bug.
"""

import numpy as np
import pytest
from contract_cases import CASES, Case

import xpnet as xn
from xpnet.losses import LOSSES, NegativeLogLikelihood
from xpnet.machines.reparameterized import Reparameterized
from xpnet.modules import UnitRows
from xpnet.second_order import measure, saliencies
from xpnet.testing import draws

pytestmark = pytest.mark.usefixtures("numpy64")

COSTS = [case for case in CASES if isinstance(case.make(), xn.Cost)] + [
    Case(name, make, [(3,), (3,)], [draws.positive, draws.distribution]) for name, make in LOSSES.items()
]


def drawn(case, rng):
    """One state for each input, integers fixed."""
    how = case.draws or [None] * len(case.inputs)
    values = [(draw or draws.normal)(rng, (2, *shape)) for draw, shape in zip(how, case.inputs, strict=True)]
    return [xn.State(value, fixed=value.dtype.kind == "i") for value in values]


def gradients(module, inputs, dy):
    """The inputs' gradients for the cotangent dy(output)."""
    states, output = [xn.State(state.x, fixed=state.fixed) for state in inputs], xn.State()
    module.fprop(*states, output)
    output.accumulate(dy(output.x))
    module.bprop(*states, output)
    return [np.zeros(1) if state.dx is None else state.dx for state in states]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_of_the_junk_parameter_is_accumulated(loss):
    """gblearn2, mmi-cost: assigned, so that of several samples only the last one counted."""
    junk, cost = xn.Junk(0.8, trainable=True), LOSSES[loss]()
    store = xn.ParameterStore(junk)
    found = []
    for rows in ([0], [1], [0, 1]):
        for row in rows:  # one pass for each sample, no update between
            x, energies, out = xn.State(np.asarray([0.9, 0.6 + row])), xn.State(), xn.State()
            label = xn.State(np.asarray([2, 0][row]), fixed=True)
            junk.fprop(x, energies)
            cost.fprop(energies, label, out)
            out.accumulate(np.ones(()))
            cost.bprop(energies, label, out)
            junk.bprop(x, energies)
        found.append(float(store.gradients()["energy"]))
        store.clear()
    assert found[0] != 0
    assert found[2] == pytest.approx(found[0] + found[1], rel=1e-14)


def test_the_energy_of_several_distances_counts_them_all():
    """gblearn2, ledist-cost: the sum was computed and dropped; the energy was that of the last distance."""
    energy = xn.State()
    xn.Euclidean().fprop(xn.State(np.asarray([3.0, 1.0, 0.0])), xn.State(np.zeros(3)), energy)
    assert float(energy.x) == 5.0
    distances, free, layer = xn.State(), xn.State(), xn.Distance(1, 3)
    layer.centres.x = np.asarray([[1.0], [2.0], [3.0]])
    layer.fprop(xn.State(np.zeros(1)), distances)
    xn.Logsum().fprop(distances, free)
    assert float(free.x) == pytest.approx(-np.log(np.exp([-0.5, -2.0, -4.5]).sum()), rel=1e-14)


@pytest.mark.parametrize("case", COSTS, ids=lambda case: case.name)
def test_a_cost_heeds_the_gradient_of_its_energy(case, rng):
    """gblearn2, ledist-cost: its bprop took energy.dx to be 1."""
    module, inputs = case.make(), drawn(case, rng)
    once = gradients(module, inputs, np.ones_like)
    assert case.inputs[0] == (1,) or any(np.any(dx) for dx in once)  # a single answer is certain
    for dx, wanted in zip(gradients(module, inputs, lambda x: np.full_like(x, -3.0)), once, strict=True):
        np.testing.assert_allclose(dx, -3.0 * wanted, rtol=1e-12, atol=1e-14)


def test_saliencies_come_from_gradients_that_were_there(rng):
    """gblearn2, saliencies: averaged before bprop ran, so over zeros."""
    linear, x, y = xn.Linear(2, 1, bias=False), rng.normal(size=(5, 2)), rng.normal(size=(5, 1))
    store = xn.ParameterStore(linear)
    found = saliencies(store, measure(store, x, y, xn.Euclidean()), first_order=True)["weight"]
    w = linear.weight.x
    g, h = ((x @ w.T - y) * x).mean(0), (x**2).mean(0)
    np.testing.assert_allclose(found, 0.5 * h * w**2 - g * w, rtol=1e-12)
    assert np.all(found != 0)


def test_a_sum_passes_on_the_gradient_and_not_the_value(rng):
    """gblearn2, sum-arch: bprop multiplied by output.x where output.dx was meant."""
    a, dy = rng.normal(size=3), rng.normal(size=3)
    for dx in gradients(xn.Plus(), [xn.State(a), xn.State(-a)], lambda x: dy):  # the value is zero
        np.testing.assert_array_equal(dx, dy)
    (dx,) = gradients(xn.modules.Sum(), [xn.State(np.asarray([2.0, -2.0]))], np.ones_like)
    np.testing.assert_array_equal(dx, [1.0, 1.0])


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_no_sample_learns_from_the_gradient_of_the_one_before(kind, rng, layout):
    """EBLearn, train_sample: cleared ddx where dx was meant; the lecture's learn-sample clears nothing at all."""
    x, labels = rng.normal(size=(2, 3)), np.eye(2)
    found = []
    for before in ([], [0, 0, 0]):  # samples that came before, with a rate of 0
        machine = xn.Linear(3, 2)
        trainer = kind(machine, xn.Euclidean(), xn.ParameterStore(machine, seed=4, layout=layout))
        for sample in before:
            trainer.learn_sample(x[sample], 0, labels, learning_rate=0.0)
        trainer.learn_sample(x[1], 1, labels, learning_rate=0.5)
        found.append(trainer.param.state_dict())
    for name in found[0]:
        np.testing.assert_array_equal(*(values[name] for values in found))


@pytest.mark.parametrize("case", COSTS, ids=lambda case: case.name)
def test_a_cost_leaves_energies_and_target_alone(case, rng):
    """EBLearn, cross_entropy_energy: rescaled its target in place."""
    module, inputs, output = case.make(), drawn(case, rng), xn.State()
    before = [state.x.copy() for state in inputs]
    module.fprop(*inputs, output)
    output.accumulate(np.ones_like(output.x))
    output.accumulate_ddx(np.ones_like(output.x))
    module.bprop(*inputs, output)
    module.bbprop(*inputs, output)
    for state, value in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(state.x, value)


@pytest.mark.parametrize("cost", [xn.CrossEntropy(), NegativeLogLikelihood()], ids=repr)
def test_the_logarithm_of_a_probability_that_underflows(cost):
    """EBLearn, cross_entropy_energy: softmax, then its logarithm, which is -inf from some 750 on."""
    energies, desired, out = xn.State(np.asarray([1e4, 0.0])), xn.State(np.asarray([1.0, 0.0])), xn.State()
    cost.fprop(energies, desired, out)
    assert float(out.x) == 1e4
    out.accumulate(np.ones(()))
    cost.bprop(energies, desired, out)
    assert energies.dx.tolist() == [1.0, -1.0]


def test_normalising_keeps_what_was_learned(rng):
    """eblearn-python, filter_output_2_1.normalize: called forget(), which draws the weights anew."""
    machine = Reparameterized(xn.Linear(3, 2), {"weight": UnitRows()})
    store = xn.ParameterStore(machine)
    u, y = rng.normal(size=(2, 3)), xn.State()
    store["weight.u"].x = u
    for _ in range(2):
        machine.fprop(xn.State(np.eye(3)), y)
        np.testing.assert_allclose(y.x.T, u / np.linalg.norm(u, axis=-1, keepdims=True), rtol=1e-14)
    np.testing.assert_array_equal(store["weight.u"].x, u)


@pytest.mark.parametrize("module", [xn.Logsum(beta=2.0), xn.Distance(3, 4)], ids=repr)
def test_second_derivatives_go_through_the_squared_jacobian(module, rng):
    """gblearn2, logadd-layer and e-layer: bbprop copied its output's ddx, or filled in ones."""
    x, ddy, step = rng.normal(size=3), rng.uniform(0.5, 2.0, size=4 if isinstance(module, xn.Distance) else ()), 1e-6
    state, output = xn.State(x), xn.State()
    module.fprop(state, output)
    output.accumulate(np.zeros_like(output.x))
    output.accumulate_ddx(ddy)
    module.bprop(state, output)
    module.bbprop(state, output)

    def at(moved):
        moved_output = xn.State()
        module.fprop(xn.State(moved), moved_output)
        return moved_output.x

    jacobian = [(at(x + step * e) - at(x - step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(state.ddx, [(ddy * column**2).sum() for column in jacobian], rtol=1e-7, atol=1e-9)
