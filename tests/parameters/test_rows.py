"""Gradients of rows: their sums, what they stand for, and every way in which they may not fit."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, PlacementError, ShapeError
from xpnet.modules import Trainable
from xpnet.parameters.rows import require_rows, spread, summed


def test_rows_and_what_they_stand_for(backend, close, rng):
    ids, values = rng.integers(6, size=9), rng.normal(size=(9, 2)).astype(backend.dtype_name)
    wanted = np.zeros((6, 2))
    np.add.at(wanted, ids, values)
    close(spread(backend, (6, 2), backend.indices(ids), backend.asarray(values)), wanted)
    rows, sums = summed(backend, backend.indices(ids), backend.asarray(values))
    close(sums, wanted[backend.to_numpy(rows)])
    assert set(backend.to_numpy(rows).tolist()) == set(ids.tolist())


@pytest.mark.parametrize(
    ("x", "ids", "values", "error", "text"),
    [
        ((4, 2), [0.0], (1, 2), PlacementError, r"'codes' expects integers .* got float64\. .*backend\.indices"),
        ((4, 2), [[0]], (1, 1, 2), ShapeError, r"shape \(4, 2\) .* got shapes \(1, 1\) and \(1, 1, 2\)\. Reshape"),
        ((4, 2), [0, 1], (1, 2), ShapeError, r"got shapes \(2,\) and \(1, 2\)"),
        ((4, 2), [0, 1], (2, 1), ShapeError, r"got shapes \(2,\) and \(2, 1\)"),
        ((), [0], (1,), ShapeError, r"of shape \(\) expects"),
        ((4, 2), [0, 4], (2, 2), LabelError, r"knows rows 0 … 3; got 0 … 4\. Look for padding"),
        ((4, 2), [-1, 3], (2, 2), LabelError, r"knows rows 0 … 3; got -1 … 3"),
    ],
)
def test_what_does_not_fit_is_named(numpy64, x, ids, values, error, text):
    with pytest.raises(error, match=text):
        require_rows(numpy64, "codes", np.zeros(x), np.asarray(ids), np.zeros(values))


def test_a_gradient_of_another_dtype_or_device_is_named(strict_devices):
    first, second = strict_devices
    x, ids = first.zeros((4, 2)), first.indices([1])
    for other in (second, first.with_dtype("float64")):
        with pytest.raises(PlacementError, match="of parameter 'codes': value and gradient must share"):
            require_rows(first, "codes", x, ids, other.zeros((1, 2)))
    require_rows(first, "codes", x, first.indices([0, 3, 0]), first.zeros((3, 2)))


def test_a_device_is_not_asked_for_the_range(numpy64, monkeypatch):
    monkeypatch.setattr(numpy64, "synchronous", False, raising=False)
    require_rows(numpy64, "codes", np.zeros((4, 2)), np.asarray([9]), np.zeros((1, 2)))


def test_a_parameter_that_is_not_sparse_takes_rows_as_a_whole_gradient(backend, close, layout):
    machine = Trainable((3, 2))
    store = xn.ParameterStore(machine, backend, layout=layout)
    for _ in range(2):
        machine.value.accumulate_rows(backend.indices([2, 0, 2]), backend.ones((3, 2)))
    close(machine.value.dx, [[2, 2], [0, 0], [4, 4]])
    xn.Sgd(0.5).update(store)
    close(machine.value.x, [[-1, -1], [0, 0], [-2, -2]])
    with pytest.raises(LabelError, match="of parameter 'value' knows rows 0 … 2; got 3 … 3"):
        machine.value.accumulate_rows(backend.indices([3]), backend.ones((1, 2)))


def test_rows_of_a_transposed_tie_are_columns_of_its_target(strict_devices):
    """On the target's backend, which need not be the one in force."""
    backend = strict_devices[1]
    machine = xn.Cascade(xn.Linear(3, 2, bias=False), xn.Linear(2, 3, bias=False))
    store = xn.ParameterStore(machine, backend)
    store.tie("1.weight", "0.weight", "transpose")
    machine[1].weight.accumulate_rows(backend.indices([1]), backend.ones((1, 2)))
    assert backend.to_numpy(store["0.weight"].dx).tolist() == [[0, 1, 0], [0, 1, 0]]
