"""The boxes of the lecture; `MODULES` maps the names that recipes may use to their classes."""

from xpnet.module import Module
from xpnet.modules.affine import Affine as Affine
from xpnet.modules.arcs import Arcs as Arcs
from xpnet.modules.arithmetic import Minus as Minus
from xpnet.modules.arithmetic import Sum as Sum
from xpnet.modules.arithmetic import Times as Times
from xpnet.modules.branch import Branch as Branch
from xpnet.modules.branch import Plus as Plus
from xpnet.modules.clamp import Clamp as Clamp
from xpnet.modules.concatenate import Concatenate as Concatenate
from xpnet.modules.constraints import Softplus as Softplus
from xpnet.modules.constraints import UnitRows as UnitRows
from xpnet.modules.convolution import Convolution as Convolution
from xpnet.modules.cross_entropy import CrossEntropy as CrossEntropy
from xpnet.modules.delay import Delay as Delay
from xpnet.modules.distance import Distance as Distance
from xpnet.modules.euclidean import Euclidean as Euclidean
from xpnet.modules.expand import Expand as Expand
from xpnet.modules.given import Given as Given
from xpnet.modules.image_convolution import ImageConvolution as ImageConvolution
from xpnet.modules.inner_product import InnerProduct as InnerProduct
from xpnet.modules.junk import Junk as Junk
from xpnet.modules.kullback_leibler import KullbackLeibler as KullbackLeibler
from xpnet.modules.lengths import Blank as Blank
from xpnet.modules.lengths import Hold as Hold
from xpnet.modules.linear import Bias as Bias
from xpnet.modules.linear import Linear as Linear
from xpnet.modules.local import LocalLinear as LocalLinear
from xpnet.modules.log_loss import LogLoss as LogLoss
from xpnet.modules.logsum import Logsum as Logsum
from xpnet.modules.lookup import Lookup as Lookup
from xpnet.modules.mask import Mask as Mask
from xpnet.modules.min import Min as Min
from xpnet.modules.pad import Pad as Pad
from xpnet.modules.patches import Patches as Patches
from xpnet.modules.pick import Pick as Pick
from xpnet.modules.pointwise import Relu as Relu
from xpnet.modules.pointwise import ScaledTanh as ScaledTanh
from xpnet.modules.pointwise import Sigmoid as Sigmoid
from xpnet.modules.pointwise import Tanh as Tanh
from xpnet.modules.pooling import AveragePooling as AveragePooling
from xpnet.modules.pooling import MaxPooling as MaxPooling
from xpnet.modules.pooling import Subsampling as Subsampling
from xpnet.modules.rbf import Rbf as Rbf
from xpnet.modules.recurrent_tanh import RecurrentTanh as RecurrentTanh
from xpnet.modules.reshape import Reshape as Reshape
from xpnet.modules.select import Select as Select
from xpnet.modules.softmax import Softmax as Softmax
from xpnet.modules.stack import Stack as Stack
from xpnet.modules.stack import Unstack as Unstack
from xpnet.modules.steps import Join as Join
from xpnet.modules.steps import Steps as Steps
from xpnet.modules.structured import Circulant as Circulant
from xpnet.modules.structured import LowRank as LowRank
from xpnet.modules.structured import Transpose as Transpose
from xpnet.modules.switch import Switch as Switch
from xpnet.modules.time_delay import TimeDelay as TimeDelay
from xpnet.modules.trainable import Trainable as Trainable
from xpnet.modules.weighted_sum import WeightedRows as WeightedRows
from xpnet.modules.weighted_sum import WeightedSum as WeightedSum

MODULES: dict[str, type[Module]] = {
    module.__name__: module
    for module in (
        Linear, Bias, Tanh, ScaledTanh, Sigmoid, Relu, Euclidean, InnerProduct, Plus, Branch, Softmax, Logsum,
        Concatenate, Distance, Rbf, WeightedSum, WeightedRows, Softplus, UnitRows, LowRank, Circulant, Transpose,
        TimeDelay, Convolution, ImageConvolution, Patches, LocalLinear, Subsampling, AveragePooling, MaxPooling,
        Lookup, Pad, Reshape, Steps, Join,
        Switch, Select, Min, LogLoss, CrossEntropy, KullbackLeibler, Junk,
        Delay, Stack, Unstack, Hold, Blank, Arcs, Times, Minus, Sum, Clamp, Mask, Pick, Expand, Given, Trainable,
    )
}  # fmt: skip
