"""What the machines learn from: real data, brought to float32 once so that every dtype sees the same numbers."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from portability_table.places import SEED
from xpnet._typing import HostArray
from xpnet.data.digits import load_digits
from xpnet.data.minibatches import epoch_order
from xpnet.data.names import LETTERS, load_names, spelled
from xpnet.data.splice import load_splice
from xpnet.data.sunspots import load_sunspots, windows
from xpnet.data.vowels import load_vowels
from xpnet.streams import stream

Parts = tuple[HostArray, ...]
LONGEST = 8  # letters of a name
END = 3  # the class of what follows the last letter of a name; 1 is a vowel, 2 a consonant


def exact(values: Any) -> HostArray:
    """Values that float32 and float64 hold alike."""
    return np.asarray(values, np.float64).astype(np.float32).astype(np.float64)


def minibatches(parts: Parts, size: int) -> Callable[[int], Parts]:
    """Update number -> that minibatch of a shuffled epoch, all of one size."""
    count = len(parts[0])
    each = count // size

    def of(update: int) -> Parts:
        epoch, place = divmod(update, each)
        chosen = epoch_order(count, SEED, epoch)[place * size : (place + 1) * size]
        return tuple(part[chosen] for part in parts)

    return of


def noise(update: int, shape: tuple[int, ...], spread: float) -> HostArray:
    """The noise of one update."""
    return exact(spread * stream(SEED, "noise", update).normal(size=shape))


def drawn(purpose: str, shape: tuple[int, ...]) -> HostArray:
    """Fixed random numbers for a purpose."""
    return exact(stream(SEED, purpose).normal(size=shape))


def codes(count: int) -> HostArray:
    """A label set of -1 and +1, one label a row."""
    return 2 * np.eye(count) - 1


@cache
def digits() -> Parts:
    """Pixels (1797, 64) from 0 to 1, and labels."""
    data = load_digits()
    return exact(data.samples / 16), data.labels


@cache
def vowels() -> Parts:
    """Log-area coefficients (528, 10), standardised, and labels 0 ... 10."""
    data = load_vowels().training
    samples = np.asarray(data.samples, np.float64)
    return exact((samples - samples.mean(axis=0)) / samples.std(axis=0)), data.labels


@cache
def sunspots(lags: int) -> Parts:
    """As many earlier yearly numbers (N, lags), and the next one (N, 1), in hundreds."""
    known, following = windows(load_sunspots()[1], lags)
    return exact(known / 100), exact(following[:, None] / 100)


@cache
def splice() -> Parts:
    """The letters around a possible junction (3005, 60, 4), and labels 0, 1, and 2 for neither."""
    data = load_splice()
    return exact(data.samples), data.labels


@cache
def names() -> Parts:
    """Letters of short names as integers (N, LONGEST), what follows each (N, LONGEST), and lengths (N,)."""
    letters = spelled([name for name in load_names() if len(name) <= LONGEST][:2000], LONGEST).astype(np.int64)
    following = np.concatenate([letters[:, 1:], np.zeros_like(letters[:, :1])], axis=1)
    vowel = np.isin(following, [1 + "abcdefghijklmnopqrstuvwxyz".index(letter) for letter in "aeiouy"])
    return letters, np.where(following == 0, END, np.where(vowel, 1, 2)) - 1, (letters > 0).sum(axis=1)


@cache
def pairs_of_letters() -> Parts:
    """Two letters of a name as one symbol below 27 * 27 (N,), and the letter that follows, below 27 (N,)."""
    letters, _, lengths = names()
    padded = np.pad(letters, [(0, 0), (2, 1)])
    places = [(row, at) for row, length in enumerate(lengths) for at in range(length + 1)]
    rows, at = np.asarray(places).T
    return (LETTERS + 1) * padded[rows, at] + padded[rows, at + 1], padded[rows, at + 2]
