"""Handwritten digits that ship inside scikit-learn: 1797 real scans of 8 x 8 pixels (UCI, Alpaydin and Kaynak 1998)."""

from xpnet.data.dataset import Dataset
from xpnet.errors import DataError


def load_digits() -> Dataset:
    """1797 samples of 64 pixels, 0 (paper) … 16 (ink), with labels "0" … "9".

    Raises DataError with the remedy when scikit-learn is not installed.

    >>> len(load_digits()), load_digits().event_shape
    (1797, (64,))
    """
    try:
        from sklearn.datasets import load_digits as fetch
    except ImportError as error:
        msg = f'data source "digits" needs scikit-learn ({error}); pip install "xpnet[sklearn]"'
        raise DataError(msg) from error
    bunch = fetch()
    return Dataset(bunch.data, bunch.target, tuple(str(digit) for digit in range(10)))
