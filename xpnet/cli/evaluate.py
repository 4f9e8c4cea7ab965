"""`xpnet evaluate`."""

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
    SetOption,
)


def evaluate(
    run: RunArgument,
    pictures: Annotated[
        bool,
        typer.Option("--pictures", metavar=" ", help="Draw reject.png, gaps.png and calibration.png into the folder."),
    ] = False,
    reject_margin: RejectMarginOption = None,
    reject_energy: RejectEnergyOption = None,
    reject_probability: RejectProbabilityOption = None,
    set_: SetOption = None,
    backend: BackendOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Judge a trained machine on its data: errors of both parts, and which labels it confuses.

    Of the held-out part it also tells how many answers to reject, and where, to lower the error; whether P(answer) can
    be believed; and by how much energy answers are right or wrong. With a --reject option, answers beyond the bound are
    rejected and neither correct nor wrong.

    The data are loaded again as the recipe says, and must be those of the run, split as they were; --set may only tell
    where they lie now.

    Examples:

    * `xpnet evaluate runs/digits --pictures`
    * `xpnet evaluate runs/digits --reject-margin 0.2`
    * `xpnet evaluate runs/letters --set data.path=elsewhere/letters.npz`
    """

    from xpnet.cli.judged import draw_judgement, judged, print_judgement
    from xpnet.cli.rejection import Rejection
    from xpnet.cli.terminal import terminal
    from xpnet.cli.trained import Trained
    from xpnet.training.material import gather, require_same_data

    rejection = Rejection(reject_margin, reject_energy, reject_probability).checked()
    trained = Trained(run, (backend, device, dtype), set_ or ())
    recipe = trained.assembly.recipe
    material = gather(recipe.data, recipe.junk)
    require_same_data(material, trained.checkpoint.meta.data)
    parts = {"training": judged(trained, material.training), "held-out": judged(trained, material.held_out)}
    console = terminal()
    found = print_judgement(trained, parts, rejection, console)
    if pictures:
        draw_judgement(trained, found, console)
