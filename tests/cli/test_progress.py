import io

import pytest
from rich.console import Console

from xpnet.cli.progress import PlainLines, ProgressBar, errors, progress_callback, summary

RECORD = {
    "epoch": 1, "train_errors": 1, "train_count": 8, "train_energy": 0.5, "held_out_errors": 0, "held_out_count": 4,
    "held_out_energy": 0.25, "seconds": 1.5,
}  # fmt: skip


def test_one_line_per_epoch():
    assert errors(RECORD) == "errors: train 12.50 %, held-out 0.00 %"
    assert summary(RECORD) == f"{errors(RECORD)}  energy 0.5000 / 0.2500  1.50 s"


@pytest.mark.parametrize(
    ("value", "terminal", "wanted", "kind"),
    [
        ("auto", True, True, ProgressBar),
        ("auto", False, True, PlainLines),
        ("on", False, True, ProgressBar),
        ("off", True, True, PlainLines),
        ("on", True, False, PlainLines),
    ],
)
def test_the_setting_the_option_and_the_terminal_decide(monkeypatch, value, terminal, wanted, kind):
    monkeypatch.setenv("XPNET_PROGRESS", value)
    console = Console(file=io.StringIO(), force_terminal=terminal)
    assert isinstance(progress_callback(console, wanted), kind)


def test_the_bar_shows_the_numbers_and_is_taken_down(xpnet, monkeypatch):
    monkeypatch.setenv("XPNET_PROGRESS", "on")
    shown = xpnet("train", "blobs.toml")
    assert shown.code == 0
    assert "3/3" in shown.out
    assert "epoch 3/3  errors" not in shown.out
    assert "errors: train" in shown.out
