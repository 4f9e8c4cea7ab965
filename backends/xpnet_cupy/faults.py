"""CuPy's own errors, told as those of xpnet: no memory left, arrays of several devices."""

import re

import cupy

from xpnet.errors import OutOfMemoryError, PlacementError
from xpnet_cupy.memory import memory_stats, words_of

NO_MEMORY = 2  # cudaErrorMemoryAllocation
NO_WORKSPACE = 3  # CUBLAS_STATUS_ALLOC_FAILED
BRING = "Bring arrays in with backend.asarray(...) of the backend that computes"


def in_words(error: BaseException, index: int) -> Exception | None:
    """What xpnet raises in place of an error that came up on CUDA device `index`; None to leave it as it is."""
    if ran_out(error):
        return OutOfMemoryError(_out_of_memory(error, index))
    if isinstance(error, cupy._util.PerformanceWarning | ValueError) and "where the array resides" in str(error):
        return PlacementError(f"arrays of several devices in one operation on cuda:{index}: {error} {BRING}")
    return None


def ran_out(error: BaseException) -> bool:
    """Whether a device, or the pinned memory of the host, had no room."""
    if isinstance(error, cupy.cuda.memory.OutOfMemoryError):
        return True
    if isinstance(error, cupy.cuda.runtime.CUDARuntimeError):
        return bool(error.status == NO_MEMORY)
    return type(error).__name__ == "CUBLASError" and getattr(error, "status", None) == NO_WORKSPACE


def _out_of_memory(error: BaseException, index: int) -> str:
    stats = memory_stats()
    limit = f" of at most {words_of(stats['limit'])}" if stats["limit"] else ""
    remedies = ["take smaller batches", "give the trainer a smaller memory=, so that label sets pass in smaller tiles"]
    if stats["held"] > stats["used"]:
        remedies.append("give back what is held but unused with backend.release_memory()")
    if stats["limit"]:
        remedies.append("raise XPNET_MEMORY_LIMIT")
    return (
        f"cuda:{index} is out of memory: {_needed(error)}; {words_of(stats['free'])} of {words_of(stats['total'])} are "
        f"free, arrays use {words_of(stats['used'])}, CuPy's pool holds {words_of(stats['held'])}{limit}. "
        f"Remedies: {'; '.join(remedies)}"
    )


def _needed(error: BaseException) -> str:
    found = re.search(r"allocating ([\d,]+) bytes", str(error))
    if found is None:
        return f"a CUDA library found no room ({error})"
    count = int(found[1].replace(",", ""))
    return f"{words_of(count)} more were needed ({count} bytes)"
