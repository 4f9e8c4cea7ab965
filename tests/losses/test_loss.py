"""Every loss: the module contract, hard and soft labels, forbidden answers, labels that point nowhere."""

import numpy as np
import pytest
from loss_cases import VARIANTS, energies_of

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.losses import Loss
from xpnet.testing import check_module, draws


@pytest.fixture(params=VARIANTS)
def loss(request):
    return VARIANTS[request.param]()


LEADS = [(), (0,)]  # the checker adds lead axes that broadcast


def test_keeps_the_contract_with_integer_labels(loss, backend):
    how = [energies_of(loss), draws.integers(3)]
    assert check_module(loss, [(3,), ()], backend=backend, leads=LEADS, draws=how)


@pytest.mark.parametrize("count", [1, 2])
def test_keeps_the_contract_with_few_answers(loss, numpy64, count):
    how = [energies_of(loss), draws.integers(count)]
    assert check_module(loss, [(count,), ()], backend=numpy64, leads=LEADS, draws=how)


def test_keeps_the_contract_with_desired_distributions(loss, backend):
    how = [energies_of(loss), draws.distribution]
    assert check_module(loss, [(3,), (3,)], backend=backend, leads=LEADS, draws=how)


def run(loss, energies, label):
    energies, label, out = xn.State(energies), xn.State(label, fixed=True), xn.State()
    loss.fprop(energies, label, out)
    out.accumulate(np.ones_like(out.x))
    loss.bprop(energies, label, out)
    return out.x, energies.dx


def test_a_soft_label_is_the_mean_over_hard_ones(loss, numpy64, rng):
    energies = rng.uniform(0.2, 2.0, size=(3, 4))
    desired = draws.distribution(rng, (3, 4))
    each = [run(loss, energies, np.full(3, y)) for y in range(4)]
    value, dx = run(loss, energies, desired)
    np.testing.assert_allclose(value, sum(desired[:, y] * each[y][0] for y in range(4)), rtol=1e-13)
    np.testing.assert_allclose(dx, sum(desired[:, [y]] * each[y][1] for y in range(4)), rtol=1e-12, atol=1e-14)


def test_forbidden_answers_cost_nothing_unless_desired(loss, numpy64):
    energies = np.asarray([[1.0, np.inf, 2.0], [np.inf, 1.0, 2.0], [np.inf, np.inf, np.inf]])
    value, dx = run(loss, energies, np.asarray([0, 0, 0]))
    alone, alone_dx = run(loss, np.asarray([[1.0, 2.0]]), np.asarray([0]))
    np.testing.assert_allclose(value, [alone[0], np.inf, np.inf])
    np.testing.assert_allclose(dx[0], [alone_dx[0, 0], 0, alone_dx[0, 1]])
    np.testing.assert_array_equal(dx[1:], 0)


def test_a_label_that_points_nowhere_is_seen(loss, numpy64):
    value, _ = run(loss, np.ones((2, 3)), np.asarray([3, -1]))
    assert np.isnan(value).all()


def test_a_distribution_of_the_wrong_length_is_refused(loss, numpy64):
    with pytest.raises(ShapeError, match="distribution over the 3 answers"):
        run(loss, np.ones((2, 3)), np.ones((2, 4)))


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_extreme_energies_give_no_nan(loss, backend, scale):
    energies = backend.asarray([[1.0, -1.0, 0.5], [0.1, 0.2, 0.3], [-1.0, 1.0, 1.0]]) * scale
    if type(loss).__name__.startswith("Square"):
        energies = abs(energies) if scale < 1e10 else abs(energies) / 1e18  # their squares have to fit
    state, label, out = xn.State(energies), xn.State(backend.indices([0, 1, 2]), fixed=True), xn.State()
    loss.bind(backend)
    loss.fprop(state, label, out)
    out.accumulate(backend.ones((3,)))
    loss.bprop(state, label, out)
    assert np.isfinite(backend.to_numpy(out.x)).all()
    assert np.isfinite(backend.to_numpy(state.dx)).all()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_nan_among_the_energies_is_seen(loss, numpy64, place):
    """Of the desired answer (0), or of any other where others count."""
    energies = np.asarray([[0.5, 9.0, 9.5]])
    energies[0, place] = np.nan
    value, _ = run(loss, energies, np.asarray([0]))
    assert np.isnan(value).all() or (type(loss).__name__ == "EnergyLoss" and place > 0)


def test_where_rivals_suffice_no_other_energy_counts(loss, numpy64, rng):
    energies, label = np.sort(rng.uniform(0.2, 2.0, size=(4, 7)), axis=-1), np.asarray([0, 1, 3, 6])
    pair = np.stack([energies[range(4), label], energies[range(4), [1, 0, 0, 0]]], axis=-1)
    value, dx = run(loss, energies, label)
    alone, slopes = run(loss, pair, np.zeros(4, int))
    wanted = np.zeros_like(energies)
    wanted[range(4), label], wanted[range(4), [1, 0, 0, 0]] = slopes.T
    same = np.allclose(value, alone, rtol=1e-13) and np.allclose(dx, wanted, rtol=1e-12)
    assert same is loss.rivals_suffice


def test_a_loss_of_all_energies_is_the_rule():
    assert Loss.rivals_suffice is False
