"""The words for arrays in annotations: the only file of xpnet where `Any` stands.

The Array API standard defines its objects by behaviour, and no library ships a common base class, so a
static checker sees an array as `Any`; the contract suite checks the behaviour itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Array: TypeAlias = Any  # an array of the library in use
HostArray: TypeAlias = Any  # a NumPy array, on the host
Namespace: TypeAlias = Any  # a module that follows the Array API standard
DType: TypeAlias = Any  # a dtype object of the library in use
Device: TypeAlias = Any  # a device object of the library in use
Generator: TypeAlias = Any  # a numpy.random.Generator
Shape: TypeAlias = tuple[int, ...]
Ports: TypeAlias = Any  # States; Any, so that each module may name its own ports in fprop, bprop and bbprop
Wires: TypeAlias = Any  # the wire that a module drives, or a tuple of wires if it has several outputs
Op: TypeAlias = Callable[..., Any]  # a primitive with its namespace bound
Overrides: TypeAlias = Mapping[str, Op]
Json: TypeAlias = Any  # what a JSON or TOML document may hold
