"""In which order the samples of an epoch are seen."""

from xpnet._typing import HostArray
from xpnet.streams import stream


def epoch_order(count: int, seed: int, epoch: int) -> HostArray:
    """The permutation of 0 … count - 1 that epoch `epoch` follows: a function of its arguments alone.

    >>> sorted(epoch_order(3, seed=0, epoch=7).tolist())
    [0, 1, 2]
    """
    return stream(seed, "shuffle", epoch).permutation(count)


def batch_slices(count: int, batch_size: int) -> list[slice]:
    """Consecutive slices that cover 0 … count - 1; the last one may be shorter.

    >>> batch_slices(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + batch_size, count)) for start in range(0, count, batch_size)]
