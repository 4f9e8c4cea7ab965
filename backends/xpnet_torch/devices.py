"""Which devices torch has here, by the names that XPNET_DEVICE takes."""

import torch

from xpnet.errors import BackendError, BackendUnavailable


def parse(device: str | None) -> torch.device:
    """The torch device called "cpu", "cuda" or "cuda:1"; None is torch's own default.

    Raises BackendError for what is no device, BackendUnavailable for CUDA where there is none.
    """
    try:
        chosen = torch.get_default_device() if device is None else torch.device(device)
    except RuntimeError as error:
        msg = f"backend 'torch' has no device {device!r}; write 'cpu', 'cuda' or 'cuda:1'"
        raise BackendError(msg) from error
    if chosen.type == "cpu" and not chosen.index:
        return torch.device("cpu")
    if chosen.type != "cuda":
        msg = f"backend 'torch' runs on 'cpu' and 'cuda'; got {device!r}"
        raise BackendError(msg)
    return _cuda(chosen)


def _cuda(device: torch.device) -> torch.device:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        built = torch.version.cuda
        cause = "this torch is built for the CPU" if built is None else "no CUDA device is visible to torch"
        check = "check nvidia-smi, the driver and CUDA_VISIBLE_DEVICES"
        remedy = "install a CUDA build of torch" if built is None else check
        msg = f"backend 'torch' cannot run on {str(device)!r}: {cause}; {remedy}, or choose XPNET_DEVICE=cpu"
        raise BackendUnavailable(msg)
    index = 0 if device.index is None else device.index
    if index >= count:
        present = ", ".join(f"cuda:{number}" for number in range(count))
        msg = f"backend 'torch' has no device {str(device)!r}; present: cpu, {present}"
        raise BackendError(msg)
    return torch.device("cuda", index)
