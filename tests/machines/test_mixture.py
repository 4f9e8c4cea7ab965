"""Mixtures of experts: the formula, both ways of evaluating it, and what a mixture learns that no expert can."""

import machine_cases
import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError


def loaded(backend, layout, values=None, **options):
    machine = xn.MixtureOfExperts(xn.Linear(3, 4), [machine_cases.net() for _ in range(4)], 0.7, **options)
    store = xn.ParameterStore(machine, backend, layout=layout)
    if values is not None:
        store.load_state_dict(values)
    return machine, store


@pytest.mark.parametrize("lead", [(), (5,), (2, 3), (0,)], ids=str)
def test_batched_and_one_by_one_are_the_same_machine(backend, layout, close, rng, lead):
    """Names, values and all derivatives: the parameters of one load into the other."""
    one, one_store = loaded(backend, layout, batched=False)
    all_, all_store = loaded(backend, layout, values=one_store.state_dict(), batched=True)
    x, dy = backend.asarray(rng.normal(size=(*lead, 3))), backend.asarray(rng.normal(size=(*lead, 2)))
    (a, f), (b, g) = machine_cases.passes(one, x, dy), machine_cases.passes(all_, x, dy)
    for ours, theirs in ((g.x, f.x), (b.dx, a.dx), (b.ddx, a.ddx)):
        close(ours, backend.to_numpy(theirs), 50)
    assert one_store.names == all_store.names
    for name in one_store:
        close(all_store[name].dx, backend.to_numpy(one_store[name].dx), 50)
        close(all_store[name].ddx, backend.to_numpy(one_store[name].ddx), 50)


def test_formula_against_torch(torch, numpy64, rng):
    """Two linear regressors and a logistic gater, as in the lecture."""
    machine = xn.MixtureOfExperts(xn.Linear(3, 2), [xn.Linear(3, 2), xn.Linear(3, 2)], beta=1.5)
    store = xn.ParameterStore(machine, numpy64)
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    _, output = machine_cases.passes(machine, x, dy)
    p = {name: torch.tensor(store[name].x, requires_grad=True) for name in store}
    t = torch.tensor(x)
    u = torch.softmax(-1.5 * (t @ p["gater.weight"].T + p["gater.bias"]), -1)
    outs = [t @ p[f"experts.{k}.weight"].T + p[f"experts.{k}.bias"] for k in range(2)]
    wanted = sum(u[:, k, None] * outs[k] for k in range(2))
    (wanted * torch.tensor(dy)).sum().backward()
    np.testing.assert_allclose(output.x, wanted.detach().numpy(), rtol=1e-12)
    for name in store:
        np.testing.assert_allclose(store[name].dx, p[name].grad.numpy(), rtol=1e-10, atol=1e-13)


def test_the_gater_decides_and_beta_says_how_hard(numpy64):
    machine = xn.MixtureOfExperts(xn.Linear(1, 2, bias=False), [xn.Bias(1), xn.Bias(1)], beta=1e4)
    store = xn.ParameterStore(machine, numpy64)
    store["gater.weight"].x = np.asarray([[1.0], [-1.0]])
    store["experts.0.bias"].x = np.asarray([10.0])
    output = xn.State()
    machine.fprop(xn.State(np.asarray([[-1.0], [1.0]])), output)
    assert output.x.tolist() == [[9.0], [1.0]]


def test_a_mixture_learns_what_no_single_expert_can(numpy64):
    """|x| is two lines: a mixture of two linear experts fits it, a linear regressor leaves its variance."""
    x = np.linspace(-1.0, 1.0, 41)[:, None]
    wanted, labels, energies = abs(x), np.arange(41), {}
    for name, machine in {
        "one": xn.Linear(1, 1),
        "two": xn.MixtureOfExperts(xn.Linear(1, 2), [xn.Linear(1, 1), xn.Linear(1, 1)], beta=4.0),
    }.items():
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, numpy64, seed=1))
        for _ in range(800):
            energies[name] = float(trainer.learn_sample(x, labels, wanted, learning_rate=0.5))
    assert energies["one"] == pytest.approx(abs(x).var() / 2, rel=1e-3)
    assert energies["two"] < energies["one"] / 100


def test_any_experts_and_any_gater(backend, rng):
    machine = xn.MixtureOfExperts(machine_cases.net(), [xn.Rbf(3, 4, 2), xn.Linear(3, 2)])
    xn.ParameterStore(machine, backend)
    input, output = machine_cases.passes(machine, backend.asarray(rng.normal(size=(5, 3))), backend.ones((5, 2)))
    assert not machine.batched
    assert output.x.shape == (5, 2)
    assert input.ddx.shape == (5, 3)


def test_energies_of_experts_mix_one_by_one(numpy64, rng):
    machine = xn.MixtureOfExperts(xn.Linear(3, 2), [xn.Logsum(1.0), xn.Logsum(2.0)], event_ndim=0)
    _, output = machine_cases.passes(machine, rng.normal(size=(5, 3)), np.ones(5))
    assert output.x.shape == (5,)


def test_experts_that_cannot_be_batched_are_refused_if_that_is_asked_for():
    with pytest.raises(GraphError, match="no batched form"):
        xn.MixtureOfExperts(xn.Linear(3, 2), [xn.Rbf(3, 2), xn.Rbf(3, 2)], batched=True)
    with pytest.raises(GraphError, match="only vectors are batched"):
        xn.MixtureOfExperts(xn.Linear(3, 2), [xn.Logsum(), xn.Logsum()], event_ndim=0, batched=True)
    with pytest.raises(GraphError, match="at least one expert"):
        xn.MixtureOfExperts(xn.Linear(3, 2), [])


def test_swapped_arguments_and_classes_are_told():
    experts = [xn.Linear(3, 1), xn.Linear(3, 1)]
    with pytest.raises(GraphError, match=r"takes the gater, then a list of experts; got Linear\(3, 2\) in place"):
        xn.MixtureOfExperts(experts, xn.Linear(3, 2))
    with pytest.raises(GraphError, match="MixtureOfExperts: expert 1 must be a module; got the class Linear"):
        xn.MixtureOfExperts(xn.Linear(3, 2), [xn.Linear(3, 1), xn.Linear])


@pytest.mark.parametrize("gater", [xn.Linear(3, 3), xn.Cascade(xn.Tanh(), xn.Linear(3, 3))], ids=repr)
def test_a_gater_of_another_width_than_there_are_experts(gater):
    with pytest.raises(GraphError, match="the gater gives 3 energies for 2 experts; give it one output per expert"):
        xn.MixtureOfExperts(gater, [xn.Linear(3, 1), xn.Linear(3, 1)])
