"""Containers: inner wires belong to a pass, so one machine may stand anywhere and run backward more than once."""

import copy
from itertools import pairwise

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError


def net(*widths):
    pairs = pairwise(widths)
    return xn.Cascade(*(part for a, b in pairs for part in (xn.Linear(a, b), xn.Tanh())))


def run(machine, x, dy=None):
    """One forward and one backward pass; the states."""
    states = xn.State(x), xn.State()
    machine.fprop(*states)
    states[1].accumulate(np.ones_like(states[1].x) if dy is None else dy)
    machine.bprop(*states)
    return states


def test_nesting_changes_nothing(numpy64, rng):
    parts = [xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)]
    x = rng.normal(size=(5, 3))
    flat = run(xn.Cascade(*parts), x)
    gradient = parts[0].weight.dx.copy()
    for part in (parts[0], parts[2]):
        part.weight.clear()
    nested = run(xn.Cascade(xn.Cascade(xn.Cascade(parts[0]), parts[1]), xn.Cascade(parts[2])), x)
    np.testing.assert_array_equal(nested[1].x, flat[1].x)
    np.testing.assert_array_equal(nested[0].dx, flat[0].dx)
    np.testing.assert_array_equal(parts[0].weight.dx, gradient)


def test_one_machine_in_two_places_keeps_two_sets_of_wires(numpy64, torch, rng):
    shared = net(3, 3)
    outer = xn.Cascade(shared, shared)
    store = xn.ParameterStore(outer)
    x, _ = run(outer, rng.normal(size=(4, 3)))
    w, b = (torch.tensor(store[name].x, requires_grad=True) for name in store.names)
    leaf = torch.tensor(x.x, requires_grad=True)
    torch.tanh(torch.tanh(leaf @ w.T + b) @ w.T + b).sum().backward()
    np.testing.assert_allclose(x.dx, leaf.grad, rtol=1e-12)
    np.testing.assert_allclose(store["0.0.weight"].dx, w.grad, rtol=1e-12)
    np.testing.assert_allclose(store["0.0.bias"].dx, b.grad, rtol=1e-12)


def test_two_passes_of_one_machine_may_be_open_at_once(numpy64, rng):
    machine = net(3, 2)
    first, second = rng.normal(size=(2, 3)), rng.normal(size=(4, 3))
    (a, ya), (b, yb) = ((xn.State(x), xn.State()) for x in (first, second))
    machine.fprop(a, ya)
    machine.fprop(b, yb)
    for x, y in ((a, ya), (b, yb)):
        y.accumulate(np.ones_like(y.x))
        machine.bprop(x, y)
    np.testing.assert_array_equal(a.dx, run(machine, first)[0].dx)
    np.testing.assert_array_equal(b.dx, run(machine, second)[0].dx)


def test_a_second_bprop_adds_the_same_gradient_once_more(numpy64, rng):
    machine = net(3, 4, 2)
    x, y = run(machine, rng.normal(size=(5, 3)))
    once, weight = x.dx.copy(), machine[0].weight.dx.copy()
    machine.bprop(x, y)
    np.testing.assert_allclose(x.dx, 2 * once, rtol=1e-14)
    np.testing.assert_allclose(machine[0].weight.dx, 2 * weight, rtol=1e-14)


def test_a_second_bbprop_adds_the_same_curvature_once_more(numpy64, rng):
    machine = net(3, 4, 2)
    x, y = run(machine, rng.normal(size=(5, 3)))
    y.accumulate_ddx(np.ones_like(y.x))
    machine.bbprop(x, y)
    once = x.ddx.copy()
    machine.bbprop(x, y)
    np.testing.assert_allclose(x.ddx, 2 * once, rtol=1e-14)


def test_a_deep_copy_computes_the_same_and_learns_alone(numpy64, rng):
    machine = net(3, 2)
    run(machine, rng.normal(size=(1, 3)))
    twin, x = copy.deepcopy(machine), rng.normal(size=(2, 3))
    np.testing.assert_array_equal(run(twin, x)[1].x, run(machine, x)[1].x)
    machine[0].weight.x = np.zeros((2, 3))
    assert np.any(twin[0].weight.x != 0)


def test_bprop_before_fprop_says_what_is_missing():
    y = xn.State(np.zeros((1, 2), np.float32))
    y.accumulate(np.zeros((1, 2), np.float32))
    with pytest.raises(ShapeError, match="Cascade has no wires for this output: run its fprop with this very state"):
        net(3, 2).bprop(xn.State(np.zeros((1, 3), np.float32)), y)


def test_a_wrong_number_of_states_is_an_error():
    with pytest.raises(ShapeError, match="Cascade expects 1 input and 1 output states; got 3 states in all"):
        net(3, 2).fprop(xn.State(), xn.State(), xn.State())


def test_errors_carry_their_place_from_the_inside_out(numpy64):
    machine = xn.Cascade(xn.Tanh(), xn.Cascade(xn.Linear(3, 4), xn.Linear(5, 2)))
    with pytest.raises(ShapeError) as caught:
        machine.fprop(xn.State(np.zeros((7, 3))), xn.State())
    assert caught.value.__notes__ == [
        "in fprop of '1' (Linear) of Cascade; input shapes: (7, 4)",
        "in fprop of '1' (Cascade) of Cascade; input shapes: (7, 3)",
    ]


def test_errors_of_the_backward_pass_are_placed_too(numpy64):
    class Broken(xn.Module):
        event_ndims = (1,)

        def fprop(self, input, output):
            output.x = input.x

        def bprop(self, input, output):
            msg = "cannot go back"
            raise RuntimeError(msg)

        bbprop = bprop

    machine = xn.Cascade(Broken(), xn.Tanh())
    with pytest.raises(RuntimeError, match="cannot go back") as caught:
        run(machine, np.zeros((2, 3)))
    assert caught.value.__notes__ == ["in bprop of '0' (Broken) of Cascade; input shapes: (2, 3)"]


def test_an_empty_input_is_told_where_it_is_read():
    with pytest.raises(ShapeError, match=r"no value yet; give it one, .*, before fprop: in fprop of '0' \(Tanh\)"):
        xn.Cascade(xn.Tanh()).fprop(xn.State(), xn.State())


@pytest.mark.parametrize("modules", [(xn.Tanh(),), (xn.Tanh(), xn.Linear(3, 2))])
def test_an_array_of_another_library_is_one_sentence(modules):
    """Also where the first box has no parameter that it could be compared with."""
    strict, machine = xn.get_backend("strict"), xn.Cascade(*modules)
    xn.ParameterStore(machine, strict)
    with pytest.raises(
        PlacementError, match=r"Cascade computes with array_api_strict; got ndarray of numpy\. Bring data"
    ):
        machine.fprop(xn.State(np.ones((2, 3))), xn.State())
    machine.fprop(xn.State(strict.ones((2, 3))), xn.State())
