"""One likelihood step of a time-delay network: 100 steps of 16, windows of 5 to 32 and to 64 features, ten classes."""

from typing import Any, ClassVar

import numpy as np

import xpnet as xn
from benchmarks.training_step import Batch, TrainingStep, Values
from xpnet.machines.tdnn import tdnn

STEPS, FEATURES, WIDTH, CLASSES = 100, (16, 32, 64), 5, 10
LEFT = STEPS - 2 * (WIDTH - 1)  # steps after both layers
OVER = ((2, 3), (1, 2))  # the axes of windows and kernels that meet


class TdnnStep(TrainingStep):
    """Two layers of convolution and tanh, then a linear layer on all steps that are left."""

    name = "tdnn_step"
    title = "One likelihood step of a time-delay network (100 steps of 16, windows of 5: 16-32-64, 10 classes, SGD)"
    by_hand = True
    shapes: ClassVar = {
        "0.0.weight": (FEATURES[1], WIDTH, FEATURES[0]), "0.0.bias": (FEATURES[1],),
        "0.2.weight": (FEATURES[2], WIDTH, FEATURES[1]), "0.2.bias": (FEATURES[2],),
        "2.weight": (CLASSES, LEFT * FEATURES[2]), "2.bias": (CLASSES,),
    }  # fmt: skip

    def data(self, size: int) -> tuple[Any, ...]:
        """Normal sequences, classes in turn."""
        shape = (size, STEPS, FEATURES[0])
        return np.random.default_rng(size).standard_normal(shape, dtype=np.float32), np.arange(size) % CLASSES

    def trainer(self, backend: Any) -> Any:
        """Trainer on one energy for each class."""
        flat = LEFT * FEATURES[2]
        read_out = (xn.modules.Reshape((LEFT, FEATURES[2]), (flat,)), xn.Linear(flat, CLASSES))
        machine = xn.Cascade(tdnn(FEATURES, (WIDTH, WIDTH)), *read_out)
        return xn.Trainer(machine, param=xn.ParameterStore(machine, backend=backend))

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean -log P: windows laid out side by side, and put back step by step."""
        (a, a0, b, b0, w, w0), (sample, label) = values.values(), data
        h1 = np.tanh(np.tensordot(_windows(sample), a, OVER) + a0)
        h2 = np.tanh(np.tensordot(_windows(h1), b, OVER) + b0)
        flat = h2.reshape(len(sample), -1)
        energies = flat @ w.T + w0
        p = np.exp(energies.min(axis=1, keepdims=True) - energies)
        de = (np.eye(CLASSES, dtype=p.dtype)[label] - p / p.sum(axis=1, keepdims=True)) / len(sample)
        d2 = (de @ w).reshape(h2.shape) * (1 - h2**2)
        dh1 = np.zeros_like(h1)
        for j in range(WIDTH):
            dh1[:, j : j + LEFT] += d2 @ b[:, j]
        d1 = dh1 * (1 - h1**2)
        da, db = (np.tensordot(dy, _windows(x), ((0, 1), (0, 1))) for dy, x in ((d1, sample), (d2, h1)))
        return dict(zip(values, (da, d1.sum((0, 1)), db, d2.sum((0, 1)), de.T @ flat, de.sum(0)), strict=True))

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """conv1d, whose layout has the features before the steps."""
        (a, a0, b, b0, w, w0), (sample, label) = values.values(), data
        functional = torch.nn.functional
        h1 = torch.tanh(functional.conv1d(sample.mT, a.mT, a0))
        h2 = torch.tanh(functional.conv1d(h1, b.mT, b0))
        return functional.cross_entropy(-functional.linear(h2.mT.flatten(1), w, w0), label)

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """lax.conv_general_dilated on (batch, steps, features)."""
        jnp, (sample, label) = jax.numpy, data

        def layer(x: Any, kernel: Any, bias: Any) -> Any:
            layout = ("NWC", "OWI", "NWC")
            return jnp.tanh(jax.lax.conv_general_dilated(x, kernel, (1,), "VALID", dimension_numbers=layout) + bias)

        h2 = layer(layer(sample, values["0.0.weight"], values["0.0.bias"]), values["0.2.weight"], values["0.2.bias"])
        energies = h2.reshape(h2.shape[0], -1) @ values["2.weight"].T + values["2.bias"]
        chosen = jnp.take_along_axis(energies, label[:, None], axis=-1)[:, 0]
        return jnp.mean(chosen + jax.scipy.special.logsumexp(-energies, axis=-1))

    def flops(self, case: Batch) -> int:
        """Two products of the first layer, three of the others."""
        first = 2 * (LEFT + WIDTH - 1) * WIDTH * FEATURES[0] * FEATURES[1]
        second = 3 * LEFT * WIDTH * FEATURES[1] * FEATURES[2]
        return 2 * case.size * (first + second + 3 * LEFT * FEATURES[2] * CLASSES)


def _windows(x: Any) -> Any:
    """(B, T, F) to (B, T', width, F)."""
    return np.stack([x[:, j : j + x.shape[1] - WIDTH + 1] for j in range(WIDTH)], axis=2)
