"""One training step of the lecture's mixture of experts: a gater, and eight experts 64-32-10."""

from typing import Any, ClassVar

import numpy as np

import xpnet as xn
from benchmarks.training_step import Batch, TrainingStep, Values

INPUTS, HIDDEN, OUTPUTS, EXPERTS = 64, 32, 10, 8
CODES = (2 * np.eye(OUTPUTS) - 1).astype(np.float32)
EXPERT = {"0.weight": (HIDDEN, INPUTS), "0.bias": (HIDDEN,), "2.weight": (OUTPUTS, HIDDEN), "2.bias": (OUTPUTS,)}


class MixtureStep(TrainingStep):
    """F(X) = Σ_k u_k F_k(X), u = softmax(-G(X)), and ½‖F(X) - code‖²."""

    name = "mixture_step"
    title = "One training step of a mixture of 8 experts (64-32-10 each, gater 64-8, SGD)"
    by_hand = True
    shapes: ClassVar = {
        "gater.weight": (EXPERTS, INPUTS), "gater.bias": (EXPERTS,),
        **{f"experts.{k}.{part}": shape for k in range(EXPERTS) for part, shape in EXPERT.items()},
    }  # fmt: skip

    def data(self, size: int) -> tuple[Any, ...]:
        """Normal samples, labels in turn."""
        sample = np.random.default_rng(size).standard_normal((size, INPUTS), dtype=np.float32)
        return sample, np.arange(size) % OUTPUTS, CODES

    def trainer(self, backend: Any) -> Any:
        """SimpleTrainer on the mixture."""
        experts = [xn.Cascade(xn.Linear(INPUTS, HIDDEN), xn.Tanh(), xn.Linear(HIDDEN, OUTPUTS)) for _ in range(EXPERTS)]
        machine = xn.MixtureOfExperts(xn.Linear(INPUTS, EXPERTS), experts)
        return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend))

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean energy, one expert after the other."""
        sample, label, codes = data
        gate = sample @ values["gater.weight"].T + values["gater.bias"]
        u = np.exp(gate.min(axis=1, keepdims=True) - gate)
        u /= u.sum(axis=1, keepdims=True)
        parts = [[values[f"experts.{k}.{part}"] for part in EXPERT] for k in range(EXPERTS)]
        hidden = [np.tanh(sample @ a.T + a0) for a, a0, _, _ in parts]
        outs = [h @ b.T + b0 for h, (_, _, b, b0) in zip(hidden, parts, strict=True)]
        total = sum(u[:, k, None] * out for k, out in enumerate(outs))
        dtotal = (total - codes[label]) / len(sample)
        du = np.stack([(dtotal * out).sum(-1) for out in outs], axis=-1)
        dgate = -u * (du - (u * du).sum(-1, keepdims=True))
        slopes = {"gater.weight": dgate.T @ sample, "gater.bias": dgate.sum(0)}
        for k, (_, _, b, _) in enumerate(parts):
            dout = u[:, k, None] * dtotal
            dhidden = (dout @ b) * (1 - hidden[k] ** 2)
            found = (dhidden.T @ sample, dhidden.sum(0), dout.T @ hidden[k], dout.sum(0))
            slopes |= {f"experts.{k}.{part}": slope for part, slope in zip(EXPERT, found, strict=True)}
        return slopes

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The mean energy: the experts stacked, so that each layer of all of them is one batched product."""
        sample, label, codes = data
        a, a0, b, b0 = (torch.stack(each) for each in _stacked(values))
        u = torch.softmax(-torch.nn.functional.linear(sample, values["gater.weight"], values["gater.bias"]), dim=-1)
        hidden = torch.tanh(torch.baddbmm(a0[:, None], sample.expand(EXPERTS, -1, -1), a.mT))
        error = (u.T[..., None] * torch.baddbmm(b0[:, None], hidden, b.mT)).sum(0) - codes[label]
        return 0.5 * error.square().sum(-1).mean()

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The same."""
        jnp, (sample, label, codes) = jax.numpy, data
        a, a0, b, b0 = (jnp.stack(each) for each in _stacked(values))
        u = jax.nn.softmax(-(sample @ values["gater.weight"].T + values["gater.bias"]), axis=-1)
        hidden = jnp.tanh(sample @ a.mT + a0[:, None])
        error = jnp.sum(u.T[..., None] * (hidden @ b.mT + b0[:, None]), axis=0) - codes[label]
        return 0.5 * jnp.mean(jnp.sum(error * error, axis=-1))

    def flops(self, case: Batch) -> int:
        """Two products of what reads the sample, three of the second layers."""
        return 2 * case.size * (2 * INPUTS * (EXPERTS + EXPERTS * HIDDEN) + 3 * EXPERTS * HIDDEN * OUTPUTS)


def _stacked(values: Values) -> list[list[Any]]:
    return [[values[f"experts.{k}.{part}"] for k in range(EXPERTS)] for part in EXPERT]
