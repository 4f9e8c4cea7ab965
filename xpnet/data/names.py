"""Given names: 32033 lines of the makemore data set (Karpathy 2022, after ssa.gov), 29494 of them distinct."""

from collections.abc import Sequence

import numpy as np

from xpnet._typing import HostArray
from xpnet.data.folder import DataFile
from xpnet.errors import DataError

FILE = DataFile(
    "names",
    "names.txt",
    "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
    "https://github.com/karpathy/makemore (names.txt)",
)
LONGEST = 15
LETTERS = 26


def load_names() -> tuple[str, ...]:
    """The distinct names, lower-case, in the order of the file: 29494 of 2 to 15 letters."""
    return tuple(dict.fromkeys(FILE.read().decode().split()))


def spelled(names: Sequence[str], width: int = LONGEST) -> HostArray:
    """The letters of names as integers (N, width), a = 1 … z = 26, and 0 behind the last one.

    Raises DataError for a name that is longer than `width` or has anything but the letters a … z.

    >>> spelled(["abc", "z"], width=4).tolist()
    [[1, 2, 3, 0], [26, 0, 0, 0]]
    """
    letters = np.zeros((len(names), width), np.uint8)
    for row, name in zip(letters, names, strict=True):
        if len(name) > width or not all("a" <= letter <= "z" for letter in name):
            msg = f"a name has at most {width} letters, all of a … z; got {name!r}. Spell it in lower case, or cut it"
            raise DataError(msg)
        row[: len(name)] = np.frombuffer(name.encode(), np.uint8) - (ord("a") - 1)
    return letters


def read_out(letters: HostArray) -> list[str]:
    """The names that are spelled by integers (N, width): the inverse of `spelled`.

    >>> read_out(spelled(["ann", "bob"], width=5))
    ['ann', 'bob']
    """
    return ["".join(chr(ord("a") - 1 + letter) for letter in row if letter) for row in letters.tolist()]
