"""A module whose parameters became inputs."""

from collections.abc import Sequence
from typing import final

from xpnet.errors import ParameterError, ShapeError, nearest
from xpnet.module import Module
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.sharing import Tied
from xpnet.state import State


@final
class Opened(Module):
    """The same function with some parameters as ports in front: fprop(*weights, *inputs, *outputs).

    places: names of parameters of the machine, one port each; a port takes any state of the parameter's shape, and
    its gradient is the parameter's. A parameter that stands in several places is opened in all of them. A weight has
    no lead axes: it is one for all samples.

    >>> import numpy as np
    >>> from xpnet.modules import Linear
    >>> w, x, y = State(np.eye(2)), State(np.asarray([3.0, 4.0])), State()
    >>> Opened(Linear(2, 2, bias=False), ["weight"]).fprop(w, x, y)
    >>> y.x.tolist()
    [3.0, 4.0]
    """

    def __init__(self, machine: Module, places: Sequence[str]) -> None:
        self.machine, self.names = machine, tuple(places)
        everywhere = list(machine.named_parameters())
        found = {name: parameter for name, _, _, parameter in everywhere}
        self.shapes = tuple(self._openable(name, found).shape for name in self.names)
        self._homes = tuple(
            tuple((owner, attribute) for _, owner, attribute, held in everywhere if held is found[name])
            for name in self.names
        )
        # Until the first pass, an empty wire stands where the parameter stood: the store must not find it any more.
        self.put([State() for _ in self.names])

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """All axes of each weight, then the machine's own."""
        return (*(len(shape) for shape in self.shapes), *self.machine.event_ndims)

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """As many as the machine has."""
        return self.machine.n_outputs

    def fprop(self, *states: State) -> None:
        """The machine's fprop with these weights."""
        self.machine.fprop(*self._with_weights(states))

    def bprop(self, *states: State) -> None:
        """The machine's bprop; the weights' ports take the parameters' gradients."""
        self.machine.bprop(*self._with_weights(states))

    def bbprop(self, *states: State) -> None:
        """The machine's bbprop, likewise."""
        self.machine.bbprop(*self._with_weights(states))

    def _with_weights(self, states: Sequence[State]) -> Sequence[State]:
        weights, rest = states[: len(self.names)], states[len(self.names) :]
        for name, shape, weight in zip(self.names, self.shapes, weights, strict=True):
            if tuple(weight.x.shape) != shape:
                msg = f"parameter {name!r} has shape {shape}; it is fed a value of shape {tuple(weight.x.shape)}"
                raise ShapeError(msg)
        self.put(weights)
        return rest

    def put(self, weights: Sequence[State]) -> None:
        """Let these states stand in the parameters' places."""
        for homes, weight in zip(self._homes, weights, strict=True):
            for owner, attribute in homes:
                setattr(owner, attribute, weight)

    def _openable(self, name: str, found: dict[str, Parameter]) -> Parameter:
        if name not in found:
            msg = f"{type(self.machine).__name__} has no parameter {name!r}; {nearest(name, found)}"
            raise ParameterError(msg)
        tied = [other for other, held in found.items() if isinstance(held, Tied) and held.target is found[name]]
        if isinstance(found[name], Tied) or tied:
            msg = f"parameter {name!r} is tied ({tied or 'to another'}); open or transform it first and tie then"
            raise ParameterError(msg)
        return found[name]

    def describe(self) -> str:
        """The machine and the places."""
        return f"{self.machine!r}, {list(self.names)}"
