import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.backend import get_backend
from xpnet.training.recipe_file import check_recipe
from xpnet.training.start import start

DOCUMENT = {
    "name": "blobs",
    "seed": 3,
    "data": {"source": "npz", "path": "blobs.npz", "held_out": 0.25, "scaling": "standard"},
    "machine": {
        "modules": [
            {"module": "Linear", "in_features": 4, "out_features": 6},
            {"module": "Tanh"},
            {"module": "Linear", "in_features": 6, "out_features": 3},
        ]
    },
    "cost": {"module": "Euclidean"},
    "labels": {"codes": "plus-minus"},
    "training": {
        "epochs": 6,
        "batch_size": 8,
        "learning_rate": 0.2,
        "decay": 0.1,
        "weight_decay": 1e-3,
        "inertia": 0.9,
    },
}


@pytest.fixture(autouse=True)
def blobs(tmp_path_factory, monkeypatch):
    """Three well separated clouds of 20 samples; XPNET_DATA points to their file."""
    for variable in ("XPNET_BACKEND", "XPNET_DEVICE", "XPNET_DTYPE"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("XPNET_DATA", str(folder))
    draws = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 20)
    centres = 3 * draws.standard_normal((3, 4))
    np.savez(folder / "blobs.npz", samples=centres[labels] + draws.standard_normal((60, 4)), labels=labels)
    return folder / "blobs.npz"


@pytest.fixture
def document():
    return copy.deepcopy(DOCUMENT)


@pytest.fixture
def make_session(document):
    def make(backend="numpy", dtype="float32", **training):
        recipe = check_recipe({**document, "training": {**document["training"], **training}}, "test")
        return start(recipe, get_backend(backend, dtype=dtype))

    return make


@pytest.fixture(params=["jax", "torch"])
def compiling(request, monkeypatch):
    """A backend that compiles steps, in float64; torch's compiler takes seconds a step, so here its trace runs."""
    library = pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    if request.param == "torch":
        monkeypatch.setattr(library, "compile", lambda program, **_: program)
    return xn.get_backend(request.param, device="cpu", dtype="float64")
