"""Updates of rows: equal to the dense update where a row is touched, and nothing at all where it is not."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.modules import Trainable
from xpnet.parameters.initializers import given as starting_at

IDS = np.asarray([4, 1, 4, 0])


def table(backend, layout, k=6, d=3, value=None, sparse=True):
    """A table with a bias beside it, and their store."""
    value = np.random.default_rng(5).normal(size=(k, d)) if value is None else value
    machine = xn.Cascade(Trainable(value.shape, starting_at(value), sparse), xn.Bias(2))
    return machine, xn.ParameterStore(machine, backend, layout=layout)


def host(backend, array):
    return np.asarray(backend.to_numpy(array)).copy()


def gradient(backend, rng, ids=IDS, d=3):
    return backend.indices(ids), backend.asarray(rng.normal(size=(len(ids), d)).astype(backend.dtype_name))


def test_touched_rows_move_as_in_a_dense_update_and_the_others_not_by_a_bit(backend, close, layout, rng):
    (sparse, store), (dense, other) = (table(backend, layout, sparse=kind) for kind in (True, False))
    before = host(backend, sparse[0].value.x)
    for _ in range(3):
        ids, values = gradient(backend, rng)
        for machine in (sparse, dense):
            machine[0].value.accumulate_rows(ids, values)
            machine[1].bias.accumulate(backend.ones((2,)))
        xn.Sgd(0.1).update(store)
        xn.Sgd(0.1).update(other)
    close(sparse[0].value.x, host(backend, dense[0].value.x))
    np.testing.assert_array_equal(host(backend, sparse[1].bias.x), host(backend, dense[1].bias.x))
    after = host(backend, sparse[0].value.x)
    np.testing.assert_array_equal(after[[2, 3, 5]], before[[2, 3, 5]])
    assert np.all(after[[0, 1, 4]] != before[[0, 1, 4]])
    assert sparse[0].value.dx is None


def test_rows_that_are_touched_once_get_the_very_bits_of_the_dense_update(numpy64, layout, rng):
    (sparse, store), (dense, other) = (table(numpy64, layout, sparse=kind) for kind in (True, False))
    for machine, home in ((sparse, store), (dense, other)):
        machine[0].value.accumulate_rows(*gradient(numpy64, np.random.default_rng(1), np.asarray([5, 0, 3])))
        xn.Sgd(0.1, inertia=0.7).update(home)
    np.testing.assert_array_equal(sparse[0].value.x, dense[0].value.x)


def lazy(x, deltas, ids, values, rate, decay, inertia):
    """The documented update, row by row."""
    for row in sorted(set(ids.tolist())):
        g = values[ids == row].sum(axis=0) + decay * x[row]
        deltas[row] = (1 - inertia) * g + inertia * deltas[row]
        x[row] = x[row] - rate * deltas[row]


def test_decay_and_inertia_act_on_a_row_when_it_is_touched(backend, close, layout, rng):
    machine, store = table(backend, layout)
    x = host(backend, machine[0].value.x).astype(np.float64)
    deltas, rule = np.zeros_like(x), xn.Sgd(0.1, weight_decay=0.05, inertia=0.8)
    for ids in (IDS, np.asarray([4, 3]), None, np.asarray([2, 2, 2, 2, 2, 2, 2])):
        if ids is not None:
            numbers, values = gradient(backend, rng, ids)
            machine[0].value.accumulate_rows(numbers, values)
            lazy(x, deltas, ids, host(backend, values).astype(np.float64), 0.1, 0.05, 0.8)
        rule.update(store)
        close(machine[0].value.x, x, factor=4)
        close(store.slots_dict()["deltas"]["0.value"], deltas, factor=4)
    assert not np.any(store.slots_dict()["deltas"]["0.value"][5])


def test_a_step_that_touches_no_row_is_no_update_of_the_table(backend, layout):
    machine, store = table(backend, layout)
    before = host(backend, machine[0].value.x)
    machine[1].bias.accumulate(backend.ones((2,)))
    machine[0].value.accumulate_ddx(backend.ones((6, 3)))
    xn.Sgd(0.1, weight_decay=0.5, inertia=0.5).update(store)
    np.testing.assert_array_equal(host(backend, machine[0].value.x), before)
    assert machine[0].value.ddx is None
    assert not np.any(store.slots_dict()["deltas"]["0.value"])
    assert np.all(store.slots_dict()["deltas"]["1.bias"] == 0.5)


def test_no_rows_at_all_are_no_update_either(backend, layout):
    machine, store = table(backend, layout)
    before = host(backend, machine[0].value.x)
    machine[0].value.accumulate_rows(backend.indices(np.zeros(0, np.int64)), backend.zeros((0, 3)))
    assert not np.any(host(backend, machine[0].value.dx))
    xn.Sgd(0.1, weight_decay=0.5).update(store)
    np.testing.assert_array_equal(host(backend, machine[0].value.x), before)


step = st.tuples(st.lists(st.integers(0, 5), max_size=14), st.booleans(), st.booleans())


@given(st.lists(step, max_size=4), st.sampled_from(["view", "leaf"]), st.sampled_from([0.0, 0.5]))
def test_with_a_whole_gradient_it_is_the_update_of_any_parameter(steps, layout, inertia):
    """Rows alone are lazy; as soon as a whole gradient comes in, before or after, all rows decay and move."""
    generator = np.random.default_rng(3)
    for backend in (xn.get_backend("numpy", dtype="float64"), xn.get_backend("strict", dtype="float64")):
        machine, store = table(backend, layout)
        x = host(backend, machine[0].value.x)
        deltas = np.zeros_like(x)
        for ids, whole, first in steps:
            ids = np.asarray(ids, np.int64)
            values, dx = generator.normal(size=(len(ids), 3)), generator.normal(size=(6, 3))
            if whole and first:
                machine[0].value.accumulate(backend.asarray(dx))
            machine[0].value.accumulate_rows(backend.indices(ids), backend.asarray(values))
            if whole and not first:
                machine[0].value.accumulate(backend.asarray(dx))
            every = np.arange(6) if whole else np.zeros(0, np.int64)
            together = np.concatenate([ids, every]), np.concatenate([values, dx if whole else dx[:0]])
            lazy(x, deltas, *together, 0.1, 0.05, inertia)
            xn.Sgd(0.1, weight_decay=0.05, inertia=inertia).update(store)
        np.testing.assert_allclose(host(backend, machine[0].value.x), x, rtol=1e-12, atol=1e-14)


def test_a_lookup_against_torchs_sparse_embedding(backend, close, layout, torch, rng):
    machine = xn.Lookup(7, 3, sparse=True)
    store = xn.ParameterStore(machine, backend, layout=layout)
    embedding = torch.nn.Embedding(7, 3, sparse=True, dtype=torch.float64)
    embedding.weight.data = torch.tensor(host(backend, machine.weight.x).astype(np.float64))
    descent = torch.optim.SGD(embedding.parameters(), lr=0.3)
    for _ in range(4):
        ids = rng.integers(5, size=(3, 4))
        x, y = xn.State(backend.indices(ids), fixed=True), xn.State()
        machine.fprop(x, y)
        y.accumulate(y.x**3)
        machine.bprop(x, y)
        xn.Sgd(0.3).update(store)
        descent.zero_grad()
        (embedding(torch.tensor(ids)) ** 4 / 4).sum().backward()
        assert embedding.weight.grad.is_sparse
        descent.step()
    close(machine.weight.x, embedding.weight.detach().numpy(), factor=16)


def test_a_step_takes_memory_for_the_rows_it_touches(layout, rng):
    k, d = 200_000, 32
    backend = xn.get_backend("numpy", dtype="float32")
    machine, store = table(backend, layout, value=rng.normal(size=(k, d)))
    ids, rule = rng.integers(k, size=100), xn.Sgd(0.1, weight_decay=0.01, inertia=0.9)

    def learn():
        machine[0].value.accumulate_rows(ids, np.ones((100, d), np.float32))
        rule.update(store)

    learn()  # makes the slot, and the value the store's own
    held = machine[0].value.x
    tracemalloc.start()
    learn()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.05 * held.nbytes
    assert machine[0].value.x is held


def test_a_step_on_every_row_takes_memory_for_one_gradient(layout, rng, monkeypatch):
    """The likelihood over all labels, and rows of the desired ones beside it; also after values were loaded."""
    monkeypatch.setenv("XPNET_STORE", layout)
    x, label = rng.normal(size=(4, 3)).astype(np.float32), [5, 1, 5, 7]

    def made():
        labels, loss = Trainable((100_000, 16), sparse=True), xn.losses.NegativeLogLikelihood()
        return xn.Trainer(xn.Linear(3, 16), xn.Euclidean(), loss=loss, labels=labels, memory="256 KiB")

    with xn.use_backend("numpy", dtype="float32"):
        made().learn_sample(x, label, learning_rate=0.1)  # imports what is needed
        trainer = made()
        for turn in range(3):
            if turn == 2:
                trainer.param.load_state_dict(trainer.param.state_dict())
            held = trainer.labels.value.x
            tracemalloc.start()
            trainer.learn_sample(x, label, learning_rate=0.1)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert trainer.energies.x is None, "this was not streamed"
            assert peak < 1.6 * held.nbytes
            assert trainer.labels.value.x is held


def test_the_first_value_is_the_stores_own(numpy64, layout):
    mine = np.ones((6, 3))
    machine = Trainable((6, 3), lambda generator, shape: mine, sparse=True)
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    loaded = {"value": np.ones((6, 3))}
    for _ in range(2):
        machine.value.accumulate_rows(IDS, np.ones((4, 3)))
        machine.value.accumulate(np.ones((6, 3)))
        xn.Sgd(0.1).update(store)
        assert np.all(machine.value.x != 1)
        store.load_state_dict(loaded)
    machine.value.accumulate_rows(IDS, np.ones((4, 3)))
    xn.Sgd(0.1).update(store)
    assert np.all(mine == 1)
    assert np.all(loaded["value"] == 1)


def test_the_one_vector_is_free_of_tables(numpy64):
    machine, store = table(numpy64, "view", k=1000)
    assert store._storage.length == 16
    machine[0].value.accumulate_rows(*gradient(numpy64, np.random.default_rng(0)))
    xn.Sgd(0.1).update(store)
    assert store._storage.tables["0.value"].slots == {}
    assert store.size == 3002
    assert store.names == ["0.value", "1.bias"]


def test_an_update_writes_into_no_array_that_was_given(numpy64, layout, rng):
    machine, store = table(numpy64, layout)
    mine, slots = rng.normal(size=(6, 3)), {"deltas": {"0.value": np.ones((6, 3)), "1.bias": np.ones(2)}}
    kept, whole = mine.copy(), np.ones((6, 3))
    machine[0].value.x = mine
    store.load_slots_dict(slots)
    for dense in (False, True):
        machine[0].value.accumulate_rows(*gradient(numpy64, rng))
        if dense:
            machine[0].value.accumulate(whole)
        xn.Sgd(0.1, weight_decay=0.1, inertia=0.5).update(store)
    np.testing.assert_array_equal(mine, kept)
    assert np.all(slots["deltas"]["0.value"] == 1)
    assert np.all(whole == 1)


def test_gradients_state_and_slots_are_told_under_their_names(backend, layout, rng):
    machine, store = table(backend, layout)
    ids, values = gradient(backend, rng, np.asarray([3, 5]))
    machine[0].value.accumulate_rows(ids, values)
    found = store.gradients()
    wanted = np.zeros((6, 3), backend.dtype_name)
    wanted[[3, 5]] = host(backend, values)
    np.testing.assert_equal(found, {"0.value": wanted, "1.bias": np.zeros(2)})
    xn.Sgd(0.1, inertia=0.5).update(store)
    state, slots = store.state_dict(), store.slots_dict()
    assert slots["deltas"].keys() == state.keys() == {"0.value", "1.bias"}
    np.testing.assert_allclose(slots["deltas"]["0.value"], 0.5 * wanted, rtol=1e-6)
    _, other = table(xn.get_backend("strict", dtype=backend.dtype_name), "leaf", value=np.zeros((6, 3)))
    other.load_state_dict(state)
    other.load_slots_dict(slots)
    np.testing.assert_equal((other.state_dict(), other.slots_dict()), (state, slots))
    store.clear()
    assert not np.any(store.gradients()["0.value"])


def test_it_moves_to_another_backend_and_learns_on(backend, layout, rng):
    machine, store = table(backend, layout)
    machine[0].value.accumulate_rows(*gradient(backend, rng))
    xn.Sgd(0.1, inertia=0.5).update(store)
    machine[0].value.accumulate_rows(*gradient(backend, rng))
    values, slots = store.state_dict(), store.slots_dict()
    there = xn.get_backend("strict", device="device2", dtype=backend.dtype_name)
    store.to(there)
    assert machine[0].value.dx is None
    np.testing.assert_equal((store.state_dict(), store.slots_dict()), (values, slots))
    machine[0].value.accumulate_rows(*gradient(there, rng))
    xn.Sgd(0.1, inertia=0.5).update(store)
    assert machine[0].value.x.device == there.device
    after = store.state_dict()["0.value"]
    np.testing.assert_array_equal(after[[2, 3, 5]], values["0.value"][[2, 3, 5]])
    assert np.all(after[[0, 1, 4]] != values["0.value"][[0, 1, 4]])
