"""Label sets whose numbers are large, far out, partly absent or of unusual shape: what a review has found."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError, PlacementError, RecipeError, ShapeError
from xpnet.inference.relaxation import Relaxation
from xpnet.losses import HingeLoss, MeeLoss


def identity(width, memory="1 GiB", cost=None, loss=None, **options):
    """The machine's output is the sample itself."""
    return xn.Trainer(xn.Bias(width), cost or xn.Euclidean(), loss=loss, memory=memory, **options)


@pytest.fixture
def single():
    with xn.use_backend("numpy", dtype="float32") as found:
        yield found


@pytest.mark.parametrize("memory", ["1 GiB", 50_000], ids=["at once", "tiles"])
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e4])
@pytest.mark.parametrize("kind", ["shared", "per sample", "candidates"])
def test_absent_labels_cost_no_digits_far_from_the_origin(single, rng, memory, offset, kind):
    codes = (rng.normal(size=(6, 300, 4) if kind == "candidates" else (300, 4)) + offset).astype(np.float32)
    x = (rng.normal(size=(6, 4)) + offset).astype(np.float32)
    present = rng.random(300 if kind == "shared" else (6, 300)) > 0.5
    gap = x[:, None, :].astype(np.float64) - codes
    energies = np.where(present, 0.5 * (gap**2).sum(-1), np.inf)
    found = identity(4, memory).answer(x, codes, top=2, mask=present)
    order = np.argsort(energies, axis=1)[:, :2]
    wanted = np.take_along_axis(energies, order, axis=1)
    assert (found.index == order[:, 0]).mean() == 1
    np.testing.assert_allclose(found.top_energies, wanted, rtol=0, atol=2e-5)
    np.testing.assert_allclose(found.free_energy, -np.log(np.exp(-energies).sum(-1)), rtol=0, atol=2e-5)


@pytest.mark.parametrize("memory", ["1 GiB", 50_000], ids=["at once", "tiles"])
@pytest.mark.parametrize("offset", [0.0, 1e3, 1e4])
def test_gradients_far_from_the_origin(single, rng, memory, offset):
    codes, x = ((rng.normal(size=(n, 4)) + offset).astype(np.float32) for n in (300, 6))
    trainer = identity(4, memory)
    label = np.arange(6)
    trainer.learn_sample(x, label, codes, learning_rate=1.0)
    gap = x[:, None, :].astype(np.float64) - codes
    p = np.exp(-0.5 * (gap**2).sum(-1))
    p /= p.sum(-1, keepdims=True)
    wanted = -(gap[label, label] - (p[..., None] * gap).sum(1)).mean(0)
    np.testing.assert_allclose(trainer.machine.bias.x, wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("cost", [xn.Euclidean, xn.InnerProduct])
@pytest.mark.parametrize("memory", ["8 GiB", "1 MiB"], ids=["product", "tiles"])
def test_no_answer_is_more_than_certain(single, rng, cost, memory):
    codes = (100 * rng.normal(size=(20_000, 32))).astype(np.float32)
    x = codes[:128] + (3 * rng.normal(size=(128, 32))).astype(np.float32)
    answers = identity(32, memory, cost()).answer(x, codes, top=3)
    assert answers.energies is None
    assert float(answers.probabilities.max()) <= 1.0
    assert (answers.probabilities.sum(-1) <= 1 + 1e-5).all()
    for k in range(0, 128, 16):
        loss = identity(32, memory, cost()).learn_sample(x[k], k, codes, learning_rate=0.0)
        mee = identity(32, memory, cost(), MeeLoss()).learn_sample(x[k], k, codes, learning_rate=0.0)
        assert float(loss) >= 0
        assert 0 <= float(mee) <= 1


def test_longer_samples_get_smaller_tiles(numpy64, rng):
    """What a label takes depends on the sample's shape, and is asked anew for another shape."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y", constant=True)
    z = graph.wire("z")
    both = graph(xn.Concatenate(), x, graph(xn.modules.Delay(2), z), y)
    graph(xn.Tanh(), graph(xn.Linear(6, 2), both), to=z)
    graph.output("z", z)
    machine = xn.Graph()
    a, b = machine.input("a"), machine.input("b")
    machine.output("energy", machine(xn.modules.Sum(), machine(xn.modules.Sum(), machine(graph, a, b))))
    trainer = xn.Trainer(machine)
    taken = []
    for steps in (2, 200):
        question = trainer._ask(rng.normal(size=(4, steps, 2)), rng.normal(size=(7, 2)))
        trainer._place(question)
        taken.append(trainer._search._per_label(question.labels))
    assert taken[1] > 20 * taken[0]


def test_a_desired_label_that_is_absent_is_told(numpy64, rng):
    trainer, mask = identity(2), np.asarray([True, False, True])
    codes = rng.normal(size=(3, 2))
    with pytest.raises(LabelError, match="the mask leaves out the desired label of sample 1"):
        trainer.learn_sample(rng.normal(size=(2, 2)), [0, 1], codes, mask=mask, learning_rate=0.1)
    with pytest.raises(LabelError, match="the desired label of sample 0"):
        trainer.learn_sample(rng.normal(size=2), 1, codes, mask=mask, learning_rate=0.1)
    codes[1] = np.nan
    with pytest.raises(NotFiniteError, match=r"sample is not finite at index \(1, 0\)"):
        trainer.learn_sample([[0.0, 0.0], [np.nan, 0.0]], [0, 2], codes, mask=mask, learning_rate=0.1)


def test_relaxation_where_no_label_is_present(numpy64, rng):
    graph = xn.Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    near = graph(xn.Euclidean(), graph(xn.Plus(), x, z), y)
    graph.output("energy", graph(xn.Plus(), near, graph(xn.Euclidean(), z, x)))
    trainer = xn.Trainer(graph, latent=Relaxation(np.zeros(2)))
    codes, present = rng.normal(size=(4, 2)), rng.random((5, 4)) > 0.4
    present[2], codes[0] = False, np.nan
    present[:, 0] = False
    assert trainer.answer(rng.normal(size=(5, 2)), codes, mask=present).index[2] == -1


def test_a_cost_that_serves_two_backends(rng):
    cost = xn.Euclidean()
    stores = [xn.get_backend("numpy"), xn.get_backend("strict", device="device1")]
    machines = [xn.Linear(3, 2), xn.Linear(3, 2)]
    trainers = [xn.Trainer(m, cost, xn.ParameterStore(m, b)) for m, b in zip(machines, stores, strict=True)]
    samples, codes = rng.normal(size=(4, 3)), rng.normal(size=(5, 2))
    for _ in range(2):
        for trainer, place in zip(trainers, stores, strict=True):
            index, _ = trainer.run(samples, codes)
            trainer.learn_sample(samples, [0, 1, 2, 3], codes, learning_rate=0.1)
            assert place.to_numpy(index).shape == (4,)


def test_energies_of_the_wrong_shape_are_told(numpy64, rng):
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Linear(4, 3), graph(xn.Concatenate(), x, y)))
    trainer = xn.Trainer(graph)
    with pytest.raises(ShapeError, match=r"gave energies of shape \(5, 6, 3\) where \(5, 6\) is needed"):
        trainer.run(rng.normal(size=(5, 2)), rng.normal(size=(6, 2)))
    with pytest.raises(ShapeError, match=r"gave energies of shape \(6, 3\) where \(6,\) is needed"):
        trainer.run(rng.normal(size=2), rng.normal(size=(6, 2)))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda t, x, y: t.run(x, y, top=2.5), "top, .* is an integer of at least 1; got 2.5"),
        (lambda t, x, y: t.run(x, y, top=True), "is an integer of at least 1; got True"),
        (lambda t, x, y: t.answer(x, y, beta="1"), "a finite number other than 0; got '1'"),
        (lambda t, x, y: t.answer(x, y, beta=0.0), "a finite number other than 0; got 0.0"),
        (lambda t, x, y: t.learn_sample(x, [0, 1], y, negatives=3, learning_rate=0.1), "takes SampledNegatives"),
        (
            lambda t, x, y: t.learn_sample(x, [0, 1], y, negatives=xn.SampledNegatives(2.5), learning_rate=0.1),
            "count, of negatives to draw, is an integer",
        ),
        (
            lambda t, x, y: t.learn_sample(x, [0, 1], y, negatives=xn.SampledNegatives(2, "uni"), learning_rate=0.1),
            "a proposal is one weight for each label; got 'uni'",
        ),
        (lambda t, x, y: t.run(x, "abc"), "labels are arrays of numbers, rows of equal length; got 'abc'"),
        (lambda t, x, y: t.run(x, [[1.0], [1.0, 2.0]]), "rows of equal length"),
        (lambda t, x, y: t.run(x, y, np.zeros((3, 3))), r"energies has shape \(3, 3\); these are \(2, 4\)"),
    ],
)
def test_what_is_no_number_is_told(numpy64, rng, call, told):
    with pytest.raises((LabelError, ShapeError), match=told):
        call(identity(2), rng.normal(size=(2, 2)), rng.normal(size=(4, 2)))


@pytest.mark.parametrize("kind", [xn.Trainer, xn.SimpleTrainer])
@pytest.mark.parametrize("rule", [0.1, "sgd", xn.Sgd])
def test_a_rule_that_is_none_is_refused_before_anything_is_computed(numpy64, rng, kind, rule):
    trainer = kind(xn.Bias(2), xn.Euclidean())
    x, codes = rng.normal(size=(2, 2)), rng.normal(size=(4, 2))
    with pytest.raises(RecipeError, match=r"numbers go by name, learning_rate=0\.1"):
        trainer.learn_sample(x, [0, 1], codes, rule)
    assert not any(gradient.any() for gradient in trainer.param.gradients().values())


@pytest.mark.parametrize("mask", [[0, 1, 2, 3], ["no"] * 4, [np.nan] * 4, np.linspace(0, 1, 4), np.arange(4)])
def test_a_mask_is_true_or_false(numpy64, rng, mask):
    with pytest.raises(LabelError, match="a mask is True where an answer is present"):
        identity(2).run(rng.normal(size=(2, 2)), rng.normal(size=(4, 2)), mask=mask)
    _, energies = identity(2).run(rng.normal(size=(2, 2)), rng.normal(size=(4, 2)), mask=[0, 1, 1, 0])
    assert np.isposinf(energies[:, [0, 3]]).all()


def test_descents_are_asked_for_in_numbers_and_methods(numpy64, rng):
    trainer, x = identity(2), rng.normal(size=(3, 2))
    for options in ({"method": "momentum"}, {"restarts": 2.5}, {"steps": "3"}):
        with pytest.raises(RecipeError, match=r"method is LineSearch\(\)|must be an integer"):
            trainer.descend(x, np.zeros(2), **options)


def test_answers_show_themselves_in_a_line(numpy64, rng):
    answers = identity(2).answer(rng.normal(size=(3, 2)), rng.normal(size=(4, 2)), top=2)
    assert repr(answers) == "Answers(3; top 2, beta=1.0)"


def test_what_is_no_real_number_is_told(numpy64, rng):
    x, codes = rng.normal(size=(2, 2)), rng.normal(size=(4, 2))
    with pytest.raises(PlacementError, match="samples are real numbers; got complex128"):
        identity(2).run(x + 1j, codes)
    with pytest.raises(ShapeError, match="labels are arrays of numbers"):
        identity(2).run(x, np.asarray(["cat", "dog"]))


def test_memory_is_some(numpy64):
    for memory in ("0 GiB", 0, True, "much", 1.5):
        with pytest.raises(RecipeError, match="above 0"):
            identity(2, memory)
    assert identity(2, np.int64(4096)).memory == 4096


def test_hinge_over_tiles_sees_rivals_at_an_offset(single, rng):
    codes, x = ((rng.normal(size=(n, 3)) + 1e4).astype(np.float32) for n in (200, 5))
    tiled, whole = (
        identity(3, memory, loss=HingeLoss()).learn_sample(x, np.arange(5), codes, learning_rate=0.0)
        for memory in (3000, "1 GiB")
    )
    assert float(tiled) == pytest.approx(float(whole), rel=1e-4)
