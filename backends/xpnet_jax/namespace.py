"""jax.numpy as an Array API namespace: integers of this process's width, products in the precision asked for."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp

from xpnet._typing import Array, Namespace

HALVES = {"float16": jnp.float16, "bfloat16": jnp.bfloat16}
INSPECTION = ("__array_api_version__", "__array_namespace_info__")


def has_float64() -> bool:
    """Whether this process has 64-bit numbers."""
    return bool(jax.config.read("jax_enable_x64"))


def namespace(precision: str) -> Namespace:
    """jax.numpy, its functions bound once.

    Without 64-bit numbers, JAX has no int64: it warns and takes int32, so int64 is int32 here from the start.
    """
    names = {name: getattr(jnp, name) for name in dir(jnp) if not name.startswith("__") or name in INSPECTION}
    wide = {} if has_float64() else {"int64": jnp.int32, "uint64": jnp.uint32}
    return SimpleNamespace(
        **names
        | wide
        | {
            "matmul": product(precision),
            "vecdot": partial(jnp.vecdot, precision="highest"),  # JAX's own default may be less than full on a GPU
            "tensordot": partial(jnp.tensordot, precision="highest"),
            "__version__": jax.__version__,
        }
    )


def product(precision: str) -> Callable[[Array, Array], Array]:
    """The `matmul` of that precision; sums are float32 (or wider) in any case."""
    if precision in HALVES:
        half = HALVES[precision]
        return lambda a, b: jnp.matmul(a.astype(half), b.astype(half), preferred_element_type=jnp.float32)
    wanted = "tensorfloat32" if precision == "tf32" else "highest"  # on GPUs JAX's own default may be less than full
    return lambda a, b: jnp.matmul(a, b, precision=wanted)
