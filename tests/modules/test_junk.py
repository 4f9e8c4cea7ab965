"""The junk category: one more energy, constant or trainable."""

import pytest

import xpnet as xn
from xpnet.errors import PlacementError


def test_a_constant_wire_is_the_last_answer(backend, close):
    x, out = xn.State(backend.asarray([[3.0, 5.0], [1.0, 9.0]])), xn.State()
    junk = xn.Junk(2.0).bind(backend)
    junk.fprop(x, out)
    close(out.x, [[3, 5, 2], [1, 9, 2]])
    assert len(xn.ParameterStore(junk, backend)) == 0


def test_a_trainable_wire_sums_its_gradients_over_samples_and_passes(backend, close, layout):
    """gblearn2's mmi-cost assigned the junk parameter's gradient where it had to accumulate."""
    junk = xn.Junk(2.0, trainable=True)
    store = xn.ParameterStore(junk, backend, layout=layout)
    x, out = xn.State(backend.asarray([[3.0, 5.0], [1.0, 9.0]])), xn.State()
    junk.fprop(x, out)
    out.accumulate(backend.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    junk.bprop(x, out)
    close(store["energy"].dx, 9.0)
    close(x.dx, [[1, 2], [4, 5]])
    junk.bprop(x, out)
    close(store["energy"].dx, 18.0)


def test_an_energy_on_another_device_is_refused(strict_devices):
    one, other = strict_devices
    junk = xn.Junk(trainable=True)
    xn.ParameterStore(junk, one)
    with pytest.raises(PlacementError, match=r"energy and input\.x"):
        junk.fprop(xn.State(other.ones((2, 3))), xn.State())
