"""The kit's cases for large label sets: labels are seen through their energies, and a wrong override is found."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.backend import OpsTable
from xpnet.errors import ContractError
from xpnet.ops import REFERENCE
from xpnet.testing import check_ops
from xpnet.testing.ops_cases_labels import LABEL_SHAPES, at_labels, energies_of


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_override_is_proved(dtype):
    backend = xn.get_backend("numpy", dtype=dtype)
    names = LABEL_SHAPES.keys() & backend.ops.accelerated
    assert names == {"search_labels", "label_logsum", "label_logsum_vjp_codes"}
    assert check_ops(backend, names).cases.keys() == names


def test_cases_are_of_known_primitives():
    assert LABEL_SHAPES.keys() <= REFERENCE.keys()


def test_energies_by_differences(rng):
    h, codes = rng.normal(size=(2, 3)), rng.normal(size=(4, 3))
    assert energies_of(h, codes, "euclidean", None)[1, 2] == pytest.approx(0.5 * np.sum((h[1] - codes[2]) ** 2))
    assert energies_of(h, codes, "inner", np.arange(4.0))[1, 2] == pytest.approx(2 - h[1] @ codes[2])


def test_equal_labels_may_change_places_but_none_may_be_named_twice():
    codes = np.array([[1.0], [2.0], [1.0]])
    args = (np.array([[1.0]]), codes, "euclidean", None, 2, 3)
    first, swapped, twice = (at_labels(args, [np.zeros((1, 2)), np.array([k])])[1] for k in ((0, 2), (2, 0), (0, 0)))
    assert first.tolist() == swapped.tolist() == [[0.0, 0.0]]
    assert np.isnan(twice).all()


def labels_off_by_one(h, codes, metric, bias, count, size, reference):
    energies, labels = reference(h, codes, metric, bias, count, size)
    return energies, (labels + 1) % len(codes)


def the_same_label_twice(h, codes, metric, bias, count, size, reference):
    energies, labels = reference(h, codes, metric, bias, count, size)
    return energies, np.repeat(labels[:, :1], count, axis=1)


@pytest.mark.parametrize("wrong", [labels_off_by_one, the_same_label_twice])
def test_a_wrong_label_is_found(monkeypatch, wrong):
    backend = xn.get_backend("numpy", dtype="float64")
    right = backend.ops.search_labels
    table = OpsTable(
        {**vars(backend.ops), "search_labels": lambda *args: wrong(*args, right)}, frozenset(["search_labels"])
    )
    monkeypatch.setattr(backend, "ops", table)
    with pytest.raises(ContractError, match="override 'search_labels'"):
        check_ops(backend, ["search_labels"])
