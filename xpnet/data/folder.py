"""Data sets that lie in a folder of the user's: found, and proved to be the very files that results speak of."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from xpnet.backend import setting
from xpnet.errors import DataError


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: folder and name under XPNET_DATA, its SHA-256, and where it can be had."""

    folder: str
    name: str
    sha256: str
    origin: str

    def read(self) -> bytes:
        """The file's bytes; DataError when it is missing or is not that file."""
        path = self._path()
        try:
            content = path.read_bytes()
        except OSError as error:
            msg = f"cannot read {path} ({error.strerror}); it can be had from {self.origin}"
            raise DataError(msg) from error
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            msg = (
                f"{path} is not the file that was published: SHA-256 {found[:12]}…, expected {self.sha256[:12]}…. "
                f"Get it again from {self.origin}"
            )
            raise DataError(msg)
        return content

    def _path(self) -> Path:
        root = setting("data")
        if not root:
            msg = (
                f"the data set {self.folder!r} is read from disk: set XPNET_DATA to the folder that holds "
                f"{self.folder}/{self.name}, which can be had from {self.origin}"
            )
            raise DataError(msg)
        return Path(root) / self.folder / self.name
