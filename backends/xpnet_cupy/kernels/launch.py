"""Launching kernels on arrays: the protocol, and the launcher for a GPU."""

from collections.abc import Sequence
from typing import Any, Protocol, final

import numpy as np

from xpnet._typing import Array, Namespace
from xpnet_cupy.kernels.texts import KERNELS, REALS, Kernel, program, text

WORD = 8  # bytes


class Launch(Protocol):
    """What runs a kernel on arrays; the tests have one that runs it on the CPU."""

    def __call__(
        self, name: str, *args: Array | float, blocks: int, threads: int, words_a_thread: int = 0, words: int = 0
    ) -> None:
        """Run kernel `name`: arrays for pointers, numbers for the rest.

        words_a_thread, words: shared memory in words of 8 bytes, for each thread of a block and for the block.
        """


@final
class DeviceLaunch:
    """Launches on CuPy's current device and stream; a text is compiled when one of its kernels first runs there."""

    def __init__(self, cupy: Namespace) -> None:
        self._cupy = cupy
        self._functions: dict[tuple[str, str, int], Any] = {}

    def __call__(
        self, name: str, *args: Array | float, blocks: int, threads: int, words_a_thread: int = 0, words: int = 0
    ) -> None:
        """Run kernel `name` on CuPy arrays and numbers."""
        kernel = KERNELS[name]
        dtype = real_of(kernel, args)
        key = name, dtype, self._cupy.cuda.runtime.getDevice()
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = self._compiled(kernel, dtype)
        shared = WORD * (words + words_a_thread * threads)
        function((blocks,), (threads,), tuple(passed(kernel, args, dtype)), shared_mem=shared)

    def _compiled(self, kernel: Kernel, dtype: str) -> Any:
        return self._cupy.RawModule(code=program(text(kernel.file), dtype)).get_function(kernel.name)


def real_of(kernel: Kernel, args: Sequence[Any]) -> str:
    """The dtype that the kernel's arrays of `real` have, "float32" or "float64".

    Raises TypeError if the arguments are not what the kernel takes, or an array is not contiguous: a kernel sees none
    of an array's strides, and a wrong one would read other memory.
    """
    _require_count(kernel, args)
    found = {str(x.dtype) for (kind, _), x in zip(kernel.parameters, args, strict=True) if kind.endswith("real*")}
    if len(found) != 1 or not found <= REALS.keys():
        msg = f"kernel {kernel.name!r} takes arrays of one real dtype, float32 or float64; got {sorted(found)}"
        raise TypeError(msg)
    for (kind, name), x in zip(kernel.parameters, args, strict=True):
        if kind.endswith("*") and not x.flags.c_contiguous:
            msg = f"kernel {kernel.name!r} takes contiguous arrays; {name} has strides {x.strides}: copy it first"
            raise TypeError(msg)
        if kind.endswith("long long*") and str(x.dtype) != "int64":
            msg = f"kernel {kernel.name!r} takes {name} in int64; got {x.dtype}"
            raise TypeError(msg)
    return found.pop()


def passed(kernel: Kernel, args: Sequence[Any], dtype: str) -> list[Any]:
    """The arguments as a launch passes them: arrays as they are, numbers in the width that the kernel declares."""
    widths = {"real": np.dtype(dtype).type, "long long": np.int64}
    return [x if kind.endswith("*") else widths[kind](x) for (kind, _), x in zip(kernel.parameters, args, strict=True)]


def _require_count(kernel: Kernel, args: Sequence[Any]) -> None:
    if len(args) != len(kernel.parameters):
        wanted = ", ".join(name for _, name in kernel.parameters)
        msg = f"kernel {kernel.name!r} takes {len(kernel.parameters)} arguments ({wanted}); got {len(args)}"
        raise TypeError(msg)
