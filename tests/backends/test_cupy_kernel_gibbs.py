"""Kernels of the Gibbs distribution where β is 0 or infinite, or not a number that they are made for."""

import math

import array_api_compat.numpy as xp
import numpy as np
import pytest
from cuda_shim import ShimBackend, compiler

from xpnet.ops import REFERENCE

pytestmark = pytest.mark.skipif(compiler() is None, reason="g++ is not installed: kernels cannot be run on the CPU")
ENERGIES = np.array(
    [
        [0.5, -1.0, 2.0, -1.0],
        [math.inf, 0.0, 1.0, 0.0],
        [math.inf] * 4,
        [-math.inf, 0.0, 1.0, -math.inf],
        [-math.inf] * 4,
        [math.nan, 0.0, 1.0, 2.0],
        [-math.inf, math.inf, math.nan, 0.0],
        [-1e30, 1e30, 0.0, 3.0],
    ]
)
LABELS = np.array([1, 0, 2, 0, 3, 1, -1, 4])


@pytest.mark.parametrize(
    ("name", "beta"),
    [
        (name, beta)
        for name in ("softmax", "logsum", "logsum_vjp", "softmax_vjp", "likelihood")
        for beta in (0.0, math.inf, -math.inf, 1.0, -2.0, 1e-20)
        if (name, beta) != ("likelihood", 0.0)  # which divides by β
    ],
)
def test_special_betas_are_those_of_the_reference(name, beta):
    dy = np.linspace(-1, 1, len(ENERGIES))
    args = {
        "logsum_vjp": (dy, ENERGIES),
        "softmax_vjp": (ENERGIES[:7], np.full((7, 4), 0.25)),
        "likelihood": (ENERGIES, LABELS),
    }.get(name, (ENERGIES,))
    with np.errstate(all="ignore"):
        wanted = REFERENCE[name](xp, *args, beta)
        found = getattr(ShimBackend(dtype="float64").ops, name)(*args, beta)
    for one, other in zip(*(each if isinstance(each, tuple) else (each,) for each in (wanted, found)), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", ["softmax", "logsum"])
@pytest.mark.parametrize("beta", [np.asarray(0.5), 1, 1e-32])
def test_other_betas_are_left_to_the_reference(name, beta):
    backend = ShimBackend(dtype="float64")
    x = ENERGIES[:1]
    np.testing.assert_array_equal(getattr(backend.ops, name)(x, beta), REFERENCE[name](xp, x, beta))
    assert not backend.launch.launched


def test_long_rows_pass_through_a_block_in_turns():
    x = np.random.default_rng(0).normal(size=(3, 1000)).astype("float32")
    wanted = REFERENCE["softmax"](xp, x.astype("float64"), 2.0)
    np.testing.assert_allclose(ShimBackend().ops.softmax(x, 2.0), wanted, rtol=3e-6)
