"""The tables of `xpnet doctor`."""

import os
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from rich import box
from rich.table import Table

from xpnet.backend import SETTINGS, Backend, available_backends, get_backend
from xpnet.backend.settings import Setting
from xpnet.errors import XpnetError, nearest

PACKAGES = (
    "xpnet", "numpy", "array-api-compat", "array-api-strict", "safetensors", "pydantic", "typer", "rich",
    "scikit-learn", "matplotlib", "numba", "cupy-cuda12x", "cupy-cuda13x", "torch", "jax",
)  # fmt: skip


def setting_table() -> Table:
    """Every setting with its value, where that came from, and its meaning."""
    table = _table("setting", "value", "from", "meaning")
    for entry in SETTINGS.values():
        value, source = _read(entry)
        table.add_row(entry.variable, value or "(empty)", source, entry.meaning)
    return table


def stray_settings() -> list[str]:
    """A sentence for every environment variable XPNET_* that no setting has, and that does nothing therefore."""
    known = [entry.variable for entry in SETTINGS.values()]
    stray = sorted(name for name in os.environ if name.startswith("XPNET_") and name not in known)
    return [f"{name} is set but is no setting of xpnet; {nearest(name, known)}" for name in stray]


def backend_table() -> Table:
    """Every installed backend: usable with its facts, or why not."""
    table = _table("backend", "usable", "facts, or cause and remedy")
    for name in available_backends():
        try:
            backend = get_backend(name, device=None)
        except Exception as error:  # a plugin may fail in any way, and that is what is asked here
            table.add_row(name, "no", _told(error))
        else:
            table.add_row(name, "yes", _facts(backend))
    return table


def version_table() -> Table:
    """Versions of Python and of every package that xpnet may use."""
    table = _table("package", "version")
    table.add_row("python", platform.python_version())
    for package in PACKAGES:
        table.add_row(package, _version(package))
    return table


def verdict() -> tuple[str, int]:
    """One sentence about the backend in force, and the exit code that goes with it."""
    try:
        return f"in force: {get_backend()!r}", 0
    except XpnetError as error:
        return f"the backend in force cannot be used: {error}", error.exit_code
    except Exception as error:
        return f"the backend in force cannot be used: {_told(error)}", XpnetError.exit_code


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, XpnetError) else f"{type(error).__name__}: {error}"


def _facts(backend: Backend) -> str:
    held = [name for name, value in asdict(backend.capabilities).items() if value]
    accelerated = sorted(backend.ops.accelerated)
    facts = f"{getattr(backend.xp, '__version__', '')} {backend!r}".strip()
    told = [f"{facts}; can: {', '.join(held) or 'nothing extra'}; accelerated: {', '.join(accelerated) or 'nothing'}"]
    return "; ".join(told + backend.remarks())


def _read(entry: Setting) -> tuple[str, str]:
    try:
        return entry.read()
    except XpnetError as error:
        return str(error), "environment"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
