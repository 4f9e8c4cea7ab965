"""Every module keeps every clause of the contract, on every backend, dtype, device and store layout."""

import contract_cases
import pytest

import xpnet as xn
from xpnet.errors import BackendUnavailable

PLACES = {
    "numpy-float64": ("numpy", None, "float64", "view"),
    "numpy-float32": ("numpy", None, "float32", "view"),
    "numpy-leaf": ("numpy", None, "float64", "leaf"),
    "strict-device1": ("strict", "device1", "float64", "view"),
    "strict-no_float64": ("strict", "no_float64", "float32", "view"),
    "strict-leaf": ("strict", "device2", "float32", "leaf"),
    "torch-float64": ("torch", "cpu", "float64", "view"),
    "torch-leaf": ("torch", "cpu", "float32", "leaf"),
    "cupy-float64": ("cupy", None, "float64", "view"),
    "cupy-float32": ("cupy", None, "float32", "view"),
}


@pytest.fixture(params=PLACES)
def place(request):
    name, device, dtype, layout = PLACES[request.param]
    try:
        return xn.get_backend(name, device=device, dtype=dtype), layout
    except BackendUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("case", contract_cases.CASES, ids=lambda case: case.name)
def test_module_keeps_the_contract(case, place):
    backend, layout = place
    report = xn.testing.check_module(case.make(), case.inputs, backend=backend, layout=layout, draws=case.draws)
    assert {line.problem for line in report} == {""}


def test_every_shipped_module_has_a_case():
    from xpnet.modules import MODULES

    assert set(MODULES.values()) <= {type(case.make()) for case in contract_cases.CASES}
