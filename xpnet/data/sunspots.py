"""Wolf's yearly sunspot numbers 1700-1988, the time series of Weigend, Huberman and Rumelhart (1990)."""

import csv

import numpy as np

from xpnet._typing import HostArray
from xpnet.data.folder import DataFile

FILE = DataFile(
    "sunspots",
    "sunspot.year.csv",
    "f6d6b62da79feac7408cd876efff2bf9c9853fd6b76b59ed3717a51d997764f9",
    "R's data set sunspot.year",
)


def load_sunspots() -> tuple[HostArray, HostArray]:
    """The years (289,) and the sunspot number of each (289,)."""
    rows = list(csv.DictReader(FILE.read().decode().splitlines()))
    years = np.asarray([int(row["time"]) for row in rows])
    return years, np.asarray([float(row["value"]) for row in rows], dtype=np.float32)


def windows(series: HostArray, lags: int) -> tuple[HostArray, HostArray]:
    """What is known and what follows: (N, lags) earlier values, oldest first, and the next value (N,).

    >>> [part.tolist() for part in windows(np.arange(5.0), 3)]
    [[[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [3.0, 4.0]]
    """
    known = np.lib.stride_tricks.sliding_window_view(series[:-1], lags)
    return known.copy(), series[lags:].copy()
