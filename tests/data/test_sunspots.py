import numpy as np
import pytest

from xpnet.data import sunspots


def test_the_table_is_read(put, monkeypatch):
    content = b'"rownames","time","value"\n"1",1700,5\n"2",1701,11.5\n'
    monkeypatch.setattr(sunspots, "FILE", put(sunspots.FILE, content))
    years, values = sunspots.load_sunspots()
    assert (years.tolist(), values.tolist()) == ([1700, 1701], [5, 11.5])


def test_windows_end_where_the_next_value_begins():
    known, following = sunspots.windows(np.arange(10), 4)
    assert known.shape == (6, 4)
    assert (known[:, -1] + 1 == following).all()
    known[:] = 0  # a copy of its own, not a view into the series


def test_the_published_series(data_folder):
    years, values = sunspots.load_sunspots()
    assert (years == np.arange(1700, 1989)).all()
    assert values[years <= 1979].astype(np.float64).var() == pytest.approx(1495.6, abs=0.05)


def test_the_linear_model_of_twelve_lags_has_its_published_variance(data_folder):
    # Svarer, Hansen and Larsen 1993: .132, .130, .37 for 1700-1920, 1921-55, 1956-79.
    years, values = sunspots.load_sunspots()
    known, following = sunspots.windows(values.astype(np.float64), 12)
    inputs, following_years = np.column_stack([known, np.ones(len(known))]), years[12:]
    weights, *_ = np.linalg.lstsq(inputs[following_years <= 1920], following[following_years <= 1920])
    squares = (inputs @ weights - following) ** 2 / values[years <= 1979].astype(np.float64).var()
    parts = [(1700, 1920), (1921, 1955), (1956, 1979)]
    found = [squares[(first <= following_years) & (following_years <= last)].mean() for first, last in parts]
    assert found == pytest.approx([0.132, 0.130, 0.37], rel=0.01)
