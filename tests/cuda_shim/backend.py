"""NumPy arrays with the overrides of xpnet_cupy in its table of ops, their kernels run by the shim."""

import array_api_compat.numpy as xp

from cuda_shim.launch import ShimLaunch
from cuda_shim.plugin import overrides
from xpnet.backend import Backend
from xpnet.ops import resolve


class ShimBackend(Backend):
    """What CuPy's backend computes, computed on the host."""

    name = "cuda-shim"
    one_place = True

    def __init__(self, device=None, dtype="float32", launch=None):
        super().__init__(xp, device, dtype)
        self.launch = launch or ShimLaunch()
        self.ops = resolve(xp, overrides.overrides(xp, self.launch))

    def parse_device(self, device):
        return "cpu"

    def placement(self, x):
        return x.dtype

    def to_numpy(self, x):
        return x

    def synchronize(self):
        """Nothing runs behind the host's back."""

    def with_dtype(self, dtype):
        return type(self)(dtype=dtype, launch=self.launch)
