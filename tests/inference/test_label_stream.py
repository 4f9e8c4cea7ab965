"""Tiles of labels: minimum, free energy and its gradient, by products or by running the machine for each tile."""

import numpy as np
import pytest
from label_cases import KINDS, Gradients, K, problem, trainer_of

from xpnet.inference.label_stream import LabelStream

SIZES = [1, 2, 5, 22, 23, 40]


@pytest.fixture
def given(rng):
    return problem(rng)


def streamed(trainer, size, given, codes, mask=None):
    """The labels of a placed sample in tiles of `size`."""
    question = trainer._ask(given.x, codes, mask)
    trainer._place(question)
    return LabelStream(trainer.function, question.labels, size)


def energies_of(kind, given, codes, mask):
    return trainer_of(kind).run(given.x, codes, mask=mask)[1]


def softmin(energies, beta):
    weights = np.exp(-beta * (energies - energies.min(axis=-1, keepdims=True)))
    return weights / weights.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_lowest_energies_in_order(numpy64, given, kind, size):
    for codes, mask in given.settings.values():
        energies = energies_of(kind, given, codes, mask)
        stream = streamed(trainer_of(kind), size, given, codes, mask)
        for count in (1, 2, 7, K):
            lowest, numbers = stream.lowest(count)
            wanted = np.argsort(energies, axis=-1, kind="stable")[:, :count]
            np.testing.assert_allclose(lowest, np.take_along_axis(energies, wanted, axis=-1), rtol=1e-12)
            possible = np.isfinite(lowest)
            np.testing.assert_array_equal(numbers[possible], wanted[possible])


@pytest.mark.parametrize("beta", [0.5, 3.0])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_free_energy_and_its_gradient(numpy64, given, rng, kind, size, beta):
    """dE_k = dF P_k, pulled back through the machine with all energies at once."""
    df = rng.normal(size=len(given.x))
    for codes, mask in given.settings.values():
        learned = codes if codes is given.y else None
        asked = None if learned is not None else codes
        trainer, whole = (trainer_of(kind, learned=learned) for _ in range(2))
        stream = streamed(trainer, size, given, asked, mask)
        found = stream.free_energy(beta)
        energies = whole.run(given.x, asked, mask=mask)[1]
        np.testing.assert_allclose(found, -np.log(np.exp(-beta * energies).sum(axis=-1)) / beta, rtol=1e-12)
        stream.pull_free_energy(df, found, beta)
        trainer.function.finish()
        whole.energies.accumulate(df[:, None] * softmin(energies, beta))
        whole.all.bprop()
        rule, wanted = Gradients(), Gradients()
        rule.update(trainer.param)
        wanted.update(whole.param)
        rule.compare(wanted.found, 1e-11)


def test_products_are_used_where_samples_share_labels_and_mask(numpy64, given):
    for kind in KINDS:
        for (codes, mask), product in zip(
            given.settings.values(), (True, True, False, False, False, False), strict=True
        ):
            stream = streamed(trainer_of(kind), 5, given, codes, mask)
            assert stream.as_product is (product and kind != "joint")


@pytest.mark.parametrize("size", [1, 4, 23])
def test_each_label_is_in_one_tile_of_at_most_the_size(numpy64, given, size):
    stream = streamed(trainer_of("joint"), size, given, given.y)
    seen, evaluate = [], stream.function.evaluate

    def watched(label, energy):
        seen.append(label.x)
        return evaluate(label, energy)

    stream.function.evaluate = watched
    stream.free_energy(1.0)
    np.testing.assert_array_equal(np.concatenate(seen), given.y)
    assert max(map(len, seen)) == size


@pytest.mark.parametrize("kind", KINDS)
def test_a_lower_energy_in_a_late_tile_rescales_the_sum(numpy64, given, kind):
    """Energies fall by hundreds from tile to tile: only the last counts, or only the first."""
    far = np.linspace(-300.0, 300.0, K)[:, None] * np.ones(4) + given.y
    for codes in (far, far[::-1]):
        energies = energies_of(kind, given, codes, None)
        stream = streamed(trainer_of(kind), 3, given, codes)
        lowest = energies.min(axis=-1)
        wanted = lowest - np.log(np.exp(lowest[:, None] - energies).sum(axis=-1))
        np.testing.assert_allclose(stream.free_energy(1.0), wanted, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_without_a_possible_label_have_no_gradient(numpy64, given, kind):
    masks = np.zeros((len(given.x), K), bool)
    for mask in (masks, masks[0]):
        trainer = trainer_of(kind, learned=given.y)
        stream = streamed(trainer, 4, given, None, mask)
        free = stream.free_energy(1.0)
        assert np.isposinf(free).all()
        stream.pull_free_energy(np.ones(len(given.x)), free, 1.0)
        trainer.function.finish()
        assert all((gradient == 0).all() for gradient in trainer.param.gradients().values())


@pytest.mark.parametrize("kind", KINDS)
def test_absent_codes_may_be_anything(backend, close, given, kind):
    for codes, mask in given.settings.values():
        if mask is None:
            continue
        anything = codes.copy()
        anything[np.broadcast_to(~mask, anything.shape[:-1]) if codes.ndim == 3 else ~np.atleast_2d(mask).any(0)] = (
            np.nan
        )
        one, other = (streamed(trainer_of(kind), 4, given, each, mask) for each in (codes, anything))
        close(other.free_energy(1.0), backend.to_numpy(one.free_energy(1.0)))
        for got, wanted in zip(other.lowest(3), one.lowest(3), strict=True):
            np.testing.assert_array_equal(backend.to_numpy(got), backend.to_numpy(wanted))
