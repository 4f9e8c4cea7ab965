"""The scripts of ci/ are not installed, so their tests look for them in the tree."""

import sys
from pathlib import Path

import pytest

CI = Path(__file__).resolve().parent.parent.parent / "ci"
PARTS = {"portability_table", "benchmarks", "mutation", "mutate", "sizes", "forbidden", "gpu_session"}


@pytest.fixture(autouse=True)
def ci_on_path(monkeypatch):
    """Lets tests import what stands in ci/, and forgets it afterwards."""
    monkeypatch.syspath_prepend(CI)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in PARTS]:
        del sys.modules[name]
