"""What `ci/bench` accepts."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

DESCRIPTION = """Time training steps and label-set energies of xpnet beside torch and JAX.

All contestants run in one process, on a processor pinned to one core, and take turns round by round. Before timing,
every contestant's gradients (or energies) are compared with a float64 calculation from the same initial parameters;
one that differs by more than 1e-4 of the largest is not timed, and the exit code tells. Absent peers are named and
left out. The files that --json and --markdown name grow case by case.
"""


@dataclass(frozen=True)
class Arguments:
    """The options of one benchmark session."""

    backend: str
    quick: bool
    rounds: int
    only: list[str]
    json: Path | None
    markdown: Path | None
    also: list[str] = field(default_factory=list)
    compiled: bool = False
    batch: list[int] = field(default_factory=list)
    calls: bool = False
    device: str | None = None

    @property
    def on_gpu(self) -> bool:
        """Whether the work is a GPU's, so that the process need not keep to one core."""
        return self.backend == "cupy" or (self.device or "").startswith("cuda")


def parse(argv: list[str]) -> Arguments:
    """Options from the command line."""
    parser = argparse.ArgumentParser(
        "ci/bench", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backend", default="numpy", help="xpnet's backend: numpy (default), cupy, torch, ...")
    parser.add_argument("--device", help="its device, for a backend that has several: cuda, cuda:1, ...")
    parser.add_argument(
        "--also", action="append", default=[], metavar="NAME", help="xpnet on this backend too; repeatable"
    )
    parser.add_argument("--compiled", action="store_true", help="captured steps and torch.compile too: minutes to make")
    parser.add_argument("--quick", action="store_true", help="few rounds of few cases: a look, not a figure")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of each case (default 61, with --quick 9)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this workload only; repeatable")
    parser.add_argument("--batch", action="append", type=int, default=[], metavar="N", help="these batch sizes only")
    parser.add_argument("--calls", action="store_true", help="count the array library's calls in a step, time nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables between this file's markers")
    given = vars(parser.parse_args(argv))
    given["rounds"] = given["rounds"] or (9 if given["quick"] else 61)
    return Arguments(**given)
