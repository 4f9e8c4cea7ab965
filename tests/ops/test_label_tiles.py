"""Large label sets on every backend: against brute force in float64, and gradients against torch's autograd."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.testing.ops_cases_labels import energies_of

METRICS = ("euclidean", "inner")


def brute(h, codes, metric, bias, beta):
    """Energies, F and P in float64."""
    energies = energies_of(*(np.asarray(x, np.float64) for x in (h, codes)), metric, bias)
    lowest = energies.min(axis=-1, keepdims=True)
    finite = np.where(np.isinf(lowest), 0.0, lowest)
    weights = np.exp(-beta * (energies - finite))
    total = weights.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        f = finite[:, 0] - np.log(total[:, 0]) / beta
    return energies, f, weights / np.where(total == 0, 1.0, total)


def drawn(rng, backend, batch=5, labels=37, width=4, offset=0.0, forbidden=0):
    """Float32 numbers h, codes and a bias, as float64 and on the backend."""
    h, codes = (rng.normal(size=(n, width)) + offset for n in (batch, labels))
    bias = np.where(np.arange(labels) < forbidden, math.inf, rng.normal(size=labels))
    host = [x.astype(np.float32).astype(np.float64) for x in (h, codes, bias)]
    return host, [backend.asarray(x) for x in host]


def slope_of(h, mean, metric):
    """dF/dh from the mean code."""
    return h - mean if metric == "euclidean" else -mean


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("size", [1, 16, 1000])
@pytest.mark.parametrize("count", [1, 3, 37])
def test_the_lowest_energies_and_their_labels(backend, close, rng, metric, size, count):
    (h, codes, bias), (h_, codes_, bias_) = drawn(rng, backend, forbidden=5)
    energies, _, _ = brute(h, codes, metric, bias, 1.0)
    found, labels = backend.ops.search_labels(h_, codes_, metric, bias_, count, size)
    close(found, np.sort(energies, axis=-1)[:, :count], factor=4)
    labels = backend.to_numpy(labels)
    assert labels.dtype == np.int64
    close(np.take_along_axis(energies, labels, axis=-1), np.sort(energies, axis=-1)[:, :count], factor=4)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("beta", [0.3, 2.0])
def test_free_energy_and_its_slope(backend, close, rng, metric, beta):
    (h, codes, bias), (h_, codes_, bias_) = drawn(rng, backend, forbidden=5)
    _, f, p = brute(h, codes, metric, bias, beta)
    for size in (1, 16, 1000):
        got, slope = backend.ops.label_logsum(h_, codes_, metric, bias_, beta, size)
        close(got, f, factor=4)
        close(slope, slope_of(h, p @ codes, metric), factor=10)


@pytest.mark.parametrize("metric", METRICS)
def test_gradients_are_those_of_autograd(backend, close, rng, torch, metric):
    (h, codes, bias), (h_, codes_, bias_) = drawn(rng, backend, forbidden=3)
    df, beta = rng.normal(size=5).astype(np.float32).astype(np.float64), 0.7
    x, y = (torch.tensor(value, requires_grad=True) for value in (h, codes))
    pairs = 0.5 * (x[:, None] - y).square().sum(-1) if metric == "euclidean" else -x @ y.T
    f = -torch.logsumexp(-beta * (pairs + torch.tensor(bias)), dim=-1) / beta
    (f * torch.tensor(df)).sum().backward()
    got, slope = backend.ops.label_logsum(h_, codes_, metric, bias_, beta, 8)
    close(df[:, None] * backend.to_numpy(slope), x.grad.numpy(), factor=20)
    dcodes = backend.ops.label_logsum_vjp_codes(backend.asarray(df), got, h_, codes_, metric, bias_, beta, 8)
    close(dcodes, y.grad.numpy(), factor=20)


@given(st.data())
def test_any_size_of_everything(data):
    backend = xn.get_backend("numpy", dtype=data.draw(st.sampled_from(["float32", "float64"])))
    draw, eps = data.draw, float(np.finfo(backend.dtype).eps)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    batch, labels, width = draw(st.integers(1, 40)), draw(st.integers(1, 300)), draw(st.integers(1, 40))
    metric, offset = draw(st.sampled_from(METRICS)), draw(st.sampled_from([0.0, 1.0, 1e4]))
    forbidden = draw(st.integers(0, labels))
    (h, codes, bias), (h_, codes_, bias_) = drawn(
        rng, backend, batch, labels, width, offset if metric == "euclidean" else 0.0, forbidden
    )
    count, beta, size = draw(st.integers(1, labels)), draw(st.sampled_from([0.1, 1.0])), draw(st.integers(1, labels))
    energies, f, p = brute(h, codes, metric, bias, beta)
    scale = 1.0 + np.abs(energies[np.isfinite(energies)]).max(initial=0.0)
    found, places = backend.ops.search_labels(h_, codes_, metric, bias_, count, size)
    for got in (found, np.take_along_axis(energies, places, axis=-1)):
        np.testing.assert_allclose(got, np.sort(energies, axis=-1)[:, :count], rtol=0, atol=40 * eps * scale)
    assert all(len(set(row)) == count for row in places.tolist())
    got, slope = backend.ops.label_logsum(h_, codes_, metric, bias_, beta, size)
    np.testing.assert_allclose(got, f, rtol=0, atol=40 * eps * scale / beta)
    # From the centre, as the oracle would lose digits of its own far out.
    centre = codes.mean(axis=0) if metric == "euclidean" else 0.0
    wanted = slope_of(h - centre, p @ (codes - centre), metric) if forbidden < labels else 0.0 * h
    reach = 1 + abs(codes - codes.mean(axis=0)).max() + (abs(codes).max() if metric == "inner" else 0.0)
    np.testing.assert_allclose(slope, wanted, rtol=0, atol=40 * eps * scale * reach)


def test_far_from_the_origin_no_digit_is_lost(backend, rng):
    (h, codes, _), (h_, codes_, _) = drawn(rng, backend, offset=1e4)
    energies, _, p = brute(h, codes, "euclidean", None, 1.0)
    _, slope = backend.ops.label_logsum(h_, codes_, "euclidean", None, 1.0, 8)
    allowed = 2e-5 if backend.dtype_name == "float32" else 1e-12
    wanted = (p[..., None] * (h[:, None, :] - codes)).sum(axis=1)
    np.testing.assert_allclose(backend.to_numpy(slope), wanted, rtol=0, atol=allowed)
    found, _ = backend.ops.search_labels(h_, codes_, "euclidean", None, 1, 8)
    allowed = 1e-5 if backend.dtype_name == "float32" else 1e-13
    np.testing.assert_allclose(backend.to_numpy(found)[:, 0], energies.min(axis=-1), rtol=0, atol=allowed)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("count", [1, 5])
def test_of_equal_energies_the_first_labels(backend, rng, metric, count):
    # Small whole numbers, symmetric about 0: every sum is exact.
    half = rng.integers(-2, 3, size=(20, 4)).astype(np.float64)
    codes = np.concatenate([half, -half, half, -half])
    h = rng.integers(-2, 3, size=(20, 4)).astype(np.float64)
    energies, _, _ = brute(h, codes, metric, None, 1.0)
    order = np.argsort(energies, axis=-1, kind="stable")[:, :count]
    for size in (1, 7, 16, 100):
        found, labels = backend.ops.search_labels(*map(backend.asarray, (h, codes)), metric, None, count, size)
        np.testing.assert_array_equal(backend.to_numpy(labels), order)
        np.testing.assert_array_equal(backend.to_numpy(found), np.take_along_axis(energies, order, axis=-1))


@pytest.mark.parametrize("metric", METRICS)
def test_where_no_label_is_possible(backend, close, rng, metric):
    (h, _, _), (h_, codes_, _) = drawn(rng, backend)
    never = backend.asarray(np.full(37, math.inf))
    f, slope = backend.ops.label_logsum(h_, codes_, metric, never, 1.0, 16)
    close(f, np.full(5, math.inf))
    close(slope, 0.0 * h)
    energies, labels = backend.ops.search_labels(h_, codes_, metric, never, 2, 16)
    close(energies, np.full((5, 2), math.inf))
    assert backend.to_numpy(labels).tolist() == [[0, 1]] * 5
    dy = backend.ops.label_logsum_vjp_codes(backend.ones((5,)), f, h_, codes_, metric, never, 1.0, 16)
    close(dy, np.zeros((37, 4)))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("place", ["sample", "code", "bias"])
def test_nan_is_seen(backend, rng, metric, place):
    (h, codes, bias), _ = drawn(rng, backend)
    {"sample": h, "code": codes, "bias": bias[None, :]}[place][0, 2] = math.nan
    h, codes, bias = map(backend.asarray, (h, codes, bias))
    rows = slice(0, 1) if place == "sample" else slice(None)
    for count in (1, 3):
        energies, _ = backend.ops.search_labels(h, codes, metric, bias, count, 16)
        assert np.all(np.isnan(backend.to_numpy(energies)[rows, 0]))
    f, slope = backend.ops.label_logsum(h, codes, metric, bias, 1.0, 16)
    assert np.all(np.isnan(backend.to_numpy(f)[rows]))
    assert np.all(np.isnan(backend.to_numpy(slope)[rows]).any(axis=-1))


def test_a_bias_for_pairs(backend, close, rng):
    (h, codes, _), (h_, codes_, _) = drawn(rng, backend)
    bias = rng.normal(size=(5, 37)).astype(np.float32).astype(np.float64)
    energies, f, p = brute(h, codes, "euclidean", bias, 1.0)
    found, _ = backend.ops.search_labels(h_, codes_, "euclidean", backend.asarray(bias), 1, 8)
    close(found[:, 0], energies.min(axis=-1), factor=4)
    got, slope = backend.ops.label_logsum(h_, codes_, "euclidean", backend.asarray(bias), 1.0, 8)
    close(got, f, factor=4)
    close(slope, h - p @ codes, factor=10)
