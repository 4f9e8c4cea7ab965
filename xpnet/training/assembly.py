"""From a recipe to a machine that can answer: modules, cost, loss, junk category, parameters, label set."""

from dataclasses import dataclass

from xpnet._typing import Array
from xpnet.backend import Backend, setting
from xpnet.errors import RecipeError, XpnetError, nearest
from xpnet.losses import LOSSES, Loss
from xpnet.machines.cascade import Cascade
from xpnet.machines.energy_machine import energy_machine
from xpnet.module import Cost, Module
from xpnet.modules import MODULES
from xpnet.modules.junk import Junk
from xpnet.parameters import ParameterStore
from xpnet.training.capture import Captured, capture
from xpnet.training.energy_trainer import EnergyTrainer
from xpnet.training.label_codes import label_codes
from xpnet.training.recipe import ModuleSection, Recipe
from xpnet.training.simple_trainer import SimpleTrainer
from xpnet.training.trainer import Trainer


@dataclass(frozen=True)
class Assembly:
    """A trainer with the label set (K, d) that it chooses from, and the names of its labels.

    The learner is the trainer, with compiled steps where XPNET_CAPTURE asks for them.

    Without a cost there is no label set: the machine's outputs are the energies of the labels. With a junk category,
    the last label is junk and has no code.
    """

    recipe: Recipe
    backend: Backend
    machine: Cascade
    cost: Module | None
    trainer: EnergyTrainer
    learner: EnergyTrainer | Captured
    store: ParameterStore
    label_set: Array | None
    label_names: tuple[str, ...]


def assemble(recipe: Recipe, backend: Backend, label_names: tuple[str, ...]) -> Assembly:
    """The recipe's machine on this backend, with its first parameters drawn from the recipe's seed."""
    machine, cost, loss, junk = build_machine(recipe), build_cost(recipe), build_loss(recipe), build_junk(recipe)
    trained_too = any(True for part in (cost, junk) if part is not None for _ in part.named_parameters())
    store = ParameterStore(energy_machine(machine, cost, junk) if trained_too else machine, backend, recipe.seed)
    trainer: EnergyTrainer
    trainer = SimpleTrainer(machine, cost, store) if loss is None else Trainer(machine, cost, store, loss, junk)
    n_codes = len(label_names) - (junk is not None)
    codes = None if cost is None else label_codes(recipe.labels.codes, n_codes, backend)
    return Assembly(recipe, backend, machine, cost, trainer, _learner(trainer), store, codes, label_names)


def _learner(trainer: EnergyTrainer) -> EnergyTrainer | Captured:
    wanted = setting("capture")
    return capture(trainer) if wanted == "on" or (wanted == "auto" and trainer.backend.capture_pays) else trainer


def build_machine(recipe: Recipe) -> Cascade:
    """The cascade of the recipe's modules."""
    sections = recipe.machine.modules
    return Cascade(*(build_module(section, f"machine.modules.{k}") for k, section in enumerate(sections)))


def build_cost(recipe: Recipe) -> Module | None:
    """The recipe's cost, if any; RecipeError for a module that does not take an output and a label code."""
    if recipe.cost is None:
        return None
    cost = build_module(recipe.cost, "cost")
    if not isinstance(cost, Cost):
        known = (name for name, module in MODULES.items() if issubclass(module, Cost))
        msg = f"cost: {recipe.cost.module} is no cost; {nearest(recipe.cost.module, known)}"
        raise RecipeError(msg)
    return cost


def build_loss(recipe: Recipe) -> Loss | None:
    """The recipe's loss, if any; RecipeError for arguments that it does not accept."""
    if recipe.loss is None:
        return None
    try:
        return LOSSES[recipe.loss.name](**recipe.loss.arguments)
    except (XpnetError, TypeError, ValueError) as error:
        msg = f"loss: {recipe.loss.name} does not accept {recipe.loss.arguments}: {error}"
        raise RecipeError(msg) from error


def build_junk(recipe: Recipe) -> Junk | None:
    """The recipe's junk category, if any."""
    return None if recipe.junk is None else Junk(recipe.junk.energy, recipe.junk.trainable)


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
