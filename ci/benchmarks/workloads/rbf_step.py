"""One likelihood step of the lecture's hybrid of sigmoids and distances: 784-100-84, ten prototypes of 84."""

from typing import Any, ClassVar

import numpy as np

import xpnet as xn
from benchmarks.training_step import Batch, TrainingStep, Values
from xpnet.machines.nn_rbf import nn_rbf

INPUTS, HIDDEN, FEATURES, CLASSES = 784, 100, 84, 10
HEIGHT, SLOPE = 1.7159, 2 / 3  # of the lecture's sigmoid


class RbfStep(TrainingStep):
    """nn_rbf under the Trainer: energies ½‖h(X) - W_k‖², loss -log P."""

    name = "rbf_step"
    title = "One likelihood step of an NN-RBF hybrid (784-100-84, scaled tanh, 10 prototypes, SGD)"
    by_hand = True
    shapes: ClassVar = {
        "0.weight": (HIDDEN, INPUTS), "0.bias": (HIDDEN,), "2.weight": (FEATURES, HIDDEN), "2.bias": (FEATURES,),
        "4.centres": (CLASSES, FEATURES),
    }  # fmt: skip

    def data(self, size: int) -> tuple[Any, ...]:
        """Samples and classes."""
        return np.random.default_rng(size).random((size, INPUTS), dtype=np.float32), np.arange(size) % CLASSES

    def trainer(self, backend: Any) -> Any:
        """Trainer on one energy for each class."""
        machine = nn_rbf((INPUTS, HIDDEN, FEATURES), CLASSES)
        return xn.Trainer(machine, param=xn.ParameterStore(machine, backend=backend))

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean -log P, one class after the other."""
        (a, a0, b, b0, centres), (sample, label) = values.values(), data
        h1 = HEIGHT * np.tanh(SLOPE * (sample @ a.T + a0))
        h2 = HEIGHT * np.tanh(SLOPE * (h1 @ b.T + b0))
        energies = np.stack([0.5 * np.sum((h2 - centre) ** 2, axis=-1) for centre in centres], axis=-1)
        p = np.exp(energies.min(axis=1, keepdims=True) - energies)
        de = (np.eye(CLASSES, dtype=p.dtype)[label] - p / p.sum(axis=1, keepdims=True)) / len(sample)
        dcentres = de.sum(0)[:, None] * centres - de.T @ h2
        dh2 = (de.sum(1, keepdims=True) * h2 - de @ centres) * SLOPE * (HEIGHT - h2**2 / HEIGHT)
        dh1 = (dh2 @ b) * SLOPE * (HEIGHT - h1**2 / HEIGHT)
        return dict(zip(values, (dh1.T @ sample, dh1.sum(0), dh2.T @ h1, dh2.sum(0), dcentres), strict=True))

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """-log P of energies by one product; ‖h‖² is the same for all classes and drops out."""
        (a, a0, b, b0, centres), (sample, label) = values.values(), data
        linear = torch.nn.functional.linear
        h1 = HEIGHT * torch.tanh(SLOPE * linear(sample, a, a0))
        h2 = HEIGHT * torch.tanh(SLOPE * linear(h1, b, b0))
        scores = linear(h2, centres, -0.5 * centres.square().sum(-1))
        return torch.nn.functional.cross_entropy(scores, label)

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The same."""
        jnp, (sample, label), centres = jax.numpy, data, values["4.centres"]
        h1 = HEIGHT * jnp.tanh(SLOPE * (sample @ values["0.weight"].T + values["0.bias"]))
        h2 = HEIGHT * jnp.tanh(SLOPE * (h1 @ values["2.weight"].T + values["2.bias"]))
        scores = h2 @ centres.T - 0.5 * jnp.sum(centres * centres, axis=-1)
        chosen = jnp.take_along_axis(scores, label[:, None], axis=-1)[:, 0]
        return jnp.mean(jax.scipy.special.logsumexp(scores, axis=-1) - chosen)

    def flops(self, case: Batch) -> int:
        """Two products of the first layer, three of the others."""
        return 2 * case.size * (2 * INPUTS * HIDDEN + 3 * HIDDEN * FEATURES + 3 * FEATURES * CLASSES)
