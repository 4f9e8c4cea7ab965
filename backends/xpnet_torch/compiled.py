"""A pure step made one program: traced to the operations that run, then compiled, or one CUDA graph."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch.fx.experimental.proxy_tensor import make_fx

from xpnet._typing import Array

Step: TypeAlias = Callable[..., tuple[Array, ...]]

WARM_UPS = 3  # eager runs before a capture: libraries allocate their workspaces at first use


def on_cpu(step: Step) -> Step:
    """The operations of one run, as torch's compiler makes them C++; arguments of another shape are traced anew.

    The step itself may be any Python: what is compiled is the list of operations that it ran.
    """
    programs: dict[tuple[object, ...], Step] = {}

    def run(*arrays: Array) -> tuple[Array, ...]:
        key = tuple((tuple(x.shape), x.dtype) for x in arrays)
        if key not in programs:
            programs[key] = torch.compile(make_fx(step)(*arrays), dynamic=False)
        return programs[key](*arrays)

    return run


def on_gpu(step: Step, donate: int, device: torch.device) -> Step:
    """One CUDA graph a shape: products, updates and all in a single launch."""
    graphs: dict[tuple[object, ...], _Graph] = {}

    def run(*arrays: Array) -> tuple[Array, ...]:
        # Donated arrays are part of the graph by their address, the others by their shape.
        key = (*(x.data_ptr() for x in arrays[:donate]), *((tuple(x.shape), x.dtype) for x in arrays[donate:]))
        if key not in graphs:
            graphs[key] = _Graph(step, arrays, donate, device)
        return graphs[key](*arrays)

    return run


class _Graph:
    """A captured step with the arrays that it reads and writes, which live as long as it does."""

    def __init__(self, step: Step, arrays: tuple[Array, ...], donate: int, device: torch.device) -> None:
        self.donate, self.kept = donate, arrays[:donate]
        self.fed = [x.clone() for x in arrays[donate:]]
        stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                step(*self.kept, *self.fed)
        torch.cuda.current_stream(device).wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            results = step(*self.kept, *self.fed)
            for place, new in zip(self.kept, results, strict=False):
                place.copy_(new)
            self.results = results[donate:]

    def __call__(self, *arrays: Array) -> tuple[Array, ...]:
        for place, new in zip(self.fed, arrays[self.donate :], strict=True):
            if place.data_ptr() != new.data_ptr():
                place.copy_(new)
        self.graph.replay()
        return (*self.kept, *(result.clone() for result in self.results))
