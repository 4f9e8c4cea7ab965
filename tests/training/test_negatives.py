"""Sampled negatives: an unbiased sum over all labels, exact with all of them, the same draws everywhere."""

import itertools

import numpy as np
import pytest
from label_cases import KINDS, B, K, one_step, problem, same_step, trainer_of

import xpnet as xn
from xpnet.errors import LabelError
from xpnet.losses import HingeLoss, MeeLoss, NegativeLogLikelihood
from xpnet.training import negatives as source
from xpnet.training.negatives import SampledNegatives

WEIGHTS = [3.0, 1.0, 0.5, 2.0, 1.5]


@pytest.fixture
def given(rng):
    return problem(rng)


class Forced:
    """A generator that draws what it is told."""

    def __init__(self, draws):
        self.draws = np.asarray(draws)

    def choice(self, n, count, replace):
        assert not replace
        return self.draws[:count]

    def random(self, count):
        return self.draws[:count]


def partition(drawn, energies, beta):
    """The estimate of Σ_k exp(-β E_k), for each sample."""
    pool = energies[:, drawn.ids] + drawn.offsets
    return np.exp(-beta * pool).sum(axis=-1)


@pytest.mark.parametrize("beta", [1.0, 2.5])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_without_repetition_the_expected_sum_is_the_sum(numpy64, rng, monkeypatch, count, beta):
    """The mean over all possible draws, exactly; samples 0 and 1 share a label, which may be drawn by accident."""
    label, energies = np.asarray([2, 2, 0]), rng.normal(size=(3, 5))
    found = []
    for draws in itertools.combinations(range(5), count):
        monkeypatch.setattr(source, "stream", lambda *keys, draws=draws: Forced(draws))
        found.append(partition(SampledNegatives(count).draw(numpy64, label, 5, beta), energies, beta))
    np.testing.assert_allclose(np.mean(found, axis=0), np.exp(-beta * energies).sum(axis=-1), rtol=1e-12)
    assert count == 5 or np.std(found, axis=0).min() > 0


@pytest.mark.parametrize("beta", [1.0, 2.5])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_with_repetition_the_expected_sum_is_the_sum(numpy64, rng, monkeypatch, count, beta):
    label, energies = np.asarray([2, 2, 0]), rng.normal(size=(3, 5))
    p = np.asarray(WEIGHTS) / sum(WEIGHTS)
    middle = np.cumsum(p) - p / 2  # a number that draws each label
    total = 0.0
    for draws in itertools.product(range(5), repeat=count):
        monkeypatch.setattr(source, "stream", lambda *keys, draws=draws: Forced(middle[list(draws)]))
        drawn = SampledNegatives(count, WEIGHTS).draw(numpy64, label, 5, beta)
        total = total + np.prod(p[list(draws)]) * partition(drawn, energies, beta)
    np.testing.assert_allclose(total, np.exp(-beta * energies).sum(axis=-1), rtol=1e-12)


def test_draws_follow_the_proposal(numpy64):
    counts, negatives = np.zeros(5), SampledNegatives(50, [4.0, 0.0, 1.0, 0.0, 5.0])
    for _ in range(100):
        drawn = negatives.draw(numpy64, np.asarray(0), 5, 1.0)
        times = (
            50 * np.asarray([0.4, 1, 0.1, 1, 0.5])[drawn.ids[1:]] * np.exp(-drawn.offsets[1:])
        )  # its own one is left
        counts[drawn.ids[1:]] += times
    counts[0] = 5000 - counts.sum()
    np.testing.assert_allclose(counts / 5000, [0.4, 0, 0.1, 0, 0.5], atol=0.03)


def test_the_pool_by_hand(numpy64, monkeypatch):
    monkeypatch.setattr(source, "stream", lambda *keys: Forced([7, 3, 5]))
    drawn = SampledNegatives(3).draw(numpy64, np.asarray([3, 8, 10]), 10, beta=2.0)
    out = np.log(3 / 10) / 2  # each of 10 labels is expected 0.3 times
    assert drawn.ids.tolist() == [3, 5, 7, 8]
    assert drawn.position.tolist() == [0, 3, 4]  # 10 is junk, which stands behind
    np.testing.assert_allclose(drawn.offsets, [[0, out, out, np.inf], [out, out, out, 0], [out, out, out, np.inf]])


def test_without_a_sum_there_is_no_correction(numpy64, monkeypatch):
    monkeypatch.setattr(source, "stream", lambda *keys: Forced([1, 2]))
    drawn = SampledNegatives(2).draw(numpy64, np.asarray([0, 1]), 10, beta=None)
    assert drawn.offsets.tolist() == [[0, 0, 0], [np.inf, 0, 0]]


# --- in learning ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [1.0, 2.5])
def test_the_likelihood_is_of_the_estimated_sum(numpy64, given, beta):
    trainer = trainer_of("euclidean", loss=NegativeLogLikelihood(beta))
    energies = trainer.run(given.x, given.y)[1]
    drawn = SampledNegatives(5, seed=2).draw(numpy64, given.label, K, beta)
    wanted = energies[range(B), given.label] + np.log(partition(drawn, energies, beta)) / beta
    loss, _ = one_step(trainer, given.x, given.label, given.y, negatives=SampledNegatives(5, seed=2))
    assert loss == pytest.approx(wanted.mean(), rel=1e-12)


def test_the_hinge_is_of_the_lowest_that_was_drawn(numpy64, given):
    trainer = trainer_of("euclidean", loss=HingeLoss(50.0))
    energies = trainer.run(given.x, given.y)[1]
    drawn = SampledNegatives(5, seed=2).draw(numpy64, given.label, K, None)
    pool = energies[:, drawn.ids] + drawn.offsets
    pool[range(B), drawn.position] = np.inf
    wanted = (50.0 + energies[range(B), given.label] - pool.min(axis=-1)).mean()
    loss, _ = one_step(trainer, given.x, given.label, given.y, negatives=SampledNegatives(5, seed=2))
    assert loss == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize(
    "loss", [NegativeLogLikelihood(), NegativeLogLikelihood(2.0), MeeLoss(), HingeLoss()], ids=repr
)
@pytest.mark.parametrize("kind", KINDS)
def test_with_all_labels_the_step_is_exact(numpy64, given, kind, loss, junk):
    label = given.label.copy()
    if junk:
        label[1:3] = -1, K
    for mask, learned in itertools.product((None, given.mask, given.masks), (False, True)):
        made = {"loss": loss, "junk": junk, "learned": given.y if learned else None}
        y = None if learned else given.y
        drawn = one_step(trainer_of(kind, **made), given.x, label, y, mask=mask, negatives=SampledNegatives(K))
        same_step(drawn, one_step(trainer_of(kind, **made), given.x, label, y, mask=mask))


def test_all_labels_on_every_backend(backend, given):
    drawn = one_step(trainer_of("joint", junk=True), given.x, given.label, given.y, negatives=SampledNegatives(K))
    whole = one_step(trainer_of("joint", junk=True), given.x, given.label, given.y)
    same_step(drawn, whole, 2e-5 if backend.dtype_name == "float32" else 1e-11)


def test_a_single_sample(numpy64, given):
    alone = one_step(trainer_of("joint"), given.x[0], 3, given.y, negatives=SampledNegatives(4))
    same_step(alone, one_step(trainer_of("joint"), given.x[:1], [3], given.y, negatives=SampledNegatives(4)))


def test_a_label_set_that_would_be_streamed_is_not(numpy64, given):
    one, other = (
        one_step(trainer_of("joint", memory), given.x, given.label, given.y, negatives=SampledNegatives(4))
        for memory in (1, "1 GiB")
    )
    same_step(one, other)


@pytest.mark.parametrize("proposal", [None, np.arange(1.0, K + 1)])
def test_draws_are_the_same_on_every_backend_and_go_on_from_a_step(backend, numpy64, given, proposal):
    here, there = SampledNegatives(5, proposal, seed=3), SampledNegatives(5, proposal, seed=3)
    pools = []
    for _ in range(4):
        one = here.draw(backend, backend.indices(given.label), K, 1.0)
        other = there.draw(numpy64, given.label, K, 1.0)
        assert backend.to_numpy(one.ids).tolist() == other.ids.tolist()
        assert backend.to_numpy(one.position).tolist() == other.position.tolist()
        assert one.offsets.dtype == backend.dtype
        pools.append(other.ids.tolist())
    assert len({tuple(pool) for pool in pools}) > 1
    assert here.step == 4
    resumed = SampledNegatives(5, proposal, seed=3, step=2)
    assert resumed.draw(numpy64, given.label, K, 1.0).ids.tolist() == pools[2]
    assert SampledNegatives(5, proposal, seed=4).draw(numpy64, given.label, K, 1.0).ids.tolist() != pools[0]


@pytest.mark.parametrize("weights", [None, np.arange(60.0) + 20])
def test_learning_comes_near_the_full_loss(numpy64, weights):
    """60 labels, 8 negatives a step: the full loss falls almost as far as with all labels."""
    draws = np.random.default_rng(0)
    codes = draws.normal(size=(60, 6))
    label = draws.integers(60, size=240)
    x = codes[label] @ draws.normal(size=(6, 5)) + 0.1 * draws.normal(size=(240, 5))
    losses = []
    for negatives in (None, SampledNegatives(8, weights)):
        trainer = xn.Trainer(xn.Linear(5, 6), xn.modules.InnerProduct())
        for step in range(150):
            part = slice(40 * (step % 6), 40 * (step % 6) + 40)
            trainer.learn_sample(x[part], label[part], codes, learning_rate=0.1, negatives=negatives)
        losses.append(one_step(trainer, x, label, codes)[0])
    start = one_step(xn.Trainer(xn.Linear(5, 6), xn.modules.InnerProduct()), x, label, codes)[0]
    assert losses[0] < losses[1] + 1e-3
    assert start - losses[1] > 0.95 * (start - losses[0])


# --- errors -----------------------------------------------------------------------------------------------


def test_labels_that_negatives_cannot_be_drawn_for(numpy64, given):
    trainer = trainer_of("euclidean")
    words = r"negatives are drawn from one label set \(K, \.\.\.\) for all samples, and labels are integers into it"
    for label, codes, desired in (
        (given.label, given.own, None),
        (np.full((B, K), 1.0 / K), given.y, None),
        (None, given.y, given.desired),
    ):
        with pytest.raises(LabelError, match=words):
            trainer.learn_sample(
                given.x, label, codes, learning_rate=0.1, desired=desired, negatives=SampledNegatives(3)
            )


@pytest.mark.parametrize("count", [0, -1, 11])
def test_counts_that_cannot_be_drawn(numpy64, count):
    told = "between 1 and 10 negatives can be drawn of 10 labels; got count=11" if count > 0 else "at least 1; got"
    with pytest.raises(LabelError, match=told):
        SampledNegatives(count).draw(numpy64, np.asarray([1]), 10, 1.0)


@pytest.mark.parametrize(
    ("count", "weights"),
    [(3, np.ones(9)), (3, np.ones((10, 1))), (3, np.zeros(10)), (3, -np.ones(10)), (3, [np.nan] * 10),
     (3, [np.inf] + [1.0] * 9), (3, [2.0, -1.0] + [1.0] * 8)],
)  # fmt: skip
def test_proposals_that_are_none(numpy64, count, weights):
    with pytest.raises(
        LabelError, match="a proposal is 10 weights, none negative and some positive, and count at least"
    ):
        SampledNegatives(count, weights).draw(numpy64, np.asarray([1]), 10, 1.0)


def test_another_label_set_needs_another_proposal(numpy64):
    negatives = SampledNegatives(3, np.ones(10))
    negatives.draw(numpy64, np.asarray([1]), 10, 1.0)
    with pytest.raises(LabelError, match="a proposal is 12 weights"):
        negatives.draw(numpy64, np.asarray([1]), 12, 1.0)


def test_the_last_label_is_drawn_up_to_the_end(numpy64, monkeypatch):
    """Rounding of the cumulated weights leaves no gap below 1, and a label of weight 0 is never drawn."""
    monkeypatch.setattr(source, "stream", lambda *keys: Forced([np.nextafter(1.0, 0.0), 0.0]))
    drawn = SampledNegatives(2, [0.0, *[0.1] * 10, 0.0]).draw(numpy64, np.asarray([3]), 12, 1.0)
    assert drawn.ids.tolist() == [1, 3, 10]
