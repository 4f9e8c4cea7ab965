import builtins

import numpy as np
import pytest

from xpnet.report.pictures import draw_confusion, draw_learning_curve

PNG = b"\x89PNG\r\n\x1a\n"


def test_both_pictures_are_drawn_without_pyplot(tmp_path, history, evaluation, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    draw_learning_curve(tmp_path / "curve.png", history)
    draw_learning_curve(tmp_path / "one.png", history[:1])
    draw_confusion(tmp_path / "confusion.png", evaluation.confusion, ("a", "$b_0"))
    draw_confusion(tmp_path / "big.png", np.eye(50, dtype=int), [f"name {k}" for k in range(50)])
    for name in ("curve", "one", "confusion", "big"):
        content = (tmp_path / f"{name}.png").read_bytes()
        assert content.startswith(PNG)
        assert len(content) > 5000


def test_the_curve_shows_percent_and_energy(tmp_path, history, monkeypatch):
    figure = pytest.importorskip("matplotlib.figure")
    drawn = []
    monkeypatch.setattr(figure.Figure, "savefig", lambda self, path: drawn.append(self))
    draw_learning_curve(tmp_path / "x.png", history, "a_run")
    assert drawn[0].get_suptitle() == "a_run"
    error, energy = drawn[0].axes
    assert [list(line.get_ydata()) for line in error.lines] == [[20.0, 10.0], [20.0, 20.0]]
    assert [list(line.get_ydata()) for line in energy.lines] == [[0.5, 0.5], [-0.6, -0.6]]
    assert energy.get_ylim()[0] < -0.6


def test_without_matplotlib_the_remedy_is_told(tmp_path, history, monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r'pictures need matplotlib; pip install "xpnet\[plot\]"'):
        draw_learning_curve(tmp_path / "x.png", history)
    assert not (tmp_path / "x.png").exists()
