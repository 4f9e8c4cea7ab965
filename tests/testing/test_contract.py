"""The contract checker sees each way in which a module can be wrong, and tells which."""

import pytest

import xpnet as xn
from xpnet.errors import ContractError


class Square(xn.Module):
    """Y = X²: right in all passes; the wrong ones below change one thing each."""

    def fprop(self, input, output):
        output.x = input.x * input.x

    def bprop(self, input, output):
        input.accumulate(2.0 * input.x * output.cotangent)

    def bbprop(self, input, output):
        input.accumulate_ddx(4.0 * input.x * input.x * output.curvature)


class WrongSign(Square):
    def bprop(self, input, output):
        input.accumulate(-2.0 * input.x * output.cotangent)


class Overwrites(Square):
    def bprop(self, input, output):
        input.dx = 2.0 * input.x * output.cotangent


class WritesInput(Square):
    def bprop(self, input, output):
        super().bprop(input, output)
        dx = input.dx
        input.x = input.x + 1.0
        input.accumulate(dx)


class FirstOrderOnly(Square):
    def bbprop(self, input, output):
        input.accumulate_ddx(2.0 * input.x * output.curvature)


class KeepsValues(Square):
    def fprop(self, input, output):
        self.kept = input.x
        super().fprop(input, output)

    def bprop(self, input, output):
        input.accumulate(2.0 * self.kept * output.cotangent)


class OneSampleOnly(Square):
    def fprop(self, input, output):
        output.x = input.x * input.x if input.x.ndim < 2 else input.x * input.x[:1, ...]


class ForgetsItsInput(Square):
    def bprop(self, input, output):
        pass


class ChangesDtype(Square):
    def fprop(self, input, output):
        output.x = self.xp.astype(input.x * input.x, self.xp.float32)


class DemotesGradient(Square):
    def bprop(self, input, output):
        input.accumulate(self.xp.astype(2.0 * input.x * output.cotangent, self.xp.float32))


class DemotesCurvature(Square):
    def bbprop(self, input, output):
        input.accumulate_ddx(self.xp.astype(4.0 * input.x * input.x * output.curvature, self.xp.float32))


class NoSecondOrder(xn.Module):
    def fprop(self, input, output):
        Square.fprop(self, input, output)

    def bprop(self, input, output):
        Square.bprop(self, input, output)


WRONG = {
    WrongSign: "bprop is derivative.*dx of input 0 is off",
    Overwrites: "passes accumulate.*after two bprops|fan out sums",
    WritesInput: "x of input 0 was rebound",
    FirstOrderOnly: "bbprop is squared jacobian.*ddx of input 0",
    KeepsValues: "module in several places",
    OneSampleOnly: "input shapes",
    ForgetsItsInput: "dx of input 0 was not written",
    ChangesDtype: "must share one dtype and device",
    DemotesGradient: "derivatives stay in place.*x and dx of input 0 must share one dtype and device",
    NoSecondOrder: "bbprop is squared jacobian.*NoSecondOrder has no bbprop: second-order methods need it",
    DemotesCurvature: "derivatives stay in place.*x and ddx of input 0 must share one dtype and device",
}


def test_a_right_module_passes():
    report = xn.testing.check_module(Square(), [(3,)], backend=xn.get_backend("numpy", dtype="float64"))
    assert max(line.error for line in report) < 1e-8
    assert "bprop is derivative" in {line.clause for line in report}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_wrong_module_is_caught_by_the_clause_it_breaks(wrong):
    with pytest.raises(ContractError, match=rf"(?s){WRONG[wrong]}"):
        xn.testing.check_module(wrong(), [(3,)], backend=xn.get_backend("numpy", dtype="float64"))


def test_the_checked_module_is_left_alone():
    module = xn.Linear(3, 2)
    store = xn.ParameterStore(module, seed=3)
    before = store.state_dict()
    xn.testing.check_module(module, [(3,)], backend=xn.get_backend("strict", device="device1"))
    assert module.backend is store.backend
    assert all((before[name] == value).all() for name, value in store.state_dict().items())
