"""Losses of the gap E_C - E_I by hand, also where exp would overflow."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.losses import HingeLoss, MceLoss, SoftHingeLoss
from xpnet.losses.gap import sigmoid


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (HingeLoss(margin=2.0), lambda g: np.maximum(0, 2 + g)),
        (SoftHingeLoss(), lambda g: np.logaddexp(0, g)),
        (MceLoss(), lambda g: 1 / (1 + np.exp(-np.clip(g, -500, 500)))),
    ],
)
def test_values(backend, close, loss, expected):
    gaps = np.asarray([-1e4, -30.0, -2.0, -1.0, 0.0, 0.5, 30.0, 1e4])
    energies = np.stack([gaps, np.zeros_like(gaps), np.full_like(gaps, 2e4)], axis=-1)
    out = xn.State()
    loss.bind(backend).fprop(xn.State(backend.asarray(energies)), xn.State(backend.indices([0] * 8)), out)
    close(out.x, expected(gaps))


def test_the_sigmoid_at_the_ends(backend, close):
    close(sigmoid(backend.xp, backend.asarray([-np.inf, -1e30, 0.0, 1e30, np.inf])), [0, 0, 0.5, 1, 1])


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan"), float("inf")])
def test_a_margin_must_be_positive(margin):
    with pytest.raises(ShapeError, match="margin must be finite and positive"):
        HingeLoss(margin=margin)
