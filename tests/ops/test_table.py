"""One resolved table of primitives: overrides, declining, and XPNET_ACCEL."""

import array_api_compat.numpy as xp
import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import BackendError
from xpnet.ops import REFERENCE, declines, gives_same_bits, nondeterministic, resolve

NOUNS = {"linear", "tanh", "scaled_tanh", "sigmoid", "relu", "softmax", "logsum", "euclidean", "concatenate", "sgd"}


def test_the_reference_has_every_noun_and_no_helper():
    assert set(REFERENCE) >= NOUNS
    assert not {"rows", "sum_to", "array_namespace"} & set(REFERENCE)


def test_every_backend_resolves_every_primitive(backend):
    for name in REFERENCE:
        assert callable(getattr(backend.ops, name))


def test_an_override_takes_the_place_of_the_reference():
    table = resolve(xp, {"tanh": lambda x: "fast"})
    assert table.tanh(1.0) == "fast"
    assert table.accelerated == {"tanh"}


def test_an_override_may_decline_a_shape():
    @declines
    def tanh(x):
        return "fast" if x.ndim == 2 else NotImplemented

    table = resolve(xp, {"tanh": tanh})
    assert table.tanh(np.zeros((1, 1))) == "fast"
    assert table.tanh(np.zeros(1)).tolist() == [0.0]


def test_an_override_of_nothing_is_an_error():
    with pytest.raises(BackendError, match="override of unknown primitive 'tnah'; did you mean 'tanh'"):
        resolve(xp, {"tnah": lambda x: x})


def test_without_acceleration_only_references_run(monkeypatch):
    assert xn.get_backend("numpy").ops.accelerated
    monkeypatch.setenv("XPNET_ACCEL", "off")
    assert not xn.get_backend("numpy").ops.accelerated


def test_an_unknown_primitive_is_named():
    with pytest.raises(AttributeError, match="no primitive 'lineer' in this table; did you mean 'linear'"):
        xn.get_backend("numpy").ops.lineer  # noqa: B018


def test_deterministic_mode_leaves_out_what_adds_in_another_order_each_time(monkeypatch):
    @declines
    @nondeterministic
    def tanh(x):
        return "fast"

    assert not gives_same_bits(resolve(xp, {"tanh": tanh}).tanh)
    monkeypatch.setenv("XPNET_DETERMINISTIC", "on")
    table = resolve(xp, {"tanh": tanh, "relu": lambda x: "fast"})
    assert table.tanh(np.zeros(1)).tolist() == [0.0]
    assert table.relu(1.0) == "fast"
    assert table.accelerated == {"relu"}
