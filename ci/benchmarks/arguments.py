"""What `ci/bench` accepts."""

import argparse
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = """Time one training step and label-set energies of xpnet beside torch eager and JAX jit.

All contestants run in one process, pinned to one core, and take turns round by round. Before timing, every
contestant's gradients (or energies) are compared with a float64 calculation from the same initial parameters;
one that differs by more than 1e-4 of the largest stops the benchmark. Absent peers are named and left out.
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


def parse(argv: list[str]) -> Arguments:
    """Options from the command line."""
    parser = argparse.ArgumentParser(
        "ci/bench", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backend", default="numpy", help="xpnet's backend: numpy (default), cupy, ...")
    parser.add_argument("--quick", action="store_true", help="few rounds of few cases: a look, not a figure")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of each case (default 61, with --quick 9)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this workload only; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables between this file's markers")
    given = parser.parse_args(argv)
    rounds = given.rounds or (9 if given.quick else 61)
    return Arguments(given.backend, given.quick, rounds, given.only, given.json, given.markdown)
