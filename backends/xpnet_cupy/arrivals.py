"""What may be handed to a backend's asarray: host arrays of any library, and arrays that are on its device."""

from typing import Any

import cupy
import numpy as np

from xpnet._typing import Array
from xpnet.errors import PlacementError

ON_HOST = (1, 3)  # of DLPack's device types: kDLCPU, kDLCUDAHost (pinned)
ON_CUDA = (2, 13)  # kDLCUDA, kDLCUDAManaged


def readable(x: Any, index: int) -> Array:
    """x as CuPy on CUDA device `index` may take it: host data as it is, another library's array on it as CuPy's own.

    Raises PlacementError for an array that is on another device.
    """
    if isinstance(x, cupy.ndarray):
        if x.data.device_id != index:
            raise PlacementError(_refusal(x, f"cuda:{x.data.device_id}", index))
        return x
    if isinstance(x, np.ndarray):
        return x
    if not hasattr(x, "__dlpack_device__"):
        return _by_interface(x, index) if hasattr(x, "__cuda_array_interface__") else x
    kind, place = (int(number) for number in x.__dlpack_device__())
    if kind in ON_HOST:
        return np.asarray(x)
    if kind in ON_CUDA and place == index:
        return cupy.from_dlpack(x)
    where = f"cuda:{place}" if kind in ON_CUDA else f"device {(kind, place)} of DLPack"
    raise PlacementError(_refusal(x, where, index))


def _by_interface(x: Any, index: int) -> Array:
    """Device arrays of libraries without DLPack, such as numba's."""
    array = cupy.asarray(x)
    if array.data.device_id != index:
        raise PlacementError(_refusal(x, f"cuda:{array.data.device_id}", index))
    return array


def _refusal(x: Any, where: str, index: int) -> str:
    library = type(x).__module__.partition(".")[0]
    return (
        f"an array of {library} on {where} was handed to backend 'cupy' on cuda:{index}; move it to cuda:{index} or to "
        f"the host with {library} first, or take a backend on its device"
    )
