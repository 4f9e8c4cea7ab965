"""The energies of arcs as parameters: first values, what is forbidden for good, and names in the store."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError, ShapeError
from xpnet.machines.label_sequences import LabelSequences, sequence_machine
from xpnet.machines.recurrent import Recurrent, simple_cell

NO = np.inf
ARCS = [[0.0, 0.5, NO], [0.0, 0.0, 0.0], [0.0, 0.0, -1.0]]


def tags():
    return LabelSequences(3, ARCS, initial=[0.0, 0.0, NO], final=[NO, 1.0, 0.0])


def outputs(labels):
    states = [xn.State() for _ in range(labels.n_outputs)]
    labels.fprop(*states)
    return states


def test_first_values_and_what_is_forbidden(backend):
    labels = tags()
    xn.ParameterStore(labels, backend)
    found = [backend.to_numpy(state.x).tolist() for state in outputs(labels)]
    assert found == [ARCS, [0.0, 0.0, NO], [NO, 1.0, 0.0]]
    assert (labels.n_outputs, LabelSequences(3).n_outputs, LabelSequences(3, final=True).n_outputs) == (3, 2, 3)
    assert [backend.to_numpy(s.x).tolist() for s in outputs(LabelSequences(2))] == [[[0.0] * 2] * 2, [0.0] * 2]


@pytest.mark.parametrize("second", [False, True])
def test_what_is_forbidden_takes_no_gradient_and_no_update(backend, layout, second):
    labels = tags()
    store = xn.ParameterStore(labels, backend, layout=layout)
    states = outputs(labels)
    for state in states:
        state.accumulate(backend.xp.ones_like(state.x))
        state.accumulate_ddx(backend.xp.ones_like(state.x))
    labels.bprop(*states)
    labels.bbprop(*states)
    grads = store.gradients()
    if second:
        grads = {name: backend.to_numpy(store[name].ddx) for name in store}
    assert grads["transitions.value"].tolist() == np.isfinite(ARCS).astype(float).tolist()
    assert grads["initial.value"].tolist() == [1.0, 1.0, 0.0]
    assert grads["final.value"].tolist() == [0.0, 1.0, 1.0]
    xn.Sgd(0.5, weight_decay=0.1, inertia=0.5).update(store)
    assert all(np.isfinite(value).all() for value in store.state_dict().values())
    after = backend.to_numpy(outputs(labels)[0].x)
    assert (np.isinf(after) == np.isinf(ARCS)).all()
    assert (after[np.isfinite(ARCS)] < np.asarray(ARCS)[np.isfinite(ARCS)] + 0.1).all()


def test_outputs_that_nobody_used(numpy64):
    labels = LabelSequences(2, final=True)
    store = xn.ParameterStore(labels)
    states = outputs(labels)
    states[1].accumulate(np.ones(2))
    labels.bprop(*states)
    assert {name: value.sum() for name, value in store.gradients().items()} == {
        "transitions.value": 0.0, "initial.value": 2.0, "final.value": 0.0,
    }  # fmt: skip


def test_copies_and_other_backends(strict_devices):
    labels = tags()
    store = xn.ParameterStore(labels, strict_devices[0])
    outputs(labels)
    store.to(strict_devices[1])
    assert all(state.x.device == strict_devices[1].device for state in outputs(labels))
    twin = copy.deepcopy(labels)
    assert np.asarray(strict_devices[1].to_numpy(outputs(twin)[0].x)).tolist() == ARCS


def test_a_tie_is_noticed(numpy64):
    labels = LabelSequences(2, final=[1.0, 2.0])
    store = xn.ParameterStore(labels)
    outputs(labels)
    store.tie("initial.value", "final.value")
    assert outputs(labels)[1].x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1, 2], ""),
        ([-1, -1, 2], ""),
        ([2, 1, 2], "it begins with label 2, which is forbidden"),
        ([1, 0], "it ends with label 0, which is forbidden"),
        ([1, 0, 2], "label 0 at step 1 is followed by 2, which is forbidden"),
    ],
)
def test_objections(labels, words):
    assert tags().objection(labels) == words


def test_the_machine_that_holds_both(backend):
    machine = sequence_machine(xn.Cascade(xn.Linear(2, 3), xn.Tanh()), tags())
    store = xn.ParameterStore(machine, backend)
    assert store.names == [
        "machine.0.weight",
        "machine.0.bias",
        "labels.transitions.value",
        "labels.initial.value",
        "labels.final.value",
    ]
    assert machine.n_outputs == 4
    states = [xn.State() for _ in range(4)]
    machine.fprop(xn.State(backend.asarray(np.zeros((5, 4, 2)))), *states)
    assert [tuple(state.x.shape) for state in states] == [(5, 4, 3), (3, 3), (3,), (3,)]
    with_lengths = Recurrent(simple_cell(2, 3), state=3, lengths=True)
    assert len(sequence_machine(with_lengths, tags()).event_ndims) == 2


def test_words_and_errors():
    assert repr(tags()) == "LabelSequences(3, 1 transitions forbidden)"
    assert repr(LabelSequences(4)) == "LabelSequences(4)"
    with pytest.raises(ShapeError, match=r"transitions energies of 3 labels have shape \(3, 3\); got \(2, 2\)"):
        LabelSequences(3, np.zeros((2, 2)))
    with pytest.raises(ShapeError, match=r"initial energies are finite, or \+∞ where forbidden; got \[0\.0, nan\]"):
        LabelSequences(2, initial=[0.0, np.nan])
    with pytest.raises(ShapeError, match="need at least one label; got n_states=0"):
        LabelSequences(0)
    with pytest.raises(GraphError, match=r"takes X, or X and lengths, to energies .* Euclidean\(\) has 2 inputs"):
        sequence_machine(xn.Euclidean(), tags())
    with pytest.raises(GraphError, match="what gives the energies of labels must be a module"):
        sequence_machine(3, tags())
