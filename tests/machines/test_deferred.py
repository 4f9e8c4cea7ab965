"""One weight-gradient product for all replicas of a Linear."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.machines.deferred import Gather, InputOnly, deferred
from xpnet.machines.machine import Box, Plan


@pytest.fixture
def linear(numpy64):
    module = xn.Linear(3, 2)
    xn.ParameterStore(module, numpy64)
    return module


def test_input_only_and_gather_together_are_the_plain_passes(linear, rng):
    xs, ys = [xn.State(rng.normal(size=(4, 3))) for _ in range(5)], [xn.State() for _ in range(5)]
    cotangents = [rng.normal(size=(4, 2)) for _ in range(5)]

    def passes(module, gather):
        for x, y, dy in zip(xs, ys, cotangents, strict=True):
            x.clear()
            module.fprop(x, y)
            y.accumulate(dy)
            y.accumulate_ddx(dy**2)
            module.bprop(x, y)
            module.bbprop(x, y)
        if gather:
            gather.bprop(*xs, *ys)
            gather.bbprop(*xs, *ys)
        found = [x.dx for x in xs] + [x.ddx for x in xs]
        for parameter in (linear.weight, linear.bias):
            found += [parameter.dx.copy(), parameter.ddx.copy()]
            parameter.clear()
        return found

    for ours, theirs in zip(passes(linear, None), passes(InputOnly(linear), Gather(linear)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_replicas_that_nobody_used_are_passed_over(linear, rng):
    xs, ys = [xn.State(rng.normal(size=3)) for _ in range(3)], [xn.State() for _ in range(3)]
    for x, y in zip(xs, ys, strict=True):
        linear.fprop(x, y)
    ys[1].accumulate(np.ones(2))
    Gather(linear).bprop(*xs, *ys)
    np.testing.assert_allclose(linear.weight.dx, np.ones((2, 1)) * xs[1].x, rtol=1e-12)


def test_steps_with_different_lead_axes_are_not_counted_twice(linear, rng):
    """The first state has no batch axis yet; its replica counts once for all samples."""
    xs, ys = [xn.State(rng.normal(size=3)), xn.State(rng.normal(size=(4, 3)))], [xn.State(), xn.State()]
    for x, y in zip(xs, ys, strict=True):
        linear.fprop(x, y)
        y.accumulate(np.ones_like(y.x))
    Gather(linear).bprop(*xs, *ys)
    np.testing.assert_allclose(linear.bias.dx, [5.0, 5.0])
    np.testing.assert_allclose(linear.weight.dx[0], xs[0].x + xs[1].x.sum(0), rtol=1e-12)


def test_only_replicas_in_time_are_deferred(linear):
    boxes = (Box("a@0", linear, (0,), (1,)), Box("b", linear, (1,), (2,)), Box("a@1", linear, (2,), (3,)))
    plan = deferred(Plan(boxes, 4, (0,), (3,)))
    assert [box.name for box in plan.boxes] == ["weights of a", "a@0", "b", "a@1"]
    assert [type(box.module).__name__ for box in plan.boxes] == ["Gather", "InputOnly", "Linear", "InputOnly"]
    assert plan.boxes[0].ports == (0, 2, 1, 3)
