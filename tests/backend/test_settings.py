"""The environment variables: defaults, where a value came from, impossible values."""

import pytest

from xpnet.backend import SETTINGS, setting
from xpnet.errors import RecipeError

DEFAULTS = {"backend": "numpy", "device": "", "dtype": "float32", "accel": "on", "store": "auto", "data": ""}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_and_their_source(monkeypatch, name):
    monkeypatch.delenv(f"XPNET_{name.upper()}", raising=False)
    assert SETTINGS[name].read() == (DEFAULTS[name], "default")
    monkeypatch.setenv(f"XPNET_{name.upper()}", "  ")
    assert SETTINGS[name].read() == (DEFAULTS[name], "default")


def test_a_value_is_read_at_every_use(monkeypatch):
    monkeypatch.setenv("XPNET_DTYPE", " float64 ")
    assert SETTINGS["dtype"].read() == ("float64", "environment")
    monkeypatch.setenv("XPNET_DTYPE", "float32")
    assert setting("dtype") == "float32"


@pytest.mark.parametrize(("variable", "value"), [("DTYPE", "float46"), ("STORE", "views"), ("ACCEL", "yes")])
def test_an_impossible_value_lists_the_possible_ones(monkeypatch, variable, value):
    monkeypatch.setenv(f"XPNET_{variable}", value)
    with pytest.raises(RecipeError, match=rf"XPNET_{variable}='{value}' is not possible; .*known: "):
        setting(variable.lower())


def test_every_setting_has_a_meaning():
    assert all(entry.variable.startswith("XPNET_") and entry.meaning for entry in SETTINGS.values())
