"""CUDA kernels of the stand-in: compiled for the CPU and run by the shim, as cupy.RawModule launches them."""

import cuda_shim

from cupy_stand_in import devices


class RawModule:
    """One program; its kernels run on the device that is current, at once."""

    def __init__(self, *, code):
        self._code = code

    def get_function(self, name):
        """launch(grid, block, args, shared_mem=bytes)."""
        if cuda_shim.compiler() is None:
            msg = "the stand-in compiles kernels with g++, which is not installed"
            raise RuntimeError(msg)
        made_on = devices.get_device()

        def launch(grid, block, args, *, shared_mem=0):
            assert devices.get_device() == made_on, "a kernel is launched on the device that it was loaded on"
            cuda_shim.launch_program(self._code, name, args, grid[0], block[0], shared_mem)

        return launch
