"""The numbers of features, centres, symbols that a module is made with."""

from xpnet.checks import whole
from xpnet.module import Module


def require_sizes(module: Module, **sizes: object) -> None:
    """Raise ShapeError unless each size is a positive integer."""
    for name, size in sizes.items():
        whole(size, f"{type(module).__name__}: {name}")
