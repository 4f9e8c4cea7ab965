"""The best answers, from all energies or from tiles: order, margin, probabilities, masks, junk, ties, and memory."""

import tracemalloc

import numpy as np
import pytest
from label_cases import KINDS, TILED, B, K, problem, trainer_of, twin_of

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError
from xpnet.modules import InnerProduct

WHOLE = "1 GiB"


@pytest.fixture
def given(rng):
    return problem(rng)


def host(backend, values):
    return backend.to_numpy(values).astype(np.float64)


@pytest.mark.parametrize("memory", [WHOLE, TILED], ids=["whole", "tiled"])
@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_against_sorted_energies(backend, close, given, kind, junk, memory):
    """All numbers of an answer from float64 energies, by their definitions."""
    trainer = trainer_of(kind, memory, junk=junk)
    twin, factor = twin_of(trainer, kind, junk=junk), 100
    for codes, mask in given.settings.values():
        energies = twin.run(given.x, codes, mask=mask)[1]
        order = np.argsort(energies, axis=-1, kind="stable")
        best = np.take_along_axis(energies, order, axis=-1)
        found = trainer.answer(given.x, codes, top=3, beta=2.0, mask=mask)
        assert (found.energies is None) == (memory == TILED)
        np.testing.assert_array_equal(backend.to_numpy(found.top), order[:, :3])
        np.testing.assert_array_equal(backend.to_numpy(found.index), order[:, 0])
        close(found.top_energies, best[:, :3], factor)
        close(found.margin, best[:, 1] - best[:, 0], factor)
        free = -np.log(np.exp(-2 * energies).sum(axis=-1)) / 2
        close(found.free_energy, free, factor)
        close(found.probabilities, np.exp(-2 * (best[:, :3] - free[:, None])), factor)
        top, lowest = trainer.run(given.x, codes, top=4, mask=mask)
        np.testing.assert_array_equal(backend.to_numpy(top), order[:, :4])
        close(lowest, best[:, :4], factor)


@pytest.mark.parametrize("memory", [WHOLE, 1, 300, TILED])
@pytest.mark.parametrize("top", [1, 2, 22, 23, 24, 99])
@pytest.mark.parametrize("junk", [False, True])
def test_more_answers_than_there_are_is_all(numpy64, given, top, junk, memory):
    trainer = trainer_of("joint", memory, junk=junk)
    energies = trainer_of("joint", junk=junk).run(given.x, given.y)[1]
    found, lowest = trainer.run(given.x, given.y, top=top)
    np.testing.assert_array_equal(found, np.argsort(energies, axis=-1, kind="stable")[:, :top])
    np.testing.assert_allclose(lowest, np.sort(energies, axis=-1)[:, :top], rtol=1e-12)
    answer = trainer.answer(given.x, given.y, top=top)
    np.testing.assert_array_equal(answer.top, found)
    assert answer.margin.shape == (B,)
    if top >= K + junk:
        np.testing.assert_allclose(answer.probabilities.sum(axis=-1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("memory", [WHOLE, TILED])
@pytest.mark.parametrize("kind", KINDS)
def test_one_sample_has_no_batch_axis(numpy64, given, kind, memory):
    batch, alone = trainer_of(kind, memory), trainer_of(kind, 500 if memory == TILED else memory)
    many, one = (each.answer(x, given.y, top=2) for each, x in ((batch, given.x), (alone, given.x[3])))
    assert one.top.shape == (2,)
    assert (one.energies is None) == (memory == TILED)
    np.testing.assert_array_equal(one.top, many.top[3])
    for name in ("top_energies", "margin", "probabilities", "free_energy"):
        np.testing.assert_allclose(getattr(one, name), getattr(many, name)[3], rtol=1e-12)


@pytest.mark.parametrize("memory", [WHOLE, 1, 300, TILED])
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_label_of_a_tie_comes_first(numpy64, given, kind, memory):
    """Each code four times, over the edges of tiles."""
    y = np.tile(given.y[:5], (4, 1))
    trainer = trainer_of(kind, memory)
    energies = trainer_of(kind).run(given.x, given.y[:5])[1]
    order = np.argsort(energies, axis=-1)
    assert trainer.run(given.x, y)[0].tolist() == order[:, 0].tolist()
    for top in (1, 2, 6):
        found = trainer.answer(given.x, y, top=top)
        wanted = [
            order[:, :1],
            order[:, :1] + 5,
            order[:, :1] + 10,
            order[:, :1] + 15,
            order[:, 1:2],
            order[:, 1:2] + 5,
        ]
        np.testing.assert_array_equal(found.top, np.concatenate(wanted, axis=-1)[:, :top])
        np.testing.assert_allclose(found.margin, 0.0, atol=1e-13)


@pytest.mark.parametrize("memory", [WHOLE, TILED])
@pytest.mark.parametrize("kind", KINDS)
def test_where_everything_is_absent_there_is_no_answer(backend, given, kind, memory):
    masks = given.masks.copy()
    masks[1] = False
    for mask in (masks, np.zeros(K, bool)):
        trainer = trainer_of(kind, memory)
        found = trainer.answer(given.x, given.y, top=2, mask=mask)
        numbers = [
            host(backend, each)[1] for each in (found.top, found.top_energies, found.margin, found.probabilities)
        ]
        assert [each.tolist() for each in numbers] == [[-1, -1], [np.inf, np.inf], np.inf, [0, 0]]
        assert bool(found.rejected()[1])
        assert int(trainer.run(given.x, given.y, mask=mask)[0][1]) == -1
        assert int(trainer.run(given.x, given.y, mask=mask, top=1)[0][1, 0]) == -1
        beside = trainer_of(kind, memory, junk=True).answer(given.x, given.y, top=2, mask=mask)
        assert host(backend, beside.top)[1].tolist() == [K, -1]
        assert float(beside.probability[1]) == pytest.approx(1.0)
        assert bool(beside.rejected(junk=K)[1])


@pytest.mark.parametrize("memory", [WHOLE, TILED])
@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["sample", "label set"])
def test_a_nan_is_noticed_and_named(numpy64, given, kind, junk, memory, what):
    trainer = trainer_of(kind, memory, junk=junk)
    (given.x if what == "sample" else given.y)[4, 1] = np.nan
    for ask in (lambda: trainer.answer(given.x, given.y), lambda: trainer.run(given.x, given.y, top=1),
                lambda: trainer.run(given.x, given.y, top=3), lambda: trainer.run(given.x, given.y)):  # fmt: skip
        with pytest.raises(NotFiniteError, match=rf"an energy is NaN: {what} is not finite at index \(4, 1\)"):
            ask()


@pytest.mark.parametrize("memory", [WHOLE, 20000])
@pytest.mark.parametrize("latent", [xn.Min, lambda: xn.Logsum(2.0)])
def test_the_best_latent_value_of_the_best_label(backend, close, rng, given, latent, memory):
    graph = xn.Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    mixed = graph(xn.Tanh(), graph(xn.Linear(12, 6), graph(xn.Concatenate(), x, y, z)))
    graph.output("energy", graph(xn.modules.Sum(), graph(xn.Linear(6, 2), mixed)))
    trainer = xn.Trainer(graph, latent=latent(), memory=memory)
    energies = xn.Trainer(graph, None, trainer.param, latent=Last(), memory=WHOLE)
    for values in (rng.normal(size=(5, 3)), rng.normal(size=(B, 5, 3))):
        found = trainer.answer(given.x, given.y, latent_set=values, mask=given.mask)
        assert (found.energies is None) == (memory != WHOLE)
        each = []
        for m in range(5):
            one = values[m : m + 1] if values.ndim == 2 else values[:, m : m + 1]
            each.append(host(backend, energies.run(given.x, given.y, latent_set=one)[1]))
        best = np.stack(each, axis=-1)[np.arange(B), backend.to_numpy(found.index)]
        np.testing.assert_array_equal(backend.to_numpy(found.latent), best.argmin(axis=-1))
    nothing = trainer.answer(given.x, given.y, latent_set=rng.normal(size=(5, 3)), mask=np.zeros(K, bool))
    assert host(backend, nothing.latent).tolist() == [-1] * B


class Last(xn.Module):
    """The last of the energies, which is the only one."""

    event_ndims = (1,)

    def fprop(self, input, output):
        output.x = input.x[..., -1]


def test_energies_may_be_written_where_the_caller_wants(numpy64, given):
    room = np.zeros((B, K))
    _, energies = trainer_of("joint", TILED).run(given.x, given.y, room, mask=given.mask)
    np.testing.assert_array_equal(room, energies)
    assert np.isinf(room[:, ~given.mask]).all()


def test_a_discriminant_machine_has_best_answers_too(numpy64, rng):
    trainer, x, mask = xn.Trainer(xn.Linear(3, 6), memory=1), rng.normal(size=(4, 3)), np.arange(6) != 2
    energies = np.where(mask, trainer.run(x)[1], np.inf)
    found = trainer.answer(x, top=3, mask=mask)
    np.testing.assert_array_equal(found.top, np.argsort(energies, axis=-1)[:, :3])
    np.testing.assert_allclose(
        found.probabilities, -np.sort(-np.exp(-energies), axis=-1)[:, :3] / np.exp(-energies).sum(-1, keepdims=True)
    )


# --- memory and rounding ----------------------------------------------------------------------------------


def wide(kind):
    if kind == "joint":
        graph = xn.Graph()
        x, y = graph.input("x"), graph.input("y")
        mixed = graph(xn.Tanh(), graph(xn.Linear(32, 8), graph(xn.Concatenate(), x, y)))
        graph.output("energy", graph(xn.modules.Sum(), mixed))
        return graph, None
    return xn.Linear(16, 16), xn.Euclidean() if kind == "euclidean" else InnerProduct()


def peak(work):
    """The most that was held above the start, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["euclidean", "inner", "joint"])
def test_streamed_the_energies_are_never_all_held(numpy64, rng, kind):
    """64 samples and 20000 labels: all energies take 9.8 MiB, the hidden wires of the joint machine ten times that."""
    x, y = rng.normal(size=(64, 16)), rng.normal(size=(20000, 16))
    trainer = xn.Trainer(*wide(kind), memory="4 MiB")
    label = rng.integers(20000, size=64)
    for work in (lambda: trainer.run(x, y, top=1), lambda: trainer.learn_sample(x, label, y, learning_rate=0.0)):
        work()
        assert peak(work) < 8 * 2**20
    found, lowest = trainer.run(x, y, top=1)
    whole = xn.Trainer(*wide(kind), memory=WHOLE)
    assert peak(lambda: whole.run(x, y)) > 9 * 2**20  # that many are many
    energies = whole.energies.x
    np.testing.assert_array_equal(found[:, 0], energies.argmin(axis=-1))
    np.testing.assert_allclose(lowest[:, 0], energies.min(axis=-1), rtol=1e-9)


@pytest.mark.parametrize("memory", [WHOLE, 400])
def test_distances_far_from_the_origin_keep_their_digits(memory):
    """Outputs and codes around 1e4 with spread 1, in float32."""
    draws = np.random.default_rng(3)
    x, y = (draws.normal(size=shape) + 1e4 for shape in ((20, 8), (50, 8)))
    x, y = x.astype(np.float32), y.astype(np.float32)
    with xn.use_backend("numpy", dtype="float32"):
        trainer = xn.Trainer(xn.Bias(8), xn.Euclidean(), memory=memory)
    energies = 0.5 * ((x[:, None].astype(np.float64) - y.astype(np.float64)) ** 2).sum(axis=-1)
    found = trainer.answer(x, y, top=3)
    assert (found.energies is None) == (memory == 400)
    np.testing.assert_array_equal(found.top, np.argsort(energies, axis=-1)[:, :3])
    assert np.abs(found.top_energies - np.sort(energies, axis=-1)[:, :3]).max() < 5e-6 * energies.max()
    if memory == WHOLE:
        assert np.abs(found.energies - energies).max() < 5e-6 * energies.max()
    free = -np.log(np.exp(-energies).sum(axis=-1))
    assert np.abs(found.free_energy - free).max() < 5e-6 * energies.max()


def searched(trainer, given):
    """The search for a placed question, and its labels."""
    question = trainer._ask(given.x, given.y)
    trainer._place(question)
    return trainer._search, question.labels


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_are_as_large_as_memory_allows(numpy64, given, kind):
    sizes = []
    for memory in (1, 2000, 4000, 8000, 10**6):
        search, labels = searched(trainer_of(kind, memory), given)
        sizes.append(search.stream(labels).size)
        assert search.fits(labels) is (sizes[-1] == K)
        assert search.fits(None)
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (1, K)
    assert 1 < sizes[3] < K


def test_the_machines_inner_wires_count(numpy64, given):
    """The energies alone would fit many times over."""
    search, labels = searched(trainer_of("joint", 4 * B * K * 8), given)
    assert not search.fits(labels)


def test_a_temperature_that_has_no_distribution_is_refused(numpy64, given):
    trainer = trainer_of("joint", TILED)
    for beta, told in ((0.0, "other than 0; got 0.0"), (float("inf"), "a finite number"), (-1.0, "must be positive")):
        with pytest.raises(LabelError, match=told):
            trainer.answer(given.x, given.y, beta=beta)
    assert trainer_of("joint", WHOLE).answer(given.x, given.y, beta=-1.0).probabilities.shape == (len(given.x), 1)


@pytest.mark.parametrize("mask", [None, "own"])
def test_sets_of_their_own_keep_within_the_memory(numpy64, rng, mask):
    samples, codes = rng.normal(size=(32, 4)), rng.normal(size=(32, 2000, 64))
    trainer = xn.Trainer(xn.Linear(4, 64), xn.Euclidean(), memory="1 MiB")
    present = None if mask is None else rng.random((32, 2000)) > 0.1
    trainer.run(samples, codes[:, :50], top=1)
    tracemalloc.start()
    trainer.run(samples, codes, top=1, mask=present)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 << 20
