"""Affine maps with their squashing function: equal to one after the other, bit for bit, and right in numbers."""

import array_api_compat.numpy as xp
import numpy as np
import pytest

from xpnet.ops import affine, linear, pointwise

FUNCTIONS = {
    "tanh": np.tanh,
    "scaled_tanh": lambda s: 1.7159 * np.tanh(2 * s / 3),
    "sigmoid": lambda s: 1 / (1 + np.exp(-s)),
    "relu": lambda s: np.where(s > 0, s, 0.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("lead", [(), (4,), (2, 3)])
def test_the_composite_is_one_after_the_other(rng, name, lead):
    x, weight, bias = rng.normal(size=(*lead, 5)), rng.normal(size=(3, 5)), rng.normal(size=3)
    whole = getattr(affine, f"affine_{name}")(xp, x, weight, bias)
    apart = getattr(pointwise, name)(xp, linear.linear(xp, x, weight, bias))
    np.testing.assert_array_equal(whole, apart)
    np.testing.assert_allclose(whole, FUNCTIONS[name](np.einsum("...i,oi->...o", x, weight) + bias), rtol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_its_pullback_needs_only_the_output(rng, name):
    """tanh_vjp and its like, then those of linear: against central differences."""
    x, weight, bias, dy = rng.normal(size=(4, 5)), rng.normal(size=(3, 5)), rng.normal(size=3), rng.normal(size=(4, 3))
    composite, step = getattr(affine, f"affine_{name}"), 1e-6
    before = getattr(pointwise, f"{name}_vjp")(xp, dy, composite(xp, x, weight, bias))
    up, down = (composite(xp, x, weight, bias + sign * step * np.eye(3)[1]) for sign in (1, -1))
    slope = ((up - down) * dy).sum() / (2 * step)
    assert linear.linear_vjp_bias(xp, before)[1] == pytest.approx(slope, rel=1e-6)
