"""Streams beside the current one: work that may overlap, ordered by events."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, final

import cupy

from xpnet_cupy.scope import DeviceScope


@final
class Streams(threading.local):
    """A thread's own streams on one device, one for each purpose and stream beside which it runs; kept for reuse.

    CuPy gives memory that was taken on a stream only to later work of that stream. A stream that always runs beside the
    same one is always ordered after the last use of such memory; one shared between threads would not be.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], Any] = {}

    def beside(self, stream: Any, purpose: str) -> Any:
        """The stream for this purpose that runs beside the one given; it does not wait for the null stream."""
        key = purpose, stream.ptr
        if key not in self._made:
            self._made[key] = cupy.cuda.Stream(non_blocking=True)
        return self._made[key]


def order(first: Any, then: Any) -> Any:
    """What is asked of the stream `then` from now on waits for what has been asked of `first`; returns the event."""
    event = first.record(cupy.cuda.Event(disable_timing=True))
    then.wait_event(event)
    return event


@contextmanager
def side_stream(scope: DeviceScope, streams: Streams) -> Iterator[Any]:
    """A stream of its own for the work inside: it sees what was asked before, and what is asked after waits for it.

    Keep arrays that were made outside until the end of the block: when the last reference goes, their memory may be
    given to others on the stream they came from, which does not wait for this one until then.
    """
    with scope:
        outer = cupy.cuda.get_current_stream()
        side = streams.beside(outer, "work")
        order(outer, side)
        with side:
            try:
                yield side
            finally:
                order(side, outer)
