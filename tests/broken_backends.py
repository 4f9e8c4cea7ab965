"""Backends that are right, over NumPy and over array-api-strict, for tests to break in one way each."""

from contextlib import nullcontext
from types import SimpleNamespace

import array_api_compat.numpy as compat
import numpy as np
import xpnet_strict

import xpnet as xn
from xpnet.backend import Backend
from xpnet.errors import BackendError
from xpnet.ops import resolve


class Sound(Backend):
    """NumPy without overrides, its namespace a copy of its own: every clause holds."""

    name = "sound"
    overrides: dict = {}  # noqa: RUF012
    changes: dict = {}  # noqa: RUF012  # functions of the namespace in another form

    def __init__(self, device=None, dtype="float32", precision="full"):
        names = {name: getattr(compat, name) for name in dir(compat) if not name.startswith("__")}
        super().__init__(SimpleNamespace(**names | self.changes), device, dtype, precision)
        self.ops = resolve(self.xp, self.overrides)

    def parse_device(self, device):
        if device not in (None, "cpu"):
            msg = f"backend 'sound' has no device {device!r}; it has only 'cpu'"
            raise BackendError(msg)
        return "cpu"

    def asarray(self, x, dtype=None):
        return np.asarray(x, dtype=self.dtype if dtype is None else dtype)

    def indices(self, x):
        return np.asarray(x, dtype=np.int64)

    def to_numpy(self, x):
        return np.asarray(x)

    def synchronize(self):
        return None

    def device_scope(self):
        return nullcontext()


def strict(**members):
    """A backend over array-api-strict on its device1, with other members."""
    made = type("BrokenStrict", (xpnet_strict.StrictBackend,), {"name": "broken-strict", **members})
    return made(device="device1")


def sound(namespace=None, overrides=None, dtype="float32", **members):
    """A backend over NumPy with other members, other functions in its namespace, or overrides."""
    parts = {"changes": namespace or {}, "overrides": overrides or {}, **members}
    return type("BrokenSound", (Sound,), parts)(dtype=dtype)


def broken_clauses(backend, **options):
    """The names of the clauses that check_backend finds broken, and its message."""
    try:
        xn.testing.check_backend(backend, **options)
    except xn.errors.ContractError as error:
        lines = str(error).split("\n")
        return [line.strip().partition(":")[0] for line in lines[1:] if "Remedy" in line], str(error)
    return [], ""
