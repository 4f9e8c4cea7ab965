"""CUDA devices: numbers, of which each thread has a current one."""

import threading

COUNT = 2


class _Local(threading.local):
    def __init__(self):
        self.current = 0
        self.stack = []


_local = _Local()
_drain_all = []  # what waits for all streams of a device; streams.py puts it here
handles = set()


def reset():
    """The main thread is on device 0, as at the start of a process."""
    _local.current = 0
    _local.stack.clear()
    FakeDevice.synchronized = 0


def get_device():
    return _local.current


def set_device(index):
    if not 0 <= index < COUNT:
        raise FakeCudaError(101, "cudaErrorInvalidDevice: invalid device ordinal")
    _local.current = index


def cublas_handle():
    """One for each thread and device, as CuPy keeps them."""
    handle = (threading.get_ident() << 8) + get_device() + 1
    handles.add(handle)
    return handle


class FakeCudaError(RuntimeError):
    """CUDARuntimeError: a number and a text."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class FakeDevice:
    """A CUDA device: a number, and a context that makes it the current one. It cannot be hashed."""

    synchronized = 0
    compute_capability = "90"

    def __init__(self, device=None):
        self.id = get_device() if device is None else int(device)

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, FakeDevice) and self.id == other.id

    __hash__ = None

    def __str__(self):
        return f"<CUDA Device {self.id}>"

    def __enter__(self):
        _local.stack.append(get_device())
        set_device(self.id)
        return self

    def __exit__(self, *_):
        set_device(_local.stack.pop())

    def synchronize(self):
        FakeDevice.synchronized += 1
        for drain in _drain_all:
            drain(self.id)
