"""Inputs with a domain: what each draw gives, and how the checker treats discrete inputs."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ContractError
from xpnet.streams import stream
from xpnet.testing import draws


class Scale(xn.Module):
    """Y = (n + 1) log X with a discrete n: right in all passes."""

    event_ndims = (0, 0)

    def fprop(self, input, count, output):
        assert self.xp.isdtype(count.x.dtype, "integral")
        output.x = self._factor(count, input) * self.xp.log(input.x)

    def bprop(self, input, count, output):
        input.accumulate(self._factor(count, input) / input.x * output.cotangent)

    def bbprop(self, input, count, output):
        input.accumulate_ddx((self._factor(count, input) / input.x) ** 2 * output.curvature)

    def _factor(self, count, input):
        return self.xp.astype(count.x, input.x.dtype) + 1.0


class GradientForAnInteger(Scale):
    def bprop(self, input, count, output):
        super().bprop(input, count, output)
        count.dx = output.cotangent


class IgnoresTheInteger(Scale):
    def bprop(self, input, count, output):
        input.accumulate(output.cotangent / input.x)


@pytest.mark.parametrize("place", [("numpy", None, "float64"), ("strict", "device1", "float32")])
def test_a_module_with_a_discrete_and_a_positive_input_passes(place):
    name, device, dtype = place
    backend = xn.get_backend(name, device=device, dtype=dtype)
    report = xn.testing.check_module(Scale(), [(), ()], backend=backend, draws=[draws.positive, draws.integers(3)])
    assert {line.problem for line in report} == {""}


@pytest.mark.parametrize("wrong", [GradientForAnInteger, IgnoresTheInteger])
def test_wrong_gradients_beside_a_discrete_input_are_caught(wrong):
    backend = xn.get_backend("numpy", dtype="float64")
    with pytest.raises(ContractError, match=r"dx of input|fixed input received"):
        xn.testing.check_module(wrong(), [(), ()], backend=backend, draws=[draws.positive, draws.integers(3)])


def test_draws_stay_in_their_domain():
    generator = stream(0, "draws")
    integers = draws.integers(3)(generator, (500,))
    assert integers.dtype.kind == "i"
    assert set(integers.tolist()) == {0, 1, 2}
    assert draws.positive(generator, (500,)).min() >= 0.2
    np.testing.assert_allclose(draws.distribution(generator, (5, 4)).sum(axis=-1), 1.0, rtol=1e-15)
    assert draws.normal(generator, (2, 3)).shape == (2, 3)
