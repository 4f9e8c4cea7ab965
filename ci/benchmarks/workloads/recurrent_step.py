"""One training step of a simple recurrent machine: 50 steps of 16, 128 state units, the last state into ten outputs."""

from typing import Any, ClassVar

import numpy as np

import xpnet as xn
from benchmarks.training_step import Batch, TrainingStep, Values
from xpnet.machines.recurrent import simple_cell

STEPS, INPUTS, WIDTH, OUTPUTS = 50, 16, 128, 10
CODES = (2 * np.eye(OUTPUTS) - 1).astype(np.float32)


class RecurrentStep(TrainingStep):
    """Z' = tanh(U X + W Z + b) unfolded in time, ½‖V Z_T + c - code‖²."""

    name = "recurrent_step"
    title = "One training step of a recurrent machine (50 steps of 16, 128 units, 10 outputs, SGD)"
    by_hand = True
    shapes: ClassVar = {
        "0.cell.input.weight": (WIDTH, INPUTS), "0.cell.input.bias": (WIDTH,), "0.cell.state.weight": (WIDTH, WIDTH),
        "1.weight": (OUTPUTS, WIDTH), "1.bias": (OUTPUTS,),
    }  # fmt: skip

    def data(self, size: int) -> tuple[Any, ...]:
        """Normal sequences, labels in turn."""
        sample = np.random.default_rng(size).standard_normal((size, STEPS, INPUTS), dtype=np.float32)
        return sample, np.arange(size) % OUTPUTS, CODES

    def trainer(self, backend: Any) -> Any:
        """SimpleTrainer; what does not depend on the state is hoisted out of the loop."""
        states = xn.Recurrent(simple_cell(INPUTS, WIDTH), state=WIDTH, last=True, hoist=True)
        machine = xn.Cascade(states, xn.Linear(WIDTH, OUTPUTS))
        return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend))

    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """Of the mean energy: backprop through time, step by step; the weights' gradients in one product each."""
        (u, b, w, v, c), (sample, label, codes) = values.values(), data
        pulled = sample @ u.T + b
        states = np.zeros((STEPS + 1, len(sample), WIDTH), sample.dtype)
        for t in range(STEPS):
            states[t + 1] = np.tanh(pulled[:, t] + states[t] @ w.T)
        dout = (states[-1] @ v.T + c - codes[label]) / len(sample)
        dz, sums = dout @ v, np.empty_like(states[1:])
        for t in reversed(range(STEPS)):
            sums[t] = dz * (1 - states[t + 1] ** 2)
            dz = sums[t] @ w
        du = np.tensordot(sums, sample, ((1, 0), (0, 1)))
        dw = np.tensordot(sums, states[:-1], ((0, 1), (0, 1)))
        return dict(zip(values, (du, sums.sum((0, 1)), dw, dout.T @ states[-1], dout.sum(0)), strict=True))

    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """A loop over time, the inputs' product before it."""
        (u, b, w, v, c), (sample, label, codes) = values.values(), data
        linear = torch.nn.functional.linear
        pulled, state = linear(sample, u, b), sample.new_zeros((sample.shape[0], WIDTH))
        for t in range(STEPS):
            state = torch.tanh(torch.addmm(pulled[:, t], state, w.T))
        return 0.5 * (linear(state, v, c) - codes[label]).square().sum(-1).mean()

    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """lax.scan over time."""
        jnp, (sample, label, codes) = jax.numpy, data
        pulled = jnp.swapaxes(sample @ values["0.cell.input.weight"].T + values["0.cell.input.bias"], 0, 1)
        carried = values["0.cell.state.weight"].T

        def step(state: Any, pull: Any) -> tuple[Any, None]:
            return jnp.tanh(pull + state @ carried), None

        state, _ = jax.lax.scan(step, jnp.zeros((sample.shape[0], WIDTH)), pulled)
        error = state @ values["1.weight"].T + values["1.bias"] - codes[label]
        return 0.5 * jnp.mean(jnp.sum(error * error, axis=-1))

    def flops(self, case: Batch) -> int:
        """Two products with the inputs, three with the states."""
        return 2 * case.size * (STEPS * (2 * INPUTS * WIDTH + 3 * WIDTH * WIDTH) + 3 * WIDTH * OUTPUTS)
