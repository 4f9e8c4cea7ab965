#!/usr/bin/env bash
# The whole suite, or with `quick` the part that trains on no real data and sweeps little.
# usage: ci/test.sh [quick] [pytest arguments]      (one process a core; `-n 0` for one process in all)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

if [ "${1:-}" = quick ]; then
    shift
    set -- -m "not slow" "$@"
fi
run pytest -n auto "$@"
