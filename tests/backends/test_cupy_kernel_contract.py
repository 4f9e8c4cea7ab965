"""Modules on NumPy arrays with CuPy's overrides and kernels keep every clause of the contract."""

import contract_cases
import pytest
from cuda_shim import ShimBackend, compiler

import xpnet as xn

pytestmark = pytest.mark.skipif(compiler() is None, reason="g++ is not installed: kernels cannot be run on the CPU")
WITH_KERNELS = {
    "Linear", "Tanh", "ScaledTanh", "Sigmoid", "Relu", "Softmax", "Logsum", "Euclidean", "Rbf", "Lookup",
}  # fmt: skip
# Without a bias, or with a β that is trained: no kernel is made for these.
LEFT_TO_REFERENCE = {"linear-no-bias", "logsum-trainable", "logsum-mean-trainable", "logsum-1", "softmax-trainable"}
CASES = [case for case in contract_cases.CASES if type(case.make()).__name__ in WITH_KERNELS]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_module_keeps_the_contract(case, dtype):
    backend = ShimBackend(dtype=dtype)
    report = xn.testing.check_module(case.make(), case.inputs, backend=backend, draws=case.draws)
    assert {line.problem for line in report} == {""}
    assert bool(backend.launch.launched) == (case.name not in LEFT_TO_REFERENCE)


def test_every_module_with_kernels_has_a_case():
    assert {type(case.make()).__name__ for case in CASES} == WITH_KERNELS
