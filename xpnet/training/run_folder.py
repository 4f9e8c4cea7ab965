"""The folder of one run: what lies where, when it may be written, which checkpoint is the newest good one."""

import json
import logging
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import final

from xpnet.errors import CheckpointError, RecipeError
from xpnet.training.atomic import remove_stale, write_file
from xpnet.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint

KEEP = 3  # checkpoints; the newest may turn out to be damaged, and so may the one before

_log = logging.getLogger("xpnet")


@final
class RunFolder:
    """`recipe.toml`, `metrics.jsonl`, pictures and `checkpoints/step-XXXXXXXX` under one path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe = path / "recipe.toml"
        self.metrics = path / "metrics.jsonl"
        self.learning_curve = path / "learning-curve.png"
        self.confusion = path / "confusion.png"
        self.reject, self.gaps, self.calibration = (
            path / f"{name}.png" for name in ("reject", "gaps", "calibration")
        )  # what `xpnet evaluate --pictures` draws
        self.checkpoints = path / "checkpoints"
        self.replaced = path / "replaced"  # what --overwrite replaces, until the new run has saved something

    def claim(self, *, resume: bool, overwrite: bool) -> None:
        """Make sure that a new run may be written here; RecipeError tells the ways out when it may not."""
        if not self.path.exists() or (self.path.is_dir() and not any(self.path.iterdir())):
            return
        if not self._is_run():
            msg = f"{self.path} exists and is not a run of xpnet; choose another folder with --run-dir"
            raise RecipeError(msg)
        if not (resume or overwrite):
            msg = f"{self.path} already holds a run; add --resume to go on, --overwrite to replace it, or --run-dir DIR"
            raise RecipeError(msg)

    def refuse_to_replace(self, recipe: Path) -> None:
        """Raise RecipeError when this recipe, which is being read, is what --overwrite would replace."""
        place = recipe.resolve()
        if place == self.recipe.resolve() or place.is_relative_to(self.replaced.resolve()):
            msg = (
                f"{recipe} lies in the run folder {self.path}, where --overwrite would replace it; "
                "copy it elsewhere first, or choose another folder with --run-dir"
            )
            raise RecipeError(msg)

    def prepare(self, recipe: str, *, overwrite: bool) -> None:
        """Create the folder, delete what interrupted writes left, and keep a copy of the recipe."""
        if overwrite:
            self._set_aside()
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"cannot create {self.checkpoints}: {error.strerror}; choose another folder with --run-dir"
            raise CheckpointError(msg) from error
        remove_stale(self.path)
        remove_stale(self.checkpoints)
        write_file(self.recipe, recipe.encode())

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write one more checkpoint and let go of all but the newest few; returns its folder."""
        folder = self.checkpoints / f"step-{checkpoint.meta.position.step:08d}"
        write_checkpoint(folder, checkpoint)
        shutil.rmtree(self.replaced, ignore_errors=True)
        for old in self._steps()[KEEP:]:
            shutil.rmtree(old, ignore_errors=True)
        return folder

    def newest(self) -> Checkpoint | None:
        """The newest checkpoint whose hashes hold, None when there is none at all.

        A damaged one is reported by a warning and passed over; CheckpointError when all of them are damaged.
        """
        failures = []
        for folder in self._steps():
            try:
                checkpoint = read_checkpoint(folder)
            except CheckpointError as error:
                failures.append(error)
            else:
                for failure in failures:
                    _log.warning("%s; going back to %s", failure, folder)
                return checkpoint
        if failures:
            msg = f"no usable checkpoint in {self.checkpoints} ({len(failures)} damaged). The newest: {failures[0]}"
            raise CheckpointError(msg)
        return None

    def require_newest(self) -> Checkpoint:
        """The newest good checkpoint; CheckpointError when there is none."""
        if self.path.is_file():
            msg = f"{self.path} is a file, where the folder of a run is needed: {_run_of(self.path)}"
            raise CheckpointError(msg)
        if not self.path.is_dir():
            msg = (
                f"no run folder {self.path}; train one with `xpnet train RECIPE`, it is then runs/<name of the recipe>"
            )
            raise CheckpointError(msg)
        checkpoint = self.newest()
        if checkpoint is None:
            msg = f"{self.path} holds no checkpoint yet; train with `xpnet train RECIPE --run-dir {self.path}`"
            raise CheckpointError(msg)
        return checkpoint

    def rewrite_metrics(self, records: Iterable[Mapping[str, int | float]]) -> None:
        """Have metrics.jsonl hold exactly these records, one line each."""
        write_file(self.metrics, "".join(json.dumps(record) + "\n" for record in records).encode())

    def append_metrics(self, record: Mapping[str, int | float]) -> None:
        """One more line in metrics.jsonl, handed to the operating system at once."""
        try:
            with self.metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        except OSError as error:
            msg = f"cannot write {self.metrics}: {error.strerror}. What was saved before is untouched"
            raise CheckpointError(msg) from error

    def _steps(self) -> list[Path]:
        found = [folder for folder in self.checkpoints.glob("step-*") if folder.name[5:].isdigit()]
        return sorted(found, key=lambda folder: int(folder.name[5:]), reverse=True)

    def _is_run(self) -> bool:
        # A recipe alone may be one of the user's, and so may a folder "checkpoints" with other things in it.
        if self.recipe.is_file():
            return self.checkpoints.is_dir() or self.metrics.is_file() or self.replaced.is_dir()
        return self.checkpoints.is_dir() and all(
            path.name.startswith(("step-", ".tmp-")) for path in self.checkpoints.iterdir()
        )

    def _set_aside(self) -> None:
        # Only what a run consists of: whatever else the user put here stays. A run that failed before it saved
        # anything is not worth keeping, and must not push out the one before.
        keep = bool(self._steps())
        if keep:
            shutil.rmtree(self.replaced, ignore_errors=True)
        pictures = (self.learning_curve, self.confusion, self.reject, self.gaps, self.calibration)
        for path in (self.checkpoints, self.recipe, self.metrics, *pictures):
            if keep and path.exists():
                self.replaced.mkdir(exist_ok=True)
                path.rename(self.replaced / path.name)
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _run_of(recipe: Path) -> str:
    try:
        name = tomllib.loads(recipe.read_text(encoding="utf-8")).get("name")
    except (OSError, ValueError):
        name = None
    if not isinstance(name, str):
        return "train one with `xpnet train RECIPE`, it is then runs/<name of the recipe>"
    return f"this recipe's run is kept in runs/{name}, once `xpnet train {recipe}` has made it"
