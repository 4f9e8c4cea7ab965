"""The first question to a GPU: by which routes can a matrix product be part of a CUDA graph? (docs/gpu/plan.md)

Each route records y = tanh(a b) and a copy back, replays it after the inputs were changed in place, and compares with
float64. A route that fails says how; the section passes if every route was tried to its end.
"""

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from gpu_session.own_cublas import WORKSPACE, OwnCublas, loaded_library

SHAPE = (64, 784, 100)  # rows, depth, columns: the lecture's first layer
REPLAYS = 200
NEAR = 1e-5  # of the largest number

Record = Callable[[Any, Any, Any], tuple[Callable[[], None], Callable[[], None]]]  # -> eager step, replay


def main() -> int:
    """Try every route; the number of routes that broke in an unforeseen way is in the text, not in the exit code."""
    import cupy

    routes: dict[str, Record] = {
        "cupy.matmul": lambda *arrays: recorded(cupy, lambda stream: lambda: by_cupy(cupy, *arrays)),
        "own cuBLAS handle": lambda *arrays: recorded(cupy, lambda stream: by_own_handle(cupy, stream, *arrays)),
        "own cuBLAS handle, no workspace": lambda *arrays: recorded(
            cupy, lambda stream: by_own_handle(cupy, stream, *arrays, size=0)
        ),
        "cuTENSOR": lambda *arrays: recorded(cupy, lambda stream: lambda: by_cutensor(cupy, *arrays)),
    }
    for name, record in routes.items():
        print(f"{name}: {tried(cupy, record)}", flush=True)
    return 0


def tried(cupy: Any, record: Record) -> str:
    """What became of a route, in words."""
    rows, depth, columns = SHAPE
    random = np.random.default_rng(0)
    try:
        a, b = (
            cupy.asarray(random.standard_normal(shape), cupy.float32) for shape in ((rows, depth), (depth, columns))
        )
        y = cupy.zeros((rows, columns), cupy.float32)
        eager, replay = record(a, b, y)
        a *= 0.5  # what was recorded must read the arrays anew
        b /= np.float32(np.sqrt(depth))
        y[...] = 0
        cupy.cuda.Device().synchronize()
        replay()
        cupy.cuda.Device().synchronize()
        exact = np.tanh(cupy.asnumpy(a).astype(np.float64) @ cupy.asnumpy(b))
        error = float(np.max(np.abs(cupy.asnumpy(y) - exact)))
        right = "right" if error <= NEAR else "WRONG"
        return f"recorded, replay {right} (error {error:.1e}), eager {timed(cupy, eager)}, replay {timed(cupy, replay)}"
    except Exception as error:  # how a route fails is what is asked
        return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def recorded(cupy: Any, make: Callable[[Any], Callable[[], None]]) -> tuple[Callable[[], None], Callable[[], None]]:
    """A step warmed and recorded on a stream and from a pool of its own, which live as long as the replay."""
    stream, pool = cupy.cuda.Stream(non_blocking=True), cupy.cuda.MemoryPool()
    with stream, cupy.cuda.using_allocator(pool.malloc):
        step = make(stream)
        for _ in range(3):
            step()
        stream.synchronize()
        stream.begin_capture()
        try:
            step()
        finally:
            graph = stream.end_capture()

    def eager() -> None:
        with stream:
            step()

    def replay() -> None:
        graph.launch(stream)
        _ = pool  # alive as long as the graph, whose arrays it holds

    return eager, replay


def by_cupy(cupy: Any, a: Any, b: Any, y: Any) -> None:
    """CuPy's own product: expected to be refused while recording."""
    cupy.tanh(cupy.matmul(a, b), out=y)


def by_own_handle(cupy: Any, stream: Any, a: Any, b: Any, y: Any, size: int = WORKSPACE) -> Callable[[], None]:
    """A handle of our own on the stream that is recorded, and a workspace that the step keeps alive."""
    cupy.matmul(a, b)  # loads the library
    workspace = cupy.empty(max(size, 1), cupy.uint8)
    handle = OwnCublas(loaded_library(), stream.ptr, workspace.data.ptr if size else 0, size)

    def step(kept: Any = workspace) -> None:
        handle.multiply(a.data.ptr, b.data.ptr, y.data.ptr, a.shape[0], a.shape[1], b.shape[1])
        cupy.tanh(y, out=y)

    return step


def by_cutensor(cupy: Any, a: Any, b: Any, y: Any) -> None:
    """CuPy's contraction through cuTENSOR."""
    from cupyx import cutensor

    cutensor.contraction(1.0, a, "mk", b, "kn", 0.0, y, "mn")
    cupy.tanh(y, out=y)


def timed(cupy: Any, step: Callable[[], None]) -> str:
    """Microseconds a call, many in a row."""
    step()
    cupy.cuda.Device().synchronize()
    start = perf_counter()
    for _ in range(REPLAYS):
        step()
    cupy.cuda.Device().synchronize()
    return f"{1e6 * (perf_counter() - start) / REPLAYS:.1f} µs"


if __name__ == "__main__":
    sys.exit(main())
