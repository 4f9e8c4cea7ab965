import math

import numpy as np
import pytest

from xpnet.ops.running import free_energy, lowered, spans, weights_above


@pytest.mark.parametrize(("count", "size"), [(1, 1), (5, 2), (6, 2), (3, 100)])
def test_spans_hold_every_label_once_in_order(count, size):
    found = list(spans(count, size))
    assert [k for start, stop in found for k in range(start, stop)] == list(range(count))
    assert all(0 < stop - start <= size for start, stop in found)


def test_there_are_no_spans_of_nothing():
    assert list(spans(0, 4)) == []


def test_a_running_sum_follows_a_falling_minimum(backend, close, rng):
    energies, beta = rng.normal(size=(3, 12)) * 50, 0.7
    energies[2] = math.inf  # no label is possible here,
    energies[1, :4] = math.inf  # and here none of the first tile
    extreme, total = None, 0.0
    for start, stop in spans(12, 4):
        tile = backend.asarray(energies[:, start:stop])
        extreme, rescaled = lowered(backend.xp, extreme, tile, beta)
        total = rescaled * total + backend.xp.sum(weights_above(backend.xp, tile, extreme, beta), axis=-1)
    close(extreme, energies.min(axis=-1))
    lowest = energies.min(axis=-1)
    with np.errstate(divide="ignore"):
        above = np.exp(-beta * (energies - np.where(np.isinf(lowest), 0, lowest)[:, None])).sum(axis=-1)
        close(free_energy(backend.xp, extreme, total, beta), lowest - np.log(above) / beta, factor=4)


def test_nan_is_the_lowest_energy(backend):
    here = backend.asarray([[1.0, math.nan], [2.0, 3.0]])
    extreme, _ = lowered(backend.xp, backend.asarray([0.0, 5.0]), here, 1.0)
    found = backend.to_numpy(extreme)
    assert np.isnan(found[0])
    assert found[1] == 2.0
