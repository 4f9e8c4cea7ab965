"""xpnet: energy-based learning with explicit fprop/bprop modules on any array library.

Names load on first use, so that `import xpnet` costs next to nothing and imports no array library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from xpnet import losses as losses
    from xpnet import modules as modules
    from xpnet import testing as testing
    from xpnet.backend import Backend as Backend
    from xpnet.backend import available_backends as available_backends
    from xpnet.backend import get_backend as get_backend
    from xpnet.backend import use_backend as use_backend
    from xpnet.errors import XpnetError as XpnetError
    from xpnet.machines import Cascade as Cascade
    from xpnet.machines import Graph as Graph
    from xpnet.machines.mixture import MixtureOfExperts as MixtureOfExperts
    from xpnet.machines.recurrent import Recurrent as Recurrent
    from xpnet.machines.reparameterized import Reparameterized as Reparameterized
    from xpnet.machines.trellis import Trellis as Trellis
    from xpnet.module import Cost as Cost
    from xpnet.module import Module as Module
    from xpnet.modules import Bias as Bias
    from xpnet.modules import Branch as Branch
    from xpnet.modules import Concatenate as Concatenate
    from xpnet.modules import Convolution as Convolution
    from xpnet.modules import CrossEntropy as CrossEntropy
    from xpnet.modules import Delay as Delay
    from xpnet.modules import Distance as Distance
    from xpnet.modules import Euclidean as Euclidean
    from xpnet.modules import ImageConvolution as ImageConvolution
    from xpnet.modules import InnerProduct as InnerProduct
    from xpnet.modules import Junk as Junk
    from xpnet.modules import KullbackLeibler as KullbackLeibler
    from xpnet.modules import Linear as Linear
    from xpnet.modules import LogLoss as LogLoss
    from xpnet.modules import Logsum as Logsum
    from xpnet.modules import Lookup as Lookup
    from xpnet.modules import Min as Min
    from xpnet.modules import Plus as Plus
    from xpnet.modules import Rbf as Rbf
    from xpnet.modules import Relu as Relu
    from xpnet.modules import ScaledTanh as ScaledTanh
    from xpnet.modules import Sigmoid as Sigmoid
    from xpnet.modules import Softmax as Softmax
    from xpnet.modules import Subsampling as Subsampling
    from xpnet.modules import Switch as Switch
    from xpnet.modules import Tanh as Tanh
    from xpnet.modules import TimeDelay as TimeDelay
    from xpnet.modules import Trainable as Trainable
    from xpnet.modules import WeightedSum as WeightedSum
    from xpnet.optimizers import Sgd as Sgd
    from xpnet.parameters import Parameter as Parameter
    from xpnet.parameters import ParameterStore as ParameterStore
    from xpnet.parameters import SparseParameter as SparseParameter
    from xpnet.second_order.diag_lm import DiagLm as DiagLm
    from xpnet.state import State as State
    from xpnet.training.capture import capture as capture
    from xpnet.training.negatives import SampledNegatives as SampledNegatives
    from xpnet.training.sequence_trainer import SequenceTrainer as SequenceTrainer
    from xpnet.training.simple_trainer import SimpleTrainer as SimpleTrainer
    from xpnet.training.trainer import Trainer as Trainer

_HOMES = {
    "xpnet.backend": ("Backend", "available_backends", "get_backend", "use_backend"),
    "xpnet.errors": ("XpnetError",),
    "xpnet.machines": ("Cascade", "Graph"),
    "xpnet.machines.mixture": ("MixtureOfExperts",),
    "xpnet.machines.recurrent": ("Recurrent",),
    "xpnet.machines.reparameterized": ("Reparameterized",),
    "xpnet.machines.trellis": ("Trellis",),
    "xpnet.module": ("Cost", "Module"),
    "xpnet.modules": (
        "Bias", "Branch", "Concatenate", "Convolution", "CrossEntropy", "Delay", "Distance", "Euclidean",
        "ImageConvolution", "InnerProduct", "Junk", "KullbackLeibler", "Linear", "LogLoss", "Logsum", "Lookup", "Min",
        "Plus", "Rbf", "Relu", "ScaledTanh", "Sigmoid", "Softmax", "Subsampling", "Switch", "Tanh", "TimeDelay",
        "Trainable", "WeightedSum",
    ),
    "xpnet.optimizers": ("Sgd",),
    "xpnet.parameters": ("Parameter", "ParameterStore", "SparseParameter"),
    "xpnet.second_order.diag_lm": ("DiagLm",),
    "xpnet.state": ("State",),
    "xpnet.training.capture": ("capture",),
    "xpnet.training.negatives": ("SampledNegatives",),
    "xpnet.training.sequence_trainer": ("SequenceTrainer",),
    "xpnet.training.simple_trainer": ("SimpleTrainer",),
    "xpnet.training.trainer": ("Trainer",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

_ELSEWHERE = {  # other libraries' words
    "Sequential": "Cascade", "Dense": "Linear", "Embedding": "Lookup", "ReLU": "Relu", "SGD": "Sgd", "optim": "Sgd",
    "MSELoss": "Euclidean", "CrossEntropyLoss": "CrossEntropy", "NLLLoss": "LogLoss", "Conv1d": "Convolution",
    "Conv2d": "ImageConvolution", "Tensor": "State",
}  # fmt: skip

_ROOMS = ("losses", "modules", "testing")  # packages that are reached as attributes, xpnet.modules.Sum say

__all__ = sorted([*_HOME_OF, *_ROOMS, "__version__"])  # from the one list above: a literal would be a second truth


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"xpnet.{name}")
    if name not in _HOME_OF:
        from xpnet.errors import nearest

        rooms = [room for room in _ROOMS[:2] if hasattr(import_module(f"xpnet.{room}"), name)]
        hint = f"it is xpnet.{rooms[0]}.{name}" if rooms else nearest(name, __all__)
        hint = f"xpnet calls it {_ELSEWHERE[name]}" if name in _ELSEWHERE else hint
        msg = f"module 'xpnet' has no attribute {name!r}; {hint}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
