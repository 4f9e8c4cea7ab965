"""Streams that run late: what they are asked for waits until an event, a stream or the device is waited for."""

import itertools
import threading
import weakref

from cupy_stand_in import devices


class _Local(threading.local):
    def __init__(self):
        self.stacks = {}


_local = _Local()
_every = weakref.WeakSet()
_numbers = itertools.count(1000)


def reset():
    """No stream but the null stream is current."""
    _local.stacks.clear()
    _every.clear()
    devices._drain_all[:] = [_drain]


def _drain(device):
    for stream in list(_every):
        if stream.device_id == device:
            stream.synchronize()


class FakeStream:
    """A queue of work. The null stream runs at once, all others when they must."""

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        self.ptr, self.device_id = (0, -1) if null else (next(_numbers), devices.get_device())
        self.non_blocking, self.queue, self.done_count = non_blocking, [], 0
        self.lock = threading.RLock()
        _every.add(self)

    def submit(self, work):
        with self.lock:
            self.queue.append(work)
            if self.ptr == 0:
                self.synchronize()

    def run_until(self, count):
        with self.lock:
            while self.done_count < count:
                work, self.queue[self.done_count] = self.queue[self.done_count], None
                self.done_count += 1
                work()

    @property
    def asked(self):
        return len(self.queue)

    def synchronize(self):
        self.run_until(self.asked)

    def record(self, event=None):
        event = FakeEvent() if event is None else event
        event.stream, event.mark = self, self.asked
        return event

    def wait_event(self, event):
        self.submit(event.synchronize)

    def __enter__(self):
        if self.device_id not in (-1, devices.get_device()):
            msg = (
                f"The device that the stream is created on ({self.device_id}) does not match with the current device "
                f"({devices.get_device()})"
            )
            raise RuntimeError(msg)
        _stack().append(self)
        return self

    def __exit__(self, *_):
        stack = _stack() if self.device_id == -1 else _local.stacks[self.device_id]
        stack.pop()


class FakeEvent:
    """A place in a stream's queue."""

    def __init__(self, block=False, disable_timing=False, interprocess=False):
        self.stream, self.mark = None, 0

    def record(self, stream=None):
        (stream or get_current_stream()).record(self)

    @property
    def done(self):
        return self.stream is None or self.stream.done_count >= self.mark

    def synchronize(self):
        if self.stream is not None:
            self.stream.run_until(self.mark)


FakeStream.null = NULL = FakeStream(null=True)


def _stack():
    return _local.stacks.setdefault(devices.get_device(), [NULL])


def get_current_stream(device_id=-1):
    return _stack()[-1]
