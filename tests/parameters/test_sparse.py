"""A parameter whose gradient stays rows: what dx says, in whatever order gradients come in."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.errors import LabelError, PlacementError, ShapeError

K, D = 5, 2
whole_numbers = st.integers(-9, 9).map(float)
rows = st.lists(st.tuples(st.integers(0, K - 1), st.tuples(*[whole_numbers] * D)), max_size=2 * K)
whole = st.lists(st.tuples(*[whole_numbers] * D), min_size=K, max_size=K)


def rows_of(backend, pairs):
    ids, values = [number for number, _ in pairs], [value for _, value in pairs]
    return backend.indices(np.asarray(ids, np.int64)), backend.asarray(np.reshape(np.asarray(values), (-1, D)))


@given(st.lists(st.one_of(rows.map(lambda r: ("rows", r)), whole.map(lambda w: ("whole", w))), max_size=5))
def test_dx_is_the_sum_whatever_comes_in_and_in_whatever_order(steps):
    """Whole numbers are added exactly, so that nothing may differ; with and without distinct rows."""
    for backend in (xn.get_backend("numpy", dtype="float64"), xn.get_backend("strict", dtype="float64")):
        with xn.use_backend(backend):
            codes, wanted = xn.SparseParameter((K, D)), np.zeros((K, D))
            assert codes.dx is None
            for kind, given_ in steps:
                if kind == "rows":
                    codes.accumulate_rows(*rows_of(backend, given_))
                    for number, value in given_:
                        wanted[number] += value
                else:
                    codes.accumulate(backend.asarray(np.asarray(given_)))
                    wanted += given_
                for _ in range(2):  # reading changes nothing
                    np.testing.assert_array_equal(backend.to_numpy(codes.dx), wanted)
            assert codes.whole == any(kind == "whole" for kind, _ in steps)
            assert codes.touched == any(kind == "rows" for kind, _ in steps)
            codes.clear()
            assert codes.dx is None
            assert not codes.whole
            assert not codes.touched


def test_without_a_store_it_lives_on_the_backend_in_force(backend, close):
    codes = xn.SparseParameter((3, 2))
    codes.accumulate_rows(backend.indices([2, 2]), backend.ones((2, 2)))
    close(codes.dx, [[0, 0], [0, 0], [2, 2]])
    assert codes.room is None
    codes.x = backend.ones((3, 2))
    assert codes.dx is None


def test_rows_of_any_number_of_axes(backend, close, rng):
    for row in ((), (2,), (2, 1, 3)):
        codes, values = xn.SparseParameter((4, *row)), rng.normal(size=(3, *row)).astype(backend.dtype_name)
        codes.accumulate_rows(backend.indices([1, 3, 1]), backend.asarray(values))
        wanted = np.zeros((4, *row))
        np.add.at(wanted, [1, 3, 1], values)
        close(codes.dx, wanted)


def test_a_whole_gradient_with_lead_axes_is_summed(backend, close, rng):
    codes, g = xn.SparseParameter((3, 2)), rng.normal(size=(4, 3, 2))
    for _ in range(2):
        codes.accumulate(backend.asarray(g))
    close(codes.dx, 2 * g.sum(axis=0), factor=4)
    with pytest.raises(ShapeError, match=r"gradient of shape \(1, 2\) does not fit a state of shape \(3, 2\)"):
        codes.accumulate(backend.zeros((1, 2)))


def test_gradients_that_were_given_are_left_alone(backend):
    codes, given_ = xn.SparseParameter((3, 2)), backend.ones((3, 2))
    ids, values = backend.indices([0, 1]), backend.ones((2, 2))
    codes.accumulate(given_)
    codes.accumulate_rows(ids, values)
    codes.accumulate(given_)
    codes.accumulate_rows(ids, values)
    assert backend.to_numpy(codes.dx).tolist() == [[4, 4], [4, 4], [2, 2]]
    for array in (given_, values):
        assert np.all(backend.to_numpy(array) == 1)


@given(st.permutations(["room", "rows", "whole", "rows", "room", "unused", "read"]), st.sampled_from(["view", "leaf"]))
def test_what_was_written_into_the_room_adds_up_in_any_order(order, layout):
    """And nothing that was given or read is written into, by gradients that come later or by the update."""
    for backend in (xn.get_backend("numpy", dtype="float64"), xn.get_backend("strict", dtype="float64")):
        with xn.use_backend(backend):
            machine, wanted, kept = xn.Lookup(K, D, sparse=True), np.zeros((K, D)), []
            store = xn.ParameterStore(machine, backend, layout=layout)
            codes, start = machine.weight, store.state_dict()["weight"]
            for turn, kind in enumerate(order, 1):
                room = codes.room if kind in ("room", "unused") else None
                assert (room is None) == (codes.whole or kind not in ("room", "unused"))
                if kind == "rows":
                    ids, values = rows_of(backend, [(1, (turn, 2)), (4, (3, turn)), (1, (5, 6))])
                    codes.accumulate_rows(ids, values)
                    np.add.at(wanted, backend.to_numpy(ids), backend.to_numpy(values))
                elif kind == "read" and codes.dx is not None:
                    kept.append((codes.dx, wanted.copy()))
                elif kind in ("room", "whole"):
                    given_ = backend.ones((K, D)) * turn
                    if room is not None:
                        room[...] = given_
                    codes.accumulate(given_ if room is None else room)
                    wanted += turn
                    if room is None:
                        kept.append((given_, np.full((K, D), float(turn))))
            xn.Sgd(1.0).update(store)
            np.testing.assert_allclose(backend.to_numpy(codes.x), start - wanted, rtol=1e-14)
            assert codes.dx is None
            for array, values in kept:
                np.testing.assert_array_equal(backend.to_numpy(array), values)


def test_two_who_asked_for_room_get_two_places(numpy64, layout):
    machine = xn.Lookup(K, D, sparse=True)
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    start, rooms = machine.weight.x.copy(), [machine.weight.room for _ in range(2)]
    for value, room in enumerate(rooms, 1):
        room[...] = value
        machine.weight.accumulate(room)
    assert machine.weight._room is None
    xn.Sgd(1.0).update(store)
    np.testing.assert_allclose(machine.weight.x, start - 3, rtol=1e-14)
    assert machine.weight.room is not None
    xn.Sgd(1.0).update(store)
    assert machine.weight._room is None  # nobody used it


def test_a_place_written_into_is_kept_without_a_copy(numpy64, layout):
    machine = xn.Lookup(K, D, sparse=True)
    store, seen = xn.ParameterStore(machine, numpy64, layout=layout), []
    machine.weight.accumulate_rows(np.asarray([1, 1]), np.ones((2, D)))
    machine.weight.accumulate(room := machine.weight.room)
    machine.weight.accumulate(np.ones((K, D)))
    store.update(lambda x, dx, slot: (x, seen.append(dx)))
    assert seen[-1] is room  # tables come last
    assert room.tolist() == [[1, 1], [3, 3], [1, 1], [1, 1], [1, 1]]


def test_what_is_pending_is_no_larger_than_the_table(numpy64):
    codes = xn.SparseParameter((4, 2))
    for _ in range(50):
        codes.accumulate_rows(np.asarray([2, 0, 3]), np.ones((3, 2)))
        assert sum(ids.size for ids, _ in codes._rows) == codes._count <= 4
    assert codes.dx.tolist() == [[50, 50], [0, 0], [50, 50], [50, 50]]


def test_what_does_not_fit_is_named_and_nothing_changes(numpy64):
    codes = xn.SparseParameter((3, 2))
    codes.accumulate_rows(np.asarray([1]), np.ones((1, 2)))
    for ids, values, error in (
        ([3], np.ones((1, 2)), LabelError),
        ([0.5], np.ones((1, 2)), PlacementError),
        ([0], np.ones((1, 3)), ShapeError),
        ([0], np.ones((1, 2), np.float32), PlacementError),
    ):
        with pytest.raises(error, match="accumulate_rows of parameter ''"):
            codes.accumulate_rows(np.asarray(ids), values)
    assert codes.dx.tolist() == [[0, 0], [1, 1], [0, 0]]


def test_a_single_number_is_no_table():
    with pytest.raises(ShapeError, match=r"a table of rows, .* got shape \(\): take Parameter"):
        xn.SparseParameter(())


def test_a_deep_copy_lives_on_its_own(numpy64, layout):
    machine = xn.Lookup(3, 2, sparse=True)
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    first = machine.weight.x.copy()
    machine.weight.accumulate_rows(np.asarray([1]), np.ones((1, 2)))
    twin = copy.deepcopy(machine)
    assert type(twin.weight) is xn.SparseParameter
    assert (twin.weight.name, twin.weight.home, twin.weight.dx) == ("weight", None, None)
    xn.Sgd(1.0).update(store)
    np.testing.assert_array_equal(twin.weight.x, first)
    twin.weight.accumulate_rows(np.asarray([0]), np.ones((1, 2)))
    xn.Sgd(1.0).update(xn.ParameterStore(twin, numpy64, layout=layout))
    np.testing.assert_array_equal(machine.weight.x, first - [[0, 0], [1, 1], [0, 0]])
