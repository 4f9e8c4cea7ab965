"""What `xpnet doctor` tells of a GPU: which one, its memory, and what makes results differ from run to run."""

import os

import cupy

from xpnet_cupy.memory import memory_stats, words_of
from xpnet_cupy.probe import dotted, installed_wheels

REPRODUCIBLE = (":4096:8", ":16:8")  # the two settings of cuBLAS with the same bits on several streams


def remarks(index: int, precision: str, deterministic: bool) -> list[str]:
    """Sentences about CUDA device `index`, which must be the current one."""
    stats, runtime = memory_stats(), cupy.cuda.runtime
    name = runtime.getDeviceProperties(index)["name"].decode()
    capability = cupy.cuda.Device(index).compute_capability
    limit = f"at most {words_of(stats['limit'])}" if stats["limit"] else "no limit"
    told = [
        f"{name}, compute capability {capability[:-1]}.{capability[-1]}",
        f"memory: {words_of(stats['free'])} of {words_of(stats['total'])} free",
        f"pool: {words_of(stats['held'])} held, {words_of(stats['used'])} used, {limit}",
        f"{', '.join(installed_wheels()) or 'CuPy built from source'} for CUDA {dotted(runtime.runtimeGetVersion())}, "
        f"driver for CUDA {dotted(runtime.driverGetVersion())}",
        f"products of float32: {_precision(precision)}",
    ]
    return told + _determinism(deterministic)


def _precision(precision: str) -> str:
    if precision != "full":
        return f"{precision}, summed in float32"
    if os.environ.get("CUPY_TF32", "0") not in ("", "0"):
        return "TF32 where CuPy wants it, since CUPY_TF32 is set; unset it for float32"
    return "float32"


def _determinism(deterministic: bool) -> list[str]:
    if not deterministic:
        return []
    if os.environ.get("CUBLAS_WORKSPACE_CONFIG", "") in REPRODUCIBLE:
        return ["deterministic: the same bits every time on this device"]
    return [
        "deterministic on one stream only: products on several streams at once may differ in their last bits unless "
        f"CUBLAS_WORKSPACE_CONFIG={REPRODUCIBLE[0]} is set before Python starts"
    ]
