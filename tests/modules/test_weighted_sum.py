"""Weighted sums: separate experts and stacked rows agree; what does not fit is refused."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError
from xpnet.modules import WeightedRows, WeightedSum


def test_rows_and_separate_parts_agree(backend, rng):
    u, parts = backend.asarray(rng.normal(size=(5, 3))), [backend.asarray(rng.normal(size=(5, 2))) for _ in range(3)]
    dy = backend.asarray(rng.normal(size=(5, 2)))
    weights, experts, f = xn.State(u), [xn.State(part) for part in parts], xn.State()
    again, rows, g = xn.State(u), xn.State(backend.xp.stack(parts, axis=-2)), xn.State()
    for module, ports in ((WeightedSum(), (weights, *experts, f)), (WeightedRows(), (again, rows, g))):
        module.bind(backend).fprop(*ports)
        ports[-1].accumulate(dy)
        ports[-1].accumulate_ddx(dy)
        module.bprop(*ports)
        module.bbprop(*ports)
    for a, b in ((f.x, g.x), (weights.dx, again.dx), (weights.ddx, again.ddx)):
        np.testing.assert_allclose(backend.to_numpy(a), backend.to_numpy(b), rtol=1e-5)
    for k, expert in enumerate(experts):
        np.testing.assert_allclose(backend.to_numpy(expert.dx), backend.to_numpy(rows.dx[:, k, :]), rtol=1e-6)


def test_one_weight_for_each_part(numpy64):
    with pytest.raises(ShapeError, match=r"one weight for each of its 2 experts; got \(3,\)"):
        WeightedSum().fprop(*(xn.State(np.ones(3)) for _ in range(3)), xn.State())
    with pytest.raises(ShapeError, match="one weight for each row"):
        WeightedRows().fprop(xn.State(np.ones(3)), xn.State(np.ones((2, 4))), xn.State())
    with pytest.raises(ShapeError, match="0 experts"):
        WeightedSum().fprop(xn.State(np.ones(3)), xn.State())


def test_dtypes_do_not_mix(numpy64):
    with pytest.raises(PlacementError):
        WeightedSum().fprop(xn.State(np.ones(1)), xn.State(np.ones(2, dtype="float32")), xn.State())
