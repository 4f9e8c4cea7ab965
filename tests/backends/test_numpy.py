"""NumPy's way through large label sets, alone and with Numba, against the reference and brute force in float64."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import SimpleNamespace

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xpnet_numpy import fast, label_tiles

import xpnet as xn
from xpnet.ops import label_tiles as reference
from xpnet.testing import check_ops
from xpnet.testing.ops_cases_labels import energies_of

PRIMITIVES = ("search_labels", "label_logsum", "label_logsum_vjp_codes")


@pytest.fixture(params=["numpy alone", "numba"])
def kernels(request):
    """None, or the module of compiled kernels."""
    if request.param == "numpy alone":
        return None
    pytest.importorskip("numba", reason="numba is not installed: nothing compiled to test")
    return fast.kernels(fast.NUMBERS, "f")


def drawn(rng, batch, labels, width, spread=1.0):
    return ((rng.normal(size=(n, width)) * spread).astype(np.float32) for n in (batch, labels))


def test_compiled_kernels_conform(monkeypatch):
    pytest.importorskip("numba", reason="numba is not installed: nothing compiled to test")
    monkeypatch.setattr(fast, "NUMBERS", 0)
    assert fast.kernels(0, "f") is not None, fast.told()
    check_ops(xn.get_backend("numpy", dtype="float32"), PRIMITIVES)


@pytest.mark.parametrize(("batch", "labels", "width"), [(1, 9000, 30), (40, 9000, 84), (600, 700, 5), (1100, 300, 300)])
@pytest.mark.parametrize("metric", ["euclidean", "inner"])
def test_tiles_and_blocks_of_samples(kernels, rng, batch, labels, width, metric):
    h, codes = drawn(rng, batch, labels, width, 0.3)
    bias = np.where(rng.random(labels) < 0.3, math.inf, rng.normal(size=labels)).astype(np.float32)
    wide = [x.astype(np.float64) for x in (h, codes)]
    energies = energies_of(*wide, metric, bias.astype(np.float64)) if labels < 1000 else None
    for count in (1, 7):
        found, places = label_tiles.search(h, codes, metric, bias, count, 10**6, kernels)
        wanted, order = reference.search_labels(xp, *wide, metric, bias.astype(np.float64), count, labels)
        np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-5)
        assert (places == order).mean() > 0.999
        if energies is not None:
            np.testing.assert_allclose(np.take_along_axis(energies, places, axis=1), wanted, rtol=2e-6, atol=1e-5)
    f, mean = label_tiles.logsum(h, codes, metric, bias, 2.0, 10**6, kernels)
    wanted, drawn_mean = reference.label_logsum(xp, *wide, metric, bias.astype(np.float64), 2.0, labels)
    np.testing.assert_allclose(f, wanted, rtol=2e-6, atol=1e-5)
    np.testing.assert_allclose(mean, drawn_mean, rtol=0, atol=1e-5)
    df = rng.normal(size=batch).astype(np.float32)
    dy = label_tiles.pull_codes(df, f, h, codes, metric, bias, 2.0, 10**6, None, kernels)
    exact = reference.label_logsum_vjp_codes(
        xp, df.astype(np.float64), wanted, *wide, metric, bias.astype(np.float64), 2.0, labels
    )
    np.testing.assert_allclose(dy, exact, rtol=0, atol=2e-5 * abs(exact).max())


@pytest.mark.parametrize("order", ["rising", "falling"])
@pytest.mark.parametrize("spread", [0.1, 10.0])
def test_energies_that_fall_or_rise_from_tile_to_tile(kernels, rng, order, spread):
    """The sum's level is raised again and again, by little or by far more than float32 could bridge, or never."""
    h, codes = drawn(rng, 33, 4000, 6, spread)
    energies = energies_of(h.astype(np.float64), codes.astype(np.float64), "euclidean", None)
    sequence = np.argsort(energies[0])
    codes = codes[sequence if order == "rising" else sequence[::-1]]
    wanted, mean = reference.label_logsum(
        xp, h.astype(np.float64), codes.astype(np.float64), "euclidean", None, 1.0, 4000
    )
    f, got = label_tiles.logsum(h, codes, "euclidean", None, 1.0, 10**6, kernels)
    np.testing.assert_allclose(f, wanted, rtol=0, atol=1e-6 * (10 + np.abs(energies).max()))
    np.testing.assert_allclose(got, mean, rtol=0, atol=1e-5 * spread * (1 + spread**2))


@given(st.data())
def test_the_tile_changes_nothing_beyond_rounding(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    h, codes = drawn(rng, data.draw(st.integers(1, 50)), data.draw(st.integers(1, 500)), data.draw(st.integers(1, 9)))
    sizes = data.draw(st.tuples(st.integers(1, 500), st.integers(1, 500)))
    for metric in ("euclidean", "inner"):
        one, other = (label_tiles.search(h, codes, metric, None, 1, size)[0] for size in sizes)
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5)
        one, other = (label_tiles.logsum(h, codes, metric, None, 1.0, size) for size in sizes)
        for left, right in zip(one, other, strict=True):
            np.testing.assert_allclose(left, right, rtol=0, atol=2e-5)


def test_any_layout_and_nothing_is_written(kernels, rng):
    h, codes = drawn(rng, 20, 300, 8)
    wanted, order = label_tiles.search(h, codes, "euclidean", None, 2, 100, kernels)
    for change in (lambda x: np.asfortranarray(x), lambda x: np.repeat(x, 2, axis=1)[:, ::2], lambda x: x[::-1][::-1]):
        given_h, given_codes = change(h), change(codes)
        for x in (given_h, given_codes):
            x.flags.writeable = False
        found, places = label_tiles.search(given_h, given_codes, "euclidean", None, 2, 100, kernels)
        np.testing.assert_array_equal(places, order)
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_out_is_used_where_it_fits(kernels, rng):
    h, codes = drawn(rng, 20, 300, 8)
    f, _ = label_tiles.logsum(h, codes, "euclidean", None, 1.0, 100, kernels)
    room, unfit = np.full_like(codes, 7.0), np.full((8, 300), 7.0, np.float32).T
    args = (np.ones(20, np.float32), f, h, codes, "euclidean", None, 1.0, 100)
    assert label_tiles.pull_codes(*args, room, kernels) is room
    other = label_tiles.pull_codes(*args, unfit, kernels)
    assert other is not unfit
    np.testing.assert_array_equal(other, room)


@pytest.mark.parametrize(
    "change",
    [
        lambda h, codes, bias: (h[0], codes, bias),
        lambda h, codes, bias: (h.astype(np.float64), codes, bias),
        lambda h, codes, bias: (h, codes, np.broadcast_to(bias, (20, 300))),
        lambda h, codes, bias: (h * np.float32(1e30), codes, bias),
        lambda h, codes, bias: (h, codes * np.float32(1e30), bias),
        lambda h, codes, bias: (h, codes, bias * np.float32(1e38)),
        lambda h, codes, bias: (h, codes, np.full_like(bias, -math.inf)),
        lambda h, codes, bias: (h[:0], codes, bias),
    ],
)
def test_what_is_left_to_the_reference(kernels, rng, change):
    h, codes = drawn(rng, 20, 300, 8)
    h, codes, bias = change(h, codes, np.ones(300, np.float32))
    for metric in ("euclidean", "inner"):
        assert label_tiles.search(h, codes, metric, bias, 1, 100, kernels) is NotImplemented
        assert label_tiles.logsum(h, codes, metric, bias, 1.0, 100, kernels) is NotImplemented


def test_many_lowest_energies_are_left_to_the_reference(rng):
    h, codes = drawn(rng, 3, 300, 8)
    assert label_tiles.search(h, codes, "euclidean", None, 200, 100) is NotImplemented
    found, labels = xn.get_backend("numpy").ops.search_labels(h, codes, "euclidean", None, 200, 100)
    assert found.shape == labels.shape == (3, 200)


def test_threads_share_nothing(kernels, rng):
    questions = [tuple(drawn(rng, 30, 900, 7)) for _ in range(8)]

    def answer(question):
        return label_tiles.logsum(*question, "euclidean", None, 1.0, 10**6, kernels)[0]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(answer, questions))
    for question, found in zip(questions, together, strict=True):
        np.testing.assert_array_equal(found, answer(question))


# --- whether Numba is used -------------------------------------------------------------------------------------


@pytest.fixture
def asked_anew(monkeypatch):
    """As in a new process."""
    monkeypatch.delitem(sys.modules, "xpnet_numpy.label_tiles_fast", raising=False)
    monkeypatch.setattr(fast, "_compiled", fast._compiled.__wrapped__)


def test_numba_is_not_imported_for_small_label_sets(monkeypatch):
    monkeypatch.setattr(fast, "_compiled", lambda: pytest.fail("Numba was asked for"))
    assert fast.kernels(fast.NUMBERS - 1, "f") is None
    assert fast.kernels(fast.NUMBERS, "d") is None


def test_without_numba(monkeypatch, asked_anew):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert fast.kernels(fast.NUMBERS, "f") is None
    assert fast.told() == "numba is not installed; NumPy alone is used (pip install 'xpnet[fast]')"
    assert xn.get_backend("numpy").remarks() == [fast.told()]


def test_with_a_numba_that_fails(monkeypatch, asked_anew):
    def njit(**_):
        msg = "no code for this processor"
        raise OSError(msg)

    numba = SimpleNamespace(__version__="9", njit=njit, config=SimpleNamespace(DISABLE_JIT=0))
    monkeypatch.setitem(sys.modules, "numba", numba)
    assert fast.kernels(fast.NUMBERS, "f") is None
    assert fast.told() == "numba cannot be used, NumPy alone is: OSError: no code for this processor"
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert "NUMBA_DISABLE_JIT turns it off" in fast.told()


def test_a_numba_that_computes_something_else_is_not_used(monkeypatch, asked_anew):
    numba = SimpleNamespace(
        __version__="9", njit=lambda **_: lambda function: lambda *_: None, config=SimpleNamespace(DISABLE_JIT=0)
    )
    monkeypatch.setitem(sys.modules, "numba", numba)
    assert fast.kernels(fast.NUMBERS, "f") is None
    assert "ArithmeticError: compiled maxima or powers of two are wrong" in fast.told()


def test_without_a_place_for_a_cache(monkeypatch, asked_anew):
    numba = pytest.importorskip("numba", reason="numba is not installed: nothing compiled to test")

    def njit(cache=False, **options):
        if cache:
            msg = "cannot cache function: no locator available"
            raise RuntimeError(msg)
        return numba.njit(**options)

    monkeypatch.setitem(
        sys.modules, "numba", SimpleNamespace(__version__="9", njit=njit, config=SimpleNamespace(DISABLE_JIT=0))
    )
    assert fast.kernels(fast.NUMBERS, "f") is not None, fast.told()


@pytest.mark.parametrize("batch", [1, 2, 3])
@pytest.mark.parametrize("metric", ["euclidean", "inner"])
def test_few_samples_read_every_code_once(rng, batch, metric):
    pytest.importorskip("numba", reason="numba is not installed: nothing compiled to test")
    compiled, few = fast.kernels(fast.NUMBERS, "f"), import_module("xpnet_numpy.label_few_fast")
    h, codes = drawn(rng, batch, 5000, 9)
    h, codes = np.round(4 * h), np.round(4 * codes)  # whole numbers, so that there are ties
    bias = np.where(rng.random(5000) < 0.3, math.inf, 0.0).astype(np.float32)
    for offsets in (None, bias):
        energies = energies_of(h, codes, metric, offsets)
        found, labels = label_tiles.search(h, codes, metric, offsets, 1, 5000, compiled)
        np.testing.assert_array_equal(labels[:, 0], energies.argmin(axis=1))
        np.testing.assert_array_equal(found[:, 0], energies.min(axis=1))
        np.testing.assert_array_equal(few.best_of_few(h, codes, metric, offsets)[1], labels)
    found, labels = label_tiles.search(h, codes, metric, np.full(5000, math.inf, np.float32), 1, 5000, compiled)
    assert np.isposinf(found).all()
    assert not labels.any()
    for bad in (math.nan, math.inf):
        spoilt = codes.copy()
        spoilt[7, 3] = bad
        assert few.best_of_few(h, spoilt, metric, None) is None
        assert label_tiles.search(h, spoilt, metric, None, 1, 5000, compiled) is NotImplemented
