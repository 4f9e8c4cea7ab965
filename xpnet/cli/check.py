"""`xpnet check`."""

from typing import Annotated

import typer

from xpnet.cli.options import BackendOption, DeviceOption, DtypeOption


def check(
    module: Annotated[
        str | None, typer.Argument(help="Name of a registered module; without one, the backend itself is checked.")
    ] = None,
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Its arguments.")] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="SHAPE", help="Shape of one sample at an input, e.g. 5 or 7x2; once per input."
        ),
    ] = None,
    draw: Annotated[
        list[str] | None,
        typer.Option(
            "--draw",
            metavar="KIND",
            help="What an input holds: normal, positive, distribution or integers:K; once per input.",
        ),
    ] = None,
    backend: BackendOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Check a module, or a backend, against every clause of its contract.

    Of a module: fprop, bprop and bbprop, against central differences. Of a backend: arrays, devices, functions,
    primitives, compiled steps and training, against NumPy in float64.

    Examples:

    * `xpnet check Linear in_features=3 out_features=2`
    * `xpnet check Euclidean --input 4 --input 4`
    * `xpnet check LogLoss --input 4 --input scalar --draw distribution --draw integers:4`
    * `XPNET_BACKEND=strict xpnet check Softmax beta=2.0`
    * `xpnet check --backend torch --dtype float64`
    """
    from xpnet.backend import get_backend
    from xpnet.cli.checked import check_itself, check_named

    chosen = get_backend(backend, device=device, dtype=dtype)
    if module is None:
        check_itself(chosen, [*(input_ or ()), *(draw or ())])
    else:
        check_named(module, arguments or (), input_ or (), chosen, draw or ())
