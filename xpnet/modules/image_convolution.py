"""Convolution over images, with a connection table between the maps where wanted."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.modules.connections import ConnectionTable, checked_table, connected_normal, places
from xpnet.modules.convolution import Convolving
from xpnet.modules.sizes import require_sizes
from xpnet.modules.windowed import pair, windows
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter


@final
class ImageConvolution(Convolving):
    """Y_p = Σ_j W_j X_(stride·p + dilation·j) + b over images X (…, H, W, in_features) to (…, H', W', out_features).

    connections: pairs (input map, output map) that exist; None connects all. The weight then holds exactly these:
    (connections, h, w) instead of (out_features, h, w, in_features). Each output map starts with variance 1/fan-in.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> x, y = State(np.ones((32, 32, 1), dtype="float32")), State()
    >>> first = ImageConvolution(1, 6, kernel=5)
    >>> first.fprop(x, y)
    >>> y.x.shape, first.weight.x.size + first.bias.x.size
    ((28, 28, 6), 156)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (3,)

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        dilation: int | tuple[int, int] = 1,
        connections: ConnectionTable | None = None,
        bias: bool = True,
    ) -> None:
        require_sizes(self, in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.over = windows(pair(kernel), pair(stride), pair(dilation))
        height, width = pair(kernel)
        self.connections = None if connections is None else checked_table(connections, in_features, out_features)
        if self.connections is None:
            shape = (out_features, height, width, in_features)
            self.weight = Parameter(shape, fan_in_normal(height * width * in_features))
        else:
            init = connected_normal(self.connections, height * width)
            self.weight = Parameter((len(self.connections), height, width), init)
        self.bias = Parameter((out_features,)) if bias else None
        self._places: tuple[Backend, Array, Array] | None = None

    def kernel(self) -> Array:
        """W (out_features, h, w, in_features), zero between maps that are not connected."""
        if self.connections is None:
            return self.weight.x
        sources, _ = self._indices()
        return self.ops.connection(self.weight.x, sources, self.out_features)

    def of_weight(self, dkernel: Array) -> Array:
        """The derivative for the connections that exist."""
        if self.connections is None:
            return dkernel
        _, targets = self._indices()
        return self.ops.connection_vjp(dkernel, targets)

    def _indices(self) -> tuple[Array, Array]:
        """The table as indices on the device, made once for each backend."""
        if self._places is None or self._places[0] is not self.backend:
            sources, targets = places(self.connections or [], self.in_features, self.out_features)
            self._places = (self.backend, self.backend.indices(sources), self.backend.indices(targets))
        return self._places[1:]

    def bind(self, backend: Backend) -> "ImageConvolution":
        """Also bring the connection table to the backend, before any step is recorded."""
        super().bind(backend)
        if self.connections is not None:
            self._indices()
        return self

    def describe(self) -> str:
        """in_features, out_features, kernel, and what differs from the defaults."""
        numbers = {name: tuple(getattr(w, name) for w in self.over) for name in ("width", "stride", "dilation")}
        words = [f"{self.in_features}, {self.out_features}, kernel={numbers['width']}"]
        words += [f"{name}={numbers[name]}" for name in ("stride", "dilation") if numbers[name] != (1, 1)]
        words += [f"{len(self.connections)} connections"] if self.connections is not None else []
        return ", ".join(words) + ("" if self.bias else ", bias=False")
