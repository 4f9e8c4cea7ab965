"""The names of a machine's parameters: each distinct one under its first place."""

from typing import TYPE_CHECKING

from xpnet.errors import ParameterError
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.sharing import Tied

if TYPE_CHECKING:
    from xpnet.module import Module


def named(machine: "Module") -> tuple[dict[str, Parameter], dict[str, str]]:
    """{name: parameter} in the machine's order, and {other place of a shared one: its name}.

    Tells each parameter its name. Raises ParameterError for a tie to a parameter outside the machine.

    >>> from xpnet.modules import Linear
    >>> parameters, aliases = named(Linear(3, 2))
    >>> list(parameters), aliases
    (['weight', 'bias'], {})
    """
    parameters: dict[str, Parameter] = {}
    aliases: dict[str, str] = {}
    first: dict[int, str] = {}
    tied: list[tuple[str, Tied]] = []
    for name, _, _, parameter in machine.named_parameters():
        if isinstance(parameter, Tied):
            tied.append((name, parameter))
        elif id(parameter) in first:
            aliases[name] = first[id(parameter)]
        else:
            first[id(parameter)] = parameter.name = name
            parameters[name] = parameter
    for name, parameter in tied:
        if id(parameter.target) not in first:
            msg = f"{name!r} is tied to a parameter outside this machine; make a store of one that holds both"
            raise ParameterError(msg)
        aliases[name] = first[id(parameter.target)]
    return parameters, aliases
