"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

BackendOption = Annotated[
    str | None,
    typer.Option("--backend", help="Array library: numpy, cupy, strict, auto …", show_default="XPNET_BACKEND"),
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
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, e.g. runs/digits.")]
