"""A label set as it is handed on: spans, rows, presence, and where gradients of codes go."""

import numpy as np
import pytest
from label_cases import TILED, B, K, one_step, problem, trainer_of

import xpnet as xn
from xpnet.inference.labels import Labels
from xpnet.losses import HingeLoss
from xpnet.modules import Trainable

SET = np.arange(12.0).reshape(6, 2)
OWN = np.arange(24.0).reshape(2, 6, 2)


def labels_of(backend, codes, present=None, **options):
    mask = None if present is None else backend.asarray(present, backend.xp.bool)
    return Labels(backend, backend.asarray(codes), np.ndim(SET) - 1, mask, **options)


def test_one_set_or_one_for_each_sample(backend):
    shared, own = labels_of(backend, SET), labels_of(backend, OWN)
    assert (shared.axis, shared.count, shared.event, shared.shared) == (0, 6, (2,), True)
    assert (own.axis, own.count, own.event, own.shared) == (1, 6, (2,), False)


def test_codes_without_axes_and_with_two(numpy64):
    symbols = Labels(numpy64, np.arange(4), 0)
    assert (symbols.axis, symbols.count, symbols.event) == (0, 4, ())
    assert symbols.span(1, 3).x.tolist() == [1, 2]
    assert symbols.at(np.asarray([[3], [0]])).tolist() == [[3], [0]]
    images = Labels(numpy64, np.arange(24.0).reshape(4, 2, 3), 2)
    assert (images.axis, images.count, images.event) == (0, 4, (2, 3))
    np.testing.assert_array_equal(images.at(np.asarray([2])), images.codes[[2]])
    own = Labels(numpy64, np.arange(48.0).reshape(2, 4, 2, 3), 2)
    np.testing.assert_array_equal(own.at(np.asarray([[2], [1]])), own.codes[[[0], [1]], [[2], [1]]])


@pytest.mark.parametrize("codes", [SET, OWN], ids=["set", "own sets"])
def test_spans_put_together_are_the_set(backend, close, codes):
    labels = labels_of(backend, codes)
    tiles = [backend.to_numpy(labels.span(start, start + 2).x) for start in (0, 2, 4)]
    np.testing.assert_array_equal(np.concatenate(tiles, axis=labels.axis), codes)
    close(labels.span(0, 6).x, codes)
    assert labels.span(0, 6).fixed


def test_labels_by_number(backend, close):
    shared, own = labels_of(backend, SET), labels_of(backend, OWN)
    close(shared.at(backend.indices([4, 0, 4])), SET[[4, 0, 4]])
    close(shared.at(backend.indices(3)), SET[3])
    ids = np.asarray([[5, 0, 1], [2, 2, 3]])
    close(shared.at(backend.indices(ids)), SET[ids])
    close(own.at(backend.indices(ids)), OWN[[[0], [1]], ids])
    close(own.at(backend.indices([3, 1])), OWN[[0, 1], [3, 1]])


@pytest.mark.parametrize("ids", [[0, 4], [[0, 4], [5, 1]]], ids=["for all", "for each"])
@pytest.mark.parametrize("present", [[1, 0, 1, 1, 0, 0], [[1, 0, 1, 1, 0, 0], [0, 0, 1, 0, 1, 1]]])
def test_presence_by_number(backend, ids, present):
    labels = labels_of(backend, SET, present)
    found = backend.to_numpy(labels.narrowed(backend.indices(ids)).present)
    present, ids = np.asarray(present, bool), np.asarray(ids)
    wanted = present[..., ids] if present.ndim == 1 or ids.ndim == 1 else present[[[0], [1]], ids]
    np.testing.assert_array_equal(found, wanted)
    assert labels_of(backend, SET).present_at(backend.indices(ids.tolist())) is None


def test_a_present_code_stands_in_for_absent_ones_on_the_wire(backend, close):
    nan = np.nan
    close(labels_of(backend, [[1, nan], [3, 4]], [False, True]).span(0, 2).x, [[3, 4], [3, 4]])
    # One set for all: a code that any sample has stays.
    close(labels_of(backend, [[1, nan], [3, 4]], [[0, 1], [0, 0]]).span(0, 2).x, [[3, 4], [3, 4]])
    own = labels_of(backend, [[[1, nan], [3, 4]], [[5, 6], [7, np.inf]]], [[0, 1], [1, 0]])
    close(own.span(0, 2).x, [[[3, 4], [3, 4]], [[5, 6], [5, 6]]])
    close(own.span(1, 2).x, [[[3, 4]], [[0, 0]]])  # where none is present, zeros
    close(labels_of(backend, OWN, [0, 1, 1, 1, 1, 1]).span(0, 2).x, [[[2, 3], [2, 3]], [[14, 15], [14, 15]]])
    close(labels_of(backend, [[1, nan], [nan, 4]], [False, False]).usable, [[0, 0], [0, 0]])


def test_a_latent_axis_comes_before_the_event_and_goes_again(backend, close):
    labels = labels_of(backend, OWN, latent=True)
    wire = labels.span(0, 6)
    assert tuple(wire.x.shape) == (2, 6, 1, 2)
    close(labels.unwired(wire.x), OWN)
    assert tuple(labels_of(backend, SET, latent=True).narrowed(backend.indices([1, 2])).span(0, 2).x.shape) == (2, 1, 2)


# --- codes that learn -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sparse", [False, True])
def test_gradients_go_to_the_rows_that_the_codes_came_from(backend, close, sparse):
    owner = Trainable((6, 2), lambda generator, shape: SET.copy(), sparse=sparse)
    store = xn.ParameterStore(owner, backend)
    labels = Labels(backend, owner.value.x, 1, None, owner)
    part = labels.narrowed(backend.indices([[4, 0], [4, 1]]))
    wire = part.span(0, 2)
    assert not wire.fixed
    part.collect(wire)  # no gradient yet
    wire.accumulate(backend.asarray([[[1, 2], [3, 4]], [[10, 20], [30, 40]]]))
    part.collect(wire)
    close(backend.asarray(store.gradients()["value"]), [[3, 4], [30, 40], *[[0, 0]] * 2, [11, 22], [0, 0]])
    whole = labels.span(0, 6)
    whole.accumulate(backend.asarray(np.ones((6, 2))))
    labels.collect(whole)
    close(backend.asarray(store.gradients()["value"]), [[4, 5], [31, 41], *[[1, 1]] * 2, [12, 23], [1, 1]])


@pytest.fixture
def given(rng):
    return problem(rng)


def moved(trainer, *args, **options):
    """Which rows of the codes one step changes."""
    before = trainer.param.state_dict()
    trainer.learn_sample(*args, learning_rate=0.1, **options)
    after = trainer.param.state_dict()
    return set(np.flatnonzero((before["labels.value"] != after["labels.value"]).any(axis=-1)).tolist())


@pytest.mark.parametrize("sparse", [False, True])
def test_the_simple_trainer_changes_the_desired_rows_only(numpy64, given, sparse):
    codes = Trainable((K, 4), lambda generator, shape: given.y.copy(), sparse=sparse)
    trainer = xn.SimpleTrainer(xn.Linear(5, 4), xn.Euclidean(), labels=codes)
    assert moved(trainer, given.x, given.label) == set(given.label.tolist())
    assert moved(trainer, given.x[0], 3) == {3}


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("kind", ["joint", "euclidean", "inner"])
def test_streamed_the_hinge_changes_desired_rows_and_rivals_only(numpy64, given, kind, sparse):
    trainer = trainer_of(kind, TILED, HingeLoss(100.0), learned=given.y, sparse=sparse)
    energies = trainer_of(kind, loss=HingeLoss(100.0), learned=given.y).run(given.x)[1].copy()
    energies[np.arange(B), given.label] = np.inf
    assert moved(trainer, given.x, given.label) == {*given.label.tolist(), *energies.argmin(axis=-1).tolist()}


@pytest.mark.parametrize("sparse", [False, True])
def test_with_negatives_only_the_pool_changes(numpy64, given, sparse):
    trainer = trainer_of("euclidean", learned=given.y, sparse=sparse)
    pool = set(xn.SampledNegatives(4).draw(numpy64, given.label, K, 1.0).ids.tolist())
    assert 4 <= len(pool) < 11
    assert moved(trainer, given.x, given.label, negatives=xn.SampledNegatives(4)) == pool


@pytest.mark.parametrize("memory", [TILED, "1 GiB"])
@pytest.mark.parametrize("sparse", [False, True])
def test_with_the_likelihood_every_present_row_changes(numpy64, given, memory, sparse):
    trainer = trainer_of("joint", memory, learned=given.y, sparse=sparse)
    assert moved(trainer, given.x, given.label, mask=given.mask) == set(np.flatnonzero(given.mask).tolist())


def test_sparse_codes_learn_as_others_do(numpy64, given):
    for memory in (TILED, "1 GiB"):
        dense, sparse = (
            one_step(trainer_of("joint", memory, learned=given.y, sparse=s), given.x, given.label, None)
            for s in (False, True)
        )
        sparse[1].compare(dense[1].found, 1e-12)


# --- symbols --------------------------------------------------------------------------------------------------


def spoken(code):
    """E(X, Y) of a vector and a symbol (with a Lookup), or of the symbol's row of the identity (without a bias)."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    joined = graph(xn.Concatenate(), x, graph(code, y))
    graph.output("energy", graph(xn.modules.Sum(), graph(xn.Tanh(), graph(xn.Linear(8, 4), joined))))
    return graph


@pytest.mark.parametrize("loss", [None, HingeLoss()], ids=repr)
@pytest.mark.parametrize("memory", [1, "1 GiB"])
def test_symbols_are_labels_as_vectors_are(backend, close, given, memory, loss):
    table = xn.Trainer(spoken(xn.modules.Lookup(9, 3)), loss=loss, memory=memory)
    matrix = xn.Trainer(spoken(xn.Linear(9, 3, bias=False)), loss=loss)
    matrix.param.load_state_dict(
        {name: v if v.shape != (9, 3) else v.T for name, v in renamed(table.param.state_dict()).items()}
    )
    label, mask = given.label % 9, np.ones(9, bool)
    mask[next(k for k in range(9) if k not in label)] = False
    symbols, vectors = np.arange(9), np.eye(9)
    close(table.run(given.x, symbols)[1], backend.to_numpy(matrix.run(given.x, vectors)[1]), factor=10)
    for one, other, options in (
        (symbols, vectors, {"mask": mask}),
        (np.tile(symbols, (B, 1)), np.tile(vectors, (B, 1, 1)), {}),
    ):
        (loss_of_one, rule), (wanted, gradients) = (
            one_step(each, given.x, label, y, **options) for each, y in ((table, one), (matrix, other))
        )
        assert loss_of_one == pytest.approx(wanted, rel=1e-5 if backend.dtype_name == "float32" else 1e-12)
        found = {name: v if v.shape != (9, 3) else v.T for name, v in renamed(rule.found).items()}
        assert found.keys() == gradients.found.keys()
        for name, value in gradients.found.items():
            np.testing.assert_allclose(found[name], value, atol=1e-5 if backend.dtype_name == "float32" else 1e-12)


def renamed(values):
    return {NAMES.get(name, name): value for name, value in values.items()}


NAMES = {"lookup1.weight": "linear1.weight", "linear1.weight": "linear2.weight", "linear1.bias": "linear2.bias"}
