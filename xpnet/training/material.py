"""What a run learns from and is judged by: the data of a recipe, split and scaled."""

from dataclasses import dataclass

from xpnet.data.dataset import Dataset
from xpnet.data.official_split import OfficialSplit
from xpnet.data.scaling import Scaling, fit_scaling
from xpnet.data.sources import SOURCES
from xpnet.data.split import stratified_split
from xpnet.errors import CheckpointError, RecipeError
from xpnet.training.learning_sections import JunkSection
from xpnet.training.recipe import DataSection

HELD_OUT, SPLIT_SEED = 0.25, 0  # where a recipe says nothing


@dataclass(frozen=True)
class Material:
    """The scaled training and held-out parts, the scaling fitted on the first, the fingerprint of the data."""

    training: Dataset
    held_out: Dataset
    scaling: Scaling
    fingerprint: str


def gather(section: DataSection, junk: JunkSection | None = None) -> Material:
    """Load, split and scale what `[data]` asks for; DataError or RecipeError when it cannot be used.

    The label of a junk category gets the last number.
    """
    data = SOURCES[section.source](**section.arguments)
    training, held_out = _parts(data, section)
    if section.validation is not None:  # what was held out stays unseen: hyper-parameters are chosen without it
        training, held_out = _split(training, section.validation, section.split_seed)
    if junk is not None:
        training, held_out = training.with_last(junk.label), held_out.with_last(junk.label)
    scaling = fit_scaling(section.scaling, training.samples)
    return Material(_scaled(training, scaling), _scaled(held_out, scaling), scaling, data.fingerprint())


def require_same_data(material: Material, fingerprint: str) -> None:
    """Raise CheckpointError unless these are the data that a run was trained on."""
    if material.fingerprint != fingerprint:
        msg = (
            f"the data are not those of the run (SHA-256 {material.fingerprint[:12]}… where the run has "
            f"{fingerprint[:12]}…); bring the old data back, or train again with --overwrite"
        )
        raise CheckpointError(msg)


def _parts(data: Dataset | OfficialSplit, section: DataSection) -> tuple[Dataset, Dataset]:
    if isinstance(data, Dataset):
        return _split(data, HELD_OUT if section.held_out is None else section.held_out, section.split_seed)
    if section.held_out is not None or (section.split_seed is not None and section.validation is None):
        name = "split_seed" if section.held_out is None else "held_out"
        msg = (
            f"data.{name} splits data at random, but {section.source!r} comes with its official two parts, on which "
            "results are comparable; leave it out. data.validation = 0.2 splits the training part alone"
        )
        raise RecipeError(msg)
    return data.training, data.held_out


def _split(data: Dataset, fraction: float, seed: int | None) -> tuple[Dataset, Dataset]:
    training, held_out = stratified_split(data.labels, fraction, SPLIT_SEED if seed is None else seed)
    return data.take(training), data.take(held_out)


def _scaled(data: Dataset, scaling: Scaling) -> Dataset:
    return Dataset(scaling(data.samples), data.labels, data.label_names)
