"""A training run in memory: what is learned, from what, and how far it came."""

from dataclasses import dataclass, field

from xpnet.training.assembly import Assembly
from xpnet.training.checkpoint_meta import Position
from xpnet.training.material import Material

Record = dict[str, int | float]  # the numbers of one epoch, one line of metrics.jsonl


@dataclass
class Session:
    """The one mutable object of a run; the loop moves it on and callbacks read it."""

    assembly: Assembly
    material: Material
    position: Position = field(default_factory=Position)
    history: list[Record] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether all epochs of the recipe are done."""
        return self.position.epoch >= self.assembly.recipe.training.epochs
