"""CTC as path summation: the numbers of TensorFlow's and gtn's tests, and counting."""

import itertools

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError
from xpnet.machines.ctc import Ctc, ctc_arcs

# gtn, test/criterion_test.cpp, after TensorFlow's ctc_loss_op_test: probabilities of 6 symbols, the last one blank, and
# the gradients with respect to what the softmax is taken of.
FIRST = np.asarray([
    [0.633766, 0.221185, 0.0917319, 0.0129757, 0.0142857, 0.0260553],
    [0.111121, 0.588392, 0.278779, 0.0055756, 0.00569609, 0.010436],
    [0.0357786, 0.633813, 0.321418, 0.00249248, 0.00272882, 0.0037688],
    [0.0663296, 0.643849, 0.280111, 0.00283995, 0.0035545, 0.00331533],
    [0.458235, 0.396634, 0.123377, 0.00648837, 0.00903441, 0.00623107],
])  # fmt: skip
SECOND = np.asarray([
    [0.30176, 0.28562, 0.0831517, 0.0862751, 0.0816851, 0.161508],
    [0.24082, 0.397533, 0.0557226, 0.0546814, 0.0557528, 0.19549],
    [0.230246, 0.450868, 0.0389607, 0.038309, 0.0391602, 0.202456],
    [0.280884, 0.429522, 0.0326593, 0.0339046, 0.0326856, 0.190345],
    [0.423286, 0.315517, 0.0338439, 0.0393744, 0.0339315, 0.154046],
])  # fmt: skip
# Each has a single path (with T = 5 nothing is left to choose), so the gradients differ from p by one in each row.
FIRST_PATH, SECOND_PATH = [0, 1, 2, 1, 0], [0, 1, 5, 1, 0]


def loss_and_posteriors(backend, p, target, blank, beta=1.0):
    machine, energies, loss = Ctc(target, blank, beta).bind(backend), xn.State(backend.asarray(-np.log(p))), xn.State()
    machine.fprop(energies, loss)
    loss.accumulate(backend.xp.ones_like(loss.x))
    machine.bprop(energies, loss)
    return backend.to_numpy(loss.x), backend.to_numpy(energies.dx)


@pytest.mark.parametrize(
    ("p", "target", "published", "path"),
    [(FIRST, [0, 1, 2, 1, 0], 3.34211, FIRST_PATH), (SECOND, [0, 1, 1, 0], 5.42262, SECOND_PATH)],
)
def test_published_losses_and_gradients(backend, p, target, published, path):
    loss, posterior = loss_and_posteriors(backend, p, target, blank=5)
    assert loss == pytest.approx(published, abs=1e-5)
    expected = p.copy()
    expected[np.arange(5), path] -= 1.0
    np.testing.assert_allclose(p - posterior, expected, atol=1e-5)


def test_uniform_symbols(backend):
    loss, _ = loss_and_posteriors(backend, np.full((3, 4), 0.25), [1, 2], blank=3)
    assert loss == pytest.approx(-np.log(0.25**3 * 5), rel=1e-6)


def spelled(path, blank):
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != blank]


@pytest.mark.parametrize("target", [[], [0], [0, 0], [0, 1], [1, 0, 1], [0, 1, 2], [1, 1, 0]])
@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_the_loss_is_that_of_all_paths_that_spell_the_target(numpy64, target, beta):
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), size=5)
    loss, posterior = loss_and_posteriors(numpy64, p, target, blank=3, beta=beta)
    paths = [path for path in itertools.product(range(4), repeat=5) if spelled(path, 3) == target]
    weights = np.asarray([np.prod(p[np.arange(5), path]) ** beta for path in paths])
    assert loss == pytest.approx(-np.log(weights.sum()) / beta, rel=1e-12)
    expected = np.zeros((5, 4))
    for path, weight in zip(paths, weights / weights.sum(), strict=True):
        expected[np.arange(5), path] += weight
    np.testing.assert_allclose(posterior, expected, atol=1e-12)


def test_batches(backend):
    loss, posterior = loss_and_posteriors(backend, np.stack([FIRST, SECOND]), [0, 1], blank=5)
    for k, p in enumerate((FIRST, SECOND)):
        alone, dx = loss_and_posteriors(backend, p, [0, 1], blank=5)
        assert loss[k] == pytest.approx(alone, rel=1e-6)
        np.testing.assert_allclose(posterior[k], dx, atol=1e-6)


def test_too_few_steps_are_impossible(backend):
    loss, posterior = loss_and_posteriors(backend, np.full((2, 3), 1 / 3), [0, 0], blank=2)
    assert np.isposinf(loss)
    assert (posterior == 0).all()


def test_equal_neighbours_need_a_blank_between():
    assert ctc_arcs([2, 0, 2, 0, 2], blank=2)[1] == [np.inf, 0.0, 0.0, np.inf, np.inf]
    assert ctc_arcs([2, 0, 2, 1, 2], blank=2)[1] == [np.inf, 0.0, 0.0, 0.0, np.inf]


def test_a_blank_in_the_target_is_an_error():
    with pytest.raises(LabelError, match="other than the blank, 3"):
        Ctc([0, 3], blank=3)


def test_torch_agrees(numpy64, torch):
    rng = np.random.default_rng(1)
    scores = torch.tensor(rng.normal(size=(9, 1, 6)), requires_grad=True)
    logp = torch.log_softmax(scores, -1)
    expected = torch.nn.functional.ctc_loss(
        logp, torch.tensor([[1, 2, 2, 4]]), torch.tensor([9]), torch.tensor([4]), blank=0, reduction="sum"
    )
    loss, _ = loss_and_posteriors(numpy64, np.exp(logp.detach().numpy()[:, 0]), [1, 2, 2, 4], blank=0)
    assert loss == pytest.approx(expected.item(), rel=1e-9)
