"""Energies of a whole label set and the best label: 784-100-84 and ½‖out - code‖² to each of K codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks import lecture_machine
from benchmarks.lecture_machine import INPUTS
from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Contestant, Workload

CODE = 84


@dataclass(frozen=True)
class Question:
    """A number of samples to be labelled, and a number of labels to choose from."""

    batch: int
    labels: int

    def __str__(self) -> str:
        return f"batch {self.batch}, K = {self.labels}"

    @property
    def sample(self) -> Any:
        """(batch, 784)."""
        return np.random.default_rng(self.batch).random((self.batch, INPUTS), dtype=np.float32)

    @property
    def codes(self) -> Any:
        """(labels, 84), entries ±1: every label a random pattern."""
        return np.random.default_rng(self.labels).choice([-1.0, 1.0], (self.labels, CODE)).astype(np.float32)


initial = partial(lecture_machine.initial, CODE)


class LabelSets(Workload):
    """SimpleTrainer.run beside cdist, the matrix-product form in torch, and that form in JAX."""

    name = "label_sets"
    title = "All energies of a label set and the best label (784-100-84, K codes of 84)"

    def cases(self, quick: bool) -> Iterable[Question]:
        """Three batch sizes, three sizes of label set."""
        sizes = (10, 1000) if quick else (10, 100, 1000)
        return [Question(batch, labels) for batch in (1, 32, 256) for labels in sizes]

    def exact(self, case: Question) -> Answer:
        """Energies by differences, one label at a time, and their minimum's place."""
        weight_1, bias_1, weight_2, bias_2 = (w.astype(np.float64) for w in initial())
        out = np.tanh(case.sample @ weight_1.T + bias_1) @ weight_2.T + bias_2
        energies = np.stack([0.5 * np.sum((out - code) ** 2, axis=-1) for code in case.codes], axis=-1)
        return {"energies": energies, "best energy": energies.min(axis=-1)}

    def contestants(self, case: Question, libraries: Libraries) -> Iterable[Contestant]:
        """The public trainer, two forms of torch, one of JAX."""
        yield _contestant("xpnet", _xpnet(case, libraries), libraries.backend.to_numpy, libraries.wait_for_xpnet)
        if libraries.torch is not None:
            for name, energies in (("torch cdist", _by_cdist), ("torch matmul", _by_matmul)):
                step = _torch(case, libraries, energies)
                yield _contestant(name, step, lambda x: x.cpu().numpy(), libraries.wait_for_torch)
        if libraries.jax is not None:
            jax: Any = libraries.jax
            yield _contestant("jax jit", _jax(case, jax), np.asarray, jax.block_until_ready)


def _contestant(name: str, step: Any, to_host: Any, wait: Any) -> Contestant:
    def answer() -> Answer:
        index, energies = map(to_host, step())
        rows = np.arange(energies.shape[0])
        return {"energies": energies, "best energy": energies[rows, index]}

    return Contestant(Runner(name, step, wait), answer)


def _xpnet(case: Question, libraries: Libraries) -> Any:
    trainer = lecture_machine.xpnet_trainer(libraries.backend, CODE)
    return partial(trainer.run, libraries.backend.asarray(case.sample), libraries.backend.asarray(case.codes))


def _torch(case: Question, libraries: Libraries, energies: Any) -> Any:
    torch: Any = libraries.torch
    to_device = partial(torch.as_tensor, device=libraries.torch_device)
    weight_1, bias_1, weight_2, bias_2 = map(to_device, initial())
    sample, codes = to_device(case.sample), to_device(case.codes)
    linear = torch.nn.functional.linear

    @torch.no_grad()
    def step() -> Any:
        out = linear(torch.tanh(linear(sample, weight_1, bias_1)), weight_2, bias_2)
        all_energies = energies(torch, out, codes)
        return all_energies.argmin(-1), all_energies

    return step


def _by_cdist(torch: Any, out: Any, codes: Any) -> Any:
    return torch.cdist(out, codes).square().mul(0.5)


def _by_matmul(torch: Any, out: Any, codes: Any) -> Any:
    squares = 0.5 * (out.square().sum(-1, keepdim=True) + codes.square().sum(-1))
    return torch.addmm(squares, out, codes.T, alpha=-1)


def _jax(case: Question, jax: Any) -> Any:
    jnp = jax.numpy

    @jax.jit
    def run(parameters: Any, sample: Any, codes: Any) -> Any:
        weight_1, bias_1, weight_2, bias_2 = parameters
        out = jnp.tanh(sample @ weight_1.T + bias_1) @ weight_2.T + bias_2
        squares = 0.5 * (jnp.sum(out * out, axis=-1, keepdims=True) + jnp.sum(codes * codes, axis=-1))
        energies = squares - out @ codes.T
        return jnp.argmin(energies, axis=-1), energies

    return partial(run, [jnp.asarray(w) for w in initial()], jnp.asarray(case.sample), jnp.asarray(case.codes))
