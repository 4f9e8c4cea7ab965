"""The simple trainer of the lecture: the energy of every label, and learning by the energy loss."""

import math
from typing import final

from xpnet._typing import Array
from xpnet.backend import on_its_device
from xpnet.errors import LabelError, ShapeError
from xpnet.inference.labels import Labels
from xpnet.inference.relaxation import Relaxation
from xpnet.module import Module
from xpnet.modules.trainable import Trainable
from xpnet.parameters import ParameterStore
from xpnet.training.energy_trainer import MEMORY, EnergyTrainer
from xpnet.training.parts import require_parts, store_of
from xpnet.training.question import Question
from xpnet.training.update_args import UpdateArgs, rule_of


@final
class SimpleTrainer(EnergyTrainer):
    """Trains a machine with a cost, or one energy machine E(X, Y), by the energy loss L = 1/P Σ E(Yⁱ, Xⁱ).

    machine, cost: X -> machine -> mout, (mout, Y) -> cost -> energy. With cost=None the machine itself takes X and Y
    and gives the energy, so the label may enter anywhere: what does not depend on it runs once (see `explain`).
    param: the store of the machine's parameters; by default one on the backend in force, seed 0. latent, labels,
    memory: see EnergyTrainer.

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

    def __init__(
        self,
        machine: Module,
        cost: Module | None = None,
        param: ParameterStore | None = None,
        *,
        latent: Module | Relaxation | None = None,
        labels: Trainable | None = None,
        memory: int | str = MEMORY,
    ) -> None:
        require_parts(machine=machine, cost=cost, labels=labels)
        if cost is None and len(machine.event_ndims) == 1:
            msg = (
                f"without a cost, the machine must take a sample and a label; {type(machine).__name__} has one input. "
                "Give a cost, or take Trainer for a machine that gives one energy for each answer"
            )
            raise ShapeError(msg)
        store = store_of(machine, cost, labels=labels, latent=latent) if param is None else param
        super().__init__(machine, cost, store, latent=latent, labels=labels, memory=memory)

    @on_its_device
    def learn_sample(
        self,
        sample: Array,
        label: Array | None,
        label_set: Array | None = None,
        update_args: UpdateArgs | None = None,
        *,
        desired: Array | None = None,
        latent_set: Array | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns the mean energy of the desired labels before the update.

        label: an integer, or (B,) integers, that point into label_set. desired: the label itself, (d,) or (B, d), for
        answers that are not chosen from a set (regression, say), with label=None. update_args: learning_rate,
        weight_decay, inertia, as a mapping or by name (see xpnet.optimizers.Sgd), or another optimizer in their place.
        The gradient is that of the mean over the batch. latent_set: see `run`. Raises ShapeError, LabelError,
        NotFiniteError; then no parameter changed.
        """
        rule = rule_of(update_args, named_args)
        if desired is None:
            question, codes = self._pointed_at(sample, label, label_set, latent_set)
        else:
            question, codes = self._given(sample, label, label_set, desired, latent_set)
        self._require_finite_sample(question)
        self.function.place(question.alone, question.latents)
        self.energies = self.all.fprop(codes)
        energy = self._start_back(self.energy, "energy", question, codes)
        self.all.bprop()
        rule.update(self.param)
        if codes.known is not None:  # a symbol has no code that says so
            xp = self.backend.xp
            energy = xp.where(xp.all(codes.known), energy, math.nan)
        return energy

    def _pointed_at(
        self, sample: Array, label: Array | None, label_set: Array | None, latent_set: Array | None
    ) -> tuple[Question, Labels]:
        """What is asked, and the rows of the label set that `label` points at."""
        question = self._ask(sample, label_set, latent_set=latent_set)
        if question.labels is None:
            raise AssertionError  # a machine without labels was refused at the start
        return question, question.labels.narrowed(
            self._entrance.pointers(label, question.labels.count, question.sample)
        )

    def _given(
        self, sample: Array, label: object, label_set: object, desired: Array, latent_set: Array | None
    ) -> tuple[Question, Labels]:
        """What is asked, and the labels themselves."""
        if label is not None or label_set is not None or self.labels is not None:
            msg = "desired= brings the label itself: give label=None and no label_set, and no labels= that learn"
            raise LabelError(msg)
        entrance = self._entrance
        x = entrance.sample(sample)
        latents = entrance.latents(latent_set, x) if isinstance(self.latent, Module) else None
        codes = Labels(entrance.backend, entrance.code(desired, x), entrance.label_ndim, latent=latents is not None)
        return Question(entrance, x, None, None, latents), codes
