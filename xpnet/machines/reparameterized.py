"""Parameter-space transforms: a machine whose parameters are functions of others, W = G(U)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, TypeAlias, final

from xpnet.errors import ParameterError
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.machines.opened import Opened
from xpnet.module import Module
from xpnet.parameters.parameter import Parameter
from xpnet.state import State

# G alone, or G and the parameters for its inputs.
Given: TypeAlias = Module | tuple[Module, *tuple[Parameter, ...]]


@final
class Fed(Module):
    """W = G(U) as a box without inputs: it owns U, one parameter for each input of G, and drives W."""

    event_ndims: ClassVar[tuple[int | None, ...]] = ()

    def __init__(self, transform: Module, sources: Sequence[Parameter]) -> None:
        self.transform = transform
        self.attributes = ("u",) if len(sources) == 1 else tuple(f"u{k}" for k in range(len(sources)))
        for attribute, source in zip(self.attributes, sources, strict=True):
            setattr(self, attribute, source)

    @property
    def sources(self) -> tuple[State, ...]:
        """U: usually parameters; any state where U itself is fed by something else."""
        return tuple(getattr(self, attribute) for attribute in self.attributes)

    def fprop(self, weight: State) -> None:
        """W = G(U)."""
        self.transform.fprop(*self.sources, weight)

    def bprop(self, weight: State) -> None:
        """dU += (∂G/∂U)ᵀ dW."""
        self.transform.bprop(*self.sources, weight)

    def bbprop(self, weight: State) -> None:
        """ddU from ddW, as G's bbprop says."""
        self.transform.bbprop(*self.sources, weight)

    def describe(self) -> str:
        """G."""
        return repr(self.transform)


@final
class Reparameterized(Machine):
    """E(Y, X, W) with W = G(U): descent on U, once through G per pass however often the machine uses W.

    transforms: {place of a parameter: G}, e.g. {"0.weight": LowRank(2)}; G is any module or machine. U is what
    `G.source(W)` says, or a parameter of W's shape that starts as W would; give (G, U, ...) to bring parameters of
    your own. U is named after the place, "0.weight.u" ("u0", "u1" if G has several inputs); everything else keeps
    its name. Each place's W is a wire: dU = (∂G/∂U)ᵀ dW. Make the ParameterStore afterwards.

    >>> from xpnet.machines.cascade import Cascade
    >>> from xpnet.modules import Linear, LowRank, Tanh
    >>> from xpnet.parameters import ParameterStore
    >>> machine = Reparameterized(Cascade(Linear(8, 6), Tanh()), {"0.weight": LowRank(1)})
    >>> {name: ParameterStore(machine)[name].shape for name in ParameterStore(machine)}
    {'0.bias': (6,), '0.weight.u0': (6, 1), '0.weight.u1': (8, 1)}
    """

    def __init__(self, machine: Module, transforms: Mapping[str, Given]) -> None:
        if machine.variadic:
            msg = f"{type(machine).__name__} takes any number of inputs; put it into a Graph to fix how many"
            raise ParameterError(msg)
        found = {name: parameter for name, _, _, parameter in machine.named_parameters()}
        self.opened = Opened(machine, tuple(transforms))
        self.feeds = {place: fed(given, found[place]) for place, given in transforms.items()}

    @property
    def machine(self) -> Module:
        """The machine whose parameters are fed."""
        return self.opened.machine

    def plan(self) -> Plan:
        """Every G, then the machine."""
        return self._plan

    @cached_property
    def _plan(self) -> Plan:
        n_inputs, n_weights = len(self.machine.event_ndims), len(self.feeds)
        inputs, weights = range(n_inputs), range(n_inputs, n_inputs + n_weights)
        outputs = tuple(range(weights.stop, weights.stop + self.machine.n_outputs))
        boxes = [Box(place, feed, (), (wire,)) for (place, feed), wire in zip(self.feeds.items(), weights, strict=True)]
        boxes.append(Box("machine", self.opened, (*weights, *inputs), outputs))
        return Plan(tuple(boxes), weights.stop + len(outputs), tuple(inputs), outputs)

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Module, str, Parameter]]:
        """The machine's own under their own names, then U and the parameters of G."""
        yield from self.machine.named_parameters(prefix)
        for place, feed in self.feeds.items():
            yield from feed.named_parameters(f"{prefix}{place}.")

    def describe(self) -> str:
        """The machine and its transforms."""
        return f"{self.machine!r}, { {place: feed.transform for place, feed in self.feeds.items()}!r}"


def fed(given: Given, target: Parameter) -> Fed:
    """G with the U that was given, that G asks for, or that is like W."""
    transform, *sources = given if isinstance(given, tuple) else (given,)
    if not sources:
        ask = getattr(transform, "source", None)
        sources = [Parameter(target.shape, target.init)] if ask is None else list(ask(target))
    if len(sources) != len(transform.event_ndims):
        msg = f"{transform!r} has {len(transform.event_ndims)} inputs but {len(sources)} parameters; give one for each"
        raise ParameterError(msg)
    return Fed(transform, sources)
