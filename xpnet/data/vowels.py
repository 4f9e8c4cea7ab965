"""Deterding's vowels: 11 steady vowels of British English, 10 log-area coefficients a frame (Robinson 1989)."""

import numpy as np

from xpnet.data.dataset import Dataset
from xpnet.data.folder import DataFile
from xpnet.data.official_split import OfficialSplit

ORIGIN = "the R package ElemStatLearn (vowel.train, vowel.test)"
TRAIN = DataFile(
    "vowel_deterding", "vowel.train.csv", "ceb5b014495bf0c0c42b3dd74ac02327cf31add7c1030ce259f3c6eb9195fdf4", ORIGIN
)
TEST = DataFile(
    "vowel_deterding", "vowel.test.csv", "b91b4ed062bc6f05ceef5427c761d88ec22bd9a4e0adcf94070d28a4faf4a094", ORIGIN
)
NAMES = ("heed", "hid", "head", "had", "hard", "hud", "hod", "hoard", "hood", "who'd", "heard")


def load_vowels() -> OfficialSplit:
    """528 frames of eight speakers to learn from and 462 of seven others to be judged by, 10 features each."""
    return OfficialSplit(_part(TRAIN), _part(TEST))


def _part(file: DataFile) -> Dataset:
    table = np.loadtxt(file.read().decode().splitlines()[1:], delimiter=",", converters=_unquoted)
    columns = table[:, -11:]  # the files may begin with a row number; the class and ten features end each line
    return Dataset(columns[:, 1:].astype(np.float32), columns[:, 0].astype(np.int64) - 1, NAMES)


def _unquoted(text: str) -> float:
    return float(text.strip('"'))
