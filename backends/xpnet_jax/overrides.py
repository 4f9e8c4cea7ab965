"""Primitives that address rows by their numbers, which JAX can and the standard cannot."""

import jax.numpy as jnp

from xpnet._typing import Array, Overrides
from xpnet.ops import varying
from xpnet_jax import convolution


def overrides(platform: str, precision: str) -> Overrides:
    """The overrides for a platform: scattered additions and convolutions may add in any order on a GPU.

    With reduced precision, convolutions are sums of the namespace's own products.
    """
    reordering = {"segment_add": segment_add, **(convolution.OVERRIDES if precision == "full" else {})}
    if platform != "cpu":
        reordering = {name: varying(op) for name, op in reordering.items()}
    return {**reordering, "replace_rows": replace_rows}


def segment_add(ids: Array, values: Array, count: int) -> Array:
    """Row k is Σ of the values whose number is k."""
    width = values.shape[-1]
    return jnp.zeros((count, width), values.dtype).at[ids.reshape(-1)].add(values.reshape(-1, width))


def replace_rows(x: Array, ids: Array, values: Array) -> Array:
    """x with other rows; equal ids come with equal values."""
    return x.at[ids].set(values)
