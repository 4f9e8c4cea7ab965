"""One energy machine from a machine and a cost, with the same energies and gradients."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.machines.energy_machine import energy_machine


def test_same_energies_and_gradients_as_the_parts(numpy64, rng):
    machine, cost, junk = xn.Linear(3, 2), xn.Euclidean(), xn.Junk(0.5, trainable=True)
    whole = energy_machine(machine, cost, junk)
    store = xn.ParameterStore(whole, numpy64)
    x, y = xn.State(rng.normal(size=(4, 1, 3)), fixed=True), xn.State(rng.normal(size=(5, 2)), fixed=True)
    dy = rng.normal(size=(4, 6))
    out = xn.State()
    whole.fprop(x, y, out)
    out.accumulate(dy)
    whole.bprop(x, y, out)
    found, energies = store.gradients(), out.x
    store.clear()
    mout, energy, all_energies = xn.State(), xn.State(), xn.State()
    machine.fprop(x, mout)
    cost.fprop(mout, y, energy)
    junk.fprop(energy, all_energies)
    np.testing.assert_array_equal(energies, all_energies.x)
    all_energies.accumulate(dy)
    junk.bprop(energy, all_energies)
    cost.bprop(mout, y, energy)
    machine.bprop(x, mout)
    for name, gradient in store.gradients().items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-14)


@pytest.mark.parametrize(("make", "ports"), [(lambda: xn.Linear(2, 3), 1), (xn.Euclidean, 2)])
def test_a_machine_that_gives_energies_keeps_its_inputs(make, ports):
    assert len(energy_machine(make()).event_ndims) == ports
