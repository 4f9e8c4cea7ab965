"""An inverse temperature: which values are refused, and how a trainable one is kept."""

import math

import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError
from xpnet.modules.gibbs import checked_beta


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda: xn.Logsum(beta=0.0), "must not be 0"),
        (lambda: xn.Logsum(beta=math.nan), "must not be NaN"),
        (lambda: xn.Softmax(beta=math.nan), "must not be NaN"),
        (lambda: xn.Softmax(beta=math.inf, trainable=True), "must not be infinite"),
        (lambda: xn.LogLoss(beta=math.inf), "must not be infinite"),
        (lambda: xn.CrossEntropy(beta=0), "must not be 0"),
    ],
)
def test_a_beta_without_a_limit_is_refused(make, cause):
    with pytest.raises(ShapeError, match=cause):
        make()


def test_an_integer_becomes_a_float_which_promotes_nothing():
    assert type(checked_beta(2)) is float
    assert checked_beta(-math.inf, infinity_allowed=True) == -math.inf


def test_a_trainable_beta_is_a_parameter_with_one_number(backend):
    machine = xn.Logsum(beta=0.5, trainable=True)
    store = xn.ParameterStore(machine, backend)
    assert store.names == ["beta"]
    assert tuple(store["beta"].x.shape) == ()
    assert float(store["beta"].x) == 0.5
    assert repr(machine) == "Logsum(beta=0.5, trainable=True)"
    assert len(xn.ParameterStore(xn.Logsum(beta=0.5))) == 0


def test_a_trainable_beta_on_another_device_is_refused(strict_devices):
    one, other = strict_devices
    machine = xn.Softmax(trainable=True)
    xn.ParameterStore(machine, one)
    with pytest.raises(PlacementError, match=r"beta and input\.x"):
        machine.fprop(xn.State(other.ones((3,))), xn.State())
