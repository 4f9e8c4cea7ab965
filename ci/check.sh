#!/usr/bin/env bash
# Everything that can be known without running a test: lint, format, types, floors, sizes, forbidden calls.
# usage: ci/check.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
export PYTHONPATH="$PWD:$PWD/backends${PYTHONPATH:+:$PYTHONPATH}" # so that an uninstalled checkout can be checked

for tool in ruff lint-imports mypy; do
    command -v "$tool" >/dev/null && continue
    echo "$tool is not installed beside $PYTHON: pip install -e \".[dev]\", or activate the environment that has it" >&2
    exit 1
done
run ruff check .
run ruff format --check .
run "$PYTHON" ci/forbidden.py
run "$PYTHON" ci/sizes.py
run lint-imports --no-logo --cache-dir .import_linter_cache
run mypy
say "all checks passed"
