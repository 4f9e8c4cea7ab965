"""The Array API namespace of torch, with products in the precision that was asked for."""

from types import SimpleNamespace

import torch
from array_api_compat import torch as compat

from xpnet._typing import Array, Namespace
from xpnet_torch.precision import product

# array_api_compat promotes dtypes here, which costs more than small operations do; xpnet never mixes any.
RAW = ("abs", "exp", "expm1", "isinf", "isnan", "log", "log1p", "tanh", "where", "zeros_like", "ones_like")
INSPECTION = ("__array_api_version__", "__array_namespace_info__")


def searchsorted(x1: Array, x2: Array, /, *, side: str = "left", sorter: Array | None = None) -> Array:
    """Where each of x2 belongs among x1; torch warns of values that do not lie one after the other."""
    return torch.searchsorted(x1.contiguous(), x2.contiguous(), side=side, sorter=sorter)


def take(x: Array, indices: Array, /, *, axis: int = 0) -> Array:
    """Some rows along an axis, by their numbers (n,)."""
    return torch.index_select(x, axis, indices)


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """Σ x1 x2 along an axis that both have."""
    return torch.linalg.vecdot(x1, x2, dim=axis)


def namespace(precision: str) -> Namespace:
    """array_api_compat's namespace of torch, its functions bound once."""
    names = {name: getattr(compat, name) for name in dir(compat) if not name.startswith("__") or name in INSPECTION}
    raw = {name: getattr(torch, name) for name in RAW} | {"searchsorted": searchsorted, "take": take, "vecdot": vecdot}
    return SimpleNamespace(**names | raw | {"matmul": product(precision), "__version__": torch.__version__})
