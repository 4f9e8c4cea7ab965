"""MNIST: 60000 training and 10000 test images of handwritten digits (LeCun, Bottou, Bengio and Haffner 1998)."""

import gzip
import math

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.data.dataset import Dataset
from xpnet.data.folder import DataFile
from xpnet.data.official_split import OfficialSplit
from xpnet.errors import DataError

ORIGIN = "http://yann.lecun.com/exdb/mnist/"
FILES = {
    "train": (
        DataFile("mnist", "train-images-idx3-ubyte.gz",
                 "71524e2cd1ad2968737f7f2f2ff69cbfc32df8ccddff51593f7cb2d4e0eb5b64", ORIGIN),
        DataFile("mnist", "train-labels-idx1-ubyte.gz",
                 "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", ORIGIN),
    ),
    "test": (
        DataFile("mnist", "t10k-images-idx3-ubyte.gz",
                 "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", ORIGIN),
        DataFile("mnist", "t10k-labels-idx1-ubyte.gz",
                 "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", ORIGIN),
    ),
}  # fmt: skip
NAMES = tuple(str(digit) for digit in range(10))


def load_mnist(flat: bool = True, limit: int | None = None) -> OfficialSplit:
    """The two official parts, 0 (paper) … 1 (ink), as vectors of 784 pixels, or with flat=False as (28, 28, 1) images.

    limit: take only so many of the first samples of each part.
    """
    shape = (28 * 28,) if flat else (28, 28, 1)
    return OfficialSplit(*(_part(*files, shape, limit) for files in FILES.values()))


def _part(images: DataFile, labels: DataFile, shape: Shape, limit: int | None) -> Dataset:
    pixels, classes = read_idx(gzip.decompress(images.read())), read_idx(gzip.decompress(labels.read()))
    samples = pixels.reshape(len(pixels), *shape)[:limit].astype(np.float32) / np.float32(255)
    return Dataset(samples, classes[:limit].astype(np.int64), NAMES)


def read_idx(content: bytes) -> HostArray:
    """An array of unsigned bytes in LeCun's idx format: magic 00 00 08 ndim, big-endian sizes, values.

    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])).tolist()
    [7, 9]
    """
    ndim = content[3] if content[:3] == b"\x00\x00\x08" and len(content) > 3 else 0
    sizes = content[4 : 4 + 4 * ndim]
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4")) if len(sizes) == 4 * ndim > 0 else ()
    if not shape or len(content) != 4 + 4 * ndim + math.prod(shape):
        msg = f"not an idx file of bytes: {len(content)} bytes starting with {content[:4].hex(' ')}"
        raise DataError(msg)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)
