"""The current device: CuPy computes there, whatever device its operands are on."""

import warnings
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, final

import cupy

from xpnet._typing import Device
from xpnet_cupy.faults import in_words


@final
class DeviceScope:
    """`with scope:` makes its device the current one of this thread; CuPy's errors leave it in the words of xpnet.

    It holds no state: CuPy keeps the devices to return to, thread by thread. So one scope serves all threads, and may
    be entered inside itself.
    """

    __slots__ = ("_device", "index")

    def __init__(self, device: Device) -> None:
        self._device = device
        self.index = int(device.id)

    def __enter__(self) -> "DeviceScope":
        self._device.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            told = None if error is None else in_words(error, self.index)
        finally:
            self._device.__exit__(kind, error, trace)
        if told is not None:
            raise told from error


def on_device(function: Callable[..., Any], scope: DeviceScope) -> Callable[..., Any]:
    """The function, run with the scope's device as the current one; where it is that already, one question more."""
    index, current = scope.index, cupy.cuda.runtime.getDevice

    @wraps(function)
    def there(*args: object, **options: object) -> object:
        if current() == index:
            return function(*args, **options)
        with scope:
            return function(*args, **options)

    return there


def refuse_other_devices() -> None:
    """From now on CuPy's warning that a kernel reads another device's memory is an error, in all of this process.

    A filter per scope would not do: filters belong to the process, so that threads would take away each other's.
    """
    warnings.filterwarnings("error", r"The device where the array resides", cupy._util.PerformanceWarning)
