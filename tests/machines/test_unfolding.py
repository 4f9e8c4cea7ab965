"""The plan of T steps: which boxes it has, what is left out, and where gradients are cut."""

import numpy as np

import xpnet as xn
from xpnet import modules
from xpnet.machines.unfolding import Cut, Form, Unfolding


def counter():
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), x, graph(modules.Delay(1), z), to=z)
    graph.output("z", z)
    graph.output("doubled", graph(xn.Linear(1, 1), z))
    return graph


def names(**options):
    form = Form(3, (1,), (0,), **options)
    return [box.name for box in Unfolding(counter().plan(), form, lambda module: module).plan().boxes]


def test_each_step_has_its_replica():
    assert [name for name in names() if "@" in name] == [
        "delay1@0", "plus1@0", "linear1@0", "plus1@1", "linear1@1", "plus1@2", "linear1@2",
    ]  # fmt: skip


def test_what_no_output_needs_is_left_out():
    assert [name for name in names(last=True) if name.startswith("linear1")] == ["linear1@2"]


def test_hoisted_boxes_run_once():
    assert [name for name in names(hoist=True) if name.startswith("linear1")] == ["linear1"]


def test_lengths_blank_the_padding_and_hold_what_goes_on():
    found = names(lengths=True)
    assert "running" in found
    assert "blank 0" in found
    assert sum(name.startswith("hold") for name in found) == 3 + 2  # the state at each step, the read-out but at first


def test_truncation_cuts_from_the_end():
    assert [name for name in names(truncate=2) if name.startswith("cut")] == ["cut delay1@1"]
    assert [name for name in names(truncate=1) if name.startswith("cut")] == ["cut delay1@1", "cut delay1@2"]


def test_a_cut_passes_the_value_and_no_gradient():
    x, y = xn.State(np.asarray([1.0, 2.0])), xn.State()
    Cut().fprop(x, y)
    y.accumulate(np.ones(2))
    y.accumulate_ddx(np.ones(2))
    Cut().bprop(x, y)
    Cut().bbprop(x, y)
    assert y.x is x.x
    assert x.dx is None
    assert x.ddx is None
