"""What a recipe may say: the sections of the TOML file, field by field, with their meaning.

A recipe names data sources, modules and costs by their registry names; nothing in it can import or run code.
"""

from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from xpnet.data.scaling import SCALINGS
from xpnet.data.sources import SOURCES
from xpnet.errors import nearest
from xpnet.modules import MODULES
from xpnet.training.arguments import argument_problems

SomeSection = TypeVar("SomeSection", bound="NamedSection")


class Section(BaseModel):
    """A table of the recipe that knows all its keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NamedSection(BaseModel):
    """A table that names something of a registry and hands it all its further keys."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    @property
    def arguments(self) -> dict[str, Any]:
        """The further keys: arguments of what the table names."""
        return dict(self.model_extra or {})


class ModuleSection(NamedSection):
    """A module by its registry name, with its arguments: `{ module = "Linear", in_features = 2, out_features = 3 }`."""

    module: str = Field(description="registry name of the module")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.module not in MODULES:
            msg = f"unknown module {self.module!r}; {nearest(self.module, MODULES)}"
            raise ValueError(msg)
        return _refuse(self, argument_problems(MODULES[self.module], self.arguments))


class DataSection(NamedSection):
    """`[data]`: where the samples come from, and what happens to them before the machine sees them."""

    source: str = Field(description="name of a data source; its arguments are further keys of [data]")
    held_out: float = Field(default=0.25, gt=0, lt=1, description="fraction kept away from learning, stratified")
    split_seed: int = Field(default=0, ge=0, description="key of the split; the split stays when `seed` changes")
    scaling: str = Field(default="none", description=f"fitted on the training part: {', '.join(SCALINGS)}")

    @field_validator("scaling")
    @classmethod
    def _known_scaling(cls, value: str) -> str:
        if value not in SCALINGS:
            msg = f"unknown scaling {value!r}; {nearest(value, SCALINGS)}"
            raise ValueError(msg)
        return value

    @field_validator("source")
    @classmethod
    def _known_source(cls, value: str) -> str:
        if value not in SOURCES:
            msg = f"unknown data source {value!r}; {nearest(value, SOURCES)}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _fitting_arguments(self) -> Self:
        return _refuse(self, argument_problems(SOURCES[self.source], self.arguments, own=type(self).model_fields))


class MachineSection(Section):
    """`[machine]`: the modules in the order in which a sample passes through them."""

    modules: list[ModuleSection] = Field(min_length=1, description="a cascade: each module's output feeds the next")


class LabelSection(Section):
    """`[labels]`: the code of every label, the points that the machine's output is compared with."""

    codes: Literal["one-hot", "plus-minus"] | list[list[float]] = Field(
        default="one-hot", description="one-hot (0, 1), plus-minus (-1, 1), or one list of numbers per label"
    )

    @field_validator("codes", mode="before")
    @classmethod
    def _possible_codes(cls, value: object) -> object:
        if isinstance(value, str) and value not in ("one-hot", "plus-minus"):
            msg = f"unknown codes {value!r}; {nearest(value, ('one-hot', 'plus-minus'))}, or one list per label"
            raise ValueError(msg)
        if isinstance(value, list) and len({len(row) if isinstance(row, list) else -1 for row in value}) != 1:
            msg = "given codes must be one equally long list of numbers per label"
            raise ValueError(msg)
        return value


class TrainingSection(Section):
    """`[training]`: how long, how fast, and how often a checkpoint is kept."""

    epochs: int = Field(ge=1, description="how often the training part is seen")
    batch_size: int = Field(default=32, ge=1, description="samples per update")
    learning_rate: float = Field(gt=0, allow_inf_nan=False, description="step length of an update")
    decay: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="rate / (1 + decay * epoch)")
    weight_decay: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="pull of parameters towards 0")
    inertia: float = Field(default=0.0, ge=0, lt=1, description="share of the last update that goes on")
    checkpoint_every: int = Field(default=1, ge=1, description="epochs between checkpoints")

    def rate_at(self, epoch: int) -> float:
        """The learning rate in epoch `epoch`, which counts from 0."""
        return self.learning_rate / (1 + self.decay * epoch)


class Recipe(Section):
    """A whole training job: data, machine, cost, labels and training."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="the run is kept in runs/<name>")
    seed: int = Field(default=0, ge=0, lt=2**63, description="key of initial parameters and shuffles")
    data: DataSection
    machine: MachineSection
    cost: ModuleSection = Field(description="the module that turns output and label code into an energy")
    labels: LabelSection = LabelSection()
    training: TrainingSection


def _refuse(section: SomeSection, problems: list[str]) -> SomeSection:
    if problems:
        msg = "; ".join(problems)
        raise ValueError(msg)
    return section
