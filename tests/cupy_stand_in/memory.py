"""A pool of memory for each device, which counts the arrays that are alive; pinned memory of the host."""

import ctypes
import gc
import threading
import weakref

import numpy as np

from cupy_stand_in import devices

TOTAL = 80 * 2**30
UNIT = 512


class OutOfMemoryError(MemoryError):
    """CuPy's, with its words."""

    def __init__(self, size, total, limit=0):
        self._size, self._total, self._limit = size, total, limit
        limited = f", limit set to: {limit:,} bytes" if limit else ""
        super().__init__(f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes{limited}).")


class Pool:
    """What arrays use, what is held for them, and how much may be held, device by device."""

    def __init__(self):
        self.used, self.held, self.limit = [0] * devices.COUNT, [0] * devices.COUNT, [0] * devices.COUNT
        self.lock = threading.RLock()

    def allot(self, owner):
        """Count the memory of a NumPy array until it dies."""
        size, device = -(-owner.nbytes // UNIT) * UNIT, devices.get_device()
        with self.lock:
            if not self._grow(device, size):
                gc.collect()
                if not self._grow(device, size):
                    raise OutOfMemoryError(size, self.held[device], self.limit[device])
        weakref.finalize(owner, self._freed, device, size)

    def _grow(self, device, size):
        needed = max(self.used[device] + size, self.held[device])
        if needed > (self.limit[device] or TOTAL):
            needed = self.used[device] + size  # blocks that nobody uses are given back first
            if needed > (self.limit[device] or TOTAL):
                return False
        self.used[device] += size
        self.held[device] = needed
        return True

    def _freed(self, device, size):
        with self.lock:
            self.used[device] -= size

    def used_bytes(self):
        return self.used[devices.get_device()]

    def total_bytes(self):
        return self.held[devices.get_device()]

    def get_limit(self):
        return self.limit[devices.get_device()]

    def set_limit(self, size=None, fraction=None):
        self.limit[devices.get_device()] = int(fraction * TOTAL) if fraction is not None else size or 0

    def free_all_blocks(self, stream=None):
        device = devices.get_device()
        self.held[device] = self.used[device]


class PinnedPool:
    """Counts the pinned buffers, and whether somebody was given one that is still being copied from."""

    def __init__(self):
        self.alive, self.lent, self.released = 0, 0, 0

    def free_all_blocks(self):
        self.released += 1

    def _freed(self, owner_bytes):
        self.alive -= 1
        owner_bytes[:] = 255  # the next owner writes into it


POOL, PINNED = Pool(), PinnedPool()


def reset():
    """New pools, empty and without limits; what is still alive goes back to the old ones."""
    global POOL, PINNED
    POOL, PINNED = Pool(), PinnedPool()


def free_and_total():
    return TOTAL - POOL.held[devices.get_device()], TOTAL


def empty_pinned(shape, dtype=float, order="C"):
    """Pinned memory; once given back, another owner overwrites it at once."""
    storage = np.full(int(np.prod(shape)) * np.dtype(dtype).itemsize, 170, np.uint8)
    lent = (ctypes.c_char * storage.size).from_buffer(storage)
    PINNED.alive, PINNED.lent = PINNED.alive + 1, PINNED.lent + 1
    weakref.finalize(lent, PINNED._freed, storage)
    return np.frombuffer(lent, dtype).reshape(shape)
