import builtins

import pytest


@pytest.mark.parametrize("failure", [ImportError, OSError])
def test_pictures_may_fail_and_training_succeeds(xpnet, blobs, monkeypatch, failure):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.startswith("matplotlib"):
            raise failure(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    shown = xpnet("train", "blobs.toml")
    assert shown.code == 0
    told = 'pictures need matplotlib; pip install "xpnet[plot]"' if failure is ImportError else "matplotlib"
    assert f"no pictures: {told}" in shown.out
    assert (blobs / "runs" / "blobs" / "checkpoints").is_dir()
