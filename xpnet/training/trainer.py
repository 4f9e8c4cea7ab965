"""The general trainer: learning from the energies of the whole label set, through a loss."""

from typing import final

from xpnet._typing import Array
from xpnet.errors import LabelError
from xpnet.losses import Loss, NegativeLogLikelihood
from xpnet.machines.energy_machine import energy_machine
from xpnet.module import Module
from xpnet.modules.junk import Junk
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.energy_trainer import EnergyTrainer, UpdateArgs, given, require_parts, rule_of


@final
class Trainer(EnergyTrainer):
    """Trains a machine by a loss over all energies: L = 1/P Σ_i ℓ(Yⁱ, E(·, Xⁱ)), MAP/MLE by default.

    machine, cost: as for SimpleTrainer: X -> machine -> mout, (mout, Y) -> cost -> energy; or with cost=None an energy
    machine E(X, Y); or, also with cost=None, a discriminant machine of X alone that gives a vector of K energies, whose
    label set is None. Each label is a replica of the machine, all evaluated at once by broadcasting; what does not
    depend on the label runs once.
    loss: see xpnet.losses. junk: a Junk module, whose energy competes with the labels' as answer K, "none of the
    above"; samples with label K or -1 train it.
    param: a store of all parameters; by default one on the backend in force, seed 0. Where cost or junk have parameters
    too, it is the store of energy_machine(machine, cost, junk).

    The slots are the lecture's, and energies (of all answers), label, loss, objective (the loss's output) and junk.

    >>> import numpy as np
    >>> from xpnet.machines import Cascade
    >>> from xpnet.modules import Euclidean, Linear, Tanh
    >>> trainer = Trainer(Cascade(Linear(2, 4), Tanh(), Linear(4, 2)), Euclidean(), junk=Junk(0.5, trainable=True))
    >>> sample, label_set = np.asarray([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.eye(2)
    >>> for _ in range(300):
    ...     loss = trainer.learn_sample(sample, [0, 1, -1], label_set, learning_rate=0.3)
    >>> index, energies = trainer.run(sample, label_set)
    >>> index.tolist(), energies.shape
    ([0, 1, 2], (3, 3))
    """

    def __init__(
        self,
        machine: Module,
        cost: Module | None = None,
        param: ParameterStore | None = None,
        loss: Loss | None = None,
        junk: Junk | None = None,
    ) -> None:
        require_parts(machine=machine, cost=cost, loss=loss, junk=junk)
        self.junk, self.loss = junk, NegativeLogLikelihood() if loss is None else loss
        super().__init__(machine, cost, _store(machine, cost, junk) if param is None else param)
        self.label, self.objective = State(fixed=True), State()
        if junk is not None:
            self.energies = State()

    def run(self, sample: Array, label_set: Array | None = None, energies: Array | None = None) -> tuple[Array, Array]:
        """The answer of lowest energy and all energies, as in SimpleTrainer; with junk, the last answer is junk."""
        return super().run(sample, label_set, energies)

    def learn_sample(
        self,
        sample: Array,
        label: Array | None,
        label_set: Array | None = None,
        update_args: UpdateArgs | None = None,
        *,
        desired: Array | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns the mean loss before the update.

        desired: where label_set holds candidates without the desired answer, that answer itself, (d,) or (B, d), with
        label=None; it then competes with the candidates.
        label: an integer, or (B,) integers, that point into label_set (K, d) or (B, K, d), or desired distributions
        (K,) or (B, K); with junk, K or -1 is "none of the above", and distributions have K + 1 entries. update_args:
        see SimpleTrainer. Raises ShapeError, LabelError, NotFiniteError; no parameter has changed then.
        """
        rule = rule_of(update_args, named_args)
        x = self._entrance.sample(sample)
        if desired is not None:
            label_set, label = self._with_desired(x, label, label_set, desired)
        replicas, labels = self._replicas(x, label_set)
        self._forward(replicas, labels)
        self.label.x = self._entrance.answer(label, self.energies.x.shape[-1], x, junk=self.junk is not None)
        self.loss.fprop(self.energies, self.label, self.objective)
        value = self._start_back(self.objective, "loss", sample=x, **given(label_set=labels))
        self.loss.bprop(self.energies, self.label, self.objective)
        self._backward()
        rule.update(self.param)
        return value

    def _with_desired(
        self, x: Array, label: Array | None, label_set: Array | None, desired: Array
    ) -> tuple[Array, Array]:
        if label is not None or label_set is None or self._discriminant:
            msg = "desired= brings an answer that the label set does not hold: give a label_set, and label=None"
            raise LabelError(msg)
        joined = self._entrance.joined(label_set, desired, x)
        batch = x.shape[: x.ndim - self._ndims[0]]
        last = joined.shape[len(batch)] - 1
        return joined, self.param.backend.indices([last] * batch[0] if batch else last)

    def _forward(self, x: Array, y: Array | None) -> None:
        super()._forward(x, y)
        if self.junk is not None:
            self.junk.fprop(self.energy, self.energies)

    def _backward(self) -> None:
        if self.junk is not None:
            self.junk.bprop(self.energy, self.energies)
        super()._backward()

    def _parts(self) -> list[Module]:
        return [*super()._parts(), self.loss, *([] if self.junk is None else [self.junk])]


def _store(machine: Module, cost: Module | None, junk: Junk | None) -> ParameterStore:
    beside = [part for part in (cost, junk) if part is not None and any(True for _ in part.named_parameters())]
    return ParameterStore(energy_machine(machine, cost, junk) if beside else machine)
