"""LeNet-1 and LeNet-5: convolution and subsampling in turn, then a classifier."""

from xpnet.machines.cascade import Cascade
from xpnet.modules.connections import table_of
from xpnet.modules.image_convolution import ImageConvolution
from xpnet.modules.linear import Linear
from xpnet.modules.pointwise import ScaledTanh
from xpnet.modules.pooling import Subsampling
from xpnet.modules.reshape import Reshape

# Which of the 4 maps of S2 each of the 12 maps of C3 reads: 20 pairs, one or two for each, in two halves.
LENET1_TABLE = table_of(
    [[0], [0, 1], [0, 1], [1], [0, 1], [0, 1], [2], [2, 3], [2, 3], [3], [2, 3], [2, 3]],
)

# Which of the 6 maps of S2 each of the 16 maps of C3 reads (LeCun et al. 1998, table I): 60 pairs.
LENET5_TABLE = table_of(
    [
        *([k % 6 for k in range(start, start + 3)] for start in range(6)),
        *([k % 6 for k in range(start, start + 4)] for start in range(6)),
        *([start, start + 1, (start + 3) % 6, (start + 4) % 6] for start in range(3)),
        range(6),
    ]
)


def lenet1(n_outputs: int = 10) -> Cascade:
    """LeNet-1 on images (…, 28, 28, 1): 2578 parameters, 98442 connections (LeCun et al. 1990, NIPS 2).

    C1 4 maps of 24x24, S2, C3 12 maps of 8x8 with a connection table, S4, output; ScaledTanh after each layer. 16x16
    digits stand in the middle of the image, so that windows may reach over their edge.

    >>> from xpnet.parameters import ParameterStore
    >>> ParameterStore(lenet1()).size
    2578
    """
    return Cascade(
        ImageConvolution(1, 4, kernel=5),
        ScaledTanh(),
        Subsampling(4),
        ScaledTanh(),
        ImageConvolution(4, 12, kernel=5, connections=LENET1_TABLE),
        ScaledTanh(),
        Subsampling(12),
        ScaledTanh(),
        Reshape((4, 4, 12), (192,)),
        Linear(192, n_outputs),
        ScaledTanh(),
    )


def lenet5() -> Cascade:
    """LeNet-5 on images (…, 32, 32, 1) up to its layer F6 (…, 84): 60,000 parameters (LeCun et al. 1998).

    C1 6 maps of 28x28, S2, C3 16 maps of 10x10 with a connection table, S4, C5 120 units, F6 84 units; ScaledTanh after
    each layer. Its output layer has no trainable parameters: energies are the squared distances of F6 to a label set of
    fixed codes of -1 and +1, 7x12 pictures of the characters, that is `Euclidean` and a label set (K, 84).

    >>> from xpnet.parameters import ParameterStore
    >>> ParameterStore(lenet5()).size
    60000
    """
    return Cascade(
        ImageConvolution(1, 6, kernel=5),
        ScaledTanh(),
        Subsampling(6),
        ScaledTanh(),
        ImageConvolution(6, 16, kernel=5, connections=LENET5_TABLE),
        ScaledTanh(),
        Subsampling(16),
        ScaledTanh(),
        ImageConvolution(16, 120, kernel=5),
        ScaledTanh(),
        Reshape((1, 1, 120), (120,)),
        Linear(120, 84),
        ScaledTanh(),
    )
