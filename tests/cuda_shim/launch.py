"""Launches on NumPy arrays: each kernel runs twice, its threads in rising and in falling order."""

import ctypes
from threading import Lock

import numpy as np

from cuda_shim.compiled import library, library_of
from cuda_shim.plugin import kernels

ONE_BY_ONE = Lock()  # the shim's blocks share one piece of memory, and ctypes lets other threads run meanwhile
GUARD = 64  # numbers before and behind each array that nobody may touch
NUMBERS = {"f4": ctypes.c_float, "f8": ctypes.c_double, "i8": ctypes.c_longlong}
POISON = {"f": np.nan, "i": np.iinfo(np.int64).min}
FAULTS = {
    1: "not all threads of a block came to the same barrier",
    2: "the kernel wrote behind its shared memory",
    3: "more than 48 KiB of shared memory",
}


class KernelFault(AssertionError):
    """A kernel that no GPU would run as it is meant."""


class ShimLaunch:
    """Launches through the shim; `threads` is forced on every block, `texts` stand in for kernel files."""

    def __init__(self, threads=None, texts=None):
        self._threads, self._texts = threads, texts or {}
        self.launched = []

    def __call__(self, name, *args, blocks, threads, words_a_thread=0, words=0):
        kernel = kernels.KERNELS[name]
        dtype = kernels.real_of(kernel, args)
        threads = self._threads or threads
        self.launched.append(name)
        text = self._texts.get(kernel.file) or kernels.text(kernel.file)
        entry = getattr(library(kernel.file, text, dtype), f"run_{name}")
        run(entry, kernel, kernels.passed(kernel, args, dtype), blocks, threads, words + words_a_thread * threads)


def launch_program(program, name, args, blocks, threads, shared):
    """A kernel of a whole program, with arguments as cupy.RawModule passes them and bytes of shared memory."""
    (kernel,) = (found for found in kernels.kernels_in("program.cu", program) if found.name == name)
    entry = getattr(library_of(program), f"run_{name}")
    run(entry, kernel, args, blocks, threads, shared // kernels.WORD)


def run(entry, kernel, args, blocks, threads, words):
    """Both orders of threads; KernelFault if they differ or anything else is wrong."""
    name, given = kernel.name, _Arguments(kernel, args)
    shape = ctypes.c_uint(blocks), ctypes.c_uint(threads), ctypes.c_longlong(words)
    with ONE_BY_ONE:
        rising, falling = (given.run(entry, shape, order) for order in (0, 1))
    for place, (one, other) in enumerate(zip(rising, falling, strict=True)):
        if one.tobytes() != other.tobytes():
            msg = f"kernel {name!r}: {given.names[place]} depends on the order of threads: a barrier is missing"
            raise KernelFault(msg)
    given.write_back(rising)


class _Arguments:
    """What a launch is given; the same array behind several parameters is one array."""

    def __init__(self, kernel, args):
        self.kernel, self.arrays, self.names, self.written = kernel, [], [], []
        self._values, places = [], {}
        for (kind, name), x in zip(kernel.parameters, args, strict=True):
            if not kind.endswith("*"):
                self._values.append(NUMBERS[x.dtype.str[1:]](x.item()))
                continue
            place = places.setdefault((x.ctypes.data, x.size), len(self.arrays))
            if place == len(self.arrays):
                self.arrays.append(x)
                self.names.append(name)
                self.written.append(False)
            if not kind.startswith("const"):
                self.names[place], self.written[place] = name, True
            self._values.append(place)

    def run(self, entry, shape, order):
        """The arrays afterwards, each within its guards."""
        rooms = [self._guarded(x) for x in self.arrays]
        bases = [room.ctypes.data + GUARD * room.itemsize for room in rooms]
        values = [ctypes.c_void_p(bases[value]) if isinstance(value, int) else value for value in self._values]
        pointers = (ctypes.c_void_p * len(values))(*map(ctypes.addressof, values))
        fault = entry(pointers, *shape, ctypes.c_int(order))
        if fault:
            blocks, threads, _ = (size.value for size in shape)
            msg = f"kernel {self.kernel.name!r}, {blocks} blocks of {threads} threads: {FAULTS[fault]}"
            raise KernelFault(msg)
        return rooms

    def write_back(self, rooms):
        """Into the arrays themselves, once nothing else was touched."""
        for x, name, written, room in zip(self.arrays, self.names, self.written, rooms, strict=True):
            guard = np.full(GUARD, POISON[x.dtype.kind], x.dtype).tobytes()
            if room[:GUARD].tobytes() != guard or room[-GUARD:].tobytes() != guard:
                msg = f"kernel {self.kernel.name!r} wrote beside one of its arrays"
                raise KernelFault(msg)
            inside = room[GUARD:-GUARD]
            if written:
                x[...] = inside.reshape(x.shape)
            elif inside.tobytes() != x.tobytes():
                msg = f"kernel {self.kernel.name!r} wrote into its input {name}"
                raise KernelFault(msg)

    @staticmethod
    def _guarded(x):
        room = np.full(x.size + 2 * GUARD, POISON[x.dtype.kind], x.dtype)
        room[GUARD:-GUARD] = x.reshape(-1)
        return room
