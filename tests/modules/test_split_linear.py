"""One product a part: the linear module behind a concatenation, whatever axes each part is replicated along."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError
from xpnet.modules.split_linear import SplitLinear

SAMPLES, LABELS, LATENTS = (3, 1, 1, 4), (5, 1, 2), (2, 3)  # lead axes (B, 1, 1), (K, 1) and (M)


def states_of(backend, rng, shapes=(SAMPLES, LABELS, LATENTS)):
    return [xn.State(backend.asarray(rng.normal(size=shape))) for shape in shapes]


def passed(linear, inputs, dy, ddy, *, split):
    """Output, and all first and second derivatives of inputs and parameters."""
    store, joined, output = xn.ParameterStore(linear, linear.backend), xn.State(), xn.State()
    for input in inputs:
        input.x = input.x  # forgets what it gathered
    ports = [(SplitLinear(linear).bind(linear.backend), (*inputs, output))]
    if not split:
        ports = [(xn.Concatenate().bind(linear.backend), (*inputs, joined)), (linear, (joined, output))]
    for module, states in ports:
        module.fprop(*states)
    output.accumulate(dy)
    output.accumulate_ddx(ddy)
    for name in ("bprop", "bbprop"):
        for module, states in reversed(ports):
            getattr(module, name)(*states)
    found = [output.x, *(input.dx for input in inputs), *(input.ddx for input in inputs)]
    found += [store[name].dx for name in store] + [store[name].ddx for name in store]
    found = [linear.backend.to_numpy(each).copy() for each in found]
    store.clear()
    return found


@pytest.mark.parametrize("bias", [True, False])
def test_it_is_the_linear_module_of_the_joined_parts(backend, close, rng, bias):
    linear = xn.Linear(9, 2, bias=bias)
    xn.ParameterStore(linear, backend)
    inputs = states_of(backend, rng)
    dy, ddy = (backend.asarray(rng.normal(size=(3, 5, 2, 2))) for _ in range(2))
    wanted = passed(linear, inputs, dy, ddy, split=False)
    found = passed(linear, inputs, dy, ddy, split=True)
    assert len(found) == len(wanted) == (11 if bias else 9)
    for got, right in zip(found, wanted, strict=True):
        close(backend.asarray(got), right, factor=20)


def test_each_part_is_multiplied_with_no_more_rows_than_it_has(numpy64, rng):
    linear = xn.Linear(9, 2)
    xn.ParameterStore(linear, numpy64)
    module, rows = SplitLinear(linear).bind(numpy64), []
    counted = numpy64.ops.linear
    module.ops = Counting(numpy64.ops, lambda x, w: rows.append(x.shape) or counted(x, w))
    module.fprop(*states_of(numpy64, rng), xn.State())
    assert rows == [SAMPLES, LABELS, LATENTS]


class Counting:
    """The primitives, with another `linear`."""

    def __init__(self, ops, linear):
        self._ops, self.linear = ops, linear

    def __getattr__(self, name):
        return getattr(self._ops, name)


def test_by_hand(numpy64):
    linear = xn.Linear(3, 1)
    xn.ParameterStore(linear, numpy64)
    linear.weight.x, linear.bias.x = np.asarray([[1.0, 10.0, 100.0]]), np.asarray([0.5])
    x, y, out = xn.State(np.asarray([[[1.0]], [[2.0]]])), xn.State(np.asarray([[1.0, 1.0], [0.0, 2.0]])), xn.State()
    module = SplitLinear(linear)
    module.fprop(x, y, out)
    assert out.x.tolist() == [[[111.5], [201.5]], [[112.5], [202.5]]]
    out.accumulate(np.asarray([[[1.0], [2.0]], [[3.0], [4.0]]]))
    module.bprop(x, y, out)
    assert x.dx.tolist() == [[[3.0]], [[7.0]]]
    assert y.dx.tolist() == [[40.0, 400.0], [60.0, 600.0]]
    assert linear.weight.dx.tolist() == [[3.0 + 14.0, 4.0, 4.0 + 12.0]]
    assert linear.bias.dx.tolist() == [10.0]


def test_a_fixed_part_takes_no_gradient(numpy64, rng):
    linear, out = xn.Linear(9, 2), xn.State()
    x, y, z = states_of(numpy64, rng)
    y = xn.State(y.x, fixed=True)
    module = SplitLinear(linear).bind(numpy64)
    xn.ParameterStore(linear, numpy64)
    module.fprop(x, y, z, out)
    out.accumulate(np.ones((3, 5, 2, 2)))
    out.accumulate_ddx(np.ones((3, 5, 2, 2)))
    module.bprop(x, y, z, out)
    module.bbprop(x, y, z, out)
    assert y.dx is y.ddx is None
    assert x.dx.shape == x.ddx.shape == SAMPLES
    assert (linear.weight.dx != 0).all()


def test_the_parts_must_fill_the_inputs_of_the_linear_module(numpy64, rng):
    with pytest.raises(ShapeError, match=r"SplitLinear expects inputs of 9 components in all; got \[4, 2\]"):
        SplitLinear(xn.Linear(9, 2)).fprop(*states_of(numpy64, rng, [SAMPLES, LABELS]), xn.State())


def test_parts_of_another_device_are_refused(strict_devices, rng):
    first, second = strict_devices
    linear = xn.Linear(6, 2)
    xn.ParameterStore(linear, first)
    x, y = xn.State(first.ones((3, 1, 4))), xn.State(second.ones((5, 2)))
    with pytest.raises(PlacementError, match="weight and the inputs must share one dtype and device"):
        SplitLinear(linear).bind(first).fprop(x, y, xn.State())


def test_it_is_described_by_its_linear_module():
    assert repr(SplitLinear(xn.Linear(3, 2))) == "SplitLinear(Linear(3, 2))"
