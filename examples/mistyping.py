"""Names as somebody types them: the noisy channel of names_ranked.py.

    python examples/mistyping.py elisabeth jonathan       # some ways to get them wrong

A letter is hit beside its key, forgotten, exchanged with the next one, or followed by a neighbouring key.
"""

import sys

import numpy as np

from xpnet.data.names import read_out, spelled

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHIFTS = 0.0, 0.25, 0.75  # of the rows of keys


def neighbours() -> list[list[int]]:
    """For each letter 0 … 26 the letters on the keys around it; of nothing, nothing."""
    spots = {ord(key) - 96: (x + SHIFTS[y], y) for y, row in enumerate(KEYS) for x, key in enumerate(row)}
    around = [
        [b for b, spot in spots.items() if 0 < np.hypot(*np.subtract(spot, spots[a])) < 1.3] for a in range(1, 27)
    ]
    return [[0], *around]


COUNTS = np.asarray([len(letters) for letters in neighbours()])
NEAR = np.asarray([letters + [0] * (COUNTS.max() - len(letters)) for letters in neighbours()])


def typed(letters: np.ndarray, noise: float, random: np.random.Generator) -> np.ndarray:
    """Names (N, T) of `spelled` as somebody types them who errs at each letter with this probability, at least once."""
    found, todo = letters.copy(), np.arange(len(letters))
    while len(todo):
        found[todo] = typed_once(letters[todo], noise, random)
        todo = todo[(found[todo] == letters[todo]).all(axis=1) | (found[todo, 0] == 0)]
    return found


def typed_once(letters: np.ndarray, noise: float, random: np.random.Generator) -> np.ndarray:
    """The four mistakes, all alike in frequency; what becomes longer is cut."""
    kind = np.where(letters > 0, (4 * random.random(letters.shape) / noise).astype(int), 4)  # 4 and more: right
    first = np.where(kind == 0, beside(letters, random), np.where(kind == 1, 0, letters))
    swap = (kind[:, :-1] == 2) & (kind[:, 1:] > 3) & (letters[:, 1:] > 0)
    first[:, :-1][swap], first[:, 1:][swap] = letters[:, 1:][swap], letters[:, :-1][swap]
    then = np.where(kind == 3, beside(letters, random), 0)
    both = np.stack([first, then], axis=-1).reshape(len(letters), -1)
    order = np.argsort(both == 0, axis=1, kind="stable")[:, : letters.shape[1]]
    return np.take_along_axis(both, order, axis=1).astype(np.uint8)


def beside(letters: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A neighbouring key for each letter."""
    return NEAR[letters, (random.random(letters.shape) * COUNTS[letters]).astype(int)]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, *read_out(typed(np.repeat(spelled([name], 20), 8, axis=0), 0.15, np.random.default_rng())))
