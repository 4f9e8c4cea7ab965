"""A trained machine from its run folder, ready to answer."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import final

from xpnet._typing import HostArray
from xpnet.backend import SETTINGS, Backend, get_backend
from xpnet.data.scaling import load_scaling
from xpnet.errors import ShapeError
from xpnet.losses import GibbsLoss
from xpnet.training.assembly import Assembly, assemble
from xpnet.training.checkpoint import Checkpoint
from xpnet.training.recipe_file import check_recipe, override
from xpnet.training.run_folder import RunFolder
from xpnet.training.snapshot import require_judged_alike, restore_parameters
from xpnet.training.trainer import Trainer

Choice = tuple[str | None, str | None, str | None]  # backend, device, dtype, as the user gave them


@final
class Trained:
    """The newest good checkpoint of a run on the chosen backend, with the run's dtype unless another is asked for."""

    def __init__(self, run: Path, choice: Choice = (None, None, None), overrides: Sequence[str] = ()) -> None:
        self.run = run
        self.folder = RunFolder(run)
        self.checkpoint: Checkpoint = self.folder.require_newest()
        meta = self.checkpoint.meta
        origin = f"the recipe kept in {run}"
        recipe = check_recipe(override(deepcopy(meta.recipe), overrides), origin)
        if overrides:
            require_judged_alike(recipe, check_recipe(meta.recipe, origin).model_dump(mode="json"))
        backend = _backend(choice, meta.dtype)
        self.assembly: Assembly = assemble(recipe, backend, tuple(meta.label_names))
        restore_parameters(self.assembly, self.checkpoint)
        self.scaling = load_scaling(self.checkpoint.group("s"), tuple(meta.event_shape))

    @property
    def beta(self) -> float:
        """The inverse temperature of P(k) ∝ exp(-β E_k): that of the loss it was trained by, or 1."""
        trainer = self.assembly.trainer
        loss = trainer.loss if isinstance(trainer, Trainer) else None
        return loss.beta if isinstance(loss, GibbsLoss) else 1.0

    def scaled(self, samples: HostArray) -> HostArray:
        """Samples (N, *event) as the machine was trained to see them; ShapeError for another event shape."""
        expected, got = tuple(self.checkpoint.meta.event_shape), tuple(samples.shape[1:])
        if got != expected:
            msg = f"{self.run} was trained on samples of shape {expected}; got {got} (the file holds {samples.shape})"
            raise ShapeError(msg)
        return self.scaling(samples)


def _backend(choice: Choice, trained_dtype: str) -> Backend:
    name, device, dtype = choice
    asked = dtype or (SETTINGS["dtype"].read()[0] if SETTINGS["dtype"].read()[1] == "environment" else trained_dtype)
    return get_backend(name, device=device, dtype=asked)
