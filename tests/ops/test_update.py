"""The update formula against torch's optimizer and gblearn2's own formula."""

import numpy as np
import pytest


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("inertia", [0.0, 0.9])
def test_ten_steps_against_gblearn2s_formula(backend, close, rng, decay, inertia):
    x = rng.normal(size=5).astype(backend.dtype_name)
    exact, mean = x.astype(np.float64), np.zeros(5)
    here, deltas = backend.asarray(x.copy()), backend.zeros((5,)) if inertia else None
    for _ in range(10):
        dx = rng.normal(size=5).astype(backend.dtype_name)
        gradient = dx + decay * exact
        mean = (1 - inertia) * gradient + inertia * mean
        exact = exact - 0.3 * mean
        here, deltas = backend.ops.sgd(here, backend.asarray(dx), deltas, 0.3, decay, inertia)
    close(here, exact, factor=4)
    if inertia:
        close(deltas, mean, factor=4)
    else:
        assert deltas is None


def test_weight_decay_against_torch(backend, close, torch, rng):
    x, dx = (rng.normal(size=4).astype(backend.dtype_name) for _ in range(2))
    leaf = torch.nn.Parameter(torch.tensor(x.astype(np.float64)))
    leaf.grad = torch.tensor(dx.astype(np.float64))
    torch.optim.SGD([leaf], lr=0.2, weight_decay=0.05).step()
    after, _ = backend.ops.sgd(backend.asarray(x), backend.asarray(dx), None, 0.2, 0.05, 0.0)
    close(after, leaf.detach().numpy())
