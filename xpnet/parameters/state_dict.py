"""Whether a dictionary of host arrays fits a machine: everything is checked before anything is written."""

from collections.abc import Mapping

from xpnet._typing import HostArray, Shape
from xpnet.errors import ParameterError, nearest


def checked_values(
    values: Mapping[str, HostArray], shapes: Mapping[str, Shape], dtype: str, aliases: Mapping[str, str]
) -> dict[str, HostArray]:
    """The values by parameter name; ParameterError that lists every name, shape and dtype that does not fit."""
    _require_mapping(values, "a state dict is {name: array}, as store.state_dict() gives")
    problems = [f"no value for {name!r} of shape {shape}" for name, shape in shapes.items() if name not in values]
    for name, value in values.items():
        if name in aliases:
            problems.append(f"{name!r} shares the parameter {aliases[name]!r}: give its value once, under that name")
        elif name not in shapes:
            problems.append(f"unknown name {name!r} ({nearest(name, shapes)})")
        elif not (hasattr(value, "shape") and hasattr(value, "dtype")):
            problems.append(f"{name!r} is an array of shape {shapes[name]}; got {value!r}")
        elif tuple(value.shape) != tuple(shapes[name]):
            problems.append(f"{name!r} has shape {shapes[name]}; got {tuple(value.shape)}")
        elif str(value.dtype) != dtype:
            problems.append(f"{name!r} has dtype {dtype}; got {value.dtype} (convert it with value.astype({dtype!r}))")
    if problems:
        msg = "this state dict is not of this machine: " + "; ".join(problems)
        raise ParameterError(msg)
    return {name: values[name] for name in shapes}


def checked_slots(
    slots: Mapping[str, Mapping[str, HostArray]], shapes: Mapping[str, Shape], dtype: str, aliases: Mapping[str, str]
) -> dict[str, dict[str, HostArray]]:
    """The slots with their values by parameter name; ParameterError unless all of them fit."""
    form = "optimizer slots are {slot: {name: array}}, as store.slots_dict() gives"
    _require_mapping(slots, form)
    for values in slots.values():
        _require_mapping(values, form)
    return {slot: checked_values(values, shapes, dtype, aliases) for slot, values in slots.items()}


def _require_mapping(values: object, form: str) -> None:
    if not isinstance(values, Mapping):
        msg = f"{form}; got {values!r}"
        raise ParameterError(msg)
