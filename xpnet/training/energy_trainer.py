"""What trainers share: the energies of samples and labels, the way back, and inference over a label set."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import LabelError, ParameterError, RecipeError, ShapeError, nearest
from xpnet.module import Module, require_module
from xpnet.optimizers import Optimizer, Sgd
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.entrance import Entrance
from xpnet.training.finite import explain_not_finite

# Numbers for Sgd by name, or another optimizer, such as xpnet.DiagLm(...).
UpdateArgs: TypeAlias = Mapping[str, float] | Optimizer

_sgd = lru_cache(maxsize=64)(Sgd)  # the same arguments come back at every step of a loop


class EnergyTrainer(ABC):
    """A machine with a cost, or one energy machine E(X, Y), with the slots of the lecture's trainer.

    The slots: input, output, machine, mout, cost, energy, param. `energies` is the state that inference minimises, one
    energy for each answer. Subclasses say how to learn.
    """

    def __init__(self, machine: Module, cost: Module | None, param: ParameterStore) -> None:
        self.param, self.machine, self.cost = param, machine, cost
        self.input, self.output = State(fixed=True), State(fixed=True)
        self.mout, self.energy = State(), State()
        self.energies = self.energy  # for subclasses that add answers
        self._check_store()
        self._settled_on: Backend | None = None
        ndims = machine.event_ndims if cost is None else (machine.event_ndims[0], cost.event_ndims[1])
        sample_ndim, *label_ndim = (1 if ndim is None else ndim for ndim in ndims)
        self._discriminant = not label_ndim  # a machine of X alone, which gives a vector of energies
        self._ndims = sample_ndim, label_ndim[0] if label_ndim else 0

    @abstractmethod
    def learn_sample(
        self,
        sample: Array,
        label: Array,
        label_set: Array,
        update_args: UpdateArgs | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns what was minimised, before the update."""

    def run(self, sample: Array, label_set: Array | None, energies: Array | None = None) -> tuple[Array, Array]:
        """The label of lowest energy, and the energy of every label.

        sample (n,) or (B, n); label_set (K, d), or (B, K, d) where candidates differ per sample. Returns the index ()
        or (B,) (the first one of a tie) and the energies (K,) or (B, K), which are also written into `energies` if an
        array is given. Raises ShapeError, LabelError for an empty label set, NotFiniteError for NaN.
        """
        x = self._entrance.sample(sample)
        replicas, labels = self._replicas(x, label_set)
        self._forward(replicas, labels)
        found = self.energies.x
        if self.param.backend.synchronous and bool(self.param.backend.xp.any(self.param.backend.xp.isnan(found))):
            happened = "an energy is NaN"
            raise explain_not_finite(happened, self.param, sample=x, **given(label_set=labels))
        if energies is not None:
            energies[...] = found
        return self.param.backend.xp.argmin(found, axis=-1), found

    @property
    def _entrance(self) -> Entrance:
        """Where samples and labels come in; every run and every step begins here, so `param.to(...)` is noticed."""
        if self._settled_on is not self.param.backend:
            self._settle(self.param.backend)
        return self._door

    def _settle(self, backend: Backend) -> None:
        for part in self._parts():
            part.bind(backend)
        self._settled_on = backend
        self._door = Entrance(backend, *self._ndims)
        self._mean_weights: dict[tuple[int, ...], Array] = {}

    def _start_back(self, wire: State, what: str, **arrays: Array) -> Array:
        """The mean of the wire's energies, which is what bprop then starts from; NotFiniteError names its cause."""
        weights = self._mean(wire.x)
        mean = wire.x * weights if wire.x.ndim == 0 else self.machine.xp.vecdot(wire.x, weights)
        if self.param.backend.synchronous and not math.isfinite(mean):
            happened = f"the {what} is {float(mean)}"
            raise explain_not_finite(happened, self.param, **arrays)
        wire.accumulate(weights)
        return mean

    def _replicas(self, x: Array, label_set: Array | None) -> tuple[Array, Array | None]:
        """Samples and label set in shapes that broadcast to one replica for each label."""
        if not self._discriminant:
            return self._entrance.with_label_axis(x), self._entrance.label_set(label_set)
        if label_set is not None:
            msg = "this machine gives one energy for each answer, from the sample alone: leave label_set out"
            raise LabelError(msg)
        return x, None

    def _forward(self, x: Array, y: Array | None) -> None:
        self.input.x, self.output.x = x, y
        if self._discriminant:
            self.machine.fprop(self.input, self.energy)
        elif self.cost is None:
            self.machine.fprop(self.input, self.output, self.energy)
        else:
            self.machine.fprop(self.input, self.mout)
            self.cost.fprop(self.mout, self.output, self.energy)

    def _backward(self) -> None:
        if self._discriminant:
            self.machine.bprop(self.input, self.energy)
        elif self.cost is None:
            self.machine.bprop(self.input, self.output, self.energy)
        else:
            self.cost.bprop(self.mout, self.output, self.energy)
            self.machine.bprop(self.input, self.mout)

    def _mean(self, energies: Array) -> Array:
        """1/P for each of the P energies: what makes the loss a mean, and the gradient that of the mean."""
        shape = tuple(energies.shape)
        if shape not in self._mean_weights:
            if not math.prod(shape):
                msg = f"an empty batch has no mean: energies have shape {shape}; give at least one sample"
                raise ShapeError(msg)
            backend = self.param.backend
            self._mean_weights[shape] = backend.ones(shape) / math.prod(shape)
        return self._mean_weights[shape]

    def _parts(self) -> list[Module]:
        return [part for part in (self.machine, self.cost) if part is not None]

    def _check_store(self) -> None:
        known = {id(self.param[name]) for name in self.param}
        for part in self._parts():
            for name, _, _, parameter in part.named_parameters():
                if id(getattr(parameter, "target", parameter)) not in known:
                    msg = (
                        f"parameter {name!r} of {type(part).__name__} is not in the given store; make the store from "
                        "the same machine, or from energy_machine(machine, cost), which holds both"
                    )
                    raise ParameterError(msg)


def require_parts(**parts: object) -> None:
    """Raise GraphError unless each part of a trainer is a module, or None where there is none."""
    for role, part in parts.items():
        if part is not None or role == "machine":
            require_module(part, f"a trainer's {role}")


def given(**arrays: Array | None) -> dict[str, Array]:
    """The arrays that are not None."""
    return {name: array for name, array in arrays.items() if array is not None}


def rule_of(update_args: UpdateArgs | None, named_args: Mapping[str, float]) -> Optimizer:
    """The optimizer that was given, or Sgd with these arguments."""
    if update_args is None or isinstance(update_args, Mapping):
        arguments = {**(update_args or {}), **named_args}
        known = Sgd.__dataclass_fields__
        for name in arguments:
            if name not in known:
                msg = f"unknown update argument {name!r}; {nearest(name, known)}"
                raise RecipeError(msg)
        if "learning_rate" not in arguments:
            msg = "an update needs a learning_rate: learn_sample(..., learning_rate=0.1)"
            raise RecipeError(msg)
        return _sgd(**arguments)
    if named_args:
        msg = f"an optimizer brings its own arguments; got {update_args!r} and {', '.join(named_args)}"
        raise RecipeError(msg)
    return update_args
