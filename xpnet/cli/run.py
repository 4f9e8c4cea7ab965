"""`xpnet run`."""

from pathlib import Path
from typing import Annotated

import typer

from xpnet.cli.options import BackendOption, DeviceOption, DtypeOption, RunArgument


def run(
    run: RunArgument,
    samples: Annotated[Path, typer.Argument(metavar="SAMPLES.npy", help="Samples (count, features), unscaled.")],
    json: Annotated[bool, typer.Option("--json", metavar=" ", help="One JSON object per line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", metavar=" ", help="Comma-separated values with a header.")] = False,
    backend: BackendOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Answer samples: the label of lowest energy, its energy, and the margin to the second best.

    The samples are scaled as in training. A small margin means a doubtful answer.

    Examples:

    * `xpnet run runs/digits samples.npy`
    * `xpnet run runs/digits samples.npy --csv > answers.csv`
    * `xpnet run runs/digits samples.npy --json | head -3`
    """
    from xpnet.cli.answers import print_answers
    from xpnet.cli.trained import Trained
    from xpnet.data.files import load_npy
    from xpnet.errors import DataError, RecipeError
    from xpnet.training.evaluation import answer

    if json and csv:
        msg = "--json and --csv exclude each other; give one of them"
        raise RecipeError(msg)
    if samples.is_dir():
        msg = f"{samples} is a folder, not a file of samples; the arguments are RUN SAMPLES.npy, in this order"
        raise DataError(msg)
    host = load_npy(samples)
    trained = Trained(run, (backend, device, dtype))
    answers = answer(trained.assembly, trained.scaled(host))
    print_answers(answers, trained.assembly.label_names, "json" if json else "csv" if csv else "table")
