"""Random numbers that are the same on every backend: counter-based streams, drawn on the host.

A stream is a function of its key alone, so nothing has to be saved to resume, and the order in which streams
are used does not matter.
"""

import hashlib

from xpnet._typing import Generator


def stream(seed: int, *purpose: str | int) -> Generator:
    """A NumPy generator keyed by the seed and a purpose, e.g. `stream(seed, "shuffle", epoch)`.

    Philox (Salmon et al. 2011) is counter-based: equal keys give equal numbers on every machine.

    >>> bool(stream(0, "weights", "a").random() == stream(0, "weights", "a").random())
    True
    >>> bool(stream(0, "weights", "a").random() == stream(0, "weights", "b").random())
    False
    """
    import numpy as np  # host-side by definition; imported late so that `import xpnet` loads no array library

    text = "\x1f".join(str(part) for part in (seed, *purpose))
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))
