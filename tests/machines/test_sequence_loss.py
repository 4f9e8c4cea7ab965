"""Losses over all label sequences, against all of them enumerated."""

import itertools

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import RecipeError, ShapeError
from xpnet.machines.sequence_loss import LOSS_NAMES, SequenceHinge, SequenceNll, SequencePerceptron, sequence_loss

STEPS, LABELS = 4, 3
MARGIN, BETA = 0.7, 1.3


def run(machine, *inputs):
    """The loss, and the gradients of its sum."""
    states = [xn.State(x, fixed=x.dtype.kind == "i") for x in inputs]
    loss = xn.State()
    machine.fprop(*states, loss)
    loss.accumulate(np.ones_like(loss.x))
    machine.bprop(*states, loss)
    return loss.x, [state.dx for state in states]


def every(steps=STEPS):
    return np.asarray(list(itertools.product(range(LABELS), repeat=steps)))


def model(rng, *lead):
    shapes = (*lead, STEPS, LABELS), (LABELS, LABELS), (LABELS,), (LABELS,)
    return [rng.normal(size=shape) for shape in shapes]


def energies_by_torch(e, a, i, f, paths):
    arcs = a[paths[:, :-1], paths[:, 1:]].sum(-1)
    steps = e[np.arange(paths.shape[1]), paths].sum(-1)
    return i[paths[:, 0]] + steps + arcs + f[paths[:, -1]]


def loss_by_torch(torch, name, tensors, labels):
    """The loss by its definition, over all sequences; unknown labels by their completions."""
    paths = every(len(labels))
    known = labels >= 0
    differ = ((paths != labels) & known).sum(-1)
    energies = energies_by_torch(*tensors, paths)
    possible = energies[torch.tensor(differ == 0)]
    if name == "likelihood":
        return (torch.logsumexp(-BETA * energies, 0) - torch.logsumexp(-BETA * possible, 0)) / BETA
    margin = MARGIN if name == "hinge" else 0.0
    return possible.min() - (energies - torch.tensor(margin * differ)).min()


@pytest.mark.parametrize("name", LOSS_NAMES)
@pytest.mark.parametrize("labels", [[2, 0, 0, 1], [-1, 0, -1, 1], [-1, -1, -1, -1]], ids=str)
def test_values_and_gradients_are_those_of_all_sequences_enumerated(numpy64, rng, torch, name, labels):
    arrays, labels = model(rng), np.asarray(labels)
    machine = sequence_loss(name, LABELS, beta=BETA, margin=MARGIN, final=True)
    value, (*gradients, _) = run(machine, *arrays, labels)
    tensors = [torch.tensor(x, requires_grad=True) for x in arrays]
    wanted = loss_by_torch(torch, name, tensors, labels)
    wanted.backward()
    assert value == pytest.approx(wanted.item(), rel=1e-11, abs=1e-12)
    for found, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(found, tensor.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_central_differences_in_every_number(numpy64, rng, name):
    arrays, labels = model(rng), np.asarray([0, 2, 2, 1])
    machine = sequence_loss(name, LABELS, beta=BETA, margin=MARGIN, final=True)
    _, (*gradients, _) = run(machine, *arrays, labels)
    for which, array in enumerate(arrays):
        for place in np.ndindex(array.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = [x.copy() for x in arrays]
                moved[which][place] += step
                sides.append(run(machine, *moved, labels)[0])
            assert gradients[which][place] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7)


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_a_batch_with_lengths_is_its_sequences_cut_off(numpy64, rng, name):
    e, a, i, f = model(rng, 3)
    labels, lengths = rng.integers(LABELS, size=(3, STEPS)), np.asarray([2, 4, 1])
    for k, n in enumerate(lengths):
        e[k, n:] = np.nan
    value, (de, da, *_) = run(sequence_loss(name, LABELS, final=True, lengths=True), e, a, i, f, labels, lengths)
    alone = sequence_loss(name, LABELS, final=True)
    parts = [run(alone, e[k, :n], a, i, f, labels[k, :n]) for k, n in enumerate(lengths)]
    np.testing.assert_allclose(value, [part[0] for part in parts], rtol=1e-12)
    np.testing.assert_allclose(da, sum(part[1][1] for part in parts if part[1][1] is not None), atol=1e-12)
    for k, n in enumerate(lengths):
        np.testing.assert_allclose(de[k, :n], parts[k][1][0], atol=1e-12)
        assert (de[k, n:] == 0).all()


def test_the_hinge_is_zero_where_the_margin_holds_and_the_perceptron_where_the_desired_path_is_best(numpy64):
    e, labels = np.full((3, 2), 0.6), np.asarray([0, 1, 1])
    e[np.arange(3), labels] = 0.0
    rest = np.zeros((2, 2)), np.zeros(2), labels
    assert run(SequencePerceptron(2), e, *rest)[0] == 0.0
    assert run(SequenceHinge(2, margin=0.5), e, *rest)[0] == 0.0
    value, (de, *_) = run(SequenceHinge(2, margin=1.0), e, *rest)
    assert value == pytest.approx(3 * 0.4)
    np.testing.assert_allclose(de, 2 * np.eye(2)[labels] - 1)


def test_the_hinge_bounds_the_number_of_wrong_labels(numpy64, rng):
    """E(desired) - E(best) ≥ 0, so that margin · Hamming(best, desired) is at most the loss."""
    from xpnet.machines.paths import viterbi

    for _ in range(50):
        e, a, i, _ = model(rng)
        labels = rng.integers(LABELS, size=STEPS)
        wrong = (viterbi(e, a, i).labels != labels).sum()
        assert run(SequenceHinge(LABELS, MARGIN), e, a, i, labels)[0] >= MARGIN * wrong - 1e-12


def test_words_and_errors():
    kinds = [type(sequence_loss(name, 2)) for name in LOSS_NAMES]
    assert kinds == [SequenceNll, SequencePerceptron, SequenceHinge]
    assert repr(SequencePerceptron(3)) == "SequencePerceptron(3)"
    assert SequenceHinge(3, final=True, lengths=True).event_ndims == (2, 2, 1, 1, 1, 0)
    assert SequenceNll(3, timed=True).event_ndims == (2, 3, 1, 1)
    with pytest.raises(RecipeError, match=r"is called 'hing'; did you mean 'hinge'\?"):
        sequence_loss("hing", 2)
    with pytest.raises(ShapeError, match="margin must be finite and positive; got 0"):
        SequenceHinge(2, margin=0.0)
