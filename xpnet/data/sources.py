"""Where a recipe's `[data] source` may point: names to loaders, and nothing but names."""

from collections.abc import Callable

from xpnet.data.dataset import Dataset
from xpnet.data.digits import load_digits
from xpnet.data.files import load_npz

SOURCES: dict[str, Callable[..., Dataset]] = {
    "digits": load_digits,
    "npz": load_npz,
}
