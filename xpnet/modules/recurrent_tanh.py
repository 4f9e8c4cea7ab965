"""The simple recurrent net as one box: its whole loop over time is one primitive."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class RecurrentTanh(Module):
    """Z_{t+1} = tanh(A X_t + W Z_t + b), Z_0 = 0: a sequence X (…, T, n) to all states (…, T, h).

    The same function and gradients as Recurrent(simple_cell(in_features, features), features) with its loop fused: the
    A X_t of all steps are one product before it, the gradients of A and W one each after it, and a backend may run the
    loop itself as one kernel. Second derivatives are exact here, and costly; Recurrent has them layer by layer.

    >>> import numpy as np
    >>> x, z = State(np.ones((2, 7, 3), dtype="float32")), State()
    >>> RecurrentTanh(3, 5).fprop(x, z)
    >>> z.x.shape
    (2, 7, 5)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (2,)

    def __init__(self, in_features: int, features: int) -> None:
        require_sizes(self, in_features=in_features, features=features)
        self.in_features, self.features = in_features, features
        self.weight = Parameter((features, in_features), fan_in_normal(in_features))
        self.bias = Parameter((features,))
        self.state_weight = Parameter((features, features), fan_in_normal(features))

    def fprop(self, input: State, output: State) -> None:
        """U = X Aᵀ + b, then Z_{t+1} = tanh(U_t + W Z_t)."""
        x, weight = input.x, self.weight.x
        self.require_width(x, self.in_features)
        self.require_same_placement(weight, x, "weight and input.x")
        if x.ndim < 2 or not x.shape[-2]:
            msg = f"RecurrentTanh expects sequences (…, T, {self.in_features}) of a step or more; got {tuple(x.shape)}"
            raise ShapeError(msg)
        pulled = self.ops.linear(x, weight, self.bias.x)
        output.x = self.ops.recurrent_tanh(pulled, self.state_weight.x, self._first(pulled))

    def bprop(self, input: State, output: State) -> None:
        """dU by backprop through time; dA += dUᵀ X, db += Σ dU, dW += Σ_t dU_tᵀ Z_t, dX += dU A."""
        states, ops = output.x, self.ops
        du, _ = ops.recurrent_tanh_vjp(output.cotangent, states, self.state_weight.x)
        self.state_weight.accumulate(ops.linear_vjp_weight(du, self._before(states), out=self.state_weight.room))
        self.weight.accumulate(ops.linear_vjp_weight(du, input.x, out=self.weight.room))
        self.bias.accumulate(ops.linear_vjp_bias(du, out=self.bias.room))
        if not input.fixed:
            input.accumulate(ops.linear_vjp_x(du, self.weight.x))

    def bbprop(self, input: State, output: State) -> None:
        """The squares of the pullbacks of all numbers of Z, one by one: exact, and T h times the work of bprop."""
        states, ddz = output.x, output.curvature
        before, length = self._before(states), states.shape[-2]
        for t in range(length):
            du = self.ops.recurrent_tanh_vjp(self._units(states, t), states, self.state_weight.x)[0]
            strength = self.xp.permute_dims(ddz[..., t, :], (ddz.ndim - 2, *range(ddz.ndim - 2)))[..., None, None]
            for parameter, read in ((self.weight, input.x), (self.state_weight, before)):
                pulled = self.xp.matmul(self.xp.matrix_transpose(du), read)
                parameter.accumulate_ddx(strength * pulled * pulled)
            summed = self.xp.sum(du, axis=-2)
            self.bias.accumulate_ddx(strength[..., 0] * summed * summed)
            if not input.fixed:
                dx = self.ops.linear_vjp_x(du, self.weight.x)
                input.accumulate_ddx(self.xp.sum(strength * dx * dx, axis=0))

    def _units(self, states: Array, t: int) -> Array:
        """For each component of Z_t the gradient of it alone: (h, …, T, h)."""
        xp, h = self.xp, self.features
        eye = xp.eye(h, dtype=states.dtype, device=self.backend.device)
        unit = xp.reshape(eye, (h, *(1,) * (states.ndim - 2), 1, h)) + xp.zeros_like(states[..., :1, :])
        return self.ops.steps_vjp(unit, t, states.shape[-2], -2)

    def _before(self, states: Array) -> Array:
        """Z_0 … Z_{T-1}."""
        return self.xp.concat([self._first(states)[..., None, :], states[..., :-1, :]], axis=-2)

    def _first(self, sequence: Array) -> Array:
        return self.xp.zeros_like(sequence[..., 0, :])

    def describe(self) -> str:
        """in_features, features."""
        return f"{self.in_features}, {self.features}"
