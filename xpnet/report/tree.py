"""A machine as a tree in the terminal: modules in order, with their parameters."""

import math

from rich.text import Text
from rich.tree import Tree

from xpnet.machines.machine import Machine
from xpnet.module import Module
from xpnet.training.assembly import Assembly
from xpnet.training.trainer import Trainer


def assembly_tree(assembly: Assembly) -> Tree:
    """Machine, cost and labels of a recipe, with the shape of every parameter."""
    recipe = assembly.recipe
    root = Tree(f"{recipe.name}: {assembly.store.size} parameters", highlight=False)
    grow(root.add("machine"), assembly.machine)
    if assembly.cost is not None:
        grow(root.add("cost"), assembly.cost)
    if isinstance(assembly.trainer, Trainer):
        if assembly.trainer.junk is not None:
            grow(root.add(Text(f"junk category: {assembly.label_names[-1]}")), assembly.trainer.junk)
        root.add(f"loss: {assembly.trainer.loss!r}")
    root.add(_labels(assembly))
    return root


def _labels(assembly: Assembly) -> str:
    if assembly.label_set is None:
        return f"labels: {len(assembly.label_names)}, whose energies the machine gives"
    count, length = assembly.label_set.shape
    given = assembly.recipe.labels.codes
    return f"labels: {count}, {given if isinstance(given, str) else 'given'} codes of length {length}"


def grow(branch: Tree, module: Module, name: str = "") -> None:
    """Add the module, and the modules inside it, below `branch`."""
    label = f"{name} " if name else ""
    children = list(module.children())
    # A machine's own repr would repeat all its modules, which follow as branches.
    title = type(module).__name__ if isinstance(module, Machine) else repr(module)
    twig = branch.add(f"{label}{title}{_parameters(module)}", highlight=False)
    for child_name, child in children:
        grow(twig, child, child_name)


def _parameters(module: Module) -> str:
    told = [f"{name} {p.shape} = {math.prod(p.shape)}" for name, p in module.parameters()]
    return f"  {', '.join(told)}" if told else ""
