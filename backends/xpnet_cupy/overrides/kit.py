"""What all overrides need: whether kernels take these arrays, room for results, and how a launch is laid out."""

from math import prod
from typing import final

from xpnet._typing import Array, Namespace, Shape
from xpnet_cupy.kernels import Launch

THREADS = 256  # of a block
LEAST = 32  # threads of a block even for the shortest row: fewer never run alone
MOST_BLOCKS = 65536  # of a launch; each then takes several rows


@final
class Kit:
    """A namespace, and launches that are laid out for its arrays."""

    def __init__(self, xp: Namespace, launch: Launch) -> None:
        self.xp, self.launch = xp, launch

    def takes(self, *arrays: Array) -> bool:
        """Whether kernels can work on these: one real dtype, and not empty."""
        dtype = arrays[0].dtype
        return dtype.kind == "f" and dtype.itemsize in (4, 8) and all(x.dtype == dtype and x.size for x in arrays)

    def flat(self, x: Array) -> Array:
        """x in C order: itself, or a copy."""
        return x if x.flags.c_contiguous else x.copy(order="C")

    def rows(self, x: Array) -> Array:
        """x (*lead, n) as a contiguous matrix (rows, n)."""
        return self.xp.reshape(self.flat(x), (-1, x.shape[-1]))

    def new(self, shape: Shape, like: Array) -> Array:
        """Room for a result, with anything in it, where `like` is."""
        return self.xp.empty(shape, dtype=like.dtype, device=like.device)

    def each(self, kernel: str, count: int, *args: Array | float) -> None:
        """Launch a kernel whose threads take elements one by one."""
        self.launch(kernel, *args, blocks=min(-(-count // THREADS), MOST_BLOCKS), threads=THREADS)

    def by_rows(
        self, kernel: str, rows: int, width: int, *args: Array | float, words: int = 0, words_a_thread: int = 1
    ) -> None:
        """Launch a kernel whose blocks take rows one by one, with shared memory for reductions, and `words` more."""
        threads = min(max(1 << (width - 1).bit_length(), LEAST), THREADS)
        blocks = min(rows, MOST_BLOCKS)
        self.launch(kernel, *args, blocks=blocks, threads=threads, words_a_thread=words_a_thread, words=words)


def lead_of(x: Array) -> int:
    """How many rows x (*lead, n) has."""
    return prod(x.shape[:-1])
