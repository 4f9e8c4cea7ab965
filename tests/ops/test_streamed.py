"""Minimum, logsum and gradient over tiles of any user's energies."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn


def tiles(backend, energies):
    """A tile function over energies (B, K) that are known, and the calls that it got."""
    calls = []

    def tile(start, stop):
        calls.append((start, stop))
        return backend.asarray(energies[..., start:stop])

    return tile, calls


def logsum(energies, beta):
    lowest = energies.min(axis=-1, keepdims=True)
    finite = np.where(np.isinf(lowest), 0.0, lowest)
    with np.errstate(divide="ignore"):
        return finite[..., 0] - np.log(np.exp(-beta * (energies - finite)).sum(axis=-1)) / beta


@given(st.data())
def test_the_lowest_are_those_of_a_stable_sort(data):
    backend = xn.get_backend("numpy", dtype="float64")
    batch, labels = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 40))
    numbers = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.inf])  # many ties
    rows = st.lists(st.lists(numbers, min_size=labels, max_size=labels), min_size=batch, max_size=batch)
    energies = np.array(data.draw(rows))
    count, size = data.draw(st.integers(1, labels)), data.draw(st.integers(1, labels + 3))
    tile, calls = tiles(backend, energies)
    found, places = backend.ops.streamed_lowest(tile, labels, count, size)
    order = np.argsort(energies, axis=-1, kind="stable")[:, :count]
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(found, np.take_along_axis(energies, order, axis=-1))
    assert calls == sorted(calls)
    assert sum(stop - start for start, stop in calls) == labels


@pytest.mark.parametrize("count", [1, 2])
def test_nan_comes_first_and_is_seen(backend, count):
    energies = np.array([[3.0, 1.0, 2.0, 0.0], [3.0, 1.0, math.nan, 0.0], [-math.inf, 1.0, math.nan, 0.0]])
    found, labels = backend.ops.streamed_lowest(tiles(backend, energies)[0], 4, count, 2)
    found, labels = backend.to_numpy(found), backend.to_numpy(labels)
    assert found[0, 0] == 0.0
    assert np.isnan(found[1:, 0]).all()
    assert labels[:, 0].tolist() == [3, 2, 2]


def test_the_lowest_of_no_labels_is_an_error(backend):
    with pytest.raises(ValueError, match="no lowest energy of no labels"):
        backend.ops.streamed_lowest(lambda start, stop: None, 0, 1, 4)


@pytest.mark.parametrize("lead", [(), (3,), (2, 1, 3)])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_logsum_and_its_gradient(backend, close, rng, lead, size):
    energies, beta = rng.normal(size=(*lead, 11)) * 3, 0.6
    energies[..., 4] = math.inf
    tile, _ = tiles(backend, energies)
    f = backend.ops.streamed_logsum(tile, 11, beta, size)
    close(f, logsum(energies, beta), factor=4)
    df, pulled = rng.normal(size=lead), {}
    backend.ops.streamed_logsum_vjp(
        backend.asarray(df), f, tile, lambda *span: pulled.update({span[:2]: backend.to_numpy(span[2])}), 11, beta, size
    )
    wanted = np.asarray(df)[..., None] * np.exp(-beta * (energies - logsum(energies, beta)[..., None]))
    assert list(pulled) == [(start, min(start + size, 11)) for start in range(0, 11, size)]
    close(np.concatenate(list(pulled.values()), axis=-1), wanted, factor=10)


def test_forbidden_labels_alone_have_no_probability(backend):
    energies = np.full((2, 5), math.inf)
    tile, _ = tiles(backend, energies)
    f = backend.ops.streamed_logsum(tile, 5, 1.0, 2)
    assert np.all(np.isposinf(backend.to_numpy(f)))
    pulled = []
    backend.ops.streamed_logsum_vjp(backend.ones((2,)), f, tile, lambda *span: pulled.append(span[2]), 5, 1.0, 2)
    assert all(np.all(backend.to_numpy(each) == 0.0) for each in pulled)
