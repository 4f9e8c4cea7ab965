"""What `xpnet train` does, step by step: nothing is written before recipe, data and machine have proved to fit."""

import warnings
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from xpnet.backend import Backend
from xpnet.cli.final_report import final_report
from xpnet.cli.progress import progress_callback
from xpnet.cli.terminal import terminal
from xpnet.errors import RecipeError
from xpnet.training.callbacks import Checkpoints, MetricsFile
from xpnet.training.loop import train
from xpnet.training.recipe import Recipe
from xpnet.training.recipe_file import read_recipe
from xpnet.training.run_folder import RunFolder
from xpnet.training.session import Session
from xpnet.training.snapshot import require_same_recipe, resume_session
from xpnet.training.start import start


@dataclass(frozen=True)
class TrainJob:
    """The arguments of one `xpnet train`."""

    recipe: Path
    overrides: tuple[str, ...] = ()
    run_dir: Path | None = None
    resume: bool = False
    overwrite: bool = False
    bar: bool = True

    def run(self, backend: Backend) -> int:
        """Train, report, and return the exit code: 0, or 128 + the signal that ended it early."""
        console = terminal()
        recipe = read_recipe(self.recipe, self.overrides)
        folder = self._claim(recipe)
        session = self._session(recipe, folder, backend, console)
        folder.prepare(self._recipe_copy(), overwrite=self.overwrite)
        callbacks = [MetricsFile(folder), Checkpoints(folder), progress_callback(console, self.bar)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # an overflow ends in NotFiniteError, which says more
            signum = train(session, callbacks)
        if signum is not None:
            console.print(f"stopped by signal {signum} at step {session.position.step}, saved; go on with --resume")
            return 128 + signum
        final_report(session, folder, console)
        return 0

    def _claim(self, recipe: Recipe) -> RunFolder:
        if self.resume and self.overwrite:
            msg = "--resume keeps a run and --overwrite replaces it; give one of them"
            raise RecipeError(msg)
        folder = RunFolder(self.run_dir or Path("runs") / recipe.name)
        if self.overwrite:
            folder.refuse_to_replace(self.recipe)
        folder.claim(resume=self.resume, overwrite=self.overwrite)
        return folder

    def _session(self, recipe: Recipe, folder: RunFolder, backend: Backend, console: Console) -> Session:
        checkpoint = folder.newest() if self.resume else None
        if checkpoint is not None:
            require_same_recipe(recipe, checkpoint.meta.recipe)
        session = start(recipe, backend)
        console.print(_headline(session))
        if checkpoint is not None:
            resume_session(session, checkpoint)
            console.print(f"resumed at step {session.position.step}, epoch {session.position.epoch} (SHA-256 holds)")
        elif self.resume:
            console.print(f"nothing to resume in {folder.path}; starting from the beginning")
        return session

    def _recipe_copy(self) -> str:
        overridden = "".join(f"# run with --set {assignment}\n" for assignment in self.overrides)
        return overridden + self.recipe.read_text(encoding="utf-8")


def _headline(session: Session) -> str:
    assembly, material = session.assembly, session.material
    return (
        f"{assembly.recipe.name}: {len(material.training)} training and {len(material.held_out)} held-out samples "
        f"{material.training.event_shape}, {len(assembly.label_names)} labels, {assembly.store.size} parameters, "
        f"{assembly.backend!r}"
    )
