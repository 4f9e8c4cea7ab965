"""The code of every label: the point that the machine's output is compared with."""

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import RecipeError


def label_codes(codes: str | list[list[float]], n_labels: int, backend: Backend) -> Array:
    """A label set (K, d): "one-hot" (0, 1), "plus-minus" (-1, 1), or the given rows.

    Raises RecipeError when the number of given rows is not the number of labels.

    >>> from xpnet.backend import get_backend
    >>> label_codes("plus-minus", 2, get_backend("numpy")).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    if not isinstance(codes, str):
        if len(codes) != n_labels:
            msg = f"labels.codes gives {len(codes)} codes for {n_labels} labels; give one list of numbers per label"
            raise RecipeError(msg)
        return backend.asarray(codes)
    off = 0.0 if codes == "one-hot" else -1.0
    return backend.asarray([[1.0 if k == j else off for j in range(n_labels)] for k in range(n_labels)])
