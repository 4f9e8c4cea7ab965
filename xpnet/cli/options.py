"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

BackendOption = Annotated[
    str | None,
    typer.Option(
        "--backend", help="Array library: numpy, torch, jax, cupy, strict, auto …", show_default="XPNET_BACKEND"
    ),
]
DeviceOption = Annotated[
    str | None, typer.Option("--device", help="Device of that library, e.g. cuda:1.", show_default="XPNET_DEVICE")
]
DtypeOption = Annotated[
    str | None, typer.Option("--dtype", help="float32 or float64.", show_default="XPNET_DTYPE, or the run's own")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Replace one value of the recipe; may be given many times."),
]
RejectMarginOption = Annotated[
    float | None, typer.Option("--reject-margin", help="Reject answers whose margin is below this.", show_default=False)
]
RejectEnergyOption = Annotated[
    float | None, typer.Option("--reject-energy", help="Reject answers whose energy is above this.", show_default=False)
]
RejectProbabilityOption = Annotated[
    float | None,
    typer.Option("--reject-probability", help="Reject answers whose P is below this, 0 to 1.", show_default=False),
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, e.g. runs/digits.")]
