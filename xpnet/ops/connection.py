"""Connection tables: a full convolution kernel from the kernels of the connections that exist."""

from array_api_compat import device

from xpnet._typing import Array, Namespace


def connection(xp: Namespace, weight: Array, sources: Array, out_features: int) -> Array:
    """weight (n, *widths) of n connections to the kernel (out, *widths, in), zero where maps are not connected.

    sources (out·in,) names the connection at each pair of maps, output map first; n stands for none.
    """
    nothing = xp.zeros((1, *weight.shape[1:]), dtype=weight.dtype, device=device(weight))
    dense = xp.take(xp.concat([weight, nothing]), sources, axis=0)
    maps_first = xp.reshape(dense, (out_features, -1, *weight.shape[1:]))
    return xp.permute_dims(maps_first, (0, *range(2, maps_first.ndim), 1))


def connection_vjp(xp: Namespace, dkernel: Array, targets: Array) -> Array:
    """dweight_c: dkernel where connection c stands; targets (n,) is the pair of each one, out·(in maps) + in.

    Each connection stands in one place, so this is exact for second derivatives as well.
    """
    maps_first = xp.permute_dims(dkernel, (0, dkernel.ndim - 1, *range(1, dkernel.ndim - 1)))
    return xp.take(xp.reshape(maps_first, (-1, *dkernel.shape[1:-1])), targets, axis=0)
