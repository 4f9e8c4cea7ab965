"""The simple trainer of the lecture: the energy of every label, and learning by the energy loss."""

from typing import final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.parameters import ParameterStore
from xpnet.training.energy_trainer import EnergyTrainer, UpdateArgs, require_parts, rule_of


@final
class SimpleTrainer(EnergyTrainer):
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
        require_parts(machine=machine, cost=cost)
        super().__init__(machine, cost, ParameterStore(machine) if param is None else param)
        if self._discriminant:
            msg = (
                f"without a cost, the machine must take a sample and a label; {type(machine).__name__} has one input. "
                "Give a cost, or take Trainer for a machine that gives one energy for each answer"
            )
            raise ShapeError(msg)

    def learn_sample(
        self,
        sample: Array,
        label: Array,
        label_set: Array,
        update_args: UpdateArgs | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns the mean energy of the desired labels before the update.

        label: an integer, or (B,) integers, that point into label_set. update_args: learning_rate, weight_decay,
        inertia, as a mapping or by name (see xpnet.optimizers.Sgd), or another optimizer in their place. The gradient
        is that of the mean over the batch. Raises ShapeError, LabelError, NotFiniteError; then no parameter changed.
        """
        rule = rule_of(update_args, named_args)
        x = self._entrance.sample(sample)
        desired = self._entrance.desired(label, self._entrance.label_set(label_set), x)
        self._forward(x, desired)
        energy = self._start_back(self.energy, "energy", sample=x, label_set=desired)
        self._backward()
        rule.update(self.param)
        return energy
