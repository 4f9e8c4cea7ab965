"""Does the machine fit its data and its labels? Asked before anything is learned or written, in the recipe's words."""

from xpnet._typing import HostArray, Shape
from xpnet.errors import ShapeError
from xpnet.state import State
from xpnet.training.assembly import Assembly


def require_fit(assembly: Assembly, samples: HostArray) -> None:
    """Let one sample (1, *event) through; ShapeError that names the line of the recipe to change."""
    shape = _answered(assembly, samples)
    told = _misfit(assembly, shape)
    if told is not None and assembly.cost is None:  # an energy too many would go unseen
        raise ShapeError(told)
    try:
        assembly.trainer.run(assembly.backend.asarray(samples), assembly.label_set)
    except ShapeError as error:
        if told is None:
            raise
        raise ShapeError(told) from error


def _answered(assembly: Assembly, samples: HostArray) -> Shape:
    """The event shape of what the machine makes of the sample."""
    x, backend = samples, assembly.backend
    below = backend.asarray(x)
    for place, module in enumerate(assembly.machine.modules):
        output = State()
        try:
            module.fprop(State(below, fixed=True), output)
        except ShapeError as error:
            came = f"samples have shape {tuple(x.shape[1:])}" if place == 0 else f"it gets {tuple(below.shape[1:])}"
            said = "; ".join([str(error), *getattr(error, "__notes__", [])])
            msg = f"machine.modules.{place} ({type(module).__name__}) does not fit, {came}: {said}. Change its sizes"
            raise ShapeError(msg + _width(module, below.shape[-1])) from error
        below = output.x
    return tuple(below.shape[1:])


def _width(module: object, width: int) -> str:
    return f": in_features = {width}" if hasattr(module, "in_features") else ", or what stands before it"


def _misfit(assembly: Assembly, shape: Shape) -> str | None:
    codes, n_labels = assembly.label_set, len(assembly.label_names) - (assembly.recipe.junk is not None)
    wanted = n_labels if codes is None else int(codes.shape[-1])
    if shape == (wanted,):
        return None
    if len(shape) != 1:
        return f"the machine answers arrays of shape {shape}, where {wanted} numbers are needed: end it in a vector"
    what = f"{n_labels} labels need an energy each" if codes is None else f"label codes have length {wanted}"
    return f"the machine answers {shape[0]} numbers, {what}: {_remedy(assembly, wanted)}"


def _remedy(assembly: Assembly, wanted: int) -> str:
    modules = assembly.machine.modules
    for place in reversed(range(len(modules))):
        if hasattr(modules[place], "out_features"):
            kind = type(modules[place]).__name__
            return f"set out_features of the last {kind} (machine.modules.{place}) to {wanted}"
    return f"end the machine in a module with {wanted} outputs"
