"""Parameters while a machine infers: they take no gradient."""

from types import MemberDescriptorType, TracebackType
from typing import Self, final

from xpnet.module import Module
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.sharing import Tied


@final
class Bystanders:
    """A context in which gradients of the machine's parameters lead nowhere; what was pending before is back after it.

    Pending gradients are put aside, not copied: without its slot a parameter binds gradients of its own, so nothing
    writes into the vector of the store, and what comes back is what was there, bit for bit; rows come back as rows.

    >>> import numpy as np
    >>> from xpnet.modules import Bias
    >>> from xpnet.state import State
    >>> module, x, y = Bias(1), State(np.zeros(1, dtype="float32")), State()
    >>> module.fprop(x, y)
    >>> y.accumulate(np.ones(1))
    >>> module.bias.accumulate(np.asarray([3.0]))
    >>> with Bystanders(module):
    ...     module.bprop(x, y)
    >>> x.dx.tolist(), module.bias.dx.tolist()
    ([1.0], [3.0])
    """

    def __init__(self, machine: Module) -> None:
        places = (parameter for *_, parameter in machine.named_parameters())
        self.parameters = list({id(each): each for each in map(_behind, places)}.values())
        self._pending: list[dict[str, object]] = []

    def __enter__(self) -> Self:
        self._pending = [{name: getattr(each, name) for name in _holds(each)} for each in self.parameters]
        for parameter in self.parameters:
            parameter.slot = None
        self.forget()
        return self

    def forget(self) -> None:
        """Drop what a backward pass left in the parameters, so that many passes do not add up."""
        for parameter in self.parameters:
            parameter.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for parameter, pending in zip(self.parameters, self._pending, strict=True):
            for name, value in pending.items():
                setattr(parameter, name, value)


def _behind(parameter: Parameter) -> Parameter:
    """The parameter that gathers the gradients of this place."""
    return parameter.target if isinstance(parameter, Tied) else parameter


def _holds(parameter: Parameter) -> list[str]:
    """The attributes in which a parameter of any kind keeps what is pending: all that it has, but its value."""
    kind = type(parameter)
    names = (name for base in kind.__mro__ for name in getattr(base, "__slots__", ()))
    # What a subclass computes, such as a dx made from rows, is no place where anything is kept.
    return [name for name in names if name != "_x" and isinstance(getattr(kind, name), MemberDescriptorType)]
