"""Switch: what is copied, where gradients go, and inference by the smallest energy."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, ShapeError


@pytest.mark.parametrize("event", [(), (3,), (2, 3)])
@pytest.mark.parametrize("lead", [(), (4,), (2, 4)])
def test_copies_the_chosen_input_for_any_shape(backend, close, rng, event, lead):
    inputs = [xn.State(backend.asarray(rng.normal(size=lead + event))) for _ in range(3)]
    choice = rng.integers(3, size=lead)
    label, out = xn.State(backend.indices(choice), fixed=True), xn.State()
    switch = xn.Switch().bind(backend)
    switch.fprop(*inputs, label, out)
    values = np.stack([backend.to_numpy(x.x) for x in inputs])
    mask = np.stack([np.reshape(choice == k, lead + (1,) * len(event)) for k in range(3)])
    close(out.x, (values * mask).sum(axis=0))
    dy = rng.normal(size=lead + event)
    out.accumulate(backend.asarray(dy))
    switch.bprop(*inputs, label, out)
    out.accumulate_ddx(backend.asarray(dy))
    switch.bbprop(*inputs, label, out)
    for k in range(3):
        close(inputs[k].dx, np.where(mask[k], dy, 0.0))
        close(inputs[k].ddx, np.where(mask[k], dy, 0.0))


def test_what_is_switched_off_does_no_harm(numpy64):
    bad, good, out = xn.State(np.asarray([np.nan, np.inf])), xn.State(np.asarray([1.0, 2.0])), xn.State()
    switch, label = xn.Switch(), xn.State(np.asarray(1), fixed=True)
    switch.fprop(bad, good, label, out)
    assert out.x.tolist() == [1.0, 2.0]
    out.accumulate(np.ones(2))
    switch.bprop(bad, good, label, out)
    assert bad.dx.tolist() == [0.0, 0.0]


def test_a_label_that_points_nowhere_gives_nan(numpy64):
    out = xn.State()
    ports = [xn.State(np.ones((3, 2))) for _ in range(2)]
    xn.Switch().fprop(*ports, xn.State(np.asarray([0, 2, -1]), fixed=True), out)
    assert np.isnan(out.x).all(axis=-1).tolist() == [False, True, True]


def test_lead_axes_broadcast_when_the_event_is_told(numpy64, rng):
    a, b = rng.normal(size=(4, 1, 2)), rng.normal(size=(3, 2))
    label, out = xn.State(np.asarray([0, 1, 0]), fixed=True), xn.State()
    one, other = xn.State(a), xn.State(b)
    switch = xn.Switch(event_ndim=1)
    switch.fprop(one, other, label, out)
    np.testing.assert_array_equal(out.x, np.where(np.asarray([0, 1, 0])[:, None] == 0, a, b))
    out.accumulate(np.ones((4, 3, 2)))
    switch.bprop(one, other, label, out)
    np.testing.assert_array_equal(one.dx, np.full((4, 1, 2), 2.0))
    np.testing.assert_array_equal(other.dx, [[0, 0], [4, 4], [0, 0]])


def test_inference_switches_in_the_smallest_energy(backend, close):
    energies = [xn.State(backend.asarray(e)) for e in ([3.0, 1.0], [2.0, 5.0], [4.0, 1.0])]
    label, out = xn.State(), xn.State()
    switch = xn.Switch().bind(backend)
    switch.infer(*energies, label, out)
    assert backend.to_numpy(label.x).tolist() == [1, 0]  # the first one of a tie
    close(out.x, [2.0, 1.0])


def test_inference_with_energies_of_their_own_and_back(backend, close, rng):
    outputs = rng.normal(size=(2, 4, 3))
    experts = [xn.State(backend.asarray(x)) for x in outputs]
    energies = xn.State(backend.asarray([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0], [5.0, 4.0]]))
    label, out = xn.State(fixed=True), xn.State()
    switch = xn.Switch().bind(backend)
    switch.infer(*experts, label, out, energies=energies)
    chosen = [1, 0, 0, 1]
    close(out.x, outputs[chosen, range(4)])
    out.accumulate(backend.ones((4, 3)))
    switch.bprop(*experts, label, out)
    close(experts[1].dx, np.asarray([[1.0], [0.0], [0.0], [1.0]]) * np.ones((4, 3)))


def test_errors_name_the_cause(numpy64):
    a, out = xn.State(np.ones(2)), xn.State()
    with pytest.raises(LabelError, match="Switch expects integers as labels; got float64"):
        xn.Switch().fprop(a, a, xn.State(np.asarray(1.0)), out)
    with pytest.raises(ShapeError, match="at least one input, the discrete input Y"):
        xn.Switch().fprop(a, out)
    with pytest.raises(ShapeError, match=r"among 2 inputs; got energies of shape \(3,\)"):
        xn.Switch().infer(a, a, xn.State(), out, energies=xn.State(np.ones(3)))
