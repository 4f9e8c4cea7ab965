"""A registered module, or a backend, under its contract checker, with the report as a table."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from xpnet._typing import Shape
from xpnet.backend import Backend
from xpnet.cli.kinds import ARGUMENTS, SHAPES, default_draws, parse_draw
from xpnet.cli.terminal import terminal
from xpnet.errors import RecipeError, ShapeError, XpnetError, nearest
from xpnet.module import Module
from xpnet.modules import MODULES
from xpnet.report.tables import plain_table
from xpnet.testing import check_backend, check_module
from xpnet.testing.backend_report import BackendReport
from xpnet.testing.contract import Line
from xpnet.testing.draws import Draw
from xpnet.testing.trial import Trial
from xpnet.training.arguments import argument_problems
from xpnet.training.recipe_file import toml_value

WIDTH = 3  # components of an input vector when the module does not fix them


def check_named(
    name: str, arguments: Sequence[str], shapes: Sequence[str], backend: Backend, kinds: Sequence[str] = ()
) -> None:
    """Check the module MODULES[name] with arguments such as "in_features=3"; print one row per clause.

    kinds: how to draw each input, such as "positive" or "integers:4". Raises RecipeError for a module or an argument
    that does not exist, ShapeError for inputs that do not fit it, ContractError with all that failed.
    """
    module = _module(name, ARGUMENTS.get(name, {}) | _arguments(arguments))
    inputs = [parse_shape(text) for text in shapes] or input_shapes(module)
    draws = [parse_draw(text) for text in kinds] or default_draws(module, inputs)
    _require_fit(module, inputs, draws, backend)
    report = check_module(module, inputs, backend=backend, draws=draws)
    console = terminal()
    console.print(report_table(report))
    told = ", ".join(str(shape) for shape in inputs)
    console.print(f"{module!r} keeps its contract on {backend!r}, input shapes {told} with every lead shape")


def check_itself(backend: Backend, stray: Sequence[str] = ()) -> None:
    """Check the backend; print one row per clause.

    stray: what was given of inputs, which belong to a module (RecipeError). Raises ContractError with all that failed.
    """
    if stray:
        msg = (
            f"--input and --draw are of a module's inputs; got {', '.join(stray)} and no module: name one, or omit them"
        )
        raise RecipeError(msg)
    report = check_backend(backend)
    console = terminal()
    console.print(backend_table(report))
    console.print(f"{report.backend} keeps its contract: {report.comparisons} comparisons", soft_wrap=True)


def input_shapes(module: Module) -> list[Shape]:
    """The shape of one sample at each input, as far as the module fixes it; vectors of 3 components otherwise."""
    if type(module).__name__ in SHAPES:
        return SHAPES[type(module).__name__]
    width = getattr(module, "in_features", getattr(module, "features", WIDTH))
    ndims = module.event_ndims * 2 if module.variadic else module.event_ndims
    return [(width,) * (1 if ndim is None else ndim) for ndim in ndims]


def parse_shape(text: str) -> Shape:
    """The shape that a text such as "5", "7x2" or "scalar" means.

    >>> parse_shape("7x2"), parse_shape("scalar")
    ((7, 2), ())
    """
    parts = [] if text == "scalar" else text.split("x")
    if not all(part.isdecimal() and int(part) for part in parts):
        msg = f"--input {text!r} is no shape; write for example 5, 7x2 or scalar"
        raise RecipeError(msg)
    return tuple(int(part) for part in parts)


def report_table(report: Sequence[Line]) -> Table:
    """One row per clause: how many sets of shapes it held on, and the largest relative error."""
    table = plain_table("clause", "shapes tried", "largest error")
    for clause in dict.fromkeys(line.clause for line in report):
        errors = [line.error for line in report if line.clause == clause]
        table.add_row(clause, str(len(errors)), f"{max(errors):.2g}")
    return table


def backend_table(report: BackendReport) -> Table:
    """One row per clause: how many comparisons it made, and the largest relative error."""
    table = plain_table("clause", "comparisons", "largest error")
    for line in report.lines:
        table.add_row(line.clause, str(line.comparisons), f"{line.error:.2g}")
    return table


def _require_fit(module: Module, inputs: list[Shape], draws: list[Draw], backend: Backend) -> None:
    # Inputs that the module cannot take say nothing about its contract, and would fail every clause of it.
    n_inputs = len(inputs) if module.variadic else len(module.event_ndims)
    for option, given in (("input", len(inputs)), ("draw", len(draws))):
        if given != (n_inputs if option == "input" else len(inputs)):
            msg = f"{module!r} has {n_inputs} inputs; got {given}: give --{option} once per input, or leave it out"
            raise ShapeError(msg)
    trial = Trial(module, inputs, backend, draws=draws)
    try:
        trial.fprop(trial.states())
    except (XpnetError, ValueError, IndexError) as error:
        told = ", ".join(str(shape) for shape in inputs)
        msg = f"{module!r} does not take inputs of shape {told}: {error}. Choose others with --input and --draw"
        raise ShapeError(msg) from error


def _arguments(assignments: Sequence[str]) -> dict[str, Any]:
    parted = [assignment.partition("=") for assignment in assignments]
    for name, equals, value in parted:
        if not (name and equals and value):
            msg = f"{name + equals + value!r} is not NAME=VALUE; write for example in_features=3"
            raise RecipeError(msg)
    return {name: toml_value(value) for name, _, value in parted}


def _module(name: str, arguments: dict[str, Any]) -> Module:
    if name not in MODULES:
        msg = f"unknown module {name!r}; {nearest(name, MODULES)}"
        raise RecipeError(msg)
    problems = argument_problems(MODULES[name], arguments)
    if problems:
        msg = f"{name}: {'; '.join(problems)}"
        raise RecipeError(msg)
    return MODULES[name](**arguments)
