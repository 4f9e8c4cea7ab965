"""What a recipe may say about learning beyond the energy loss: a loss, a junk category, where centres start."""

from typing import Self

from pydantic import Field, model_validator

from xpnet.losses import LOSSES
from xpnet.training.sections import NamedSection, Section, registered


class LossSection(NamedSection):
    """`[loss]`: a loss over the energies of all labels, with its arguments: `name = "HingeLoss"`, `margin = 1.0`."""

    name: str = Field(description="registry name of the loss")

    @model_validator(mode="after")
    def _known(self) -> Self:
        self.refuse_arguments(LOSSES[registered(self.name, "loss", LOSSES)])
        return self


class JunkSection(Section):
    """`[junk]`: the label that means "none of the above" has no code; its energy is a number of its own."""

    label: str = Field(description="name of the label that means none of the above")
    energy: float = Field(default=0.0, allow_inf_nan=False, description="energy of that label, or its first value")
    trainable: bool = Field(default=False, description="whether the energy is learned")


class KmeansSection(Section):
    """`[kmeans]`: the centres of an Rbf or Distance module start at K-means clusters of what reaches it."""

    module: int = Field(default=0, ge=0, description="its place in machine.modules, which count from 0")
    starts: int = Field(default=4, ge=1, description="runs of K-means; the best one counts")
    spread: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="width of a bump in cluster radii")
    limit: int | None = Field(default=None, ge=1, description="take so many training samples, drawn at random")
