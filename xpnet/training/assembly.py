"""From a recipe to a machine that can answer: modules, cost, parameters, label set."""

from dataclasses import dataclass

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import RecipeError, XpnetError, nearest
from xpnet.machines.cascade import Cascade
from xpnet.module import Cost, Module
from xpnet.modules import MODULES
from xpnet.parameters import ParameterStore
from xpnet.training.label_codes import label_codes
from xpnet.training.recipe import ModuleSection, Recipe
from xpnet.training.simple_trainer import SimpleTrainer


@dataclass(frozen=True)
class Assembly:
    """A trainer with the label set (K, d) that it chooses from, and the names of its labels."""

    recipe: Recipe
    backend: Backend
    machine: Module
    cost: Module
    trainer: SimpleTrainer
    store: ParameterStore
    label_set: Array
    label_names: tuple[str, ...]


def assemble(recipe: Recipe, backend: Backend, label_names: tuple[str, ...]) -> Assembly:
    """The recipe's machine on this backend, with its first parameters drawn from the recipe's seed."""
    machine, cost = build_machine(recipe), build_cost(recipe)
    store = ParameterStore(machine, backend=backend, seed=recipe.seed)
    codes = label_codes(recipe.labels.codes, len(label_names), backend)
    return Assembly(recipe, backend, machine, cost, SimpleTrainer(machine, cost, store), store, codes, label_names)


def build_machine(recipe: Recipe) -> Module:
    """The cascade of the recipe's modules."""
    sections = recipe.machine.modules
    return Cascade(*(build_module(section, f"machine.modules.{k}") for k, section in enumerate(sections)))


def build_cost(recipe: Recipe) -> Module:
    """The recipe's cost; RecipeError for a module that does not take an output and a label code."""
    cost = build_module(recipe.cost, "cost")
    if not isinstance(cost, Cost):
        known = (name for name, module in MODULES.items() if issubclass(module, Cost))
        msg = f"cost: {recipe.cost.module} is no cost; {nearest(recipe.cost.module, known)}"
        raise RecipeError(msg)
    return cost


def build_module(section: ModuleSection, place: str) -> Module:
    """The registered module of this name with these arguments; RecipeError names the place and the arguments."""
    try:
        module = MODULES[section.module](**section.arguments)
    except (XpnetError, TypeError, ValueError) as error:
        msg = f"{place}: {section.module} does not accept {section.arguments}: {error}"
        raise RecipeError(msg) from error
    for name, parameter in module.parameters():
        if min(parameter.shape, default=1) < 1:
            msg = f"{place}: {section.module} would get {name} of shape {parameter.shape}; sizes are at least 1"
            raise RecipeError(msg)
    return module
