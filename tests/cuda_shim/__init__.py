"""The CUDA kernels of xpnet_cupy on the CPU: for proofs without a GPU, and for nothing else."""

from cuda_shim.backend import ShimBackend as ShimBackend
from cuda_shim.compiled import compiler as compiler
from cuda_shim.launch import KernelFault as KernelFault
from cuda_shim.launch import ShimLaunch as ShimLaunch
from cuda_shim.launch import launch_program as launch_program
from cuda_shim.plugin import kernels as kernels
from cuda_shim.plugin import overrides as overrides
