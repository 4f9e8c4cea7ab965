"""From reference functions and a backend's overrides to one resolved table of primitives."""

from collections.abc import Callable
from functools import partial, wraps

from xpnet._typing import Namespace, Op, Overrides
from xpnet.backend import OpsTable, setting
from xpnet.errors import BackendError, nearest
from xpnet.ops import (
    affine,
    arcs,
    choice,
    concatenate,
    connection,
    convolution,
    distance,
    divergence,
    gibbs,
    inner,
    label_tiles,
    likelihood,
    linear,
    local,
    lookup,
    mixture,
    pad,
    patches,
    pointwise,
    pooling,
    rbf,
    recurrent,
    replicas,
    rows,
    stacked,
    steps,
    streamed,
    temperature,
    transforms,
    update,
)

REFERENCE: dict[str, Callable[..., object]] = {
    name: function
    for module in (
        linear,
        pointwise,
        affine,
        gibbs,
        temperature,
        choice,
        likelihood,
        divergence,
        distance,
        concatenate,
        update,
        patches,
        convolution,
        connection,
        pooling,
        local,
        lookup,
        rows,
        pad,
        steps,
        rbf,
        mixture,
        transforms,
        stacked,
        arcs,
        streamed,
        label_tiles,
        inner,
        recurrent,
        replicas,
    )
    for name, function in vars(module).items()
    if callable(function) and not name.startswith("_") and getattr(function, "__module__", "") == module.__name__
}


def resolve(xp: Namespace, overrides: Overrides | None = None) -> OpsTable:
    """Each primitive once: the override where there is one, else the reference with `xp` bound.

    An override has the reference's signature without `xp` and may return NotImplemented for a shape it does not
    want; the reference then runs. XPNET_ACCEL=off leaves all overrides out, XPNET_DETERMINISTIC=on those that do not
    give the same bits every time.
    """
    ops: dict[str, Op] = {name: partial(function, xp) for name, function in REFERENCE.items()}
    accelerated = dict(overrides or {}) if setting("accel") == "on" else {}
    if setting("deterministic") == "on":
        accelerated = {name: override for name, override in accelerated.items() if gives_same_bits(override)}
    for name, override in accelerated.items():
        if name not in ops:
            msg = f"override of unknown primitive {name!r}; {nearest(name, ops)}"
            raise BackendError(msg)
        ops[name] = _with_reference(override, ops[name]) if getattr(override, "declines", False) else override
    return OpsTable(ops, frozenset(accelerated))


def nondeterministic(override: Op) -> Op:
    """Mark an override that may add in another order each time; all others promise the same bits every time."""
    override.nondeterministic = True  # type: ignore[attr-defined]
    return override


def varying(override: Op) -> Op:
    """The override marked `nondeterministic`, for a device that adds by atomics; the override itself stays as it is."""
    other = partial(override)
    return nondeterministic(declines(other) if getattr(override, "declines", False) else other)


def gives_same_bits(override: Op) -> bool:
    """Whether neither the override nor what it wraps is marked `nondeterministic`."""
    inner = getattr(override, "func", None) or getattr(override, "__wrapped__", None)
    return not getattr(override, "nondeterministic", False) and (inner is None or gives_same_bits(inner))


def declines(override: Op) -> Op:
    """Mark an override that may return NotImplemented; the others are called without a detour."""
    override.declines = True  # type: ignore[attr-defined]
    return override


def _with_reference(override: Op, reference: Op) -> Op:
    @wraps(override)
    def call(*args: object, **options: object) -> object:
        result = override(*args, **options)
        return reference(*args, **options) if result is NotImplemented else result

    return call
