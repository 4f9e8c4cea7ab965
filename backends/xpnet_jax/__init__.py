"""JAX as a backend of xpnet: immutable arrays, and whole training steps under `jax.jit`."""

from xpnet_jax.backend import JaxBackend

BACKEND = JaxBackend

__all__ = ["BACKEND", "JaxBackend"]
