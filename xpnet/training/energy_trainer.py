"""What trainers share: the energies of samples and labels, the way back, and inference over a label set."""

import math
from abc import ABC, abstractmethod

from xpnet._typing import Array
from xpnet.backend import Backend, on_its_device
from xpnet.checks import whole
from xpnet.errors import LabelError, ShapeError
from xpnet.inference.all_energies import AllEnergies
from xpnet.inference.answers import Answers
from xpnet.inference.descent import Descent, descend
from xpnet.inference.energy_function import EnergyFunction
from xpnet.inference.explanation import Explanation, explain
from xpnet.inference.labels import Labels
from xpnet.inference.memory import bytes_of, words_of
from xpnet.inference.relaxation import Relaxation, require_one_latent
from xpnet.inference.search import Search
from xpnet.module import Module
from xpnet.modules.junk import Junk
from xpnet.modules.trainable import Trainable
from xpnet.parameters import ParameterStore
from xpnet.state import State
from xpnet.training.entrance import Entrance
from xpnet.training.finite import explain_not_finite
from xpnet.training.numbers import inverse_temperature
from xpnet.training.parts import require_in_store
from xpnet.training.question import Question, asked
from xpnet.training.update_args import UpdateArgs

MEMORY = "1 GiB"  # what the energies of one step may take before a label set is streamed


class EnergyTrainer(ABC):
    """A machine with a cost, or one energy machine E(X, Y), with the slots of the lecture's trainer.

    The slots: input, output, machine, mout, cost, energy, param. `energies` is the state that inference minimises, one
    energy for each answer. Subclasses say how to learn.

    latent: Min() or Logsum(β), which eliminates a latent variable Z from E(X, Y, Z); every call then takes its values,
    latent_set. Or a Relaxation(start), for a continuous Z that is searched by descent. labels: a label set that learns,
    in place of one that is given. memory: bytes, or a text such as "512 MiB", that the energies of one step may take;
    larger label sets pass in tiles.
    """

    def __init__(
        self,
        machine: Module,
        cost: Module | None,
        param: ParameterStore,
        *,
        junk: Junk | None = None,
        latent: Module | Relaxation | None = None,
        labels: Trainable | None = None,
        memory: int | str = MEMORY,
    ) -> None:
        require_one_latent(latent)
        self.param, self.machine, self.cost = param, machine, cost
        self.junk, self.latent, self.labels, self.memory = junk, latent, labels, bytes_of(memory)
        self.function = EnergyFunction(machine, cost, latent)
        self.all = AllEnergies(self.function, junk)
        self.input, self.mout, self.energy = self.function.input, self.function.mout, self.all.energy
        self.energies = self.energy
        self._search = Search(self.all, self.memory)
        remedy = "the same machine, or from energy_machine(machine, cost), which holds both"
        for part in self._parts():
            require_in_store(self.param, part, f" of {type(part).__name__}", f"make the store from {remedy}")
        self._settled_on: Backend | None = None

    @property
    def backend(self) -> Backend:
        """Where the trainer computes: its store's backend."""
        return self.param.backend

    @property
    def output(self) -> State:
        """The slot of the labels: those of the last evaluation."""
        return self.all.output

    @abstractmethod
    def learn_sample(
        self,
        sample: Array,
        label: Array,
        label_set: Array | None = None,
        update_args: UpdateArgs | None = None,
        *,
        latent_set: Array | None = None,
        **named_args: float,
    ) -> Array:
        """One update on one sample or one batch; returns what was minimised, before the update."""

    # --- inference -----------------------------------------------------------------------------------------

    @on_its_device
    def run(
        self,
        sample: Array,
        label_set: Array | None = None,
        energies: Array | None = None,
        *,
        top: int | None = None,
        mask: Array | None = None,
        latent_set: Array | None = None,
    ) -> tuple[Array, Array]:
        """The label of lowest energy, and the energy of every label.

        sample (n,) or (B, n); label_set (K, d), or (B, K, d) where candidates differ per sample. Returns the index ()
        or (B,) (the first one of a tie, -1 where every energy is +∞) and the energies (K,) or (B, K), which are also
        written into `energies` if an array is given.
        top: return the labels (…, top) of the lowest energies (as many as there are, if that is fewer) and these
        energies, in order, instead; a label set may then have any size, and passes in tiles where its energies exceed
        the trainer's memory. mask: booleans (K,) or (B, K), False where an answer is absent. latent_set: the latent
        variable's values (M, …) or (B, M, …).
        Raises ShapeError, LabelError for an empty label set, NotFiniteError for NaN.
        """
        question = self._ask(sample, label_set, mask, latent_set)
        if top is not None:
            found = self._answers(question, top, None)
            return found.top, found.top_energies
        self._place(question)
        self.energies = self.all.fprop(question.labels, question.present)
        found = self.energies.x
        if energies is not None:
            if tuple(energies.shape) != tuple(found.shape):
                msg = f"energies has shape {tuple(energies.shape)}; these are {tuple(found.shape)}"
                raise ShapeError(msg)
            energies[...] = found
        return self._index(found, question), found

    @on_its_device
    def answer(
        self,
        sample: Array,
        label_set: Array | None = None,
        *,
        top: int = 1,
        beta: float | None = None,
        mask: Array | None = None,
        latent_set: Array | None = None,
    ) -> Answers:
        """The `top` best labels, their energies, the margin to the second best, and P(k), for label sets of any size.

        beta: the inverse temperature of P(k); None for the loss's own, or 1. Other arguments as for `run`.
        """
        question = self._ask(sample, label_set, mask, latent_set)
        return self._answers(question, top, self._own_beta if beta is None else inverse_temperature(beta))

    @on_its_device
    def descend(self, sample: Array, start: Array, **options: Array) -> Descent:
        """The continuous answer Y of lowest energy, by descent from `start` (*event) or (B, *event).

        options: method, steps, tolerance, restarts, spread, seed, project, progress, as for xpnet.inference.descent.
        Parameters, and gradients that are pending, stay as they are.
        """
        if not self.function.depends_on_label or self.latent is not None:
            msg = "a continuous answer is searched in E(X, Y); here there is no Y, or a latent variable beside it"
            raise LabelError(msg)
        x = self._entrance.sample(sample)
        self.function.place(x)
        return descend(self.function.late, self.function.open_ports(), self.param.backend.asarray(start), **options)

    def explain(self) -> Explanation:
        """What runs once, what for each sample, for each label, or for each pair of them; print it."""
        kept = words_of(self.memory)
        return explain(self.function, f"label sets whose energies exceed {kept} pass in tiles")

    # --- inside --------------------------------------------------------------------------------------------

    @property
    def _entrance(self) -> Entrance:
        """Where samples and labels come in; every run and every step begins here, so `param.to(...)` is noticed."""
        backend = self.param.backend
        # A cost without parameters may serve several trainers, each on its own backend.
        if self._settled_on is not backend or (self.cost is not None and self.cost.backend is not backend):
            self._settle(backend)
        return self._door

    @property
    def _own_beta(self) -> float:
        return 1.0

    def _settle(self, backend: Backend) -> None:
        for part in [*self._parts(), *self.function.modules(), *self.all.modules()]:
            part.bind(backend)
        self._settled_on = backend
        self._door = Entrance(backend, *self.function.event_ndims, self.function.symbols)
        self._mean_weights: dict[tuple[int, ...], Array] = {}

    def _ask(
        self, sample: Array, label_set: Array | None, mask: Array | None = None, latent_set: Array | None = None
    ) -> Question:
        takes_labels, takes_latents = self.function.depends_on_label, isinstance(self.latent, Module)
        given = sample, label_set, mask, latent_set
        return asked(self._entrance, *given, owner=self.labels, takes_labels=takes_labels, takes_latents=takes_latents)

    def _place(self, question: Question) -> None:
        self.function.place(question.replicated, question.latents_replicated)

    def _answers(self, question: Question, top: int, beta: float | None) -> Answers:
        count = whole(top, "top, how many of the best answers are wanted,", error=LabelError)
        self._place(question)
        answers = self._search.answers(self.param.backend, question.labels, question.present, count, beta)
        self._require_no_nan(answers.energy, question)
        return answers

    def _index(self, energies: Array, question: Question) -> Array:
        """The label of the lowest energy, -1 where there is none."""
        xp = self.param.backend.xp
        lowest = xp.min(energies, axis=-1)
        if self.param.backend.synchronous and math.isfinite(xp.sum(lowest)):
            return xp.argmin(energies, axis=-1)
        self._require_no_nan(lowest, question)
        return xp.where(lowest == math.inf, -1, xp.argmin(energies, axis=-1))

    def _require_finite_sample(self, question: Question) -> None:
        """Raise NotFiniteError for an infinite sample, which a squashing function may hide from the energy."""
        x, xp = question.sample, self.param.backend.xp
        if not self.param.backend.synchronous or not xp.isdtype(x.dtype, "real floating"):
            return
        if not bool(xp.all(xp.isfinite(x))):
            happened = "a sample to learn from is infinite or NaN"
            raise explain_not_finite(happened, self.param, **question.arrays)

    def _require_no_nan(self, energies: Array, question: Question) -> None:
        backend = self.param.backend
        if backend.synchronous and bool(backend.xp.any(backend.xp.isnan(energies))):
            happened = "an energy is NaN"
            raise explain_not_finite(happened, self.param, **question.arrays)

    def _start_back(self, wire: State, what: str, question: Question, codes: Labels | None = None) -> Array:
        """The mean of the wire's energies, which is what bprop then starts from; NotFiniteError names its cause."""
        weights = self._mean(wire.x)
        mean = wire.x * weights if wire.x.ndim == 0 else self.machine.xp.vecdot(wire.x, weights)
        if self.param.backend.synchronous and not math.isfinite(mean):
            happened = f"the {what} is {float(mean)}"
            arrays = question.arrays | ({} if codes is None else {"label_set": codes.usable})
            raise explain_not_finite(happened, self.param, **arrays)
        wire.accumulate(weights)
        return mean

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
        parts = (self.machine, self.cost, self.latent, self.labels, self.junk)
        return [part for part in parts if isinstance(part, Module)]
