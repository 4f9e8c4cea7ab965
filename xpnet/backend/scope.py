"""Methods that compute on the device of their own backend, whichever device is the current one."""

from functools import wraps
from typing import Protocol, TypeVar

from xpnet._typing import Op
from xpnet.backend.protocol import Backend

Method = TypeVar("Method", bound=Op)


class Placed(Protocol):
    """What has a backend."""

    @property
    def backend(self) -> Backend:
        """Where it computes."""


def on_its_device(method: Method) -> Method:
    """The method within `self.backend.device_scope()`; where there is but one device, the method itself runs."""

    @wraps(method)
    def placed(self: Placed, *args: object, **named: object) -> object:
        backend = self.backend
        if backend.one_place:
            return method(self, *args, **named)
        with backend.device_scope():
            return method(self, *args, **named)

    return placed  # type: ignore[return-value]
