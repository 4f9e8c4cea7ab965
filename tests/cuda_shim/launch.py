"""Launches on NumPy arrays: each kernel runs twice, its threads in rising and in falling order."""

import ctypes

import numpy as np

from cuda_shim.compiled import library
from cuda_shim.plugin import kernels

GUARD = 64  # numbers before and behind each array that nobody may touch
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
        file = kernel.file
        entry = getattr(library(file, self._texts.get(file) or kernels.text(file), dtype), f"run_{name}")
        passed = kernels.passed(kernel, args, dtype)
        shape = blocks, threads, words + words_a_thread * threads
        rising, falling = (_Guarded(kernel, passed) for _ in range(2))
        rising.run(entry, *shape, 0)
        falling.run(entry, *shape, 1)
        rising.require_same(falling)
        rising.write_back()


class _Guarded:
    """Copies of a launch's arrays with guards around them."""

    def __init__(self, kernel, args):
        self.kernel, self.args, self.rooms = kernel, args, {}
        for (kind, _), x in zip(kernel.parameters, args, strict=True):
            if kind.endswith("*") and _address(x) not in self.rooms:
                room = np.full(x.size + 2 * GUARD, _poison(x.dtype), x.dtype)
                room[GUARD : GUARD + x.size] = x.reshape(-1)
                self.rooms[_address(x)] = room

    def run(self, entry, blocks, threads, words, falling):
        values = [
            ctypes.c_void_p(self._room(x).ctypes.data + GUARD * x.itemsize) if kind.endswith("*") else _number(x)
            for (kind, _), x in zip(self.kernel.parameters, self.args, strict=True)
        ]
        pointers = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
        fault = entry(
            pointers, ctypes.c_uint(blocks), ctypes.c_uint(threads), ctypes.c_longlong(words), ctypes.c_int(falling)
        )
        if fault:
            msg = f"kernel {self.kernel.name!r}, {blocks} blocks of {threads} threads: {FAULTS[fault]}"
            raise KernelFault(msg)
        self._require_guards()

    def _require_guards(self):
        for room in self.rooms.values():
            sides = np.concatenate([room[:GUARD], room[-GUARD:]])
            wanted = np.full(2 * GUARD, _poison(room.dtype), room.dtype)
            if sides.tobytes() != wanted.tobytes():
                msg = f"kernel {self.kernel.name!r} wrote beside one of its arrays"
                raise KernelFault(msg)

    def require_same(self, other):
        for (kind, name), x in zip(self.kernel.parameters, self.args, strict=True):
            if kind.endswith("*") and self._room(x).tobytes() != other._room(x).tobytes():
                msg = f"kernel {self.kernel.name!r}: {name} depends on the order of threads: a barrier is missing"
                raise KernelFault(msg)

    def write_back(self):
        for (kind, name), x in zip(self.kernel.parameters, self.args, strict=True):
            if kind.endswith("*"):
                inside = self._room(x)[GUARD : GUARD + x.size].reshape(x.shape)
                if not kind.startswith("const"):
                    x[...] = inside
                elif inside.tobytes() != x.tobytes() and not self._is_written(x):
                    msg = f"kernel {self.kernel.name!r} wrote into its input {name}"
                    raise KernelFault(msg)

    def _is_written(self, x):
        kinds = zip(self.kernel.parameters, self.args, strict=True)
        return any(kind.endswith("*") and kind[:5] != "const" and _address(y) == _address(x) for (kind, _), y in kinds)

    def _room(self, x):
        return self.rooms[_address(x)]


def _address(x):
    return x.ctypes.data, x.size


def _poison(dtype):
    return np.nan if dtype.kind == "f" else np.iinfo(dtype).min


def _number(x):
    return {"f4": ctypes.c_float, "f8": ctypes.c_double, "i8": ctypes.c_longlong}[x.dtype.str[1:]](x.item())
