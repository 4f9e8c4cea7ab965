"""`xpnet`: the command line's entry, its commands, and how errors are told."""

import logging
import sys
import traceback
from typing import Annotated

import typer

from xpnet.cli.check import check
from xpnet.cli.doctor import doctor
from xpnet.cli.draw import draw
from xpnet.cli.evaluate import evaluate
from xpnet.cli.run import run
from xpnet.cli.train import train
from xpnet.errors import XpnetError

EPILOG = (
    "First steps: `xpnet train examples/digits.toml`, then `xpnet evaluate runs/digits`. "
    "`xpnet COMMAND --help` shows examples; `xpnet doctor` tells what works on this machine."
)

app = typer.Typer(
    help="Energy-based learning with explicit fprop/bprop modules on any array library.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    add_completion=False,
)
for command in (train, run, evaluate, doctor, check, draw):
    app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        from xpnet import __version__

        typer.echo(f"xpnet {__version__}")
        raise typer.Exit


@app.callback()
def common(
    debug: Annotated[
        bool, typer.Option("--debug", metavar=" ", help="Show the whole traceback of an error (anywhere in the line).")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", metavar=" ", help="Tell the version and end.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Energy-based learning with explicit fprop/bprop modules on any array library."""


def main() -> None:
    """Run the command in `sys.argv`; an XpnetError ends in one message and its own exit code."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        app(arguments, prog_name="xpnet")
    except XpnetError as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        sys.stderr.write(f"error: {describe(error)}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def describe(error: XpnetError) -> str:
    """The error's message, and the places that containers noted on its way."""
    return "; ".join([str(error), *getattr(error, "__notes__", [])])
