"""Learning label sequences: the loss against enumeration, padding, unknown labels, and a small CRF that learns."""

import itertools

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, ShapeError
from xpnet.machines.crf import Crf, SequenceNll
from xpnet.machines.paths import posteriors, viterbi


def run(machine, *inputs):
    states = [xn.State(x, fixed=x.dtype.kind == "i") for x in inputs]
    loss = xn.State()
    machine.fprop(*states, loss)
    loss.accumulate(np.ones_like(loss.x))
    machine.bprop(*states, loss)
    return loss.x, [state.dx for state in states]


def energy(e, a, i, path):
    path = list(path)
    return i[path[0]] + e[np.arange(len(path)), path].sum() + a[path[:-1], path[1:]].sum()


@pytest.mark.parametrize("beta", [1.0, 0.4, 3.0])
def test_the_loss_is_the_negative_log_likelihood_of_the_sequence(numpy64, rng, beta):
    e, a, i = rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    labels = np.asarray([2, 0, 0, 1])
    loss, (de, da, di, _) = run(SequenceNll(3, beta), e, a, i, labels)
    every = np.asarray([energy(e, a, i, path) for path in itertools.product(range(3), repeat=4)])
    assert loss == pytest.approx(energy(e, a, i, labels) + np.log(np.exp(-beta * every).sum()) / beta, rel=1e-12)
    desired = np.eye(3)[labels]
    np.testing.assert_allclose(de, desired - posteriors(e, a, i, beta=beta).states, atol=1e-12)
    np.testing.assert_allclose(di, de[0], atol=1e-12)
    assert da.sum() == pytest.approx(0.0, abs=1e-12)  # three arcs desired, three expected


def test_the_loss_is_never_negative_and_zero_when_nothing_else_is_possible(numpy64):
    e = np.full((3, 2), np.inf)
    e[np.arange(3), [0, 1, 1]] = 0.5
    loss, gradients = run(SequenceNll(2), e, np.zeros((2, 2)), np.zeros(2), np.asarray([0, 1, 1]))
    assert loss == pytest.approx(0.0, abs=1e-15)
    assert all((dx == 0).all() for dx in gradients[:3])


def test_unknown_labels_are_summed_over(numpy64, rng):
    e, a, i = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)
    loss, _ = run(SequenceNll(2), e, a, i, np.asarray([1, -1, 0]))
    likelihoods = [np.exp(-run(SequenceNll(2), e, a, i, np.asarray([1, k, 0]))[0]) for k in range(2)]
    assert loss == pytest.approx(-np.log(sum(likelihoods)), rel=1e-12)
    nothing_known, gradients = run(SequenceNll(2), e, a, i, np.asarray([-1, -1, -1]))
    assert nothing_known == pytest.approx(0.0, abs=1e-12)
    assert all(abs(dx).max() < 1e-12 for dx in gradients[:3])


def test_lengths_are_those_of_the_sequences_cut_off(numpy64, rng):
    e, a, i = rng.normal(size=(2, 4, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    labels = rng.integers(3, size=(2, 4))
    e[0, 2:] = np.nan
    loss, (de, *_) = run(SequenceNll(3, lengths=True), e, a, i, labels, np.asarray([2, 4]))
    for k, n in enumerate([2, 4]):
        alone, (dk, *_) = run(SequenceNll(3), e[k, :n], a, i, labels[k, :n])
        assert loss[k] == pytest.approx(alone, rel=1e-12)
        np.testing.assert_allclose(de[k, :n], dk, atol=1e-12)
    assert (de[0, 2:] == 0).all()


def test_torch_agrees_on_the_gradient_of_the_transitions(numpy64, rng, torch):
    e, a, i = rng.normal(size=(5, 6, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    labels = rng.integers(3, size=(5, 6))
    loss, (_, da, _, _) = run(SequenceNll(3), e, a, i, labels)
    te, ta, ti, tl = torch.tensor(e), torch.tensor(a, requires_grad=True), torch.tensor(i), torch.tensor(labels)
    alpha = -(ti + te[:, 0])
    for t in range(1, 6):
        alpha = torch.logsumexp(alpha[:, :, None] - ta, 1) - te[:, t]
    desired = ti[tl[:, 0]] + te.gather(-1, tl[..., None])[..., 0].sum(-1) + ta[tl[:, :-1], tl[:, 1:]].sum(-1)
    expected = desired + torch.logsumexp(alpha, -1)
    expected.sum().backward()
    np.testing.assert_allclose(loss, expected.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(da, ta.grad.numpy(), atol=1e-12)


def test_a_crf_learns_what_single_steps_cannot_tell(backend):
    """Labels alternate and the emissions say nothing but where they start: only transitions can tell."""
    crf = Crf(2)
    store = xn.ParameterStore(crf, backend)
    emissions = np.zeros((2, 6, 2))
    emissions[0, 0] = [-3.0, 0.0]
    emissions[1, 0] = [0.0, -3.0]
    labels = np.asarray([[0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0]])
    losses = []
    for _ in range(30):
        states = [xn.State(backend.asarray(emissions), fixed=True), xn.State(backend.indices(labels), fixed=True)]
        loss = xn.State()
        crf.fprop(*states, loss)
        losses.append(float(backend.to_numpy(loss.x).sum()))
        loss.accumulate(backend.xp.ones_like(loss.x))
        crf.bprop(*states, loss)
        xn.Sgd(learning_rate=0.3).update(store)
    assert losses[-1] < 0.1 * losses[0]
    path = viterbi(emissions, crf.transitions.value.x, crf.initial.value.x, backend=backend)
    assert backend.to_numpy(path.labels).tolist() == labels.tolist()
    assert store.names == ["transitions.value", "initial.value"]


def test_labels_and_emissions_that_do_not_fit_are_errors(numpy64):
    emissions, labels = np.zeros((3, 4)), np.asarray([0, 9, 1])
    crf, wide = Crf(4), Crf(5)
    for machine in (crf, wide):
        xn.ParameterStore(machine)
    with pytest.raises(LabelError, match="labels must be between 0 and 3, or negative where unknown; got 9"):
        run(crf, emissions, labels)
    with pytest.raises(ShapeError, match=r"SequenceNll expects emissions\.x with last axis 5; got shape \(3, 4\)"):
        run(wide, emissions, labels)
