"""Symbols to vectors."""

from typing import ClassVar, final

from xpnet.errors import PlacementError
from xpnet.module import Module
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.sparse import SparseParameter
from xpnet.state import State


@final
class Lookup(Module):
    """Y = row X of W: integers X (…) in 0 … n_symbols-1 to vectors Y (…, n_features), for characters and words.

    A sequence of symbols (…, T) becomes a sequence of vectors (…, T, n_features). W (n_symbols, n_features) starts with
    unit variance. It is Linear on one-hot vectors without the product; symbols take no gradient. PlacementError unless
    X holds integers; LabelError for a symbol outside the table on the host (a device is not asked).

    sparse: True for a W of which a step touches a few rows; updates then touch no others (see SparseParameter).

    >>> import numpy as np
    >>> x, y = State(np.asarray([[3, 1, 4], [1, 5, 9]])), State()
    >>> Lookup(10, 2).fprop(x, y)
    >>> y.x.shape
    (2, 3, 2)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (0,)
    symbols: ClassVar[bool] = True

    def __init__(self, n_symbols: int, n_features: int, sparse: bool = False) -> None:
        require_sizes(self, n_symbols=n_symbols, n_features=n_features)
        self.n_symbols, self.n_features = n_symbols, n_features
        kind = SparseParameter if sparse else Parameter
        self.weight: Parameter = kind((n_symbols, n_features), fan_in_normal(1))

    def fprop(self, input: State, output: State) -> None:
        """Y = W_X."""
        if not self.xp.isdtype(input.x.dtype, "integral"):
            msg = f"Lookup expects integers; got {input.x.dtype}. Bring symbols in with backend.indices(...)"
            raise PlacementError(msg)
        output.x = self.ops.lookup(self.weight.x, input.x)

    def bprop(self, input: State, output: State) -> None:
        """dW_k += Σ dY over the places of symbol k."""
        ids, dy = input.x, output.cotangent
        if isinstance(self.weight, SparseParameter):  # as it is now: another may be tied here, or fed by a wire
            flat = self.xp.reshape(ids, (-1,))
            self.weight.accumulate_rows(flat, self.xp.reshape(dy, (flat.shape[0], self.n_features)))
        else:
            self.weight.accumulate(self.ops.segment_add(ids, dy, self.n_symbols))

    def bbprop(self, input: State, output: State) -> None:
        """ddW_k += Σ ddY over the places of symbol k."""
        self.weight.accumulate_ddx(self.ops.segment_add(input.x, output.curvature, self.n_symbols))

    def describe(self) -> str:
        """n_symbols, n_features, and sparse if it is."""
        sparse = ", sparse=True" if isinstance(self.weight, SparseParameter) else ""
        return f"{self.n_symbols}, {self.n_features}{sparse}"
