"""What a run learns from and is judged by: the data of a recipe, split and scaled."""

from dataclasses import dataclass

from xpnet.data.dataset import Dataset
from xpnet.data.scaling import Scaling, fit_scaling
from xpnet.data.sources import SOURCES
from xpnet.data.split import stratified_split
from xpnet.errors import CheckpointError
from xpnet.training.recipe import DataSection


@dataclass(frozen=True)
class Material:
    """The scaled training and held-out parts, the scaling fitted on the first, the fingerprint of the data."""

    training: Dataset
    held_out: Dataset
    scaling: Scaling
    fingerprint: str


def gather(section: DataSection) -> Material:
    """Load, split and scale what `[data]` asks for; DataError when it cannot be used."""
    data = SOURCES[section.source](**section.arguments)
    training, held_out = (
        data.take(part) for part in stratified_split(data.labels, section.held_out, section.split_seed)
    )
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


def _scaled(data: Dataset, scaling: Scaling) -> Dataset:
    return Dataset(scaling(data.samples), data.labels, data.label_names)
