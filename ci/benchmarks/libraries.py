"""The libraries that take part: xpnet's backends, and the peers that are installed and can use the same device."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import xpnet as xn
from xpnet.backend import Backend
from xpnet.errors import BackendError


@dataclass
class Libraries:
    """xpnet's backends and, where usable, torch, jax and faiss; `absent` says why others are not here.

    backend: the one whose column comes first. also: further ones on the same device. compiled: whether steps that a
    compiler must make first, which takes up to a minute each, take part too.
    """

    backend: Any
    torch: ModuleType | None = None
    jax: ModuleType | None = None
    faiss: ModuleType | None = None
    absent: dict[str, str] = field(default_factory=dict)
    also: list[Any] = field(default_factory=list)
    compiled: bool = False

    @property
    def gpu(self) -> bool:
        """Whether this session times a GPU."""
        return not self.backend.synchronous

    @property
    def torch_device(self) -> str:
        """The torch device that corresponds to xpnet's."""
        return str(self.backend.device_name) if self.gpu else "cpu"

    def ours(self) -> list[tuple[str, Any, bool]]:
        """Every way that xpnet takes part: the column's name, the backend, and whether steps are captured there."""
        places = [("xpnet", self.backend), *((f"xpnet {backend.name}", backend) for backend in self.also)]
        found = []
        for name, backend in places:
            if backend is self.backend or backend.name != "jax":  # JAX call by call is nobody's choice
                found.append((name, backend, False))
            if self.compiled and captures(backend):
                found.append((f"{name} captured", backend, True))
        return found

    def wait_for(self, backend: Any) -> Callable[[object], object]:
        """Waits until a backend's device has done everything asked of it."""
        if backend.name == "jax" and self.jax is not None:
            return self.jax.block_until_ready  # type: ignore[no-any-return]
        return lambda _: backend.synchronize()

    def wait_for_torch(self, _: object) -> None:
        """Until torch's device has done everything asked of it."""
        if self.gpu and self.torch is not None:
            self.torch.cuda.synchronize()


def captures(backend: Any) -> bool:
    """Whether a step compiled by this backend is anything but the step itself."""
    return type(backend).compile is not Backend.compile


def gather(backend_name: str, device: str | None = None, also: Sequence[str] = (), compiled: bool = False) -> Libraries:
    """Everything that can take part beside xpnet on `backend_name`."""
    libraries = Libraries(xn.get_backend(backend_name, device=device), compiled=compiled)
    for name, usable in (("torch", _torch), ("jax", _jax), ("faiss", _faiss)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            libraries.absent[name] = "not installed"
            continue
        reason = usable(module, libraries.gpu)
        if reason:
            libraries.absent[name] = reason
        else:
            setattr(libraries, name, module)
    for name in also:
        device = _device_for(name, libraries)
        try:
            libraries.also.append(xn.get_backend(name, device=device))
        except BackendError as error:
            libraries.absent[f"xpnet {name}"] = str(error)
    return libraries


def versions(libraries: Libraries) -> dict[str, str]:
    """The version of everything that takes part."""
    present = [name for name in ("torch", "jax", "faiss") if getattr(libraries, name) is not None]
    beside = ["cupy"] if libraries.backend.name == "cupy" else ["numba"] if find_spec("numba") else []
    names = ["xpnet", "numpy", *beside, *present]
    return {name: _version(name) for name in names} | libraries.absent


def _version(name: str) -> str:
    if name in ("numpy", "torch", "jax", "faiss", "cupy"):
        return str(importlib.import_module(name).__version__)
    return version(name)


def _device_for(name: str, libraries: Libraries) -> str | None:
    return libraries.torch_device if name in ("torch", "jax") else None


def _torch(torch: Any, gpu: bool) -> str:
    torch.set_num_threads(1)
    return "installed, but it sees no CUDA device" if gpu and not torch.cuda.is_available() else ""


def _jax(jax: Any, gpu: bool) -> str:
    wanted = "gpu" if gpu else "cpu"
    try:
        jax.config.update("jax_platforms", "cuda" if gpu else "cpu")
        found = jax.default_backend()
    except RuntimeError as error:
        return f"installed, but has no {wanted} platform ({str(error).splitlines()[0]})"
    if gpu:
        jax.config.update("jax_default_matmul_precision", "highest")  # its own default there is TF32
    return "" if found == wanted else f"installed, but runs on {found}, not {wanted}"


def _faiss(faiss: Any, gpu: bool) -> str:
    faiss.omp_set_num_threads(1)
    return "installed, but this build runs on the CPU" if gpu else ""
