"""Random arguments for the cases of primitives."""

import numpy as np

from xpnet._typing import HostArray
from xpnet.streams import stream


class Draw:
    """Random arrays; `draw(*shape)` has the kind of the case, `draw.plain(*shape)` is always ordinary."""

    def __init__(self, name: str, kind: str) -> None:
        self.generator = stream(0, "ops case", name)
        self.kind = kind

    def plain(self, *shape: int) -> HostArray:
        """Normal numbers."""
        return self.generator.normal(size=shape)

    def distribution(self, *shape: int) -> HostArray:
        """Probabilities along the last axis."""
        weights = self.generator.uniform(0.1, 1.0, size=shape)
        return weights / weights.sum(axis=-1, keepdims=True)

    def __call__(self, *shape: int) -> HostArray:
        """Numbers of the kind of this case."""
        x = self.plain(*shape)
        if self.kind == "large":
            x *= 1e4
        elif self.kind != "ordinary" and x.size:
            x[-1:, ..., :1] = np.inf if self.kind == "infinite" else np.nan
            x[:1] = np.inf if self.kind == "infinite" else x[:1]
        return x
