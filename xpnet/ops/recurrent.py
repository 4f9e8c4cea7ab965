"""The recurrent loop Z_{t+1} = tanh(U_t + W Z_t) over all time steps as one primitive, for backends that fuse it.

A composite of `linear` and `tanh`: what depends on the input alone, U_t = A X_t + b, is one product over all steps
beforehand, and the gradient of W one product over all steps afterwards,
`linear_vjp_weight(dpulled, Z_0 … Z_{T-1})`.
"""

from xpnet._typing import Array, Namespace
from xpnet.ops.linear import linear, linear_vjp_x
from xpnet.ops.pointwise import tanh, tanh_vjp


def recurrent_tanh(xp: Namespace, pulled: Array, weight: Array, initial: Array) -> Array:
    """Z_1 … Z_T (..., T, h) from U (..., T, h), W (h, h) and Z_0 (..., h)."""
    states, state = [], initial
    for t in range(pulled.shape[-2]):
        state = tanh(xp, pulled[..., t, :] + linear(xp, state, weight))
        states.append(state)
    return xp.stack(states, axis=-2)


def recurrent_tanh_vjp(xp: Namespace, dstates: Array, states: Array, weight: Array) -> tuple[Array, Array]:
    """dU (..., T, h) and dZ_0 (..., h), from dZ and Z (..., T, h)."""
    pulled, carried = [], xp.zeros_like(states[..., 0, :])
    for t in reversed(range(states.shape[-2])):
        pulled.append(tanh_vjp(xp, dstates[..., t, :] + carried, states[..., t, :]))
        carried = linear_vjp_x(xp, pulled[-1], weight)
    return xp.stack(pulled[::-1], axis=-2), carried
