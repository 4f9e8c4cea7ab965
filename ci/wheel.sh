#!/usr/bin/env bash
# Build the wheel, install it in a clean environment, and run the suite from outside the tree, so that what a user
# installs is tested and not the checkout.
# usage: ci/wheel.sh [quick] [pytest arguments]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
unset PYTHONPATH VIRTUAL_ENV

selection=()
if [ "${1:-}" = quick ]; then
    shift
    selection=(-m "not slow")
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

run "$PYTHON" -m pip wheel --quiet --no-deps --wheel-dir "$folder/dist" .
wheel="$(echo "$folder"/dist/*.whl)"
run "$PYTHON" -m venv "$folder/venv"
run "$folder/venv/bin/python" -m pip install --quiet "$wheel[dev]"

mkdir "$folder/outside"
cp -r tests examples docs README.md CONTRIBUTING.md CHANGELOG.md pyproject.toml "$folder/outside"
mkdir "$folder/outside/backends"
cp backends/README.md "$folder/outside/backends" # README links there
rm -r "$folder/outside/tests/ci" # those test the scripts of the tree
cd "$folder/outside"
PATH="$folder/venv/bin:$PATH"
run python -c 'import xpnet, xpnet_numpy; print(xpnet.__file__); assert "site-packages" in xpnet.__file__'
run pytest -n auto "${selection[@]}" tests --pyargs xpnet "$@"
