"""What `ci/portability` accepts."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from portability_table.bounds import CEILING, SLACK
from portability_table.machines import MACHINES

DESCRIPTION = f"""Train each machine of the lecture on every backend that can run here, and compare its numbers.

The oracle is NumPy in float64. Every other place (backend, device, dtype, layout of the store) starts from the same
weights, and sees the same samples, shuffles and noise, as all of them are drawn on the host from counter-based streams.
After the updates, a probe batch is sent through all three passes, and four kinds of numbers are compared:

  x            energies and outputs of the probe batch
  dx           gradients with respect to the machine's inputs and to all parameters
  ddx          diagonal second derivatives, by bbprop, with respect to the same
  parameters   what was learned

A difference is relative to the largest number of the oracle's array. What may be expected of a machine is measured,
not guessed: the oracle is trained once more with its parameters rounded to float32 after each update. The difference
that this makes is how far the machine carries one rounding an update, its drift. A float32 place may be {SLACK} drifts
away, a float64 place {SLACK} drifts times 2^-29, the ratio of the roundings; but never more than
{CEILING["float32"]:g} and {CEILING["float64"]:g}, however chaotic the machine.
"""

EXAMPLES = """examples:
  ci/portability                                   all machines everywhere, a table on the terminal
  ci/portability --markdown docs/portability.md    and into the page, between its markers
  ci/portability --only tdnn --only crf --backend torch
  ci/portability --updates 3 --json numbers.json   quick, and everything measured as JSON

exit code: 0 if all numbers agree; 1 if some do not, a machine failed, or none could be trained; 2 for unknown names
"""


@dataclass(frozen=True)
class Arguments:
    """The options of one session."""

    only: list[str] = field(default_factory=list)
    backend: list[str] = field(default_factory=list)
    updates: int = 100
    markdown: Path | None = None
    json: Path | None = None


def parse(argv: list[str]) -> Arguments:
    """Options from the command line."""
    parser = argparse.ArgumentParser(
        "ci/portability",
        description=DESCRIPTION,
        epilog=f"machines: {', '.join(machine.name for machine in MACHINES)}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", default=[], metavar="MACHINE", help="this machine only; repeatable")
    parser.add_argument("--backend", action="append", default=[], metavar="NAME", help="only this one; repeatable")
    parser.add_argument("--updates", type=_positive, default=100, metavar="N", help="updates before the probe (100)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table between this file's markers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    return Arguments(**vars(parser.parse_args(argv)))


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        msg = f"at least one update; got {text}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)
