"""PyTorch behind the protocol of xpnet: devices, transfers, precision, compiled steps."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, final

import numpy as np
import torch

from xpnet._typing import Array, DType, HostArray
from xpnet.backend import Backend
from xpnet.errors import BackendError, PlacementError
from xpnet.ops import resolve
from xpnet_torch import compiled, devices, graphs
from xpnet_torch.namespace import namespace
from xpnet_torch.overrides import overrides


@final
class TorchBackend(Backend):
    """Torch tensors on the CPU or on one CUDA device; torch's autograd takes no part in it.

    Tensors that require gradients come in without their history. Work on a GPU is asked for on torch's current stream.
    """

    name = "torch"
    precisions: ClassVar[tuple[str, ...]] = ("full", "tf32", "float16", "bfloat16")

    def __init__(self, device: str | None = None, dtype: str = "float32", precision: str = "full") -> None:
        super().__init__(namespace(precision), device, dtype, precision)
        self.on_gpu = self.device.type == "cuda"
        if precision == "tf32" and not self.on_gpu:
            msg = "precision 'tf32' is of CUDA's tensor cores; on the CPU take 'full', 'bfloat16' or 'float16'"
            raise BackendError(msg)
        self.one_place = not torch.cuda.is_available()
        self.synchronous, self.capture_pays = not self.on_gpu, self.on_gpu
        self.ops = resolve(self.xp, overrides(self.device, precision))

    def parse_device(self, device: str | None) -> torch.device:
        """The torch device of that name: "cpu", "cuda", "cuda:1"."""
        return devices.parse(device)

    def asarray(self, x: Any, dtype: DType | None = None) -> Array:
        """x as a tensor on this backend's device; a tensor of another device is a PlacementError."""
        dtype = self.dtype if dtype is None else dtype
        if isinstance(x, torch.Tensor):
            if x.device != self.device:
                msg = f"a tensor on {x.device} was handed to {self!r}; move it with x.to({self.device_name!r}) first"
                raise PlacementError(msg)
            return (x.detach() if x.requires_grad else x).to(dtype)
        return torch.as_tensor(_readable(x), dtype=dtype, device=self.device)

    def indices(self, x: object) -> Array:
        """x as an int64 tensor."""
        return self.asarray(x, torch.int64)

    def distinct(self, ids: Array) -> Array:
        """Each of ids once, in ascending order, where finding out waits for nothing."""
        return torch.unique(ids) if self.synchronous else ids

    def to_numpy(self, x: Array) -> HostArray:
        """The values of x on the host, after waiting for them; on the CPU, x's own memory."""
        return x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)

    def device_scope(self) -> AbstractContextManager[object]:
        """A context in which new tensors of torch's own functions stand on this GPU; on the CPU, nothing."""
        return torch.cuda.device(self.device) if self.on_gpu else nullcontext()

    def synchronize(self) -> None:
        """Wait until the GPU has done everything asked of it."""
        if self.on_gpu:
            torch.cuda.synchronize(self.device)

    def compile(self, step: Callable[..., tuple[Array, ...]], donate: int = 0) -> Callable[..., tuple[Array, ...]]:
        """One CUDA graph on a GPU; on the CPU torch's compiler over the operations that one run traced."""
        return graphs.on_gpu(step, donate, graphs.recorder(self.device)) if self.on_gpu else compiled.on_cpu(step)

    def memory_stats(self) -> dict[str, int]:
        """Bytes used by tensors and held by torch's pool, free and total on the GPU; nothing on the CPU."""
        if not self.on_gpu:
            return {}
        free, total = torch.cuda.mem_get_info(self.device)
        used, held = torch.cuda.memory_allocated(self.device), torch.cuda.memory_reserved(self.device)
        return {"used": used, "held": held, "free": free, "total": total}

    def remarks(self) -> list[str]:
        """How many threads torch computes with, or which GPU."""
        if self.on_gpu:
            return [torch.cuda.get_device_name(self.device)]
        return [f"{torch.get_num_threads()} threads"]


def _readable(x: Any) -> Any:
    """What torch takes without a warning: arrays in rows that go forward and may be written."""
    if isinstance(x, list | tuple) or (hasattr(x, "__array__") and not isinstance(x, np.ndarray)):
        x = np.asarray(x)
    if isinstance(x, np.ndarray) and (not x.flags.writeable or any(stride < 0 for stride in x.strides)):
        return x.copy()
    return x
