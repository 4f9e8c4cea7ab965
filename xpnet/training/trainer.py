"""The general trainer: learning from the energies of the whole label set, through a loss."""

from dataclasses import replace
from typing import final

from xpnet._typing import Array
from xpnet.backend import on_its_device
from xpnet.errors import LabelError
from xpnet.inference.labels import Labels
from xpnet.inference.memory import words_of
from xpnet.inference.relaxation import Relaxation
from xpnet.losses import GibbsLoss, Loss, NegativeLogLikelihood
from xpnet.module import Module
from xpnet.modules.junk import Junk
from xpnet.modules.trainable import Trainable
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.energy_trainer import MEMORY, EnergyTrainer
from xpnet.training.negatives import SampledNegatives, sampled
from xpnet.training.parts import require_parts, store_of
from xpnet.training.question import Question
from xpnet.training.rivals import rivals_of
from xpnet.training.streamed_likelihood import StreamedLikelihood
from xpnet.training.update_args import UpdateArgs, rule_of


@final
class Trainer(EnergyTrainer):
    """Trains a machine by a loss over all energies: L = 1/P Σ_i ℓ(Yⁱ, E(·, Xⁱ)), MAP/MLE by default.

    machine, cost: as for SimpleTrainer: X -> machine -> mout, (mout, Y) -> cost -> energy; or with cost=None an energy
    machine E(X, Y); or, also with cost=None, a discriminant machine of X alone that gives a vector of K energies, whose
    label set is None. Each label is a replica of the machine, all evaluated at once by broadcasting; what does not
    depend on the label runs once (see `explain`). Label sets whose energies exceed `memory` pass in tiles.
    loss: see xpnet.losses. junk: a Junk module, whose energy competes with the labels' as answer K, "none of the
    above"; samples with label K or -1 train it. labels: a Trainable (K, d), whose rows are codes that learn. latent:
    Min(), Logsum(β) or a Relaxation, which eliminates a latent variable. memory: bytes, or a text such as "512 MiB".
    param: a store of all parameters; by default one on the backend in force, seed 0. Where cost, junk, labels or latent
    have parameters too, it is the store of energy_machine(machine, cost, junk, labels=..., latent=...).

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
        *,
        latent: Module | Relaxation | None = None,
        labels: Trainable | None = None,
        memory: int | str = MEMORY,
    ) -> None:
        require_parts(machine=machine, cost=cost, loss=loss, junk=junk, labels=labels)
        self.loss = NegativeLogLikelihood() if loss is None else loss
        store = store_of(machine, cost, junk, latent=latent, labels=labels) if param is None else param
        super().__init__(machine, cost, store, junk=junk, latent=latent, labels=labels, memory=memory)
        self.label, self.objective = State(fixed=True), State()

    @on_its_device
    def learn_sample(  # type: ignore[override]  # named numbers of the base are any, here some have a kind
        self,
        sample: Array,
        label: Array | None,
        label_set: Array | None = None,
        update_args: UpdateArgs | None = None,
        *,
        desired: Array | None = None,
        mask: Array | None = None,
        latent_set: Array | None = None,
        negatives: SampledNegatives | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns the mean loss before the update.

        label: an integer, or (B,) integers, that point into label_set (K, d) or (B, K, d), or desired distributions
        (K,) or (B, K); with junk, K or -1 is "none of the above", and distributions have K + 1 entries.
        desired: where label_set holds candidates without the desired answer, that answer itself, (d,) or (B, d), with
        label=None; it then competes with the candidates. negatives: let only a random part of the label set compete.
        mask, latent_set: see `run`. update_args: see SimpleTrainer. Raises ShapeError, LabelError, NotFiniteError; no
        parameter has changed then.
        """
        rule = rule_of(update_args, named_args)
        question = self._ask(sample, label_set, mask, latent_set)
        self._require_finite_sample(question)
        beside = None if desired is None else self._beside(question, label, desired)
        self._place(question)
        if question.labels is not None and negatives is not None:
            value = self._learn_drawn(question, question.labels, label, beside, sampled(negatives))
        elif question.labels is not None and self._streams(question, question.labels, label):
            value = self._learn_streamed(question, question.labels, label, beside)
        else:
            value = self._learn_all(question, label, beside)
        rule.update(self.param)
        return value

    def _learn_all(
        self,
        question: Question,
        label: Array | None,
        beside: Array | None = None,
        offsets: Array | None = None,
        told: Question | None = None,
    ) -> Array:
        """Every energy at once; told: the question as it was asked, where this one was narrowed, for what is said."""
        self.energies = self.all.fprop(question.labels, question.present, beside, offsets)
        count = self.energies.x.shape[-1] - (self.junk is not None) - (beside is not None)
        self.label.x = self._answer(question, label, beside, count)
        self.loss.fprop(self.energies, self.label, self.objective)
        value = self._start_back(self.objective, "loss", told or question)
        self.loss.bprop(self.energies, self.label, self.objective)
        self.all.bprop()
        return value

    def _learn_drawn(
        self, question: Question, labels: Labels, label: Array | None, beside: Array | None, negatives: SampledNegatives
    ) -> Array:
        """The energies of labels that were drawn, with the correction that a loss with a sum over all needs."""
        answer = self._answer(question, label, beside, labels.count)
        if not labels.shared or beside is not None or not self._integral(answer):
            msg = "negatives are drawn from one label set (K, ...) for all samples, and labels are integers into it"
            raise LabelError(msg)
        beta = self.loss.beta if isinstance(self.loss, GibbsLoss) else None
        drawn = negatives.draw(self.param.backend, answer, labels.count, beta)
        narrowed = replace(question, labels=labels.narrowed(drawn.ids))
        return self._learn_all(narrowed, drawn.position, None, drawn.offsets, told=question)

    def _streams(self, question: Question, labels: Labels, label: Array | None) -> bool:
        """Whether the labels pass in tiles: because they must, or because they may and it is quicker."""
        if not self._search.fits(labels):
            return True
        likelihood = isinstance(self.loss, GibbsLoss) and self.loss.beta > 0
        integers = label is None or not self._entrance.is_distribution(label, question.sample)
        return integers and (likelihood or self.loss.rivals_suffice) and self._search.better_streamed(labels)

    def _learn_streamed(self, question: Question, labels: Labels, label: Array | None, beside: Array | None) -> Array:
        """Tile by tile: through the free energy, or by finding each sample's rival and learning from that."""
        answer, stream = self._answer(question, label, beside, labels.count), self._search.stream(labels)
        if not self._integral(answer) or not (isinstance(self.loss, GibbsLoss) or self.loss.rivals_suffice):
            msg = (
                f"{labels.count} energies a sample exceed the trainer's memory, {words_of(self.memory)}, and "
                f"{type(self.loss).__name__} with this label needs all of them at once; raise memory=, or give integer "
                "labels and a loss of xpnet.losses"
            )
            raise LabelError(msg)
        if not isinstance(self.loss, GibbsLoss):
            rivals = rivals_of(question, stream, answer, beside=beside is not None)
            self._require_no_nan(rivals.lowest, question)
            return self._learn_all(rivals.question, rivals.answer, beside, told=question)
        likelihood = StreamedLikelihood(self.loss, self.all, stream)
        self.objective.x = likelihood.fprop(answer, beside)
        value = self._start_back(self.objective, "loss", question)
        likelihood.bprop(self.objective.cotangent)
        return value

    def _answer(self, question: Question, label: Array | None, beside: Array | None, count: int) -> Array:
        """Which of `count` labels and what stands behind them is desired, or desired distributions over them."""
        backend, junk = self.param.backend, self.junk is not None
        if beside is not None:
            return backend.xp.full(question.batch, count, dtype=backend.xp.int64, device=backend.device)
        answer = self._entrance.answer(label, count + junk, question.sample, junk=junk)
        if question.mask is not None and self._integral(answer):
            question.require_present(answer)
        return answer

    def _beside(self, question: Question, label: Array | None, desired: Array) -> Array:
        if label is not None or question.labels is None or self.labels is not None:
            msg = "desired= brings an answer that the label set does not hold: give a label_set, and label=None"
            raise LabelError(msg)
        return self._entrance.code(desired, question.sample, question.labels.event)

    def _integral(self, answer: Array) -> bool:
        return bool(self.param.backend.xp.isdtype(answer.dtype, "integral"))

    @property
    def _own_beta(self) -> float:
        return self.loss.beta if isinstance(self.loss, GibbsLoss) else 1.0

    def _parts(self) -> list[Module]:
        return [*super()._parts(), self.loss]
