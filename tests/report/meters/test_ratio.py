import numpy as np

from xpnet.report.meters.ratio import ratio


def test_a_share_of_nothing_is_nan_and_no_warning():
    assert ratio([3, 0, 0], [4, 5, 0])[:2].tolist() == [0.75, 0.0]
    assert np.isnan(ratio([3, 0, 0], [4, 5, 0])[2])
    assert np.isnan(float(ratio(0, 0)))
    assert ratio([1, 2], 4).tolist() == [0.25, 0.5]
