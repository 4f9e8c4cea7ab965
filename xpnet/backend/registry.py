"""Which backends are installed, and which one is in force.

Precedence: argument > `with use_backend(...)` > environment > default. A backend named explicitly never falls back.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from xpnet._typing import DType
from xpnet.backend.protocol import Backend, require_precision
from xpnet.backend.settings import setting
from xpnet.errors import BackendError, BackendUnavailable, XpnetError, nearest

GROUP = "xpnet.backends"
READ_BY_BACKENDS = ("accel", "deterministic", "memory_limit")  # settings
AUTO_ORDER = ("cupy", "numpy")  # what "auto" tries, best first

_log = logging.getLogger("xpnet")
_in_force: ContextVar[Backend | None] = ContextVar("xpnet_backend", default=None)


def available_backends() -> list[str]:
    """Names of the installed backends; being installed does not mean that the hardware is there."""
    return sorted(_installed())


def get_backend(
    name: str | None = None,
    *,
    device: str | None = None,
    dtype: str | DType | None = None,
    precision: str | None = None,
) -> Backend:
    """The backend called `name`, or the one in force when no name is given.

    device: a name that the library knows, such as "cuda:1"; None takes XPNET_DEVICE or the library's default.
    dtype: "float32" or "float64", or a library's own dtype of that name; None takes XPNET_DTYPE.
    precision: of float32 products: "full", or "tf32", "float16" or "bfloat16" where the library has them (summed in
    float32, parameters stay float32); None takes XPNET_PRECISION.
    Raises BackendError for an unknown name, BackendUnavailable (with cause and remedy) for one that cannot run here.

    >>> get_backend("numpy", dtype="float64")
    NumpyBackend(device='cpu', dtype='float64')
    """
    if name is not None:
        _require_text(name, _installed())
    dtype = None if dtype is None else _dtype_name(dtype)
    current = _in_force.get()
    if name is None and current is not None:
        if device is None and precision is None:
            return current if dtype is None else current.with_dtype(dtype)
        name, dtype, precision = current.name, dtype or current.dtype_name, precision or current.precision
        device = device or current.device_name
    chosen = setting("backend") if name is None else name
    device = device or (setting("device") if name is None else "") or None
    dtype = dtype or setting("dtype")
    precision = precision or _precision_set_for(name, dtype)
    if chosen == "auto":
        return _first_usable(device, dtype, precision)
    also = tuple(map(setting, READ_BY_BACKENDS))
    return _build(chosen, device, dtype, precision, also)


def _precision_set_for(name: str | None, dtype: str) -> str:
    """XPNET_PRECISION; of a backend that is asked for by name only if it has it: another one may be meant."""
    wanted = setting("precision")
    if wanted == "full" or name is None or name == "auto":
        return wanted
    return wanted if wanted in load_backend(name).precisions and dtype == "float32" else "full"


@contextmanager
def use_backend(
    backend: str | Backend, *, device: str | None = None, dtype: str | None = None, precision: str | None = None
) -> Iterator[Backend]:
    """Within this block, `get_backend()` returns this backend.

    >>> with use_backend("numpy", dtype="float64") as backend:
    ...     get_backend() is backend
    True
    """
    made = {"device": device, "dtype": dtype, "precision": precision}
    chosen = backend if isinstance(backend, Backend) else get_backend(backend, **made)
    token = _in_force.set(chosen)
    try:
        yield chosen
    finally:
        _in_force.reset(token)


def load_backend(name: str) -> type[Backend]:
    """The class of an installed backend; its array library is imported, no device is touched."""
    installed = _installed()
    if name not in installed:
        msg = (
            f"unknown backend {name!r}; {nearest(name, installed)}. "
            "A new plugin is seen once its package is installed again (here: pip install -e .)"
        )
        raise BackendError(msg)
    try:
        loaded: object = installed[name].load()
    except ImportError as error:
        msg = (
            f"backend {name!r} cannot run here: its library is missing ({error}). "
            f"Install it, for example: {INSTALL_HINTS.get(name, f'the package that brings {name}')}"
        )
        raise BackendUnavailable(msg) from error
    except Exception as error:  # a plugin's own code may fail in any way
        raise BackendUnavailable(_failed(name, error)) from error
    if not (isinstance(loaded, type) and issubclass(loaded, Backend)):
        msg = (
            f"backend {name!r} cannot run here: its entry point {installed[name].value!r} is {loaded!r} and no class "
            f"of xpnet.backend.Backend; {_CHOOSE_ANOTHER}"
        )
        raise BackendUnavailable(msg)
    return loaded


def _require_text(name: object, installed: Iterable[str]) -> None:
    if not isinstance(name, str):
        msg = (
            f"a backend is asked for by its name, such as get_backend('numpy'); got {name!r}. "
            f"Installed: {', '.join(sorted(installed))}"
        )
        raise BackendError(msg)


_CHOOSE_ANOTHER = "mend or update its package, uninstall it, or choose XPNET_BACKEND=numpy"


def _failed(name: str, error: Exception) -> str:
    told = " ".join(f"{type(error).__name__}: {error}".split())  # in one line
    return f"backend {name!r} cannot run here: its package failed with {told}; {_CHOOSE_ANOTHER}"


INSTALL_HINTS = {
    "torch": 'pip install "xpnet[torch]"',
    "jax": 'pip install "xpnet[jax]"',
    "cupy": 'pip install "xpnet[cuda13]" (or "xpnet[cuda12]" for a CUDA 12 driver)',
    "strict": 'pip install "xpnet[strict]"',
}


@cache
def _build(name: str, device: str | None, dtype: str, precision: str, also: tuple[str, ...]) -> Backend:
    # The last is read by the backend itself; it is an argument here so that changing a setting makes a new backend.
    kind = load_backend(name)
    require_precision(kind, precision, dtype)
    reduced = {} if precision == "full" else {"precision": precision}  # plugins without a choice take no argument
    try:
        return kind(device=device, dtype=dtype, **reduced)
    except XpnetError:
        raise
    except Exception as error:
        raise BackendUnavailable(_failed(name, error)) from error


@cache
def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _dtype_name(dtype: DType) -> str:
    """The last word of its name: np.float64, dtype("float64") and torch.float64 are all "float64"."""
    return str(getattr(dtype, "__name__", dtype)).rsplit(".", 1)[-1]


def _first_usable(device: str | None, dtype: str, precision: str) -> Backend:
    for name in AUTO_ORDER:
        try:
            backend = get_backend(name, device=device, dtype=dtype, precision=precision)
        except BackendUnavailable as error:
            _log.info("XPNET_BACKEND=auto passes over %s: %s", name, error)
        else:
            _log.warning("XPNET_BACKEND=auto chose %r", backend)
            return backend
    msg = f"XPNET_BACKEND=auto found no usable backend among {', '.join(AUTO_ORDER)}; run `xpnet doctor`"
    raise BackendUnavailable(msg)
