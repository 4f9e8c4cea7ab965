"""NumPy on the host: the default backend, and the one that everything else is compared with."""

from typing import Any, final

import array_api_compat.numpy as xp
import numpy as np

from xpnet.backend import Backend
from xpnet.errors import BackendError
from xpnet.ops import resolve
from xpnet_numpy import fast
from xpnet_numpy.overrides import OVERRIDES


@final
class NumpyBackend(Backend):
    """NumPy arrays; one device, "cpu"."""

    name = "numpy"
    one_place = True

    def __init__(self, device: str | None = None, dtype: str = "float32") -> None:
        super().__init__(xp, device, dtype)
        self.ops = resolve(xp, OVERRIDES)

    def parse_device(self, device: str | None) -> str:
        """Only "cpu" exists."""
        if device not in (None, "cpu"):
            msg = f"backend 'numpy' has no device {device!r}; it has only 'cpu' (for a GPU take XPNET_BACKEND=cupy)"
            raise BackendError(msg)
        return "cpu"

    def asarray(self, x: object, dtype: Any = None) -> Any:
        """x as an ndarray of the backend's real dtype; no copy if it is one already."""
        return np.asarray(x, dtype=self.dtype if dtype is None else dtype)

    def indices(self, x: object) -> Any:
        """x as an int64 ndarray."""
        return np.asarray(x, dtype=np.int64)

    def distinct(self, ids: Any) -> Any:
        """Each of ids once, in ascending order."""
        return np.unique(ids)

    def placement(self, x: Any) -> Any:
        """The dtype alone: the host is the only place."""
        return x.dtype

    def synchronize(self) -> None:
        """Nothing runs behind the host's back."""

    def remarks(self) -> list[str]:
        """Whether the extra `fast` is installed and used."""
        return [fast.told()] if self.ops.accelerated else []

    def to_numpy(self, x: Any) -> Any:
        """x itself."""
        return np.asarray(x)


BACKEND = NumpyBackend
