"""Parameters as ports."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError, ShapeError
from xpnet.machines.opened import Opened


def test_a_port_stands_for_the_parameter_in_all_passes(numpy64, rng):
    plain, x, dy = xn.Linear(3, 2), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    weight = plain.weight.x + 0.0
    opened = Opened(xn.Linear(3, 2), ["weight"])
    w, results = xn.State(weight), []
    for machine, front in ((plain, ()), (opened, (w,))):
        input, output = xn.State(x), xn.State()
        machine.fprop(*front, input, output)
        output.accumulate(dy)
        output.accumulate_ddx(dy)
        machine.bprop(*front, input, output)
        machine.bbprop(*front, input, output)
        results.append((output.x, input.dx, input.ddx))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(w.dx, plain.weight.dx)
    np.testing.assert_array_equal(w.ddx, plain.weight.ddx)


def test_two_places_with_different_weights_do_not_disturb_each_other(numpy64):
    """Both passes forward first, then both back: each takes the weights of its own pass."""
    opened = Opened(xn.Linear(2, 2, bias=False), ["weight"])
    ports = [(xn.State(np.eye(2) * k), xn.State(np.ones(2)), xn.State()) for k in (2.0, 3.0)]
    for place in ports:
        opened.fprop(*place)
    for place in ports:
        place[-1].accumulate(np.ones(2))
        opened.bprop(*place)
    assert [place[1].dx.tolist() for place in ports] == [[2.0, 2.0], [3.0, 3.0]]


def test_the_store_finds_the_opened_parameters_no_more(numpy64):
    shared = xn.Linear(2, 2)
    store = xn.ParameterStore(Opened(xn.Cascade(shared, xn.Tanh(), shared), ["0.weight"]), numpy64)
    assert store.names == ["machine.0.bias"]


def test_what_cannot_be_opened_is_said(numpy64):
    with pytest.raises(ParameterError, match=r"no parameter 'wieght'; did you mean 'weight'"):
        Opened(xn.Linear(2, 2), ["wieght"])
    machine = xn.Cascade(xn.Linear(2, 3, bias=False), xn.Linear(3, 2, bias=False))
    xn.ParameterStore(machine, numpy64).tie("1.weight", "0.weight", transform="transpose")
    for place in ("0.weight", "1.weight"):
        with pytest.raises(ParameterError, match="is tied"):
            Opened(machine, [place])
    with pytest.raises(ShapeError, match=r"'weight' has shape \(2, 2\); it is fed a value of shape \(3,\)"):
        Opened(xn.Linear(2, 2), ["weight"]).fprop(xn.State(np.ones(3)), xn.State(np.ones(2)), xn.State())
