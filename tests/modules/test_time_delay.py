"""The window over time: a Linear behind it is a Convolution."""

import pytest

import xpnet as xn


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 3), (3, 2)])
def test_a_linear_behind_a_time_delay_is_a_convolution(backend, close, rng, stride, dilation):
    convolution = xn.Convolution(2, 3, kernel=4, stride=stride, dilation=dilation)
    stacked = xn.Cascade(xn.TimeDelay(4, stride, dilation), xn.Linear(8, 3))
    stores = [xn.ParameterStore(machine, backend) for machine in (convolution, stacked)]
    stacked[1].weight.x = backend.xp.reshape(convolution.weight.x, (3, 8))
    stacked[1].bias.x = convolution.bias.x = backend.asarray(rng.normal(size=3))
    x = backend.asarray(rng.normal(size=(5, 13, 2)))
    results = []
    for machine in (convolution, stacked):
        a, y = xn.State(x), xn.State()
        machine.fprop(a, y)
        y.accumulate(y.x)
        machine.bprop(a, y)
        y.accumulate_ddx(y.x)
        machine.bbprop(a, y)
        results.append((y.x, a.dx, a.ddx))
    for one, other in zip(*results, strict=True):
        close(one, backend.to_numpy(other), factor=4)
    close(convolution.weight.dx, stores[1].gradients()["1.weight"].reshape(3, 4, 2), factor=4)
    close(convolution.bias.dx, stores[1].gradients()["1.bias"], factor=4)


def test_windows_stand_in_the_order_of_time(backend, close):
    x, y = xn.State(backend.asarray([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])), xn.State()
    xn.TimeDelay(2).bind(backend).fprop(x, y)
    close(y.x, [[1, 10, 2, 20], [2, 20, 3, 30]])
    y.accumulate(backend.asarray([[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]]))
    xn.TimeDelay(2).bind(backend).bprop(x, y)
    close(x.dx, [[1, 2], [13, 24], [30, 40]])


def test_repr():
    assert repr(xn.TimeDelay(3, stride=2)) == "TimeDelay(3, stride=2, dilation=1)"
