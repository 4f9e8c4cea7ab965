"""Deterding's vowels: 11 steady vowels of British English, 10 log-area coefficients a frame (Robinson 1989)."""

import numpy as np

from xpnet.data.dataset import Dataset
from xpnet.data.folder import DataFile
from xpnet.data.official_split import OfficialSplit
from xpnet.errors import DataError

ORIGIN = "the R package ElemStatLearn (vowel.train, vowel.test)"
TRAIN = DataFile(
    "vowel_deterding", "vowel.train.csv", "ceb5b014495bf0c0c42b3dd74ac02327cf31add7c1030ce259f3c6eb9195fdf4", ORIGIN
)
TEST = DataFile(
    "vowel_deterding", "vowel.test.csv", "b91b4ed062bc6f05ceef5427c761d88ec22bd9a4e0adcf94070d28a4faf4a094", ORIGIN
)
NAMES = ("heed", "hid", "head", "had", "hard", "hud", "hod", "hoard", "hood", "who'd", "heard")


SPEAKERS = 8  # of the training part, one after the other


def load_vowels(fold: int | None = None) -> OfficialSplit:
    """528 frames of eight speakers to learn from and 462 of seven others to be judged by, 10 features each.

    fold: 0 … 3 stays within the training part, of whose speakers two are held out; so hyper-parameters can be chosen
    for new speakers without a look at the official ones. Raises DataError for another fold.
    """
    training = _part(TRAIN)
    if fold is None:
        return OfficialSplit(training, _part(TEST))
    if not 0 <= fold < SPEAKERS // 2:
        msg = f"fold must be 0 … {SPEAKERS // 2 - 1}, two speakers each; got {fold}"
        raise DataError(msg)
    held = np.arange(len(training)) * SPEAKERS // len(training) // 2 == fold
    return OfficialSplit(training.take(np.flatnonzero(~held)), training.take(np.flatnonzero(held)))


def _part(file: DataFile) -> Dataset:
    table = np.loadtxt(file.read().decode().splitlines()[1:], delimiter=",", converters=_unquoted)
    columns = table[:, -11:]  # the files may begin with a row number; the class and ten features end each line
    return Dataset(columns[:, 1:].astype(np.float32), columns[:, 0].astype(np.int64) - 1, NAMES)


def _unquoted(text: str) -> float:
    return float(text.strip('"'))
