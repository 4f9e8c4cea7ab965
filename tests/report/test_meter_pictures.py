import builtins

import numpy as np
import pytest

from xpnet.report.meter_pictures import draw_calibration, draw_error_reject, draw_gaps
from xpnet.report.meters import Gaps, calibrate, error_reject

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def curve():
    return error_reject(np.array([0.1, 0.5, 0.5, 0.9]), np.array([True, True, False, False]))


@pytest.fixture
def calibration():
    return calibrate(np.array([0.6, 0.9, 0.9, 0.9]), np.array([False, True, True, False]))


@pytest.fixture
def drawn(monkeypatch):
    """The figures that would have been saved."""
    figure, figures = pytest.importorskip("matplotlib.figure"), []
    monkeypatch.setattr(figure.Figure, "savefig", lambda self, path: figures.append(self))
    return figures


def test_all_are_drawn_without_pyplot(tmp_path, curve, calibration, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    draw_error_reject(tmp_path / "reject.png", {"margin": curve}, "a_run")
    draw_gaps(tmp_path / "gaps.png", Gaps(np.array([-1.0, 0.5, np.inf])))
    draw_calibration(tmp_path / "calibration.png", {"$β": calibration})
    draw_error_reject(tmp_path / "none.png", {})
    draw_gaps(tmp_path / "no-gaps.png", Gaps(np.array([])))
    draw_calibration(tmp_path / "empty.png", {"β": calibrate(np.array([]), np.array([], bool))})
    draw_calibration(tmp_path / "nothing.png", {})
    contents = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(contents) == 7
    assert all(content.startswith(PNG) and len(content) > 5000 for content in contents)


def test_the_curve_shows_both_errors_in_percent(tmp_path, curve, drawn):
    draw_error_reject(tmp_path / "x.png", {"margin": curve}, "a_run")
    assert drawn[0].get_suptitle() == "a_run"
    accepted, whole = (axes.lines[0] for axes in drawn[0].axes)
    assert list(accepted.get_xdata()) == list(whole.get_xdata()) == [0.0, 25.0, 75.0]
    assert list(accepted.get_ydata()) == [50.0, pytest.approx(100 / 3), 0.0]
    assert list(whole.get_ydata()) == [50.0, 25.0, 0.0]
    assert accepted.get_label() == f"margin, area {curve.area():.3g}"


def test_right_and_wrong_gaps_are_bars_of_their_own(tmp_path, drawn):
    draw_gaps(tmp_path / "x.png", Gaps(np.array([-3.0, -3.0, 0.0, 1.0, np.inf])), bins=4)
    (axes,) = drawn[0].axes
    right, wrong = axes.containers
    assert [bar.get_height() for bar in right] == [2, 0, 0]
    assert [bar.get_height() for bar in wrong] == [1, 1]
    assert max(bar.get_x() + bar.get_width() for bar in right) == 0.0
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["right: 2", "wrong or tied: 3"]
    assert axes.get_xlabel() == "E(desired) - lowest other energy, and 0 at -∞, 1 at ∞"


def test_accuracy_stands_over_confidence(tmp_path, calibration, drawn):
    draw_calibration(tmp_path / "x.png", {"β = 1": calibration})
    diagonal, line = drawn[0].axes[0].lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert list(line.get_xdata()) == pytest.approx([0.6, 0.9])
    assert list(line.get_ydata()) == pytest.approx([0.0, 2 / 3])
    assert line.get_label() == f"β = 1, error {100 * (0.25 * 0.6 + 0.75 * (0.9 - 2 / 3)):.2f} %"
    (discs,) = drawn[0].axes[0].collections
    assert discs.get_sizes()[1] == 3 * discs.get_sizes()[0]


def test_without_matplotlib_the_remedy_is_told(tmp_path, curve, calibration, monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    for draw, subject in (
        (draw_error_reject, {"margin": curve}),
        (draw_gaps, Gaps(np.zeros(2))),
        (draw_calibration, {"β": calibration}),
    ):
        with pytest.raises(ImportError, match=r'pictures need matplotlib; pip install "xpnet\[plot\]"'):
            draw(tmp_path / "x.png", subject)
    assert not any(tmp_path.iterdir())
