"""A machine as a tree in the terminal: modules in order, with their parameters."""

import math

from rich.tree import Tree

from xpnet.machines.machine import Machine
from xpnet.module import Module
from xpnet.training.assembly import Assembly


def assembly_tree(assembly: Assembly) -> Tree:
    """Machine, cost and labels of a recipe, with the shape of every parameter."""
    recipe = assembly.recipe
    root = Tree(f"{recipe.name}: {assembly.store.size} parameters", highlight=False)
    grow(root.add("machine"), assembly.machine)
    grow(root.add("cost"), assembly.cost)
    shape = tuple(assembly.label_set.shape)
    codes = recipe.labels.codes if isinstance(recipe.labels.codes, str) else "given"
    root.add(f"labels: {shape[0]}, {codes} codes of length {shape[1]}")
    return root


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
