"""One likelihood step of a joint machine E(X, Y): encoder of X, code of Y, two layers on both, ten labels."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

import numpy as np

import xpnet as xn
from benchmarks import contestants as entrants
from benchmarks.libraries import Libraries
from benchmarks.training_step import Batch, Loss, TrainingStep, Values
from benchmarks.workload import Contestant

INPUTS, ENCODED, CODE, JOINT, LABELS = 784, 100, 16, 50, 10


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


class JointStep(TrainingStep):
    """Trainer on the machine as it is written, beside hand-factored NumPy, explicit replicas, torch and JAX."""

    name = "joint_step"
    title = "One likelihood step of a joint machine (784-100 and 10-16, then 116-50-1, tanh, SGD; turns of 0.1 s)"
    chunk = 0.1
    words = f", K = {LABELS}"
    by_hand = True
    shapes: ClassVar = {
        "encoder.weight": (ENCODED, INPUTS), "encoder.bias": (ENCODED,),
        "code.weight": (CODE, LABELS), "code.bias": (CODE,),
        "joint.weight": (JOINT, ENCODED + CODE), "joint.bias": (JOINT,), "energy.weight": (1, JOINT),
    }  # fmt: skip

    def data(self, size: int) -> tuple[Any, ...]:
        """Samples, labels in turn, and a one of K for each label."""
        sample = np.random.default_rng(size).random((size, INPUTS), dtype=np.float32)
        return sample, np.arange(size) % LABELS, np.eye(LABELS, dtype=np.float32)

    def trainer(self, backend: Any) -> Any:
        """Trainer on E(X, Y), likelihood loss."""
        net = machine()
        return xn.Trainer(net, param=xn.ParameterStore(net, backend=backend))

    def contestants(self, case: Batch, libraries: Libraries) -> Iterable[Contestant]:
        """Those of every step, and the machine once for each pair of sample and label."""
        ours, *peers = super().contestants(case, libraries)
        wait = libraries.wait_for(libraries.backend)
        replicas = self.contestant("xpnet replicas", partial(ReplicatedStep, self, case, libraries.backend, wait))
        return [ours, *([] if libraries.gpu and case.size > 512 else [replicas]), *peers]

    def torch_contestants(self, libraries: Libraries) -> list[tuple[str, Any, Loss]]:
        """The sample is encoded once; the joint layer on pairs, as one writes it, or factored by hand."""
        foreach = entrants.TorchForeachStep
        eager = [("torch concat", foreach, self.concatenated), ("torch factored", foreach, self.torch_loss)]
        return [*eager, *((*each, self.torch_loss) for each in entrants.torch_compiled(libraries))]

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean -log P: what depends on the sample once a sample, what depends on the label once a label."""
        (a, a0, c, c0, w, w0, v), (sample, label, codes) = values.values(), data
        size, rows = len(sample), np.arange(len(sample))
        encoded, code = np.dot(sample, a.T), np.dot(codes, c.T) + c0
        encoded += a0
        np.tanh(encoded, out=encoded)
        hidden = np.dot(encoded, w[:, :ENCODED].T)[:, None, :] + (np.dot(code, w[:, ENCODED:].T) + w0)
        np.tanh(hidden, out=hidden)
        flat = hidden.reshape(-1, JOINT)
        energies = np.dot(flat, v.T).reshape(-1, LABELS)
        p = np.exp(energies.min(axis=1, keepdims=True) - energies)
        p /= -p.sum(axis=1, keepdims=True)
        p[rows, label] += 1
        p /= size
        de = p.reshape(-1, 1)
        dhidden = 1 - flat * flat
        dhidden *= np.dot(de, v)
        cube = dhidden.reshape(hidden.shape)
        by_sample, by_label = cube.sum(axis=1), cube.sum(axis=0)
        dencoded = np.dot(by_sample, w[:, :ENCODED])
        dencoded *= 1 - encoded * encoded
        dcode = np.dot(by_label, w[:, ENCODED:])
        dw = np.concatenate([np.dot(by_sample.T, encoded), np.dot(by_label.T, code)], axis=1)
        slopes = (
            np.dot(dencoded.T, sample), dencoded.sum(axis=0), np.dot(dcode.T, codes), dcode.sum(axis=0),
            dw, by_label.sum(axis=0), np.dot(de.T, flat),
        )  # fmt: skip
        return dict(zip(values, slopes, strict=True))

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The mean negative log-likelihood, the joint layer as a sum of two."""
        functional, (a, a0, c, c0, w, w0, v) = torch.nn.functional, values.values()
        sample, label, codes = data
        encoded, code = torch.tanh(functional.linear(sample, a, a0)), functional.linear(codes, c, c0)
        by_label = functional.linear(code, w[:, ENCODED:], w0)
        hidden = torch.tanh(functional.linear(encoded, w[:, :ENCODED])[:, None, :] + by_label)
        return functional.cross_entropy(-functional.linear(hidden, v).squeeze(-1), label)

    def concatenated(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The same with the joint layer on every pair."""
        functional, (a, a0, c, c0, w, w0, v) = torch.nn.functional, values.values()
        sample, label, codes = data
        encoded, code = torch.tanh(functional.linear(sample, a, a0)), functional.linear(codes, c, c0)
        lead = (sample.shape[0], LABELS, -1)
        both = torch.cat([encoded[:, None, :].expand(lead), code.expand(lead)], dim=-1)
        hidden = torch.tanh(functional.linear(both, w, w0))
        return functional.cross_entropy(-functional.linear(hidden, v).squeeze(-1), label)

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The factored form."""
        jnp, (sample, label, codes) = jax.numpy, data
        w = values["joint.weight"]
        encoded = jnp.tanh(sample @ values["encoder.weight"].T + values["encoder.bias"])
        code = codes @ values["code.weight"].T + values["code.bias"]
        by_label = code @ w[:, ENCODED:].T + values["joint.bias"]
        hidden = jnp.tanh((encoded @ w[:, :ENCODED].T)[:, None, :] + by_label)
        energies = (hidden @ values["energy.weight"].T)[..., 0]
        chosen = jnp.take_along_axis(energies, label[:, None], axis=-1)[:, 0]
        return jnp.mean(chosen + jax.scipy.special.logsumexp(-energies, axis=-1))

    def flops(self, case: Batch) -> int:
        """Of the factored form; what is done once a label is left out."""
        pairs = 3 * LABELS * JOINT
        return 2 * case.size * (2 * INPUTS * ENCODED + 3 * ENCODED * JOINT + pairs)


class ReplicatedStep(entrants.XpnetStep):
    """The same machine run once for every pair of sample and label, as if nothing were known of its structure."""

    def __init__(self, work: JointStep, case: Batch, backend: Any, wait: Any, rate: float) -> None:
        super().__init__(work, case, backend, wait, rate)
        self.backend = backend
        sample, label, codes = self.data
        xp, lead = backend.xp, (case.size, LABELS)
        x = xp.broadcast_to(sample[:, None, :], (*lead, INPUTS))
        y = xp.broadcast_to(codes, (*lead, LABELS))
        self.replicas = [xn.State(xp.asarray(each, copy=True), fixed=True) for each in (x, y)]
        self.weights = backend.ones((case.size,)) / case.size
        self.desired = xn.State(label, fixed=True)

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
