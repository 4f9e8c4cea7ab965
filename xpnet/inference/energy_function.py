"""E(X, Y) or E(X, Y, Z) for label sets: what does not depend on the label runs once, the rest for any labels asked."""

from dataclasses import dataclass
from functools import cached_property
from typing import final

from xpnet._typing import Array, Shape
from xpnet.errors import ShapeError
from xpnet.inference.descent import Descent
from xpnet.inference.relaxation import Relaxation, eliminator_of
from xpnet.machines.dependence import Roles, dependence
from xpnet.machines.energy_machine import energy_machine
from xpnet.machines.factored import factored
from xpnet.machines.graph import Graph
from xpnet.machines.machine import Plan
from xpnet.machines.schedule import inlined
from xpnet.machines.separated import Separated, separated
from xpnet.module import Cost, Module
from xpnet.ops.broadcast import broadcast_lead
from xpnet.state import State


@dataclass(slots=True)
class Replicas:
    """The energies of some labels: the wires of label, latent value and energy, as `EnergyFunction.evaluate` left them.

    descent: how the latent value was found, if it was searched for.
    """

    label: State
    latent: State
    energy: State
    descent: Descent | None = None


@final
class EnergyFunction:
    """A machine and a cost, or an energy machine, taken apart by what depends on the label.

    machine, cost: X -> machine -> mout, (mout, Y) -> cost -> energy; without a cost the machine is E(X, Y), or gives
    a vector of energies from X alone. latent: Min() or Logsum(β), which eliminates a latent variable Z from
    E(X, Y, Z) over the last axis, or a Relaxation, which searches the best Z for each sample and label.

    `place` sets the sample and runs what depends on it alone; `evaluate` runs the rest for labels of any shape, as
    often as wanted; `pull` takes the gradient of each evaluation back, and `finish`, once, that of the sample's part.
    Linear modules behind a concatenation of unlike parts are split into sums of products (see machines/factored.py).
    """

    def __init__(self, machine: Module, cost: Module | None, latent: Module | Relaxation | None = None) -> None:
        self.machine, self.cost, self.latent = machine, cost, latent
        self.input, self.mout, self.latents = State(fixed=True), State(), State(fixed=True)
        self._graph = energy_machine(machine, cost, latent=eliminator_of(latent))
        whole = self._graph.plan()
        self._names = _role_names(len(whole.inputs), latent is not None)
        self.roles: dict[int, Roles] = {w: frozenset({name}) for w, name in zip(whole.inputs, self._names, strict=True)}
        self._label = next((wire for wire, role in self.roles.items() if "label" in role), None)
        mout = next(box.outputs[0] for box in whole.boxes if box.name == "machine")
        # Machines over time unfold by the length of their input, and stay whole.
        self.plan: Plan = factored(inlined(whole), self.roles)
        self._latent = next((wire for wire, role in self.roles.items() if "latent" in role), None)
        varying = {self._label, self._latent if isinstance(latent, Relaxation) else None} - {None}
        parts = separated(self.plan, [wire for wire in whole.inputs if wire in varying], keep=[mout])
        self._parts = parts
        self.early, self.late = self._modules(parts, mout)
        self._states = {wire: State() for wire in parts.kept}
        self._states |= {wire: self.latents if "latent" in role else self.input for wire, role in self.roles.items()}
        if mout in self._states:
            self._states[mout] = self.mout
        self._early_ports = [self._states[wire] for wire in (*parts.early_inputs, *parts.kept)]
        self._kept = [self._states[wire] for wire in parts.kept]
        self._late_ports = [self._states[wire] for wire in parts.late_inputs]  # the label's is put in for each run
        self._wanted: dict[tuple[Shape, Shape], Shape] = {}
        self._label_port, self._latent_port = _places(parts.late_inputs, self._label, self._latent)

    @property
    def depends_on_label(self) -> bool:
        """Whether labels come in at all; else the machine gives a vector of energies."""
        return self._label is not None

    @property
    def metric(self) -> str | None:
        """The cost's metric, if labels meet the sample in the cost alone: all energies are then one product."""
        return self.cost.metric if isinstance(self.cost, Cost) and self.late is self.cost else None

    @cached_property
    def event_ndims(self) -> tuple[int, int, int]:
        """The event axes of one sample, one label and one latent value; 1 where nobody says."""
        found = dict(zip(self._names, self._graph.event_ndims, strict=True))
        sample, label, latent = (found.get(role) for role in ("sample", "label", "latent"))
        return tuple(1 if ndim is None else ndim for ndim in (sample, label, latent))  # type: ignore[return-value]

    @cached_property
    def symbols(self) -> frozenset[str]:
        """Which of sample, label and latent value are integers that stand for something."""
        return frozenset(name for port, name in enumerate(self._names) if self._graph.takes_symbols(port))

    def before_elimination(self, energy: State) -> Array:
        """The energies (…, M) that the latent variable was eliminated from, of the evaluation that wrote `energy`."""
        late = self._parts.late
        return late.wires(energy)[late.plan().boxes[-1].inputs[0]].x

    def late_inputs(self, label: State, latent: State | None = None) -> list[State]:
        """What the part that depends on the label reads."""
        ports = self._late_ports.copy()
        if self._label_port is not None:
            ports[self._label_port] = label
        if latent is not None and self._latent_port is not None:
            ports[self._latent_port] = latent
        return ports

    def open_ports(self) -> list[State | None]:
        """The values that the part that depends on the label reads, None in the label's place."""
        return [None if port == self._label_port else State(s.x) for port, s in enumerate(self._late_ports)]

    def dependence(self) -> dict[int, Roles]:
        """For each wire of `plan`, what it depends on."""
        return dependence(self.plan, self.roles)

    def modules(self) -> list[Module]:
        """What has to be bound to a backend."""
        parts = (self.machine, self.cost, self.latent, self.early, self.late)
        return [part for part in parts if isinstance(part, Module)]

    def place(self, x: Array, z: Array | None = None) -> None:
        """Set the sample (and the latent values), and run what does not depend on the label."""
        self.input.x, self.latents.x = x, z
        if self.early is not None:
            self.early.fprop(*self._early_ports)

    def evaluate(self, label: State, energy: State) -> Replicas:
        """Run the rest for these labels."""
        if not isinstance(self.latent, Relaxation):
            self.late.fprop(*self.late_inputs(label), energy)
            self._require_energies(label, energy)
            return Replicas(label, self.latents, energy)
        ports: list[State | None] = [*self.late_inputs(label)]
        if self._latent_port is not None:
            ports[self._latent_port] = None
        descent = self.latent.found(self.late, ports)
        latent = State(descent.value, fixed=True)
        self.late.fprop(*self.late_inputs(label, latent), energy)
        self._require_energies(label, energy)
        return Replicas(label, latent, energy, descent)

    def _energies_of(self, x: Shape, y: Shape) -> Shape:
        """The shape of the energies of samples and labels of these shapes."""
        sample_ndim, label_ndim, _ = self.event_ndims
        wanted = broadcast_lead([x[: len(x) - sample_ndim], y[: len(y) - label_ndim]])
        return wanted[:-1] if isinstance(self.latent, Module) and wanted else wanted

    def _require_energies(self, label: State, energy: State) -> None:
        """Raise ShapeError unless there is one energy for each sample and label."""
        if label.x is None:
            return
        shapes = self.input.x.shape, label.x.shape
        if shapes not in self._wanted:
            self._wanted[shapes] = self._energies_of(*map(tuple, shapes))
        wanted = self._wanted[shapes]
        if energy.x.shape != wanted:
            msg = (
                f"the machine gave energies of shape {tuple(energy.x.shape)} where {wanted} is needed, one number for "
                "each sample and label: let it end in a cost, or in Sum(), and read both sample and label"
            )
            raise ShapeError(msg)

    def pull(self, replicas: Replicas) -> None:
        """The bprop of one evaluation: into the label, the parameters, and what `finish` takes further."""
        self.late.bprop(*self.late_inputs(replicas.label, replicas.latent), replicas.energy)

    def finish(self) -> None:
        """The bprop of the sample's part, after all evaluations have been pulled."""
        if self.early is not None and any(state.dx is not None for state in self._kept):
            self.early.bprop(*self._early_ports)

    def _modules(self, parts: Separated, mout: int) -> tuple[Module | None, Module]:
        """Early and late; the machine and the cost themselves where nothing was taken apart inside them."""
        late = _names(parts.late.plan())
        early = [] if parts.early is None else _names(parts.early.plan())
        if self.latent is not None:
            return parts.early, parts.late
        if self.cost is None:
            whole = parts.early is None and late == _boxes(self.machine, "machine")
            return (None, self.machine) if whole else (parts.early, parts.late)
        apart = (early, late) != (_boxes(self.machine, "machine"), _boxes(self.cost, "cost"))
        whole = parts.kept == (mout,) and not apart
        return (self.machine, self.cost) if whole else (parts.early, parts.late)


def _role_names(count: int, latent: bool) -> tuple[str, ...]:
    """Of the inputs of an energy machine, in their order."""
    labels = count - 1 - latent
    return "sample", *("label",) * labels, *("latent",) * latent


def _places(wires: tuple[int, ...], *wanted: int | None) -> list[int | None]:
    """Where each of the wanted wires stands among these."""
    return [wires.index(wire) if wire in wires else None for wire in wanted]


def _boxes(module: Module, name: str) -> list[tuple[str, type]]:
    """Names and kinds of the boxes that a module becomes when it is inlined under this name."""
    graph = Graph()
    graph.output("energy", graph(module, *(graph.input(str(k)) for k in range(len(module.event_ndims))), name=name))
    return _names(inlined(graph.plan()))


def _names(plan: Plan) -> list[tuple[str, type]]:
    return [(box.name, type(box.module)) for box in plan.boxes]
