"""What a machine of the table is: how it learns, and what is asked of it afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

from portability_table.places import Home
from xpnet._typing import Array, HostArray
from xpnet.backend import on_its_device
from xpnet.module import Module
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.update_args import UpdateArgs, rule_of


@dataclass(frozen=True)
class Course:
    """One machine at one place, ready to learn.

    trainer: has `param`, `learn_sample` and `run`. step: update number -> the arguments of `learn_sample`. probe: the
    machine, or a larger one around it, that the probe batch `given` goes through after learning. traceable: False where
    a step draws on the host, so that it cannot be compiled.
    """

    trainer: Any
    step: Callable[[int], dict[str, Any]]
    probe: Module
    given: tuple[HostArray, ...]
    traceable: bool = True

    @property
    def store(self) -> ParameterStore:
        """The home of all that is learned."""
        store: ParameterStore = self.trainer.param
        return store


@dataclass(frozen=True)
class Machine:
    """A row of the table: a name, which item of the lecture it is and what it learns, and how it is made."""

    name: str
    about: str
    make: Callable[[Home], Course]


@final
class EnergyLoop:
    """The energy loss for a machine E(X, Y) whose Y is discrete at every sample: fprop, bprop, update.

    The trainers know labels as codes, rows of a label set; a switch and a log loss are told an integer.
    """

    def __init__(self, machine: Module, param: ParameterStore) -> None:
        self.machine, self.param = machine, param

    @property
    def backend(self) -> Any:
        """Where it computes."""
        return self.param.backend

    @on_its_device
    def learn_sample(
        self, sample: Array, label: Array, update_args: UpdateArgs | None = None, **named_args: float
    ) -> Array:
        """One update on one batch; returns the mean energy before it."""
        rule, energy = rule_of(update_args, named_args), State()
        ports = self._ports(sample, label)
        self.machine.fprop(*ports, energy)
        xp = self.backend.xp
        energy.accumulate(xp.ones_like(energy.x) / energy.x.shape[0])
        self.machine.bprop(*ports, energy)
        rule.update(self.param)
        mean: Array = xp.mean(energy.x)
        return mean

    @on_its_device
    def run(self, sample: Array, label: Array) -> tuple[Array, Array]:
        """The label that was given, and its energy."""
        energy, ports = State(), self._ports(sample, label)
        self.machine.fprop(*ports, energy)
        return ports[1].x, energy.x

    def _ports(self, sample: Array, label: Array) -> tuple[State, State]:
        return State(self.backend.asarray(sample), fixed=True), State(self.backend.indices(label), fixed=True)
