"""What all boxes share: binding to a backend, parts, names, checks at the ports."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ContractError, GraphError, PlacementError, ShapeError
from xpnet.module import require_module


class Twice(xn.Module):
    """A user's composite with a parameter and a child, and no knowledge of any library."""

    event_ndims = (1,)

    def __init__(self):
        self.scale = xn.Parameter((1,))
        self.inner = xn.Linear(2, 2)

    def fprop(self, input, output):
        output.x = 2.0 * self.xp.abs(input.x)

    def bprop(self, input, output):
        input.accumulate(2.0 * self.xp.sign(input.x) * output.cotangent)

    def bbprop(self, input, output):
        input.accumulate_ddx(4.0 * output.curvature)


def test_a_module_computes_with_the_backend_in_force_at_first_use(backend, close):
    module, x, y = Twice(), xn.State(backend.asarray([-1.0, 3.0])), xn.State()
    module.fprop(x, y)
    assert module.backend is backend
    close(y.x, [2, 6])


def test_bind_reaches_the_children_and_forgets_what_was_cached():
    module = Twice()
    first, second = xn.get_backend("numpy"), xn.get_backend("strict", device="device1")
    module.bind(first)
    assert module.ops is first.ops
    assert module.inner.xp is first.xp
    module.bind(second)
    assert module.ops is second.ops
    assert module.inner.xp is second.xp


def test_names_follow_the_places_of_the_parts():
    module = Twice()
    assert [name for name, *_ in module.named_parameters("top.")] == ["top.scale", "top.inner.weight", "top.inner.bias"]
    assert dict(module.children()) == {"inner": module.inner}


def test_a_deep_copy_has_parameters_of_its_own_and_the_same_backend(numpy64):
    module = Twice()
    store = xn.ParameterStore(module)
    twin = copy.deepcopy(module)
    twin.inner.weight.x = np.zeros((2, 2))
    assert np.any(store["inner.weight"].x != 0)
    assert twin.backend is module.backend


class Half(xn.Module):
    """Goes forward only."""

    event_ndims = (1,)

    def fprop(self, input, output):
        output.x = input.x


def test_fprop_must_be_there():
    class Nothing(xn.Module):
        pass

    with pytest.raises(TypeError, match=r"abstract.*fprop"):
        Nothing()


def test_a_module_without_backward_passes_says_so_when_they_are_needed():
    half, x, y = Half(), xn.State(np.ones(2)), xn.State()
    half.fprop(x, y)
    with pytest.raises(ContractError, match=r"Half has no bprop: learning needs it; define bprop\(\*inputs, \*out"):
        half.bprop(x, y)
    with pytest.raises(ContractError, match="Half has no bbprop: second-order methods need it; define bbprop"):
        half.bbprop(x, y)


def test_calling_a_module_tells_what_to_do_instead():
    with pytest.raises(GraphError, match=r"Tanh is not called: write Tanh\.fprop\(input, output\) with States, or"):
        xn.Tanh()(np.ones(2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (xn.Tanh, r"the cost must be a module; got the class Tanh: make an instance, Tanh\(…\)"),
        ([xn.Tanh()], r"got a list: give modules one by one, as in Cascade\(\*modules\)"),
        ("tanh", "must be a module; got 'tanh'"),
    ],
)
def test_what_is_not_a_module_is_told_with_the_remedy(value, text):
    with pytest.raises(GraphError, match=text):
        require_module(value, "the cost")
    require_module(xn.Tanh(), "the cost")


def test_an_empty_state_is_told_from_a_wrong_width():
    with pytest.raises(ShapeError, match=r"Linear reads input\.x, but this state has no value yet"):
        xn.Linear(5, 3).fprop(xn.State(), xn.State())


def test_width_errors_state_both_sides():
    with pytest.raises(ShapeError, match=r"Linear expects input\.x with last axis 5; got shape \(2, 4\)"):
        xn.Linear(5, 3).fprop(xn.State(np.zeros((2, 4), np.float32)), xn.State())
    with pytest.raises(ShapeError, match=r"Bias expects input\.x with last axis 5; got shape \(\)"):
        xn.Bias(5).fprop(xn.State(np.zeros((), np.float32)), xn.State())


@pytest.mark.parametrize(
    ("module", "ports"),
    [
        (xn.Linear(2, 2), "Linear: weight and input.x"),
        (xn.Bias(2), "Bias: bias and input.x"),
        (xn.Euclidean(), "Euclidean: input.x and output.x"),
        (xn.Plus(), "Plus: the inputs"),
        (xn.Concatenate(), "Concatenate: the inputs"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, xn.Module) else "",
)
def test_mixed_devices_name_module_port_and_both_devices(strict_devices, module, ports):
    ours, theirs = strict_devices
    xn.ParameterStore(module, ours)
    here, there = xn.State(ours.ones((2,))), xn.State(theirs.ones((2,)))
    states = (there,) if len(module.event_ndims) == 1 and not module.variadic else (here, there)
    with pytest.raises(PlacementError) as caught:
        module.fprop(*states, xn.State())
    text = str(caught.value)
    assert text.startswith(f"{ports} must share one dtype and device; got ")
    assert "device1" in text
    assert "device2" in text


def test_mixed_dtypes_and_libraries_are_errors_too():
    linear = xn.Linear(2, 2).bind(xn.get_backend("numpy"))
    xn.ParameterStore(linear, xn.get_backend("numpy"))
    with pytest.raises(PlacementError, match=r"float32 on cpu .*float64 on cpu .*XPNET_DTYPE"):
        linear.fprop(xn.State(np.zeros(2)), xn.State())
    with pytest.raises(PlacementError, match=r"\(numpy\) and .*\(array_api_strict\)"):
        linear.fprop(xn.State(xn.get_backend("strict").ones((2,))), xn.State())
    with pytest.raises(PlacementError, match="int64"):
        linear.fprop(xn.State(np.zeros(2, np.int64)), xn.State())
