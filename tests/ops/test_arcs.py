"""The arcs of a trellis, against what they say."""

import array_api_compat.numpy as xp
import numpy as np

from xpnet.ops import arcs


def test_sums_and_products_and_their_pullbacks(rng):
    x, w, dy = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=(5, 2, 3))
    np.testing.assert_allclose(arcs.arcs_sum(xp, x, w), x[:, None, :] + w.T)
    np.testing.assert_allclose(arcs.arcs_product(xp, x, w), x[:, None, :] * w.T)
    np.testing.assert_allclose(arcs.arcs_sum_vjp_x(xp, dy), np.einsum("bji->bi", dy))
    np.testing.assert_allclose(arcs.arcs_sum_vjp_weight(xp, dy), np.einsum("bji->bij", dy))
    np.testing.assert_allclose(arcs.arcs_product_vjp_x(xp, dy, w), np.einsum("bji,ij->bi", dy, w))
    np.testing.assert_allclose(arcs.arcs_product_vjp_weight(xp, dy, x), np.einsum("bji,bi->bij", dy, x))
