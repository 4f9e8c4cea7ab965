"""The start of a run: its data and its machine, which may take its first centres from the data."""

from xpnet._typing import Array, HostArray
from xpnet.backend import Backend
from xpnet.data.minibatches import batch_slices
from xpnet.errors import RecipeError
from xpnet.kmeans import place_centres
from xpnet.machines.cascade import Cascade
from xpnet.modules.distance import Distance
from xpnet.modules.rbf import Rbf
from xpnet.state import State
from xpnet.streams import stream
from xpnet.training.assembly import Assembly, assemble
from xpnet.training.evaluation import BATCH
from xpnet.training.fit import require_fit
from xpnet.training.learning_sections import KmeansSection
from xpnet.training.material import Material, gather
from xpnet.training.recipe import Recipe
from xpnet.training.session import Session


def start(recipe: Recipe, backend: Backend) -> Session:
    """The session of this recipe before its first step; ShapeError when machine, data and labels do not fit."""
    material = gather(recipe.data, recipe.junk)
    assembly = assemble(recipe, backend, material.training.label_names)
    require_fit(assembly, material.training.samples[:1])
    if recipe.kmeans is not None:
        _place(assembly, recipe.kmeans, material)
    return Session(assembly, material)


def _place(assembly: Assembly, section: KmeansSection, material: Material) -> None:
    modules = assembly.machine.modules
    layer = modules[section.module] if section.module < len(modules) else None
    if not isinstance(layer, Rbf | Distance):
        found = "nothing" if layer is None else type(layer).__name__
        msg = f"kmeans.module = {section.module} must be the place of an Rbf or a Distance; it is {found}"
        raise RecipeError(msg)
    samples = _some(material.training.samples, section.limit, assembly.recipe.seed)
    reaching = _through(assembly, section.module, samples)
    place_centres(layer, reaching, seed=assembly.recipe.seed, starts=section.starts, spread=section.spread)


def _some(samples: HostArray, limit: int | None, seed: int) -> HostArray:
    if limit is None or limit >= len(samples):
        return samples
    return samples[stream(seed, "kmeans samples").permutation(len(samples))[:limit]]


def _through(assembly: Assembly, depth: int, samples: HostArray) -> Array:
    """What the first `depth` modules make of the samples."""
    backend = assembly.backend
    if depth == 0:
        return backend.asarray(samples)
    below, parts = Cascade(*assembly.machine.modules[:depth]).bind(backend), []
    for part in batch_slices(len(samples), BATCH):
        input, output = State(backend.asarray(samples[part]), fixed=True), State()
        below.fprop(input, output)
        parts.append(output.x)
    return backend.xp.concat(parts, axis=0)
