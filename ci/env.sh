# Sourced by the scripts beside it: goes to the repository's root and finds the Python to use, which is
# $PYTHON, else the active environment's, else .venv's, else whatever `python` or `python3` is.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ -z "${PYTHON:-}" ]; then
    if [ -n "${VIRTUAL_ENV:-}" ]; then PYTHON="$VIRTUAL_ENV/bin/python"
    elif [ -x .venv/bin/python ]; then PYTHON="$PWD/.venv/bin/python"
    else PYTHON="$(command -v python || command -v python3)"
    fi
fi
tools="$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("scripts"))')"
PATH="$tools:$PATH"

say() { printf '\n== %s\n' "$*"; }

run() {
    say "$@"
    "$@"
}

require_installed() {
    "$PYTHON" -c 'import xpnet_numpy' 2>/dev/null && return
    echo "xpnet is not installed in $PYTHON: pip install -e \".[dev]\"" >&2
    exit 1
}
