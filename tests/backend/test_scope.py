"""Methods on the device of their own backend."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

import xpnet as xn
from xpnet.backend import on_its_device


class Watched:
    """A backend that notes when it is entered and left."""

    def __init__(self, one_place):
        self.one_place, self.seen = one_place, []

    @contextmanager
    def device_scope(self):
        self.seen.append("in")
        try:
            yield
        finally:
            self.seen.append("out")


class Part(SimpleNamespace):
    @on_its_device
    def add(self, a, b=0):
        """a + b."""
        self.backend.seen.append("add")
        return a / b


@pytest.mark.parametrize(("one_place", "seen"), [(True, ["add"]), (False, ["in", "add", "out"])])
def test_the_scope_is_entered_where_there_is_a_choice(one_place, seen):
    part = Part(backend=Watched(one_place))
    assert part.add(3, b=2) == 1.5
    assert part.backend.seen == seen
    assert Part.add.__doc__ == "a + b."
    with pytest.raises(ZeroDivisionError):
        part.add(1)
    assert part.backend.seen == [*seen, *seen]


@pytest.mark.parametrize("act", ["fprop", "bprop", "learn_sample", "run", "update", "state_dict"])
def test_machines_trainers_and_stores_work_there(act, monkeypatch):
    entered = []
    backend = xn.get_backend("strict", device="device1")

    @contextmanager
    def scope(self):
        entered.append(1)
        yield

    machine = xn.Cascade(xn.Linear(2, 2))
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend))
    x, y = xn.State(backend.ones((1, 2))), xn.State()
    machine.fprop(x, y)
    y.accumulate(backend.ones((1, 2)))
    data = backend.ones((1, 2)), backend.indices([0]), backend.ones((1, 2))
    acts = {
        "fprop": lambda: machine.fprop(x, y),
        "bprop": lambda: machine.bprop(x, y),
        "learn_sample": lambda: trainer.learn_sample(*data, learning_rate=0.1),
        "run": lambda: trainer.run(data[0], data[2]),
        "update": lambda: xn.Sgd(0.1).update(trainer.param),
        "state_dict": trainer.param.state_dict,
    }
    monkeypatch.setattr(type(backend), "device_scope", scope)
    acts[act]()
    assert entered
