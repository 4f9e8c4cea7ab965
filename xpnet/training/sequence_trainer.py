"""The trainer whose label set is structured: all K^T sequences of labels, through a trellis."""

import math
from math import prod
from typing import Any, final

from xpnet._typing import Array
from xpnet.backend import Backend, on_its_device
from xpnet.errors import GraphError, LabelError
from xpnet.losses.gap import positive
from xpnet.machines.label_sequences import LabelSequences, sequence_machine
from xpnet.machines.n_best import RankedPaths, best_paths
from xpnet.machines.paths import Posteriors, posteriors, viterbi
from xpnet.machines.sequence_loss import SequenceNll, sequence_loss
from xpnet.module import Module
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.finite import explain_not_finite
from xpnet.training.parts import require_in_store, require_parts
from xpnet.training.sequence_answers import SequenceAnswers, sequence_answers
from xpnet.training.sequence_entrance import SequenceEntrance
from xpnet.training.update_args import UpdateArgs, rule_of


@final
class SequenceTrainer:
    """Trains X -> machine -> emissions (…, T, K) and the energies of arcs, over all K^T label sequences.

    E(X, s) = initial(s_0) + Σ_t emissions_t(s_t) + Σ_t transitions(s_t, s_{t+1}) [+ final(s_{T-1})]. The set is never
    enumerated: inference and learning go through a trellis, whose energies are parameters beside the machine's.

    machine: X (…, T, n) to energies (…, T, K); if it has a second input, that takes the lengths. n_states: K, or
    LabelSequences(K, transitions, initial, final), whose +∞ forbid arcs.
    param: a store of sequence_machine(machine, labels); by default one on the backend in force, seed 0.
    loss: "likelihood" E(desired) - F at beta; "perceptron" E(desired) - min E; "hinge" E(desired) - min (E - margin ·
    number of wrong labels). beta: also that of posteriors and probabilities.
    sample_ndim: the axes of one sample, time being the first; by default one more than those of the machine's input if
    that is a vector or a symbol, else as many.

    Samples are (T, n), or (B, T, n) with lengths (B,) where they end earlier; the machine sees zeros behind the ends.
    The slots: input, machine, mout (the emissions), labels (their energies), label, loss, objective, param.

    >>> import numpy as np
    >>> from xpnet.modules import Linear
    >>> trainer = SequenceTrainer(Linear(1, 2), 2)
    >>> sample, label = np.asarray([[1.0], [0.0], [0.0], [0.0]]), [1, 0, 1, 0]  # only the arcs can tell
    >>> for _ in range(30):
    ...     loss = trainer.learn_sample(sample, label, learning_rate=0.5)
    >>> path, energy = trainer.run(sample)
    >>> path.tolist(), trainer.n_best(sample, 3).labels.shape
    ([1, 0, 1, 0], (3, 4))
    """

    def __init__(
        self,
        machine: Module,
        n_states: int | LabelSequences,
        param: ParameterStore | None = None,
        loss: str = "likelihood",
        *,
        beta: float = 1.0,
        margin: float = 1.0,
        sample_ndim: int | None = None,
    ) -> None:
        require_parts(machine=machine)
        self.machine, self.labels = machine, _labels(n_states)
        self.model = sequence_machine(machine, self.labels)
        self.param = ParameterStore(self.model) if param is None else param
        self.beta, self.margin = positive(beta, "beta"), positive(margin, "margin")
        final = self.labels.final is not None
        self._losses = [
            sequence_loss(loss, self.labels.n_states, beta=self.beta, margin=self.margin, final=final, lengths=some)
            for some in (False, True)
        ]
        self.loss = self._losses[False]
        ndim = 1 if machine.event_ndims[0] is None else machine.event_ndims[0]
        self._symbols = machine.takes_symbols(0)
        self._sample_ndim = sample_ndim or max(ndim, 1 if self._symbols else 1 + (ndim == 1))
        self.input, self.label, self.objective = State(fixed=True), State(fixed=True), State()
        self.mout, self.arcs = State(), [State() for _ in range(self.labels.n_outputs)]
        self._ends: list[State] = []  # where sequences end, if they differ
        self._settled_on: Backend | None = None
        self._misfits: Array | None = None  # lengths that are wrong, on a device that is not asked
        remedy = "with the LabelSequences that the trainer is given: it holds both"
        made_of = f"make it of sequence_machine(machine, labels), {remedy}"
        require_in_store(self.param, self.model, "", made_of)

    @property
    def backend(self) -> Backend:
        """Where the trainer computes: its store's backend."""
        return self.param.backend

    # --- inference -----------------------------------------------------------------------------------------

    @on_its_device
    def run(self, sample: Array, lengths: Array | None = None) -> tuple[Array, Array]:
        """The label sequence of lowest energy, (T,) or (B, T), -1 behind its end, and its energy, () or (B,).

        Of equal sequences it is that with the smaller label where they differ last; where none is possible, the energy
        is +∞ and all labels -1. Raises ShapeError, LabelError, NotFiniteError for NaN.
        """
        self._forward(sample, lengths)
        path, misfits = viterbi(*self._energies(), **self._options()), self._misfits
        if misfits is None:
            return path.labels, path.energy
        return path.labels, self.param.backend.xp.where(misfits, math.nan, path.energy)

    @on_its_device
    def n_best(self, sample: Array, n: int, lengths: Array | None = None) -> RankedPaths:
        """The n best sequences in order: labels (…, n, T) and energies (…, n), -1 and +∞ where there are fewer."""
        self._forward(sample, lengths)
        return best_paths(*self._energies(), n, **self._options())

    @on_its_device
    def posteriors(self, sample: Array, lengths: Array | None = None, *, beta: float | None = None) -> Posteriors:
        """P(label k at step t) over all sequences, (…, T, K), and their free energy (…); beta=None: the trainer's."""
        self._forward(sample, lengths)
        return posteriors(*self._energies(), **self._options(), beta=self._beta(beta))

    @on_its_device
    def answer(
        self, sample: Array, lengths: Array | None = None, *, top: int = 2, beta: float | None = None
    ) -> SequenceAnswers:
        """The `top` best sequences with energies, the margin to the second best, and what is probable at β."""
        self._forward(sample, lengths)
        beta = self._beta(beta)
        wanted = max(top, 2) if top > 0 else top  # which is an error
        paths = best_paths(*self._energies(), wanted, **self._options())
        soft = posteriors(*self._energies(), **self._options(), beta=beta)
        return sequence_answers(self.param.backend, paths, soft, beta, top)

    @on_its_device
    def probability(
        self, sample: Array, labels: Array, lengths: Array | None = None, *, beta: float | None = None
    ) -> Array:
        """P(labels) = exp(-β (E - F)), () or (B,); negative labels are unknown, and summed over."""
        ends = self._forward(sample, lengths)
        self.label.x = self._entrance.labels(labels, self.mout.x, ends)
        beta, final, surprise = self._beta(beta), self.labels.final is not None, State()
        nll = SequenceNll(self.labels.n_states, beta, final=final, lengths=ends is not None)
        nll.bind(self.param.backend).fprop(*self._ports(), surprise)
        xp = self.param.backend.xp  # NaN is ∞ - ∞: nothing at all is possible
        return xp.where(xp.isnan(surprise.x), 0.0, xp.exp(-beta * surprise.x))

    def explain(self, steps: int | None = None) -> str:
        """How many sequences the set has, what runs once for each sample, and what inference costs."""
        k, arcs = self.labels.n_states, self.labels.n_states**2 - self.labels.n_forbidden
        size = f"{k}^T sequences" if steps is None else f"{k}^{steps} = {k**steps} sequences"
        return (
            f"The label set is all {size} of {k} labels; {arcs} of {k * k} arcs are allowed, none is enumerated.\n"
            f"Once for each sample runs {self.machine!r}, then a trellis over its T steps of {k} energies.\n"
            f"run, posteriors and a step of learning cost O(T K²), n_best O(T K² n) and a sort."
        )

    # --- learning ------------------------------------------------------------------------------------------

    @on_its_device
    def learn_sample(
        self,
        sample: Array,
        labels: Array,
        update_args: UpdateArgs | None = None,
        lengths: Array | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns the mean loss before the update.

        labels: the desired ones, integers (T,) or (B, T), negative where unknown: then summed over by the likelihood,
        and chosen by the other losses. update_args: see SimpleTrainer. Raises ShapeError, LabelError (also for labels
        that take a forbidden arc), NotFiniteError; then no parameter changed.
        """
        rule = rule_of(update_args, named_args)
        ends = self._forward(sample, lengths)
        self.label.x = self._entrance.labels(labels, self.mout.x, ends)
        self.loss = self._losses[ends is not None]
        self.loss.fprop(*self._ports(), self.objective)
        value = self._start_back()
        self.loss.bprop(*self._ports(), self.objective)
        self.model.bprop(*self._inputs(), self.mout, *self.arcs)
        rule.update(self.param)
        return value

    def _forward(self, sample: Array, lengths: Array | None) -> Array | None:
        """The energies of labels and arcs; returns where sequences end."""
        door = self._entrance
        x = door.sample(sample)
        ends = door.lengths(lengths, x)
        self.input.x = door.blanked(x, ends)
        self._ends = [] if ends is None else [State(ends, fixed=True)]
        self._misfits = door.misfits(ends, x)
        self.model.fprop(*self._inputs(), self.mout, *self.arcs)
        door.require_energies(self.mout.x, x, ends)
        xp = self.param.backend.xp
        if self.param.backend.synchronous and any(bool(xp.any(xp.isnan(e.x))) for e in (self.mout, *self.arcs)):
            happened = "an energy is NaN"
            raise explain_not_finite(happened, self.param, sample=self.input.x)
        return ends

    def _inputs(self) -> list[State]:
        if len(self.model.event_ndims) == 1:
            return [self.input]
        batch, steps = self._entrance.batch(self.input.x), self.input.x.shape[-self._sample_ndim]
        whole = self.param.backend.xp.broadcast_to(self.param.backend.indices(steps), batch)
        return [self.input, *(self._ends or [State(whole, fixed=True)])]

    def _ports(self) -> list[State]:
        """The inputs of a loss."""
        return [self.mout, *self.arcs, self.label, *self._ends]

    def _energies(self) -> tuple[Array, Array, Array]:
        misfits, emissions = self._misfits, self.mout.x
        if misfits is not None:
            emissions = self.param.backend.xp.where(misfits[..., None, None], math.nan, emissions)
        return emissions, self.arcs[0].x, self.arcs[1].x

    def _options(self) -> dict[str, Any]:
        final, lengths = self.arcs[2:], self._ends
        return {
            "final": final[0].x if final else None,
            "lengths": lengths[0].x if lengths else None,
            "backend": self.param.backend,
        }

    def _start_back(self) -> Array:
        """The mean loss, which is what bprop then starts from; errors name what made it infinite."""
        losses, xp = self.objective.x, self.param.backend.xp
        mean = xp.mean(losses)
        if self._misfits is not None:
            mean = xp.where(xp.any(self._misfits), math.nan, mean)
        if self.param.backend.synchronous and not math.isfinite(mean):
            self._require_possible()
            happened = f"the loss is {float(mean)}"
            raise explain_not_finite(happened, self.param, sample=self.input.x)
        self.objective.accumulate(xp.ones_like(losses) / max(prod(losses.shape), 1))
        return mean

    def _require_possible(self) -> None:
        """Raise LabelError if desired labels take what is forbidden."""
        host = self.param.backend.to_numpy
        labels = host(self.label.x)
        rows = labels.reshape(-1, labels.shape[-1]).tolist()
        ends = host(self._ends[0].x).reshape(-1).tolist() if self._ends else [labels.shape[-1]] * len(rows)
        for k, (row, end) in enumerate(zip(rows, ends, strict=True)):
            if objection := self.labels.objection(row[:end]):
                of = f" of sample {k}" if labels.ndim > 1 else ""
                msg = f"the desired labels{of} are no sequence of the set: {objection}; correct them, or allow it"
                raise LabelError(msg)

    # --- places --------------------------------------------------------------------------------------------

    @property
    def _entrance(self) -> SequenceEntrance:
        """Where samples and labels come in; every run and every step begins here, so `param.to(...)` is noticed."""
        backend = self.param.backend
        if self._settled_on is not backend:
            for part in (self.model, *self._losses):
                part.bind(backend)
            self._settled_on = backend
            self._door = SequenceEntrance(backend, self.labels.n_states, self._sample_ndim, self._symbols)
        return self._door

    def _beta(self, beta: float | None) -> float:
        return self.beta if beta is None else positive(beta, "beta")


def _labels(n_states: object) -> LabelSequences:
    if isinstance(n_states, LabelSequences):
        return n_states
    if isinstance(n_states, int) and not isinstance(n_states, bool):
        return LabelSequences(n_states)
    msg = f"n_states is the number of labels, or LabelSequences(K, ...); got {n_states!r}"
    raise GraphError(msg)
