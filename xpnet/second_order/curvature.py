"""The curvature of the energy along each parameter, by bbprop.

h is the mean over samples of the layer-wise diagonal second derivative (LeCun et al. 1998, "Efficient BackProp",
section 9). It stays with the store as the optimizer slot "curvature", so that it is saved, moved and resumed with
everything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from xpnet._typing import Array
from xpnet.errors import DataError
from xpnet.module import Module
from xpnet.parameters import ParameterStore
from xpnet.state import State

SLOT = "curvature"


@dataclass(frozen=True)
class Measured:
    """Means over samples, by parameter name: the gradient g and the diagonal second derivative h of the energy."""

    gradient: Mapping[str, Array]
    curvature: Mapping[str, Array]


def measure(
    store: ParameterStore, sample: Array, desired: Array, cost: Module | None = None, *, batch: int = 100
) -> Measured:
    """g and h of the mean energy of the desired answers, over samples (N, *event) and answers (N, *event).

    The store's machine is X -> mout with a cost, or E(X, Y) alone. For each batch, in this order: fprop, bprop, bbprop,
    and only then the sums. h goes into the store's slot "curvature"; gradients that were pending are cleared.
    """
    backend = store.backend
    x, y = backend.asarray(sample), backend.asarray(desired)
    count = x.shape[0]
    if count == 0 or y.shape[0] != count:
        msg = f"curvature is measured on samples and one answer for each; got {count} samples, {y.shape[0]} answers"
        raise DataError(msg)
    if cost is not None:
        cost.bind(backend)
    g = {name: backend.zeros(store[name].shape) for name in store}
    h = dict(g)
    for start in range(0, count, batch):
        store.clear()
        _passes(store, x[start : min(start + batch, count), ...], y[start : min(start + batch, count), ...], cost)
        for name in store:
            parameter = store[name]
            if parameter.dx is not None:
                g[name] = g[name] + parameter.dx / count
            if parameter.ddx is not None:
                h[name] = h[name] + parameter.ddx / count
    store.clear()
    store.load_slots_dict({SLOT: {name: backend.to_numpy(value) for name, value in h.items()}})
    return Measured(g, h)


def _passes(store: ParameterStore, x: Array, y: Array, cost: Module | None) -> None:
    input, output, mout, energy = State(x, fixed=True), State(y, fixed=True), State(), State()
    if cost is None:
        store.machine.fprop(input, output, energy)
    else:
        store.machine.fprop(input, mout)
        cost.fprop(mout, output, energy)
    # The energy is what is differentiated: its first derivative is 1, its second 0.
    energy.accumulate(store.backend.ones(energy.x.shape))
    energy.accumulate_ddx(store.backend.zeros(energy.x.shape))
    for name in ("bprop", "bbprop"):
        if cost is None:
            getattr(store.machine, name)(input, output, energy)
        else:
            getattr(cost, name)(mout, output, energy)
            getattr(store.machine, name)(input, mout)
