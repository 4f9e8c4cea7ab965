"""One likelihood step of a joint machine E(X, Y): encoder of X, code of Y, two layers on both, ten labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import xpnet as xn
from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Contestant, Workload

INPUTS, ENCODED, CODE, JOINT, LABELS = 784, 100, 16, 50, 10
SHAPES = {
    "encoder": (ENCODED, INPUTS), "encoder bias": (ENCODED,), "code": (CODE, LABELS), "code bias": (CODE,),
    "joint": (JOINT, ENCODED + CODE), "joint bias": (JOINT,), "energy": (1, JOINT),
}  # fmt: skip
RATE, PROVING_RATE = 1e-4, 100.0  # proving by a rate so large that no digit of the gradients is lost


@dataclass(frozen=True)
class Batch:
    """One batch size, with the data of its step."""

    size: int

    def __str__(self) -> str:
        return f"batch {self.size}, K = {LABELS}"

    @property
    def sample(self) -> Any:
        """(size, 784)."""
        return np.random.default_rng(self.size).random((self.size, INPUTS), dtype=np.float32)

    @property
    def label(self) -> Any:
        """(size,) integers."""
        return np.arange(self.size) % LABELS


CODES = np.eye(LABELS, dtype=np.float32)


def initial() -> list[Any]:
    """The parameters in the order of SHAPES."""
    random = np.random.default_rng(0)
    return [(random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32) for shape in SHAPES.values()]


def machine() -> xn.Graph:
    """E(X, Y): tanh(W (tanh(A x) | C y)) into one number."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    encoded = graph(xn.Tanh(), graph(xn.Linear(INPUTS, ENCODED), x, name="encoder"))
    both = graph(xn.Concatenate(), encoded, graph(xn.Linear(LABELS, CODE), y, name="code"))
    hidden = graph(xn.Tanh(), graph(xn.Linear(ENCODED + CODE, JOINT), both, name="joint"))
    number = graph(xn.Linear(JOINT, 1, bias=False), hidden, name="energy")
    graph.output("energy", graph(xn.modules.Sum(), number))
    return graph


class JointStep(Workload):
    """Trainer on the machine as it is written, beside hand-factored NumPy, explicit replicas, torch and JAX."""

    name = "joint_step"
    title = "One likelihood step of a joint machine (784-100 and 10-16, then 116-50-1, tanh, SGD; turns of 0.1 s)"
    chunk = 0.1

    def cases(self, quick: bool) -> Iterable[Batch]:
        """Three batch sizes."""
        return [Batch(size) for size in (1, 32, 256)]

    def exact(self, case: Batch) -> Answer:
        """The gradient of the mean negative log-likelihood in float64, by hand."""
        step = NumpyStep(case, RATE, np.float64)
        return dict(zip(SHAPES, step.gradients()[1], strict=True))

    def contestants(self, case: Batch, libraries: Libraries) -> Iterable[Contestant]:
        """Public trainer; NumPy by hand; replicas of the whole machine; torch and JAX, which encode a sample once."""
        yield _contestant("xpnet", partial(XpnetStep, case, libraries))
        if not libraries.gpu:
            yield _contestant("numpy by hand", partial(NumpyStep, case))
        yield _contestant("xpnet replicas", partial(ReplicatedStep, case, libraries))
        if libraries.torch is not None:
            yield _contestant("torch concat", partial(TorchStep, case, libraries, False))
            yield _contestant("torch factored", partial(TorchStep, case, libraries, True))
        if libraries.jax is not None:
            yield _contestant("jax jit", partial(JaxStep, case, libraries))


def _contestant(name: str, make: Any) -> Contestant:
    def gradient() -> Answer:
        proving = make(PROVING_RATE)
        proving.step()
        changes = zip(SHAPES, initial(), proving.parameters(), strict=True)
        return {name: (before - after) / PROVING_RATE for name, before, after in changes}

    timed = make(RATE)
    return Contestant(Runner(name, timed.step, timed.wait), gradient)


class XpnetStep:
    """Trainer.learn_sample on the machine as it is written."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        self.backend, self.wait, self.rate = libraries.backend, libraries.wait_for_xpnet, rate
        net = machine()
        self.param = xn.ParameterStore(net, backend=self.backend)
        names = (f"{name.split()[0]}.{'bias' if 'bias' in name else 'weight'}" for name in SHAPES)
        self.names = dict(zip(names, initial(), strict=True))
        self.param.load_state_dict(self.names)
        self.trainer = xn.Trainer(net, param=self.param)
        self.sample, self.codes = self.backend.asarray(case.sample), self.backend.asarray(CODES)
        self.label = self.backend.indices(case.label)

    def step(self) -> Any:
        """One step."""
        return self.trainer.learn_sample(self.sample, self.label, self.codes, learning_rate=self.rate)

    def parameters(self) -> list[Any]:
        """On the host, in the order of SHAPES."""
        values = self.param.state_dict()
        return [values[name] for name in self.names]


class ReplicatedStep(XpnetStep):
    """The same machine run once for every pair of sample and label, as if nothing were known of its structure."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        super().__init__(case, libraries, rate)
        xp = self.backend.xp
        lead = (case.size, LABELS)
        x = xp.broadcast_to(self.sample[:, None, :], (*lead, INPUTS))
        y = xp.broadcast_to(self.codes, (*lead, LABELS))
        self.replicas = [xn.State(xp.asarray(each, copy=True), fixed=True) for each in (x, y)]
        self.weights = self.backend.ones((case.size,)) / case.size
        self.desired = xn.State(self.label, fixed=True)

    def step(self) -> Any:
        """One step."""
        energies, loss, criterion = xn.State(), xn.State(), self.trainer.loss
        criterion.bind(self.backend)
        self.param.machine.fprop(*self.replicas, energies)
        criterion.fprop(energies, self.desired, loss)
        loss.accumulate(self.weights)
        criterion.bprop(energies, self.desired, loss)
        self.param.machine.bprop(*self.replicas, energies)
        xn.Sgd(self.rate).update(self.param)
        return loss.x


class NumpyStep:
    """The factored step by hand: what depends on the sample once a sample, what depends on the label once a label."""

    def __init__(self, case: Batch, rate: float, dtype: Any = np.float32) -> None:
        self.rate, self.size, self.label = rate, case.size, case.label
        self.sample, self.codes = case.sample.astype(dtype), CODES.astype(dtype)
        self.values = [value.astype(dtype) for value in initial()]
        self.rows = np.arange(case.size)

    def wait(self, _: object) -> None:
        """NumPy has always finished."""

    def gradients(self) -> tuple[Any, list[Any]]:
        """The mean loss and its gradients, in the order of SHAPES."""
        a, a0, c, c0, w, w0, v = self.values
        encoded, code = np.dot(self.sample, a.T), np.dot(self.codes, c.T) + c0
        encoded += a0
        np.tanh(encoded, out=encoded)
        hidden = np.dot(encoded, w[:, :ENCODED].T)[:, None, :] + (np.dot(code, w[:, ENCODED:].T) + w0)
        np.tanh(hidden, out=hidden)
        flat = hidden.reshape(-1, JOINT)
        energies = np.dot(flat, v.T).reshape(-1, LABELS)
        p = np.exp(energies.min(axis=1, keepdims=True) - energies)
        total = p.sum(axis=1, keepdims=True)
        loss = (energies[self.rows, self.label] - energies.min(axis=1) + np.log(total[:, 0])).mean()
        p /= -total
        p[self.rows, self.label] += 1
        p /= self.size
        de = p.reshape(-1, 1)
        dhidden = 1 - flat * flat
        dhidden *= np.dot(de, v)
        cube = dhidden.reshape(hidden.shape)
        by_sample, by_label = cube.sum(axis=1), cube.sum(axis=0)
        dencoded = np.dot(by_sample, w[:, :ENCODED])
        dencoded *= 1 - encoded * encoded
        dcode = np.dot(by_label, w[:, ENCODED:])
        dw = np.concatenate([np.dot(by_sample.T, encoded), np.dot(by_label.T, code)], axis=1)
        return loss, [
            np.dot(dencoded.T, self.sample), dencoded.sum(axis=0), np.dot(dcode.T, self.codes), dcode.sum(axis=0),
            dw, by_label.sum(axis=0), np.dot(de.T, flat),
        ]  # fmt: skip

    def step(self) -> Any:
        """One step."""
        loss, gradients = self.gradients()
        for value, gradient in zip(self.values, gradients, strict=True):
            gradient *= self.rate
            value -= gradient
        return loss

    def parameters(self) -> list[Any]:
        """In the order of SHAPES."""
        return self.values


class TorchStep:
    """autograd.grad and one multi-tensor update; the sample is encoded once, the joint layer on pairs or factored."""

    def __init__(self, case: Batch, libraries: Libraries, factored: bool, rate: float) -> None:
        self.torch: Any = libraries.torch
        self.wait, self.rate, self.factored = libraries.wait_for_torch, rate, factored
        to_device = partial(self.torch.as_tensor, device=libraries.torch_device)
        self.values = [to_device(value.copy()).requires_grad_() for value in initial()]
        self.sample, self.codes, self.label = to_device(case.sample), to_device(CODES), to_device(case.label)

    def loss(self) -> Any:
        """The mean negative log-likelihood."""
        functional, (a, a0, c, c0, w, w0, v) = self.torch.nn.functional, self.values
        encoded = self.torch.tanh(functional.linear(self.sample, a, a0))
        code = functional.linear(self.codes, c, c0)
        if self.factored:
            by_label = functional.linear(code, w[:, ENCODED:], w0)
            hidden = functional.linear(encoded, w[:, :ENCODED])[:, None, :] + by_label
        else:
            lead = (encoded.shape[0], LABELS, -1)
            both = self.torch.cat([encoded[:, None, :].expand(lead), code.expand(lead)], dim=-1)
            hidden = functional.linear(both, w, w0)
        energies = functional.linear(self.torch.tanh(hidden), v).squeeze(-1)
        return functional.cross_entropy(-energies, self.label)

    def step(self) -> Any:
        """One step."""
        loss = self.loss()
        gradients = self.torch.autograd.grad(loss, self.values)
        with self.torch.no_grad():
            self.torch._foreach_add_(self.values, gradients, alpha=-self.rate)
        return loss

    def parameters(self) -> list[Any]:
        """On the host, in the order of SHAPES."""
        return [value.detach().cpu().numpy() for value in self.values]


class JaxStep:
    """value_and_grad of the factored form and the update in one jitted function with donated parameters."""

    def __init__(self, case: Batch, libraries: Libraries, rate: float) -> None:
        jax: Any = libraries.jax
        jnp = jax.numpy

        def loss(values: Any, sample: Any, label: Any, codes: Any) -> Any:
            a, a0, c, c0, w, w0, v = values
            encoded, code = jnp.tanh(sample @ a.T + a0), codes @ c.T + c0
            hidden = jnp.tanh((encoded @ w[:, :ENCODED].T)[:, None, :] + (code @ w[:, ENCODED:].T + w0))
            energies = (hidden @ v.T)[..., 0]
            chosen = jnp.take_along_axis(energies, label[:, None], axis=-1)[:, 0]
            return jnp.mean(chosen + jax.scipy.special.logsumexp(-energies, axis=-1))

        def step(values: Any, *data: Any) -> Any:
            value, gradients = jax.value_and_grad(loss)(values, *data)
            return [w - rate * g for w, g in zip(values, gradients, strict=True)], value

        self.compiled = jax.jit(step, donate_argnums=0)
        self.values = [jnp.array(value) for value in initial()]
        self.data = (jnp.asarray(case.sample), jnp.asarray(case.label), jnp.asarray(CODES))
        self.wait = jax.block_until_ready

    def step(self) -> Any:
        """One step; its values need not be ready when it returns."""
        self.values, loss = self.compiled(self.values, *self.data)
        return loss

    def parameters(self) -> list[Any]:
        """On the host, in the order of SHAPES."""
        return [np.asarray(value) for value in self.values]
