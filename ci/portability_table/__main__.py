"""`ci/portability`."""

import sys

from portability_table.arguments import parse
from portability_table.session import run

if __name__ == "__main__":
    sys.exit(run(parse(sys.argv[1:])))
