"""How often a step's host code launches something on the GPU, and how many kernels and copies run there.

CUPTI sees all of a process, whatever library launched it; torch's profiler brings it along.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

LAUNCHES = ("LaunchKernel", "GraphLaunch", "Memcpy", "Memset")  # parts of the names of CUDA's calls
STEPS = 4


@dataclass(frozen=True)
class Launches:
    """For one step: calls of the host that start something, and what then ran on the device."""

    host: float
    device: float

    def __str__(self) -> str:
        return f"{self.host:g} / {self.device:g}"


def launches(step: Callable[[], object], wait: Callable[[object], object], torch: Any) -> Launches:
    """Counted over a few steps after a first one."""
    from torch.profiler import ProfilerActivity, profile

    wait(step())
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
    with profile(activities=activities) as seen:
        for _ in range(STEPS):
            last = step()
        wait(last)
    return counted(((event.name, event.device_type.name) for event in seen.events()), STEPS)


def counted(events: Iterable[tuple[str, str]], steps: int) -> Launches:
    """From (name, where it ran) of everything that was seen in so many steps.

    >>> counted([("cudaGraphLaunch", "CPU"), ("sgemm", "CUDA"), ("tanh", "CUDA"), ("aten::tanh", "CPU")], steps=1)
    Launches(host=1.0, device=2.0)
    """
    events = list(events)
    host = sum(
        where == "CPU" and name.startswith("cu") and any(each in name for each in LAUNCHES) for name, where in events
    )
    return Launches(host / steps, sum(where == "CUDA" for _, where in events) / steps)
