"""Where a recipe's `[data] source` may point: names to loaders, and nothing but names."""

from collections.abc import Callable

from xpnet.data.dataset import Dataset
from xpnet.data.digits import load_digits
from xpnet.data.files import load_npz
from xpnet.data.mnist import load_mnist
from xpnet.data.official_split import OfficialSplit
from xpnet.data.splice import load_splice
from xpnet.data.vowels import load_vowels

SOURCES: dict[str, Callable[..., Dataset | OfficialSplit]] = {
    "digits": load_digits,
    "mnist": load_mnist,
    "npz": load_npz,
    "splice": load_splice,
    "vowels": load_vowels,
}
