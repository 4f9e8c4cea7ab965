"""The boxes of the lecture; `MODULES` maps the names that recipes may use to their classes."""

from xpnet.module import Module
from xpnet.modules.branch import Branch as Branch
from xpnet.modules.branch import Plus as Plus
from xpnet.modules.concatenate import Concatenate as Concatenate
from xpnet.modules.euclidean import Euclidean as Euclidean
from xpnet.modules.linear import Bias as Bias
from xpnet.modules.linear import Linear as Linear
from xpnet.modules.logsum import Logsum as Logsum
from xpnet.modules.pointwise import Relu as Relu
from xpnet.modules.pointwise import ScaledTanh as ScaledTanh
from xpnet.modules.pointwise import Sigmoid as Sigmoid
from xpnet.modules.pointwise import Tanh as Tanh
from xpnet.modules.softmax import Softmax as Softmax

MODULES: dict[str, type[Module]] = {
    module.__name__: module
    for module in (
        Linear, Bias, Tanh, ScaledTanh, Sigmoid, Relu, Euclidean, Plus, Branch, Softmax, Logsum, Concatenate
    )
}  # fmt: skip
