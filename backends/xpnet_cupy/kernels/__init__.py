"""CUDA kernels as plain text, and what launches them.

One text serves the GPU, the compile check of `ci/kernels`, and the tests, which run it on the CPU.
"""

from xpnet_cupy.kernels.launch import WORD as WORD
from xpnet_cupy.kernels.launch import DeviceLaunch as DeviceLaunch
from xpnet_cupy.kernels.launch import Launch as Launch
from xpnet_cupy.kernels.launch import passed as passed
from xpnet_cupy.kernels.launch import real_of as real_of
from xpnet_cupy.kernels.texts import KERNELS as KERNELS
from xpnet_cupy.kernels.texts import Kernel as Kernel
from xpnet_cupy.kernels.texts import files as files
from xpnet_cupy.kernels.texts import kernels_in as kernels_in
from xpnet_cupy.kernels.texts import program as program
from xpnet_cupy.kernels.texts import text as text
