"""What a recipe may say: the sections of the TOML file, field by field, with their meaning.

A recipe names data sources, modules and costs by their registry names; nothing in it can import or run code.
"""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from xpnet.data.scaling import SCALINGS
from xpnet.data.sources import SOURCES
from xpnet.errors import nearest
from xpnet.module import Cost
from xpnet.modules import MODULES
from xpnet.training.learning_sections import JunkSection, KmeansSection, LossSection
from xpnet.training.sections import NamedSection, Section, registered


class ModuleSection(NamedSection):
    """A module by its registry name, with its arguments: `{ module = "Linear", in_features = 2, out_features = 3 }`."""

    module: str = Field(description="registry name of the module")

    @model_validator(mode="after")
    def _known(self) -> Self:
        self.refuse_arguments(MODULES[self._registered()])
        return self

    def _registered(self) -> str:
        return registered(self.module, "module", MODULES)


class CostSection(ModuleSection):
    """`[cost]`: a module whose output is an energy; an unknown name is compared with the costs alone."""

    def _registered(self) -> str:
        if self.module in MODULES:  # whether it is a cost is asked when the machine is built
            return self.module
        return registered(self.module, "cost", [name for name, module in MODULES.items() if issubclass(module, Cost)])


class DataSection(NamedSection):
    """`[data]`: where the samples come from, and what happens to them before the machine sees them."""

    source: str = Field(description="name of a data source; its arguments are further keys of [data]")
    held_out: float | None = Field(
        default=None, gt=0, lt=1, description="fraction kept away from learning, stratified; 0.25 by default"
    )
    split_seed: int | None = Field(
        default=None, ge=0, description="key of the split, 0 by default; it stays when `seed` changes"
    )
    validation: float | None = Field(
        default=None, gt=0, lt=1, description="judge by this fraction of the training part; the rest stays unseen"
    )
    scaling: str = Field(default="none", description=f"fitted on the training part: {', '.join(SCALINGS)}")

    @field_validator("scaling")
    @classmethod
    def _known_scaling(cls, value: str) -> str:
        return registered(value, "scaling", SCALINGS)

    @field_validator("source")
    @classmethod
    def _known_source(cls, value: str) -> str:
        return registered(value, "data source", SOURCES)

    @model_validator(mode="after")
    def _fitting_arguments(self) -> Self:
        self.refuse_arguments(SOURCES[self.source], own=type(self).model_fields)
        return self


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
    """A whole training job: data, machine, cost or loss or both, labels and training."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="the run is kept in runs/<name>")
    seed: int = Field(default=0, ge=0, lt=2**63, description="key of initial parameters and shuffles")
    data: DataSection
    machine: MachineSection
    kmeans: KmeansSection | None = Field(default=None, description="where the centres of an Rbf or Distance start")
    cost: CostSection | None = Field(
        default=None,
        description="the module that turns output and label code into an energy; without it outputs are energies",
    )
    loss: LossSection | None = Field(default=None, description="without it the desired label's energy is minimised")
    junk: JunkSection | None = Field(default=None, description="a label for none of the above; needs a loss")
    labels: LabelSection = LabelSection()
    training: TrainingSection

    @model_validator(mode="after")
    def _can_be_learned(self) -> Self:
        if self.loss is None and (self.cost is None or self.junk is not None):
            without = "[cost]: add one, or a [loss]" if self.cost is None else "a [loss] and with [junk]: add a [loss]"
            msg = f"nothing would push the energies of other labels up without {without}"
            raise ValueError(msg)
        if self.cost is None and self.labels.codes != "one-hot":
            msg = "without [cost] the machine's outputs are the labels' energies: leave labels.codes out, or add a cost"
            raise ValueError(msg)
        return self
