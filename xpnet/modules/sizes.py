"""The numbers of features, centres, symbols that a module is made with."""

from numbers import Integral

from xpnet.errors import ShapeError
from xpnet.module import Module


def require_sizes(module: Module, **sizes: object) -> None:
    """Raise ShapeError unless each size is a positive integer."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, Integral) or size < 1:
            msg = f"{type(module).__name__}: {name} must be a positive integer; got {size!r}"
            raise ShapeError(msg)
