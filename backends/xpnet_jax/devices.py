"""Which devices JAX has here, by the names that XPNET_DEVICE takes."""

import re

import jax
import jax.numpy as jnp
from jax.extend.backend import backends

from xpnet._typing import Device
from xpnet.errors import BackendError, BackendUnavailable


def parse(device: str | None) -> Device:
    """The JAX device called "cpu", "cuda:1" or "tpu:0"; None is JAX's own default.

    Raises BackendError for what is no device, BackendUnavailable for a platform that is not here.
    """
    if device is None:
        return jnp.zeros(()).device
    match = re.fullmatch(r"(?P<platform>[a-z]+)(?::(?P<index>\d+))?", device)
    if match is None:
        msg = f"backend 'jax' has no device {device!r}; write 'cpu', 'cuda' or 'cuda:1'"
        raise BackendError(msg)
    present = _present(match["platform"], device)
    index = int(match["index"] or 0)
    if index >= len(present):
        names = ", ".join(map(name_of, present))
        msg = f"backend 'jax' has no device {device!r}; present: {names}"
        raise BackendError(msg)
    return present[index]


def count() -> int:
    """How many devices there are, of all platforms."""
    return sum(client.device_count() for client in backends().values())


def name_of(device: Device) -> str:
    """A device by the name that `parse` reads."""
    platform = "cuda" if device.platform == "gpu" else device.platform
    return f"{platform}:{device.id}"


def _present(platform: str, device: str) -> list[Device]:
    try:
        return jax.devices(platform)
    except RuntimeError as error:
        cause = str(error).splitlines()[0]
        msg = (
            f"backend 'jax' cannot run on {device!r}: {cause}; install a JAX for it "
            '(pip install "jax[cuda13]"), or choose XPNET_DEVICE=cpu'
        )
        raise BackendUnavailable(msg) from error
