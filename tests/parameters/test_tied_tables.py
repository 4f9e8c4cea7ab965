"""Sparse tables that are tied, taken over by another store, or measured."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.modules import Trainable
from xpnet.second_order import measure


@pytest.mark.parametrize(("alias", "target"), [("1.weight", "0.weight"), ("0.weight", "1.weight")])
@pytest.mark.parametrize("kinds", [(True, True), (True, False), (False, True)], ids=str)
def test_tied_tables_learn_as_one(numpy64, layout, alias, target, kinds):
    machine = xn.Cascade(*(xn.Lookup(4, 2, sparse=kind) for kind in kinds))
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    for name in store:
        store[name].accumulate_rows(np.asarray([1]), np.ones((1, 2)))
    xn.Sgd(0.1, inertia=0.5).update(store)
    kind, x, slots = type(store[target]), store[target].x.copy(), store.slots_dict()["deltas"][target]
    store.tie(alias, target)
    assert store.names == ["0.weight"]
    assert type(store["0.weight"]) is kind
    np.testing.assert_array_equal(store["0.weight"].x, x)
    np.testing.assert_array_equal(store.slots_dict()["deltas"]["0.weight"], slots)
    for lookup in machine.modules:
        input, output = xn.State(np.asarray([2, 2]), fixed=True), xn.State()
        lookup.fprop(input, output)
        output.accumulate(np.ones((2, 2)))
        lookup.bprop(input, output)
    assert store["0.weight"].dx.tolist() == [[0, 0], [0, 0], [4, 4], [0, 0]]
    xn.Sgd(1.0).update(store)
    np.testing.assert_array_equal(store["0.weight"].x, x - [[0, 0], [0, 0], [4, 4], [0, 0]])


def test_a_transposed_tie_adds_whole_gradients_to_the_rows(numpy64, layout):
    machine = xn.Cascade(xn.Lookup(3, 2, sparse=True), xn.Linear(3, 2, bias=False))
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    store.tie("1.weight", "0.weight", "transpose")
    machine[0].weight.accumulate_rows(np.asarray([1]), np.ones((1, 2)))
    machine[1].weight.accumulate(np.ones((2, 3)))
    assert store["0.weight"].dx.tolist() == [[1, 1], [2, 2], [1, 1]]
    x = store["0.weight"].x.copy()
    xn.Sgd(1.0).update(store)
    np.testing.assert_array_equal(machine[1].weight.x, (x - [[1, 1], [2, 2], [1, 1]]).T)


def test_an_older_store_refuses_to_update_it(numpy64, layout):
    machine = xn.Cascade(Trainable((6, 3), sparse=True), xn.Bias(3))
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    newer = xn.ParameterStore(machine, numpy64, layout=layout)
    with pytest.raises(xn.XpnetError, match=r"'0\.value' has moved to a newer ParameterStore"):
        xn.Sgd(0.1).update(store)
    xn.Sgd(0.1).update(newer)


def test_curvature_is_measured_of_all_rows_and_used_of_those_touched(numpy64, layout):
    """E = ½ ‖X + W - Y‖²: h is 1, g the mean residue."""
    graph = xn.Graph()
    shift = graph(Trainable((3,), sparse=True), name="shift")
    graph.output("y", graph(xn.Plus(), graph.input("x"), shift))
    store = xn.ParameterStore(graph, numpy64, layout=layout)
    measured = measure(store, np.asarray([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), np.zeros((2, 3)), xn.Euclidean(), batch=1)
    assert measured.gradient["shift.value"].tolist() == [2, 2, 2]
    assert (
        measured.curvature["shift.value"].tolist() == store.slots_dict()["curvature"]["shift.value"].tolist() == [1] * 3
    )
    h = np.asarray([0.0, 2.0, 4.0])
    store.load_slots_dict({"curvature": {"shift.value": h}})
    store["shift.value"].accumulate_rows(np.asarray([2, 0]), np.ones(2))
    xn.DiagLm(0.1, mu=0.5).update(store)
    np.testing.assert_allclose(store["shift.value"].x, [-0.1 / 0.5, 0, -0.1 / 4.5], rtol=1e-14)
    assert store.slots_dict()["curvature"]["shift.value"].tolist() == h.tolist()
