"""One training step of the lecture's machine 784-100-10: fprop, energy ½‖out - code‖², bprop, SGD."""

from typing import Any, ClassVar

import numpy as np

import xpnet as xn
from benchmarks.training_step import Batch, TrainingStep, Values

INPUTS, HIDDEN, LABELS = 784, 100, 10
CODES = (2 * np.eye(LABELS) - 1).astype(np.float32)


class MlpStep(TrainingStep):
    """The lecture's machine through the public trainer, beside idiomatic torch and JAX."""

    name = "mlp_step"
    title = "One training step of 784-100-10 (tanh, squared Euclidean energy, SGD)"
    shapes: ClassVar = {
        "0.weight": (HIDDEN, INPUTS),
        "0.bias": (HIDDEN,),
        "2.weight": (LABELS, HIDDEN),
        "2.bias": (LABELS,),
    }

    def data(self, size: int) -> tuple[Any, ...]:
        """Samples about as dense as handwritten digits are."""
        noise = np.random.default_rng(size).random((size, INPUTS), dtype=np.float32)
        return np.where(noise > 0.8, noise, np.float32(0)), np.arange(size) % LABELS, CODES

    def trainer(self, backend: Any) -> Any:
        """SimpleTrainer on the cascade."""
        machine = xn.Cascade(xn.Linear(INPUTS, HIDDEN), xn.Tanh(), xn.Linear(HIDDEN, LABELS))
        return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend))

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean energy."""
        (weight_1, bias_1, weight_2, bias_2), (sample, label, codes) = values.values(), data
        hidden = np.tanh(sample @ weight_1.T + bias_1)
        dout = (hidden @ weight_2.T + bias_2 - codes[label]) / len(sample)
        dhidden = (dout @ weight_2) * (1 - hidden**2)
        return dict(zip(values, (dhidden.T @ sample, dhidden.sum(0), dout.T @ hidden, dout.sum(0)), strict=True))

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The mean energy of the desired labels."""
        (weight_1, bias_1, weight_2, bias_2), (sample, label, codes) = values.values(), data
        linear = torch.nn.functional.linear
        error = linear(torch.tanh(linear(sample, weight_1, bias_1)), weight_2, bias_2) - codes[label]
        return 0.5 * error.square().sum(-1).mean()

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The same; a dictionary's values come in the order of their names there."""
        sample, label, codes = data
        hidden = jax.numpy.tanh(sample @ values["0.weight"].T + values["0.bias"])
        error = hidden @ values["2.weight"].T + values["2.bias"] - codes[label]
        return 0.5 * jax.numpy.mean(jax.numpy.sum(error * error, axis=-1))

    def flops(self, case: Batch) -> int:
        """Two products of the first layer, three of the second."""
        return 2 * case.size * HIDDEN * (2 * INPUTS + 3 * LABELS)
