"""What `ci/gpu` accepts."""

import argparse
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = """Run the kernel equality tests, the multi-stream tests, the memory soak, the suite and the benchmarks on
a CUDA GPU, and write docs/gpu/<date>-<device>.md. Without a GPU it says so in one line and succeeds.

The page is written as each section ends, and while it runs; a section that is run again replaces its old result, the
others stay. So the work may be done in pieces:

  ci/gpu --list                          the sections
  ci/gpu --only kernels --only streams   some of them; a name before the dot takes all of its parts
  ci/gpu --resume --within 9             what the page does not hold yet, ending after nine minutes
"""


@dataclass(frozen=True)
class Arguments:
    """The options of one call."""

    only: list[str]
    quick: bool
    limit: float
    within: float
    resume: bool
    folder: Path | None
    workers: int
    list: bool
    pytest: list[str]

    @property
    def how(self) -> str:
        """What makes this call's results differ from a whole one's."""
        return " ".join([*(["quick"] if self.quick else []), *self.pytest])


def parse(argv: list[str]) -> Arguments:
    """Options from the command line."""
    parser = argparse.ArgumentParser(
        "ci/gpu", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this section only; repeatable")
    parser.add_argument("--quick", action="store_true", help="a look: no slow tests, few rounds of few timings")
    parser.add_argument(
        "--limit", type=float, default=60.0, metavar="MINUTES", help="a section that takes longer is ended (60)"
    )
    parser.add_argument(
        "--within", type=float, default=0.0, metavar="MINUTES", help="all sections together end after so long"
    )
    parser.add_argument("--resume", action="store_true", help="leave out what this commit has passed on this device")
    parser.add_argument(
        "--folder",
        type=Path,
        help="where the page and the logs go (docs/gpu and build/gpu); a page begun there is taken up",
    )
    parser.add_argument("--workers", type=int, default=4, help="test processes, where pytest-xdist is installed (4)")
    parser.add_argument("--list", action="store_true", help="name the sections and stop")
    parser.add_argument("pytest", nargs="*", help="after --: arguments for every pytest")
    return Arguments(**vars(parser.parse_args(argv)))
