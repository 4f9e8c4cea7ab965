"""The parts that a trainer is made of: modules all, and one store for the parameters of those that have any."""

from xpnet.errors import ParameterError
from xpnet.inference.relaxation import Relaxation, eliminator_of
from xpnet.machines.energy_machine import energy_machine
from xpnet.module import Module, require_module
from xpnet.modules.junk import Junk
from xpnet.modules.trainable import Trainable
from xpnet.parameters import ParameterStore


def require_parts(**parts: object) -> None:
    """Raise GraphError unless each part of a trainer is a module, or None where there is none."""
    for role, part in parts.items():
        if part is not None or role == "machine":
            require_module(part, f"a trainer's {role}")


def store_of(
    machine: Module,
    cost: Module | None,
    junk: Junk | None = None,
    *,
    latent: Module | Relaxation | None = None,
    labels: Trainable | None = None,
) -> ParameterStore:
    """A store of all parts that have parameters: of the machine alone, or of energy_machine(...), which holds all."""
    beside = (cost, junk, latent, labels)
    if not any(any(True for _ in part.named_parameters()) for part in beside if isinstance(part, Module)):
        return ParameterStore(machine)
    whole = energy_machine(machine, cost, junk, latent=eliminator_of(latent), labels=labels)
    return ParameterStore(whole)


def require_in_store(param: ParameterStore, part: Module, whose: str, remedy: str) -> None:
    """Raise ParameterError unless the store holds every parameter of a part; the trainer's update would miss others."""
    known = {id(param[name]) for name in param}
    for name, _, _, parameter in part.named_parameters():
        if id(getattr(parameter, "target", parameter)) not in known:
            msg = f"parameter {name!r}{whose} is not in the given store; {remedy}"
            raise ParameterError(msg)
