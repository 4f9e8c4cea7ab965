"""`xpnet train`."""

from pathlib import Path
from typing import Annotated

import typer

from xpnet.cli.options import BackendOption, DeviceOption, DtypeOption, SetOption


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe, a TOML file.")],
    set_: SetOption = None,
    run_dir: Annotated[
        Path | None, typer.Option("--run-dir", help="Where to keep the run.", show_default="runs/<name>")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", metavar=" ", help="Go on where the run stopped, bit for bit.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar=" ", help="Replace a run that is there.")] = False,
    backend: BackendOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    no_progress: Annotated[
        bool, typer.Option("--no-progress", metavar=" ", help="One line per epoch instead of a bar.")
    ] = False,
) -> None:
    """Train the machine of a recipe and keep the run in a folder.

    The folder then holds checkpoints, metrics.jsonl, a learning curve and a confusion matrix. Ctrl-C and SIGTERM
    finish the step, save, and end with 130 or 143; --resume goes on from there.

    Examples:

    * `xpnet train examples/digits.toml`
    * `xpnet train examples/digits.toml --set training.epochs=3 --run-dir runs/short`
    * `xpnet train examples/digits.toml --resume --set training.epochs=60`
    * `XPNET_BACKEND=cupy xpnet train examples/digits.toml --run-dir runs/digits-cupy`
    """
    from xpnet.backend import get_backend
    from xpnet.cli.train_job import TrainJob

    chosen = get_backend(backend, device=device, dtype=dtype)
    job = TrainJob(recipe, tuple(set_ or ()), run_dir, resume=resume, overwrite=overwrite, bar=not no_progress)
    raise typer.Exit(job.run(chosen))
