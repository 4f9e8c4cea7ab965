"""E(correct) and E(most offending incorrect), and where their gradients go."""

import numpy as np

import xpnet as xn
from xpnet.losses import HingeLoss
from xpnet.losses.pair import correct_and_offending


def test_the_most_offending_answer_is_never_the_correct_one(backend, close, rng):
    energies, label = rng.normal(size=(20, 5)), rng.integers(5, size=20)
    correct, offending = correct_and_offending(backend.ops, backend.asarray(energies), backend.indices(label))
    close(correct, energies[range(20), label])
    masked = energies.copy()
    masked[range(20), label] = np.inf
    close(offending, masked.min(axis=-1))


def test_a_single_answer_has_no_rival(backend, close):
    correct, offending = correct_and_offending(backend.ops, backend.asarray([[3.0]]), backend.indices([0]))
    close(correct, [3.0])
    close(offending, [np.inf])


def test_only_two_energies_are_moved(numpy64):
    energies, label, loss = xn.State(np.asarray([[2.0, 1.5, 1.5, 9.0]])), xn.State(np.asarray([0])), xn.State()
    hinge = HingeLoss()
    hinge.fprop(energies, label, loss)
    loss.accumulate(np.ones(1))
    hinge.bprop(energies, label, loss)
    assert loss.x.tolist() == [1.5]
    assert energies.dx.tolist() == [[1.0, -1.0, 0.0, 0.0]]
