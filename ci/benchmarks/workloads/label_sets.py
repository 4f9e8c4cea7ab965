"""Energies of a whole label set and the best label: 784-100-84 and ½‖out - code‖² to each of K codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import xpnet as xn
from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Contestant, Entry, Extent, Workload, proved

INPUTS, HIDDEN, CODE = 784, 100, 84
HELD = 1 << 28  # energies: a case with more is left to large_label_sets


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


def initial() -> list[Any]:
    """Weight and bias of the first layer, then of the second."""
    random = np.random.default_rng(0)
    shapes = ((HIDDEN, INPUTS), (HIDDEN,), (CODE, HIDDEN), (CODE,))
    return [(random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32) for shape in shapes]


class LabelSets(Workload):
    """SimpleTrainer.run beside cdist, the matrix-product form in torch, and that form in JAX."""

    name = "label_sets"
    title = "All energies of a label set and the best label (784-100-84, K codes of 84)"

    def cases(self, extent: Extent) -> Iterable[Question]:
        """Every batch size with every size of label set, on a GPU up to a hundred thousand."""
        sizes = (10, 1000, 100_000) if extent.gpu else (10, 1000) if extent.quick else (10, 100, 1000)
        return [Question(batch, k) for batch in extent.sizes() for k in sizes if batch * k <= HELD]

    def exact(self, case: Question) -> Answer:
        """Energies by differences, for some samples, and their minimum's place."""
        weight_1, bias_1, weight_2, bias_2 = (w.astype(np.float64) for w in initial())
        sample = case.sample[proved(case.batch)]
        out = np.tanh(sample @ weight_1.T + bias_1) @ weight_2.T + bias_2
        energies = np.stack([0.5 * np.sum((row - case.codes) ** 2, axis=-1) for row in out])
        return {"energies": energies, "best energy": energies.min(axis=-1)}

    def contestants(self, case: Question, libraries: Libraries) -> Iterable[Contestant]:
        """The public trainer, two forms of torch, one of JAX."""
        for name, backend, captured in libraries.ours():
            make = partial(_xpnet, case, backend, captured)
            yield _contestant(name, case, make, backend.to_numpy, libraries.wait_for(backend))
        if libraries.torch is not None:
            for name, energies in (("torch cdist", _by_cdist), ("torch matmul", _by_matmul)):
                make = partial(_torch, case, libraries, energies)
                yield _contestant(name, case, make, lambda x: x.cpu().numpy(), libraries.wait_for_torch)
        if libraries.jax is not None:
            jax: Any = libraries.jax
            yield _contestant("jax jit", case, partial(_jax, case, jax), np.asarray, jax.block_until_ready)

    def flops(self, case: Question) -> int:
        """Both layers and the scores."""
        return 2 * case.batch * (INPUTS * HIDDEN + HIDDEN * CODE + CODE * case.labels)

    def traffic(self, case: Question) -> int:
        """Samples, parameters and codes read, energies written."""
        numbers = case.batch * INPUTS + sum(value.size for value in initial())
        return 4 * (numbers + case.labels * CODE + case.batch * case.labels)


def _contestant(name: str, case: Question, make: Any, to_host: Any, wait: Any) -> Contestant:
    def enter() -> Entry:
        step = make()

        def answer() -> Answer:
            index, energies = (to_host(each)[proved(case.batch)] for each in step())
            return {"energies": energies, "best energy": energies[np.arange(energies.shape[0]), index]}

        return Entry(Runner(name, step, wait), answer)

    return Contestant(name, enter)


def _xpnet(case: Question, backend: Any, captured: bool) -> Any:
    machine = xn.Cascade(xn.Linear(INPUTS, HIDDEN), xn.Tanh(), xn.Linear(HIDDEN, CODE))
    param = xn.ParameterStore(machine, backend=backend)
    param.load_state_dict(dict(zip(("0.weight", "0.bias", "2.weight", "2.bias"), initial(), strict=True)))
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), param)
    run = (xn.capture(trainer) if captured else trainer).run
    return partial(run, backend.asarray(case.sample), backend.asarray(case.codes))


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
