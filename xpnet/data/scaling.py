"""Affine scaling of samples, fitted on the training part and kept with the run."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.errors import DataError, nearest


@dataclass(frozen=True, eq=False)
class Scaling:
    """`(x - offset) * factor`, with offset and factor of the event shape or of shape ()."""

    offset: HostArray
    factor: HostArray

    def __call__(self, samples: HostArray) -> HostArray:
        """Scaled samples (N, *event) in the samples' own dtype; DataError for another event shape."""
        event = samples.shape[1:]
        if self.offset.shape not in ((), event):
            msg = f"samples of event shape {event} cannot be scaled: the run was trained on {self.offset.shape}"
            raise DataError(msg)
        return ((samples - self.offset) * self.factor).astype(samples.dtype)

    def state_dict(self) -> dict[str, HostArray]:
        """What a checkpoint keeps."""
        return {"offset": self.offset, "factor": self.factor}


def fit_scaling(name: str, samples: HostArray) -> Scaling:
    """The scaling called `name` for these training samples; see SCALINGS.

    >>> fit_scaling("range", np.array([[0.0], [16.0]]))(np.array([[4.0]])).tolist()
    [[-0.5]]
    """
    if name not in SCALINGS:
        msg = f"unknown scaling {name!r}; {nearest(name, SCALINGS)}"
        raise DataError(msg)
    return SCALINGS[name](samples.astype(np.float64))


def load_scaling(values: dict[str, HostArray], event_shape: Shape) -> Scaling:
    """The scaling that a checkpoint kept; DataError when it does not fit samples of this event shape."""
    if values.keys() != {"offset", "factor"} or any(v.shape not in ((), event_shape) for v in values.values()):
        shapes = {name: value.shape for name, value in values.items()}
        msg = f"a scaling has offset and factor of shape () or {event_shape}; got {shapes}"
        raise DataError(msg)
    return Scaling(values["offset"], values["factor"])


def _none(samples: HostArray) -> Scaling:
    return Scaling(np.zeros(()), np.ones(()))


def _range(samples: HostArray) -> Scaling:
    low, high = samples.min(), samples.max()
    return Scaling(np.asarray((low + high) / 2), np.asarray(2 / (high - low) if high > low else 1.0))


def _center(samples: HostArray) -> Scaling:
    return Scaling(samples.mean(axis=0), np.asarray(1 / (samples.std() or 1.0)))


def _standard(samples: HostArray) -> Scaling:
    spread = samples.std(axis=0)
    return Scaling(samples.mean(axis=0), 1 / np.where(spread > 0, spread, 1.0))


SCALINGS: dict[str, Callable[[HostArray], Scaling]] = {
    "none": _none,  # as they are
    "range": _range,  # the whole set onto -1 … 1
    "center": _center,  # zero mean per feature, one common spread
    "standard": _standard,  # zero mean and unit spread per feature; a constant feature becomes 0
}
