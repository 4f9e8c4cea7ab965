"""A call of every function that xpnet takes from a namespace, the way xpnet calls it.

A probe is run twice: on NumPy in float64, and on the backend under test from the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from xpnet._typing import Array, Device, DType, Namespace
from xpnet.backend import Backend
from xpnet.streams import stream


@final
@dataclass(frozen=True)
class Given:
    """The same arrays on some backend: real numbers, ties, special values, truths and integers."""

    backend: Backend
    x: Array  # (4, 3)
    y: Array  # (4, 3)
    w: Array  # (5, 3)
    b: Array  # (2, 4, 3)
    v: Array  # (2, 1, 3, 4)
    positive: Array  # (4, 3)
    ties: Array  # (2, 5)
    wild: Array  # (6,), with NaN and infinities
    ids: Array  # (4,), from 0 to 3
    places: Array  # (4, 2), from 0 to 2
    sorted: Array  # (6,), integers in ascending order, with repeats

    @property
    def real(self) -> DType:
        """The backend's real dtype."""
        return self.backend.dtype

    @property
    def device(self) -> Device:
        """Where the arrays stand."""
        return self.backend.device


def given(backend: Backend) -> Given:
    """The probes' arguments on this backend: numbers that float32 holds, the same for all."""
    draws = stream(0, "check_backend")
    shapes = {"x": (4, 3), "y": (4, 3), "w": (5, 3), "b": (2, 4, 3), "v": (2, 1, 3, 4)}
    reals = {name: draws.normal(size=shape) for name, shape in shapes.items()}
    reals["positive"] = draws.uniform(0.1, 2.0, size=(4, 3))
    reals["ties"] = np.asarray([[2.0, 1.0, 1.0, 3.0, 3.0], [0.0, -0.5, 0.0, 0.0, -0.5]])
    reals["wild"] = np.asarray([1.0, -np.inf, 0.0, np.inf, np.nan, -2.0])
    integers = {"ids": [2, 0, 3, 2], "places": [[2, 0], [1, 1], [0, 2], [2, 2]], "sorted": [0, 1, 1, 1, 4, 7]}
    return Given(
        backend,
        **{name: backend.asarray(values.astype("float32")) for name, values in reals.items()},
        **{name: backend.indices(np.asarray(values)) for name, values in integers.items()},
    )


Probe: TypeAlias = Callable[[Namespace, Given], Any]

PROBES: dict[str, tuple[Probe, ...]] = {
    # elementwise
    "abs": (lambda xp, a: xp.abs(a.x), lambda xp, a: xp.abs(a.wild), lambda xp, a: xp.abs(a.ids - 2)),
    "exp": (lambda xp, a: xp.exp(a.x), lambda xp, a: xp.exp(a.wild)),
    "expm1": (lambda xp, a: xp.expm1(a.x), lambda xp, a: xp.expm1(a.x * 1e-6) * 1e6),
    "log": (lambda xp, a: xp.log(a.positive), lambda xp, a: xp.log(a.wild), lambda xp, a: xp.log(a.ties)),
    "log1p": (lambda xp, a: xp.log1p(a.positive), lambda xp, a: xp.log1p(a.positive * 1e-6) * 1e6),
    "sqrt": (lambda xp, a: xp.sqrt(a.positive),),
    "tanh": (lambda xp, a: xp.tanh(a.x), lambda xp, a: xp.tanh(a.wild)),
    "isfinite": (lambda xp, a: xp.isfinite(a.wild),),
    "isinf": (lambda xp, a: xp.isinf(a.wild),),
    "isnan": (lambda xp, a: xp.isnan(a.wild),),
    "logical_or": (lambda xp, a: xp.logical_or(a.x > 0, a.y > 0),),
    "equal": (lambda xp, a: xp.equal(a.ids, 2), lambda xp, a: xp.equal(a.wild, a.wild)),
    "maximum": (lambda xp, a: xp.maximum(a.x, a.y), lambda xp, a: xp.maximum(a.x, 0.0),
                lambda xp, a: xp.maximum(a.wild, 0.0)),
    "minimum": (lambda xp, a: xp.minimum(a.x, a.y), lambda xp, a: xp.minimum(a.ids, 2),
                lambda xp, a: xp.minimum(a.wild, 0.0)),
    "clip": (lambda xp, a: xp.clip(a.x, min=-0.5), lambda xp, a: xp.clip(a.x, min=0.0, max=0.5),
             lambda xp, a: xp.clip(a.wild, min=-0.5)),
    "where": (lambda xp, a: xp.where(a.x > 0, a.x, a.y), lambda xp, a: xp.where(a.x > 0, a.x, 0.0),
              lambda xp, a: xp.where(a.x[:, :1] > 0, 1.5, a.y), lambda xp, a: xp.where(a.ids > 1, a.ids, 0)),
    "astype": (lambda xp, a: xp.astype(a.x > 0, a.real), lambda xp, a: xp.astype(a.ids, a.real),
               lambda xp, a: xp.astype(a.x > 0, xp.int64), lambda xp, a: xp.astype(a.ids, xp.int64, copy=False),
               lambda xp, a: xp.astype(a.x * 4, xp.int64)),
    # reductions
    "sum": (lambda xp, a: xp.sum(a.x), lambda xp, a: xp.sum(a.b, axis=(0, 1)), lambda xp, a: xp.sum(a.ids),
            lambda xp, a: xp.sum(a.x, axis=-1, keepdims=True), lambda xp, a: xp.sum(a.x[:0, ...], axis=0)),
    "mean": (lambda xp, a: xp.mean(a.x), lambda xp, a: xp.mean(a.b, axis=1, keepdims=True)),
    "max": (lambda xp, a: xp.max(a.x, axis=-1), lambda xp, a: xp.max(a.ids),
            lambda xp, a: xp.max(a.wild[:4]), lambda xp, a: xp.max(a.b, axis=1, keepdims=True)),
    "min": (lambda xp, a: xp.min(a.x, axis=-1), lambda xp, a: xp.min(a.ids),
            lambda xp, a: xp.min(a.wild[:4]), lambda xp, a: xp.min(a.b, axis=1, keepdims=True)),
    "any": (lambda xp, a: xp.any(a.x > 1, axis=-1), lambda xp, a: xp.any(a.x > 9),
            lambda xp, a: xp.any(a.x[:0, ...] > 9)),
    "all": (lambda xp, a: xp.all(a.x > -1, axis=-1), lambda xp, a: xp.all(a.x > -9),
            lambda xp, a: xp.all(a.x[:0, ...] > 9)),
    "count_nonzero": (lambda xp, a: xp.count_nonzero(a.x > 0), lambda xp, a: xp.count_nonzero(a.x > 0, axis=-1)),
    "cumulative_sum": (lambda xp, a: xp.cumulative_sum(a.x, axis=-1),
                       lambda xp, a: xp.cumulative_sum(a.sorted, axis=-1)),
    "argmax": (lambda xp, a: xp.argmax(a.x, axis=-1), lambda xp, a: xp.argmax(a.b, axis=1, keepdims=True),
               lambda xp, a: xp.argmax(xp.astype(a.ties > 2, xp.int8), axis=-1)),
    "argmin": (lambda xp, a: xp.argmin(a.x, axis=-1), lambda xp, a: xp.argmin(a.b, axis=1, keepdims=True)),
    "vecdot": (lambda xp, a: xp.vecdot(a.x, a.y), lambda xp, a: xp.vecdot(a.b, a.x),
               lambda xp, a: xp.vecdot(a.x[:, None, :], a.w)),
    # products
    "matmul": (lambda xp, a: xp.matmul(a.x, xp.matrix_transpose(a.w)), lambda xp, a: xp.matmul(a.b, a.v),
               lambda xp, a: xp.matmul(a.b, a.x[0, ...]),
               lambda xp, a: xp.matmul(a.x[0, ...], xp.matrix_transpose(a.b)),
               lambda xp, a: xp.matmul(a.x[:0, ...], xp.matrix_transpose(a.w)),
               lambda xp, a: a.x @ xp.matrix_transpose(a.w)),
    # order
    "argsort": (lambda xp, a: xp.argsort(a.x, axis=-1), lambda xp, a: xp.argsort(a.x, axis=-1, descending=True),
                lambda xp, a: xp.argsort(xp.argsort(a.y[:, 0], stable=True), stable=True)),
    "searchsorted": (lambda xp, a: xp.searchsorted(a.sorted, a.ids),
                     lambda xp, a: xp.searchsorted(a.sorted, a.ids, side="right")),
    # shapes
    "reshape": (lambda xp, a: xp.reshape(a.b, (-1, 3)), lambda xp, a: xp.reshape(xp.matrix_transpose(a.x), (4, 3)),
                lambda xp, a: xp.reshape(xp.matrix_transpose(a.b), (8, 3)),
                lambda xp, a: xp.reshape(a.x[:0, ...], (0, 3)), lambda xp, a: xp.reshape(a.x[:1, :1], ())),
    "expand_dims": (lambda xp, a: xp.expand_dims(a.x, axis=-2), lambda xp, a: xp.expand_dims(a.x, axis=0)),
    "squeeze": (lambda xp, a: xp.squeeze(a.v[:1, ...], axis=1), lambda xp, a: xp.squeeze(a.x[:, :1], axis=-1)),
    "permute_dims": (lambda xp, a: xp.permute_dims(a.b, (2, 0, 1)),),
    "matrix_transpose": (lambda xp, a: xp.matrix_transpose(a.b),),
    "broadcast_to": (lambda xp, a: xp.broadcast_to(a.x[:, None, :], (4, 2, 3)),
                     lambda xp, a: xp.broadcast_to(a.x[0, 0], (2,))),
    "broadcast_arrays": (lambda xp, a: xp.stack(list(xp.broadcast_arrays(a.x[:, :1], a.w[0, ...]))),),
    "concat": (lambda xp, a: xp.concat([a.x, a.w], axis=0), lambda xp, a: xp.concat([a.b, a.b * 2], axis=-1),
               lambda xp, a: xp.concat([a.x[:0, ...], a.x])),
    "stack": (lambda xp, a: xp.stack([a.x, a.y], axis=-1), lambda xp, a: xp.stack([a.x, a.y])),
    "take": (lambda xp, a: xp.take(a.w, a.ids, axis=0), lambda xp, a: xp.take(a.x[:, 0], a.ids),
             lambda xp, a: xp.take(a.b, a.places[0, ...], axis=-1), lambda xp, a: xp.take(a.ids, a.ids)),
    "take_along_axis": (lambda xp, a: xp.take_along_axis(a.x, a.places, axis=-1),
                        lambda xp, a: xp.take_along_axis(a.b, a.ids[None, :, None], axis=1)),
    # creation
    "arange": (lambda xp, a: xp.arange(4, dtype=xp.int64, device=a.device),
               lambda xp, a: xp.arange(3, dtype=a.ids.dtype, device=a.device) + a.ids[:3]),
    "asarray": (lambda xp, a: xp.asarray(a.x, copy=True),
                lambda xp, a: xp.asarray(1 / 4, dtype=a.real, device=a.device)),
    "eye": (lambda xp, a: xp.eye(3, dtype=a.real, device=a.device),
            lambda xp, a: xp.eye(3, 4, k=1, dtype=a.real, device=a.device)),
    "full": (lambda xp, a: xp.full((2, 3), 0.25, dtype=a.real, device=a.device),
             lambda xp, a: xp.full((), -1, dtype=a.ids.dtype, device=a.device)),
    "full_like": (lambda xp, a: xp.full_like(a.x, 0.25), lambda xp, a: xp.full_like(a.ids, 3)),
    "linspace": (lambda xp, a: xp.linspace(-1.0, 1.0, 5, dtype=a.real, device=a.device),),
    "ones": (lambda xp, a: xp.ones((2, 3), dtype=xp.bool, device=a.device),),
    "ones_like": (lambda xp, a: xp.ones_like(a.x), lambda xp, a: xp.ones_like(a.x, dtype=xp.bool)),
    "zeros": (lambda xp, a: xp.zeros((2, 0), dtype=a.real, device=a.device),),
    "zeros_like": (lambda xp, a: xp.zeros_like(a.x), lambda xp, a: xp.zeros_like(a.x, dtype=xp.bool)),
}  # fmt: skip

FACTS: dict[str, tuple[Callable[[Namespace, Given], object], ...]] = {
    "finfo": (lambda xp, a: float(xp.finfo(a.real).eps),),
    "isdtype": (
        lambda xp, a: xp.isdtype(a.ids.dtype, "integral"),
        lambda xp, a: xp.isdtype(a.real, "integral"),
        lambda xp, a: xp.isdtype((a.x > 0).dtype, "bool"),
        lambda xp, a: xp.isdtype(a.real, "bool"),
    ),
}

OPERATORS: dict[str, Probe] = {
    "a + b": lambda _, a: a.x + a.y,
    "a - b": lambda _, a: a.x - a.y,
    "a * b": lambda _, a: a.x * a.y,
    "a / b": lambda _, a: a.x / a.positive,
    "a ** 2": lambda _, a: a.x**2,
    "-a": lambda _, a: -a.x,
    "2.0 - a": lambda _, a: 2.0 - a.x,
    "1.0 / a": lambda _, a: 1.0 / a.positive,
    "0.5 * a + 1": lambda _, a: 0.5 * a.x + 1,
    "integers - 1": lambda _, a: a.ids - 1,
    "integers % 2": lambda _, a: a.ids % 2,
    "integers // 2": lambda _, a: a.ids // 2,
    "a < b": lambda _, a: a.x < a.y,
    "a <= b": lambda _, a: a.ties <= 1.0,
    "a > 0": lambda _, a: a.wild > 0,
    "a >= b": lambda _, a: a.ties >= 1.0,
    "a == b": lambda _, a: a.ids[:, None] == a.ids,
    "a != b": lambda _, a: a.wild != a.wild,
    "p & q": lambda _, a: (a.x > 0) & (a.y > 0),
    "p | q": lambda _, a: (a.x > 0) | (a.y > 0),
    "~p": lambda _, a: ~(a.x > 0),
    "a[..., 0]": lambda _, a: a.b[..., 0],
    "a[..., None]": lambda _, a: a.x[..., None],
    "a[1:3, ...]": lambda _, a: a.x[1:3, ...],
    "a[:, ::2]": lambda _, a: a.x[:, ::2],
    "a[..., -1]": lambda _, a: a.x[..., -1],
    "a[2:2, ...]": lambda _, a: a.x[2:2, ...],
}
