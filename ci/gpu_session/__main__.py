"""`python -m gpu_session`."""

import sys

from gpu_session.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
