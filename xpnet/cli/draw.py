"""`xpnet draw`."""

from pathlib import Path
from typing import Annotated

import typer

from xpnet.cli.options import SetOption


def draw(
    source: Annotated[Path, typer.Argument(metavar="RUN|RECIPE", help="Folder of a run, or a recipe.")],
    mermaid: Annotated[
        bool, typer.Option("--mermaid", metavar=" ", help="Mermaid text, for a README or Sphinx.")
    ] = False,
    set_: SetOption = None,
) -> None:
    """Draw a machine: a tree of its modules and parameters, or Mermaid text.

    Examples:

    * `xpnet draw examples/digits.toml`
    * `xpnet draw runs/digits --mermaid > machine.mmd`
    """
    import sys

    from xpnet.cli.drawn import machine_of
    from xpnet.cli.terminal import terminal
    from xpnet.report.mermaid import mermaid as chart
    from xpnet.report.tree import assembly_tree

    assembly = machine_of(source, set_ or ())
    if mermaid:
        sys.stdout.write(chart(assembly.machine, assembly.cost))
    else:
        terminal().print(assembly_tree(assembly))
