import pytest


def test_everything_is_told(xpnet, monkeypatch):
    monkeypatch.setenv("XPNET_DTYPE", "float64")
    shown = xpnet("doctor")
    words = shown.out.split()
    assert shown.code == 0
    for word in ("XPNET_BACKEND", "XPNET_PROGRESS", "environment", "default", "numpy", "strict", "array-api-compat"):
        assert word in words
    assert "in force: NumpyBackend(device='cpu', dtype='float64')" in shown.out


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "XPNET_BACKEND",
            "nunpy",
            "the backend in force cannot be used: unknown backend 'nunpy'; did you mean 'numpy'?",
        ),
        ("XPNET_DTYPE", "float16", "XPNET_DTYPE='float16' is not possible"),
    ],
)
def test_a_wrong_setting_ends_with_its_code(xpnet, monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    shown = xpnet("doctor")
    assert shown.code == 64
    assert told in shown.out


def test_a_misspelt_setting_is_told(xpnet, monkeypatch):
    monkeypatch.setenv("XPNET_BACKND", "strict")
    shown = xpnet("doctor")
    assert shown.code == 0
    assert "XPNET_BACKND is set but is no setting of xpnet; did you mean 'XPNET_BACKEND'? known:" in shown.out
