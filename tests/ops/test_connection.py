"""The kernel of a connection table, pair by pair."""

import numpy as np


def test_each_connection_stands_in_its_place_and_the_rest_is_zero(backend, close, rng):
    pairs = [(2, 0), (0, 1), (2, 1)]  # (input map, output map) of 3 and 2
    weight = rng.normal(size=(3, 2, 4)).astype(backend.dtype_name)
    sources, targets = backend.indices([3, 3, 0, 1, 3, 2]), backend.indices([2, 3, 5])
    kernel = backend.ops.connection(backend.asarray(weight), sources, 2)
    wanted = np.zeros((2, 2, 4, 3))
    for connection, (source, target) in enumerate(pairs):
        wanted[target, ..., source] = weight[connection]
    close(kernel, wanted)
    dkernel = rng.normal(size=wanted.shape).astype(backend.dtype_name)
    back = backend.ops.connection_vjp(backend.asarray(dkernel), targets)
    close(back, [dkernel[target, ..., source] for source, target in pairs])
