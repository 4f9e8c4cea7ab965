"""Whether a dictionary of host arrays fits a machine: everything is checked before anything is written."""

from collections.abc import Mapping

from xpnet._typing import HostArray, Shape
from xpnet.errors import ParameterError, nearest


def checked_values(
    values: Mapping[str, HostArray], shapes: Mapping[str, Shape], dtype: str, aliases: Mapping[str, str]
) -> dict[str, HostArray]:
    """The values by parameter name; ParameterError that lists every name, shape and dtype that does not fit."""
    _require_mapping(values)
    problems = [f"no value for {name!r} of shape {shape}" for name, shape in shapes.items() if name not in values]
    for name, value in values.items():
        if name in aliases:
            problems.append(f"{name!r} shares the parameter {aliases[name]!r}: give its value once, under that name")
        elif name not in shapes:
            problems.append(f"unknown name {name!r} ({nearest(name, shapes)})")
        elif not hasattr(value, "shape"):
            problems.append(f"{name!r} is an array of shape {shapes[name]}; got {value!r}")
        elif tuple(value.shape) != tuple(shapes[name]):
            problems.append(f"{name!r} has shape {shapes[name]}; got {tuple(value.shape)}")
        elif str(value.dtype) != dtype:
            problems.append(f"{name!r} has dtype {dtype}; got {value.dtype} (convert it with value.astype({dtype!r}))")
    if problems:
        msg = "this state dict is not of this machine: " + "; ".join(problems)
        raise ParameterError(msg)
    return {name: values[name] for name in shapes}


def _require_mapping(values: object) -> None:
    if not isinstance(values, Mapping):
        msg = f"a state dict is {{name: array}}, as store.state_dict() gives; got {values!r}"
        raise ParameterError(msg)
