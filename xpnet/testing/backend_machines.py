"""Clauses of a backend: modules keep their contract on it, and machines learn there as they do in float64."""

from collections.abc import Iterator

import numpy as np

from xpnet._typing import HostArray
from xpnet.backend import Backend, get_backend
from xpnet.errors import ParameterError
from xpnet.losses import NegativeLogLikelihood
from xpnet.machines.cascade import Cascade
from xpnet.modules import Euclidean, Linear, Logsum, Softmax, Tanh
from xpnet.parameters import ParameterStore
from xpnet.streams import stream
from xpnet.testing.backend_bench import Bench, clause
from xpnet.testing.contract import check_module
from xpnet.training.simple_trainer import SimpleTrainer
from xpnet.training.trainer import Trainer

STEPS = 20
LEARNING = 20.0  # times the rounding of one operation: what so many steps make of it
RATES = {"learning_rate": 0.2, "weight_decay": 0.01, "inertia": 0.5}


@clause("Run check_module on this module alone to see which primitive or function differs.")
def modules_keep_their_contract(bench: Bench) -> None:
    """Linear, Softmax, Logsum and Euclidean pass the contract checker: all passes, against central differences."""
    if bench.backend.precision != "full":
        return  # central differences tell nothing of rounded products
    for module, inputs in (
        (Linear(4, 3), [(4,)]),
        (Softmax(), [(4,)]),
        (Logsum(beta=2.0), [(4,)]),
        (Euclidean(), [(3,), (3,)]),
    ):
        for layout in layouts(bench.backend):
            report = check_module(module, inputs, backend=bench.backend, leads=((), (3,), (0,)), layout=layout)
            bench.comparisons += len(report)
            bench.worst = max(bench.worst, *(line.error for line in report))


@clause(
    "Compare one step with NumPy's: the first parameter that differs tells which primitive or update rounds or errs."
)
def machines_learn_as_in_float64(bench: Bench) -> None:
    """20 steps of SimpleTrainer and of Trainer give the numbers of NumPy in float64, in each layout of the store."""
    for likelihood in (False, True):
        for layout in layouts(bench.backend):
            ours = _Run(bench.backend, layout, likelihood)
            exact = _Run(get_backend("numpy", dtype="float64"), None, likelihood, ours.store.state_dict())
            told = f"{'Trainer' if likelihood else 'SimpleTrainer'}, layout {layout!r}"
            tolerance = LEARNING * bench.products
            for k, (wanted, got) in enumerate(zip(exact.learn(), ours.learn(), strict=True)):
                bench.close(f"energy of step {k} of {told}", wanted, got, tolerance)
            for name, wanted in exact.store.state_dict().items():
                got = ours.store.state_dict()[name]
                bench.close(f"parameter {name!r} after {STEPS} steps of {told}", wanted, got, tolerance)
            for what, wanted, got in zip(("answers", "energies"), exact.answers(), ours.answers(), strict=True):
                bench.close(f"{what} of {told}", wanted, got, tolerance)


@clause(
    "Let asarray copy what a store loads, and to_numpy wait for the device: values pass through the host bit for bit."
)
def parameters_travel_unchanged(bench: Bench) -> None:
    """State dicts, slots, and store.to() another backend and back keep every bit, and learning goes on from there."""
    backend = bench.backend
    for layout in layouts(backend):
        run = _Run(backend, layout, likelihood=False)
        list(run.learn())
        values, slots = run.store.state_dict(), run.store.slots_dict()
        twin = _Run(backend, layout, likelihood=False, values=values)
        twin.store.load_slots_dict(slots)
        _same_store(bench, f"a store that loaded the state dict, layout {layout!r}", values, slots, twin.store)
        for value in values.values():
            value[...] = 0.5  # the caller's own copies
        values = twin.store.state_dict()
        run.store.to(get_backend("numpy", dtype=backend.dtype_name))
        _same_store(bench, f"a store moved to NumPy, layout {layout!r}", values, slots, run.store)
        run.store.to(bench.other or backend)
        run.store.to(backend)
        _same_store(bench, f"a store moved back, layout {layout!r}", values, slots, run.store)
        back = _Run(backend, layout, False, values)
        back.store.load_slots_dict(slots)
        for k, (wanted, got) in enumerate(zip(twin.learn(), back.learn(), strict=True)):
            bench.bits(f"energy {k} after resuming, layout {layout!r}", wanted, got)
    if not backend.capabilities.views:
        bench.refuses("layout='view'", ParameterError, lambda: ParameterStore(Linear(2, 1), backend, layout="view"))


def layouts(backend: Backend) -> tuple[str, ...]:
    """The store's layouts that this backend allows."""
    return ("view", "leaf") if backend.capabilities.views else ("leaf",)


class _Run:
    """A small machine, its store and its trainer, with minibatches that are the same everywhere."""

    def __init__(
        self, backend: Backend, layout: str | None, likelihood: bool, values: dict[str, HostArray] | None = None
    ) -> None:
        machine = Cascade(Linear(4, 6), Tanh(), Linear(6, 3))
        self.backend, self.store = backend, ParameterStore(machine, backend, seed=3, layout=layout)
        if values is not None:
            self.store.load_state_dict({n: v.astype(backend.dtype_name) for n, v in values.items()})
        if likelihood:
            self.trainer: Trainer | SimpleTrainer = Trainer(machine, Euclidean(), self.store, NegativeLogLikelihood())
        else:
            self.trainer = SimpleTrainer(machine, Euclidean(), self.store)
        draws = stream(0, "check_backend", "training")
        self.samples = draws.normal(size=(STEPS, 8, 4)).astype("float32")
        self.labels = draws.integers(3, size=(STEPS, 8))
        self.label_set = (2 * np.eye(3) - 1).astype("float32")

    def learn(self) -> Iterator[HostArray]:
        """One step after the other, and its energy."""
        for sample, label in zip(self.samples, self.labels, strict=True):
            energy = self.trainer.learn_sample(
                self.backend.asarray(sample), self.backend.indices(label), self.backend.asarray(self.label_set), RATES
            )
            yield np.array(self.backend.to_numpy(energy), dtype=np.float64)

    def answers(self) -> tuple[HostArray, HostArray]:
        """The chosen labels and all energies of the last minibatch."""
        found = self.trainer.run(self.backend.asarray(self.samples[-1]), self.backend.asarray(self.label_set))
        index, energies = (np.array(self.backend.to_numpy(value), dtype=np.float64) for value in found)
        return index, energies


def _same_store(
    bench: Bench, what: str, values: dict[str, HostArray], slots: dict[str, dict[str, HostArray]], store: ParameterStore
) -> None:
    for name, value in store.state_dict().items():
        bench.bits(f"parameter {name!r} of {what}", values[name], value)
    for slot, held in store.slots_dict().items():
        for name, value in held.items():
            bench.bits(f"slot {slot!r} of {name!r} of {what}", slots[slot][name], value)
