"""The recurrent loop in one launch, for states that fit in a block's shared memory."""

from functools import partial
from math import prod

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet_cupy.overrides.kit import Kit

WIDEST = 1024  # components of a state: two of them take 16 KiB


def recurrent(kit: Kit) -> Overrides:
    """All steps forwards, and all steps backwards."""
    return {function.__name__: declines(partial(function, kit)) for function in (recurrent_tanh, recurrent_tanh_vjp)}


def recurrent_tanh(kit: Kit, pulled: Array, weight: Array, initial: Array) -> Array:
    """Z_1 … Z_T (..., T, h)."""
    if not _takes(kit, pulled, weight, initial) or initial.shape != (*pulled.shape[:-2], pulled.shape[-1]):
        return NotImplemented
    pulled, initial, states = kit.flat(pulled), kit.flat(initial), kit.new(pulled.shape, pulled)
    turned = kit.flat(kit.xp.matrix_transpose(weight))  # neighbouring threads then read neighbouring numbers
    _launch(kit, "recurrent_tanh", pulled.shape, pulled, turned, initial, states)
    return states


def recurrent_tanh_vjp(kit: Kit, dstates: Array, states: Array, weight: Array) -> tuple[Array, Array]:
    """dU (..., T, h) and dZ_0 (..., h)."""
    if not _takes(kit, states, weight, dstates) or dstates.shape != states.shape:
        return NotImplemented
    dstates, states, weight = kit.flat(dstates), kit.flat(states), kit.flat(weight)
    dpulled, dinitial = kit.new(states.shape, states), kit.new((*states.shape[:-2], states.shape[-1]), states)
    _launch(kit, "recurrent_tanh_vjp", states.shape, dstates, states, weight, dpulled, dinitial)
    return dpulled, dinitial


def _takes(kit: Kit, sequence: Array, weight: Array, other: Array) -> bool:
    return kit.takes(sequence, weight, other) and sequence.shape[-1] <= WIDEST


def _launch(kit: Kit, kernel: str, shape: tuple[int, ...], *arrays: Array) -> None:
    *lead, steps, width = shape
    batch = prod(lead)
    kit.by_rows(kernel, batch, width, *arrays, batch, steps, width, words=2 * width)
