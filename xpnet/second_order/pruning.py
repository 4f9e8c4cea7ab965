"""Optimal brain damage: the weights whose loss costs least (LeCun, Denker & Solla 1990)."""

from collections.abc import Mapping
from math import prod

from xpnet._typing import Array
from xpnet.errors import RecipeError
from xpnet.machines.reparameterized import Reparameterized
from xpnet.modules.linear_map import Masked
from xpnet.parameters import ParameterStore
from xpnet.second_order.curvature import Measured


def saliencies(store: ParameterStore, measured: Measured, *, first_order: bool = False) -> dict[str, Array]:
    """S = ½ h W²: how much the mean energy grows when a weight is set to zero, by parameter name.

    Optimal brain damage takes the machine to be at a minimum, where the gradient vanishes. first_order=True keeps the
    term that is left elsewhere, S = -g W + ½ h W², the first terms of E(0) - E(W) in Taylor's series (gblearn2's form).
    """
    found = {name: 0.5 * h * store[name].x ** 2 for name, h in measured.curvature.items()}
    if first_order:
        return {name: s - measured.gradient[name] * store[name].x for name, s in found.items()}
    return found


def prune(
    store: ParameterStore, salience: Mapping[str, Array], fraction: float
) -> tuple[Reparameterized, ParameterStore]:
    """The machine without its least salient weights: a fraction of all those in `salience`, and a store for it.

    Each parameter becomes W = M ∘ U with a 0/1 mask (a parameter-space transform), so that no update, decay or
    checkpoint brings a pruned weight back. Values and optimizer slots are taken over; the given store is spent, since
    its machine now holds other parameters. To leave biases alone, leave them out of `salience`.
    """
    if not 0.0 <= fraction <= 1.0:
        msg = f"the fraction of weights to prune must be in [0, 1]; got {fraction}"
        raise RecipeError(msg)
    masks = _masks(store, salience, fraction)
    values, slots = store.state_dict(), store.slots_dict()
    machine = Reparameterized(store.machine, {name: Masked(store.backend.to_numpy(m)) for name, m in masks.items()})
    pruned = ParameterStore(machine, store.backend, store.seed)
    old = {name: name.removesuffix(".u") if name.removesuffix(".u") in masks else name for name in pruned}
    pruned.load_state_dict({name: values[old[name]] for name in pruned})
    for name, mask in masks.items():
        pruned[f"{name}.u"].x = mask * pruned[f"{name}.u"].x
    pruned.load_slots_dict({slot: {name: held[old[name]] for name in pruned} for slot, held in slots.items()})
    return machine, pruned


def _masks(store: ParameterStore, salience: Mapping[str, Array], fraction: float) -> dict[str, Array]:
    """0 for the least salient, 1 for the others; of a tie, the first go."""
    xp = store.backend.xp
    flat = xp.concat([xp.reshape(value, (-1,)) for value in salience.values()])
    rank = xp.argsort(xp.argsort(flat, stable=True), stable=True)
    kept = xp.astype(rank >= round(fraction * flat.shape[0]), flat.dtype)
    masks, start = {}, 0
    for name, value in salience.items():
        masks[name] = xp.reshape(kept[start : start + prod(value.shape)], value.shape)
        start += prod(value.shape)
    return masks
