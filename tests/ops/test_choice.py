"""Choices by a label or by the lowest energy, against NumPy's indexing."""

import numpy as np
import pytest


@pytest.mark.parametrize("lead", [(), (4,), (2, 3)])
def test_select_and_its_pullback(backend, close, rng, lead):
    x, label, dy = rng.normal(size=(*lead, 5)), rng.integers(5, size=lead), rng.normal(size=lead)
    arrays = backend.asarray(x), backend.indices(label)
    close(backend.ops.select(*arrays), np.take_along_axis(x, np.asarray(label)[..., None], axis=-1)[..., 0])
    hot = np.arange(5) == np.asarray(label)[..., None]
    np.testing.assert_array_equal(backend.to_numpy(backend.ops.one_hot(arrays[1], 5)), hot)
    close(backend.ops.select_vjp(backend.asarray(dy), *arrays), hot * np.asarray(dy)[..., None])


def test_switch_chooses_whole_events(backend, close, rng):
    x, label = rng.normal(size=(3, 4, 2)), rng.integers(3, size=4)
    chosen = backend.ops.switch([backend.asarray(part) for part in x], backend.indices(label), 1)
    close(chosen, x[label, np.arange(4)])
    dy = rng.normal(size=(4, 2))
    for k, dx in enumerate(backend.ops.switch_vjp(backend.asarray(dy), backend.indices(label), 3, 1)):
        close(dx, np.where((label == k)[:, None], dy, 0.0))


def test_lowest_takes_the_first_of_a_tie(backend, close):
    x = backend.asarray([[2.0, 1.0, 1.0], [np.inf, np.inf, np.inf]])
    close(backend.ops.lowest(x), [1.0, np.inf])
    close(backend.ops.lowest_vjp(backend.asarray([3.0, 4.0]), x), [[0, 3, 0], [0, 0, 0]])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_rivals_are_the_lowest_of_all_others(backend, close, rng, count):
    x, dy = rng.normal(size=(6, count)), rng.normal(size=(6, count))
    others = np.where(np.eye(count, dtype=bool), np.inf, x[:, None, :])
    close(backend.ops.rivals(backend.asarray(x)), others.min(axis=-1))
    wanted = np.zeros_like(x)
    for k in range(count) if count > 1 else ():
        np.add.at(wanted, (np.arange(6), others[:, k].argmin(axis=-1)), dy[:, k])
    if count > 1:
        close(backend.ops.rivals_vjp(backend.asarray(dy), backend.asarray(x)), wanted, factor=4)


def test_two_lowest_energies_are_each_others_rivals(backend, close):
    x = backend.asarray([[1.0, 1.0, 2.0]])
    close(backend.ops.rivals(x), [[1, 1, 1]])
    close(backend.ops.rivals_vjp(backend.asarray([[1.0, 2.0, 4.0]]), x), [[6, 1, 0]])
