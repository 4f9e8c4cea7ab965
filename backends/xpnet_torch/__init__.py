"""PyTorch, on the CPU and on CUDA, as a backend of xpnet."""

from xpnet_torch.backend import TorchBackend

BACKEND = TorchBackend

__all__ = ["BACKEND", "TorchBackend"]
