"""Trainable states, how they start, how they are shared, and where they are kept."""

from xpnet.parameters.parameter import Parameter as Parameter
from xpnet.parameters.sharing import Tied as Tied
from xpnet.parameters.sparse import SparseParameter as SparseParameter
from xpnet.parameters.store import ParameterStore as ParameterStore
