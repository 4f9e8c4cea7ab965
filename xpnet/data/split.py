"""A stratified split that is the same on every machine and for every backend."""

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError
from xpnet.streams import stream


def stratified_split(labels: HostArray, held_out: float, seed: int) -> tuple[HostArray, HostArray]:
    """Positions of the training part and of the held-out part, each in rising order.

    labels: integers (N,); held_out: fraction of all samples, kept within one sample for every label.
    Raises DataError when a label has a single sample, or when a part would be empty.

    >>> training, held = stratified_split(np.array([0, 0, 0, 0, 1, 1, 1, 1]), 0.25, seed=0)
    >>> len(training), len(held)
    (6, 2)
    """
    counts = np.bincount(labels)
    _check_counts(counts)
    shares = _shares(counts, round(held_out * len(labels)))
    shuffled = [
        stream(seed, "split", label).permutation(np.flatnonzero(labels == label)) for label in range(len(counts))
    ]
    held = np.sort(np.concatenate([part[:share] for part, share in zip(shuffled, shares, strict=True)]))
    if not 0 < len(held) < len(labels):
        msg = f"held_out = {held_out} of {len(labels)} samples leaves one part empty; take more samples"
        raise DataError(msg)
    return np.setdiff1d(np.arange(len(labels)), held), held


def _check_counts(counts: HostArray) -> None:
    lonely = np.flatnonzero(counts == 1)
    if len(lonely):
        msg = f"label {int(lonely[0])} has a single sample; a stratified split needs at least 2 of every label"
        raise DataError(msg)


def _shares(counts: HostArray, total: int) -> HostArray:
    # Largest remainders: the shares add up to the total exactly, and equal remainders go to the lower label.
    ideal = counts * (total / counts.sum())
    shares = np.floor(ideal).astype(np.int64)
    order = np.argsort(shares - ideal, kind="stable")
    shares[order[: total - int(shares.sum())]] += 1
    return shares
