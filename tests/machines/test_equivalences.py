"""The equivalences of the lecture, each shown in energies and gradients; and that unequal machines are told apart."""

from copy import deepcopy

import numpy as np
import pytest

import xpnet as xn
from xpnet import modules
from xpnet.errors import ParameterError, ShapeError
from xpnet.losses import NegativeLogLikelihood
from xpnet.machines.equivalences import equivalent
from xpnet.machines.reparameterized import Reparameterized
from xpnet.machines.tdnn import minimal_network, tdnn
from xpnet.machines.transformed import (
    PathSeparated,
    Replicas,
    cross_entropy_form,
    divergence_form,
    softmax_form,
    switch_form,
    to_energy_loss,
)
from xpnet.machines.trellis import Trellis
from xpnet.modules.linear_map import LinearMap, sharing

BETAS = [1.0, 0.3, 4.0]


def net(backend, *sizes):
    machine = xn.Cascade(xn.Linear(*sizes[:2]), xn.Tanh(), xn.Linear(*sizes[1:]))
    xn.ParameterStore(machine, backend, seed=2)
    return machine


class First(xn.Module):
    """Y = X, whatever the second input is."""

    event_ndims = (None, None)

    def fprop(self, input, other, output):
        output.x = input.x

    def bprop(self, input, other, output):
        input.accumulate(output.cotangent)

    def bbprop(self, input, other, output):
        input.accumulate_ddx(output.curvature)


def shown(report, count):
    assert report, str(report)
    assert len(report.comparisons) == count


# --- the lecture's equivalences ------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", BETAS)
def test_switch_and_nll_is_softmax_and_switch_and_log(backend, rng, beta):
    """Discriminant + switch with the MAP/MLE loss, and discriminant + softmax + switch + log loss."""
    machine, x, y = net(backend, 3, 5, 4), backend.asarray(rng.normal(size=(6, 3))), rng.integers(4, size=6)
    shown(equivalent(switch_form(machine, 4, beta), softmax_form(machine, beta), x, y), 6)


@pytest.mark.parametrize("beta", BETAS)
def test_nll_is_the_energy_loss_of_the_machine_with_replicas_and_logsum(backend, rng, beta):
    """One replica for the desired output, K for all, logsum: trained by the energy loss, it learns as NLL does."""
    machine, codes = net(backend, 3, 5, 2), rng.normal(size=(4, 2))
    label = rng.integers(4, size=6)
    x, y = backend.asarray(rng.normal(size=(6, 3))), xn.State(backend.asarray(codes[label]), fixed=True)
    energy_loss = to_energy_loss(machine, xn.Euclidean(), codes, beta)

    direct = xn.Graph()  # all energies at once, and the loss on them
    a = direct(First(), direct.input("x"), direct.input("y"))
    energies = direct(xn.Euclidean(), direct(modules.Expand(), direct(machine, a)), direct(modules.Given(codes)))
    direct.output("loss", direct(NegativeLogLikelihood(beta), energies, direct(modules.Given(np.eye(4)[label]))))
    shown(equivalent(energy_loss, direct, x, y), 6)


def test_the_energy_loss_machine_of_an_energy_that_the_label_enters_anywhere(numpy64, rng):
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    h = graph(xn.Tanh(), graph(xn.Linear(5, 4), graph(xn.Concatenate(), x, y)))
    graph.output("energy", graph(xn.Logsum(), h))
    store = xn.ParameterStore(graph, numpy64)
    codes, label, x = np.eye(2), rng.integers(2, size=3), rng.normal(size=(3, 3))
    energies, loss = xn.State(), xn.State()
    graph.fprop(xn.State(x[:, None]), xn.State(codes), energies)
    to_energy_loss(graph, None, codes, 2.0).bind(numpy64).fprop(xn.State(x), xn.State(codes[label]), loss)
    expected = energies.x[np.arange(3), label] + np.log(np.exp(-2 * energies.x).sum(-1)) / 2
    np.testing.assert_allclose(loss.x, expected, rtol=1e-12)
    assert len(store) == 2


def test_simple_trainer_on_the_transformed_machine_learns_by_nll(numpy64, rng):
    """The update of the energy loss on the transformed machine is the gradient step on the NLL loss."""
    machine, codes = net(numpy64, 3, 5, 4), np.eye(4)
    transformed = to_energy_loss(machine, xn.Euclidean(), codes, beta=2.0)
    store = xn.ParameterStore(transformed, numpy64, seed=2)
    before = store.state_dict()
    x, label = rng.normal(size=(6, 3)), rng.integers(4, size=6)
    trainer = xn.SimpleTrainer(transformed, None, store)
    energy = trainer.learn_sample(x, label, codes, learning_rate=0.5)
    after = store.state_dict()

    def nll(values):
        h = np.tanh(x @ values["machine.0.weight"].T + values["machine.0.bias"])
        out = h @ values["machine.2.weight"].T + values["machine.2.bias"]
        energies = 0.5 * ((out[:, None] - codes) ** 2).sum(-1)
        return (energies[np.arange(6), label] + np.log(np.exp(-2 * energies).sum(-1)) / 2).mean()

    assert energy == pytest.approx(nll(before), rel=1e-12)
    for name in before:
        direction = (before[name] - after[name]) / 0.5
        up, down = dict(before), dict(before)
        up[name], down[name] = before[name] + 1e-6 * direction, before[name] - 1e-6 * direction
        slope = (nll(up) - nll(down)) / 2e-6
        assert slope == pytest.approx((direction**2).sum(), rel=1e-6), name


@pytest.mark.parametrize("beta", BETAS)
def test_cross_entropy_is_kullback_leibler_up_to_the_entropy_of_the_desired(backend, rng, beta):
    machine = net(backend, 3, 5, 4)
    d = rng.dirichlet(np.ones(4), size=6)
    x, desired = backend.asarray(rng.normal(size=(6, 3))), xn.State(backend.asarray(d), fixed=True)
    divergence = divergence_form(machine, beta)
    entropy = -(d * np.log(d)).sum(-1) / beta
    report = equivalent(cross_entropy_form(machine, beta), divergence, x, desired, offset=[entropy])
    shown(report, 6)
    assert not equivalent(cross_entropy_form(machine, beta), divergence, x, desired)


def test_a_shared_weight_gets_the_sum_of_the_gradients_of_replicas(backend, rng):
    machine = net(backend, 3, 5, 2)
    shared, separate = Replicas(machine, 3, shared=True), Replicas(machine, 3)
    xn.ParameterStore(shared, backend)
    for replica in separate.replicas:
        for (_, owner, name, _), (*_, parameter) in zip(
            list(replica.named_parameters()), machine.named_parameters(), strict=True
        ):
            setattr(owner, name, deepcopy(parameter))
    names = [name for name, *_ in machine.named_parameters()]
    together = {f"0.{name}": [f"{k}.{name}" for k in range(3)] for name in names}
    inputs = [backend.asarray(rng.normal(size=(4, 3))) for _ in range(3)]
    shown(equivalent(shared, separate, *inputs, parameters=together), 3 + 3 + 4)
    one_only = {f"0.{name}": f"0.{name}" for name in names}
    assert not equivalent(shared, separate, *inputs, parameters=one_only)


def test_path_summation(backend, rng):
    """E(Y, F1(X), F2(X), F3(X)): the gradients are the sums over the paths."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    h = graph(xn.Tanh(), graph(xn.Linear(3, 4), x))
    parts = [graph(xn.Linear(4, 4), h), graph(xn.Sigmoid(), h), graph(xn.Concatenate(), h), h]
    total = graph(xn.Plus(), *parts)
    graph.output("energy", graph(xn.Euclidean(), total, y))
    graph.output("total", total)
    xn.ParameterStore(graph, backend)
    separated = PathSeparated(graph)
    assert len(separated.plan().boxes) > 2 * len(graph.plan().boxes)
    readers = [wire for box in separated.plan().boxes for wire in box.inputs if wire > 1]
    assert len(readers) == len(set(readers))
    inputs = [backend.asarray(rng.normal(size=shape)) for shape in [(5, 3), (5, 4)]]
    shown(equivalent(graph, separated, *inputs), 2 + 2 + 4)


def test_the_minimal_network_of_a_tdnn_is_the_convolution_on_its_window(backend, rng):
    net = tdnn([2, 3, 1], [3, 2])
    xn.ParameterStore(net, backend)
    part = minimal_network(net, t=2)
    window = backend.asarray(rng.normal(size=(4, part.steps.stop - part.steps.start, 2)))
    shown(equivalent(net, part.machine, window), 2 + 4)


def test_the_minimal_network_of_a_tdnn_is_the_network_at_that_step_of_a_whole_sequence(backend, rng):
    net = tdnn([2, 3, 1], [3, 2])
    xn.ParameterStore(net, backend)
    part = minimal_network(net, t=2)
    window = modules.Steps(part.steps.start, part.steps.stop - part.steps.start)
    sequence = backend.asarray(rng.normal(size=(4, 9, 2)))
    shown(equivalent(xn.Cascade(net, modules.Steps(2)), xn.Cascade(window, part.machine), sequence), 2 + 4)


def test_a_shared_parameter_is_a_transform_by_a_matrix_of_zeros_and_ones(backend, rng):
    """b + tanh(b + x) with one b in two places, and with two that are each a 0/1 matrix times one U."""
    bias, u = xn.Bias(3), xn.Parameter((3,))
    tied = xn.Cascade(bias, xn.Tanh(), bias)
    copied = LinearMap(np.eye(3), (3,))
    fed = Reparameterized(xn.Cascade(xn.Bias(3), xn.Tanh(), xn.Bias(3)), {"0.bias": (copied, u), "2.bias": (copied, u)})
    xn.ParameterStore(tied, backend)
    xn.ParameterStore(fed, backend)
    bias.bias.x = backend.asarray(rng.normal(size=3))
    u.x = bias.bias.x
    x = backend.asarray(rng.normal(size=(4, 3)))
    shown(equivalent(tied, fed, x, parameters={"0.bias": "0.bias.u"}), 3)


def test_entries_of_one_matrix_are_shared_by_a_matrix_of_zeros_and_ones(backend, rng):
    """A circulant matrix shares each number among a diagonal: the same by its own transform and by a 0/1 matrix."""
    places = (np.arange(3)[:, None] - np.arange(3)) % 3
    machines = [Reparameterized(xn.Linear(3, 3), {"weight": g}) for g in (modules.Circulant(), sharing(places))]
    stores = [xn.ParameterStore(machine, backend, seed=seed) for seed, machine in enumerate(machines)]
    stores[1].load_state_dict(stores[0].state_dict())
    x, names = backend.asarray(rng.normal(size=(4, 3))), {name: name for name in ("weight.u", "bias")}
    shown(equivalent(*machines, x, parameters=names), 2 + 2)


def test_a_hidden_markov_model_is_a_linear_recurrent_machine(backend, rng):
    """Y_t = Z_t ∘ emissions_t, Z_{t+1} = Aᵀ Y_t: a Recurrent whose cell is a Linear, and the trellis of sums."""
    a, cell = rng.dirichlet(np.ones(3), size=3), xn.Graph()
    x, z = cell.input("x"), cell.input("z")
    here, linear = cell(modules.Times(), x, z), xn.Linear(3, 3, bias=False)
    cell.output("z", cell(linear, here))
    cell.output("here", here)
    machine, trellis = xn.Graph(), xn.Graph()
    ends = [(graph.input("emissions"), graph.input("initial")) for graph in (machine, trellis)]
    last = machine(xn.Recurrent(cell, 3, initial="given", last=True), *ends[0])
    machine.output("p", machine(modules.Sum(), last))
    emissions, initial = ends[1]
    trellis.output("p", trellis(Trellis(3, "sum"), emissions, trellis(modules.Given(a)), initial))
    xn.ParameterStore(machine, backend)
    linear.weight.x = backend.asarray(a.T)
    values = [backend.asarray(rng.uniform(0.1, 1.0, size=shape)) for shape in [(4, 5, 3), (3,)]]
    shown(equivalent(machine, trellis, *values), 3)


# --- the checker itself --------------------------------------------------------------------------------------------


class Detached(xn.Module):
    """Y = X, with half the gradient."""

    def fprop(self, input, output):
        output.x = input.x

    def bprop(self, input, output):
        input.accumulate(0.5 * output.cotangent)

    def bbprop(self, input, output):
        input.accumulate_ddx(0.25 * output.curvature)


def test_a_wrong_gradient_is_found_though_the_energies_agree(numpy64, rng):
    report = equivalent(xn.Plus(), Detached(), rng.normal(size=(2, 3)))
    assert not report
    assert [c.what for c in report.comparisons if c.error] == ["dx of input 0"]
    assert str(report).startswith("NOT equivalent (tolerance 1e-09)\n  output 0: 0.0e+00\n  dx of input 0: ")


def test_nan_is_equal_to_nan_only_in_the_same_place_and_infinities_too(numpy64):
    strange = np.asarray([np.nan, np.inf, 1.0])
    assert equivalent(xn.Plus(), xn.Concatenate(), strange)
    assert not equivalent(xn.Plus(), xn.Relu(), strange)


def test_an_infinity_that_both_have_hides_no_difference_beside_it(numpy64):
    lookalike = xn.Bias(3)
    lookalike.bias.x = np.asarray([0.0, 1.0, 0.0])
    assert not equivalent(xn.Plus(), lookalike, np.asarray([np.inf, 1.0, 3.0]))


def test_other_shapes_are_not_equal(numpy64):
    report = equivalent(xn.Plus(), modules.Expand(), np.ones(3))
    assert not report
    assert "shapes (3,) and (1, 3)" in str(report)


def test_corresponding_parameters_must_exist_and_be_equal(numpy64):
    a, b = xn.Linear(2, 2), xn.Linear(2, 2)
    xn.ParameterStore(a, numpy64, seed=0), xn.ParameterStore(b, numpy64, seed=1)
    with pytest.raises(ParameterError, match="hold different values"):
        equivalent(a, b, np.ones(2), parameters={"weight": "weight"})
    with pytest.raises(ParameterError, match="none of that name"):
        equivalent(a, b, np.ones(2), parameters={"weight": "gewicht"})


def test_machines_with_other_numbers_of_outputs_cannot_be_compared(numpy64):
    with pytest.raises(ShapeError, match="1 and 2 outputs"):
        equivalent(xn.Plus(), xn.Branch(2), np.ones(2))


def test_gradients_are_left_cleared(numpy64):
    linear = xn.Linear(2, 2)
    store = xn.ParameterStore(linear, numpy64)
    assert equivalent(linear, linear, np.ones(2))
    assert all(store[name].dx is None for name in store)
