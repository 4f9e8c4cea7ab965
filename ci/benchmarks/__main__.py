"""`ci/bench`: prepares the process, then runs the workloads."""

import sys

from benchmarks.arguments import parse
from benchmarks.environment import prepare

if __name__ == "__main__":
    arguments = parse(sys.argv[1:])
    prepared = prepare(sys.argv[1:], pinned=not arguments.on_gpu)

    from benchmarks.session import run  # imports array libraries, so not before the process is prepared

    sys.exit(run(arguments, prepared))
