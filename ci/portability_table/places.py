"""Where the machines are trained: backends, devices, dtypes and layouts of the store."""

from collections.abc import Sequence
from dataclasses import dataclass

import xpnet as xn
from xpnet.backend import Backend
from xpnet.errors import BackendError
from xpnet.module import Module
from xpnet.parameters import ParameterStore

SEED = 5


@dataclass(frozen=True)
class Place:
    """A backend, its device and dtype, and the layout of the store there."""

    name: str
    device: str | None
    dtype: str
    layout: str = "auto"

    def __str__(self) -> str:
        layout = "" if self.layout == "auto" else f" {self.layout}"
        return f"{self.name}{'' if self.device is None else ' ' + self.device}{layout} {self.dtype}"

    def open(self) -> "Home":
        """The backend itself; BackendError where it cannot run here."""
        return Home(xn.get_backend(self.name, device=self.device, dtype=self.dtype), self.layout)


@dataclass(frozen=True)
class Home:
    """Where one machine is trained: a backend, and how its parameters are laid out."""

    backend: Backend
    layout: str = "auto"

    def store(self, machine: Module) -> ParameterStore:
        """The machine's parameters with the first values that they have everywhere."""
        return ParameterStore(machine, self.backend, SEED, layout=self.layout)


ORACLE = Place("numpy", None, "float64", "leaf")
PLACES = (
    Place("numpy", None, "float64", "view"),
    Place("strict", "device1", "float64"),
    Place("torch", "cpu", "float64"),
    Place("jax", "cpu", "float64"),
    Place("numpy", None, "float32", "view"),
    Place("numpy", None, "float32", "leaf"),
    Place("strict", "device1", "float32"),
    Place("strict", "no_float64", "float32"),
    Place("torch", "cpu", "float32"),
    Place("torch", "cpu", "float32", "leaf"),
    Place("jax", "cpu", "float32"),
    Place("cupy", None, "float64"),
    Place("cupy", None, "float32"),
)


def usable(names: Sequence[str] = ()) -> tuple[list[Place], dict[str, str]]:
    """The places that can run here, and of every absent backend why it is absent."""
    found, absent = [], {}
    for place in PLACES:
        if names and place.name not in names:
            continue
        try:
            place.open()
        except BackendError as error:
            absent[place.name] = str(error)
        else:
            found.append(place)
    return found, absent
