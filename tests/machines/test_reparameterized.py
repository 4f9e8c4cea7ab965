"""W = G(U): once per pass, the right gradient in U, and the equivalences that the lecture states."""

from copy import deepcopy

import machine_cases
import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError, ShapeError
from xpnet.machines.reparameterized import Reparameterized
from xpnet.modules import Circulant, LowRank, Softplus, Transpose, UnitRows
from xpnet.modules.linear_map import LinearMap, Masked, sharing


class Counted(xn.Module):
    """W = 2 U, counting its passes."""

    def __init__(self):
        self.calls = []

    def fprop(self, input, output):
        self.calls.append("fprop")
        output.x = 2.0 * input.x

    def bprop(self, input, output):
        self.calls.append("bprop")
        input.accumulate(2.0 * output.cotangent)

    def bbprop(self, input, output):
        self.calls.append("bbprop")
        input.accumulate_ddx(4.0 * output.curvature)


def deep(module, times=3):
    return xn.Cascade(*(part for _ in range(times) for part in (module, xn.Tanh())))


def test_g_runs_once_per_pass_however_often_w_is_used(numpy64, rng):
    g = Counted()
    machine = Reparameterized(deep(xn.Linear(3, 3)), {"0.weight": g})
    machine_cases.passes(machine, rng.normal(size=(2, 3)), np.ones((2, 3)))
    assert g.calls == ["fprop", "bprop", "bbprop"]


def test_names_stay_those_of_the_places(numpy64):
    machine = Reparameterized(
        xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)), {"0.weight": LowRank(1), "2.bias": Softplus()}
    )
    assert sorted(xn.ParameterStore(machine, numpy64)) == [
        "0.bias", "0.weight.u0", "0.weight.u1", "2.bias.u", "2.weight",
    ]  # fmt: skip


def test_a_parameter_in_several_places_is_fed_in_all(numpy64, rng):
    """One G before the shared weight equals the gradient of each place, summed and pulled through G by torch."""
    torch = pytest.importorskip("torch")
    machine = Reparameterized(deep(xn.Linear(3, 3, bias=False)), {"0.weight": UnitRows()})
    store = xn.ParameterStore(machine, numpy64, seed=3)
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    _, output = machine_cases.passes(machine, x, dy)
    u = torch.tensor(store["0.weight.u"].x, requires_grad=True)
    w, h = u / u.norm(dim=1, keepdim=True), torch.tensor(x)
    for _ in range(3):
        h = torch.tanh(h @ w.T)
    (h * torch.tensor(dy)).sum().backward()
    np.testing.assert_allclose(output.x, h.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(store["0.weight.u"].dx, u.grad.numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("transform", "holds"),
    [
        (Softplus(), lambda w: (w > 0).all()),
        (UnitRows(), lambda w: np.allclose((w * w).sum(1), 1.0)),
        (LowRank(1), lambda w: np.linalg.matrix_rank(w, tol=1e-5) == 1),
        (Circulant(), lambda w: np.allclose(w, np.roll(np.roll(w, 1, 0), 1, 1))),
        (Masked(np.eye(3)), lambda w: (w == np.diag(np.diag(w))).all()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_learning_never_leaves_the_constraint(backend, rng, transform, holds):
    machine = Reparameterized(xn.Cascade(xn.Linear(3, 3), xn.Tanh()), {"0.weight": transform})
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend))
    x, labels = rng.normal(size=(20, 3)), rng.integers(0, 3, size=20)
    energies = [float(trainer.learn_sample(x, labels, np.eye(3), learning_rate=0.5)) for _ in range(30)]
    assert energies[-1] < energies[0]
    trainer.run(x, np.eye(3))
    assert holds(backend.to_numpy(machine.machine[0].weight.x))


def test_sharing_by_a_0_1_matrix_is_sharing_the_parameter(numpy64, layout, rng):
    """Two biases: the same Parameter object in both modules, and w_i = w_j = u_k by the matrix (1; 1) from one U."""
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    same, u, one_to_one = xn.Bias(3), xn.Parameter((3,)), sharing(np.arange(3))
    tied = xn.Cascade(same, xn.Tanh(), same)
    fed = Reparameterized(
        xn.Cascade(xn.Bias(3), xn.Tanh(), xn.Bias(3)), {"0.bias": (one_to_one, u), "2.bias": (one_to_one, u)}
    )
    results = []
    for machine in (tied, fed):
        store = xn.ParameterStore(machine, numpy64, layout=layout)
        (name,) = store.names
        store[name].x = np.asarray([0.5, -1.0, 2.0])
        input, output = machine_cases.passes(machine, x, dy)
        results.append((output.x, input.dx, input.ddx, store[name].dx.copy(), store[name].ddx.copy()))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_transposing_by_g_and_by_a_tie_are_the_same_map(numpy64, rng):
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    tied = xn.Cascade(xn.Linear(3, 2, bias=False), xn.Linear(2, 3, bias=False))
    store = xn.ParameterStore(tied, numpy64)
    store.tie("1.weight", "0.weight", transform="transpose")
    encoder = xn.Linear(3, 2, bias=False)
    machine = Reparameterized(
        xn.Cascade(encoder, xn.Linear(2, 3, bias=False)), {"1.weight": (Transpose(), encoder.weight)}
    )
    fed = xn.ParameterStore(machine, numpy64)
    fed["0.weight"].x = store["0.weight"].x
    results = [(machine_cases.passes(m, x, dy)[1].x, s["0.weight"].dx) for m, s in ((tied, store), (machine, fed))]
    assert fed.names == ["0.weight"]
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_one_machine_in_two_places_and_its_copies(numpy64, rng):
    machine = Reparameterized(xn.Linear(3, 3), {"weight": UnitRows()})
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(machine, x), graph(machine, y)))
    store = xn.ParameterStore(graph, numpy64)
    twin = deepcopy(graph)
    other = xn.ParameterStore(twin, numpy64, seed=9)
    assert len(store) == 2
    a, b, energy = xn.State(rng.normal(size=3)), xn.State(rng.normal(size=3)), xn.State()
    graph.fprop(a, b, energy)
    before = float(energy.x)
    twin.fprop(a, b, xn.State())
    graph.fprop(a, b, energy)
    assert float(energy.x) == before
    assert store.names == other.names


def test_values_move_and_come_back_under_the_same_names(strict_devices):
    first, second = strict_devices
    machine = Reparameterized(xn.Linear(3, 2), {"weight": LowRank(1)})
    store = xn.ParameterStore(machine, first)
    output = xn.State()
    machine.fprop(xn.State(first.ones((3,))), output)
    before, values = first.to_numpy(output.x).copy(), store.state_dict()
    store.to(second)
    machine.fprop(xn.State(second.ones((3,))), output)
    np.testing.assert_array_equal(second.to_numpy(output.x), before)
    again = xn.ParameterStore(Reparameterized(xn.Linear(3, 2), {"weight": LowRank(1)}), second, seed=5)
    again.load_state_dict(values)
    again.machine.fprop(xn.State(second.ones((3,))), output)
    np.testing.assert_array_equal(second.to_numpy(output.x), before)


def test_what_does_not_fit_is_said(numpy64):
    with pytest.raises(ParameterError, match=r"no parameter '1\.weight'"):
        Reparameterized(xn.Cascade(xn.Linear(2, 2)), {"1.weight": Softplus()})
    with pytest.raises(ParameterError, match="2 inputs but 1 parameters"):
        Reparameterized(xn.Linear(2, 2), {"weight": (LowRank(1), xn.Parameter((2, 1)))})
    with pytest.raises(ParameterError, match="any number of inputs"):
        Reparameterized(xn.Plus(), {})
    machine = Reparameterized(xn.Linear(2, 2), {"weight": (Softplus(), xn.Parameter((3,)))})
    with pytest.raises(ShapeError, match=r"parameter 'weight' has shape \(2, 2\)"):
        machine.fprop(xn.State(np.ones(2)), xn.State())


@pytest.mark.parametrize("hoist", [False, True])
def test_a_weight_shared_within_a_loop_is_a_transform_by_a_matrix_of_zeros_and_ones(backend, rng, hoist):
    """One weight in two places of a loop over time, and two weights that a 0/1 matrix makes of one U."""

    def recurrent(first, second):
        cell = xn.Graph()
        x, z = cell.input("x"), cell.input("z")
        cell.output("z", cell(xn.Tanh(), cell(xn.Plus(), cell(first, x, name="a"), cell(second, z, name="b"))))
        return xn.Recurrent(cell, 3, hoist=hoist)

    linear, one, other = (xn.Linear(3, 3, bias=False) for _ in range(3))
    tied, u = recurrent(linear, linear), xn.Parameter((9,))
    copied = LinearMap(np.eye(9), (3, 3))
    fed = Reparameterized(recurrent(one, other), {"cell.a.weight": (copied, u), "cell.b.weight": (copied, u)})
    xn.ParameterStore(tied, backend)
    xn.ParameterStore(fed, backend)
    u.x = backend.xp.reshape(linear.weight.x, (9,))
    found = []
    for machine in (tied, fed):
        x, out = xn.State(backend.asarray(np.linspace(-1, 1, 60).reshape(4, 5, 3))), xn.State()
        machine.fprop(x, out)
        out.accumulate(backend.xp.ones_like(out.x))
        machine.bprop(x, out)
        found.append([backend.to_numpy(out.x), backend.to_numpy(x.dx)])
    found[0].append(backend.to_numpy(linear.weight.dx).reshape(9))
    found[1].append(backend.to_numpy(u.dx))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
