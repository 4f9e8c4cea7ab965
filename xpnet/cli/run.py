"""`xpnet run`."""

from pathlib import Path
from typing import Annotated

import typer

from xpnet.cli.options import (
    BackendOption,
    DeviceOption,
    DtypeOption,
    RejectEnergyOption,
    RejectMarginOption,
    RejectProbabilityOption,
    RunArgument,
)


def run(
    run: RunArgument,
    samples: Annotated[Path, typer.Argument(metavar="SAMPLES.npy", help="Samples (count, features), unscaled.")],
    json: Annotated[bool, typer.Option("--json", metavar=" ", help="One JSON object per line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", metavar=" ", help="Comma-separated values with a header.")] = False,
    top: Annotated[int, typer.Option("--top", min=0, help="Also tell the N best labels of each sample.")] = 0,
    reject_margin: RejectMarginOption = None,
    reject_energy: RejectEnergyOption = None,
    reject_probability: RejectProbabilityOption = None,
    backend: BackendOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Answer samples: the label of lowest energy, its energy, the margin to the second best, and its probability.

    The samples are scaled as in training. A small margin means a doubtful answer. Probabilities are P(label) at the β
    of the run's loss, or at 1. With a --reject option, doubtful answers are "rejected", beside their best label.

    Examples:

    * `xpnet run runs/digits samples.npy --top 3`
    * `xpnet run runs/digits samples.npy --csv --reject-margin 0.2 > answers.csv`
    * `xpnet run runs/digits samples.npy --json | head -3`
    """
    from xpnet.cli.answers import print_answers
    from xpnet.cli.rejection import Rejection
    from xpnet.cli.trained import Trained
    from xpnet.data.files import load_npy
    from xpnet.errors import DataError, RecipeError
    from xpnet.training.evaluation import answer

    if json and csv:
        msg = "--json and --csv exclude each other; give one of them"
        raise RecipeError(msg)
    rejection = Rejection(reject_margin, reject_energy, reject_probability).checked()
    if samples.is_dir():
        msg = f"{samples} is a folder, not a file of samples; the arguments are RUN SAMPLES.npy, in this order"
        raise DataError(msg)
    host = load_npy(samples)
    trained = Trained(run, (backend, device, dtype))
    answers = answer(trained.assembly, trained.scaled(host))
    form = "json" if json else "csv" if csv else "table"
    print_answers(answers, trained.assembly.label_names, form, beta=trained.beta, top=top, rejection=rejection)
