"""Momentum: its path by hand and beside torch's, its speed, and rates that are too large."""

import numpy as np
import pytest
from valleys import Barrier, DoubleWell, Quadratic

from xpnet.errors import RecipeError
from xpnet.inference.descent import descend
from xpnet.inference.momentum import Momentum

VALLEY = Quadratic([1.0, 100.0], [2.0, -1.0])


def after(steps, method, start=(0.0, 0.0)):
    return descend(VALLEY, [None], np.asarray(start), method=method, steps=steps, tolerance=0.0).value


def by_hand(steps, rate, momentum, nesterov):
    """y and v as in Sutskever et al. 2013; nesterov: the gradient at y + μ v, which is the point that is reported."""
    c, m = np.asarray([1.0, 100.0]), np.asarray([2.0, -1.0])
    y, v = np.zeros(2), np.zeros(2)
    for _ in range(steps):
        v = momentum * v - rate * c * (y + nesterov * momentum * v - m)
        y = y + v
    return y + nesterov * momentum * v


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3, 20])
def test_the_path_by_hand(numpy64, steps, nesterov):
    found = after(steps, Momentum(0.004, 0.8, nesterov=nesterov))
    np.testing.assert_allclose(found, by_hand(steps, 0.004, 0.8, nesterov), rtol=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_path_is_torchs(numpy64, torch, nesterov):
    y = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    theirs = torch.optim.SGD([y], lr=0.004, momentum=0.8, nesterov=nesterov)
    for _ in range(15):
        theirs.zero_grad()
        (0.5 * (y[0] - 2.0) ** 2 + 50.0 * (y[1] + 1.0) ** 2).backward()
        theirs.step()
    # torch lets the first v be the gradient itself and applies the rate outside: the same path at a constant rate.
    np.testing.assert_allclose(after(15, Momentum(0.004, 0.8, nesterov=nesterov)), y.detach().numpy(), rtol=1e-10)


@pytest.mark.parametrize("nesterov", [False, True])
def test_faster_than_without_on_an_ill_conditioned_valley(backend, nesterov):
    def run(momentum):
        method = Momentum(0.01, momentum, nesterov=nesterov)
        return descend(VALLEY, [None], [0.0, 0.0], method=method, steps=3000, tolerance=1e-3)

    plain, rolling = run(0.0), run(0.8)
    assert bool(plain.converged)
    assert bool(rolling.converged)
    assert 3 * int(rolling.steps) < int(plain.steps)
    np.testing.assert_allclose(backend.to_numpy(rolling.value), [2.0, -1.0], atol=2e-3)


def test_a_step_to_nowhere_is_refused_at_half_the_rate(numpy64):
    """E = y - log y from 2, where dE/dy = ½: rate 8 leads to -2, 4 to 0, and 2 to the minimum. Another waits there."""
    found = [descend(Barrier(), [None], [[2.0], [1.0]], method=Momentum(8.0, 0.0), steps=k) for k in range(4)]
    assert [each.value.ravel().tolist() for each in found] == [[2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [1.0, 1.0]]
    assert found[3].steps.tolist() == [3, 0]
    assert found[3].converged.all()


def test_what_is_refused_leaves_no_velocity(numpy64):
    """From 4 at rate 3.6: by v = -2.7 to 1.3; by -1.35 - 0.83 beyond the barrier; then at rest and by rate 1.8."""
    found = [descend(Barrier(), [None], [4.0], method=Momentum(3.6, 0.5), steps=k) for k in range(4)]
    assert [float(each.value[0]) for each in found] == pytest.approx([4.0, 1.3, 1.3, 1.3 - 1.8 * (1.0 - 1.0 / 1.3)])


def test_a_rate_too_large_does_not_converge_and_does_not_fail(numpy64):
    found = descend(DoubleWell(), [None], [3.0], method=Momentum(1.0), steps=60)
    assert np.isfinite(found.energy)
    far = descend(Quadratic([1.0], [0.0]), [None], [1.0], method=Momentum(5.0, 0.0), steps=50)
    assert not far.converged
    assert far.energy > 1.0  # it says where it is, not that it is good


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_what_is_no_rate(rate):
    with pytest.raises(RecipeError, match=f"rate of Momentum must be finite and above 0; got {rate!r}"):
        Momentum(rate)


@pytest.mark.parametrize("momentum", [1.0, -0.1, float("nan")])
def test_what_is_no_momentum(momentum):
    with pytest.raises(RecipeError, match=rf"momentum must be in \[0, 1\); got {momentum!r}"):
        Momentum(0.1, momentum)
