"""A pure step made one CUDA graph: products, updates and all in a single launch."""

from collections.abc import Callable, Hashable
from typing import TypeAlias

import torch

from xpnet._typing import Array
from xpnet_torch.compiled import Step, form, log, same

WARM_UPS = 3  # eager runs before a recording: libraries allocate their workspaces at first use

Results: TypeAlias = tuple[Array, ...]
# Records what a function asks of the device: how to do all of it again, and where its results then stand.
Record: TypeAlias = Callable[[Callable[[], Results]], tuple[Callable[[], None], Results]]


def on_gpu(step: Step, donate: int, record: Record) -> Step:
    """One recording for each form of the arguments; the first `donate` are updated in their places."""
    graphs: dict[Hashable, Graph] = {}

    def run(*arrays: Array) -> Results:
        # Donated arrays are part of a recording by their address, the others by their form.
        key = (*(x.data_ptr() for x in arrays[:donate]), *map(form, arrays[donate:]))
        if key not in graphs:
            graphs[key] = Graph(step, arrays, donate, record)
        return graphs[key](*arrays)

    return run


class Graph:
    """A recorded step with the arrays that it reads and writes, which live as long as it does.

    It is used only if its first replay gives what the step gives.
    """

    def __init__(self, step: Step, arrays: Results, donate: int, record: Record) -> None:
        self.step, self.donate, self.kept = step, donate, arrays[:donate]
        self.fed = [x.clone() for x in arrays[donate:]]
        before, wanted = [x.clone() for x in self.kept], step(*arrays)
        try:  # recording runs the step, on the very parameters
            self.replay, self.results = record(self._body)
            self._restore(before)
            self.replay()
            self.proved = same((*self.kept, *self.results), wanted)
        finally:
            self._restore(before)
        if not self.proved:
            log.warning("the recorded step gives other numbers than the step itself: it is run without recording")

    def __call__(self, *arrays: Array) -> Results:
        """The step: what was donated has its new values, the rest is new."""
        if not self.proved:
            return self.step(*arrays)
        for place, new in zip(self.fed, arrays[self.donate :], strict=True):
            place.copy_(new)
        self.replay()
        return (*arrays[: self.donate], *(result.clone() for result in self.results))

    def _body(self) -> Results:
        results = self.step(*self.kept, *self.fed)
        self._restore(results[: self.donate])
        return results[self.donate :]

    def _restore(self, values: list[Array] | Results) -> None:
        for place, value in zip(self.kept, values, strict=True):
            place.copy_(value)


def recorder(device: torch.device) -> Record:
    """Recording into a CUDA graph, which has a memory pool of its own."""

    def record(body: Callable[[], Results]) -> tuple[Callable[[], None], Results]:
        stream = torch.cuda.Stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                body()
        torch.cuda.current_stream(device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            results = body()
        return graph.replay, results

    return record
