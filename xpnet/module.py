"""A box of a machine: parameters, and three passes with the same arguments in the same order."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar, Self

from xpnet._typing import Array, Namespace, Ports, Wires
from xpnet.backend import Backend, OpsTable, get_backend
from xpnet.errors import ContractError, GraphError, ShapeError
from xpnet.parameters.parameter import Parameter


class Module(ABC):
    """What all boxes share: `fprop(*inputs, *outputs)`, `bprop` and `bbprop` with the same arguments.

    fprop writes x of the outputs and never touches its inputs. bprop reads dx of the outputs and accumulates dx into
    inputs and parameters. bbprop, after both, does the same for ddx: diag(Jᵀ diag(ddx_out) J). A module holds
    parameters and no values, so one module may stand in many places of a machine.

    A subclass states its ports: `event_ndims` has, for each input, the number of trailing axes that belong to one
    sample (1 a vector, 0 a scalar, None any); a single entry with `variadic = True` stands for any number of inputs.
    It reaches its array library by `self.ops` (primitives) and `self.xp` (the standard namespace).
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (None,)
    variadic: ClassVar[bool] = False
    symbols: ClassVar[bool] = False  # inputs are integers, each of which becomes a vector
    n_outputs: int = 1

    @abstractmethod
    def fprop(self, *states: Ports, **named: Ports) -> None:
        """Write x of the outputs from x of the inputs."""

    def bprop(self, *states: Ports, **named: Ports) -> None:
        """Accumulate dx into inputs and parameters from dx of the outputs; a module without it does not learn."""
        msg = self._lacks("bprop", "learning needs it")
        raise ContractError(msg)

    def bbprop(self, *states: Ports, **named: Ports) -> None:
        """Accumulate ddx into inputs and parameters from ddx of the outputs; first-order learning does without."""
        msg = self._lacks("bbprop", "second-order methods need it")
        raise ContractError(msg)

    def __call__(self, *states: Ports, **named: Ports) -> Wires:
        """Modules are not called; GraphError says what to do instead."""
        kind = type(self).__name__
        msg = f"{kind} is not called: write {kind}.fprop(input, output) with States, or wire it: graph({kind}(…), wire)"
        raise GraphError(msg)

    def _lacks(self, method: str, why: str) -> str:
        return f"{type(self).__name__} has no {method}: {why}; define {method}(*inputs, *outputs)"

    # --- the array library ---------------------------------------------------------------------------------

    @cached_property
    def backend(self) -> Backend:
        """The backend this module computes with; without a store, the one in force at first use."""
        return get_backend()

    @cached_property
    def ops(self) -> OpsTable:
        """The primitives of the backend."""
        return self.backend.ops

    @cached_property
    def xp(self) -> Namespace:
        """The Array API namespace of the backend."""
        return self.backend.xp

    def bind(self, backend: Backend) -> Self:
        """Compute with this backend from now on; parameters are moved by their store, not here."""
        self._forget_backend()
        self.backend = backend
        for _, child in self.children():
            child.bind(backend)
        return self

    def _forget_backend(self) -> None:
        for cached in ("backend", "ops", "xp"):
            vars(self).pop(cached, None)

    def __getstate__(self) -> dict[str, object]:
        # A namespace is a Python module, which cannot be copied; it is found again from the backend.
        return {name: value for name, value in vars(self).items() if name not in ("ops", "xp")}

    def takes_symbols(self, port: int) -> bool:
        """Whether this input is integers that stand for something, as those of a Lookup are."""
        return self.symbols

    # --- parts ---------------------------------------------------------------------------------------------

    def children(self) -> Iterator[tuple[str, "Module"]]:
        """The modules inside this one, by name: attributes by default."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def parameters(self) -> Iterator[tuple[str, Parameter]]:
        """This module's own parameters, by attribute name."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield name, value

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, "Module", str, Parameter]]:
        """Every place of a parameter in this machine: (full name, owner, attribute, parameter), depth first."""
        for attribute, parameter in self.parameters():
            yield f"{prefix}{attribute}", self, attribute, parameter
        for name, child in self.children():
            yield from child.named_parameters(f"{prefix}{name}.")

    # --- words ---------------------------------------------------------------------------------------------

    def describe(self) -> str:
        """The arguments that make this module, for its repr."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"

    def require_width(self, x: Array, width: int, port: str = "input") -> None:
        """Raise ShapeError unless the last axis of x has `width` components."""
        if x is None:
            msg = f"{type(self).__name__} reads {port}.x, but this state has no value yet: give it one, State(x)"
            raise ShapeError(msg)
        if x.shape[-1:] != (width,):
            msg = f"{type(self).__name__} expects {port}.x with last axis {width}; got shape {tuple(x.shape)}"
            raise ShapeError(msg)

    def require_same_placement(self, ours: Array, x: Array, ports: str) -> None:
        """Raise PlacementError unless both arrays share dtype and device (libraries may promote or copy silently)."""
        if ours.dtype is not x.dtype or not self.backend.one_place:
            self.backend.require_same_placement(ours, x, f"{type(self).__name__}: {ports}")


class Cost(Module):
    """A module whose output is an energy; its bbprop adds its own curvature times energy.dx.

    Without that term a machine would have no second derivative to start from: the energy itself is linear in E.

    metric: "euclidean" or "inner" where the energies of a whole label set are one product (see ops/label_tiles.py),
    so that trainers may stream label sets of any size.
    """

    metric: ClassVar[str | None] = None


def require_module(value: object, role: str) -> None:
    """Raise GraphError unless this is a module: an instance, not its class, and not a list of them."""
    if isinstance(value, Module):
        return
    if isinstance(value, type):
        got = f"the class {value.__name__}: make an instance, {value.__name__}(…)"
    elif isinstance(value, list | tuple):
        got = f"a {type(value).__name__}: give modules one by one, as in Cascade(*modules)"
    else:
        got = repr(value)
    msg = f"{role} must be a module; got {got}"
    raise GraphError(msg)
