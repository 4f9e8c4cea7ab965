"""Minibatches on their way to the device while the one before is computed with."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, final

import cupy
import cupyx
import numpy as np

from xpnet._typing import Array, DType, HostArray
from xpnet.errors import PlacementError
from xpnet_cupy.scope import DeviceScope
from xpnet_cupy.streams import Streams, order

IN_FLIGHT = 2  # minibatches that are asked for: one is computed with, one is being copied

Batch = tuple[HostArray, ...]


@final
@dataclass
class Slot:
    """Pinned buffers for one minibatch, one for each of its arrays, and the event after their last copy."""

    buffers: list[HostArray] = field(default_factory=list)
    copied: Any = None

    def wait(self) -> None:
        """Wait on the host until the buffers may be written again."""
        if self.copied is not None:
            self.copied.synchronize()

    def pinned(self, place: int, values: HostArray, dtype: DType) -> HostArray:
        """The values in the pinned buffer of that place, converted; the buffer grows with the largest array so far."""
        size = values.size * np.dtype(dtype).itemsize
        while len(self.buffers) <= place:
            self.buffers.append(np.empty(0, np.uint8))
        if self.buffers[place].size < size:
            self.buffers[place] = cupyx.empty_pinned((size,), np.uint8)
        host: HostArray = self.buffers[place][:size].view(dtype).reshape(values.shape)
        np.copyto(host, values, casting="unsafe")
        return host


@final
class Prefetch:
    """Sends minibatches ahead on a copy stream, from a ring of pinned buffers."""

    def __init__(self, scope: DeviceScope, streams: Streams, real: DType) -> None:
        self._scope, self._streams, self._real = scope, streams, real
        self._slots = deque(Slot() for _ in range(IN_FLIGHT))

    def batches(self, source: Iterable[Batch]) -> Iterator[tuple[Array, ...]]:
        """Each minibatch of the source on the device, in order; the source's exception after what came before it."""
        sent: deque[Callable[[], tuple[Array, ...]]] = deque()
        pending = iter(source)
        failure: Exception | None = None
        try:
            while True:
                try:
                    while failure is None and len(sent) < IN_FLIGHT:
                        sent.append(self._send(next(pending)))
                except Exception as error:  # StopIteration included: what was sent is delivered first
                    failure = error
                if not sent:
                    break
                yield sent.popleft()()
            if failure is not None and not isinstance(failure, StopIteration):
                raise failure
        finally:
            # Pinned memory goes back to CuPy's pool with the slots, and must not be written by others before.
            for slot in self._slots:
                slot.wait()

    def _send(self, batch: Batch) -> Callable[[], tuple[Array, ...]]:
        """Start copying a minibatch; returns what makes the stream that uses it wait, and hands it over."""
        values = [_on_host(part) for part in batch]
        slot = self._slots[0]
        self._slots.rotate(-1)
        slot.wait()
        with self._scope:
            stream = cupy.cuda.get_current_stream()
            copying = self._streams.beside(stream, "copy")
            # Memory of an earlier minibatch may be used again, once the work that read it is done.
            order(stream, copying)
            copied = slot.copied = cupy.cuda.Event(block=True, disable_timing=True)
            try:
                with copying:
                    arrays = tuple(self._copy(slot, place, x, copying) for place, x in enumerate(values))
            finally:
                copying.record(copied)
        return lambda: self._arrive(arrays, copied)

    def _copy(self, slot: Slot, place: int, values: HostArray, stream: Any) -> Array:
        dtype = np.dtype(np.int64 if values.dtype.kind in "iu" else self._real)
        there = cupy.empty(values.shape, dtype)
        if values.size:
            there.set(slot.pinned(place, values, dtype), stream=stream)
        return there

    def _arrive(self, arrays: tuple[Array, ...], copied: Any) -> tuple[Array, ...]:
        with self._scope:
            cupy.cuda.get_current_stream().wait_event(copied)
        return arrays


def _on_host(part: Any) -> HostArray:
    if isinstance(part, cupy.ndarray) or hasattr(part, "__cuda_array_interface__"):
        msg = f"prefetch brings host arrays to the device; got {type(part).__name__}, which is there already"
        raise PlacementError(msg)
    return np.asarray(part)
