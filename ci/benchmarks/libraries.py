"""The libraries that take part: xpnet's backend, and the peers that are installed and can use the same device."""

import importlib
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import xpnet as xn


@dataclass
class Libraries:
    """xpnet's backend and, where usable, torch, jax and faiss; `absent` says why the others are not here."""

    backend: Any
    torch: ModuleType | None = None
    jax: ModuleType | None = None
    faiss: ModuleType | None = None
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def gpu(self) -> bool:
        """Whether this session times a GPU."""
        return self.backend.name == "cupy"

    @property
    def torch_device(self) -> str:
        """The torch device that corresponds to xpnet's."""
        return f"cuda:{self.backend.device.id}" if self.gpu else "cpu"

    def wait_for_xpnet(self, _: object) -> None:
        """Until the backend's device has done everything asked of it."""
        self.backend.synchronize()

    def wait_for_torch(self, _: object) -> None:
        """Until torch's device has done everything asked of it."""
        if self.gpu and self.torch is not None:
            self.torch.cuda.synchronize()


def gather(backend_name: str) -> Libraries:
    """Everything that can take part beside xpnet on `backend_name`."""
    libraries = Libraries(xn.get_backend(backend_name))
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
    return libraries


def versions(libraries: Libraries) -> dict[str, str]:
    """The version of everything that takes part."""
    present = [name for name in ("torch", "jax", "faiss") if getattr(libraries, name) is not None]
    beside = ["cupy"] if libraries.gpu else ["numba"] if find_spec("numba") else []
    names = ["xpnet", "numpy", *beside, *present]
    return {name: _version(name) for name in names} | libraries.absent


def _version(name: str) -> str:
    if name in ("numpy", "torch", "jax", "faiss", "cupy"):
        return str(importlib.import_module(name).__version__)
    return version(name)


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
    return "" if found == wanted else f"installed, but runs on {found}, not {wanted}"


def _faiss(faiss: Any, gpu: bool) -> str:
    faiss.omp_set_num_threads(1)
    return "installed, but this build runs on the CPU" if gpu else ""
