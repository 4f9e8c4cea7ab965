"""The simple trainer of the lecture: the energy of every label, and learning by the energy loss."""

import math
from collections.abc import Mapping
from typing import final

from xpnet._typing import Array
from xpnet.errors import ParameterError
from xpnet.module import Module
from xpnet.optimizers import Sgd
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.entrance import Entrance
from xpnet.training.finite import explain_not_finite


@final
class SimpleTrainer:
    """Trains a machine with a cost, or one energy machine E(X, Y), by the energy loss L = 1/P Σ E(Yⁱ, Xⁱ).

    machine, cost: X -> machine -> mout, (mout, Y) -> cost -> energy. With cost=None the machine itself takes X and Y
    and gives the energy, so the label may enter anywhere.
    param: the store of the machine's parameters; by default one on the backend in force, seed 0.

    The slots are the lecture's: input, output, machine, mout, cost, energy, param. Samples and label sets may be host
    arrays or arrays of the backend; answers are arrays of the backend.

    >>> import numpy as np
    >>> from xpnet.machines import Cascade
    >>> from xpnet.modules import Euclidean, Linear, Tanh
    >>> trainer = SimpleTrainer(Cascade(Linear(2, 3), Tanh(), Linear(3, 2)), Euclidean())
    >>> sample, label_set = np.asarray([[0.0, 1.0], [1.0, 0.0]]), np.eye(2)
    >>> for _ in range(100):
    ...     energy = trainer.learn_sample(sample, [0, 1], label_set, learning_rate=0.3)
    >>> index, energies = trainer.run(sample, label_set)
    >>> index.tolist(), energies.shape
    ([0, 1], (2, 2))
    """

    def __init__(self, machine: Module, cost: Module | None = None, param: ParameterStore | None = None) -> None:
        self.param = param or ParameterStore(machine)
        self.machine = machine.bind(self.param.backend)
        self.cost = None if cost is None else cost.bind(self.param.backend)
        self.input, self.output = State(fixed=True), State(fixed=True)
        self.mout, self.energy = State(), State()
        self._check_store()
        ndims = machine.event_ndims if cost is None else (machine.event_ndims[0], cost.event_ndims[1])
        self._entrance = Entrance(self.param.backend, *(1 if ndim is None else ndim for ndim in ndims))
        self._mean_weights: dict[tuple[int, ...], Array] = {}

    def run(self, sample: Array, label_set: Array, energies: Array | None = None) -> tuple[Array, Array]:
        """The label of lowest energy, and the energy of every label.

        sample (n,) or (B, n); label_set (K, d), or (B, K, d) where candidates differ per sample. Returns the index ()
        or (B,) (the first one of a tie) and the energies (K,) or (B, K), which are also written into `energies` if an
        array is given. Raises ShapeError, LabelError for an empty label set, NotFiniteError for NaN.
        """
        x, labels = self._entrance.sample(sample), self._entrance.label_set(label_set)
        self._forward(self._entrance.with_label_axis(x), labels)
        found = self.energy.x
        if self.param.backend.synchronous and bool(self.param.backend.xp.any(self.param.backend.xp.isnan(found))):
            what = "an energy is NaN"
            raise explain_not_finite(what, self.param, sample=x, label_set=labels)
        if energies is not None:
            energies[...] = found
        return self.param.backend.xp.argmin(found, axis=-1), found

    def learn_sample(
        self,
        sample: Array,
        label: Array,
        label_set: Array,
        update_args: Mapping[str, float] | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns the mean energy of the desired labels before the update.

        label: an integer, or (B,) integers, that point into label_set. update_args: learning_rate, weight_decay,
        inertia, as a mapping or by name (see xpnet.optimizers.Sgd). The gradient is that of the mean over the batch.
        Raises ShapeError, LabelError, NotFiniteError; no parameter has changed then.
        """
        rule = Sgd(**{**(update_args or {}), **named_args})
        x = self._entrance.sample(sample)
        desired = self._entrance.desired(label, self._entrance.label_set(label_set), x)
        self._forward(x, desired)
        weights = self._mean(self.energy.x)
        energy = self.energy.x * weights if self.energy.x.ndim == 0 else self.machine.xp.vecdot(self.energy.x, weights)
        if self.param.backend.synchronous and not math.isfinite(energy):
            what = f"the energy is {float(energy)}"
            raise explain_not_finite(what, self.param, sample=x, label_set=desired)
        self.energy.accumulate(weights)
        self._backward()
        rule.update(self.param)
        return energy

    def _forward(self, x: Array, y: Array) -> None:
        self.input.x, self.output.x = x, y
        if self.cost is None:
            self.machine.fprop(self.input, self.output, self.energy)
        else:
            self.machine.fprop(self.input, self.mout)
            self.cost.fprop(self.mout, self.output, self.energy)

    def _backward(self) -> None:
        if self.cost is None:
            self.machine.bprop(self.input, self.output, self.energy)
        else:
            self.cost.bprop(self.mout, self.output, self.energy)
            self.machine.bprop(self.input, self.mout)

    def _mean(self, energies: Array) -> Array:
        """1/P for each of the P energies: what makes the loss a mean, and the gradient that of the mean."""
        shape = tuple(energies.shape)
        if shape not in self._mean_weights:
            backend = self.param.backend
            self._mean_weights[shape] = backend.ones(shape) / max(math.prod(shape), 1)
        return self._mean_weights[shape]

    def _check_store(self) -> None:
        known = {id(self.param[name]) for name in self.param}
        for part in filter(None, (self.machine, self.cost)):
            for name, _, _, parameter in part.named_parameters():
                if id(getattr(parameter, "target", parameter)) not in known:
                    msg = (
                        f"parameter {name!r} of {type(part).__name__} is not in the given store; make the store from "
                        "the same machine, or put machine and cost into one energy machine E(X, Y)"
                    )
                    raise ParameterError(msg)
