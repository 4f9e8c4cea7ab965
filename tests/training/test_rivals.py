"""Losses that look at the lowest energies only: over tiles, the desired answer and its rival are enough."""

import itertools

import numpy as np
import pytest
from label_cases import KINDS, TILED, B, K, loss_of, one_step, problem, same_step, trainer_of, twin_of

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError
from xpnet.inference.label_stream import LabelStream
from xpnet.losses import LOSSES, HingeLoss, Loss, NegativeLogLikelihood
from xpnet.training.rivals import rivals_of

NAMES = sorted(name for name, loss in LOSSES.items() if loss.rivals_suffice)


@pytest.fixture
def given(rng):
    return problem(rng)


def both(kind, given, codes, mask, *, loss, learned=False, label=None, desired=None, junk=False):
    """The same step on tiles and on all energies at once."""
    made = {"learned": codes if learned else None, "loss": loss_of(loss), "junk": junk}
    y = None if learned else codes
    tiled, whole = trainer_of(kind, TILED, **made), trainer_of(kind, **made)
    answer = None if desired is not None else given.label if label is None else label
    found = [one_step(each, given.x, answer, y, mask=mask, desired=desired) for each in (tiled, whole)]
    assert tiled.energies.x.shape[-1] <= 3, "this was not streamed"
    assert whole.energies.x.shape[-1] >= K
    return found


def test_all_shipped_losses_can_be_streamed():
    assert {*NAMES, "NegativeLogLikelihood", "MeeLoss"} == set(LOSSES)


@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_step_as_with_all_energies(numpy64, given, kind, loss, junk):
    label = given.label.copy()
    if junk:
        label[:2] = -1, K
    for (codes, mask), learned in itertools.product(given.settings.values(), (False, True)):
        if not (learned and codes is given.own):
            same_step(*both(kind, given, codes, mask, learned=learned, label=label, loss=loss, junk=junk))


@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_desired_answer_beside_the_set_is_one_more_candidate(numpy64, given, kind, loss, junk):
    for codes, mask in given.settings.values():
        found = both(kind, given, codes, mask, loss=loss, junk=junk, desired=given.desired)
        joined = np.concatenate([np.broadcast_to(codes, (B, K, 4)), given.desired[:, None]], axis=1)
        more = None if mask is None else np.concatenate([np.broadcast_to(mask, (B, K)), np.ones((B, 1), bool)], axis=1)
        wanted = one_step(trainer_of(kind, loss=loss_of(loss), junk=junk), given.x, np.full(B, K), joined, mask=more)
        for each in found:
            same_step(each, wanted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("loss", ["HingeLoss", "PerceptronLoss"])
def test_on_every_backend_against_float64(backend, given, kind, loss):
    tolerance = 3e-5 if backend.dtype_name == "float32" else 1e-10
    for codes, mask in ((given.y, given.mask), (given.own, given.masks)):
        tiled = trainer_of(kind, TILED, loss_of(loss), junk=True)
        whole = twin_of(tiled, kind, loss=loss_of(loss), junk=True)
        wanted = one_step(whole, given.x, given.label, codes, mask=mask)
        same_step(one_step(tiled, given.x, given.label, codes, mask=mask), wanted, tolerance)


@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_labels(numpy64, given, loss, junk, count):
    label = given.label % count
    for answer in (label, np.where(np.arange(B) % 2, -1, label)) if junk else (label,):
        found = [
            one_step(trainer_of("joint", memory, loss_of(loss), junk=junk), given.x, answer, given.y[:count])
            for memory in (1, "1 GiB")
        ]
        same_step(*found)


@pytest.mark.parametrize("loss", NAMES)
def test_where_only_the_desired_answer_is_present(numpy64, given, loss):
    masks = np.eye(K, dtype=bool)[given.label]
    same_step(*both("euclidean", given, given.y, masks, loss=loss))


def test_a_single_sample_is_a_batch_of_one(backend, given):
    tolerance = 3e-5 if backend.dtype_name == "float32" else 1e-10
    for kind in KINDS:
        alone, batch = (trainer_of(kind, memory, HingeLoss(5.0), junk=True) for memory in (100, "1 GiB"))
        wanted = one_step(batch, given.x[:1], [3], given.y)
        same_step(one_step(alone, given.x[0], 3, given.y), wanted, tolerance)


# --- which labels are chosen ------------------------------------------------------------------------------


class Energies:
    """A stand-in for a machine whose energies are -x · y."""

    def __init__(self, x, codes, size):
        trainer = xn.Trainer(xn.Bias(codes.shape[1]), xn.modules.InnerProduct())
        self.question = trainer._ask(x, codes)
        trainer._place(self.question)
        self.stream = LabelStream(trainer.function, self.question.labels, size)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_rival_is_the_lowest_of_the_others(numpy64, size):
    """Energies 1, 0, 2, 0, 3 and 5, 4, 3, 2, 1."""
    codes = -np.asarray([[1.0, 5.0], [0.0, 4.0], [2.0, 3.0], [0.0, 2.0], [3.0, 1.0]])
    made = Energies(np.eye(2), codes, size)
    expected = {  # desired of both samples: which labels, and which of them is the answer
        (0, 0): ([[0, 1], [0, 4]], [0, 0]),
        (1, 4): ([[1, 3], [4, 3]], [0, 0]),
        (3, 3): ([[3, 1], [3, 4]], [0, 0]),
        (5, 2): ([[1, 3], [2, 4]], [2, 0]),  # 5 stands behind all labels
    }
    for desired, (labels, wanted) in expected.items():
        found = rivals_of(made.question, made.stream, np.asarray(desired), beside=False)
        np.testing.assert_array_equal(found.question.labels.codes, codes[labels])
        assert found.answer.tolist() == wanted
    found = rivals_of(made.question, made.stream, np.asarray([5, 5]), beside=True)
    np.testing.assert_array_equal(found.question.labels.codes, codes[[[1], [4]]])
    assert found.answer.tolist() == [1, 1]


# --- what needs all energies ------------------------------------------------------------------------------


class MeanGap(Loss):
    """E_y less the mean of all energies."""

    def values(self, energies):
        return energies - self.xp.mean(energies, axis=-1, keepdims=True)

    def slopes(self, energies, weights):
        return weights - self.xp.sum(weights, axis=-1, keepdims=True) / energies.shape[-1]

    def bends(self, energies, weights):
        return 0.0 * energies


@pytest.mark.parametrize(
    ("loss", "soft"), [(MeanGap(), False), (HingeLoss(), True), (NegativeLogLikelihood(), True)], ids=repr
)
def test_a_loss_that_needs_all_energies_is_refused(numpy64, given, loss, soft):
    trainer = trainer_of("euclidean", TILED, loss)
    before = trainer.param.state_dict()
    label = np.full((B, K), 1.0 / K) if soft else given.label
    words = rf"23 energies a sample exceed the trainer's memory, 1000 B, and {type(loss).__name__} with this label"
    with pytest.raises(LabelError, match=words):
        trainer.learn_sample(given.x, label, given.y, learning_rate=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), before)
    assert all((gradient == 0).all() for gradient in trainer.param.gradients().values())
    trainer_of("euclidean", loss=loss).learn_sample(given.x, label, given.y, learning_rate=0.1)


def test_a_user_may_say_that_rivals_suffice(numpy64, given):
    class Gap(MeanGap):
        rivals_suffice = True

        def values(self, energies):
            return energies - self.xp.min(energies, axis=-1, keepdims=True)

        def slopes(self, energies, weights):
            lowest = energies == self.xp.min(energies, axis=-1, keepdims=True)
            return weights - lowest * self.xp.sum(weights, axis=-1, keepdims=True)

    found = [one_step(trainer_of("joint", m, Gap()), given.x, given.label, given.y) for m in (TILED, "1 GiB")]
    same_step(*found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_nan_is_noticed_and_named_by_its_place_in_the_set(numpy64, given, kind):
    trainer = trainer_of(kind, TILED, HingeLoss())
    before = trainer.param.state_dict()
    given.y[17, 1] = np.nan
    with pytest.raises(NotFiniteError, match=r"an energy is NaN: label set is not finite at index \(17, 1\)"):
        trainer.learn_sample(given.x, np.zeros(B, int), given.y, learning_rate=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), before)


def test_a_nan_among_drawn_labels_is_named_by_its_place_in_the_set(numpy64, given):
    trainer = trainer_of("euclidean", "1 GiB", HingeLoss())
    given.y[17, 1] = np.nan
    with pytest.raises(NotFiniteError, match=r"the loss is nan: label set is not finite at index \(17, 1\)"):
        trainer.learn_sample(
            given.x, np.zeros(B, int), given.y, negatives=xn.SampledNegatives(len(given.y)), learning_rate=0.1
        )
