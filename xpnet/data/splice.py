"""Primate splice junctions (Noordewier et al. 1991): is the middle of 60 nucleotides a donor, an acceptor, neither?"""

import numpy as np

from xpnet._typing import HostArray
from xpnet.data.dataset import Dataset
from xpnet.data.folder import DataFile
from xpnet.errors import DataError

FILE = DataFile(
    "splice",
    "splice.data",
    "ebbae10c85d3c285e2a2489a37e42bc2ee8d91d15005e391a9962fa3389a114f",
    "the UCI repository, data set 69 (molecular biology, splice-junction gene sequences)",
)
NAMES = ("EI", "IE", "N")  # exon to intron (donor), intron to exon (acceptor), neither
LETTERS = {
    "A": "A", "C": "C", "G": "G", "T": "T",
    "D": "AGT", "N": "ACGT", "S": "CG", "R": "AG",  # ambiguous: any of these, with equal weight
}  # fmt: skip
LENGTH = 60


def load_splice(flat: bool = False) -> Dataset:
    """3005 sequences (60, 4): the weights of A, C, G and T at each position; labels EI, IE and N, "neither", junk.

    flat: as vectors of 240.

    The file repeats sequences, 185 times; each is kept once, lest the same one be learned from and be judged by.
    """
    rows = [[field.strip() for field in line.split(",")] for line in FILE.read().decode().splitlines() if line.strip()]
    classes: dict[str, str] = {}
    for name, _, sequence in rows:
        classes.setdefault(sequence, name)
    samples = np.stack([encode(sequence) for sequence in classes])
    samples = samples.reshape(len(samples), -1) if flat else samples
    return Dataset(samples, np.asarray([NAMES.index(name) for name in classes.values()]), NAMES)


def encode(sequence: str) -> HostArray:
    """(60, 4) weights of A, C, G, T; DataError for another length or an unknown letter.

    >>> encode("A" * 59 + "R")[[0, -1]].tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0]]
    """
    unknown = sorted(set(sequence) - set(LETTERS))
    if len(sequence) != LENGTH or unknown:
        msg = f"a sequence has {LENGTH} of the letters {' '.join(LETTERS)}; got {len(sequence)}, unknown: {unknown}"
        raise DataError(msg)
    weights = [[(base in LETTERS[letter]) / len(LETTERS[letter]) for base in "ACGT"] for letter in sequence]
    return np.asarray(weights, dtype=np.float32)
