"""Select: the switch on a vector of energies."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError
from xpnet.modules import Select


def test_equals_a_switch_over_the_components(numpy64, rng):
    energies, choice = rng.normal(size=(5, 3)), np.asarray([0, 2, 1, 2, 0])
    vector, label, one = xn.State(energies), xn.State(choice, fixed=True), xn.State()
    Select().fprop(vector, label, one)
    parts, other = [xn.State(energies[:, k]) for k in range(3)], xn.State()
    xn.Switch(event_ndim=0).fprop(*parts, label, other)
    np.testing.assert_array_equal(one.x, other.x)
    dy = rng.normal(size=5)
    for out in (one, other):
        out.accumulate(dy)
    Select().bprop(vector, label, one)
    xn.Switch(event_ndim=0).bprop(*parts, label, other)
    np.testing.assert_array_equal(vector.dx, np.stack([part.dx for part in parts], axis=-1))


def test_infinite_energies_beside_the_chosen_one_do_no_harm(backend, close):
    x, label, out = xn.State(backend.asarray([[np.inf, 1.0]] * 3)), xn.State(backend.indices([1, 0, 7])), xn.State()
    Select().bind(backend).fprop(x, label, out)
    close(out.x, [1.0, np.inf, np.nan])


def test_labels_must_be_integers(numpy64):
    with pytest.raises(LabelError, match="Select expects integers as labels"):
        Select().fprop(xn.State(np.ones(3)), xn.State(np.asarray(1.0)), xn.State())
