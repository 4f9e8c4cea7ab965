"""Samples in NumPy's own files; never unpickled."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xpnet._typing import HostArray
from xpnet.backend.settings import setting
from xpnet.data.dataset import Dataset, as_samples
from xpnet.errors import DataError


def load_npz(path: str) -> Dataset:
    """A .npz file with `samples` (N, *event), `labels` (N,) and, if wanted, `label_names` (K,).

    Without label_names the labels may be any integers or words; their sorted values become the names.
    A relative path is looked for in the folder XPNET_DATA, then in the current one. Raises DataError.
    """
    arrays = _read(find_file(path))
    if not isinstance(arrays, Mapping):
        msg = f"{path} holds a single array; a training file is a .npz with `samples` and `labels`"
        raise DataError(msg)
    missing = [name for name in ("samples", "labels") if name not in arrays]
    if missing:
        msg = f"{path} has no array {missing[0]!r}; it holds {', '.join(sorted(arrays)) or 'nothing'}"
        raise DataError(msg)
    labels, names = _named(arrays["labels"], arrays.get("label_names"))
    return Dataset(arrays["samples"], labels, names)


def load_npy(path: Path) -> HostArray:
    """Samples (N, *event) of a .npy file, as finite floats; a single vector (n,) counts as one sample."""
    array = _read(path)
    if isinstance(array, Mapping):
        if "samples" not in array:
            msg = f"{path} has no array 'samples'; it holds {', '.join(sorted(array)) or 'nothing'}"
            raise DataError(msg)
        array = array["samples"]
    return as_samples(array[None] if array.ndim == 1 else array)


def find_file(path: str) -> Path:
    """An existing file: the path itself, or within XPNET_DATA when it is relative."""
    folder = setting("data")
    places = [Path(folder) / path, Path(path)] if folder else [Path(path)]
    for place in places:
        if place.is_file():
            return place
    msg = f"no data file {' or '.join(str(place) for place in places)}; set XPNET_DATA to the folder that holds it"
    raise DataError(msg)


def _named(labels: HostArray, names: HostArray | None) -> tuple[HostArray, tuple[str, ...]]:
    if names is not None:
        return labels, tuple(str(name) for name in names)
    if labels.dtype.kind not in "iuUS":
        msg = f"labels must be integers or words; got dtype {labels.dtype}"
        raise DataError(msg)
    values, positions = np.unique(labels, return_inverse=True)
    return positions, tuple(str(value) for value in values)


def _read(path: Path) -> HostArray | dict[str, HostArray]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            with loaded:
                return dict(loaded)
    except (OSError, ValueError, EOFError, SyntaxError, zipfile.BadZipFile, MemoryError) as error:
        msg = f"cannot read {path}: {_cause(path, error)}"
        raise DataError(msg) from error
    return loaded


def _cause(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, OSError) and path.is_dir():
        return "it is a folder, where a .npy file is needed"
    if isinstance(error, ValueError) and "allow_pickle" in str(error):  # NumPy's own advice would run foreign code
        if _begins_as_numpy(path):
            return "it holds Python objects, which are never unpickled; save numbers, not objects"
        return f"it is not a .{'npz' if path.suffix == '.npz' else 'npy'} file; write it with numpy.save or numpy.savez"
    return f"it is damaged or no NumPy data ({error}); write it with numpy.save or numpy.savez"


def _begins_as_numpy(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6) == b"\x93NUMPY"
