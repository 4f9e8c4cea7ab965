"""One training step of the lecture's machine 784-100-10: fprop, energy ½‖out - code‖², bprop, SGD."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks import lecture_machine
from benchmarks.lecture_machine import HIDDEN, INPUTS
from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Contestant, Workload

LABELS = 10
RATE = 1e-4  # while timing
PROVING_RATE = 1.0  # large, so that gradient = (before - after) / rate loses nothing to rounding
NAMES = ("weight 1", "bias 1", "weight 2", "bias 2")  # in this order everywhere below


@dataclass(frozen=True)
class Batch:
    """One batch size, with the data of its step."""

    size: int

    def __str__(self) -> str:
        return f"batch {self.size}"

    @property
    def sample(self) -> Any:
        """(size, 784), about as dense as handwritten digits are."""
        noise = np.random.default_rng(self.size).random((self.size, INPUTS), dtype=np.float32)
        return np.where(noise > 0.8, noise, np.float32(0))

    @property
    def label(self) -> Any:
        """(size,) integers."""
        return np.arange(self.size) % LABELS


CODES = (2 * np.eye(LABELS) - 1).astype(np.float32)


initial = partial(lecture_machine.initial, LABELS)


class MlpStep(Workload):
    """The lecture's machine through the public trainer, beside idiomatic torch and JAX."""

    name = "mlp_step"
    title = "One training step of 784-100-10 (tanh, squared Euclidean energy, SGD)"

    def cases(self, quick: bool) -> Iterable[Batch]:
        """Three batch sizes."""
        return [Batch(size) for size in (1, 32, 256)]

    def exact(self, case: Batch) -> Answer:
        """The gradient of the mean energy."""
        weight_1, bias_1, weight_2, bias_2 = (w.astype(np.float64) for w in initial())
        hidden = np.tanh(case.sample @ weight_1.T + bias_1)
        dout = (hidden @ weight_2.T + bias_2 - CODES[case.label]) / case.size
        dhidden = (dout @ weight_2) * (1 - hidden**2)
        gradients = (dhidden.T @ case.sample, dhidden.sum(0), dout.T @ hidden, dout.sum(0))
        return dict(zip(NAMES, gradients, strict=True))

    def contestants(self, case: Batch, libraries: Libraries) -> Iterable[Contestant]:
        """Public trainer; plain torch, torch with its fused update; JAX in one jit."""
        yield _contestant("xpnet", partial(XpnetStep, case, libraries))
        if libraries.torch is not None:
            yield _contestant("torch eager", partial(TorchStep, case, libraries))
            yield _contestant("torch foreach", partial(TorchForeachStep, case, libraries))
        if libraries.jax is not None:
            yield _contestant("jax jit", partial(JaxStep, case, libraries))


def _contestant(name: str, make: Any) -> Contestant:
    def gradient() -> Answer:
        proving = make(PROVING_RATE)
        proving.step()
        changes = zip(NAMES, initial(), proving.parameters(), strict=True)
        return {name: (before - after) / PROVING_RATE for name, before, after in changes}

    timed = make(RATE)
    return Contestant(Runner(name, timed.step, timed.wait), gradient)


class XpnetStep:
    """SimpleTrainer.learn_sample."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        backend = libraries.backend
        trainer = lecture_machine.xpnet_trainer(backend, LABELS)
        sample, codes, label = backend.asarray(case.sample), backend.asarray(CODES), backend.indices(case.label)
        self.step = lambda: trainer.learn_sample(sample, label, codes, learning_rate=rate)
        self.wait, self.param = libraries.wait_for_xpnet, trainer.param

    def parameters(self) -> list[Any]:
        """On the host, in the order of NAMES."""
        values = {array.shape: array for array in self.param.state_dict().values()}
        return [values[array.shape] for array in initial()]


class TorchStep:
    """nn.Sequential, backward(), torch.optim.SGD: the way torch is taught."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        self.torch: Any = libraries.torch
        nn, self.wait = self.torch.nn, libraries.wait_for_torch
        self.machine = nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, LABELS))
        with self.torch.no_grad():
            for parameter, value in zip(self.machine.parameters(), initial(), strict=True):
                parameter.copy_(self.torch.from_numpy(value))
        self.machine.to(libraries.torch_device)
        to_device = partial(self.torch.as_tensor, device=libraries.torch_device)
        self.sample, self.codes, self.label = to_device(case.sample), to_device(CODES), to_device(case.label)
        self.rate, self.optimizer = rate, self.torch.optim.SGD(self.machine.parameters(), lr=rate)

    def energy(self) -> Any:
        """The mean energy of the desired labels."""
        error = self.machine(self.sample) - self.codes[self.label]
        return 0.5 * error.square().sum(-1).mean()

    def step(self) -> Any:
        """One step."""
        self.optimizer.zero_grad()
        energy = self.energy()
        energy.backward()
        self.optimizer.step()
        return energy

    def parameters(self) -> list[Any]:
        """On the host, in the order of NAMES."""
        return [parameter.detach().cpu().numpy() for parameter in self.machine.parameters()]


class TorchForeachStep(TorchStep):
    """Gradients by autograd.grad and one multi-tensor update: the fastest eager torch that we know."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        super().__init__(case, libraries, rate)
        self.leaves = list(self.machine.parameters())

    def step(self) -> Any:
        """One step."""
        energy = self.energy()
        gradients = self.torch.autograd.grad(energy, self.leaves)
        with self.torch.no_grad():
            self.torch._foreach_add_(self.leaves, gradients, alpha=-self.rate)
        return energy


class JaxStep:
    """value_and_grad and the update in one jitted function whose old parameters are donated to the new."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        jax: Any = libraries.jax
        jnp = jax.numpy

        def energy(parameters: Any, sample: Any, label: Any, codes: Any) -> Any:
            weight_1, bias_1, weight_2, bias_2 = parameters
            hidden = jnp.tanh(sample @ weight_1.T + bias_1)
            error = hidden @ weight_2.T + bias_2 - codes[label]
            return 0.5 * jnp.mean(jnp.sum(error * error, axis=-1))

        def step(parameters: Any, *data: Any) -> Any:
            value, gradients = jax.value_and_grad(energy)(parameters, *data)
            return [w - rate * g for w, g in zip(parameters, gradients, strict=True)], value

        self.compiled = jax.jit(step, donate_argnums=0)
        self.values = [jnp.array(value) for value in initial()]
        self.data = (jnp.asarray(case.sample), jnp.asarray(case.label), jnp.asarray(CODES))
        self.wait = jax.block_until_ready

    def step(self) -> Any:
        """One step; its values need not be ready when it returns."""
        self.values, energy = self.compiled(self.values, *self.data)
        return energy

    def parameters(self) -> list[Any]:
        """On the host, in the order of NAMES."""
        return [np.asarray(value) for value in self.values]
