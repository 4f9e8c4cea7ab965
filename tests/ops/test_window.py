"""Windows and what slides over them, against plain enumeration."""

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.errors import ShapeError
from xpnet.ops.window import Window, back_part, lengths, offsets, part, spread

windows = st.builds(Window, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


@given(windows, st.integers(0, 30))
def test_positions_are_the_windows_that_fit(window, length):
    starts = range(0, length, window.stride)
    fitting = [start for start in starts if start + window.dilation * (window.width - 1) < length]
    assert window.positions(length) == len(fitting)


@given(windows, st.integers(0, 8))
def test_part_and_spread_agree_with_an_enumeration_of_steps(window, more):
    length = window.reach + more
    x, over, count = np.arange(1.0, length + 1)[:, None], (window,), window.positions(length)
    dy = np.arange(1.0, count + 1)[:, None]
    wide = spread(xp, dy, over, (length,))
    assert lengths(x, over) == (length,)
    for (j,) in offsets(over):
        seen = [window.stride * p + window.dilation * j for p in range(count)]
        assert part(x, over, (j,))[:, 0].tolist() == [step + 1 for step in seen]
        back = back_part(wide, over, (j,), (length,))[:, 0]
        assert back.tolist() == [seen.index(step) + 1 if step in seen else 0 for step in range(length)]


@pytest.mark.parametrize("numbers", [(0,), (2, 0), (2, 1, 0), (-1,)])
def test_a_window_of_nothing_is_refused(numbers):
    with pytest.raises(ShapeError, match="at least 1"):
        Window(*numbers)


@pytest.mark.parametrize("window", [Window(5), Window(5, 2), Window(3, 3, 2)])
def test_where_no_window_fits_there_are_no_steps(window):
    assert window.positions(4) == 0
    assert not np.arange(4)[window.steps(0, 0)].size
    assert part(np.ones((2, 4, 1)), (window,), (0,)).shape == (2, 0, 1)
