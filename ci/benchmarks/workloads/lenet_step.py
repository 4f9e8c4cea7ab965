"""One likelihood step of LeNet-5: images of 32x32, layers C1 to F6, ten labels with codes of 84."""

from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import xpnet as xn
from benchmarks.training_step import Batch, TrainingStep, Values
from xpnet.machines.lenet import LENET5_TABLE, lenet5
from xpnet.modules.connections import places

MAPS, UNITS, LABELS, KERNEL = (6, 16), (120, 84), 10, 5
SIDES = (28, 10, 1)  # of the maps of C1, C3 and C5
CODES = np.sign(np.random.default_rng(0).standard_normal((LABELS, UNITS[1]))).astype(np.float32)
_, CONNECTED = places(LENET5_TABLE, *MAPS)  # where, among all pairs of maps of S2 and C3, the 60 that exist stand
HIGH, STEEP = 1.7159, 2 / 3  # of LeCun's tanh


class LenetStep(TrainingStep):
    """The machine of LeCun et al. 1998 with the criterion of that paper, P(k) ∝ exp(-½‖F6 - code_k‖²)."""

    name = "lenet_step"
    title = "One likelihood step of LeNet-5 (images of 32x32, 10 labels with codes of 84, SGD)"
    by_hand = True
    shapes: ClassVar = {
        "0.weight": (MAPS[0], KERNEL, KERNEL, 1), "0.bias": (MAPS[0],),
        "2.coefficient": (MAPS[0],), "2.bias": (MAPS[0],),
        "4.weight": (len(CONNECTED), KERNEL, KERNEL), "4.bias": (MAPS[1],),
        "6.coefficient": (MAPS[1],), "6.bias": (MAPS[1],),
        "8.weight": (UNITS[0], KERNEL, KERNEL, MAPS[1]), "8.bias": (UNITS[0],),
        "11.weight": (UNITS[1], UNITS[0]), "11.bias": (UNITS[1],),
    }  # fmt: skip

    def initial(self) -> Values:
        """Normal weights of variance 1/fan-in, all else about 1/4."""
        random = np.random.default_rng(0)
        drawn = {name: random.standard_normal(shape) for name, shape in self.shapes.items()}
        weights = {name: noise / np.sqrt(noise[0].size) for name, noise in drawn.items() if noise.ndim > 1}
        others = {name: (1 + 0.1 * noise) / 4 for name, noise in drawn.items() if noise.ndim == 1}
        return {name: (weights | others)[name].astype(np.float32) for name in self.shapes}

    def data(self, size: int) -> tuple[Any, ...]:
        """Images about as dense as handwritten digits are."""
        noise = np.random.default_rng(size).random((size, 32, 32, 1), dtype=np.float32)
        return np.where(noise > 0.8, noise, np.float32(0)), np.arange(size) % LABELS, CODES

    def tables(self) -> tuple[Any, ...]:
        """Where the maps are connected."""
        return (np.asarray(CONNECTED),)

    def trainer(self, backend: Any) -> Any:
        """Trainer on the cascade."""
        machine = lenet5()
        return xn.Trainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend))

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean -log P, layer by layer and back."""
        (c1, c1b, s2, s2b, pairs, c3b, s4, s4b, c5, c5b, f6, f6b), (sample, label, codes) = values.values(), data
        dense = np.zeros((MAPS[1] * MAPS[0], KERNEL, KERNEL), pairs.dtype)
        dense[CONNECTED] = pairs
        c3 = dense.reshape(MAPS[1], MAPS[0], KERNEL, KERNEL).transpose(0, 2, 3, 1)
        h1 = _squash(_convolve(sample, c1) + c1b)
        h2 = _squash(s2 * _sums(h1) + s2b)
        h3 = _squash(_convolve(h2, c3) + c3b)
        h4 = _squash(s4 * _sums(h3) + s4b)
        h5 = _squash(_convolve(h4, c5) + c5b)
        out = _squash(h5.reshape(len(sample), -1) @ f6.T + f6b)
        energies = 0.5 * np.square(out[:, None] - codes).sum(axis=2)
        p = np.exp(energies.min(axis=1, keepdims=True) - energies)
        de = (np.eye(LABELS, dtype=p.dtype)[label] - p / p.sum(axis=1, keepdims=True)) / len(sample)
        d6 = (out * de.sum(axis=1, keepdims=True) - de @ codes) * _slope(out)
        d5 = (d6 @ f6).reshape(h5.shape) * _slope(h5)
        d4 = _convolve_back(d5, c5) * _slope(h4)
        d3 = _spread(d4 * s4) * _slope(h3)
        d2 = _convolve_back(d3, c3) * _slope(h2)
        d1 = _spread(d2 * s2) * _slope(h1)
        dc3 = _kernel(d3, h2).transpose(0, 3, 1, 2).reshape(-1, KERNEL, KERNEL)[CONNECTED]
        found = (
            *(_kernel(d1, sample), _total(d1), _total(d2 * _sums(h1)), _total(d2)),
            *(dc3, _total(d3), _total(d4 * _sums(h3)), _total(d4)),
            *(_kernel(d5, h4), _total(d5), d6.T @ h5.reshape(len(sample), -1), d6.sum(0)),
        )
        return dict(zip(values, found, strict=True))

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """conv2d and avg_pool2d, whose layout has the maps before the sides."""
        (c1, c1b, s2, s2b, pairs, c3b, s4, s4b, c5, c5b, f6, f6b), (sample, label, codes, at) = values.values(), data
        functional = torch.nn.functional

        def squash(x: Any) -> Any:
            return HIGH * torch.tanh(STEEP * x)

        def pool(x: Any, coefficient: Any, bias: Any) -> Any:
            sums = functional.avg_pool2d(x, 2) * 4
            return squash(sums * coefficient[:, None, None] + bias[:, None, None])

        dense = pairs.new_zeros(MAPS[1] * MAPS[0], KERNEL, KERNEL).index_copy(0, at, pairs)
        h1 = squash(functional.conv2d(sample.permute(0, 3, 1, 2), c1.permute(0, 3, 1, 2), c1b))
        h3 = squash(functional.conv2d(pool(h1, s2, s2b), dense.reshape(MAPS[1], MAPS[0], KERNEL, KERNEL), c3b))
        h5 = squash(functional.conv2d(pool(h3, s4, s4b), c5.permute(0, 3, 1, 2), c5b))
        out = squash(functional.linear(h5.flatten(1), f6, f6b))
        return functional.cross_entropy(-0.5 * (out[:, None] - codes).square().sum(-1), label)

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """lax.conv_general_dilated and sums of neighbours on (batch, height, width, maps)."""
        jnp, (sample, label, codes, at) = jax.numpy, data

        def squash(x: Any) -> Any:
            return HIGH * jnp.tanh(STEEP * x)

        def convolve(x: Any, kernel: Any, bias: Any) -> Any:
            layout = ("NHWC", "OHWI", "NHWC")
            return squash(jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=layout) + bias)

        def pool(x: Any, place: int) -> Any:
            sums = jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
            return squash(values[f"{place}.coefficient"] * sums + values[f"{place}.bias"])

        pairs = values["4.weight"]
        dense = jnp.zeros((MAPS[1] * MAPS[0], KERNEL, KERNEL), pairs.dtype).at[at].set(pairs)
        c3 = dense.reshape(MAPS[1], MAPS[0], KERNEL, KERNEL).transpose(0, 2, 3, 1)
        h2 = pool(convolve(sample, values["0.weight"], values["0.bias"]), 2)
        h4 = pool(convolve(h2, c3, values["4.bias"]), 6)
        h5 = convolve(h4, values["8.weight"], values["8.bias"]).reshape(-1, UNITS[0])
        out = squash(h5 @ values["11.weight"].T + values["11.bias"])
        energies = 0.5 * jnp.sum((out[:, None] - codes) ** 2, axis=-1)
        chosen = jnp.take_along_axis(energies, label[:, None], axis=-1)[:, 0]
        return jnp.mean(chosen + jax.scipy.special.logsumexp(-energies, axis=-1))

    def flops(self, case: Batch) -> int:
        """Two products of the first layer, three of the others; of C3, those of maps that are connected."""
        area = KERNEL**2
        c1, c3, c5 = SIDES[0] ** 2 * MAPS[0] * area, SIDES[1] ** 2 * len(CONNECTED) * area, UNITS[0] * MAPS[1] * area
        return 2 * case.size * (2 * c1 + 3 * (c3 + c5 + UNITS[0] * UNITS[1]))


def _squash(x: Any) -> Any:
    return HIGH * np.tanh(STEEP * x)


def _slope(y: Any) -> Any:
    return STEEP / HIGH * (HIGH**2 - y**2)


def _windows(x: Any) -> Any:
    """(B, H, W, C) to (B, H', W', C, 5, 5)."""
    return sliding_window_view(x, (KERNEL, KERNEL), axis=(1, 2))


def _convolve(x: Any, kernel: Any) -> Any:
    return np.tensordot(_windows(x), kernel, ((4, 5, 3), (1, 2, 3)))


def _convolve_back(dy: Any, kernel: Any) -> Any:
    batch, height, width, _ = dy.shape
    dx = np.zeros((batch, height + KERNEL - 1, width + KERNEL - 1, kernel.shape[-1]), dy.dtype)
    for i, j in np.ndindex(KERNEL, KERNEL):
        dx[:, i : i + height, j : j + width] += dy @ kernel[:, i, j]
    return dx


def _kernel(dy: Any, x: Any) -> Any:
    return np.tensordot(dy, _windows(x), ((0, 1, 2), (0, 1, 2))).transpose(0, 2, 3, 1)


def _sums(x: Any) -> Any:
    """Of the four neighbours in each window of 2x2."""
    batch, height, width, maps = x.shape
    return x.reshape(batch, height // 2, 2, width // 2, 2, maps).sum(axis=(2, 4))


def _spread(dy: Any) -> Any:
    return dy.repeat(2, axis=1).repeat(2, axis=2)


def _total(x: Any) -> Any:
    return x.sum(axis=(0, 1, 2))
